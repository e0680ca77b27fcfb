// Owns one row of the grid, drawn again only when its contents change. Must never decide what a click means:
// it reports to the grid.
import { type ChangeEvent, type MouseEvent, memo } from "react";
import { useI18n } from "../i18n";
import type { Column } from "./columns";

export type RowHandlers = {
  onClick: (event: MouseEvent, index: number) => void;
  onOpen: (index: number) => void;
  onCheck: (event: ChangeEvent<HTMLInputElement>, index: number) => void;
};

type Props<Row, Name extends string> = {
  row: Row;
  id: string;
  index: number;
  top: number;
  columns: readonly Column<Row, Name>[];
  selected: boolean | undefined;
  cursor: boolean;
  /** Label of the row's checkbox; null if rows can't be selected. */
  checkboxName: string | null;
  handlers: RowHandlers;
};

function PlainRow<Row, Name extends string>({
  row,
  id,
  index,
  top,
  columns,
  selected,
  cursor,
  checkboxName,
  handlers,
}: Props<Row, Name>) {
  const { t } = useI18n();
  return (
    <div
      id={id}
      role="row"
      className="grid-row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-cursor={cursor ? "" : undefined}
      style={{ top }}
      onClick={(event) => handlers.onClick(event, index)}
      onDoubleClick={() => handlers.onOpen(index)}
    >
      {checkboxName !== null && (
        <div role="gridcell" className="cell-check">
          <label onClick={(event) => event.stopPropagation()}>
            <input
              type="checkbox"
              className="check"
              tabIndex={-1}
              aria-label={t("grid.select", { name: checkboxName })}
              checked={selected ?? false}
              onChange={(event) => handlers.onCheck(event, index)}
            />
          </label>
        </div>
      )}
      {columns.map((column) => (
        <div
          key={column.name}
          role="gridcell"
          className={column.alignEnd ? "align-end tabular-nums" : undefined}
          data-cell={column.name}
        >
          {column.cell(row)}
        </div>
      ))}
    </div>
  );
}

export const GridRow = memo(PlainRow) as typeof PlainRow;

const SKELETON_WIDTHS = [62, 78, 54, 70, 46, 84];

export const SkeletonRow = memo(function SkeletonRow({
  index,
  top,
  columns,
  check,
}: {
  index: number;
  top: number;
  columns: number;
  check: boolean;
}) {
  return (
    <div className="grid-row" aria-hidden="true" style={{ top }}>
      {check && <span className="skeleton" style={{ height: 15, borderRadius: 4 }} />}
      {Array.from({ length: columns }, (_, column) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: the placeholders of a row never change places.
          key={column}
          className="skeleton"
          style={{ width: `${SKELETON_WIDTHS[(index + column * 2) % SKELETON_WIDTHS.length] ?? 60}%` }}
        />
      ))}
    </div>
  );
});
