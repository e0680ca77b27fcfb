// Owns what keeps its place: the first row on the screen when the data changes (scroll anchoring), the
// cursor's row through search and sort, the row to go to. Must never move a cursor that the user set to
// another row while its own row is in the list.
import { type RefObject, startTransition, useEffect, useLayoutEffect, useRef } from "react";
import type { Cursor } from "./gridState";
import type { RowWindow } from "./useRowWindow";

type Args<Row, Id extends string> = {
  scroller: RefObject<HTMLElement | null>;
  rowHeight: number;
  rows: RowWindow<Row>;
  question: string;
  /** The search that is being typed: its answer is shown from the top, the best first. */
  search: string;
  idOf: (row: Row) => Id;
  cursor: Cursor<Id>;
  /** The user set the cursor, not the list itself. */
  chosen: RefObject<boolean>;
  onCursor: (cursor: Cursor<Id>) => void;
  follow: boolean;
  goTo: Id | null;
  onFound: (cursor: { index: number; id: Id }) => void;
  scrollTo: (index: number) => void;
};

export function useGridPlace<Row, Id extends string>(args: Args<Row, Id>) {
  const { scroller, rowHeight, rows, question, search, idOf, cursor, chosen, onCursor, follow, goTo } = args;
  const latest = useRef(args);
  const searched = useRef(search);
  const fromTop = useRef(false);
  useLayoutEffect(() => {
    latest.current = args;
    if (searched.current !== search) {
      searched.current = search;
      fromTop.current = search.trim() !== "";
    }
    rows.anchor.current = (asked: string) => {
      const now = latest.current;
      const element = scroller.current;
      if (!element) return null;
      const visible = Math.max(1, Math.ceil(element.clientHeight / rowHeight));
      const first = Math.floor(element.scrollTop / rowHeight);
      const at = now.cursor?.index ?? -1;
      const seen = at >= first && at < first + visible;
      if (asked !== now.rows.answers) {
        if (now.cursor === null || !chosen.current || fromTop.current) return null;
        const above = seen ? at - first : Math.min(at, 2);
        return { ids: [now.cursor.id], at: [at], first: at - above, count: visible };
      }
      const ids: string[] = [];
      const places: number[] = [];
      const hold = (index: number) => {
        const row = now.rows.row(index);
        if (row === undefined) return;
        ids.push(now.idOf(row));
        places.push(index);
      };
      // At its top a list shows its top, unless the user works on a row there.
      if (element.scrollTop < rowHeight / 2) {
        if (!seen || !chosen.current || now.cursor === null) return null;
        return { ids: [now.cursor.id], at: [at], first, count: visible };
      }
      for (let index = first; index < first + visible; index += 1) hold(index);
      return { ids, at: places, first, count: visible };
    };
  });

  // A new answer: the rows on the screen move to their new positions, in the same frame.
  const { stamp, answers, held } = rows;
  const answered = useRef<{ stamp: string; answers: string | null }>({ stamp, answers });
  useLayoutEffect(() => {
    const before = answered.current;
    if (before.stamp === stamp) return;
    answered.current = { stamp, answers };
    const element = scroller.current;
    if (!element) return;
    const to =
      before.answers === answers
        ? held && held.by !== 0
          ? element.scrollTop + held.by * rowHeight
          : null
        : held
          ? held.first * rowHeight
          : 0;
    if (before.answers !== answers) fromTop.current = false;
    if (to === null || Math.abs(to - element.scrollTop) < 1) return;
    element.scrollTop = Math.max(0, to);
    // Draws the new rows before anything is painted, not after the scroll event.
    element.dispatchEvent(new Event("scroll"));
  }, [stamp, answers, held, scroller, rowHeight]);

  // The cursor stays with its row. If the answer to a new query doesn't contain the row, it goes to the first
  // one; if the row has left the list of the same query, it stays (the detail tells so).
  const { old, loading, matched, find, row: rowAt, seek } = rows;
  const settled = useRef<{ stamp: string; question: string | null }>({ stamp: "", question: null });
  useEffect(() => {
    if (old || loading || settled.current.stamp === stamp) return;
    const renewed = settled.current.question !== question;
    const first = rowAt(0);
    const settle = () => {
      settled.current = { stamp, question };
    };
    const toFirst = () => {
      chosen.current = false;
      const there = follow && first !== undefined ? { index: 0, id: idOf(first) } : null;
      if (there?.index === cursor?.index && there?.id === cursor?.id) return;
      // After the rows are painted: the user waits for these.
      if (first !== undefined) startTransition(() => onCursor(there));
      else if (matched === 0) onCursor(null);
    };
    // If the user set no cursor it is on the first row that the list shows; that row may have to be read.
    if (cursor === null || !chosen.current) {
      if (matched > 0 && first === undefined) return;
      settle();
      toFirst();
      return;
    }
    const here = rowAt(cursor.index);
    const found =
      held !== null && held.id === cursor.id
        ? held.index
        : here !== undefined && idOf(here) === cursor.id
          ? cursor.index
          : find((row) => idOf(row) === cursor.id);
    settle();
    if (found >= 0) {
      if (found !== cursor.index) onCursor({ index: found, id: cursor.id });
      return;
    }
    if (renewed && search.trim() !== "") {
      toFirst();
      return;
    }
    seek
      ?.place([cursor.id])
      .then((place) => {
        const now = latest.current;
        if (now.rows.stamp !== stamp || now.cursor?.id !== cursor.id) return;
        if (place) now.onCursor({ index: place.index, id: cursor.id });
        else if (renewed) toFirst();
      })
      .catch(() => undefined);
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the query's key stands for the new `seek`.
  useEffect(() => {
    if (goTo === null || loading || old || stamp === "") return;
    let current = true;
    seek
      ?.place([goTo])
      .then((place) => {
        if (!current || !place) return;
        const cursorThere = { index: place.index, id: goTo };
        latest.current.scrollTo(place.index);
        latest.current.onFound(cursorThere);
      })
      .catch(() => undefined);
    return () => {
      current = false;
    };
  }, [goTo, stamp, loading, old]);
}
