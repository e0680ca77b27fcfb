// Owns the rows on the screen: which pages of the answer they lie in, what is shown while the next ones come, and where the
// place went when the data changed. Must never hold the directory: pages far from the screen are let go, late ones dropped.
import { type QueryKey, replaceEqualDeep, useQuery, useQueryClient } from "@tanstack/react-query";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useReducer, useRef } from "react";
import type { AppError, Place as PlaceOf } from "../ipc/bindings";
import { asAppError } from "../ipc/errors";
import { CALM } from "./useStill";

/** Rows asked for at once. */
export const PAGE = 100;
/** Rows asked for at once where many are read and none is shown. */
const BULK = 500;
/** Pages kept around the screen. */
const KEPT = 24;
/** Pages on their way at once. */
const IN_FLIGHT = 3;
/** Pages asked for ahead of the screen in the direction it moves, and behind it. */
const AHEAD = 3;
const BEHIND = 1;

export type Page<Row> = { total: number; matched: number; offset: number; rows: Row[] };
type Place = PlaceOf<string>;

/** What to hold in its place: the first of these ids that is in the next answer. */
export type Anchor = {
  ids: readonly string[];
  /** The index of each until now. */
  at: readonly number[];
  /** The rows on the screen. */
  first: number;
  count: number;
};

/** Where rows are, without reading them. */
export type Seek = {
  /** The place of the first of these that is in the list. */
  place: (ids: readonly string[]) => Promise<Place | null>;
  /** The next row whose name begins so, from an index on and then from the top. */
  starting: (prefix: string, from: number) => Promise<Place | null>;
};

export type RowWindow<Row> = {
  /** Rows that match; 0 until known. */
  matched: number;
  /** Rows there are without search and filters; 0 until known. */
  total: number;
  /** Nothing to show yet, not even an older answer. */
  loading: boolean;
  /** What is shown belongs to the question before. */
  old: boolean;
  error: AppError | null;
  /** Names the question that what is shown answers. */
  answers: string | null;
  /** Changes with every answer to the question as a whole. */
  stamp: string;
  /** Where what was to be held is now, and by how many rows it moved; null where nothing was, or it is gone. */
  held: (Place & { by: number; first: number }) | null;
  /** Asked before each answer, by the question it is for. */
  anchor: RefObject<((question: string) => Anchor | null) | null>;
  /** The row at an index, where its page is here. */
  row: (index: number) => Row | undefined;
  /** Where a row with this property is, among the rows that are here; -1 if nowhere. */
  find: (test: (row: Row) => boolean) => number;
  /** Rows from one index to another, both included, whatever their order. */
  read: (from: number, to: number) => Promise<Row[]>;
  seek: Seek | null;
  /** Which indexes are on the screen. */
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

/** Rows that are as they were stay the same objects: they need not be drawn again. */
function sharing<Row>(before: readonly Row[] | undefined, rows: Row[]): Row[] {
  return before === undefined ? rows : rows.map((row, i) => replaceEqualDeep(before[i], row));
}

function storeOf<Row>(before: Store<Row> | null, base: Base<Row>, hold: string, question: string, stamp: string) {
  const pages = new Map<number, Cached<Row>>();
  // Rows of the answer before stand in until their page is read again; after a move they would be the wrong ones.
  if (before?.question === question && (base.held?.by ?? 0) === 0)
    for (const [number, page] of before.pages) pages.set(number, { rows: page.rows, fresh: false });
  const last = before?.hold === hold ? before.pages : undefined;
  for (const { number, rows } of base.pages)
    pages.set(number, { rows: sharing(last?.get(number)?.rows, rows), fresh: true });
  return { hold, question, stamp, base, pages, flying: new Set<number>() };
}

/** The rows of a question from the top, asked for before a list asks: it finds the answer, or the question on its way. */
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
 * @param queryKey names the question: organization, search, filters, sort.
 * @param hold names the place (this list of this organization): an older answer is only ever shown in the same place.
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
      // The list has become shorter than where the screen was.
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
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new answer needs its pages, first of all those on the screen.
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
