// Owns which page of the shell is open, stored in the URL's fragment so that its links are real links.
import { useCallback, useSyncExternalStore } from "react";

export type Page = "users" | "groups" | "settings";

const PAGES: readonly Page[] = ["users", "groups", "settings"];

function read(): Page {
  const name = window.location.hash.slice(1);
  return PAGES.find((page) => page === name) ?? "users";
}

function listen(tell: () => void) {
  window.addEventListener("hashchange", tell);
  return () => window.removeEventListener("hashchange", tell);
}

export function useRoute(): [Page, (page: Page) => void] {
  const page = useSyncExternalStore(listen, read);
  const go = useCallback((next: Page) => {
    window.location.hash = next;
  }, []);
  return [page, go];
}
