// Names that come from a server are text and nothing else, on every screen (security.md 54).
import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import type { AccountId, GroupId, OrganizationId, UserId } from "../ipc/bindings";
import {
  appError,
  FakeBackend,
  FORM,
  ORGANIZATION,
  OTHER,
  OTHER_ACCOUNT,
  onWire,
  PERSON,
  QR,
  syncFailed,
} from "./fakeBackend";
import { EVIL, hostileBackend, LONG, STEERING } from "./hostile";
import { openApp, pageDrawn } from "./open";

/** What a user sees or hears: nothing became an element, changes the text around it, or is too long. */
function expectInert() {
  expect(document.querySelectorAll("[data-evil], script, iframe, object, img")).toHaveLength(0);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.nodeValue ?? "";
    expect(STEERING.test(text), text.slice(0, 60)).toBe(false);
    expect(text.length, text.slice(0, 60)).toBeLessThan(700);
  }
  for (const element of document.body.querySelectorAll("*")) {
    for (const name of [
      "aria-label",
      "aria-description",
      "aria-valuetext",
      "title",
      "placeholder",
      "alt",
      "data-drawn",
    ]) {
      const value = element.getAttribute(name) ?? "";
      expect(STEERING.test(value), `${name} of ${element.tagName}`).toBe(false);
      expect(value.length, `${name} of ${element.tagName}`).toBeLessThan(700);
    }
  }
  expect((window as { evil?: unknown }).evil).toBeUndefined();
}

const LABEL = /0 .*txt\.exe/;
const READY = () => screen.findByText(/^6 users$/);

afterEach(expectInert);

