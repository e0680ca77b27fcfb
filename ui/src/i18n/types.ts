// Owns the type of a catalog: its messages, their placeholders, and that no language misses one. Must never
// contain texts itself.
import type { AppError, ErrorCode } from "../ipc/bindings";
import type { en } from "./en";
import type { Format } from "./format";
import type { Plural } from "./message";

export type Key = keyof typeof en;

type Names<S extends string> = S extends `${string}{${infer N}}${infer Rest}` ? N | Names<Rest> : never;
type Texts<M> = M extends string ? M : M extends Plural ? M["one"] | M["other"] : never;

/** The names in braces of a message, including `n` for a plural. */
export type Placeholders<K extends Key> = Names<Texts<(typeof en)[K]>> | ((typeof en)[K] extends Plural ? "n" : never);

/** Another language: the same keys, with a plural where English has one. */
export type Catalog = { readonly [K in Key]: (typeof en)[K] extends string ? string : Plural };

/** What happened, and what was or wasn't done and what to do next. */
export type ErrorWords = { title: string; next: string };
export type Code = ErrorCode["code"];
/**
 * One entry for each code: a code added in Rust doesn't compile here until all languages have a text for it.
 */
export type ErrorCatalog = {
  readonly [C in Code]: (error: Extract<AppError, { code: C }>, format: Format) => ErrorWords;
};

export type Language = "en" | "de";
