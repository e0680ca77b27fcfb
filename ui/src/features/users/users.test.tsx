import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { GroupId, UserQuery } from "../../ipc/bindings";
import { appError, FakeBackend, ORGANIZATION, synced } from "../../test/fakeBackend";
import { openApp, pageDrawn } from "../../test/open";

const rows = (grid: HTMLElement) => within(grid).getAllByRole("row").slice(1);
const cursorRow = (grid: HTMLElement) => {
  const id = grid.getAttribute("aria-activedescendant");
  return id === null ? null : document.getElementById(id);
};
const lastQuery = (fake: FakeBackend) => (fake.argsOf("users").at(-1) as { query: UserQuery }).query;
const chip = (name: string) => within(screen.getByRole("group", { name: "Filters" })).getByRole("button", { name });
const selection = () => screen.getByRole("toolbar", { name: "Selection" });

async function openUsers(fake = new FakeBackend({ people: 300 }).signIn()) {
  const opened = openApp(fake);
  const grid = await screen.findByRole("grid", { name: "Users" });
  await waitFor(() => expect(within(grid).getAllByRole("checkbox").length).toBeGreaterThan(5));
  await pageDrawn();
  return { ...opened, grid };
}

describe("the users", () => {
  it("are a grid that tells how many rows there are and which ones exist", async () => {
    const { grid } = await openUsers();
    expect(screen.getByText("300 users")).toHaveAttribute("role", "status");
    expect(grid).toHaveAttribute("aria-rowcount", "301");
    expect(rows(grid)[0]).toHaveAttribute("aria-rowindex", "2");
    expect(rows(grid).length).toBeLessThan(60);
  });

  it("ask for a window of rows, never for all", async () => {
    const { fake } = await openUsers();
    for (const { query } of fake.argsOf("users") as { query: UserQuery }[])
      expect(query.limit).toBeLessThanOrEqual(100);
  });

  it("are searched as one types, and say how many match", async () => {
    const { user } = await openUsers();
    await user.type(screen.getByRole("searchbox", { name: "Search users" }), "mul zoe");
    expect(await screen.findByText(/^\d+ of 300 users$/)).toBeVisible();
  });

  it("offer to clear a search that finds nobody", async () => {
    const { user } = await openUsers();
    await user.type(screen.getByRole("searchbox", { name: "Search users" }), "nobody at all");
    expect(await screen.findByText("Nobody matches")).toBeVisible();
    expect(screen.getByText("0 of 300 users")).toBeVisible();
    await user.click(within(screen.getByRole("main")).getByRole("button", { name: "Clear search" }));
    expect(await screen.findByText("300 users")).toBeVisible();
  });

  it("are sorted by a real button in the column's header", async () => {
    const { user, grid, fake } = await openUsers();
    const header = within(grid).getByRole("columnheader", { name: "Email" });
    expect(header).toHaveAttribute("aria-sort", "none");
    await user.click(within(header).getByRole("button"));
    await waitFor(() => expect(lastQuery(fake)).toMatchObject({ sort: "email", descending: false }));
    expect(header).toHaveAttribute("aria-sort", "ascending");
    await user.click(within(header).getByRole("button"));
    await waitFor(() => expect(lastQuery(fake)).toMatchObject({ sort: "email", descending: true }));
    expect(header).toHaveAttribute("aria-sort", "descending");
  });

  it("are filtered by role with the number each choice would show, and the filter is cleared again", async () => {
    const { user, fake } = await openUsers();
    const filters = screen.getByRole("group", { name: "Filters" });
    await user.click(within(filters).getByRole("button", { name: "Role" }));
    const choice = await screen.findByRole("menuitemcheckbox", { name: /^Admin/ });
    await waitFor(() => expect(choice).toHaveTextContent(/Admin\d+/));
    await user.click(choice);
    await user.keyboard("{Escape}");
    await waitFor(() => expect(lastQuery(fake).scope.roles).toEqual(["admin"]));
    expect(await screen.findByRole("button", { name: "Role: Admin" })).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Clear filter: Role" }));
    expect(await screen.findByText("300 users")).toBeVisible();
  });

  it("show beside every choice of every filter how many it would leave, asked in one question", async () => {
    const { user, fake } = await openUsers();
    const asked = () => fake.argsOf("facets");
    for (const [name, first] of [
      ["Role", "Admin"],
      ["State", "Active"],
      ["Origin", "ezeep"],
      ["Print settings", "Local printing on"],
    ] as const) {
      await user.click(chip(name));
      const choices = await screen.findAllByRole("menuitemcheckbox");
      expect(choices[0]).toHaveTextContent(first);
      for (const choice of choices) await waitFor(() => expect(choice).toHaveTextContent(/[\d,]+$/));
      await user.keyboard("{Escape}");
    }
    expect(asked()).toHaveLength(1);
  });

  it("keep a choice that would leave nobody, and count a filter's choices as if it were not set", async () => {
    const { user } = await openUsers();
    await user.click(chip("Role"));
    const nobody = await screen.findByRole("menuitemcheckbox", { name: /^Unknown/ });
    await waitFor(() => expect(nobody).toHaveTextContent(/0$/));
    const admins = screen.getByRole("menuitemcheckbox", { name: /^Admin/ }).textContent;
    await user.click(nobody);
    expect(await screen.findByText("0 of 300 users")).toBeVisible();
    expect(nobody).toHaveAttribute("aria-checked", "true");
    expect(screen.getByRole("menuitemcheckbox", { name: /^Admin/ })).toHaveTextContent(admins ?? "");
  });

  it("are filtered by where they come from", async () => {
    const { user, fake } = await openUsers();
    await user.click(chip("Origin"));
    await user.click(await screen.findByRole("menuitemcheckbox", { name: /^Azure/ }));
    await waitFor(() => expect(lastQuery(fake).scope.origins).toEqual([{ kind: "azure" }]));
    await user.keyboard("{Escape}");
    expect(await screen.findByRole("button", { name: "Origin: Azure" })).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Clear filter: Origin" }));
    expect(await screen.findByText("300 users")).toBeVisible();
  });

  it("show beside each group how many of those who match are in it, and again when the directory changes", async () => {
    const { user, fake } = await openUsers();
    const world = fake.world(ORGANIZATION.id);
    const house = "g-1" as GroupId;
    const admins = () => world.people.filter((person) => person.role === "admin" && person.groups.has(house)).length;
    await user.click(chip("Role"));
    await user.click(await screen.findByRole("menuitemcheckbox", { name: /^Admin/ }));
    await user.keyboard("{Escape}");
    await user.click(screen.getByRole("button", { name: "In group" }));
    const group = await screen.findByRole("option", { name: /Haus A/ });
    await waitFor(() => expect(group).toHaveTextContent(`Haus A${admins()}`));
    const before = admins();
    for (const person of world.people) if (person.role === "admin") person.groups.add(house);
    fake.emit({ kind: "directory" });
    expect(admins()).toBeGreaterThan(before);
    await waitFor(() => expect(group).toHaveTextContent(`Haus A${admins()}`));
  });

  it("are filtered by group, by no group, and one excludes the other", async () => {
    const { user, fake } = await openUsers();
    await user.click(screen.getByRole("button", { name: "In group" }));
    await user.click(await screen.findByRole("option", { name: /Haus A/ }));
    await user.keyboard("{Escape}");
    await waitFor(() => expect(lastQuery(fake).scope.groups).toEqual(["g-1"]));
    await user.click(screen.getByRole("button", { name: "No group" }));
    await waitFor(() => expect(lastQuery(fake).scope).toMatchObject({ groups: [], noGroup: true }));
  });

  it("treat a script in a name as text (security.md 54)", async () => {
    const fake = new FakeBackend({ people: 3 }).signIn();
    for (const person of fake.world(ORGANIZATION.id).people) person.name = "<img src=x onerror=alert(1)>";
    openApp(fake);
    expect((await screen.findAllByText("<img src=x onerror=alert(1)>")).length).toBeGreaterThan(0);
    expect(document.querySelector("img")).toBeNull();
  });

  it("say that there is nobody in an empty organization", async () => {
    openApp(new FakeBackend({ people: 0, groups: 0 }).signIn());
    expect(await screen.findByText("No users yet")).toBeVisible();
    expect(screen.getByText("0 users")).toBeVisible();
  });
});

