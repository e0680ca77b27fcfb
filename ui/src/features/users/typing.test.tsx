import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { UserQuery, UserScope } from "../../ipc/bindings";
import { FakeBackend } from "../../test/fakeBackend";
import { openApp } from "../../test/open";

/** The queries for the top of the list. */
const searches = (fake: FakeBackend) =>
  (fake.argsOf("users") as { query: UserQuery }[])
    .filter(({ query }) => query.offset === 0)
    .map(({ query }) => query.scope.search);
const counted = (fake: FakeBackend) =>
  (fake.argsOf("facets") as { scope: UserScope }[]).map(({ scope }) => scope.search);

async function openUsers() {
  const fake = new FakeBackend({ people: 300 }).signIn();
  const { user } = openApp(fake);
  const grid = await screen.findByRole("grid", { name: "Users" });
  await waitFor(() => expect(within(grid).getAllByRole("checkbox").length).toBeGreaterThan(5));
  const field = screen.getByRole("searchbox", { name: "Search users" });
  return { fake, user, grid, field };
}

describe("a search that is typed", () => {
  it("stands in its field at once, and the list keeps its rows until those of the search are here", async () => {
    const { fake, user, grid, field } = await openUsers();
    fake.holdAnswer("users");
    await user.type(field, "mul");
    expect(field).toHaveValue("mul");
    expect(within(grid).getAllByRole("checkbox").length).toBeGreaterThan(5);
    expect(screen.queryByText(/ of 300 users$/)).toBeNull();
    // If they take long, the list shows that they are not there yet.
    await waitFor(() => expect(grid).toHaveAttribute("aria-busy", "true"));
    fake.release("users");
    expect(await screen.findByText(/^\d+ of 300 users$/)).toBeVisible();
    await waitFor(() => expect(grid).not.toHaveAttribute("aria-busy"));
    expect(field).toHaveValue("mul");
  });

  it("is asked once for each letter, and what was typed last is what is shown", async () => {
    const { fake, user, field } = await openUsers();
    const before = searches(fake).length;
    fake.holdAnswer("users");
    await user.type(field, "mu");
    fake.release("users");
    await user.type(field, "l zoe");
    expect(await screen.findByText(/^\d+ of 300 users$/)).toBeVisible();
    const asked = searches(fake).slice(before);
    for (const text of ["m", "mu", "mul", "mul zoe"]) expect(asked.filter((one) => one === text)).toHaveLength(1);
    await waitFor(() => expect(counted(fake).at(-1)).toBe("mul zoe"));
    expect(field).toHaveValue("mul zoe");
  });

  it("has its counts and its detail when the typing is over", async () => {
    const { fake, user, field, grid } = await openUsers();
    await waitFor(() => expect(counted(fake)).toEqual([""]));
    await user.type(field, "mul z");
    await waitFor(() => expect(counted(fake).at(-1)).toBe("mul z"));
    const name = await waitFor(() => {
      // The row of the headers is there before any other.
      const first = within(grid).getAllByRole("row")[1];
      return within(first as HTMLElement).getAllByRole("gridcell")[1]?.textContent ?? "";
    });
    expect(await screen.findByRole("region", { name: new RegExp(name) })).toBeVisible();
  });

  it("is emptied everywhere by the button of the list that found nobody", async () => {
    const { user, field } = await openUsers();
    await user.type(field, "nobody at all");
    await screen.findByText("Nobody matches");
    await user.click(within(screen.getByRole("main")).getByRole("button", { name: "Clear search" }));
    await waitFor(() => expect(field).toHaveValue(""));
    expect(await screen.findByText("300 users")).toBeVisible();
  });
});
