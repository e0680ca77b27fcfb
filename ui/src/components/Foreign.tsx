// Owns how a text from outside (a name, an address, a server's message) is shown: isolated in its text
// direction, without control characters, truncated. Must never change what is sent or compared.
import { plain } from "../i18n/plain";

/**
 * `bdi` alone is not enough: an isolate that the text opens and never closes would end at the element's own
 * end, and reverse the text after it.
 */
export function Foreign({ text, most }: { text: string /** Characters shown at most. */; most?: number }) {
  return <bdi>{plain(text, most)}</bdi>;
}
