// Owns a component's timers: none of them runs after the component is unmounted.
import { useCallback, useEffect, useRef } from "react";

/** Returns a function that calls `act` once, `milliseconds` later. A second call replaces the first. */
export function useDelayedCall(milliseconds: number): (act: () => void) => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const mounted = useRef(false);
  useEffect(() => {
    mounted.current = true;
    return () => {
      mounted.current = false;
      clearTimeout(timer.current);
    };
  }, []);
  return useCallback(
    (act) => {
      clearTimeout(timer.current);
      // The clean-up of another effect may call it while the component unmounts.
      if (mounted.current) timer.current = setTimeout(act, milliseconds);
    },
    [milliseconds],
  );
}
