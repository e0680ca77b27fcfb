// A text field with nothing behind it, over the window: the time from a key to the second frame after it is
// the least there is.
const field = document.createElement("input");
field.id = "bare-field";
Object.assign(field.style, { position: "fixed", top: "200px", left: "300px", zIndex: "99999", width: "200px", height: "24px" });
document.body.append(field);
const state = { done: [] };
window.__bare = state;
let pressed = 0;
field.addEventListener("keydown", (event) => {
  pressed = Math.min(event.timeStamp, performance.now());
}, true);
field.addEventListener("input", () => {
  const from = pressed;
  requestAnimationFrame(() => requestAnimationFrame(() => state.done.push(performance.now() - from)));
}, true);
return field;
