// Owns the grid: a window of rows, the cursor, selection by mouse and keyboard, the keys. Must never know
// what a row is about, nor store rows: they come from its RowWindow.
import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { sanitizeForDisplay } from "../i18n/sanitize";
import type { ColumnChoice } from "../ipc/bindings";
import { type Column, gridTrackOf, isShown, minTrackWidthOf, orderColumns } from "./columns";
import { useDebouncedValue, useDelayedFlag } from "./debounce";
import { GridHeader } from "./GridHeader";
import { GridRow, type RowHandlers, SkeletonRow } from "./GridRow";
import type { Cursor, Sort } from "./gridState";
import { allMatching, countSelected, isSelected, noSelection } from "./selection";
import { type RowSelection, useRowSelection } from "./useRowSelection";
import type { RowWindow } from "./useRowWindow";
import { useScrollAnchoring } from "./useScrollAnchoring";
import { indexAfterKey, useVirtualRows } from "./useVirtualRows";

export const ROW_HEIGHT = 36;
const HEADER_HEIGHT = 32;
/** Space under the last row for the bar of a selection, which must not hide it. */
const SELECTION_BAR_SPACE = 64;
/** Milliseconds after which a typed letter begins a new prefix. */
const TYPEAHEAD_RESET_MS = 1_000;
const COLUMN_GAP = 16;

type Props<Row, Id extends string, Name extends string> = {
  label: string;
  /** The key of the query. */
  queryHash: string;
  /** The search, as it is being typed. */
  search?: string;
  /** Called for Escape if nothing is selected. */
  onEscape?: () => void;
  columns: readonly Column<Row, Name>[];
  layout?: readonly ColumnChoice[];
  onLayout?: (layout: ColumnChoice[]) => void;
  /** Called with the grid's width in pixels. */
  onWidth?: (width: number) => void;
  rows: RowWindow<Row>;
  idOf: (row: Row) => Id;
  nameOf: (row: Row) => string;
  sort: Sort<Name>;
  onSort: (sort: Sort<Name>) => void;
  cursor: Cursor<Id>;
  /** `byUser` is false if the grid moved the cursor by itself. */
  onCursor: (cursor: Cursor<Id>, byUser: boolean) => void;
  /** Called for Enter and for a double click. */
  onOpen?: (row: Row) => void;
  selection?: RowSelection<Id>;
  /** Whether a new answer puts the cursor on its first row, because a detail follows the cursor. */
  followFirstRow?: boolean;
  /** The row to go to, anywhere in the list. Until it is found no row is marked. */
  goTo?: Id | null;
  /** Leaves space for a bar over the last rows. */
  hasSelectionBar?: boolean;
  /** Shown if there are no rows. */
  empty: ReactNode;
};

const NO_LAYOUT: readonly ColumnChoice[] = [];

