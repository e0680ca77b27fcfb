import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { ErrorCode, RedirectChoice } from "../../ipc/bindings";
import { appError, FakeBackend, FORM, REDIRECT } from "../../test/fakeBackend";
import { openApp } from "../../test/open";

function form(part: Partial<RedirectChoice> = {}, code: ErrorCode | null = null) {
  const fake = new FakeBackend();
  fake.form = { ...FORM, clientId: "abc", redirect: { ...REDIRECT, ...part } };
  fake.setStep({ at: "form", form: fake.form, problem: code && appError(code) });
  return fake;
}
const unfold = () => screen.findByRole("button", { name: "How the browser comes back" });
const sent = (fake: FakeBackend) =>
  fake.argsOf("sign_in").map((args) => (args as { request: { redirectUri: string | null } }).request.redirectUri);

describe("how the browser comes back", () => {
  it("is folded away at first, and sends nothing where nothing was changed", async () => {
    const { user, fake } = openApp(form());
    expect(await unfold()).toHaveAttribute("aria-expanded", "false");
    expect(screen.queryByRole("radio")).toBeNull();
    await user.click(screen.getByRole("button", { name: "Sign in with browser" }));
    await waitFor(() => expect(sent(fake)).toEqual([null]));
  });

  it("offers both ways with what each needs", async () => {
    const { user } = openApp(form());
    await user.click(await unfold());
    expect(screen.getByRole("radio", { name: "Loopback address" })).toBeChecked();
    expect(screen.getByRole("radio", { name: "Loopback address" })).toHaveAccessibleDescription(/its port free/);
    expect(screen.getByRole("radio", { name: "App link" })).toHaveAccessibleDescription(/this app installed/);
    expect(screen.getByRole("textbox", { name: "URI of the app link" })).toHaveValue(REDIRECT.appLink);
    expect(screen.queryByText(/doesn’t open these links/)).toBeNull();
  });

  it("sends the app link once it is chosen, and says in the wait that the browser asks", async () => {
    const { user, fake } = openApp(form());
    await user.click(await unfold());
    await user.click(screen.getByRole("radio", { name: "App link" }));
    await user.click(screen.getByRole("button", { name: "Sign in with browser" }));
    await waitFor(() => expect(sent(fake)).toEqual([REDIRECT.appLink]));
    expect(await screen.findByText("Your browser asks whether to open Pressroom: allow it.")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    await user.click(await unfold());
    expect(screen.getByRole("radio", { name: "App link" })).toBeChecked();
  });

  it("takes another address, chosen by writing it, for registering too", async () => {
    const { user, fake } = openApp(form({ uri: REDIRECT.appLink, kind: "appLink" }));
    await user.click(await unfold());
    const field = screen.getByRole("textbox", { name: "URI of the loopback address" });
    await user.clear(field);
    await user.type(field, " http://127.0.0.1:9000/cb ");
    expect(screen.getByRole("radio", { name: "Loopback address" })).toBeChecked();
    await user.click(screen.getByRole("button", { name: "Where do I get one?" }));
    expect(await screen.findByRole("dialog", { name: "How to get a Client ID" })).toHaveTextContent(
      "http://127.0.0.1:9000/cb",
    );
    await user.keyboard("{Escape}");
    await user.click(await screen.findByRole("button", { name: "Sign in with Microsoft" }));
    await waitFor(() => expect(sent(fake)).toEqual(["http://127.0.0.1:9000/cb"]));
  });

  it("is shown but not to be changed where it is set by policy", async () => {
    const { user, fake } = openApp(form({ preset: true }));
    await user.click(await unfold());
    expect(screen.getByText("Set by your organization’s policy.")).toBeVisible();
    expect(screen.getByRole("radio", { name: "App link" })).toBeDisabled();
    expect(screen.getByRole("textbox", { name: "URI of the loopback address" })).toHaveAttribute("readonly");
    await user.click(screen.getByRole("button", { name: "Sign in with browser" }));
    await waitFor(() => expect(sent(fake)).toEqual([null]));
  });

  it("warns where this computer doesn't open app links with this app", async () => {
    const { user } = openApp(form({ appLinkReady: false }));
    await user.click(await unfold());
    expect(screen.getByText("This computer doesn’t open these links with Pressroom now.")).toBeVisible();
  });

  it.each([
    { code: "portBusy", port: 8080 } as const,
    { code: "listenFailed" } as const,
    { code: "redirectInvalid" } as const,
    { code: "redirectForcedHttps" } as const,
    { code: "appLinkNotOpened" } as const,
  ])("is open at once where $code is the trouble", async (code) => {
    openApp(form({}, code));
    expect(await unfold()).toHaveAttribute("aria-expanded", "true");
    const field = screen.getByRole("textbox", { name: "URI of the loopback address" });
    if (code.code === "redirectInvalid") expect(field).toHaveAttribute("aria-invalid", "true");
    else expect(field).not.toHaveAttribute("aria-invalid");
  });

  it("marks the address that Rust refuses", async () => {
    const { user } = openApp(form());
    await user.click(await unfold());
    const field = screen.getByRole("textbox", { name: "URI of the loopback address" });
    await user.clear(field);
    await user.type(field, "nonsense");
    await user.click(screen.getByRole("button", { name: "Sign in with browser" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("This redirect URI can’t be used");
    expect(field).toHaveAttribute("aria-invalid", "true");
    expect(field).toHaveValue("nonsense");
  });

  it("is told in the settings, with both ways and which one is used", async () => {
    const fake = new FakeBackend().signIn();
    fake.installation = {
      ...fake.installation,
      keychain: "refusing",
      redirect: { ...REDIRECT, uri: REDIRECT.appLink, kind: "appLink", appLinkReady: false },
    };
    const { user } = openApp(fake);
    await user.click(await screen.findByRole("link", { name: "Settings" }));
    expect(await screen.findByText(REDIRECT.appLink)).toBeVisible();
    expect(screen.getByText("In use").parentElement).toHaveTextContent("App link");
    expect(screen.getByText(/its port free on this computer/)).toBeVisible();
    expect(screen.getByText(/doesn’t open these links with Pressroom now/)).toBeVisible();
    expect(screen.getByText(/Doesn’t keep what it is given/)).toBeVisible();
  });
});
