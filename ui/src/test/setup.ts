// Owns what jsdom lacks and the window has: sizes, so that a window of rows is not empty, and an observer of
// them.
import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

class StillObserver implements ResizeObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
globalThis.ResizeObserver = StillObserver;

for (const [name, size] of [
  ["offsetHeight", 240],
  ["offsetWidth", 1_000],
  ["clientHeight", 240],
  ["clientWidth", 1_000],
] as const) {
  Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => size });
}
Object.defineProperty(HTMLElement.prototype, "scrollHeight", {
  configurable: true,
  get(this: HTMLElement) {
    const content = this.querySelector<HTMLElement>(".grid-body, .rows-sizer");
    return content ? Number.parseFloat(content.style.height) + 32 : 240;
  },
});
// jsdom has no scrolling: a scroll takes effect at once.
HTMLElement.prototype.scrollTo = function scrollTo(this: HTMLElement, ...args: unknown[]) {
  const to = args[0];
  this.scrollTop = typeof to === "object" && to !== null ? ((to as ScrollToOptions).top ?? 0) : Number(args[1] ?? 0);
  this.dispatchEvent(new Event("scroll"));
};

// Only ends a test that would wait forever: a busy computer may be slow, and no test asserts a time.
configure({ asyncUtilTimeout: 60_000 });

afterEach(() => {
  cleanup();
  window.location.hash = "";
});
