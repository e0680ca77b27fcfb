import { describe, expect, it } from "vitest";
import type { AppError, GroupId } from "../ipc/bindings";
import { de } from "./de";
import { en } from "./en";
import { errorsDe } from "./errors.de";
import { errorsEn } from "./errors.en";
import { languageOf, makeI18n } from "./index";
import type { Message } from "./message";
import type { Code } from "./types";

/** One error of every code; a code missing here doesn't compile. */
const samples: { [C in Code]: Extract<AppError, { code: C }> } = (() => {
  const base = { detail: null, requestId: null };
  return {
    settingInvalid: { ...base, code: "settingInvalid", setting: "PRESSROOM_API_URL" },
    argumentInvalid: { ...base, code: "argumentInvalid", field: "search" },
    clientIdMissing: { ...base, code: "clientIdMissing" },
    clientIdInvalid: { ...base, code: "clientIdInvalid" },
    clientIdUnknown: { ...base, code: "clientIdUnknown" },
    signInRefused: { ...base, code: "signInRefused" },
    scopeRefused: { ...base, code: "scopeRefused" },
    portBusy: { ...base, code: "portBusy", port: 8080 },
    listenFailed: { ...base, code: "listenFailed" },
    browserFailed: { ...base, code: "browserFailed" },
    browserOpenerMissing: { ...base, code: "browserOpenerMissing", program: "xdg-open" },
    browserOpenerFailed: { ...base, code: "browserOpenerFailed", program: "xdg-open", status: 4 },
    consentRefused: { ...base, code: "consentRefused" },
    signInTimedOut: { ...base, code: "signInTimedOut" },
    sessionEnded: { ...base, code: "sessionEnded" },
    signOutNotConfirmed: { ...base, code: "signOutNotConfirmed" },
    redirectInvalid: { ...base, code: "redirectInvalid" },
    redirectForcedHttps: { ...base, code: "redirectForcedHttps" },
    appLinkNotOpened: { ...base, code: "appLinkNotOpened" },
    anotherSignInAnswered: { ...base, code: "anotherSignInAnswered" },
    signInStale: { ...base, code: "signInStale" },
    pairingRefused: { ...base, code: "pairingRefused" },
    pairingExpired: { ...base, code: "pairingExpired" },
    pairingUnsupported: { ...base, code: "pairingUnsupported" },
    sessionBusy: { ...base, code: "sessionBusy" },
    keychainLocked: { ...base, code: "keychainLocked" },
    noKeyring: { ...base, code: "noKeyring" },
    keychainUnresponsive: { ...base, code: "keychainUnresponsive" },
    keychainRefused: { ...base, code: "keychainRefused" },
    portalInTheWay: { ...base, code: "portalInTheWay" },
    viewNameEmpty: { ...base, code: "viewNameEmpty" },
    viewNameTooLong: { ...base, code: "viewNameTooLong", max: 60, length: 61 },
    viewNameTaken: { ...base, code: "viewNameTaken" },
    viewsFull: { ...base, code: "viewsFull", max: 100 },
    viewGone: { ...base, code: "viewGone" },
    accountGone: { ...base, code: "accountGone" },
    keychainUnavailable: { ...base, code: "keychainUnavailable" },
    notAdmin: { ...base, code: "notAdmin" },
    noOrganization: { ...base, code: "noOrganization" },
    switchRefused: { ...base, code: "switchRefused" },
    wrongOrganization: { ...base, code: "wrongOrganization" },
    changesRunning: { ...base, code: "changesRunning" },
    organizationChanged: { ...base, code: "organizationChanged" },
    offline: { ...base, code: "offline", host: "api2.ezeep.com" },
    timedOut: { ...base, code: "timedOut", host: "api2.ezeep.com" },
    proxyAuthRequired: { ...base, code: "proxyAuthRequired" },
    certificateExpired: { ...base, code: "certificateExpired", host: "api2.ezeep.com", until: 0, clock: 1 },
    certificateNotYetValid: { ...base, code: "certificateNotYetValid", host: "api2.ezeep.com", from: null, clock: 1 },
    certificateOtherName: { ...base, code: "certificateOtherName", host: "api2.ezeep.com" },
    clockWrong: { ...base, code: "clockWrong", host: "api2.ezeep.com", clock: 0 },
    certificateUntrusted: { ...base, code: "certificateUntrusted", host: "api2.ezeep.com" },
    rateLimited: { ...base, code: "rateLimited", seconds: 1_200 },
    serverFailed: { ...base, code: "serverFailed", status: 502 },
    replyUnexpected: { ...base, code: "replyUnexpected" },
    outcomeUnknown: { ...base, code: "outcomeUnknown" },
    userGone: { ...base, code: "userGone" },
    userBusy: { ...base, code: "userBusy" },
    planBusy: { ...base, code: "planBusy" },
    groupGone: { ...base, code: "groupGone" },
    groupNameEmpty: { ...base, code: "groupNameEmpty" },
    groupNameTooLong: { ...base, code: "groupNameTooLong", max: 255, length: 256 },
    groupDescriptionTooLong: { ...base, code: "groupDescriptionTooLong", max: 255, length: 300 },
    groupNameTaken: { ...base, code: "groupNameTaken" },
    groupNameInvisible: { ...base, code: "groupNameInvisible" },
    groupNameLooksLike: {
      ...base,
      code: "groupNameLooksLike",
      groups: [{ id: "g-1" as GroupId, name: "Marketing\u202e" }],
    },
    groupChangedMeanwhile: {
      ...base,
      code: "groupChangedMeanwhile",
      conflicts: [{ field: "name", theirs: "Mensa", mine: "Foyer" }],
    },
    createUnconfirmed: { ...base, code: "createUnconfirmed", candidates: [{ id: "g-1" as GroupId, name: "Aula" }] },
    syncedFromAzure: { ...base, code: "syncedFromAzure" },
    valueRefused: { ...base, code: "valueRefused", field: "name" },
    forbidden: { ...base, code: "forbidden", status: 403 },
    changeRefused: { ...base, code: "changeRefused", status: 400 },
    confirmationMismatch: { ...base, code: "confirmationMismatch" },
    planGone: { ...base, code: "planGone" },
    fileNotWritten: { ...base, code: "fileNotWritten", folder: "/home/ines" },
    planEmpty: { ...base, code: "planEmpty" },
    planTooLarge: { ...base, code: "planTooLarge", lines: 200_100, max: 200_000 },
    listPartial: { ...base, code: "listPartial" },
    listSaved: { ...base, code: "listSaved", at: 0 },
    unknownCode: { ...base, code: "unknownCode", name: "ofALaterVersion" },
    cancelled: { ...base, code: "cancelled" },
    signedOut: { ...base, code: "signedOut" },
    directoryNotRead: { ...base, code: "directoryNotRead" },
    internal: { ...base, code: "internal" },
  };
})();

