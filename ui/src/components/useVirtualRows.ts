// Owns which rows of a long list exist in the page: those on the screen, some around them, and the cursor's
// row. Must never position a row by a transform: in WebKit the positions for a screen reader would differ
// from the visible ones. All rows have one height, so that positions need no table: a library's, rebuilt for
// each count, takes longer than drawing the rows.
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** Rows drawn beyond the screen at rest (none while a search is typed), and at most when scrolling fast. */
const OVERSCAN = 6;
const MAX_OVERSCAN = 120;
/** Frames to draw ahead. */
const FRAMES_AHEAD = 5;
/** More rows than this in one frame are a jump, not scrolling. */
const MIN_JUMP = 120;

/** What the scroller shows of the list. */
type Viewport = {
  /** The first visible row, and the number of visible ones. */
  first: number;
  visibleCount: number;
  /** Height of the scroller in pixels. */
  height: number;
  /** Rows of the last scroll step. */
  step: number;
};

const EMPTY_VIEWPORT: Viewport = { first: 0, visibleCount: 0, height: 0, step: 0 };

export function useVirtualRows({
  scroller,
  count,
  rowHeight,
  headerHeight = 0,
  paddingEnd = 0,
  cursor,
  overscan = true,
  onVisibleRange,
}: {
  scroller: RefObject<HTMLElement | null>;
  count: number;
  /** Height of a row in pixels. */
  rowHeight: number;
  /** Height of a sticky header in pixels. */
  headerHeight?: number;
  /** Space after the last row in pixels. */
  paddingEnd?: number;
  cursor: number;
  /** False while the query changes: only visible rows are drawn. */
  overscan?: boolean;
  onVisibleRange: (first: number, last: number) => void;
}) {
  const [screen, setScreen] = useState(EMPTY_VIEWPORT);
  const watched = useRef<{ element: HTMLElement; stop: () => void } | null>(null);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (watched.current?.element === element) return;
    watched.current?.stop();
    watched.current = null;
    if (!element) return;
    const look = () => {
      const room = element.clientHeight;
      const from = Math.max(0, element.scrollTop);
      const first = Math.floor(from / rowHeight);
      const visibleCount = Math.max(0, Math.ceil((from + room - headerHeight) / rowHeight) - first);
      setScreen((before) => {
        if (before.first === first && before.visibleCount === visibleCount && before.height === room) return before;
        const step = first - before.first;
        return {
          first,
          visibleCount,
          height: room,
          step: step === 0 ? before.step : Math.abs(step) > MIN_JUMP ? 0 : step,
        };
      });
    };
    element.addEventListener("scroll", look, { passive: true });
    const sizes = new ResizeObserver(look);
    sizes.observe(element);
    const stop = () => {
      element.removeEventListener("scroll", look);
      sizes.disconnect();
    };
    watched.current = { element, stop };
    look();
  });
  useEffect(
    () => () => {
      watched.current?.stop();
      watched.current = null;
    },
    [],
  );

  // A list that has become shorter is shown to its end before the scroll event comes.
  const first = Math.min(screen.first, Math.max(0, count - screen.visibleCount));
  const last = Math.min(count, first + screen.visibleCount) - 1;
  useEffect(() => onVisibleRange(first, Math.max(first, last)), [onVisibleRange, first, last]);

  // As many rows ahead as the next frames will show at this speed: more if frames take long.
  const near = overscan ? OVERSCAN : 0;
  const ahead = Math.min(Math.max(near, FRAMES_AHEAD * Math.abs(screen.step)), MAX_OVERSCAN);
  const down = screen.step >= 0;
  const from = Math.max(0, first - (down ? near : ahead));
  const to = Math.min(count - 1, last + (down ? ahead : near));
  const indexes =
    screen.visibleCount === 0 ? [] : Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
  if (cursor >= 0 && cursor < count && indexes.length > 0) {
    if (cursor < from) indexes.unshift(cursor);
    else if (cursor > to) indexes.push(cursor);
  }

  const scrollTo = useCallback(
    (index: number) => {
      const element = scroller.current;
      if (!element) return;
      const highest = index * rowHeight;
      const lowest = headerHeight + (index + 1) * rowHeight + paddingEnd - element.clientHeight;
      if (element.scrollTop > highest) element.scrollTo({ top: highest });
      else if (element.scrollTop < lowest) element.scrollTo({ top: lowest });
    },
    [scroller, rowHeight, headerHeight, paddingEnd],
  );
  const toTop = useCallback(() => scroller.current?.scrollTo({ top: 0 }), [scroller]);

  return {
    items: indexes.map((index) => ({ index, top: index * rowHeight })),
    size: count * rowHeight + paddingEnd,
    /** Scrolls a row into view by the shortest way. */
    scrollTo,
    toTop,
    /** Number of complete rows on the screen. */
    page: Math.max(1, Math.floor((screen.height - headerHeight) / rowHeight) - 1),
  };
}

/** The row that a key moves the cursor to; null if the key is not about moving. */
export function indexAfterKey(key: string, at: number, count: number, page: number): number | null {
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
