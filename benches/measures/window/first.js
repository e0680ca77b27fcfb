// Notes when the first rows of people have been painted: the frame after the one that showed them.
// Milliseconds since 1970.
window.__first = null;
const look = () => {
  const row = document.querySelector('[role="grid"] [role="row"][aria-rowindex="2"]:not([aria-hidden])');
  if (row === null || row.textContent.trim() === "") {
    requestAnimationFrame(look);
  } else {
    requestAnimationFrame(() => {
      window.__first = Date.now();
    });
  }
};
requestAnimationFrame(look);
return true;
