// Owns the attribute of the page that says whether the last input was a key: WebKit doesn't match
// `:focus-visible` if a script moves the focus after a click, as React Aria does for each Tab in a dialog.
// Must never consume an event.
import { useEffect } from "react";

export function useKeyboardModality() {
  useEffect(() => {
    const { dataset } = document.documentElement;
    const key = () => {
      // Not at each key: a write makes WebKit recompute the page's styles during typing.
      if (dataset["keys"] === undefined) dataset["keys"] = "";
    };
    const pointer = () => {
      delete dataset["keys"];
    };
    document.addEventListener("keydown", key, true);
    document.addEventListener("pointerdown", pointer, true);
    return () => {
      document.removeEventListener("keydown", key, true);
      document.removeEventListener("pointerdown", pointer, true);
      pointer();
    };
  }, []);
}
