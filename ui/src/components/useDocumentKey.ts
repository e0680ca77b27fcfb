// Owns the listener for keys that work independent of the focus.
import { useLayoutEffect, useRef } from "react";

/**
 * Calls `onKeyDown` for every key pressed in the window, as soon as the component is drawn. An ordinary
 * effect runs later than that, on a busy computer much later, and would miss keys.
 */
export function useDocumentKey(onKeyDown: (event: KeyboardEvent) => void) {
  const latest = useRef(onKeyDown);
  useLayoutEffect(() => {
    latest.current = onKeyDown;
  });
  useLayoutEffect(() => {
    const keyDown = (event: KeyboardEvent) => latest.current(event);
    document.addEventListener("keydown", keyDown);
    return () => document.removeEventListener("keydown", keyDown);
  }, []);
}
