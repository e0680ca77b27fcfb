// Owns which columns a list shows, in what order and how wide, from the list's columns and the user's
// choices. Must never know what a column contains, and ignores unknown names.
import type { ReactNode } from "react";
import type { ColumnChoice } from "../ipc/bindings";

export type Column<Row, Name extends string> = {
  name: Name;
  label: string;
  /** Its share of the width, or a width in pixels. */
  width: { flex: number } | number;
  /** Least width in pixels; 72 by default. */
  minWidth?: number;
  /** Shown by default only if the grid is at least this wide, in pixels. */
  minGridWidth?: number;
  /** Shown only if it was chosen. */
  hiddenByDefault?: boolean;
  /** Can't be hidden: it identifies the row. */
  alwaysShown?: boolean;
  sortable?: boolean;
  alignEnd?: boolean;
  cell: (row: Row) => ReactNode;
  /** The full text, for a truncated cell. */
  text: (row: Row) => string;
};

export const MIN_WIDTH = 72;
export const MAX_WIDTH = 1_200;

export function minWidthOf(column: { minWidth?: number }): number {
  return column.minWidth ?? MIN_WIDTH;
}

/**
 * All columns in their order: as chosen; columns without a choice keep their neighbour of the default order.
 */
export function orderColumns<C extends { name: string }>(columns: readonly C[], choices: readonly ColumnChoice[]): C[] {
  const known = choices.flatMap((choice) => columns.find((column) => column.name === choice.name) ?? []);
  const result = [...new Set(known)];
  columns.forEach((column, index) => {
    if (result.includes(column)) return;
    const before = columns.slice(0, index).findLast((other) => result.includes(other));
    result.splice(before === undefined ? 0 : result.indexOf(before) + 1, 0, column);
  });
  return result;
}

type ColumnDefaults = { name: string; minGridWidth?: number; hiddenByDefault?: boolean; alwaysShown?: boolean };

/** Whether a column is shown in a grid of this width. */
export function isShown(column: ColumnDefaults, choices: readonly ColumnChoice[], width: number): boolean {
  if (column.alwaysShown) return true;
  const chosen = choices.find((choice) => choice.name === column.name)?.shown ?? null;
  if (chosen !== null) return chosen;
  return column.hiddenByDefault !== true && (column.minGridWidth === undefined || width >= column.minGridWidth);
}

type ColumnWidth = { name: string; width: { flex: number } | number; minWidth?: number };

/** A chosen or fixed width in pixels; null if the column takes its share. */
function fixedWidth(column: ColumnWidth, choices: readonly ColumnChoice[]): number | null {
  const chosen = choices.find((choice) => choice.name === column.name)?.width ?? null;
  if (chosen !== null) return Math.max(chosen, minWidthOf(column));
  return typeof column.width === "number" ? column.width : null;
}

/**
 * The CSS grid track of a column. A chosen width is kept: if there is no space for it, the list scrolls
 * sideways.
 */
export function gridTrackOf(column: ColumnWidth, choices: readonly ColumnChoice[]): string {
  const width = fixedWidth(column, choices);
  if (width !== null) return `${width}px`;
  return `minmax(${minWidthOf(column)}px, ${typeof column.width === "number" ? 1 : column.width.flex}fr)`;
}

/** The width that a column needs, in pixels. */
export function minTrackWidthOf(column: ColumnWidth, choices: readonly ColumnChoice[]): number {
  return fixedWidth(column, choices) ?? minWidthOf(column);
}

/** The choices with all columns named, so that one of them can be changed. */
function completeChoices<C extends { name: string }>(
  columns: readonly C[],
  choices: readonly ColumnChoice[],
): ColumnChoice[] {
  return orderColumns(columns, choices).map(
    (column) =>
      choices.find((choice) => choice.name === column.name) ?? { name: column.name, shown: null, width: null },
  );
}

export function withShown<C extends { name: string }>(
  columns: readonly C[],
  choices: readonly ColumnChoice[],
  name: string,
  shown: boolean,
): ColumnChoice[] {
  return completeChoices(columns, choices).map((choice) => (choice.name === name ? { ...choice, shown } : choice));
}

/** `null` for the default width. */
export function withWidth<C extends { name: string; minWidth?: number }>(
  columns: readonly C[],
  choices: readonly ColumnChoice[],
  name: string,
  width: number | null,
): ColumnChoice[] {
  const column = columns.find((one) => one.name === name);
  const sound =
    width === null || column === undefined
      ? null
      : Math.round(Math.min(Math.max(width, minWidthOf(column)), MAX_WIDTH));
  return completeChoices(columns, choices).map((choice) =>
    choice.name === name ? { ...choice, width: sound } : choice,
  );
}

/** Moves a column before another one, or to the end. */
export function withMoved<C extends { name: string }>(
  columns: readonly C[],
  choices: readonly ColumnChoice[],
  name: string,
  before: string | null,
): ColumnChoice[] {
  const all = completeChoices(columns, choices);
  const moving = all.find((choice) => choice.name === name);
  if (!moving || name === before) return all;
  const rest = all.filter((choice) => choice !== moving);
  const at = before === null ? rest.length : rest.findIndex((choice) => choice.name === before);
  rest.splice(at < 0 ? rest.length : at, 0, moving);
  return rest;
}

/** Whether two sets of choices look the same: default values need not be named. */
export function sameLayout<C extends ColumnDefaults>(
  columns: readonly C[],
  a: readonly ColumnChoice[],
  b: readonly ColumnChoice[],
): boolean {
  return JSON.stringify(completeChoices(columns, a)) === JSON.stringify(completeChoices(columns, b));
}