const placeholders = (message: Message) =>
  (typeof message === "string" ? [message] : [message.one, message.other]).map((text) =>
    [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort(),
  );

describe("the catalogs", () => {
  it("have the same keys in both languages", () => {
    expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
  });

  it("put the same values into a message in both languages", () => {
    for (const key of Object.keys(en) as (keyof typeof en)[]) {
      const [english] = placeholders(en[key]);
      for (const form of [...placeholders(en[key]), ...placeholders(de[key])]) expect(form, key).toEqual(english);
    }
  });

  it("leave no message empty", () => {
    for (const [key, message] of [...Object.entries(en), ...Object.entries(de)] as [string, Message][]) {
      for (const text of typeof message === "string" ? [message] : [message.one, message.other])
        expect(text.trim(), key).not.toBe("");
    }
  });

  it.each([
    ["English", errorsEn],
    ["German", errorsDe],
  ])("tell every error in %s: what happened, and what to do next", (_, errors) => {
    expect(Object.keys(errors).sort()).toEqual(Object.keys(samples).sort());
  });

  it.each(Object.values(samples))("has words for $code in both languages, with its values in them", (error) => {
    for (const language of ["en", "de"] as const) {
      const { title, next } = makeI18n(language).error(error);
      expect(title.length).toBeGreaterThan(5);
      expect(next).toMatch(/[.”“]$/);
      expect(`${title} ${next}`).not.toMatch(/undefined|null|NaN|\[object|\u202e/);
    }
  });
});

describe("a language", () => {
  it("is German for any German and English for all else", () => {
    expect(["de", "de-AT", "DE-ch"].map(languageOf)).toEqual(["de", "de", "de"]);
    expect(["en-GB", "fr", "", "den"].map(languageOf)).toEqual(["en", "en", "en", "en"]);
  });

  it("chooses the plural form and writes numbers its own way", () => {
    const english = makeI18n("en", "en-US");
    const german = makeI18n("de", "de-DE");
    expect(english.t("users.count", { n: 1 })).toBe("1 user");
    expect(english.t("users.count", { n: 18_204 })).toBe("18,204 users");
    expect(german.t("users.count", { n: 1 })).toBe("1 Person");
    expect(german.t("users.count", { n: 18_204 })).toBe("18.204 Personen");
    expect(english.t("plan.apply", { n: 1 })).toBe("Apply 1 change");
    expect(english.t("plan.apply", { n: 0 })).toBe("Apply 0 changes");
  });

  it("puts a value in as it is, whatever it looks like", () => {
    expect(makeI18n("en").t("user.region", { name: "{n} $& <b>" })).toBe("User: {n} $& <b>");
  });

  it("tells an error by its code alone, and an unknown code as an error of the app", () => {
    const unknown = { code: "somethingNew", detail: "the port is busy", requestId: null } as unknown as AppError;
    expect(makeI18n("en").error(unknown).title).toBe("Something went wrong in Pressroom");
  });

  it("takes out of a foreign text what turns a sentence around, and cuts it between whole characters", () => {
    const { t } = makeI18n("en");
    expect(t("shell.switchTo", { name: "\u202eevil\u2066\n" })).toBe("Switch to evil ");
    const cut = t("user.region", { name: "👩‍🏫".repeat(400) });
    expect([...cut].at(-1)).toBe("…");
    expect([...cut].length).toBeLessThan(320);
    expect(cut).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/);
    expect(makeI18n("de").error({ code: "offline", host: "\u202eevil", detail: null, requestId: null }).title).toBe(
      "evil ist nicht erreichbar",
    );
  });

  it("tells a time of today without the day, and a span in minutes and seconds", () => {
    const { format } = makeI18n("de", "de-DE");
    const noon = new Date(2026, 0, 10, 12, 30).getTime();
    expect(format.clock(noon, noon + 3_600_000)).toBe("12:30");
    expect(format.clock(noon, noon + 24 * 3_600_000)).toContain("10.01.2026");
    expect(["0:00", "0:59", "10:05"]).toEqual([-1, 59_999, 605_000].map(format.span));
  });

  it("tells an age in minutes, hours and days", () => {
    const { format } = makeI18n("en");
    const now = Date.UTC(2026, 0, 10);
    expect(format.ago(now - 59_000, now)).toBeNull();
    expect(format.ago(now - 120_000, now)).toBe("2 min ago");
    expect(format.ago(now - 3 * 3_600_000, now)).toBe("3 hr ago");
    expect(format.ago(now - 72 * 3_600_000, now)).toBe("3 days ago");
  });
});
