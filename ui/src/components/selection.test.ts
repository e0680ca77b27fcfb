import { describe, expect, it } from "vitest";
import {
  afterScopeChange,
  countSelected,
  everything,
  inverted,
  isSelected,
  noSelection,
  setSelected,
  toggle,
} from "./selection";

describe("a selection", () => {
  it("begins with nobody", () => {
    const none = noSelection<string>();
    expect(countSelected(none, 100)).toBe(0);
    expect(isSelected(none, "a")).toBe(false);
  });

  it("holds the ids that were ticked, and lets go of one ticked again", () => {
    const two = toggle(toggle(noSelection<string>(), "a"), "b");
    expect(countSelected(two, 100)).toBe(2);
    const one = toggle(two, "a");
    expect(isSelected(one, "a")).toBe(false);
    expect(isSelected(one, "b")).toBe(true);
  });

  it("may be all that match except some, without knowing their ids", () => {
    const most = toggle(everything<string>(), "a");
    expect(isSelected(most, "a")).toBe(false);
    expect(isSelected(most, "never seen")).toBe(true);
    expect(countSelected(most, 18_204)).toBe(18_203);
    expect(isSelected(toggle(most, "a"), "a")).toBe(true);
  });

  it("sets a range of either kind on or off", () => {
    const some = setSelected(noSelection<string>(), ["a", "b", "c"], true);
    expect(countSelected(setSelected(some, ["b"], false), 9)).toBe(2);
    const rest = setSelected(everything<string>(), ["a", "b"], false);
    expect(countSelected(rest, 9)).toBe(7);
    expect(countSelected(setSelected(rest, ["a", "b"], true), 9)).toBe(9);
  });

  it("is turned around, and back again", () => {
    const one = toggle(noSelection<string>(), "a");
    const others = inverted(one);
    expect([isSelected(others, "a"), isSelected(others, "b"), countSelected(others, 9)]).toEqual([false, true, 8]);
    expect(inverted(others)).toEqual(one);
    expect(countSelected(inverted(everything<string>()), 9)).toBe(0);
  });

  it("never counts below zero where fewer match than were left out", () => {
    expect(countSelected(setSelected(everything<string>(), ["a", "b"], false), 1)).toBe(0);
  });

  it("keeps ticked ids when the search changes, and ends “all that match”", () => {
    const ids = toggle(noSelection<string>(), "a");
    expect(afterScopeChange(ids)).toBe(ids);
    expect(countSelected(afterScopeChange(everything<string>()), 50)).toBe(0);
  });

  it("does not change the selection it was made from", () => {
    const before = toggle(noSelection<string>(), "a");
    toggle(before, "b");
    expect(countSelected(before, 10)).toBe(1);
  });
});
