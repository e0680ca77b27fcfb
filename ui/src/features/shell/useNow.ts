// Owns the time that texts like "2 minutes ago" refer to.
import { useEffect, useState } from "react";

/** Now, in milliseconds since 1970 (UTC), updated at this interval in milliseconds. */
export function useNow(every: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
