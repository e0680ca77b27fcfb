// Owns what a text from outside may bring into a sentence, a label or a tooltip: its characters, and nothing
// that changes the text around it. Must never be used for a name that is sent or compared: those stay
// unchanged.

/** Most characters shown; the contract allows names of 255. */
const LONGEST = 300;
/**
 * Embeddings, overrides and isolates change the direction of the text after them; direction marks (LRM, RLM)
 * don't and stay.
 */
const STEERING = /[\u202a-\u202e\u2066-\u2069]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is searched for.
const CONTROL = /[\u0000-\u001f\u007f-\u009f]+/g;

/** The text without these characters, truncated between whole characters. */
export function plain(text: string, most: number = LONGEST): string {
  const tame = text.replace(STEERING, "").replace(CONTROL, " ");
  if (tame.length <= most) return tame;
  return `${[...tame.slice(0, 2 * most)].slice(0, most).join("")}…`;
}
