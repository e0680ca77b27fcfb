// Owns the time that words like "2 minutes ago" are counted from.
import { useEffect, useState } from "react";

/** Now, in milliseconds since 1970, looked at again so often. */
export function useNow(every: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
