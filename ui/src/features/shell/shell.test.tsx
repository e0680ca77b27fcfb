import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { appError, FakeBackend, ORGANIZATION, synced, syncFailed, syncing } from "../../test/fakeBackend";
import { openApp } from "../../test/open";

describe("the shell", () => {
  it("has navigation, organization and account under the names that hold, and no link that leads nowhere", async () => {
    const { user } = openApp(new FakeBackend().signIn());
    const nav = await screen.findByRole("navigation", { name: "Main" });
    expect(
      within(nav)
        .getAllByRole("link")
        .map((link) => link.getAttribute("aria-label")),
    ).toEqual(["Users", "Groups", "Settings"]);
    await user.click(screen.getByRole("button", { name: "Account: ines.vogt@nordhafen.example" }));
    await user.click(await screen.findByRole("menuitem", { name: "Sign out" }));
    expect(await screen.findByRole("heading", { name: "Sign in to ezeep" })).toBeVisible();
  });

  it("shows the settings of the installation", async () => {
    const { user } = openApp(new FakeBackend().signIn());
    await user.click(await screen.findByRole("link", { name: "Settings" }));
    expect(await screen.findByText("https://api2.ezeep.com/printing/v1/")).toBeVisible();
    expect(screen.queryByRole("searchbox")).toBeNull();
  });

  it("switches the organization", async () => {
    const { user } = openApp(new FakeBackend().signIn());
    await screen.findByText("40 users");
    await user.click(screen.getByRole("button", { name: "Organization: Nordhafen Schulen" }));
    await user.click(await screen.findByRole("menuitem", { name: /Kanal Druck GmbH/ }));
    expect(await screen.findByRole("button", { name: "Organization: Kanal Druck GmbH" })).toBeVisible();
    expect(await screen.findByText("5 users")).toBeVisible();
    expect(screen.queryByText(/nordhafen\.example$/, { selector: "bdi:not(.account-button bdi)" })).toBeNull();
  });

  it("keeps the organization and says so when a switch is refused (security.md 44)", async () => {
    const { user, fake } = openApp(new FakeBackend().signIn());
    fake.failing.set("organization_choose", appError({ code: "switchRefused" }));
    await user.click(await screen.findByRole("button", { name: "Organization: Nordhafen Schulen" }));
    await user.click(await screen.findByRole("menuitem", { name: /Kanal Druck GmbH/ }));
    expect(await screen.findByRole("alert")).toHaveTextContent("You are still in the one before");
    expect(screen.getByRole("button", { name: "Organization: Nordhafen Schulen" })).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Dismiss" }));
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("never shows a late answer of one organization in another (security.md 43)", async () => {
    const fake = new FakeBackend().signIn();
    fake.holdAnswer("users");
    fake.holdAnswer("user_read");
    const { user } = openApp(fake);
    await waitFor(() => expect(fake.argsOf("users")).toHaveLength(1));
    await user.click(screen.getByRole("button", { name: "Organization: Nordhafen Schulen" }));
    await user.click(await screen.findByRole("menuitem", { name: /Kanal Druck GmbH/ }));
    await screen.findByRole("button", { name: "Organization: Kanal Druck GmbH" });
    act(() => fake.release("users"));
    expect(await screen.findByText("5 users")).toBeVisible();
    const grid = screen.getByRole("grid", { name: "Users" });
    await within(grid).findByText("Kanal Person 1");
    expect(within(grid).queryByText(/nordhafen\.example/)).toBeNull();
    expect(screen.queryByText("40 users")).toBeNull();
  });

  it("explains that one isn't an admin, and offers the organizations where one is", async () => {
    const fake = new FakeBackend({ people: 0, groups: 0 }).signIn({ ...ORGANIZATION, admin: false });
    fake.sync = syncFailed(appError({ code: "notAdmin" }));
    const { user } = openApp(fake);
    expect(await screen.findByRole("alert")).toHaveTextContent("You aren’t an admin of Nordhafen Schulen");
    await user.click(await screen.findByRole("button", { name: "Switch to Kanal Druck GmbH" }));
    expect(await screen.findByRole("button", { name: "Organization: Kanal Druck GmbH" })).toBeVisible();
  });

  it("shows how far the first read is, with a way to cancel, and then the list", async () => {
    const fake = new FakeBackend().signIn();
    fake.sync = syncing(30, 120);
    fake.failing.set("users", appError({ code: "directoryNotRead" }));
    fake.failing.set("totals", appError({ code: "directoryNotRead" }));
    const { user } = openApp(fake);
    expect(await screen.findByRole("progressbar", { name: "Reading the directory" })).toHaveAttribute(
      "aria-valuenow",
      "30",
    );
    expect(screen.getByText("Reading 30 of 120")).toBeVisible();
    expect(screen.queryByRole("alert")).toBeNull();
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    expect(fake.argsOf("sync_cancel")).toHaveLength(1);
    expect(await screen.findByRole("button", { name: "Read the directory" })).toBeVisible();
    act(() => {
      fake.failing.clear();
      fake.setSync(synced());
    });
    expect(await screen.findByText("40 users")).toBeVisible();
    expect(screen.getByText("Synced just now")).toBeVisible();
  });

  it("lists what has come while the rest is read, and tells how long that takes", async () => {
    const fake = new FakeBackend().signIn();
    fake.sync = { ...syncing(12_000, 60_000, 9), lists: { kind: "partial" } };
    openApp(fake);
    expect(await screen.findByText("40 users")).toBeVisible();
    expect(await screen.findByText("about 9 seconds left")).toBeVisible();
    expect(screen.getByRole("progressbar", { name: "Reading the directory" })).toHaveAttribute(
      "aria-valuetext",
      "Reading 12,000 of 60,000, about 9 seconds left",
    );
    act(() => fake.setSync({ ...syncing(12_000, 600_000, 200), lists: { kind: "partial" } }));
    expect(await screen.findByText("about 3 minutes left")).toBeVisible();
  });

  it("keeps the part that was read before a cancel, and reads on from there", async () => {
    const fake = new FakeBackend().signIn();
    const stopped = syncFailed(appError({ code: "cancelled" }));
    fake.sync = {
      lists: { kind: "partial" },
      read: { ...stopped.read, resumable: true } as typeof stopped.read,
    };
    const { user } = openApp(fake);
    expect(await screen.findByText("40 users")).toBeVisible();
    expect(await screen.findByText("Only a part is read")).toBeVisible();
    expect(screen.queryByRole("alert")).toBeNull();
    await user.click(screen.getByRole("button", { name: "Read on" }));
    expect(fake.argsOf("sync_start")).toHaveLength(1);
    expect(await screen.findByText("Synced just now")).toBeVisible();
  });

  it("says what a later read found to be different, and what speaks against its being all", async () => {
    const fake = new FakeBackend().signIn();
    const at = Date.now();
    const none = { added: 0, removed: 0, changed: 0 };
    const read = { kind: "done", at, skipped: 0, incomplete: null } as const;
    fake.sync = {
      lists: { kind: "read", at, incomplete: false },
      read: { ...read, changes: { people: { added: 3, removed: 1, changed: 12 }, groups: none } },
    };
    openApp(fake);
    expect(await screen.findByText("People: 12 changed, 3 new, 1 gone")).toBeVisible();
    expect(screen.queryByText(/^Groups: /)).toBeNull();
    act(() => fake.setSync({ ...fake.sync, read: { ...read, changes: { people: none, groups: none } } }));
    expect(await screen.findByText("Nothing had changed")).toBeVisible();
    act(() =>
      fake.setSync({
        ...fake.sync,
        read: { ...read, changes: null, incomplete: { kind: "short", reported: 5_000, received: 3_000 } },
      }),
    );
    expect(await screen.findByText(/tells of 5,000 entries and gives 3,000/)).toBeVisible();
  });

  it("says why a first read failed, and reads again on demand", async () => {
    const fake = new FakeBackend().signIn();
    fake.sync = syncFailed(appError({ code: "offline", host: "api2.ezeep.com" }));
    fake.failing.set("users", appError({ code: "directoryNotRead" }));
    const { user } = openApp(fake);
    expect(await screen.findByRole("alert")).toHaveTextContent("api2.ezeep.com can’t be reached");
    fake.failing.clear();
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("40 users")).toBeVisible();
  });

  it("keeps showing the lists when a later read fails", async () => {
    const fake = new FakeBackend().signIn();
    fake.sync = syncFailed(appError({ code: "serverFailed", status: 502 }), Date.now() - 7_200_000);
    const { user } = openApp(fake);
    expect(await screen.findByRole("alert")).toHaveTextContent("The server failed (502)");
    expect(await screen.findByText("40 users")).toBeVisible();
    expect(await screen.findByText("Synced 2 hr ago")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Dismiss" }));
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("takes “/” to the search from anywhere but a field", async () => {
    const { user } = openApp(new FakeBackend().signIn());
    const search = await screen.findByRole("searchbox", { name: "Search users" });
    await user.keyboard("/");
    expect(search).toHaveFocus();
    await user.keyboard("a/b");
    expect(search).toHaveValue("a/b");
    await user.keyboard("{Escape}");
    expect(search).toHaveValue("");
  });
});
