// Owns the timers of a component that nothing awaits: none of them runs once the component is gone.
import { useCallback, useEffect, useRef } from "react";

/** Gives a function that calls `act` once, `milliseconds` later. A second call replaces the first. */
export function useLater(milliseconds: number): (act: () => void) => void {
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
      // The clean-up of another effect may ask for it while the component goes.
      if (mounted.current) timer.current = setTimeout(act, milliseconds);
    },
    [milliseconds],
  );
}
