// Owns the header of the grid: sorting, the menu of a column, its width by mouse and keyboard, its position
// by mouse. One Tab stop: the arrow keys move along it. Must never draw a row.
import { type KeyboardEvent, type PointerEvent, type RefObject, useEffect, useRef, useState } from "react";
import { Menu, MenuItem, MenuSection } from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";
import { useI18n } from "../i18n";
import type { ColumnChoice } from "../ipc/bindings";
import { type Column, MAX_WIDTH, minWidthOf, orderColumns, withMoved, withShown, withWidth } from "./columns";
import type { Sort } from "./gridState";
import { ChevronIcon, DownIcon, UpIcon } from "./icons";

/** Pixels that the pointer may move during a click. */
const DRAG_THRESHOLD = 5;
/** Pixels by which an arrow key widens a column; with Shift a fifth of it. */
const RESIZE_STEP = 20;

type Props<Row, Name extends string> = {
  grid: RefObject<HTMLDivElement | null>;
  /** All columns, and the shown ones. */
  columns: readonly Column<Row, Name>[];
  shown: readonly Column<Row, Name>[];
  layout: readonly ColumnChoice[];
  onLayout: ((layout: ColumnChoice[]) => void) | undefined;
  /** Called while a width is being dragged, before it is saved. */
  onDraft: (layout: ColumnChoice[] | null) => void;
  sort: Sort<Name>;
  onSort: (sort: Sort<Name>) => void;
  /** The checkbox that selects everything; null if rows can't be selected. */
  selectAll: { checked: boolean; some: boolean; disabled: boolean; onChange: () => void } | null;
};

