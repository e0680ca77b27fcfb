// Owns which rows of a long list exist in the page: those on the screen, some around them, and the one the cursor is on.
// Must never position a row by a transform: a screen reader's and the eye's places would differ in WebKit.
import { type Range, useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useEffect, useRef } from "react";

/** Rows drawn beyond the screen at rest, and at most where it moves quickly. */
const NEAR = 10;
const FAR = 120;
/** Frames that are drawn ahead. */
const FRAMES = 5;
/** Rows that nobody passes in a frame: a leap, not a way. */
const JUMP = 120;

export function useVirtualRows({
  scroller,
  count,
  height,
  top = 0,
  bottom = 0,
  cursor,
  show,
}: {
  scroller: RefObject<HTMLElement | null>;
  count: number;
  /** Of a row, in pixels. */
  height: number;
  /** Of what stays at the top of the scroller (a header), in pixels. */
  top?: number;
  /** Room after the last row, in pixels. */
  bottom?: number;
  cursor: number;
  show: (first: number, last: number) => void;
}) {
  const travel = useRef({ first: 0, step: 0 });
  const rangeExtractor = useCallback(
    (range: Range) => {
      const step = range.startIndex - travel.current.first;
      if (step !== 0) travel.current = { first: range.startIndex, step: Math.abs(step) > JUMP ? 0 : step };
      // As many rows ahead as the next frames will uncover at this pace: where frames take long, more.
      const ahead = Math.min(Math.max(NEAR, FRAMES * Math.abs(travel.current.step)), FAR);
      const down = travel.current.step >= 0;
      const first = Math.max(0, range.startIndex - (down ? NEAR : ahead));
      const last = Math.min(range.count - 1, range.endIndex + (down ? ahead : NEAR));
      const indexes = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
      if (cursor < 0 || cursor >= count || indexes.includes(cursor)) return indexes;
      return [...indexes, cursor].sort((a, b) => a - b);
    },
    [cursor, count],
  );
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 0,
    scrollMargin: top,
    scrollPaddingStart: top,
    scrollPaddingEnd: bottom,
    rangeExtractor,
    useFlushSync: false,
  });
  const first = virtualizer.range?.startIndex ?? 0;
  const last = virtualizer.range?.endIndex ?? 0;
  useEffect(() => show(first, last), [show, first, last]);
  return {
    items: virtualizer.getVirtualItems().map((item) => ({ index: item.index, top: item.start - top })),
    size: count * height + bottom,
    scrollTo: (index: number) => virtualizer.scrollToIndex(index, { align: "auto" }),
    toTop: () => virtualizer.scrollToOffset(0),
    /** Whole rows that fit on the screen. */
    page: Math.max(1, Math.floor(((virtualizer.scrollRect?.height ?? 0) - top) / height) - 1),
  };
}

/** Where a key moves the cursor to, or null where the key is not about moving. */
export function moved(key: string, at: number, count: number, page: number): number | null {
  if (count === 0) return null;
  const within = (index: number) => Math.min(Math.max(index, 0), count - 1);
  switch (key) {
    case "ArrowDown":
      return within(at + 1);
    case "ArrowUp":
      return within(at < 0 ? 0 : at - 1);
    case "PageDown":
      return within(Math.max(at, 0) + page);
    case "PageUp":
      return within(at - page);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}
