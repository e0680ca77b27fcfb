// Owns the rows on the screen: their pages, what is shown until the next pages arrive, and the new position
// of an anchor after the data changed. Must never store the whole directory: pages far from the screen are
// dropped, late ones discarded.
import { type QueryKey, replaceEqualDeep, useQuery, useQueryClient } from "@tanstack/react-query";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useReducer, useRef } from "react";
import type { AppError, Place as PlaceOf } from "../ipc/bindings";
import { asAppError } from "../ipc/errors";
import { CALM } from "./useStill";

/** Rows per query. */
export const PAGE = 100;
/** Rows per query if many are read without being shown. */
const BULK = 500;
/** Pages kept around the screen. */
const KEPT = 24;
/** Queries in flight. */
const IN_FLIGHT = 3;
/** Pages queried ahead of the screen in the direction of scrolling, and behind it. */
const AHEAD = 3;
const BEHIND = 1;

export type Page<Row> = { total: number; matched: number; offset: number; rows: Row[] };
type Place = PlaceOf<string>;

/** The row to keep in place: the first of these ids that is in the next answer. */
export type Anchor = {
  ids: readonly string[];
  /** The present index of each. */
  at: readonly number[];
  /** The first row on the screen. */
  first: number;
  count: number;
};

/** Finds positions of rows without reading them. */
export type Seek = {
  /** The position of the first of these that is in the list. */
  place: (ids: readonly string[]) => Promise<Place | null>;
  /** The next row whose name has this prefix, from an index on and then from the top. */
  starting: (prefix: string, from: number) => Promise<Place | null>;
};

export type RowWindow<Row> = {
  /** Rows that match; 0 until known. */
  matched: number;
  /** Rows without search and filters; 0 until known. */
  total: number;
  /** Nothing to show yet, not even an older answer. */
  loading: boolean;
  /** The shown rows belong to the previous query. */
  old: boolean;
  error: AppError | null;
  /** The key of the query whose answer is shown. */
  answers: string | null;
  /** Changes with each answer to the query as a whole. */
  stamp: string;
  /** The new position of the anchor, and by how many rows it moved; null if there was none, or it is gone. */
  held: (Place & { by: number; first: number }) | null;
  /** Called before each answer with its query, to get the anchor. */
  anchor: RefObject<((question: string) => Anchor | null) | null>;
  /** The row at an index, if its page is loaded. */
  row: (index: number) => Row | undefined;
  /** The index of a loaded row with this property; -1 if there is none. */
  find: (test: (row: Row) => boolean) => number;
  /** The rows between two indexes, both included, in either order. */
  read: (from: number, to: number) => Promise<Row[]>;
  seek: Seek | null;
  /** Sets which indexes are on the screen. */
  show: (first: number, last: number) => void;
  retry: () => void;
};

type Base<Row> = {
  total: number;
  matched: number;
  pages: { number: number; rows: Row[] }[];
  held: RowWindow<Row>["held"];
};
type Cached<Row> = { rows: Row[]; fresh: boolean };
type Store<Row> = {
  hold: string;
  question: string;
  stamp: string;
  base: Base<Row>;
  pages: Map<number, Cached<Row>>;
  flying: Set<number>;
};

/** Rows that did not change stay the same objects, so that they are not drawn again. */
function sharing<Row>(before: readonly Row[] | undefined, rows: Row[]): Row[] {
  return before === undefined ? rows : rows.map((row, i) => replaceEqualDeep(before[i], row));
}

function storeOf<Row>(before: Store<Row> | null, base: Base<Row>, hold: string, question: string, stamp: string) {
  const pages = new Map<number, Cached<Row>>();
  // Rows of the previous answer are shown until their page is read again; after a move they would be the
  // wrong ones.
  if (before?.question === question && (base.held?.by ?? 0) === 0)
    for (const [number, page] of before.pages) pages.set(number, { rows: page.rows, fresh: false });
  const last = before?.hold === hold ? before.pages : undefined;
  for (const { number, rows } of base.pages)
    pages.set(number, { rows: sharing(last?.get(number)?.rows, rows), fresh: true });
  return { hold, question, stamp, base, pages, flying: new Set<number>() };
}

/**
 * The first rows of a query, requested before a list asks: it then finds the answer, or the request in
 * flight.
 */
export function fromTop<Row>(queryKey: QueryKey, fetchPage: (offset: number, limit: number) => Promise<Page<Row>>) {
  return {
    queryKey: [...queryKey, "window"],
    queryFn: async (): Promise<Base<Row>> => {
      const { total, matched, rows } = await fetchPage(0, PAGE);
      return { total, matched, pages: [{ number: 0, rows }], held: null };
    },
  };
}

/**
 * @param queryKey the query: organization, search, filters, sort.
 * @param hold the place (this list of this organization): an older answer is only shown in the same place.
 */
