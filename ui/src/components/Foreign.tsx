// Owns how a text from outside (a name, an address, a server's words) stands on the screen: alone in its direction, tame, cut.
// Must never change what is sent or compared: only what is seen.
import { plain } from "../i18n/plain";

/**
 * `bdi` alone does not hold: an isolate that the text opens and never closes would take the element's own end for its own,
 * and turn around what stands after it.
 */
export function Foreign({ text, most }: { text: string /** Characters shown at most. */; most?: number }) {
  return <bdi>{plain(text, most)}</bdi>;
}
