// Owns the real backend: commands through `invoke`, events through `listen`. The only file that imports
// @tauri-apps. Must never inspect an answer, nor change an argument except to make its text well-formed.
import { invoke, isTauri } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Backend, CommandName } from "./backend";
import { type AppEvent, COMMAND_NAMES, type Commands } from "./bindings";
import { asAppError } from "./errors";

/** The one event name Rust sends. */
const EVENT = "pressroom";

/** Half of a surrogate pair: with `u` the halves of a whole one don't match. */
const LONE_SURROGATE = /\p{Cs}/gu;

/**
 * The arguments with U+FFFD for each lone surrogate: a string may contain one, but Rust refuses JSON that
 * does.
 */
function wellFormed(value: unknown): unknown {
  if (typeof value === "string") return value.replace(LONE_SURROGATE, "\ufffd");
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, wellFormed(inner)]));
}

function call(name: CommandName) {
  return async (args: Record<string, unknown> = {}): Promise<unknown> => {
    try {
      return await invoke<unknown>(name, wellFormed(args) as Record<string, unknown>);
    } catch (refusal) {
      throw asAppError(refusal);
    }
  };
}

export const insideTauri = isTauri;

/** The backend of the installed app. */
export function tauriBackend(): Backend {
  return {
    // Names, types and Rust's handlers are made from one list.
    commands: Object.fromEntries(COMMAND_NAMES.map((name) => [name, call(name)])) as unknown as Commands,
    subscribe(listener) {
      const stop = listen<AppEvent>(EVENT, (event) => listener(event.payload));
      // Events before the listener was ready were missed: everything is queried again once it is.
      stop
        .then(() => {
          for (const kind of ["session", "sync", "directory", "plans", "notices"] as const) listener({ kind });
        })
        .catch(() => undefined);
      return () => {
        stop.then((end) => end()).catch(() => undefined);
      };
    },
  };
}