export function DataGrid<Row, Id extends string, Name extends string>({
  label,
  queryHash,
  search = "",
  onEscape,
  columns,
  layout = NO_LAYOUT,
  onLayout,
  onWidth,
  rows,
  idOf,
  nameOf,
  sort,
  onSort,
  cursor,
  onCursor,
  onOpen,
  selection,
  followFirstRow = true,
  goTo = null,
  hasSelectionBar = false,
  empty,
}: Props<Row, Id, Name>) {
  const gridId = useId();
  const root = useRef<HTMLDivElement>(null);
  const cursorSetByUser = useRef(cursor !== null);
  const typeahead = useRef({ text: "", at: 0 });
  const [width, setWidth] = useState(Number.POSITIVE_INFINITY);
  const [draft, setDraft] = useState<ColumnChoice[] | null>(null);
  const showSkeleton = useDelayedFlag(rows.isLoading);
  const count = showSkeleton ? 24 : rows.matched;
  const at = cursor?.index ?? -1;

  useLayoutEffect(() => {
    const element = root.current;
    if (!element) return;
    const measure = () => {
      const now = element.clientWidth || Number.POSITIVE_INFINITY;
      setWidth(now);
      onWidth?.(now);
    };
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    return () => watch.disconnect();
  }, [onWidth]);

  const virtual = useVirtualRows({
    scroller: root,
    count,
    rowHeight: ROW_HEIGHT,
    headerHeight: HEADER_HEIGHT,
    paddingEnd: hasSelectionBar ? SELECTION_BAR_SPACE : 0,
    cursor: at,
    overscan: useDebouncedValue(queryHash) === queryHash,
    onVisibleRange: rows.setVisibleRange,
  });

  const asked = useRef(queryHash);
  useLayoutEffect(() => {
    if (asked.current === queryHash) return;
    asked.current = queryHash;
    typeahead.current.text = "";
  });

  const rowSelection = useRowSelection({ rows, queryHash, idOf, cursor, selection });

  useScrollAnchoring({
    scroller: root,
    rowHeight: ROW_HEIGHT,
    rows,
    queryHash,
    search,
    idOf,
    cursor,
    cursorSetByUser,
    onCursor: (next) => onCursor(next, false),
    followFirstRow,
    goTo,
    onReached: (found) => {
      cursorSetByUser.current = true;
      onCursor(found, true);
    },
    scrollToIndex: virtual.scrollTo,
  });

  const activeLayout = draft ?? layout;
  const visible = orderColumns(columns, activeLayout).filter((column) => isShown(column, activeLayout, width));
  // The rows are drawn again for another set of columns, but not for another width.
  const names = visible.map((column) => column.name).join(" ");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the names identify the columns.
  const shown = useMemo(() => visible, [columns, names]);
  const tracks = [...(selection ? ["15px"] : []), ...shown.map((column) => gridTrackOf(column, activeLayout))];
  const minGridWidth =
    shown.reduce((sum, column) => sum + minTrackWidthOf(column, activeLayout), 0) +
    COLUMN_GAP * (tracks.length + 1) +
    (selection ? 15 : 0);

  const moveCursorTo = (index: number) => {
    cursorSetByUser.current = true;
    const row = rows.rowAt(index);
    if (row !== undefined) onCursor({ index, id: idOf(row) }, true);
    else
      rows
        .readRange(index, index)
        .then(([read]) => {
          if (read !== undefined) onCursor({ index, id: idOf(read) }, true);
        })
        .catch(() => undefined);
    virtual.scrollTo(index);
  };

  /** Goes to the name with the typed prefix. The same letter repeated goes to the next name with it. */
  const typeAhead = (letter: string) => {
    const now = performance.now();
    const before = now - typeahead.current.at < TYPEAHEAD_RESET_MS ? typeahead.current.text : "";
    const same = before !== "" && [...before].every((one) => one === letter);
    const prefix = same ? letter : before + letter;
    typeahead.current = { text: before + letter, at: now };
    rows.seek
      ?.findByPrefix(prefix, before === "" || same ? at + 1 : Math.max(at, 0))
      .then((place) => {
        if (place) moveCursorTo(place.index);
      })
      .catch(() => undefined);
  };

  const keyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.target !== event.currentTarget || event.altKey || event.nativeEvent.isComposing) return;
    const control = event.ctrlKey || event.metaKey;
    const typing = typeahead.current.text !== "" && performance.now() - typeahead.current.at < TYPEAHEAD_RESET_MS;
    const done = () => event.preventDefault();
    if (control && event.key.toLowerCase() === "a") {
      if (!selection) return;
      done();
      if (event.shiftKey) rowSelection.invert();
      else selection.onChange(() => allMatching<Id>());
      return;
    }
    if (event.key === "Escape") {
      if (selection && countSelected(selection.state, rows.matched) > 0) {
        event.stopPropagation();
        selection.onChange(() => noSelection<Id>());
      } else onEscape?.();
      return;
    }
    if (event.key === " " && !(typing && !event.shiftKey)) {
      if (!selection) return;
      done();
      if (!cursor) return;
      if (event.shiftKey) rowSelection.extendTo(cursor.index);
      else rowSelection.toggle(cursor);
      return;
    }
    if (event.key === "Enter" && cursor && onOpen) {
      const row = rows.rowAt(cursor.index);
      if (row !== undefined) {
        done();
        onOpen(row);
      }
      return;
    }
    const letter = !control && [...event.key].length === 1 && !["/", "?"].includes(event.key);
    if (letter && !typing && event.key === "x" && selection) {
      done();
      if (cursor) rowSelection.toggle(cursor);
      return;
    }
    const vi = letter && !typing ? ({ j: "ArrowDown", k: "ArrowUp" } as Record<string, string>)[event.key] : undefined;
    if (letter && vi === undefined && rows.seek) {
      done();
      typeAhead(event.key.toLocaleLowerCase());
      return;
    }
    if (event.key === "ArrowUp" && at === 0 && !event.shiftKey) {
      done();
      root.current?.querySelector<HTMLElement>('.grid-header [data-stop][tabindex="0"]')?.focus();
      return;
    }
    const to = rows.isLoading ? null : indexAfterKey(vi ?? event.key, at, rows.matched, virtual.page);
    if (to === null) return;
    done();
    typeahead.current.text = "";
    if (event.shiftKey && selection) rowSelection.extendTo(to);
    else rowSelection.setAnchor(null);
    moveCursorTo(to);
  };

  /**
   * Shows the full text of a truncated cell under the pointer. A title on each cell would be rewritten with
   * each answer.
   */
  const updateCellTooltip = (event: MouseEvent<HTMLDivElement>) => {
    const cell = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-cell]") : null;
    const index = Number(cell?.closest('[role="row"]')?.getAttribute("aria-rowindex")) - 2;
    const column = shown.find(({ name }) => name === cell?.dataset["cell"]);
    const row = rows.rowAt(index);
    if (cell && column && row !== undefined) cell.title = sanitizeForDisplay(column.text(row));
  };

  // Answers usually arrive within milliseconds: the list must not fade and come back while a search is
  // typed.
  const isStale = useDelayedFlag(rows.isPlaceholder);
  const latest = useRef({ rows, selection, rowSelection, onCursor, onOpen, idOf });
  useLayoutEffect(() => {
    latest.current = { rows, selection, rowSelection, onCursor, onOpen, idOf };
  });
  const handlers = useMemo<RowHandlers>(
    () => ({
      onClick: (event, index) => {
        const now = latest.current;
        const row = now.rows.rowAt(index);
        if (row === undefined) return;
        root.current?.focus({ preventScroll: true });
        const here = { index, id: now.idOf(row) };
        if (event.shiftKey && now.selection) {
          event.preventDefault();
          now.rowSelection.extendTo(index);
        } else if (event.ctrlKey || event.metaKey) now.rowSelection.toggle(here);
        else now.rowSelection.setAnchor(here);
        cursorSetByUser.current = true;
        now.onCursor(here, true);
      },
      onOpen: (index) => {
        const row = latest.current.rows.rowAt(index);
        if (row !== undefined) latest.current.onOpen?.(row);
      },
      onCheck: (event, index) => {
        const now = latest.current;
        const row = now.rows.rowAt(index);
        if (row === undefined) return;
        root.current?.focus({ preventScroll: true });
        const native = event.nativeEvent as Partial<globalThis.MouseEvent>;
        if (native.shiftKey) now.rowSelection.extendTo(index);
        else now.rowSelection.toggle({ index, id: now.idOf(row) });
      },
    }),
    [],
  );

  const selectedCount = selection ? countSelected(selection.state, rows.matched) : 0;
  const all = rows.matched > 0 && selectedCount === rows.matched;
  const activeRow = at >= 0 && at < count ? `${gridId}-${at}` : undefined;

  return (
    <div className="grid-container">
      <div
        ref={root}
        className={isStale ? "grid stale" : "grid"}
        role="grid"
        tabIndex={0}
        aria-label={label}
        aria-rowcount={rows.isLoading ? -1 : rows.matched + 1}
        aria-colcount={shown.length + (selection ? 1 : 0)}
        aria-multiselectable={selection ? true : undefined}
        aria-activedescendant={activeRow}
        aria-busy={rows.isLoading || isStale || undefined}
        onKeyDown={keyDown}
        style={{ ["--cols" as string]: tracks.join(" "), ["--least" as string]: `${minGridWidth}px` }}
      >
        <GridHeader
          grid={root}
          columns={columns}
          shown={shown}
          layout={activeLayout}
          onLayout={onLayout}
          onDraft={setDraft}
          sort={sort}
          onSort={onSort}
          selectAll={
            selection
              ? {
                  checked: all,
                  some: selectedCount > 0 && !all,
                  disabled: rows.matched === 0,
                  onChange: () => selection.onChange(() => (selectedCount > 0 ? noSelection<Id>() : allMatching<Id>())),
                }
              : null
          }
        />
        <div className="grid-body" role="rowgroup" style={{ height: virtual.size }} onMouseMove={updateCellTooltip}>
          {virtual.items.map(({ index, top }) => {
            const row = rows.rowAt(index);
            if (row === undefined)
              return (
                <SkeletonRow
                  key={index}
                  index={index}
                  top={top}
                  columns={shown.length}
                  check={selection !== undefined}
                />
              );
            const id = idOf(row);
            return (
              <GridRow
                key={index}
                id={`${gridId}-${index}`}
                row={row}
                index={index}
                top={top}
                columns={shown}
                selected={selection ? isSelected(selection.state, id) : undefined}
                cursor={goTo === null && cursor?.id === id}
                checkboxName={selection ? nameOf(row) : null}
                handlers={handlers}
              />
            );
          })}
        </div>
      </div>
      {!rows.isLoading && rows.matched === 0 && <div className="grid-empty">{empty}</div>}
    </div>
  );
}
