// Owns the gestures of selection: one row, a range from an anchor, inversion; and removes rows that no longer
// exist. Must never read a row to learn its id: any number of ids is one query.
import { useCallback, useEffect, useLayoutEffect, useRef } from "react";
import { MAX_SELECTED } from "../ipc/bindings";
import type { Cursor } from "./gridState";
import {
  allMatching,
  invertSelection,
  type SelectionState,
  setSelected,
  toggleSelected,
  withoutIds,
} from "./selection";
import type { RowWindow } from "./useRowWindow";

/** Most rows whose ids are taken from the loaded ones, without a query. */
const MAX_LOADED_ROWS = 100;

/** Queries for ids of the list without reading rows; up to 100,000 ids at once. */
export type ListIds = {
  /** The ids of this many rows from an index on. */
  idsInRange: (first: number, count: number) => Promise<string[]>;
  /**
   * Those of these ids that are not in the list; with `unfiltered`, in the list without search and filters.
   */
  findMissing: (ids: readonly string[], unfiltered: boolean) => Promise<string[]>;
};

export type RowSelection<Id extends string> = {
  state: SelectionState<Id>;
  onChange: (update: (state: SelectionState<Id>) => SelectionState<Id>) => void;
  listIds: ListIds;
};

type Args<Row, Id extends string> = {
  rows: RowWindow<Row>;
  queryHash: string;
  idOf: (row: Row) => Id;
  cursor: Cursor<Id>;
  selection: RowSelection<Id> | undefined;
};

/** The ids of the rows between two indexes, both included. */
async function idsBetween(listIds: ListIds, first: number, last: number): Promise<string[]> {
  const parts = [];
  for (let from = first; from <= last; from += MAX_SELECTED)
    parts.push(listIds.idsInRange(from, Math.min(MAX_SELECTED, last - from + 1)));
  return (await Promise.all(parts)).flat();
}

