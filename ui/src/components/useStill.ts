// Owns values that wait until the typing stops: a key press has priority over what is not read during typing.
// Must never delay the rows themselves.
import { startTransition, useEffect, useState } from "react";

/**
 * Milliseconds without a key after which typing has stopped; longer than between two keys of a quick typist.
 */
export const CALM = 200;

/** The value, debounced: as it was when it last did not change for this many milliseconds. */
export function useStill<T>(value: T, milliseconds = CALM): T {
  const [still, setStill] = useState(value);
  useEffect(() => {
    if (Object.is(still, value)) return;
    const timer = setTimeout(() => setStill(() => value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, still, milliseconds]);
  return still;
}

/** Whether `is` has been true for this many milliseconds: a shorter state is not worth showing. */
export function useLate(is: boolean, milliseconds = CALM): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!is) return;
    const timer = setTimeout(() => setLate(true), milliseconds);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [is, milliseconds]);
  return is && late;
}

/** Whether the parts around the rows may be drawn: the rows are painted, or don't arrive soon. */
export function useAfterRows(here: boolean): boolean {
  const [after, setAfter] = useState(false);
  useEffect(() => {
    if (after) return;
    const draw = () => startTransition(() => setAfter(true));
    if (!here) {
      const timer = setTimeout(draw, CALM);
      return () => clearTimeout(timer);
    }
    // The second frame comes after the first one, with the rows in it, was painted.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(draw);
    });
    return () => cancelAnimationFrame(frame);
  }, [here, after]);
  return after;
}

/** The value; while `holding`, the previous one. */
export function useHeld<T>(value: T, holding: boolean): T {
  const [held, setHeld] = useState(value);
  if (holding || Object.is(held, value)) return held;
  setHeld(() => value);
  return value;
}