describe("hostile names", () => {
  it("are inert before the shell: accounts, organizations, a code and its address", async () => {
    const form = new FakeBackend();
    form.form = { ...FORM, accounts: [{ ...OTHER_ACCOUNT, email: EVIL, name: EVIL, organization: LONG }] };
    form.accounts = form.form.accounts;
    form.setStep({
      at: "form",
      form: form.form,
      problem: appError({ code: "offline", host: LONG }, LONG.slice(0, 500)),
    });
    const first = openApp(form);
    expect(await screen.findByRole("button", { name: /^Continue as .*txt\.exe/ })).toBeVisible();
    expectInert();
    first.unmount();

    const pairing = new FakeBackend();
    pairing.setStep({
      at: "pairing",
      code: LONG,
      link: `https://evil.example/${LONG}`,
      qr: QR,
      expiresAt: onWire(Date.now() + 60_000),
      keep: true,
      problem: null,
    });
    const second = openApp(pairing);
    expect(await screen.findByRole("img", { name: "Pairing QR code" })).toBeVisible();
    expectInert();
    second.unmount();

    const waiting = new FakeBackend();
    waiting.setStep({
      at: "waitingForBrowser",
      link: `https://evil.example/?redirect_uri=${encodeURIComponent(EVIL)}`,
      method: "browser",
      keep: true,
      demo: false,
      receiver: "appLink",
      problem: appError({ code: "certificateUntrusted", host: EVIL }, EVIL),
    });
    const third = openApp(waiting);
    expect(await screen.findByRole("status", { name: "Waiting for your browser" })).toBeVisible();
    expectInert();
    third.unmount();

    const choosing = new FakeBackend();
    choosing.session = {
      kind: "choosingOrganization",
      person: { ...PERSON, email: EVIL, name: LONG },
      organizations: [
        { ...ORGANIZATION, name: LONG },
        { ...OTHER, name: EVIL },
      ],
      demo: false,
      problem: appError({ code: "serverFailed", status: 500 }, EVIL),
    };
    openApp(choosing);
    expect(await screen.findByRole("list", { name: "Organizations" })).toBeVisible();
  });

  it("are inert in the lists, the details, the filters and the menus", async () => {
    const fake = hostileBackend();
    const { user } = openApp(fake);
    await READY();
    expect(await screen.findByRole("region", { name: /^User: / })).toBeVisible();
    await pageDrawn();
    expectInert();
    await user.click(screen.getByRole("button", { name: "In group" }));
    await user.click(await screen.findByRole("option", { name: LABEL }));
    await user.keyboard("{Escape}");
    expect(await screen.findByRole("button", { name: /^In group: 0 / })).toBeVisible();
    expectInert();
    await user.click(screen.getByRole("button", { name: /^Organization: / }));
    await screen.findByRole("menuitem", { name: /^Private/ });
    expectInert();
    await user.keyboard("{Escape}");
    await user.click(screen.getByRole("button", { name: /^Account: / }));
    await user.click(await screen.findByRole("menuitem", { name: "Sign out of all organizations" }));
    await screen.findByRole("dialog", { name: "Sign out of all organizations?" });
    expectInert();
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    await user.click(screen.getByRole("link", { name: "Groups" }));
    const region = await screen.findByRole("region", { name: /^Group: 0 / });
    expectInert();
    await user.click(within(region).getByRole("tab", { name: "Settings" }));
    expectInert();
    await user.click(within(region).getByRole("button", { name: "Edit group" }));
    await screen.findByRole("dialog", { name: "Edit group" });
    expectInert();
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    await user.click(screen.getByRole("button", { name: "Delete group" }));
    await screen.findByRole("dialog", { name: /^Delete group 0 / });
    expectInert();
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    await user.click(within(screen.getByRole("grid", { name: "Groups" })).getByText("2 exe.txt"));
    const other = await screen.findByRole("region", { name: "Group: 2 exe.txt" });
    await user.click(within(other).getByRole("button", { name: "Delete group" }));
    const dialog = await screen.findByRole("dialog", { name: "Delete group 2 exe.txt?" });
    // Invisible characters need not be typed.
    await user.type(within(dialog).getByRole("textbox"), "2 exe.txt");
    const go = within(dialog).getByRole("button", { name: "Delete group" });
    await waitFor(() => expect(go).toBeEnabled());
    await user.click(go);
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(fake.argsOf("group_delete")).toMatchObject([{ confirmation: "2 exe.txt" }]);
  });

  it("are inert in a change: choice, review, results, and what stays unfinished", async () => {
    const fake = hostileBackend();
    fake.failingPeople.add(fake.world(ORGANIZATION.id).people[4]?.id as UserId);
    const { user } = openApp(fake);
    const all = await screen.findByRole("checkbox", { name: "Select all" });
    await waitFor(() => expect(all).toBeEnabled());
    await user.click(all);
    await user.click(await screen.findByRole("button", { name: "Add to groups" }));
    await user.click(await screen.findByRole("option", { name: LABEL }));
    expectInert();
    await user.click(screen.getByRole("button", { name: "Review changes" }));
    const review = await screen.findByRole("list", { name: "Changes" });
    await within(review).findAllByRole("listitem");
    expectInert();
    await user.click(screen.getByRole("button", { name: "Apply 3 changes" }));
    expect(await screen.findByText("2 applied, 1 failed")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "All" }));
    await within(screen.getByRole("list", { name: "Results" })).findAllByRole("listitem");
    expectInert();
    await user.click(screen.getByRole("button", { name: "Close" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    if (fake.session.kind !== "signedIn") throw new Error("not signed in");
    fake.makePlan(fake.session.workspace, {
      kind: "edit",
      user: fake.world(ORGANIZATION.id).people[5]?.id as UserId,
      add: ["g-3" as GroupId],
      remove: [],
    });
    expect(await screen.findByRole("region", { name: "Unfinished changes" })).toHaveTextContent("txt.exe");
  });

  it("are inert in what stands in front and above: a session that ended, an account to add, a failed switch", async () => {
    const fake = hostileBackend();
    const { user } = openApp(fake);
    await READY();
    fake.failing.set("account_choose", appError({ code: "offline", host: LONG }, EVIL));
    await user.click(screen.getByRole("button", { name: /^Account: / }));
    await user.click(await screen.findByRole("menuitem", { name: /txt\.exe/ }));
    expect(await screen.findByRole("alert")).toHaveTextContent("can’t be reached");
    expectInert();
    await user.click(screen.getByRole("button", { name: "Dismiss" }));
    await user.click(screen.getByRole("button", { name: /^Account: / }));
    await user.click(await screen.findByRole("menuitem", { name: "Add another account" }));
    expect(await screen.findByRole("button", { name: /^Back to .*txt\.exe/ })).toBeVisible();
    expectInert();
    await user.click(screen.getByRole("button", { name: /^Back to / }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    fake.expire();
    expect(await screen.findByRole("dialog", { name: "Please sign in again" })).toBeVisible();
  });

  it("are inert where one is no admin, and in the settings", async () => {
    const fake = hostileBackend();
    fake.worlds.set(ORGANIZATION.id, { people: [], groups: [] });
    fake.organizations = fake.organizations.map((one, i) => ({
      ...one,
      id: (i === 0 ? ORGANIZATION.id : one.id) as OrganizationId,
      admin: i !== 0,
    }));
    fake.accounts = [...fake.accounts, { ...OTHER_ACCOUNT, id: "acc-3" as AccountId, email: LONG, state: "expired" }];
    fake.sync = syncFailed(appError({ code: "notAdmin" }));
    fake.installation = { ...fake.installation, dataDir: LONG, scopes: LONG };
    const { user } = openApp(fake);
    expect(await screen.findByRole("button", { name: /^Switch to .*txt\.exe/ })).toBeVisible();
    expectInert();
    await user.click(screen.getByRole("link", { name: "Settings" }));
    expect(await screen.findByText("Data folder")).toBeVisible();
  });
});