export function useRowSelection<Row, Id extends string>(args: Args<Row, Id>) {
  const { rows, queryHash, selection } = args;
  const latest = useRef(args);
  useLayoutEffect(() => {
    latest.current = args;
  });

  /** The anchor of a range, and how far the same gesture has reached. */
  const anchor = useRef<NonNullable<Cursor<Id>> | null>(null);
  const rangeEnd = useRef<number | null>(null);
  const setAnchor = useCallback((row: Cursor<Id>) => {
    anchor.current = row;
    rangeEnd.current = row?.index ?? null;
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another query has other rows.
  useLayoutEffect(() => setAnchor(null), [queryHash, setAnchor]);
  // Rows have moved: the range begins at the new index of its first row.
  const { version } = rows;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each answer.
  useLayoutEffect(() => {
    const { current } = anchor;
    if (current === null) return;
    const { rows: now, idOf } = latest.current;
    const there = now.rowAt(current.index);
    if (there !== undefined && idOf(there) === current.id) return;
    const index = now.findIndex((row) => idOf(row) === current.id);
    if (index < 0) return setAnchor(null);
    if (rangeEnd.current !== null) rangeEnd.current += index - current.index;
    anchor.current = { index, id: current.id };
  }, [version]);

  /** One after the other: a short step must not overtake the long one before it. */
  const queue = useRef<Promise<void>>(Promise.resolve());
  const enqueue = (work: () => Promise<() => void>) => {
    const queryHashBefore = queryHash;
    queue.current = queue.current
      .then(work)
      .then((done) => {
        if (latest.current.queryHash === queryHashBefore) done();
      })
      .catch(() => undefined);
  };

  /** The ids of loaded rows, without a query; null if some are not loaded. */
  const loadedIds = (first: number, last: number): Id[] | null => {
    if (last - first >= MAX_LOADED_ROWS) return null;
    const here = Array.from({ length: last - first + 1 }, (_, i) => rows.rowAt(first + i));
    return here.every((row) => row !== undefined) ? here.map((row) => args.idOf(row as Row)) : null;
  };

  const toggle = (row: NonNullable<Cursor<Id>>) => {
    setAnchor(row);
    selection?.onChange((state) => toggleSelected(state, row.id));
  };

  /** Selects from the anchor to `to`. What the same gesture had selected outside of that is deselected. */
  const extendTo = (to: number) => {
    const { matched } = rows;
    const start = anchor.current ?? args.cursor;
    if (!selection || start === null || matched === 0) return;
    const { listIds } = selection;
    const previousEnd = rangeEnd.current ?? start.index;
    anchor.current = start;
    rangeEnd.current = to;
    const low = Math.min(start.index, to);
    const high = Math.max(start.index, to);
    if (high - low >= MAX_SELECTED) {
      // More than can be named one by one: all that match, except the others.
      enqueue(async () => {
        const others = [idsBetween(listIds, 0, low - 1), idsBetween(listIds, high + 1, matched - 1)];
        const except = (await Promise.all(others)).flat() as Id[];
        return () => selection.onChange(() => setSelected(allMatching<Id>(), except, false));
      });
      return;
    }
    // Only rows between the previous and the new end of the gesture change.
    const first = Math.min(previousEnd, to);
    const last = Math.max(previousEnd, to);
    const here = loadedIds(first, last);
    enqueue(async () => {
      const ids = here ?? ((await idsBetween(listIds, first, last)) as Id[]);
      const inside = ids.slice(Math.max(0, low - first), Math.max(0, high - first + 1));
      const outside = [...ids.slice(0, Math.max(0, low - first)), ...ids.slice(Math.max(0, high - first + 1))];
      return () => selection.onChange((state) => setSelected(setSelected(state, outside, false), inside, true));
    });
  };

  /** Inverts the selection. Ids selected in another search don't match here and are left out of the count. */
  const invert = () => {
    if (!selection) return;
    const { state, listIds } = selection;
    if (state.kind === "matching" || state.ids.size === 0 || state.ids.size > MAX_SELECTED) {
      selection.onChange(invertSelection);
      return;
    }
    enqueue(async () => {
      const missing = new Set((await listIds.findMissing([...state.ids], false)) as Id[]);
      return () => selection.onChange((now) => (now === state ? invertSelection(withoutIds(state, missing)) : now));
    });
  };

  // Rows that no longer exist are deselected; checked when the same query has a new answer.
  const lastAnswer = useRef({ answeredQuery: rows.answeredQuery, version: "" });
  const checking = useRef<"no" | "yes" | "again">("no");
  const removeMissing = useCallback(() => {
    const { selection: kept, queryHash: asked } = latest.current;
    const ids = kept ? (kept.state.kind === "ids" ? kept.state.ids : kept.state.except) : new Set<Id>();
    if (!kept || ids.size === 0 || ids.size > MAX_SELECTED) return;
    if (checking.current !== "no") {
      checking.current = "again";
      return;
    }
    checking.current = "yes";
    const everyone = kept.state.kind === "ids";
    kept.listIds
      .findMissing([...ids], everyone)
      .then((missing) => {
        if (!everyone && latest.current.queryHash !== asked) return;
        const gone = new Set(missing as Id[]);
        if (gone.size === 0) return;
        latest.current.selection?.onChange((state) =>
          (state.kind === "ids") === everyone ? withoutIds(state, gone) : state,
        );
      })
      .catch(() => undefined)
      .finally(() => {
        const again = checking.current === "again";
        checking.current = "no";
        if (again) removeMissing();
      });
  }, []);
  const { answeredQuery, isPlaceholder, isLoading } = rows;
  useEffect(() => {
    if (isPlaceholder || isLoading) return;
    const last = lastAnswer.current;
    lastAnswer.current = { answeredQuery, version };
    if (last.version === version || (last.version !== "" && last.answeredQuery !== answeredQuery)) return;
    removeMissing();
  }, [answeredQuery, version, isPlaceholder, isLoading, removeMissing]);

  return { toggle, extendTo, invert, setAnchor };
}
