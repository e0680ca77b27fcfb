import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { UserQuery } from "../../ipc/bindings";
import { FakeBackend, ORGANIZATION, synced } from "../../test/fakeBackend";
import { openApp } from "../../test/open";

const rows = (grid: HTMLElement) => within(grid).getAllByRole("row").slice(1);
const cells = (row: HTMLElement | undefined) => within(row as HTMLElement).getAllByRole("gridcell");
const box = (name: string) => screen.queryByRole("checkbox", { name: `Select ${name}` });
const selection = () => screen.getByRole("toolbar", { name: "Selection" });
const cursorName = (grid: HTMLElement) => {
  const id = grid.getAttribute("aria-activedescendant");
  return cells(id === null ? undefined : (document.getElementById(id) ?? undefined))[1]?.textContent;
};

async function openUsers(people = 300) {
  const fake = new FakeBackend({ people, groups: 6 }).signIn();
  // Names that sort like their numbers.
  for (const [i, person] of fake.world(ORGANIZATION.id).people.entries())
    person.name = `Person ${String(i).padStart(4, "0")}`;
  const opened = openApp(fake);
  const grid = await screen.findByRole("grid", { name: "Users" });
  await waitFor(() => expect(within(grid).getAllByRole("checkbox").length).toBeGreaterThan(5));
  act(() => grid.focus());
  await waitFor(() => expect(grid.getAttribute("aria-activedescendant")).not.toBeNull());
  return { ...opened, fake, grid, world: fake.world(ORGANIZATION.id) };
}

describe("a selection while the directory changes under it", () => {
  it("keeps who is there and the cursor, and lets go who has left the organization", async () => {
    const { user, grid, fake, world } = await openUsers();
    await user.keyboard("{ArrowDown}{ArrowDown} {ArrowDown} {ArrowDown} ");
    expect(selection()).toHaveTextContent("3 selected");
    expect(cursorName(grid)).toBe("Person 0004");
    // One of the selected leaves, another is renamed to the end, one comes before all.
    world.people.splice(3, 1);
    const renamed = world.people.find((one) => one.name === "Person 0002");
    const template = world.people[0];
    if (!renamed || !template) throw new Error("nobody there");
    renamed.name = "Zuletzt";
    world.people.push({ ...template, id: "new" as typeof template.id, name: "Aaron", groups: new Set() });
    act(() => fake.setSync(synced()));
    await waitFor(() => expect(selection()).toHaveTextContent("2 selected"));
    expect(cursorName(grid)).toBe("Person 0004");
    expect(box("Person 0004")).toBeChecked();
    expect(box("Person 0003")).toBeNull();
    expect(box("Aaron")).not.toBeChecked();
    await user.keyboard("{End}");
    await waitFor(() => expect(box("Zuletzt")).toBeChecked());
  });

  it("asks once who is left, however many are selected, and nothing where nobody is", async () => {
    const { user, fake, grid } = await openUsers();
    act(() => fake.setSync(synced()));
    await waitFor(() => expect(cursorName(grid)).toBe("Person 0000"));
    expect(fake.argsOf("users_not_matching")).toHaveLength(0);
    await user.keyboard("{Shift>}{End}{/Shift}");
    await waitFor(() => expect(selection()).toHaveTextContent("300 selected"));
    act(() => fake.setSync(synced()));
    await waitFor(() => expect(fake.argsOf("users_not_matching")).toHaveLength(1));
    expect(selection()).toHaveTextContent("300 selected");
  });

  it("counts who was left out of all that match only while they match", async () => {
    const { user, fake, world } = await openUsers();
    await user.keyboard("{Control>}a{/Control}");
    await user.keyboard("{ArrowDown} ");
    expect(selection()).toHaveTextContent("299 selected");
    world.people.splice(1, 1);
    act(() => fake.setSync(synced()));
    // All of the 299 who are left.
    await waitFor(() => expect(screen.getByText("299 users")).toBeVisible());
    await waitFor(() => expect(selection()).toHaveTextContent("299 selected"));
  });

  it("stays with the cursor through search and sort", async () => {
    const { user, grid } = await openUsers();
    await user.keyboard("{ArrowDown}{ArrowDown} ");
    const search = screen.getByRole("searchbox", { name: "Search users" });
    await user.type(search, "0002");
    await screen.findByText(/^\d{2,3} of 300 users$/);
    expect(selection()).toHaveTextContent("1 selected");
    await user.clear(search);
    await screen.findByText("300 users");
    expect(box("Person 0002")).toBeChecked();
    act(() => grid.focus());
    await user.keyboard("{Home}{ArrowDown}{ArrowDown}");
    await waitFor(() => expect(cursorName(grid)).toBe("Person 0002"));
    const header = within(grid).getByRole("columnheader", { name: "Name" });
    await user.click(within(header).getByRole("button"));
    await waitFor(() => expect(header).toHaveAttribute("aria-sort", "descending"));
    await waitFor(() => expect(cursorName(grid)).toBe("Person 0002"));
    expect(box("Person 0002")).toBeChecked();
    expect(selection()).toHaveTextContent("1 selected");
  });

  it("extends from where its first row is now, after rows came above it", async () => {
    const { user, grid, fake, world } = await openUsers();
    await user.keyboard("{ArrowDown}{ArrowDown} ");
    const template = world.people[0];
    if (!template) throw new Error("nobody there");
    world.people.push({ ...template, id: "new" as typeof template.id, name: "Aaron", groups: new Set() });
    act(() => fake.setSync(synced()));
    await waitFor(() => expect(cells(rows(grid)[0])[1]).toHaveTextContent("Aaron"));
    await waitFor(() => expect(cursorName(grid)).toBe("Person 0002"));
    await user.keyboard("{Shift>}{ArrowDown}{/Shift}");
    await waitFor(() => expect(selection()).toHaveTextContent("2 selected"));
    expect(box("Person 0002")).toBeChecked();
    expect(box("Person 0003")).toBeChecked();
    expect(box("Person 0001")).not.toBeChecked();
  });
});

