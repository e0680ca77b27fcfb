// Owns the conversion of a thrown value to an `AppError`. Must never interpret an error's text.
import type { AppError } from "./bindings";

/** Whether a thrown value is an error of the app: an object with a `code`. */
export function isAppError(value: unknown): value is AppError {
  return typeof value === "object" && value !== null && typeof (value as { code?: unknown }).code === "string";
}

/**
 * Any thrown value as an `AppError`; what isn't one (a bug, a missing command) becomes `internal` with its
 * text as detail.
 */
export function asAppError(value: unknown): AppError {
  if (isAppError(value)) return value;
  const words = value instanceof Error ? value.message : typeof value === "string" ? value : null;
  return { code: "internal", detail: words === null ? null : words.slice(0, 500), requestId: null };
}
