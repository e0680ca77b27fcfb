// Owns the gestures of selection: one row, a range from an anchor, inversion; and removes rows that no longer
// exist. Must never read a row to learn its id: any number of ids is one query.
import { useCallback, useEffect, useLayoutEffect, useRef } from "react";
import type { Cursor } from "./gridState";
import { everything, inverted, type SelectionState, setSelected, toggle, without } from "./selection";
import type { RowWindow } from "./useRowWindow";

/** Most ids in one query. */
const MOST = 100_000;
/** So few rows may be loaded already. */
const NEAR = 100;

/** Queries for ids of the list without reading rows; up to 100,000 ids at once. */
export type Members = {
  /** The ids of this many rows from an index on. */
  ids: (first: number, count: number) => Promise<string[]>;
  /**
   * Those of these ids that are not in the list; with `everyone`, not in the list without search and filters.
   */
  missing: (ids: readonly string[], everyone: boolean) => Promise<string[]>;
};

export type Selecting<Id extends string> = {
  state: SelectionState<Id>;
  onChange: (update: (state: SelectionState<Id>) => SelectionState<Id>) => void;
  members: Members;
};

type Args<Row, Id extends string> = {
  rows: RowWindow<Row>;
  question: string;
  idOf: (row: Row) => Id;
  cursor: Cursor<Id>;
  selection: Selecting<Id> | undefined;
};

/** The ids of the rows between two indexes, both included. */
async function idsBetween(members: Members, first: number, last: number): Promise<string[]> {
  const parts = [];
  for (let from = first; from <= last; from += MOST) parts.push(members.ids(from, Math.min(MOST, last - from + 1)));
  return (await Promise.all(parts)).flat();
}

export function useSelecting<Row, Id extends string>(args: Args<Row, Id>) {
  const { rows, question, selection } = args;
  const latest = useRef(args);
  useLayoutEffect(() => {
    latest.current = args;
  });

  /** The anchor of a range, and how far the same gesture has reached. */
  const anchor = useRef<NonNullable<Cursor<Id>> | null>(null);
  const reach = useRef<number | null>(null);
  const from = useCallback((row: Cursor<Id>) => {
    anchor.current = row;
    reach.current = row?.index ?? null;
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another query has other rows.
  useLayoutEffect(() => from(null), [question, from]);
  // Rows have moved: the range begins at the new index of its first row.
  const { stamp } = rows;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each answer.
  useLayoutEffect(() => {
    const { current } = anchor;
    if (current === null) return;
    const { rows: now, idOf } = latest.current;
    const there = now.row(current.index);
    if (there !== undefined && idOf(there) === current.id) return;
    const index = now.find((row) => idOf(row) === current.id);
    if (index < 0) return from(null);
    if (reach.current !== null) reach.current += index - current.index;
    anchor.current = { index, id: current.id };
  }, [stamp]);

  /** One after the other: a short step must not overtake the long one before it. */
  const before = useRef<Promise<void>>(Promise.resolve());
  const later = (work: () => Promise<() => void>) => {
    const asked = question;
    before.current = before.current
      .then(work)
      .then((done) => {
        if (latest.current.question === asked) done();
      })
      .catch(() => undefined);
  };

  /** The ids of loaded rows, without a query; null if some are not loaded. */
  const idsHere = (first: number, last: number): Id[] | null => {
    if (last - first >= NEAR) return null;
    const here = Array.from({ length: last - first + 1 }, (_, i) => rows.row(first + i));
    return here.every((row) => row !== undefined) ? here.map((row) => args.idOf(row as Row)) : null;
  };

  const tick = (row: NonNullable<Cursor<Id>>) => {
    from(row);
    selection?.onChange((state) => toggle(state, row.id));
  };

  /** Selects from the anchor to `to`. What the same gesture had selected outside of that is deselected. */
  const extend = (to: number) => {
    const { matched } = rows;
    const start = anchor.current ?? args.cursor;
    if (!selection || start === null || matched === 0) return;
    const { members } = selection;
    const reached = reach.current ?? start.index;
    anchor.current = start;
    reach.current = to;
    const low = Math.min(start.index, to);
    const high = Math.max(start.index, to);
    if (high - low >= MOST) {
      // More than can be named one by one: all that match, except the others.
      later(async () => {
        const others = [idsBetween(members, 0, low - 1), idsBetween(members, high + 1, matched - 1)];
        const except = (await Promise.all(others)).flat() as Id[];
        return () => selection.onChange(() => setSelected(everything<Id>(), except, false));
      });
      return;
    }
    // Only rows between the previous and the new end of the gesture change.
    const first = Math.min(reached, to);
    const last = Math.max(reached, to);
    const here = idsHere(first, last);
    later(async () => {
      const ids = here ?? ((await idsBetween(members, first, last)) as Id[]);
      const inside = ids.slice(Math.max(0, low - first), Math.max(0, high - first + 1));
      const outside = [...ids.slice(0, Math.max(0, low - first)), ...ids.slice(Math.max(0, high - first + 1))];
      return () => selection.onChange((state) => setSelected(setSelected(state, outside, false), inside, true));
    });
  };

  /** Inverts the selection. Ids selected in another search don't match here and are left out of the count. */
  const turnAround = () => {
    if (!selection) return;
    const { state, members } = selection;
    if (state.kind === "matching" || state.ids.size === 0 || state.ids.size > MOST) {
      selection.onChange(inverted);
      return;
    }
    later(async () => {
      const missing = new Set((await members.missing([...state.ids], false)) as Id[]);
      return () => selection.onChange((now) => (now === state ? inverted(without(state, missing)) : now));
    });
  };

  // Rows that no longer exist are deselected; checked when the same query has a new answer.
  const answered = useRef({ answers: rows.answers, stamp: "" });
  const looking = useRef<"no" | "yes" | "again">("no");
  const look = useCallback(() => {
    const { selection: kept, question: asked } = latest.current;
    const ids = kept ? (kept.state.kind === "ids" ? kept.state.ids : kept.state.except) : new Set<Id>();
    if (!kept || ids.size === 0 || ids.size > MOST) return;
    if (looking.current !== "no") {
      looking.current = "again";
      return;
    }
    looking.current = "yes";
    const everyone = kept.state.kind === "ids";
    kept.members
      .missing([...ids], everyone)
      .then((missing) => {
        if (!everyone && latest.current.question !== asked) return;
        const gone = new Set(missing as Id[]);
        if (gone.size === 0) return;
        latest.current.selection?.onChange((state) =>
          (state.kind === "ids") === everyone ? without(state, gone) : state,
        );
      })
      .catch(() => undefined)
      .finally(() => {
        const again = looking.current === "again";
        looking.current = "no";
        if (again) look();
      });
  }, []);
  const { answers, old, loading } = rows;
  useEffect(() => {
    if (old || loading) return;
    const last = answered.current;
    answered.current = { answers, stamp };
    if (last.stamp === stamp || (last.stamp !== "" && last.answers !== answers)) return;
    look();
  }, [answers, stamp, old, loading, look]);

  return { tick, extend, turnAround, from };
}