export function GridHeader<Row, Name extends string>({
  grid,
  columns,
  shown,
  layout,
  onLayout,
  onDraft,
  sort,
  onSort,
  selectAll,
}: Props<Row, Name>) {
  const { t } = useI18n();
  const row = useRef<HTMLDivElement>(null);
  const [tabStop, setTabStop] = useState<string>(shown[0]?.name ?? "");
  const [menu, setMenu] = useState<Name | null>(null);
  const trigger = useRef<HTMLElement | null>(null);
  /** What to focus after the menu has closed: the column, and whether its resize handle. */
  const focusAfterMenu = useRef<{ name: Name; edge: boolean } | null>(null);
  const [moving, setMoving] = useState<{ name: Name; before: Name | null } | null>(null);
  const moved = useRef(false);

  const headerOf = (name: string) => row.current?.querySelector<HTMLElement>(`[data-column="${name}"]`) ?? null;
  const widthOf = (name: string) => Math.round(headerOf(name)?.getBoundingClientRect().width ?? 0);
  const stopAt =
    shown.some((column) => column.name === tabStop) || (tabStop === "" && selectAll) ? tabStop : (shown[0]?.name ?? "");

  /** The stops along the header; the resize handles are stops only if reached from a menu. */
  const moveFocus = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.ctrlKey || event.metaKey) return;
    const target = event.target as HTMLElement;
    if (target.getAttribute("role") === "separator") return;
    const name = target.closest<HTMLElement>("[data-column]")?.dataset["column"] as Name | undefined;
    if (
      name !== undefined &&
      ((event.altKey && event.key === "ArrowDown") ||
        event.key === "ContextMenu" ||
        (event.shiftKey && event.key === "F10"))
    ) {
      event.preventDefault();
      openMenu(name);
      return;
    }
    if (event.altKey) return;
    if (event.key === "ArrowDown") {
      event.preventDefault();
      grid.current?.focus();
      return;
    }
    const stops = [...(row.current?.querySelectorAll<HTMLElement>("[data-stop]") ?? [])];
    const at = stops.indexOf(target);
    const to =
      event.key === "ArrowRight"
        ? Math.min(at + 1, stops.length - 1)
        : event.key === "ArrowLeft"
          ? Math.max(at - 1, 0)
          : event.key === "Home"
            ? 0
            : event.key === "End"
              ? stops.length - 1
              : -1;
    if (at < 0 || to < 0) return;
    event.preventDefault();
    setTabStop(stops[to]?.dataset["stop"] ?? "");
    stops[to]?.focus();
  };

  const openMenu = (name: Name) => {
    trigger.current = headerOf(name);
    setMenu(name);
  };
  const focusHeader = (name: string) => headerOf(name)?.querySelector<HTMLElement>("[data-stop]")?.focus();
  const closeMenu = (name: Name, edge: boolean) => {
    focusAfterMenu.current = { name, edge };
    setMenu(null);
  };

  // Not during the commit nor a frame later: until the menu's own effect has ended, the rest of the page is
  // inert and can't be focused.
  useEffect(() => {
    if (menu !== null || focusAfterMenu.current === null) return;
    const { name, edge } = focusAfterMenu.current;
    focusAfterMenu.current = null;
    const head = row.current?.querySelector<HTMLElement>(`[data-column="${name}"]`);
    const target = head?.querySelector<HTMLElement>(edge ? '[role="separator"]' : "[data-stop]");
    // A hidden column has no header any more.
    (target ?? grid.current)?.focus();
  }, [menu, grid]);

  /** Sets the width to that of the widest drawn cell. */
  const fitWidth = (name: Name) => {
    const element = grid.current;
    const at = shown.findIndex((column) => column.name === name);
    if (!element || at < 0 || !onLayout) return;
    element.classList.add("measuring");
    const skip = selectAll ? 1 : 0;
    const widest = Math.max(
      0,
      ...[...element.querySelectorAll<HTMLElement>('[role="row"]')].map(
        (line) => line.children[at + skip]?.getBoundingClientRect().width ?? 0,
      ),
    );
    element.classList.remove("measuring");
    if (widest > 0) onLayout(withWidth(columns, layout, name, Math.ceil(widest) + 2));
  };

  const runMenuAction = (name: Name, key: string) => {
    const neighbours = orderColumns(columns, layout).filter((column) => shown.includes(column));
    const at = neighbours.findIndex((column) => column.name === name);
    if (key === "ascending" || key === "descending") onSort({ column: name, descending: key === "descending" });
    else if (key === "left") onLayout?.(withMoved(columns, layout, name, neighbours[at - 1]?.name ?? null));
    else if (key === "right") onLayout?.(withMoved(columns, layout, name, neighbours[at + 2]?.name ?? null));
    else if (key === "fit") fitWidth(name);
    else if (key === "hide") onLayout?.(withShown(columns, layout, name, false));
    else if (key === "reset") onLayout?.([]);
  };

  const resize = (event: PointerEvent<HTMLElement>, name: Name) => {
    if (event.button !== 0 || !onLayout) return;
    event.preventDefault();
    event.stopPropagation();
    const handle = event.currentTarget;
    const from = { x: event.clientX, width: widthOf(name) };
    let next: ColumnChoice[] | null = null;
    handle.setPointerCapture?.(event.pointerId);
    const move = (to: globalThis.PointerEvent) => {
      next = withWidth(columns, layout, name, from.width + to.clientX - from.x);
      onDraft(next);
    };
    const end = (event: globalThis.PointerEvent) => {
      handle.removeEventListener("pointermove", move);
      handle.removeEventListener("pointerup", end);
      handle.removeEventListener("pointercancel", end);
      onDraft(null);
      if (next && event.type === "pointerup") onLayout(next);
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", end);
    handle.addEventListener("pointercancel", end);
  };

  const resizeByKey = (event: KeyboardEvent<HTMLElement>, name: Name) => {
    const step = event.shiftKey ? RESIZE_STEP / 5 : RESIZE_STEP;
    const to =
      event.key === "ArrowRight"
        ? widthOf(name) + step
        : event.key === "ArrowLeft"
          ? widthOf(name) - step
          : event.key === "Home"
            ? 0
            : null;
    if (event.key === "Enter") fitWidth(name);
    else if (to !== null) onLayout?.(withWidth(columns, layout, name, to));
    else if (event.key === "Escape" || event.key === "ArrowDown" || event.key === "ArrowUp") focusHeader(name);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const drag = (event: PointerEvent<HTMLElement>, name: Name) => {
    moved.current = false;
    if (event.button !== 0 || !onLayout) return;
    const from = event.clientX;
    let before: Name | null | undefined;
    const move = (to: globalThis.PointerEvent) => {
      if (!moved.current && Math.abs(to.clientX - from) < DRAG_THRESHOLD) return;
      moved.current = true;
      const after = shown.find((column) => {
        const box = headerOf(column.name)?.getBoundingClientRect();
        return box !== undefined && to.clientX < box.left + box.width / 2;
      });
      before = after?.name ?? null;
      setMoving({ name, before });
    };
    const end = (event: globalThis.PointerEvent) => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", end);
      window.removeEventListener("pointercancel", end);
      setMoving(null);
      if (before !== undefined && event.type === "pointerup") onLayout(withMoved(columns, layout, name, before));
      // The click at the end of a drag does not count on the header; if the pointer was released elsewhere,
      // there is none.
      setTimeout(() => {
        moved.current = false;
      });
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", end);
    window.addEventListener("pointercancel", end);
  };

  const of = menu === null ? undefined : shown.find((column) => column.name === menu);
  const at = of ? shown.indexOf(of) : -1;
  return (
    <div className="grid-header" role="rowgroup">
      <div role="row" aria-rowindex={1} ref={row} onKeyDown={moveFocus}>
        {selectAll && (
          <div role="columnheader">
            <input
              type="checkbox"
              className="check"
              data-stop=""
              tabIndex={stopAt === "" ? 0 : -1}
              aria-label={t("grid.selectAll")}
              disabled={selectAll.disabled}
              checked={selectAll.checked}
              ref={(box) => {
                if (box) box.indeterminate = selectAll.some;
              }}
              onChange={selectAll.onChange}
            />
          </div>
        )}
        {shown.map((column, index) => {
          const sorted = sort.column === column.name;
          const direction = sorted ? (sort.descending ? "descending" : "ascending") : undefined;
          const drop = moving && moving.before === column.name ? "drop-before" : "";
          const dropLast = moving && moving.before === null && index === shown.length - 1 ? "drop-after" : "";
          const width = layout.find((choice) => choice.name === column.name)?.width ?? widthOf(column.name);
          return (
            <div
              key={column.name}
              role="columnheader"
              data-column={column.name}
              aria-label={column.label}
              className={[
                column.alignEnd ? "align-end" : "",
                moving?.name === column.name ? "dragging" : "",
                drop,
                dropLast,
              ]
                .filter(Boolean)
                .join(" ")}
              aria-sort={column.sortable === false ? undefined : (direction ?? "none")}
              onPointerDown={(event) => drag(event, column.name)}
              onContextMenu={(event) => {
                event.preventDefault();
                openMenu(column.name);
              }}
            >
              <button
                type="button"
                data-stop={column.name}
                tabIndex={stopAt === column.name ? 0 : -1}
                onFocus={() => setTabStop(column.name)}
                onClick={() => {
                  if (moved.current) return;
                  if (column.sortable === false) openMenu(column.name);
                  else onSort({ column: column.name, descending: sorted && !sort.descending });
                }}
                aria-keyshortcuts="Alt+ArrowDown"
              >
                <span className="truncate">{column.label}</span>
                {sorted && (sort.descending ? <DownIcon /> : <UpIcon />)}
              </button>
              {onLayout && (
                <>
                  <i
                    className="column-menu"
                    aria-hidden="true"
                    title={t("columns.options", { column: column.label })}
                    onPointerDown={(event) => event.stopPropagation()}
                    onClick={() => openMenu(column.name)}
                  >
                    <ChevronIcon />
                  </i>
                  <div
                    className="resize-handle"
                    role="separator"
                    tabIndex={-1}
                    aria-orientation="vertical"
                    aria-label={t("columns.widthOf", { column: column.label })}
                    aria-valuenow={width}
                    aria-valuemin={minWidthOf(column)}
                    aria-valuemax={MAX_WIDTH}
                    aria-valuetext={t("columns.pixels", { n: width })}
                    onPointerDown={(event) => resize(event, column.name)}
                    onDoubleClick={() => fitWidth(column.name)}
                    onKeyDown={(event) => resizeByKey(event, column.name)}
                  />
                </>
              )}
            </div>
          );
        })}
      </div>
      {of && (
        <Popover
          className="popover"
          placement="bottom start"
          aria-label={t("columns.options", { column: of.label })}
          triggerRef={trigger}
          isOpen
          onOpenChange={(open) => {
            if (!open) closeMenu(of.name, false);
          }}
        >
          <Menu
            className="menu"
            autoFocus="first"
            aria-label={t("columns.options", { column: of.label })}
            onAction={(key) => {
              closeMenu(of.name, key === "width");
              runMenuAction(of.name, String(key));
            }}
          >
            {of.sortable !== false && (
              <MenuSection className="menu-section" aria-label={t("columns.sort")}>
                <MenuItem id="ascending" className="menu-item">
                  {t("columns.ascending")}
                </MenuItem>
                <MenuItem id="descending" className="menu-item">
                  {t("columns.descending")}
                </MenuItem>
              </MenuSection>
            )}
            <MenuItem id="left" className="menu-item" isDisabled={at === 0}>
              {t("columns.left")}
            </MenuItem>
            <MenuItem id="right" className="menu-item" isDisabled={at === shown.length - 1}>
              {t("columns.right")}
            </MenuItem>
            <MenuItem id="width" className="menu-item">
              {t("columns.width")}
            </MenuItem>
            <MenuItem id="fit" className="menu-item">
              {t("columns.fit")}
            </MenuItem>
            <MenuItem id="hide" className="menu-item" isDisabled={of.alwaysShown ?? false}>
              {t("columns.hide")}
            </MenuItem>
            <MenuItem id="reset" className="menu-item" isDisabled={layout.length === 0}>
              {t("columns.reset")}
            </MenuItem>
          </Menu>
        </Popover>
      )}
    </div>
  );
}
