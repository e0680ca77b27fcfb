// Owns the rows on the screen: which pages of the answer they lie in, and what is shown while the next ones come.
// Must never hold the directory: pages that left the screen are forgotten by the query client.
import { type QueryKey, useQueries, useQueryClient } from "@tanstack/react-query";
import { useCallback, useLayoutEffect, useRef, useState } from "react";
import type { AppError } from "../ipc/bindings";
import { asAppError } from "../ipc/errors";

/** Rows asked for at once. */
export const PAGE = 100;

export type Page<Row> = { total: number; matched: number; offset: number; rows: Row[] };

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
  /** The row at an index, where its page is here. */
  row: (index: number) => Row | undefined;
  /** Where a row with this property is, among the rows that are here; -1 if nowhere. */
  find: (test: (row: Row) => boolean) => number;
  /** Rows from one index to another, both included, whatever their order; reads pages that aren't here or are stale. */
  read: (from: number, to: number) => Promise<Row[]>;
  /** Which indexes are on the screen. */
  show: (first: number, last: number) => void;
  retry: () => void;
};

type Shown<Row> = { hold: string; matched: number; total: number; pages: ReadonlyMap<number, Page<Row>> };

/**
 * @param queryKey names the question without the page: organization, search, filters, sort.
 * @param hold names the place (this list of this organization): an older answer is only ever shown in the same place.
 */
export function useRowWindow<Row>(
  queryKey: QueryKey,
  hold: string,
  fetchPage: (offset: number, limit: number) => Promise<Page<Row>>,
): RowWindow<Row> {
  const client = useQueryClient();
  const [range, setRange] = useState<readonly [number, number]>([0, 0]);
  const question = JSON.stringify(queryKey);
  const firstPage = Math.floor(range[0] / PAGE);
  const lastPage = Math.floor(range[1] / PAGE);
  const numbers = Array.from({ length: lastPage - firstPage + 1 }, (_, i) => firstPage + i);

  const optionsOf = (page: number) => ({
    queryKey: [...queryKey, page],
    queryFn: () => fetchPage(page * PAGE, PAGE),
  });
  const results = useQueries({ queries: numbers.map(optionsOf) });

  const pages = new Map<number, Page<Row>>();
  let newest: { at: number; page: Page<Row> } | null = null;
  let error: AppError | null = null;
  results.forEach((result, i) => {
    const number = numbers[i];
    if (number === undefined) return;
    if (result.data) {
      pages.set(number, result.data);
      if (!newest || result.dataUpdatedAt >= newest.at) newest = { at: result.dataUpdatedAt, page: result.data };
    } else if (result.error) error ??= asAppError(result.error);
  });
  const fresh = newest as { page: Page<Row> } | null;

  const last = useRef<Shown<Row> | null>(null);
  const kept = last.current && last.current.hold === hold ? last.current : null;
  const shown: Shown<Row> | null = fresh
    ? { hold, matched: fresh.page.matched, total: fresh.page.total, pages }
    : error
      ? null
      : kept;
  useLayoutEffect(() => {
    last.current = shown;
  });

  // A new question begins at its top; the grid scrolls there too.
  const asked = useRef(question);
  useLayoutEffect(() => {
    if (asked.current === question) return;
    asked.current = question;
    setRange([0, 0]);
  }, [question]);

  const show = useCallback((first: number, final: number) => {
    setRange((now) => {
      const same = Math.floor(now[0] / PAGE) === Math.floor(first / PAGE);
      return same && Math.floor(now[1] / PAGE) === Math.floor(final / PAGE) ? now : [first, final];
    });
  }, []);

  return {
    matched: shown?.matched ?? 0,
    total: shown?.total ?? 0,
    loading: shown === null && error === null,
    old: fresh === null && shown !== null,
    error: shown === null ? error : null,
    row: (index) => shown?.pages.get(Math.floor(index / PAGE))?.rows[index % PAGE],
    find: (test) => {
      for (const [number, page] of shown?.pages ?? []) {
        const at = page.rows.findIndex(test);
        if (at >= 0) return number * PAGE + at;
      }
      return -1;
    },
    read: async (from, to) => {
      const low = Math.min(from, to);
      const high = Math.max(from, to);
      const rows: Row[] = [];
      for (let page = Math.floor(low / PAGE); page <= Math.floor(high / PAGE); page += 1) {
        const answer = await client.fetchQuery(optionsOf(page));
        rows.push(...answer.rows.slice(Math.max(0, low - page * PAGE), high - page * PAGE + 1));
      }
      return rows;
    },
    show,
    retry: () => {
      client.refetchQueries({ queryKey }).catch(() => undefined);
    },
  };
}