describe("the groups of a row", () => {
  it("are no ids as long as they are not read, but say so", async () => {
    const { user, fake, grid } = await openUsers();
    const world = fake.world(ORGANIZATION.id);
    world.unread = true;
    act(() => fake.setSync({ ...fake.sync, lists: { kind: "partial" } }));
    const waiting = await within(grid).findAllByRole("img", { name: "Group being read" });
    expect(waiting.length).toBeGreaterThan(5);
    expect(grid).not.toHaveTextContent(/g-\d/);
    await user.click(waiting[0]?.closest("[role=row]") ?? grid);
    expect(await screen.findByText(/whose names? (is|are) still being read/)).toBeVisible();
    world.unread = false;
    act(() => fake.setSync(synced()));
    await waitFor(() => expect(within(grid).queryByRole("img", { name: "Group being read" })).toBeNull());
  });
});

describe("the grid by keyboard", () => {
  it("moves one cursor that the detail follows", async () => {
    const { user, grid } = await openUsers();
    act(() => grid.focus());
    const first = rows(grid)[0];
    await waitFor(() => expect(cursorRow(grid)).toBe(first));
    await user.keyboard("{ArrowDown}{ArrowDown}");
    const third = rows(grid)[2];
    expect(cursorRow(grid)).toBe(third);
    const name = within(third as HTMLElement).getAllByRole("gridcell")[1]?.textContent;
    expect(await screen.findByRole("region", { name: `User: ${name}` })).toBeVisible();
    await user.keyboard("{ArrowUp}");
    expect(cursorRow(grid)).toBe(rows(grid)[1]);
  });

  it.each([
    ["others come before it", 40, 0],
    ["more than a page of others come before it", 150, 0],
    ["its user is removed", 0, 1],
  ])("leaves the cursor that nobody put there on the first row, also when %s", async (_, before, after) => {
    const fake = new FakeBackend({ people: 300 }).signIn();
    const world = fake.world(ORGANIZATION.id);
    const all = world.people;
    const nameOf = (index: number) => `Person ${String(index).padStart(4, "0")}`;
    for (const [index, person] of all.entries()) person.name = nameOf(index);
    world.people = all.slice(before);
    const { grid } = await openUsers(fake);
    await waitFor(() => expect(cursorRow(grid)).toHaveTextContent(nameOf(before)));
    expect(await screen.findByRole("region", { name: `User: ${nameOf(before)}` })).toBeVisible();
    world.people = all.slice(after);
    act(() => fake.emit({ kind: "directory" }));
    expect(await screen.findByRole("region", { name: `User: ${nameOf(after)}` })).toBeVisible();
    expect(cursorRow(grid)).toBe(rows(grid)[0]);
    expect(cursorRow(grid)).toHaveTextContent(nameOf(after));
  });

  it("has no cursor that nobody put there where no user is left", async () => {
    const fake = new FakeBackend({ people: 30 }).signIn();
    const { grid } = await openUsers(fake);
    await screen.findByRole("region", { name: /^User: / });
    fake.world(ORGANIZATION.id).people = [];
    act(() => fake.emit({ kind: "directory" }));
    await screen.findByText("0 users");
    await waitFor(() => expect(screen.queryByRole("region", { name: /^User: / })).toBeNull());
    expect(cursorRow(grid)).toBeNull();
  });

  it("reaches the last row and comes back, though most rows were never here", async () => {
    const { user, grid } = await openUsers();
    act(() => grid.focus());
    await user.keyboard("{End}");
    await waitFor(() => expect(cursorRow(grid)).toHaveAttribute("aria-rowindex", "301"));
    await user.keyboard("{PageUp}");
    await waitFor(() => expect(Number(cursorRow(grid)?.getAttribute("aria-rowindex"))).toBeLessThan(301));
    await user.keyboard("{Home}");
    await waitFor(() => expect(cursorRow(grid)).toHaveAttribute("aria-rowindex", "2"));
  });

  it("selects with Space, extends with Shift, takes all with Ctrl+A and lets go with Escape", async () => {
    const { user, grid } = await openUsers();
    act(() => grid.focus());
    await waitFor(() => expect(cursorRow(grid)).not.toBeNull());
    await user.keyboard(" ");
    expect(selection()).toHaveTextContent("1 selected");
    await user.keyboard("{Shift>}{ArrowDown}{ArrowDown}{/Shift}");
    await waitFor(() => expect(selection()).toHaveTextContent("3 selected"));
    await user.keyboard("{Shift>}{ArrowUp}{/Shift}");
    await waitFor(() => expect(selection()).toHaveTextContent("2 selected"));
    await user.keyboard("{Control>}a{/Control}");
    expect(selection()).toHaveTextContent("300 selected");
    expect(rows(grid)[5]).toHaveAttribute("aria-selected", "true");
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("toolbar", { name: "Selection" })).toBeNull();
  });

  it("takes Enter to the detail", async () => {
    const { user, grid } = await openUsers();
    await screen.findByRole("button", { name: "Edit groups" });
    await waitFor(() => expect(screen.getByRole("button", { name: "Edit groups" })).toBeEnabled());
    act(() => grid.focus());
    await user.keyboard("{Enter}");
    expect(screen.getByRole("button", { name: "Edit groups" })).toHaveFocus();
  });
});

