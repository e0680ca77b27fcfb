// Owns the data that the stand-in and the tests share: organizations, users, a form, errors. Must never
// contain state.
import type {
  Account,
  AccountId,
  AppError,
  ErrorCode,
  Organization,
  OrganizationId,
  Person,
  PlanSummary,
  QrCode,
  RedirectChoice,
  SignInForm,
  SyncView,
  UserId,
} from "../ipc/bindings";

export function appError(code: ErrorCode, detail: string | null = null): AppError {
  return { ...code, detail, requestId: null };
}

/** A read that succeeded. */
export function synced(at = Date.now(), skipped = 0): SyncView {
  return {
    lists: { kind: "read", at, incomplete: skipped > 0 },
    read: { kind: "done", at, skipped, incomplete: null, changes: null },
  };
}

/** A first read under way, before its first rows. */
export function syncing(done: number, total: number | null, left: number | null = null): SyncView {
  return {
    lists: { kind: "nothing" },
    read: { kind: "reading", itemsRead: done, itemsTotal: total, etaSeconds: left },
  };
}

/** A read that failed; the lists show what was read at `at`. */
export function syncFailed(error: AppError, at: number | null = null): SyncView {
  return {
    lists: at === null ? { kind: "nothing" } : { kind: "read", at, incomplete: false },
    read: { kind: "failed", error, resumable: false },
  };
}

/** A saved copy of the organization, read at `at`; no server has been asked yet. */
export function fromSavedCopy(at: number): SyncView {
  return { lists: { kind: "saved", at }, read: { kind: "idle" } };
}

export const ORGANIZATION: Organization = {
  id: "org-nordhafen" as OrganizationId,
  name: "Nordhafen Schulen",
  admin: true,
  private: false,
  color: 0,
};
export const OTHER: Organization = {
  id: "org-kanal" as OrganizationId,
  name: "Kanal Druck GmbH",
  admin: true,
  private: false,
  color: 1,
};
export const PRIVATE: Organization = {
  id: "org-private" as OrganizationId,
  name: "Private",
  admin: false,
  private: true,
  color: 5,
};
export const PERSON: Person = {
  id: "u-ines" as UserId,
  email: "ines.vogt@nordhafen.example",
  name: "Ines Vogt",
};
export const REDIRECT: RedirectChoice = {
  uri: "http://localhost:8080/oauth/callback",
  kind: "loopback",
  preset: false,
  loopback: "http://localhost:8080/oauth/callback",
  appLink: "dev.pressroom.console://oauth/callback",
  appLinkReady: true,
};
export const FORM: SignInForm = {
  clientId: "",
  clientIdPreset: false,
  keep: true,
  redirect: REDIRECT,
  keychain: "usable",
  accounts: [],
};

export const OWN_ACCOUNT: Account = {
  id: "acc-ines" as AccountId,
  email: PERSON.email,
  name: PERSON.name,
  organization: ORGANIZATION.name,
  current: true,
  state: "ready",
};
export const OTHER_PERSON: Person = {
  id: "u-jo" as UserId,
  email: "jo@kanal.example",
  name: "Jo Kanal",
};
export const OTHER_ACCOUNT: Account = {
  id: "acc-jo" as AccountId,
  email: OTHER_PERSON.email,
  name: OTHER_PERSON.name,
  organization: OTHER.name,
  current: false,
  state: "ready",
};

/** A picture of a code: three finders and a fixed pattern. It can't be scanned. */
export const QR: QrCode = (() => {
  const size = 29;
  const finder = (x: number, y: number) =>
    x === 0 || y === 0 || x === 6 || y === 6 || (x > 1 && x < 5 && y > 1 && y < 5);
  const dark = (x: number, y: number) => {
    for (const [left, top] of [
      [0, 0],
      [size - 7, 0],
      [0, size - 7],
    ] as const) {
      const [dx, dy] = [x - left, y - top];
      if (dx >= -1 && dx <= 7 && dy >= -1 && dy <= 7) return dx >= 0 && dx <= 6 && dy >= 0 && dy <= 6 && finder(dx, dy);
    }
    return (x * 7 + y * 13 + ((x * y) % 5)) % 3 === 0;
  };
  return {
    size,
    rows: Array.from({ length: size }, (_, y) =>
      Array.from({ length: size }, (_, x) => (dark(x, y) ? "1" : "0")).join(""),
    ),
  };
})();

/** Milliseconds as they are sent: JSON has only numbers, whatever their type is called. */
export function onWire(ms: number): PlanSummary["madeAt"] {
  return ms as unknown as PlanSummary["madeAt"];
}
