// Owns the grid: rows in a window, columns that fit, sorting, the cursor, selection by mouse and keyboard.
// Must never know what a row is about, and never hold rows: it asks its RowWindow.
import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { useI18n } from "../i18n";
import { plain } from "../i18n/plain";
import { DownIcon, UpIcon } from "./icons";
import {
  countSelected,
  everything,
  isSelected,
  noSelection,
  type SelectionState,
  setSelected,
  toggle,
} from "./selection";
import { PAGE, type RowWindow } from "./useRowWindow";
import { moved, useVirtualRows } from "./useVirtualRows";

export const ROW = 36;
const HEAD = 32;
/** So that the bar of a selection never hides the last row. */
const UNDER_BAR = 64;
/** Rows one press of Shift may take in: as many as the wire carries ids. */
const RANGE = 100_000;
/** How far down a row to go to is looked for. */
const LOOK = 5_000;

export type Column<Row, Name extends string> = {
  name: Name;
  label: string;
  /** A CSS grid track. */
  width: string;
  /** Shown only where the grid is at least this wide, in pixels. */
  from?: number;
  sortable?: boolean;
  right?: boolean;
  cell: (row: Row) => ReactNode;
  /** The whole text, for the cell that doesn't fit. */
  text: (row: Row) => string;
};

export type Cursor<Id> = { index: number; id: Id } | null;
export type Sort<Name> = { column: Name; descending: boolean };

type Props<Row, Id extends string, Name extends string> = {
  label: string;
  /** Names the question: a change of it brings the grid to its top. */
  question: string;
  columns: readonly Column<Row, Name>[];
  rows: RowWindow<Row>;
  idOf: (row: Row) => Id;
  nameOf: (row: Row) => string;
  sort: Sort<Name>;
  onSort: (sort: Sort<Name>) => void;
  cursor: Cursor<Id>;
  /** `byPerson` is false where the grid follows its rows by itself. */
  onCursor: (cursor: Cursor<Id>, byPerson: boolean) => void;
  /** Enter or a double click. */
  onOpen?: (row: Row) => void;
  selection?: {
    state: SelectionState<Id>;
    onChange: (update: (state: SelectionState<Id>) => SelectionState<Id>) => void;
  };
  /** Whether an answer puts the cursor on its first row by itself, because a detail follows it. */
  follow?: boolean;
  /** A row to go to, wherever it is in the list; until it is found no row is marked. */
  goTo?: Id | null;
  /** Room for a bar over the last rows. */
  barOver?: boolean;
  /** Shown instead of rows where there are none. */
  empty: ReactNode;
};