describe("a selection of users", () => {
  it("is the whole result, not the page, and names what was left out", async () => {
    const { user, grid, fake } = await openUsers();
    await user.type(screen.getByRole("searchbox", { name: "Search users" }), "mul");
    await screen.findByText(/of 300 users/);
    await user.click(within(rows(grid)[0] as HTMLElement).getByRole("checkbox"));
    await user.click(within(selection()).getByRole("button", { name: /^Select all \d+$/ }));
    await user.click(within(rows(grid)[1] as HTMLElement).getByRole("checkbox"));
    await user.click(within(selection()).getByRole("button", { name: "Add to groups" }));
    await user.click(await screen.findByRole("option", { name: /Haus A/ }));
    await user.click(screen.getByRole("button", { name: "Review changes" }));
    await waitFor(() => expect(fake.argsOf("plan_make")).toHaveLength(1));
    expect(fake.argsOf("plan_make")[0]).toMatchObject({
      request: {
        kind: "add",
        users: { kind: "matching", scope: { search: "mul" }, except: [expect.any(String)] },
        groups: ["g-1"],
      },
    });
  });

  it("keeps ticked people through another search, and ends “all that match”", async () => {
    const { user, grid } = await openUsers();
    await user.click(within(rows(grid)[0] as HTMLElement).getByRole("checkbox"));
    await user.type(screen.getByRole("searchbox", { name: "Search users" }), "zoe");
    await screen.findByText(/of 300 users/);
    expect(selection()).toHaveTextContent("1 selected");
    await user.click(within(grid).getByRole("checkbox", { name: "Select all" }));
    await user.click(within(grid).getByRole("checkbox", { name: "Select all" }));
    await user.type(screen.getByRole("searchbox", { name: "Search users" }), "x");
    // The list has the new search when its first rows are there.
    await waitFor(() => expect(screen.queryByRole("toolbar", { name: "Selection" })).toBeNull());
  });
});

