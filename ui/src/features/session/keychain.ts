// Owns what the UI makes of a keychain's state: whether it can be offered, what is said about it. Must never ask it itself.
import type { AppError, KeychainState } from "../../ipc/bindings";

/** Why nothing can be kept, in the catalog's words; null where the keychain can be offered. */
export function whyNotKept(state: KeychainState) {
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

/** A keychain that is there may change its mind: worth another look. */
export function mayRecover(state: KeychainState): boolean {
  return state === "locked" || state === "noKeyring" || state === "unresponsive" || state === "refusing";
}

export function isOfKeychain(error: AppError): boolean {
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
