// Owns the list for choosing several things: a listbox over a window of rows, by mouse and keyboard. Must
// never store rows or the choice: it queries the first and reports the second.

import {
  type KeyboardEvent,
  type ReactNode,
  type Ref,
  useEffect,
  useId,
  useImperativeHandle,
  useRef,
  useState,
} from "react";
import { sanitizeForDisplay } from "../i18n/sanitize";
import { TickIcon } from "./icons";
import { UntrustedText } from "./UntrustedText";
import type { RowWindow } from "./useRowWindow";
import { indexAfterKey, useVirtualRows } from "./useVirtualRows";

export type ListBoxHandle = { focus: () => void };

type Props<Row> = {
  label: string;
  queryHash: string;
  rows: RowWindow<Row>;
  isSelected: (row: Row) => boolean;
  onToggle: (row: Row) => void;
  /** Why a row can't be chosen or removed; null if it can. */
  disabledReason?: (row: Row) => string | null;
  name: (row: Row) => string;
  description?: (row: Row) => ReactNode;
  empty: ReactNode;
  ref?: Ref<ListBoxHandle>;
};

export function MultiSelectListBox<Row>({
  label,
  queryHash,
  rows,
  isSelected,
  onToggle,
  disabledReason,
  name,
  description,
  empty,
  ref,
}: Props<Row>) {
  const listId = useId();
  const root = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(-1);
  const count = rows.isLoading ? 0 : rows.matched;
  const virtual = useVirtualRows({
    scroller: root,
    count,
    rowHeight: 36,
    cursor: at,
    onVisibleRange: rows.setVisibleRange,
  });
  const { toTop } = virtual;

  const asked = useRef(queryHash);
  useEffect(() => {
    if (asked.current === queryHash) return;
    asked.current = queryHash;
    setAt(-1);
    toTop();
  }, [queryHash, toTop]);

  useImperativeHandle(ref, () => ({
    focus: () => {
      setAt((now) => Math.max(now, 0));
      root.current?.focus();
    },
  }));

  const choose = (index: number) => {
    const row = rows.rowAt(index);
    if (row !== undefined && !disabledReason?.(row)) onToggle(row);
  };
  const keyDown = (event: KeyboardEvent) => {
    if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      if (at >= 0) choose(at);
      return;
    }
    const to = indexAfterKey(event.key, at, count, virtual.page);
    if (to === null) return;
    event.preventDefault();
    setAt(to);
    virtual.scrollTo(to);
  };

  return (
    <div
      ref={root}
      className="listbox"
      role="listbox"
      aria-multiselectable="true"
      aria-label={label}
      aria-busy={rows.isLoading || undefined}
      aria-activedescendant={at >= 0 && at < count ? `${listId}-${at}` : undefined}
      tabIndex={0}
      onKeyDown={keyDown}
    >
      <div className="rows-sizer" role="presentation" style={{ height: Math.max(0, virtual.size - 1) }}>
        {virtual.items.map(({ index, top }) => {
          const row = rows.rowAt(index);
          if (row === undefined) {
            return (
              <div key={index} className="option" aria-hidden="true" style={{ top }}>
                <span className="skeleton" style={{ width: "40%" }} />
              </div>
            );
          }
          const why = disabledReason?.(row) ?? null;
          const words = name(row);
          return (
            <div
              key={index}
              id={`${listId}-${index}`}
              role="option"
              className="option"
              aria-selected={isSelected(row)}
              aria-disabled={why !== null || undefined}
              aria-setsize={count}
              aria-posinset={index + 1}
              data-cursor={index === at ? "" : undefined}
              title={why ?? sanitizeForDisplay(words)}
              style={{ top }}
              onClick={() => {
                setAt(index);
                choose(index);
              }}
            >
              <span className="box">
                <TickIcon />
              </span>
              <span className="name truncate">
                <UntrustedText text={words} />
              </span>
              <span className="trailing truncate">{why ?? description?.(row)}</span>
            </div>
          );
        })}
      </div>
      {!rows.isLoading && count === 0 && (
        <div className="grid-empty" role="presentation">
          {empty}
        </div>
      )}
    </div>
  );
}