export function useRowWindow<Row>(
  queryKey: QueryKey,
  hold: string,
  fetchPage: (offset: number, limit: number) => Promise<Page<Row>>,
  seek: Seek | null = null,
): RowWindow<Row> {
  const client = useQueryClient();
  const question = JSON.stringify(queryKey);
  const anchor = useRef<((question: string) => Anchor | null) | null>(null);
  const screen = useRef({ first: 0, last: 0, down: true });
  const [, landed] = useReducer((count: number) => count + 1, 0);

  const query = useQuery<Base<Row>>({
    queryKey: [...queryKey, "window"],
    queryFn: async () => {
      const wanted = seek ? (anchor.current?.(question) ?? null) : null;
      const place = wanted && seek ? await seek.place(wanted.ids) : null;
      const which = place && wanted ? wanted.ids.indexOf(place.id) : -1;
      const by = place && wanted ? place.index - (wanted.at[which] ?? place.index) : 0;
      const from = Math.max(0, (wanted?.first ?? 0) + by);
      const to = from + (wanted?.count ?? 1) - 1;
      const numbers = [];
      for (let page = Math.floor(from / PAGE); page <= Math.floor(to / PAGE); page += 1) numbers.push(page);
      const read = async (number: number) => ({ number, page: await fetchPage(number * PAGE, PAGE) });
      let pages = await Promise.all(numbers.map(read));
      const matched = pages[0]?.page.matched ?? 0;
      // The list has become shorter than the screen's position.
      if (matched > 0 && pages.every(({ page }) => page.rows.length === 0))
        pages = [await read(Math.floor((matched - 1) / PAGE))];
      return {
        total: pages[0]?.page.total ?? 0,
        matched,
        pages: pages.map(({ number, page }) => ({ number, rows: page.rows })),
        held: place ? { ...place, by, first: from } : null,
      };
    },
  });

  const stamp = `${question} ${query.dataUpdatedAt}`;
  const last = useRef<Store<Row> | null>(null);
  const store = useMemo(
    () => (query.data ? storeOf(last.current, query.data, hold, question, stamp) : null),
    [query.data, hold, question, stamp],
  );
  const error = query.data || !query.error ? null : asAppError(query.error);
  const kept = last.current?.hold === hold && error === null ? last.current : null;
  const shown = store ?? kept;
  const fetching = useRef({ fetchPage, store });
  useLayoutEffect(() => {
    last.current = shown;
    fetching.current = { fetchPage, store };
  });

  const pump = useCallback((around: boolean) => {
    const { fetchPage: fetch, store: into } = fetching.current;
    if (!into) return;
    const { first, last: final, down } = screen.current;
    const end = Math.max(0, Math.floor((into.base.matched - 1) / PAGE));
    const low = Math.min(Math.floor(first / PAGE), end);
    const high = Math.min(Math.floor(final / PAGE), end);
    const wanted: number[] = [];
    for (let page = low; page <= high; page += 1) wanted.push(page);
    if (around) {
      for (let step = 1; step <= AHEAD; step += 1) wanted.push(down ? high + step : low - step);
      for (let step = 1; step <= BEHIND; step += 1) wanted.push(down ? low - step : high + step);
    }
    for (const number of wanted) {
      if (into.flying.size >= IN_FLIGHT) return;
      if (number < 0 || number > end || into.flying.has(number) || into.pages.get(number)?.fresh) continue;
      into.flying.add(number);
      fetch(number * PAGE, PAGE)
        .then((page) => {
          if (fetching.current.store !== into) return;
          into.pages.set(number, { rows: sharing(into.pages.get(number)?.rows, page.rows), fresh: true });
          const middle = Math.floor((screen.current.first + screen.current.last) / 2 / PAGE);
          const far = [...into.pages.keys()].sort((a, b) => Math.abs(b - middle) - Math.abs(a - middle));
          for (const old of far.slice(0, Math.max(0, into.pages.size - KEPT))) into.pages.delete(old);
          landed();
        })
        .catch(() => undefined)
        .finally(() => {
          into.flying.delete(number);
          if (fetching.current.store === into) pumping.current(around);
        });
    }
  }, []);
  const pumping = useRef(pump);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new answer needs its pages.
  useEffect(() => {
    pump(false);
    const timer = setTimeout(() => pump(true), CALM);
    return () => clearTimeout(timer);
  }, [pump, store]);

  const show = useCallback(
    (first: number, final: number) => {
      const before = screen.current;
      if (before.first === first && before.last === final) return;
      screen.current = { first, last: final, down: first === before.first ? before.down : first > before.first };
      pump(first !== before.first);
    },
    [pump],
  );

  return {
    matched: shown?.base.matched ?? 0,
    total: shown?.base.total ?? 0,
    loading: shown === null && error === null,
    old: store === null && shown !== null,
    error: shown === null ? error : null,
    answers: shown?.question ?? null,
    stamp: shown?.stamp ?? "",
    held: shown?.base.held ?? null,
    anchor,
    row: (index) => shown?.pages.get(Math.floor(index / PAGE))?.rows[index % PAGE],
    find: (test) => {
      for (const [number, page] of shown?.pages ?? []) {
        const at = page.rows.findIndex(test);
        if (at >= 0) return number * PAGE + at;
      }
      return -1;
    },
    read: async (from, to) => {
      const low = Math.max(0, Math.min(from, to));
      const high = Math.max(from, to);
      const rows: Row[] = [];
      for (let offset = low; offset <= high; offset += BULK) {
        const page = await fetchPage(offset, Math.min(BULK, high - offset + 1));
        rows.push(...page.rows);
        if (page.rows.length === 0) break;
      }
      return rows;
    },
    seek,
    show,
    retry: () => {
      client.refetchQueries({ queryKey }).catch(() => undefined);
    },
  };
}
