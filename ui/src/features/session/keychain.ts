// Owns the UI's reading of a keychain's state: whether it can be offered, and its message. Must never query
// it itself.
import type { AppError, KeychainState } from "../../ipc/bindings";

/** The message if nothing can be stored; null if the keychain can be offered. */
export function keychainUnusableText(state: KeychainState) {
  switch (state) {
    case "unknown":
    case "usable":
      return null;
    case "locked":
      return "keychain.locked" as const;
    case "noKeyring":
      return "keychain.noKeyring" as const;
    case "unresponsive":
      return "keychain.unresponsive" as const;
    case "refusing":
      return "keychain.refusing" as const;
    case "unusable":
      return "signIn.keepUnusable" as const;
  }
}

/** Whether the state of a keychain may change: then another check is offered. */
export function mayRecover(state: KeychainState): boolean {
  return state === "locked" || state === "noKeyring" || state === "unresponsive" || state === "refusing";
}

export function isKeychainError(error: AppError): boolean {
  switch (error.code) {
    case "keychainUnavailable":
    case "keychainLocked":
    case "noKeyring":
    case "keychainUnresponsive":
    case "keychainRefused":
      return true;
    default:
      return false;
  }
}
