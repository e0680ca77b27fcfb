import { describe, expect, it } from "vitest";
import {
  afterScopeChange,
  allMatching,
  countSelected,
  invertSelection,
  isSelected,
  noSelection,
  setSelected,
  toggleSelected,
} from "./selection";

describe("a selection", () => {
  it("begins with nobody", () => {
    const none = noSelection<string>();
    expect(countSelected(none, 100)).toBe(0);
    expect(isSelected(none, "a")).toBe(false);
  });

  it("holds the ids that were ticked, and lets go of one ticked again", () => {
    const two = toggleSelected(toggleSelected(noSelection<string>(), "a"), "b");
    expect(countSelected(two, 100)).toBe(2);
    const one = toggleSelected(two, "a");
    expect(isSelected(one, "a")).toBe(false);
    expect(isSelected(one, "b")).toBe(true);
  });

  it("may be all that match except some, without knowing their ids", () => {
    const most = toggleSelected(allMatching<string>(), "a");
    expect(isSelected(most, "a")).toBe(false);
    expect(isSelected(most, "never seen")).toBe(true);
    expect(countSelected(most, 18_204)).toBe(18_203);
    expect(isSelected(toggleSelected(most, "a"), "a")).toBe(true);
  });

  it("sets a range of either kind on or off", () => {
    const some = setSelected(noSelection<string>(), ["a", "b", "c"], true);
    expect(countSelected(setSelected(some, ["b"], false), 9)).toBe(2);
    const rest = setSelected(allMatching<string>(), ["a", "b"], false);
    expect(countSelected(rest, 9)).toBe(7);
    expect(countSelected(setSelected(rest, ["a", "b"], true), 9)).toBe(9);
  });

  it("is turned around, and back again", () => {
    const one = toggleSelected(noSelection<string>(), "a");
    const others = invertSelection(one);
    expect([isSelected(others, "a"), isSelected(others, "b"), countSelected(others, 9)]).toEqual([false, true, 8]);
    expect(invertSelection(others)).toEqual(one);
    expect(countSelected(invertSelection(allMatching<string>()), 9)).toBe(0);
  });

  it("never counts below zero where fewer match than were left out", () => {
    expect(countSelected(setSelected(allMatching<string>(), ["a", "b"], false), 1)).toBe(0);
  });

  it("keeps ticked ids when the search changes, and ends “all that match”", () => {
    const ids = toggleSelected(noSelection<string>(), "a");
    expect(afterScopeChange(ids)).toBe(ids);
    expect(countSelected(afterScopeChange(allMatching<string>()), 50)).toBe(0);
  });

  it("does not change the selection it was made from", () => {
    const before = toggleSelected(noSelection<string>(), "a");
    toggleSelected(before, "b");
    expect(countSelected(before, 10)).toBe(1);
  });
});
