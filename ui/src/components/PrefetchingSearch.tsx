// Owns a search field whose rows are queried before the list is drawn with the new search: a typed letter
// appears at once, and the list is drawn once, when its rows have arrived. Must never lose the text typed
// last, nor wait long for rows that don't arrive.
import { useEffect, useRef, useState } from "react";
import { DEBOUNCE_MS } from "./debounce";
import { SearchBox } from "./SearchBox";

type Props = Omit<Parameters<typeof SearchBox>[0], "value" | "onChange"> & {
  /** The search that the list is drawn with. */
  value: string;
  onChange: (value: string) => void;
  /** Queries the rows of a search; resolves when they have arrived, or when they won't. */
  prefetch: (value: string) => Promise<void>;
};

export function PrefetchingSearch({ value, onChange, prefetch, ...rest }: Props) {
  const [typed, setTyped] = useState(value);
  // The list's search may also change elsewhere: by a saved view, or by a button that clears it.
  const [lastValue, setLastValue] = useState(value);
  if (lastValue !== value) {
    setLastValue(value);
    setTyped(value);
  }
  const pending = useRef<{ timer: ReturnType<typeof setTimeout> } | null>(null);
  const cancelPending = () => {
    clearTimeout(pending.current?.timer);
    pending.current = null;
  };
  useEffect(() => () => clearTimeout(pending.current?.timer), []);
  const change = (next: string) => {
    cancelPending();
    setTyped(next);
    const commit = () => {
      if (pending.current !== own) return;
      cancelPending();
      setLastValue(next);
      onChange(next);
    };
    const own = { timer: setTimeout(commit, DEBOUNCE_MS) };
    pending.current = own;
    // An empty search: the list stays in its place then, and queries by itself.
    if (next.trim() === "") commit();
    else prefetch(next).then(commit, commit);
  };
  return <SearchBox {...rest} value={typed} onChange={change} />;
}
