// Owns the rows on the screen: their pages, what is shown until the next pages arrive, and the new position
// of an anchor after the data changed. Must never store the whole directory: pages far from the screen are
// dropped, late ones discarded.
import { type QueryKey, replaceEqualDeep, useQuery, useQueryClient } from "@tanstack/react-query";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useReducer, useRef } from "react";
import { type AppError, MAX_ROWS, type Place as PlaceOf } from "../ipc/bindings";
import { asAppError } from "../ipc/errors";
import { DEBOUNCE_MS } from "./debounce";

/** Rows per query. */
export const PAGE_SIZE = 100;
/** Pages kept around the screen. */
const MAX_PAGES = 24;
/** Queries in flight. */
const MAX_IN_FLIGHT = 3;
/** Pages queried ahead of the screen in the direction of scrolling, and behind it. */
const PAGES_AHEAD = 3;
const PAGES_BEHIND = 1;

export type Page<Row> = { total: number; matched: number; offset: number; rows: Row[] };
type Place = PlaceOf<string>;

/** The row to keep in place: the first of these ids that is in the next answer. */
export type Anchor = {
  ids: readonly string[];
  /** The present index of each. */
  indexes: readonly number[];
  /** The first row on the screen. */
  firstVisible: number;
  visibleCount: number;
};

/** Finds positions of rows without reading them. */
export type Seek = {
  /** The position of the first of these that is in the list. */
  locate: (ids: readonly string[]) => Promise<Place | null>;
  /** The next row whose name has this prefix, from an index on and then from the top. */
  findByPrefix: (prefix: string, from: number) => Promise<Place | null>;
};

export type RowWindow<Row> = {
  /** Rows that match; 0 until known. */
  matched: number;
  /** Rows without search and filters; 0 until known. */
  total: number;
  /** Nothing to show yet, not even an older answer. */
  isLoading: boolean;
  /** The shown rows belong to the previous query. */
  isPlaceholder: boolean;
  error: AppError | null;
  /** The key of the query whose answer is shown. */
  answeredQuery: string | null;
  /** Changes with each answer to the query as a whole. */
  version: string;
  /** The new position of the anchor, and by how many rows it moved; null if there was none, or it is gone. */
  anchored: (Place & { shift: number; firstVisible: number }) | null;
  /** Called before each answer with its query, to get the anchor. */
  findAnchor: RefObject<((queryHash: string) => Anchor | null) | null>;
  /** The row at an index, if its page is loaded. */
  rowAt: (index: number) => Row | undefined;
  /** The index of a loaded row with this property; -1 if there is none. */
  findIndex: (test: (row: Row) => boolean) => number;
  /** The rows between two indexes, both included, in either order. */
  readRange: (from: number, to: number) => Promise<Row[]>;
  seek: Seek | null;
  /** Sets which indexes are on the screen. */
  setVisibleRange: (first: number, last: number) => void;
  retry: () => void;
};

type WindowData<Row> = {
  total: number;
  matched: number;
  pages: { number: number; rows: Row[] }[];
  anchored: RowWindow<Row>["anchored"];
};
type CachedPage<Row> = { rows: Row[]; fresh: boolean };
type WindowState<Row> = {
  scopeKey: string;
  queryHash: string;
  version: string;
  data: WindowData<Row>;
  pages: Map<number, CachedPage<Row>>;
  inFlight: Set<number>;
};

/** Rows that did not change stay the same objects, so that they are not drawn again. */
function withStructuralSharing<Row>(before: readonly Row[] | undefined, rows: Row[]): Row[] {
  return before === undefined ? rows : rows.map((row, i) => replaceEqualDeep(before[i], row));
}

