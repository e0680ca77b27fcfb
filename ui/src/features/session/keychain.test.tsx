import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { AppError, KeychainState } from "../../ipc/bindings";
import { appError, FakeBackend, FORM } from "../../test/fakeBackend";
import { openApp } from "../../test/open";

function form(keychain: KeychainState, problem: AppError | null = null) {
  const fake = new FakeBackend();
  fake.form = { ...FORM, clientId: "abc", keychain };
  fake.keychain = keychain;
  fake.setStep({ at: "form", form: fake.form, problem });
  return fake;
}
const box = () => screen.findByRole("checkbox", { name: "Keep me signed in" });

describe("the keychain's truth in the form (security.md 25, 29)", () => {
  it.each([
    ["locked", /is locked, so you are signed out when you quit/],
    ["unresponsive", /doesn’t answer, so you are signed out when you quit/],
    ["refusing", /doesn’t keep what it is given, so you are signed out when you quit/],
    ["noKeyring", /has no keyring yet, so you are signed out when you quit/],
  ] as const)("says that it is %s, offers memory only, and looks again on demand", async (state, words) => {
    const { user, fake } = openApp(form(state));
    const keep = await box();
    expect(keep).toBeDisabled();
    expect(keep).not.toBeChecked();
    expect(keep).toHaveAccessibleDescription(words);
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(fake.argsOf("keychain_check")).toHaveLength(1));
    expect(await box()).toBeDisabled();
    fake.keychain = "usable";
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await waitFor(async () => expect(await box()).toBeEnabled());
    expect(await box()).toBeChecked();
    expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
  });

  it("never sends “keep” for a keychain that can't, and doesn't promise another look where there is none", async () => {
    const { user, fake } = openApp(form("unusable"));
    expect(await box()).toBeDisabled();
    expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Sign in with browser" }));
    await waitFor(() => expect(fake.argsOf("sign_in")).toMatchObject([{ request: { keep: false } }]));
  });

  it("is not in the way while nobody has looked at it yet", async () => {
    openApp(form("unknown"));
    expect(await box()).toBeEnabled();
    expect(await box()).toBeChecked();
  });

  it.each([
    ["keychainUnavailable", "can’t be used"],
    ["keychainLocked", "is locked"],
    ["noKeyring", "has no keyring yet"],
    ["keychainUnresponsive", "doesn’t answer"],
    ["keychainRefused", "doesn’t keep what it is given"],
  ] as const)("tells %s with both ways on: again, or memory only", async (code, words) => {
    const first = openApp(form("usable", appError({ code })));
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent(words);
    await first.user.click(within(alert).getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(first.fake.argsOf("sign_in")).toMatchObject([{ request: { keep: true } }]));
    first.unmount();
    const second = openApp(form("usable", appError({ code })));
    await second.user.click(await screen.findByRole("button", { name: "Sign in until I quit" }));
    await waitFor(() => expect(second.fake.argsOf("sign_in")).toMatchObject([{ request: { keep: false } }]));
  });

  it("looks at a locked one again instead of signing in to memory by surprise", async () => {
    const { user, fake } = openApp(form("locked", appError({ code: "keychainLocked" })));
    fake.keychain = "usable";
    // One “Try again” on the screen: the alert's.
    await user.click(await screen.findByRole("button", { name: "Try again" }));
    await waitFor(() => expect(fake.argsOf("keychain_check")).toHaveLength(1));
    expect(fake.argsOf("sign_in")).toEqual([]);
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
    expect(await box()).toBeChecked();
  });

  it("says that a sign-in is kept where the keychain can't be read at the start", async () => {
    const fake = new FakeBackend();
    fake.session = { kind: "unreachable", problem: appError({ code: "keychainLocked" }) };
    const { user } = openApp(fake);
    expect(await screen.findByRole("heading", { name: /the keychain can’t be read/ })).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(fake.argsOf("session_retry")).toHaveLength(1);
  });
});
