// Owns copying a text to the clipboard from the page. Must never be used for secrets: those never reach the
// page.

/**
 * @param shown where the text is on the screen: it is selected, and copied from there if the page may not
 * write to the clipboard.
 * @throws if neither works; the text stays selected then, to be copied by hand.
 */
export async function copyText(text: string, shown: HTMLElement | null): Promise<void> {
  if (shown) window.getSelection()?.selectAllChildren(shown);
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    if (!document.execCommand("copy")) throw new Error("the page may not write to the clipboard");
  }
}
