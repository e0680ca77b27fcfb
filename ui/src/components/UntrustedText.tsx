// Owns how a text from outside (a name, an address, a server's message) is shown: isolated in its text
// direction, without control characters, truncated. Must never change what is sent or compared.
import { sanitizeForDisplay } from "../i18n/sanitize";

/**
 * `bdi` alone is not enough: an isolate that the text opens and never closes would end at the element's own
 * end, and reverse the text after it.
 */
export function UntrustedText({
  text,
  maxLength,
}: {
  text: string /** Characters shown at most. */;
  maxLength?: number;
}) {
  return <bdi>{sanitizeForDisplay(text, maxLength)}</bdi>;
}
