import { describe, expect, it } from "vitest";
import type { ColumnChoice } from "../ipc/bindings";
import { gridTrackOf, isShown, orderColumns, sameLayout, withMoved, withShown, withWidth } from "./columns";

type Offered = {
  name: string;
  width: { flex: number } | number;
  minWidth?: number;
  minGridWidth?: number;
  hiddenByDefault?: boolean;
  alwaysShown?: boolean;
};

const COLUMNS: Offered[] = [
  { name: "name", width: { flex: 1 }, alwaysShown: true },
  { name: "email", width: { flex: 2 }, minWidth: 90 },
  { name: "role", width: 64, minGridWidth: 540 },
  { name: "id", width: 100, hiddenByDefault: true },
];
const names = (choices: readonly ColumnChoice[]) => orderColumns(COLUMNS, choices).map((column) => column.name);
const choice = (name: string, shown: boolean | null = null, width: number | null = null) => ({ name, shown, width });

describe("columns", () => {
  it("are as the list offers them where nothing was chosen", () => {
    expect(names([])).toEqual(["name", "email", "role", "id"]);
    const shown = (width: number) => COLUMNS.filter((column) => isShown(column, [], width)).map(({ name }) => name);
    expect(shown(2_000)).toEqual(["name", "email", "role"]);
    expect(shown(500)).toEqual(["name", "email"]);
  });

  it("are moved before another one or to the end", () => {
    expect(names(withMoved(COLUMNS, [], "role", "name"))).toEqual(["role", "name", "email", "id"]);
    expect(names(withMoved(COLUMNS, [], "name", null))).toEqual(["email", "role", "id", "name"]);
    expect(names(withMoved(COLUMNS, [], "name", "name"))).toEqual(["name", "email", "role", "id"]);
  });

  it("that are newer than what was kept stand beside their neighbour; unknown ones are passed over", () => {
    expect(names([choice("role"), choice("shoeSize", true, 90), choice("name")])).toEqual([
      "role",
      "id",
      "name",
      "email",
    ]);
  });

  it("stay as they were chosen whatever the width, but for the one a row is known by", () => {
    const hidden = withShown(COLUMNS, withShown(COLUMNS, [], "email", false), "name", false);
    const column = (name: string) => COLUMNS.find((one) => one.name === name) as Offered;
    expect(isShown(column("email"), hidden, 2_000)).toBe(false);
    expect(isShown(column("name"), hidden, 2_000)).toBe(true);
    expect(isShown(column("role"), withShown(COLUMNS, [], "role", true), 300)).toBe(true);
  });

  it("have sensible widths only", () => {
    const track = (width: number | null) => gridTrackOf(COLUMNS[1] as Offered, withWidth(COLUMNS, [], "email", width));
    expect(track(null)).toBe("minmax(90px, 2fr)");
    expect(track(300.4)).toBe("300px");
    expect(track(3)).toBe("90px");
    expect(track(99_999)).toBe("1200px");
  });

  it("are the same where a name is kept that says nothing", () => {
    expect(sameLayout(COLUMNS, [], [choice("name"), choice("email"), choice("role"), choice("id")])).toBe(true);
    expect(sameLayout(COLUMNS, [], withWidth(COLUMNS, [], "email", 300))).toBe(false);
    expect(sameLayout(COLUMNS, [], [choice("email"), choice("name")])).toBe(false);
  });
});
