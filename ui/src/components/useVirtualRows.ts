// Owns which rows of a long list exist in the page: those on the screen, some around them, and the one the cursor is on.
// Must never position a row by a transform: a screen reader's and the eye's places would differ in WebKit.
import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useEffect } from "react";

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
  const rangeExtractor = useCallback(
    (range: Range) => {
      const indexes = defaultRangeExtractor(range);
      if (cursor < 0 || cursor >= count || indexes.includes(cursor)) return indexes;
      return [...indexes, cursor].sort((a, b) => a - b);
    },
    [cursor, count],
  );
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 10,
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
