// Owns what waits until somebody has stopped: a key pressed now goes before what nobody reads while they type.
// Must never delay the rows themselves.
import { startTransition, useEffect, useState } from "react";

/** Milliseconds without another key after which somebody has stopped typing; longer than between two keys of a quick typist. */
export const CALM = 200;

/** The value as it was when it last stood still for so many milliseconds. */
export function useStill<T>(value: T, milliseconds = CALM): T {
  const [still, setStill] = useState(value);
  useEffect(() => {
    if (Object.is(still, value)) return;
    const timer = setTimeout(() => setStill(() => value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, still, milliseconds]);
  return still;
}

/** Whether it has been so for so many milliseconds: what is over sooner is not worth a word on the screen. */
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

/** Whether what stands around the rows may be drawn: the rows are painted, or don't come soon. */
export function useAfterRows(here: boolean): boolean {
  const [after, setAfter] = useState(false);
  useEffect(() => {
    if (after) return;
    const draw = () => startTransition(() => setAfter(true));
    if (!here) {
      const timer = setTimeout(draw, CALM);
      return () => clearTimeout(timer);
    }
    // The second frame comes when the first one, with the rows in it, is painted.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(draw);
    });
    return () => cancelAnimationFrame(frame);
  }, [here, after]);
  return after;
}

/** The value, but while `holding` the one before. */
export function useHeld<T>(value: T, holding: boolean): T {
  const [held, setHeld] = useState(value);
  if (holding || Object.is(held, value)) return held;
  setHeld(() => value);
  return value;
}
