// Owns putting a text into the clipboard from the page. Must never be used for anything secret: those never reach the page.

/**
 * @param shown where the text stands on the screen: it is marked, and copied from there where the page may not write by itself.
 * @throws where neither way works; the text stays marked then, to be copied by hand.
 */
export async function copyText(text: string, shown: HTMLElement | null): Promise<void> {
  if (shown) window.getSelection()?.selectAllChildren(shown);
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    if (!document.execCommand("copy")) throw new Error("the page may not write to the clipboard");
  }
}
