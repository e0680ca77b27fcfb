// Owns what the UI knows of the other side of the window. Must never decide anything, store anything, or
// import the window's libraries (tauri.ts does).
import type { AppEvent, Commands } from "./bindings";

export type CommandName = keyof Commands;

/**
 * The other side of the window: Rust in the app, a stand-in in tests and in the browser during development.
 */
export type Backend = {
  readonly commands: Commands;
  /** Receives each `AppEvent` until the returned function is called. Never throws. */
  subscribe(listener: (event: AppEvent) => void): () => void;
};