function makeState<Row>(
  previous: WindowState<Row> | null,
  data: WindowData<Row>,
  scopeKey: string,
  queryHash: string,
  version: string,
): WindowState<Row> {
  const pages = new Map<number, CachedPage<Row>>();
  // Rows of the previous answer are shown until their page is read again; after a move they would be the
  // wrong ones.
  if (previous?.queryHash === queryHash && (data.anchored?.shift ?? 0) === 0)
    for (const [number, page] of previous.pages) pages.set(number, { rows: page.rows, fresh: false });
  const shared = previous?.scopeKey === scopeKey ? previous.pages : undefined;
  for (const { number, rows } of data.pages)
    pages.set(number, { rows: withStructuralSharing(shared?.get(number)?.rows, rows), fresh: true });
  return { scopeKey, queryHash, version, data, pages, inFlight: new Set<number>() };
}

/**
 * The first rows of a query, requested before a list asks: it then finds the answer, or the request in
 * flight.
 */
export function firstPageQuery<Row>(
  queryKey: QueryKey,
  fetchPage: (offset: number, limit: number) => Promise<Page<Row>>,
) {
  return {
    queryKey: [...queryKey, "window"],
    queryFn: async (): Promise<WindowData<Row>> => {
      const { total, matched, rows } = await fetchPage(0, PAGE_SIZE);
      return { total, matched, pages: [{ number: 0, rows }], anchored: null };
    },
  };
}

/**
 * @param queryKey the query: organization, search, filters, sort.
 * @param scopeKey the list and its organization: an older answer is only shown within the same one.
 */
