// Owns a search that is asked before the list is drawn with it: a letter stands in its field at once, the list is drawn when its
// rows are here, and once. Must never lose what was typed last, nor wait long for rows that don't come.
import { useEffect, useRef, useState } from "react";
import { SearchBox } from "./SearchBox";
import { CALM } from "./useStill";

type Props = Omit<Parameters<typeof SearchBox>[0], "value" | "onChange"> & {
  /** What the list is searched for. */
  value: string;
  onChange: (value: string) => void;
  /** Asks for the rows of a search, and ends when they are here or don't come. */
  ahead: (value: string) => Promise<void>;
};

export function AheadSearch({ value, onChange, ahead, ...rest }: Props) {
  const [typed, setTyped] = useState(value);
  // What the list is searched for may change elsewhere: a saved view, a button that clears it.
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
    // Everybody again: the list stays at its place then, and asks by itself.
    if (next.trim() === "") hand();
    else ahead(next).then(hand, hand);
  };
  return <SearchBox {...rest} value={typed} onChange={change} />;
}
