// Scrolls a list at an even speed and looks at every frame: whether each slot that can be seen has its row,
// and how long it took.
const [pixels, seconds, still, done] = arguments;
const grid = document.querySelector('main [role="grid"]');
const rows = () => grid.querySelectorAll('[role="row"][aria-rowindex]:not([aria-hidden]):not([aria-rowindex="1"])');
const height = rows()[0].getBoundingClientRect().height;
const head = grid.querySelector('[role="row"][aria-rowindex="1"]').getBoundingClientRect().height;

/** The same rows and no more behind them: a page that stands still, as long as the way. */
const copy = () => {
  const page = grid.cloneNode(false);
  const place = grid.getBoundingClientRect();
  Object.assign(page.style, {
    position: "fixed",
    zIndex: "99999",
    top: `${place.top}px`,
    left: `${place.left}px`,
    width: `${place.width}px`,
    height: `${place.height}px`,
    background: "Canvas",
  });
  const all = [...rows()];
  const wanted = Math.ceil((pixels * seconds + place.height) / height) + 1;
  for (let i = 0; i < wanted; i += 1) {
    const row = all[i % all.length].cloneNode(true);
    row.style.top = `${i * height}px`;
    page.append(row);
  }
  document.body.append(page);
  return page;
};

const scroller = still ? copy() : grid;
scroller.scrollTop = 0;

const slots = () => {
  if (still) return true;
  const top = scroller.scrollTop;
  const seen = scroller.clientHeight - head;
  const first = Math.floor(top / height);
  const last = Math.floor((top + seen - 1) / height);
  const there = new Set();
  for (const row of rows()) there.add(Number(row.getAttribute("aria-rowindex")) - 2);
  for (let slot = first; slot <= last; slot += 1) if (!there.has(slot)) return false;
  return true;
};

let began = null;
let before = 0;
const result = { frames: 0, blank: 0, slow: 0, longest: 0, reached: 0 };
const frame = (now) => {
  if (began === null) began = now;
  else {
    const took = now - before;
    result.frames += 1;
    if (took > 32) result.slow += 1;
    result.longest = Math.max(result.longest, took);
  }
  before = now;
  if (now - began > seconds * 1000) {
    result.reached = scroller.scrollTop;
    if (still) scroller.remove();
    done(result);
    return;
  }
  scroller.scrollTop = ((now - began) / 1000) * pixels;
  if (!slots()) result.blank += 1;
  requestAnimationFrame(frame);
};
// What the copy costs is not the scrolling's.
setTimeout(() => requestAnimationFrame(frame), 500);
