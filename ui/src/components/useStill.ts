// Owns what waits until somebody has stopped: a key pressed now goes before what nobody reads while they type.
// Must never delay the rows themselves.
import { useEffect, useState } from "react";

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

/** The value, but while `holding` the one before. */
export function useHeld<T>(value: T, holding: boolean): T {
  const [held, setHeld] = useState(value);
  if (holding || Object.is(held, value)) return held;
  setHeld(() => value);
  return value;
}
