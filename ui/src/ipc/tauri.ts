// Owns the real backend: commands through `invoke`, events through `listen`. The only file that imports
// @tauri-apps. Must never inspect an answer, nor change an argument except to make its text well-formed.
import { invoke, isTauri } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Backend, CommandName, Commands } from "./backend";
import type { AppEvent } from "./bindings";
import { asAppError } from "./errors";

/** The one event name Rust sends. */
const EVENT = "pressroom";

const names: { readonly [N in CommandName]: N } = {
  session_view: "session_view",
  session_retry: "session_retry",
  sign_in: "sign_in",
  sign_in_open_again: "sign_in_open_again",
  sign_in_copy_link: "sign_in_copy_link",
  sign_in_cancel: "sign_in_cancel",
  sign_in_close: "sign_in_close",
  demo_start: "demo_start",
  sign_out: "sign_out",
  sign_out_all: "sign_out_all",
  keychain_check: "keychain_check",
  accounts: "accounts",
  account_choose: "account_choose",
  account_add: "account_add",
  account_forget: "account_forget",
  organizations: "organizations",
  organization_choose: "organization_choose",
  installation: "installation",
  disk_notices: "disk_notices",
  disk_notice_close: "disk_notice_close",
  sync_view: "sync_view",
  sync_start: "sync_start",
  sync_cancel: "sync_cancel",
  totals: "totals",
  users: "users",
  user_ids: "user_ids",
  users_not_matching: "users_not_matching",
  facets: "facets",
  user: "user",
  user_read: "user_read",
  groups: "groups",
  group: "group",
  group_read: "group_read",
  group_members: "group_members",
  group_create: "group_create",
  group_update: "group_update",
  group_delete: "group_delete",
  looks_the_same: "looks_the_same",
  user_seek: "user_seek",
  group_seek: "group_seek",
  list_looks: "list_looks",
  columns_keep: "columns_keep",
  view_save: "view_save",
  view_delete: "view_delete",
  view_restore: "view_restore",
  view_choose: "view_choose",
  plans: "plans",
  plan_make: "plan_make",
  plan_lines: "plan_lines",
  plan_apply: "plan_apply",
  plan_pause: "plan_pause",
  plan_resume: "plan_resume",
  plan_stop: "plan_stop",
  plan_retry: "plan_retry",
  plan_progress: "plan_progress",
  plan_report: "plan_report",
  plan_close: "plan_close",
};

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
  const commands = Object.fromEntries(Object.values(names).map((name) => [name, call(name)]));
  return {
    // Rust's types guarantee these signatures (bindings.ts is made from them, and a Rust test detects a
    // difference).
    commands: commands as unknown as Commands,
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
