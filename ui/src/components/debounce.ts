// Owns values that wait until the typing stops: a key press has priority over what is not read during typing.
// Must never delay the rows themselves.
import { startTransition, useEffect, useState } from "react";

/**
 * Milliseconds without a key after which typing has stopped; longer than between two keys of a quick typist.
 */
export const DEBOUNCE_MS = 200;

/** The value, debounced: as it was when it last did not change for this many milliseconds. */
export function useDebouncedValue<T>(value: T, milliseconds = DEBOUNCE_MS): T {
  const [debounced, setDebounced] = useState(value);
  useEffect(() => {
    if (Object.is(debounced, value)) return;
    const timer = setTimeout(() => setDebounced(() => value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, debounced, milliseconds]);
  return debounced;
}

/** Whether `flag` has been true for this many milliseconds: a shorter state is not worth showing. */
export function useDelayedFlag(flag: boolean, milliseconds = DEBOUNCE_MS): boolean {
  const [delayed, setDelayed] = useState(false);
  useEffect(() => {
    if (!flag) return;
    const timer = setTimeout(() => setDelayed(true), milliseconds);
    return () => {
      clearTimeout(timer);
      setDelayed(false);
    };
  }, [flag, milliseconds]);
  return flag && delayed;
}

/** Whether the parts around the rows may be drawn: the rows are painted, or don't arrive soon. */
export function useDeferUntilPainted(rowsLoaded: boolean): boolean {
  const [painted, setPainted] = useState(false);
  useEffect(() => {
    if (painted) return;
    const markPainted = () => startTransition(() => setPainted(true));
    if (!rowsLoaded) {
      const timer = setTimeout(markPainted, DEBOUNCE_MS);
      return () => clearTimeout(timer);
    }
    // The second frame comes after the first one, with the rows in it, was painted.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(markPainted);
    });
    return () => cancelAnimationFrame(frame);
  }, [rowsLoaded, painted]);
  return painted;
}

/** The value; while `isFrozen`, the previous one. */
export function useFrozenWhile<T>(value: T, isFrozen: boolean): T {
  const [frozen, setFrozen] = useState(value);
  if (isFrozen || Object.is(frozen, value)) return frozen;
  setFrozen(() => value);
  return value;
}
