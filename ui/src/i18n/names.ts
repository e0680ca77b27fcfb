// Owns the list of group names inside a sentence. Must never include characters that change the text around
// them.
import { sanitizeForDisplay } from "./sanitize";

/** Most names shown, and most characters of each. */
const MOST = 3;
const LONGEST = 60;

/** Each name once, in the language's quotation marks. */
export function names(groups: readonly { name: string }[], open: string, close: string): string {
  const all = [...new Set(groups.map((group) => sanitizeForDisplay(group.name, LONGEST)))];
  const shown = all.slice(0, MOST).map((name) => `${open}${name}${close}`);
  return all.length > MOST ? `${shown.join(", ")}, …` : shown.join(", ");
}