describe("a range", () => {
  it("of any size is one question, and no row is read for it", async () => {
    const { user, grid, fake } = await openUsers(3_000);
    const read = () => (fake.argsOf("users") as { query: UserQuery }[]).length;
    await user.keyboard("{ArrowDown}");
    const before = read();
    await user.keyboard("{Shift>}{End}{/Shift}");
    await waitFor(() => expect(selection()).toHaveTextContent("2,999 selected"));
    expect(fake.argsOf("user_ids")).toEqual([
      expect.objectContaining({ query: expect.objectContaining({ offset: 1, limit: 2_999 }) }),
    ]);
    await waitFor(() => expect(grid.getAttribute("aria-activedescendant")).toMatch(/-2999$/));
    // Only what is shown at the end.
    expect(read() - before).toBeLessThan(8);
    await user.keyboard("{Shift>}{ArrowUp}{/Shift}");
    await waitFor(() => expect(selection()).toHaveTextContent("2,998 selected"));
    await user.keyboard("{Shift>}{Home}{/Shift}");
    await waitFor(() => expect(selection()).toHaveTextContent("2 selected"));
    expect(box("Person 0000")).toBeChecked();
    expect(box("Person 0001")).toBeChecked();
  });

  it("of rows that are on the screen asks nothing", async () => {
    const { user, fake } = await openUsers();
    await user.keyboard("{Shift>}{ArrowDown}{ArrowDown}{ArrowDown}{ArrowUp}{/Shift}");
    await waitFor(() => expect(selection()).toHaveTextContent("3 selected"));
    expect(fake.argsOf("user_ids")).toHaveLength(0);
  });

  it("begins anew after another sort", async () => {
    const { user, grid } = await openUsers();
    await user.keyboard("{Shift>}{ArrowDown}{ArrowDown}{ArrowDown}{ArrowDown}{/Shift}");
    await waitFor(() => expect(selection()).toHaveTextContent("5 selected"));
    const header = within(grid).getByRole("columnheader", { name: "Email" });
    await user.click(within(header).getByRole("button"));
    await waitFor(() => expect(header).toHaveAttribute("aria-sort", "ascending"));
    act(() => grid.focus());
    await user.keyboard("{Home}");
    await user.keyboard("{Shift>}{ArrowDown}{/Shift}");
    await waitFor(() => expect(cells(rows(grid)[1])[0]?.querySelector("input")).toBeChecked());
    expect(Number(/\d+/.exec(selection().textContent ?? "")?.[0])).toBeGreaterThanOrEqual(5);
  });
});
