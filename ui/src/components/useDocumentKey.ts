// Owns the listening for keys that count wherever the focus is.
import { useLayoutEffect, useRef } from "react";

/**
 * Calls `onKeyDown` for every key that is pressed in the window, from the moment in which the component is drawn. An
 * ordinary effect runs later than that, on a busy computer much later: a key that is pressed in between would be lost.
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