describe("the detail of a user", () => {
  it("shows what is known at once, and then what the server says now", async () => {
    const { fake, grid } = await openUsers();
    const person = fake.world(ORGANIZATION.id).people.find((one) => one.groups.size > 0 && one.name !== "");
    if (!person) throw new Error("no such person");
    await waitFor(() => expect(fake.argsOf("user_read").length).toBeGreaterThan(0));
    expect(within(grid).getAllByRole("row").length).toBeGreaterThan(2);
    const read = fake.argsOf("user_read")[0] as { id: string };
    expect(fake.argsOf("user").map((args) => (args as { id: string }).id)).toContain(read.id);
  });

  it("asks the server once where the cursor rests, not on every row it passes", async () => {
    const { user, grid, fake } = await openUsers();
    await waitFor(() => expect(fake.argsOf("user_read")).toHaveLength(1));
    act(() => grid.focus());
    await user.keyboard("{ArrowDown>12/}");
    await waitFor(() => expect(fake.argsOf("user_read")).toHaveLength(2));
  });

  it("keeps what is shown when the second look fails, and says so", async () => {
    const fake = new FakeBackend({ people: 60 }).signIn();
    fake.failing.set("user_read", appError({ code: "timedOut", host: "api2.ezeep.com" }));
    const { user } = await openUsers(fake);
    const region = await screen.findByRole("region", { name: /^User: / });
    expect(await within(region).findByRole("alert")).toHaveTextContent("didn’t answer in time");
    expect(within(region).getByText("Identity")).toBeVisible();
    fake.failing.clear();
    await user.click(within(region).getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(within(region).queryByRole("alert")).toBeNull());
  });

  it("says that a person is gone, with what was known of them", async () => {
    const fake = new FakeBackend({ people: 60 }).signIn();
    fake.failing.set("user_read", appError({ code: "userGone" }));
    await openUsers(fake);
    const region = await screen.findByRole("region", { name: /^User: / });
    expect(await within(region).findByRole("alert")).toHaveTextContent("no longer in the organization");
    expect(within(region).getByRole("button", { name: "Edit groups" })).toBeDisabled();
  });

  it("names every group, and leads to it", async () => {
    const fake = new FakeBackend({ people: 60 }).signIn();
    const { user } = await openUsers(fake);
    const person = fake.world(ORGANIZATION.id).people.find((one) => one.groups.size > 1 && one.name !== "");
    if (!person) throw new Error("no such person");
    await user.type(screen.getByRole("searchbox", { name: "Search users" }), person.email);
    const list = await screen.findByRole("list", { name: `Groups of ${person.name}` });
    const [first] = within(list).getAllByRole("button");
    if (!first) throw new Error("no group");
    const name = first.textContent ?? "";
    await user.click(first);
    expect(await screen.findByRole("region", { name: `Group: ${name}` })).toBeVisible();
  });
});
