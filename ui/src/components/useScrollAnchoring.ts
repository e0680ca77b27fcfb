// Owns scroll anchoring: when the data changes, the first row on the screen and the row of the cursor keep
// their places; and the row to scroll to (`goTo`). Must never move a cursor that the user set to another row
// while its own row is in the list.
import { type RefObject, startTransition, useEffect, useLayoutEffect, useRef } from "react";
import type { Cursor } from "./gridState";
import type { RowWindow } from "./useRowWindow";

type Args<Row, Id extends string> = {
  scroller: RefObject<HTMLElement | null>;
  rowHeight: number;
  rows: RowWindow<Row>;
  queryHash: string;
  /** The search that is being typed: its answer is shown from the top, the best first. */
  search: string;
  idOf: (row: Row) => Id;
  cursor: Cursor<Id>;
  /** The user set the cursor, not the list itself. */
  cursorSetByUser: RefObject<boolean>;
  onCursor: (cursor: Cursor<Id>) => void;
  followFirstRow: boolean;
  goTo: Id | null;
  onReached: (cursor: { index: number; id: Id }) => void;
  scrollToIndex: (index: number) => void;
};

export function useScrollAnchoring<Row, Id extends string>(args: Args<Row, Id>) {
  const {
    scroller,
    rowHeight,
    rows,
    queryHash,
    search,
    idOf,
    cursor,
    cursorSetByUser,
    onCursor,
    followFirstRow,
    goTo,
  } = args;
  const latest = useRef(args);
  const lastSearch = useRef(search);
  const startsAtTop = useRef(false);
  useLayoutEffect(() => {
    latest.current = args;
    if (lastSearch.current !== search) {
      lastSearch.current = search;
      startsAtTop.current = search.trim() !== "";
    }
    rows.findAnchor.current = (requestedQuery: string) => {
      const now = latest.current;
      const element = scroller.current;
      if (!element) return null;
      const visibleCount = Math.max(1, Math.ceil(element.clientHeight / rowHeight));
      const firstVisible = Math.floor(element.scrollTop / rowHeight);
      const cursorIndex = now.cursor?.index ?? -1;
      const cursorVisible = cursorIndex >= firstVisible && cursorIndex < firstVisible + visibleCount;
      if (requestedQuery !== now.rows.answeredQuery) {
        if (now.cursor === null || !cursorSetByUser.current || startsAtTop.current) return null;
        const rowsAbove = cursorVisible ? cursorIndex - firstVisible : Math.min(cursorIndex, 2);
        return {
          ids: [now.cursor.id],
          indexes: [cursorIndex],
          firstVisible: cursorIndex - rowsAbove,
          visibleCount,
        };
      }
      const ids: string[] = [];
      const indexes: number[] = [];
      const add = (index: number) => {
        const row = now.rows.rowAt(index);
        if (row === undefined) return;
        ids.push(now.idOf(row));
        indexes.push(index);
      };
      // At its top a list shows its top, unless the user works on a row there.
      if (element.scrollTop < rowHeight / 2) {
        if (!cursorVisible || !cursorSetByUser.current || now.cursor === null) return null;
        return { ids: [now.cursor.id], indexes: [cursorIndex], firstVisible, visibleCount };
      }
      for (let index = firstVisible; index < firstVisible + visibleCount; index += 1) add(index);
      return { ids, indexes: indexes, firstVisible, visibleCount };
    };
  });

  // A new answer: the rows on the screen move to their new positions, in the same frame.
  const { version, answeredQuery, anchored } = rows;
  const lastAnswer = useRef<{ version: string; answeredQuery: string | null }>({ version, answeredQuery });
  useLayoutEffect(() => {
    const previous = lastAnswer.current;
    if (previous.version === version) return;
    lastAnswer.current = { version, answeredQuery };
    const element = scroller.current;
    if (!element) return;
    const to =
      previous.answeredQuery === answeredQuery
        ? anchored && anchored.shift !== 0
          ? element.scrollTop + anchored.shift * rowHeight
          : null
        : anchored
          ? anchored.firstVisible * rowHeight
          : 0;
    if (previous.answeredQuery !== answeredQuery) startsAtTop.current = false;
    if (to === null || Math.abs(to - element.scrollTop) < 1) return;
    element.scrollTop = Math.max(0, to);
    // Draws the new rows before anything is painted, not after the scroll event.
    element.dispatchEvent(new Event("scroll"));
  }, [version, answeredQuery, anchored, scroller, rowHeight]);

  // The cursor stays with its row. If the answer to a new query doesn't contain the row, it goes to the first
  // one; if the row has left the list of the same query, it stays (the detail says so).
  const { isPlaceholder, isLoading, matched, findIndex, rowAt, seek } = rows;
  const handled = useRef<{ version: string; queryHash: string | null }>({ version: "", queryHash: null });
  useEffect(() => {
    if (isPlaceholder || isLoading || handled.current.version === version) return;
    const isNewQuery = handled.current.queryHash !== queryHash;
    const first = rowAt(0);
    const markHandled = () => {
      handled.current = { version, queryHash };
    };
    const moveToFirst = () => {
      cursorSetByUser.current = false;
      const firstCursor = followFirstRow && first !== undefined ? { index: 0, id: idOf(first) } : null;
      if (firstCursor?.index === cursor?.index && firstCursor?.id === cursor?.id) return;
      // After the rows are painted: the user waits for these.
      if (first !== undefined) startTransition(() => onCursor(firstCursor));
      else if (matched === 0) onCursor(null);
    };
    // If the user set no cursor it is on the first row that the list shows; that row may have to be read.
    if (cursor === null || !cursorSetByUser.current) {
      if (matched > 0 && first === undefined) return;
      markHandled();
      moveToFirst();
      return;
    }
    const rowAtCursor = rowAt(cursor.index);
    const found =
      anchored !== null && anchored.id === cursor.id
        ? anchored.index
        : rowAtCursor !== undefined && idOf(rowAtCursor) === cursor.id
          ? cursor.index
          : findIndex((row) => idOf(row) === cursor.id);
    markHandled();
    if (found >= 0) {
      if (found !== cursor.index) onCursor({ index: found, id: cursor.id });
      return;
    }
    if (isNewQuery && search.trim() !== "") {
      moveToFirst();
      return;
    }
    seek
      ?.locate([cursor.id])
      .then((place) => {
        const now = latest.current;
        if (now.rows.version !== version || now.cursor?.id !== cursor.id) return;
        if (place) now.onCursor({ index: place.index, id: cursor.id });
        else if (isNewQuery) moveToFirst();
      })
      .catch(() => undefined);
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the query's key stands for the new `seek`.
  useEffect(() => {
    if (goTo === null || isLoading || isPlaceholder || version === "") return;
    let current = true;
    seek
      ?.locate([goTo])
      .then((place) => {
        if (!current || !place) return;
        const cursorThere = { index: place.index, id: goTo };
        latest.current.scrollToIndex(place.index);
        latest.current.onReached(cursorThere);
      })
      .catch(() => undefined);
    return () => {
      current = false;
    };
  }, [goTo, version, isLoading, isPlaceholder]);
}
