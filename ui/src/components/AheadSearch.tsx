// Owns a search field whose rows are queried before the list is drawn with the new search: a typed letter
// appears at once, and the list is drawn once, when its rows have arrived. Must never lose the text typed
// last, nor wait long for rows that don't arrive.
import { useEffect, useRef, useState } from "react";
import { SearchBox } from "./SearchBox";
import { CALM } from "./useStill";

type Props = Omit<Parameters<typeof SearchBox>[0], "value" | "onChange"> & {
  /** The search that the list is drawn with. */
  value: string;
  onChange: (value: string) => void;
  /** Queries the rows of a search; resolves when they have arrived, or when they won't. */
  ahead: (value: string) => Promise<void>;
};

export function AheadSearch({ value, onChange, ahead, ...rest }: Props) {
  const [typed, setTyped] = useState(value);
  // The list's search may also change elsewhere: by a saved view, or by a button that clears it.
  const [known, setKnown] = useState(value);
  if (known !== value) {
    setKnown(value);
    setTyped(value);
  }
  const handOver = useRef<{ timer: ReturnType<typeof setTimeout> } | null>(null);
  const drop = () => {
    clearTimeout(handOver.current?.timer);
    handOver.current = null;
  };
  useEffect(() => () => clearTimeout(handOver.current?.timer), []);
  const change = (next: string) => {
    drop();
    setTyped(next);
    const hand = () => {
      if (handOver.current !== mine) return;
      drop();
      setKnown(next);
      onChange(next);
    };
    const mine = { timer: setTimeout(hand, CALM) };
    handOver.current = mine;
    // An empty search: the list stays in its place then, and queries by itself.
    if (next.trim() === "") hand();
    else ahead(next).then(hand, hand);
  };
  return <SearchBox {...rest} value={typed} onChange={change} />;
}