export function DataGrid<Row, Id extends string, Name extends string>({
  label,
  question,
  columns,
  rows,
  idOf,
  nameOf,
  sort,
  onSort,
  cursor,
  onCursor,
  onOpen,
  selection,
  follow = true,
  goTo = null,
  barOver = false,
  empty,
}: Props<Row, Id, Name>) {
  const { t } = useI18n();
  const gridId = useId();
  const root = useRef<HTMLDivElement>(null);
  const anchor = useRef<number | null>(null);
  const reach = useRef<number | null>(null);
  const [width, setWidth] = useState(Number.POSITIVE_INFINITY);
  const count = rows.loading ? 24 : rows.matched;
  const at = cursor?.index ?? -1;

  useLayoutEffect(() => {
    const element = root.current;
    if (!element) return;
    const measure = () => setWidth(element.clientWidth || Number.POSITIVE_INFINITY);
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    return () => watch.disconnect();
  }, []);

  const virtual = useVirtualRows({
    scroller: root,
    count,
    height: ROW,
    top: HEAD,
    bottom: barOver ? UNDER_BAR : 0,
    cursor: at,
    show: rows.show,
  });

  const { toTop } = virtual;
  const asked = useRef(question);
  useEffect(() => {
    if (asked.current === question) return;
    asked.current = question;
    anchor.current = null;
    toTop();
  }, [question, toTop]);

  // When the directory is read again rows move: the cursor stays with its row, even where that is gone (the detail says so then).
  // The answer to a new question that doesn't hold the row takes the cursor to its first row.
  const { old, loading, matched, find, row: rowAt } = rows;
  const settled = useRef<string | null>(null);
  useEffect(() => {
    if (old || loading) return;
    const first = rowAt(0);
    const renewed = settled.current !== question;
    if (cursor !== null) {
      const here = rowAt(cursor.index);
      const found =
        here !== undefined && idOf(here) === cursor.id ? cursor.index : find((row) => idOf(row) === cursor.id);
      if (found >= 0 || !renewed) {
        settled.current = question;
        if (found >= 0 && found !== cursor.index) onCursor({ index: found, id: cursor.id }, false);
        return;
      }
    } else if (!renewed && matched === 0) return;
    if (first !== undefined) {
      settled.current = question;
      if (follow || cursor !== null) onCursor(follow ? { index: 0, id: idOf(first) } : null, false);
    } else if (matched === 0) {
      settled.current = question;
      if (cursor !== null) onCursor(null, false);
    }
  });

  const { read, old: reading } = rows;
  const { scrollTo } = virtual;
  const latest = useRef({ read, scrollTo, onCursor, idOf });
  useLayoutEffect(() => {
    latest.current = { read, scrollTo, onCursor, idOf };
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new question looks for it anew.
  useEffect(() => {
    if (goTo === null || loading || reading || matched === 0) return;
    let current = true;
    const look = async () => {
      for (let from = 0; from < Math.min(matched, LOOK); from += PAGE) {
        const rowsRead = await latest.current.read(from, from + PAGE - 1);
        if (!current) return;
        const found = rowsRead.findIndex((row) => latest.current.idOf(row) === goTo);
        if (found < 0) continue;
        latest.current.scrollTo(from + found);
        latest.current.onCursor({ index: from + found, id: goTo }, true);
        return;
      }
    };
    look().catch(() => undefined);
    return () => {
      current = false;
    };
  }, [goTo, question, matched, loading, reading]);

  const shownColumns = columns.filter((column) => column.from === undefined || width >= column.from);
  const tracks = [...(selection ? ["15px"] : []), ...shownColumns.map((column) => column.width)].join(" ");

  const put = (index: number) => {
    const row = rows.row(index);
    if (row !== undefined) onCursor({ index, id: idOf(row) }, true);
    else
      rows
        .read(index, index)
        .then(([read]) => {
          if (read !== undefined) onCursor({ index, id: idOf(read) }, true);
        })
        .catch(() => undefined);
    virtual.scrollTo(index);
  };

  /** Selects from the anchor to `to`; what was selected by the same gesture and lies outside now is let go. */
  const extend = (to: number) => {
    if (!selection) return;
    const from = anchor.current ?? Math.max(at, 0);
    anchor.current = from;
    if (Math.abs(to - from) >= RANGE) return;
    const before = reach.current ?? from;
    reach.current = to;
    const low = Math.min(from, to, before);
    const high = Math.max(from, to, before);
    rows
      .read(low, high)
      .then((read) => {
        const inside: Id[] = [];
        const outside: Id[] = [];
        read.forEach((row, i) => {
          const index = low + i;
          const within = index >= Math.min(from, to) && index <= Math.max(from, to);
          (within ? inside : outside).push(idOf(row));
        });
        selection.onChange((state) => setSelected(setSelected(state, outside, false), inside, true));
      })
      .catch(() => undefined);
  };

  const keyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.target !== event.currentTarget) return;
    if (event.altKey) return;
    const control = event.ctrlKey || event.metaKey;
    if (control && event.key.toLowerCase() === "a" && selection) {
      event.preventDefault();
      selection.onChange(() => everything<Id>());
      return;
    }
    if (event.key === "Escape") {
      if (selection && countSelected(selection.state, rows.matched) > 0) {
        event.stopPropagation();
        selection.onChange(() => noSelection<Id>());
      }
      return;
    }
    if (event.key === " " && selection && cursor) {
      event.preventDefault();
      anchor.current = cursor.index;
      reach.current = cursor.index;
      selection.onChange((state) => toggle(state, cursor.id));
      return;
    }
    if (event.key === "Enter" && cursor && onOpen) {
      const row = rows.row(cursor.index);
      if (row !== undefined) {
        event.preventDefault();
        onOpen(row);
      }
      return;
    }
    const to = rows.loading ? null : moved(event.key, at, rows.matched, virtual.page);
    if (to === null) return;
    event.preventDefault();
    if (event.shiftKey && selection) extend(to);
    else {
      anchor.current = null;
      reach.current = null;
    }
    put(to);
  };

  const rowClick = (event: MouseEvent, index: number, row: Row) => {
    root.current?.focus({ preventScroll: true });
    if (event.shiftKey && selection) {
      event.preventDefault();
      extend(index);
    } else {
      anchor.current = index;
      reach.current = index;
      if ((event.ctrlKey || event.metaKey) && selection) selection.onChange((state) => toggle(state, idOf(row)));
    }
    onCursor({ index, id: idOf(row) }, true);
  };

  const selectedCount = selection ? countSelected(selection.state, rows.matched) : 0;
  const all = rows.matched > 0 && selectedCount === rows.matched;
  const activeRow = at >= 0 && at < count ? `${gridId}-${at}` : undefined;

  return (
    <div className="gridbox">
      <div
        ref={root}
        className={rows.old ? "grid old" : "grid"}
        role="grid"
        tabIndex={0}
        aria-label={label}
        aria-rowcount={rows.loading ? -1 : rows.matched + 1}
        aria-colcount={shownColumns.length + (selection ? 1 : 0)}
        aria-multiselectable={selection ? true : undefined}
        aria-activedescendant={activeRow}
        aria-busy={rows.loading || rows.old || undefined}
        onKeyDown={keyDown}
        style={{ ["--cols" as string]: tracks }}
      >
        <div className="grid-head" role="rowgroup">
          <div role="row" aria-rowindex={1}>
            {selection && (
              <div role="columnheader">
                <input
                  type="checkbox"
                  className="check"
                  aria-label={t("grid.selectAll")}
                  disabled={rows.matched === 0}
                  checked={all}
                  ref={(box) => {
                    if (box) box.indeterminate = selectedCount > 0 && !all;
                  }}
                  onChange={() => selection.onChange(() => (selectedCount > 0 ? noSelection<Id>() : everything<Id>()))}
                />
              </div>
            )}
            {shownColumns.map((column) => {
              const sorted = sort.column === column.name;
              const direction = sorted ? (sort.descending ? "descending" : "ascending") : undefined;
              return (
                <div
                  key={column.name}
                  role="columnheader"
                  className={column.right ? "right" : undefined}
                  aria-sort={column.sortable === false ? undefined : (direction ?? "none")}
                >
                  {column.sortable === false ? (
                    column.label
                  ) : (
                    <button
                      type="button"
                      onClick={() => onSort({ column: column.name, descending: sorted && !sort.descending })}
                    >
                      <span className="cut">{column.label}</span>
                      {sorted && (sort.descending ? <DownIcon /> : <UpIcon />)}
                    </button>
                  )}
                </div>
              );
            })}
          </div>
        </div>
        <div className="grid-body" role="rowgroup" style={{ height: virtual.size }}>
          {virtual.items.map(({ index, top }) => {
            const row = rows.row(index);
            if (row === undefined)
              return (
                <SkeletonRow
                  key={index}
                  index={index}
                  top={top}
                  columns={shownColumns.length}
                  check={selection !== undefined}
                />
              );
            const id = idOf(row);
            const selected = selection ? isSelected(selection.state, id) : undefined;
            return (
              <div
                key={index}
                id={`${gridId}-${index}`}
                role="row"
                className="grid-row"
                aria-rowindex={index + 2}
                aria-selected={selected}
                data-cursor={goTo === null && cursor?.id === id ? "" : undefined}
                style={{ top }}
                onClick={(event) => rowClick(event, index, row)}
                onDoubleClick={() => onOpen?.(row)}
              >
                {selection && (
                  <div role="gridcell" className="cell-check">
                    <label onClick={(event) => event.stopPropagation()}>
                      <input
                        type="checkbox"
                        className="check"
                        tabIndex={-1}
                        aria-label={t("grid.select", { name: nameOf(row) })}
                        checked={selected ?? false}
                        onChange={(event) => {
                          root.current?.focus({ preventScroll: true });
                          const native = event.nativeEvent as Partial<globalThis.MouseEvent>;
                          if (native.shiftKey) extend(index);
                          else {
                            anchor.current = index;
                            reach.current = index;
                            selection.onChange((state) => toggle(state, id));
                          }
                        }}
                      />
                    </label>
                  </div>
                )}
                {shownColumns.map((column) => (
                  <div
                    key={column.name}
                    role="gridcell"
                    className={column.right ? "right num" : undefined}
                    title={plain(column.text(row)) || undefined}
                  >
                    {column.cell(row)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
      {!rows.loading && rows.matched === 0 && <div className="over">{empty}</div>}
    </div>
  );
}

const WIDTHS = [62, 78, 54, 70, 46, 84];

function SkeletonRow({ index, top, columns, check }: { index: number; top: number; columns: number; check: boolean }) {
  return (
    <div className="grid-row" aria-hidden="true" style={{ top }}>
      {check && <span className="bone" style={{ height: 15, borderRadius: 4 }} />}
      {Array.from({ length: columns }, (_, column) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: the bones of a row never change places.
          key={column}
          className="bone"
          style={{ width: `${WIDTHS[(index + column * 2) % WIDTHS.length] ?? 60}%` }}
        />
      ))}
    </div>
  );
}
