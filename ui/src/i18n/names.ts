// Owns the list of group names inside a sentence. Must never include characters that change the text around
// them.
import { sanitizeForDisplay } from "./sanitize";

/** Most names shown, and most characters of each. */
const MAX_NAMES = 3;
const MAX_NAME_LENGTH = 60;

/** Each name once, in the language's quotation marks. */
export function names(groups: readonly { name: string }[], open: string, close: string): string {
  const all = [...new Set(groups.map((group) => sanitizeForDisplay(group.name, MAX_NAME_LENGTH)))];
  const shown = all.slice(0, MAX_NAMES).map((name) => `${open}${name}${close}`);
  return all.length > MAX_NAMES ? `${shown.join(", ")}, …` : shown.join(", ");
}