export function useRowWindow<Row>(
  queryKey: QueryKey,
  scopeKey: string,
  fetchPage: (offset: number, limit: number) => Promise<Page<Row>>,
  seek: Seek | null = null,
): RowWindow<Row> {
  const client = useQueryClient();
  const queryHash = JSON.stringify(queryKey);
  const findAnchor = useRef<((queryHash: string) => Anchor | null) | null>(null);
  const visible = useRef({ first: 0, last: 0, down: true });
  const [, rerender] = useReducer((count: number) => count + 1, 0);

  const query = useQuery<WindowData<Row>>({
    queryKey: [...queryKey, "window"],
    queryFn: async () => {
      const anchorWanted = seek ? (findAnchor.current?.(queryHash) ?? null) : null;
      const place = anchorWanted && seek ? await seek.locate(anchorWanted.ids) : null;
      const which = place && anchorWanted ? anchorWanted.ids.indexOf(place.id) : -1;
      const shift = place && anchorWanted ? place.index - (anchorWanted.indexes[which] ?? place.index) : 0;
      const from = Math.max(0, (anchorWanted?.firstVisible ?? 0) + shift);
      const to = from + (anchorWanted?.visibleCount ?? 1) - 1;
      const numbers = [];
      for (let page = Math.floor(from / PAGE_SIZE); page <= Math.floor(to / PAGE_SIZE); page += 1) numbers.push(page);
      const read = async (number: number) => ({ number, page: await fetchPage(number * PAGE_SIZE, PAGE_SIZE) });
      let pages = await Promise.all(numbers.map(read));
      const matched = pages[0]?.page.matched ?? 0;
      // The list has become shorter than the screen's position.
      if (matched > 0 && pages.every(({ page }) => page.rows.length === 0))
        pages = [await read(Math.floor((matched - 1) / PAGE_SIZE))];
      return {
        total: pages[0]?.page.total ?? 0,
        matched,
        pages: pages.map(({ number, page }) => ({ number, rows: page.rows })),
        anchored: place ? { ...place, shift, firstVisible: from } : null,
      };
    },
  });

  const version = `${queryHash} ${query.dataUpdatedAt}`;
  const lastState = useRef<WindowState<Row> | null>(null);
  const state = useMemo(
    () => (query.data ? makeState(lastState.current, query.data, scopeKey, queryHash, version) : null),
    [query.data, scopeKey, queryHash, version],
  );
  const error = query.data || !query.error ? null : asAppError(query.error);
  const previous = lastState.current?.scopeKey === scopeKey && error === null ? lastState.current : null;
  const shown = state ?? previous;
  const fetching = useRef({ fetchPage, state });
  useLayoutEffect(() => {
    lastState.current = shown;
    fetching.current = { fetchPage, state };
  });

  const fetchVisible = useCallback((around: boolean) => {
    const { fetchPage: fetch, state: into } = fetching.current;
    if (!into) return;
    const { first, last: final, down } = visible.current;
    const end = Math.max(0, Math.floor((into.data.matched - 1) / PAGE_SIZE));
    const low = Math.min(Math.floor(first / PAGE_SIZE), end);
    const high = Math.min(Math.floor(final / PAGE_SIZE), end);
    const wanted: number[] = [];
    for (let page = low; page <= high; page += 1) wanted.push(page);
    if (around) {
      for (let step = 1; step <= PAGES_AHEAD; step += 1) wanted.push(down ? high + step : low - step);
      for (let step = 1; step <= PAGES_BEHIND; step += 1) wanted.push(down ? low - step : high + step);
    }
    for (const number of wanted) {
      if (into.inFlight.size >= MAX_IN_FLIGHT) return;
      if (number < 0 || number > end || into.inFlight.has(number) || into.pages.get(number)?.fresh) continue;
      into.inFlight.add(number);
      fetch(number * PAGE_SIZE, PAGE_SIZE)
        .then((page) => {
          if (fetching.current.state !== into) return;
          into.pages.set(number, { rows: withStructuralSharing(into.pages.get(number)?.rows, page.rows), fresh: true });
          const middle = Math.floor((visible.current.first + visible.current.last) / 2 / PAGE_SIZE);
          const far = [...into.pages.keys()].sort((a, b) => Math.abs(b - middle) - Math.abs(a - middle));
          for (const old of far.slice(0, Math.max(0, into.pages.size - MAX_PAGES))) into.pages.delete(old);
          rerender();
        })
        .catch(() => undefined)
        .finally(() => {
          into.inFlight.delete(number);
          if (fetching.current.state === into) latestFetchVisible.current(around);
        });
    }
  }, []);
  const latestFetchVisible = useRef(fetchVisible);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new answer needs its pages.
  useEffect(() => {
    fetchVisible(false);
    const timer = setTimeout(() => fetchVisible(true), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [fetchVisible, state]);

  const setVisibleRange = useCallback(
    (first: number, final: number) => {
      const before = visible.current;
      if (before.first === first && before.last === final) return;
      visible.current = { first, last: final, down: first === before.first ? before.down : first > before.first };
      fetchVisible(first !== before.first);
    },
    [fetchVisible],
  );

  return {
    matched: shown?.data.matched ?? 0,
    total: shown?.data.total ?? 0,
    isLoading: shown === null && error === null,
    isPlaceholder: state === null && shown !== null,
    error: shown === null ? error : null,
    answeredQuery: shown?.queryHash ?? null,
    version: shown?.version ?? "",
    anchored: shown?.data.anchored ?? null,
    findAnchor,
    rowAt: (index) => shown?.pages.get(Math.floor(index / PAGE_SIZE))?.rows[index % PAGE_SIZE],
    findIndex: (test) => {
      for (const [number, page] of shown?.pages ?? []) {
        const at = page.rows.findIndex(test);
        if (at >= 0) return number * PAGE_SIZE + at;
      }
      return -1;
    },
    readRange: async (from, to) => {
      const low = Math.max(0, Math.min(from, to));
      const high = Math.max(from, to);
      const rows: Row[] = [];
      for (let offset = low; offset <= high; offset += MAX_ROWS) {
        const page = await fetchPage(offset, Math.min(MAX_ROWS, high - offset + 1));
        rows.push(...page.rows);
        if (page.rows.length === 0) break;
      }
      return rows;
    },
    seek,
    setVisibleRange,
    retry: () => {
      client.refetchQueries({ queryKey }).catch(() => undefined);
    },
  };
}
