import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { FakeBackend, ORGANIZATION, REDIRECT } from "../../test/fakeBackend";
import { openApp } from "../../test/open";

const way = (name: string) =>
  // The user's details, which stay until the settings are there, have terms too.
  waitFor(() => {
    const term = screen.getAllByRole("term").find((it) => it.textContent?.startsWith(name));
    if (!term?.parentElement) throw new Error(`no way ${name}`);
    return within(term.parentElement);
  });

describe("the settings", () => {
  it.each([
    { kind: "loopback", uri: REDIRECT.loopback },
    { kind: "appLink", uri: REDIRECT.appLink },
  ] as const)("show the address of both ways back, to be copied ($kind is used)", async ({ kind, uri }) => {
    const fake = new FakeBackend().signIn();
    fake.installation = { ...fake.installation, redirect: { ...REDIRECT, kind, uri } };
    const { user } = openApp(fake);
    await user.click(await screen.findByRole("link", { name: "Settings" }));
    expect((await way("Loopback address")).getByText("http://localhost:8080/oauth/callback")).toBeVisible();
    expect((await way("App link")).getByText("dev.pressroom.console://oauth/callback")).toBeVisible();
    expect((await way(kind === "loopback" ? "Loopback address" : "App link")).getByText("In use")).toBeVisible();
  });

  it.each([
    { locale: "en", settings: "Settings", unused: /Not used in the demo/, used: "In use" },
    { locale: "de", settings: "Einstellungen", unused: /In der Demo nicht verwendet/, used: "In Gebrauch" },
  ])("say in the demo that neither the servers nor the redirect are used ($locale)", async (words) => {
    const { user } = openApp(new FakeBackend().signIn(ORGANIZATION, true), words.locale);
    await user.click(await screen.findByRole("link", { name: words.settings }));
    expect(await screen.findAllByText(words.unused)).toHaveLength(2);
    expect(screen.queryByText(words.used)).toBeNull();
  });

  it("say nothing of the demo outside it", async () => {
    const { user } = openApp(new FakeBackend().signIn());
    await user.click(await screen.findByRole("link", { name: "Settings" }));
    expect(await screen.findByText("In use")).toBeVisible();
    expect(screen.queryByText(/demo/i)).toBeNull();
  });

  it("tell a keychain without any keyring from a locked one", async () => {
    const fake = new FakeBackend().signIn();
    fake.installation = { ...fake.installation, keychain: "noKeyring" };
    const { user } = openApp(fake);
    await user.click(await screen.findByRole("link", { name: "Settings" }));
    expect(await screen.findByText(/Has no keyring yet/)).toBeVisible();
  });
});
