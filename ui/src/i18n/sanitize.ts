// Owns what a text from outside may bring into a sentence, a label or a tooltip: its characters, and nothing
// that changes the text around it. Must never be used for a name that is sent or compared: those stay
// unchanged.

/** Most characters shown; the contract allows names of 255. */
const MAX_LENGTH = 300;
/**
 * Embeddings, overrides and isolates change the direction of the text after them; direction marks (LRM, RLM)
 * don't and stay.
 */
const DIRECTION_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is searched for.
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f]+/g;

/** The text without these characters, truncated between whole characters. */
export function sanitizeForDisplay(text: string, maxLength: number = MAX_LENGTH): string {
  const sanitized = text.replace(DIRECTION_CONTROLS, "").replace(CONTROL_CHARACTERS, " ");
  if (sanitized.length <= maxLength) return sanitized;
  return `${[...sanitized.slice(0, 2 * maxLength)].slice(0, maxLength).join("")}…`;
}
