import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import type { GroupId, UserQuery, ViewForm, ViewId } from "../../ipc/bindings";
import { FakeBackend, ORGANIZATION } from "../../test/fakeBackend";
import { openApp, pageDrawn } from "../../test/open";

const FORM: ViewForm = {
  name: "Admins",
  search: "",
  groups: [],
  noGroup: false,
  roles: ["admin"],
  states: [],
  origins: [],
  settings: [],
  sort: "email",
  descending: true,
  columns: [
    { name: "email", shown: null, width: 300 },
    { name: "name", shown: null, width: null },
    { name: "groups", shown: null, width: null },
    { name: "joined", shown: true, width: null },
  ],
};
const heads = () =>
  within(screen.getByRole("grid", { name: "Users" }))
    .getAllByRole("columnheader")
    .map((head) => head.getAttribute("aria-label"))
    .filter(Boolean);
const lastQuery = (fake: FakeBackend) => (fake.argsOf("users").at(-1) as { query: UserQuery }).query;

function signedIn() {
  return new FakeBackend({ people: 60 }).signIn();
}
function withView(fake = signedIn(), form: Partial<ViewForm> = {}) {
  fake.lists.views = [{ id: "v-a" as ViewId, form: { ...FORM, ...form } }];
  return fake;
}
async function opened(fake: FakeBackend) {
  const made = openApp(fake);
  const grid = await screen.findByRole("grid", { name: "Users" });
  await waitFor(() => expect(within(grid).getAllByRole("row").length).toBeGreaterThan(1));
  await pageDrawn();
  return { ...made, grid };
}

describe("a saved view", () => {
  it("that was chosen last is there before any other question is asked", async () => {
    const fake = withView();
    fake.lists.chosen = "v-a" as ViewId;
    await opened(fake);
    expect(screen.getByRole("button", { name: "View: Admins" })).toBeVisible();
    for (const args of fake.argsOf("users"))
      if ((args as { query: UserQuery }).query.limit > 1)
        expect((args as { query: UserQuery }).query).toMatchObject({ sort: "email", scope: { roles: ["admin"] } });
    expect(heads().slice(0, 2)).toEqual(["Email", "Name"]);
    expect(heads()).toContain("Joined");
  });

  it("takes search, filters, sort and columns under a name, and is chosen then", async () => {
    const { user, fake } = await opened(signedIn());
    await user.type(screen.getByRole("searchbox", { name: "Search users" }), "mul");
    await user.click(within(screen.getByRole("columnheader", { name: "Email" })).getByRole("button"));
    await user.click(screen.getByRole("button", { name: "View: All users" }));
    await user.click(await screen.findByRole("menuitem", { name: "Save view…" }));
    await user.type(await screen.findByRole("textbox", { name: "Name" }), "  Müllers {Enter}");
    expect(await screen.findByRole("button", { name: "View: Müllers" })).toBeVisible();
    expect(fake.lists.views[0]?.form).toMatchObject({ name: "Müllers", search: "mul", sort: "email" });
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  it("says why a name can't be taken, and keeps what was typed", async () => {
    const { user } = await opened(withView());
    await user.click(screen.getByRole("button", { name: "View: All users" }));
    await user.click(await screen.findByRole("menuitem", { name: "Save view…" }));
    const name = await screen.findByRole("textbox", { name: "Name" });
    await user.type(name, "ADMINS{Enter}");
    expect(await screen.findByRole("alert")).toHaveTextContent("Another view has this name");
    expect(name).toHaveValue("ADMINS");
  });

  it("is marked when something else is shown, and updated on demand", async () => {
    const { user, fake } = await opened(withView());
    await user.keyboard("{Alt>}1{/Alt}");
    expect(await screen.findByRole("button", { name: "View: Admins" })).toBeVisible();
    await user.type(screen.getByRole("searchbox", { name: "Search users" }), "a");
    await user.click(await screen.findByRole("button", { name: "View: Admins, changed" }));
    await user.click(await screen.findByRole("menuitem", { name: "Update" }));
    expect(await screen.findByRole("button", { name: "View: Admins" })).toBeVisible();
    expect(fake.lists.views[0]?.form.search).toBe("a");
    await user.keyboard("{Alt>}0{/Alt}");
    expect(await screen.findByText("60 users")).toBeVisible();
    expect(screen.getByRole("searchbox", { name: "Search users" })).toHaveValue("");
    expect(fake.lists.chosen).toBeNull();
  });

  it("is renamed without saving what was changed meanwhile", async () => {
    const { user, fake } = await opened(withView());
    await user.keyboard("{Alt>}1{/Alt}");
    await user.type(screen.getByRole("searchbox", { name: "Search users" }), "a");
    await user.click(await screen.findByRole("button", { name: "View: Admins, changed" }));
    await user.click(await screen.findByRole("menuitem", { name: "Rename…" }));
    const name = await screen.findByRole("textbox", { name: "Name" });
    await user.clear(name);
    await user.type(name, "Chiefs{Enter}");
    expect(await screen.findByRole("button", { name: "View: Chiefs, changed" })).toBeVisible();
    expect(fake.lists.views[0]?.form).toMatchObject({ name: "Chiefs", search: "" });
  });

  it("is deleted, and brought back to its place", async () => {
    const { user, fake } = await opened(withView());
    await user.keyboard("{Alt>}1{/Alt}");
    await user.click(await screen.findByRole("button", { name: "View: Admins" }));
    await user.click(await screen.findByRole("menuitem", { name: "Delete" }));
    expect(await screen.findByRole("button", { name: "View: All users" })).toBeVisible();
    expect(fake.lists.views).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Undo" }));
    expect(await screen.findByRole("button", { name: "View: Admins" })).toBeVisible();
  });

  it("that names a group that is gone says so and works without it", async () => {
    const groups = [{ id: "g-gone" as GroupId, name: "Chess <b>club</b>" }];
    const { user, fake } = await opened(withView(signedIn(), { groups, roles: [] }));
    await user.keyboard("{Alt>}1{/Alt}");
    expect(await screen.findByText(/^No longer there.*Chess <b>club<\/b>/)).toBeVisible();
    await waitFor(() => expect(lastQuery(fake).scope.groups).toEqual([]));
    expect(await screen.findByText("60 users")).toBeVisible();
    expect(screen.getByRole("button", { name: "View: Admins, changed" })).toBeVisible();
  });

  it("with hostile text is text", async () => {
    const name = "<img src=x onerror=alert(1)>\u202e";
    const fake = withView(signedIn(), { name });
    const { user } = await opened(fake);
    await user.keyboard("{Alt>}1{/Alt}");
    expect(await screen.findByRole("button", { name: "View: <img src=x onerror=alert(1)>" })).toBeVisible();
    expect(document.querySelector("img")).toBeNull();
  });
});

describe("columns", () => {
  it("are chosen in a menu that keeps the name, and remembered", async () => {
    const { user, fake } = await opened(signedIn());
    await user.click(screen.getByRole("button", { name: "Columns" }));
    expect(await screen.findByRole("menuitemcheckbox", { name: "Name" })).toHaveAttribute("aria-disabled", "true");
    await user.click(screen.getByRole("menuitemcheckbox", { name: "Email" }));
    await user.click(screen.getByRole("menuitemcheckbox", { name: "ID" }));
    await user.keyboard("{Escape}");
    expect(heads()).not.toContain("Email");
    expect(heads()).toContain("ID");
    const kept = fake.lists.columns.users;
    expect(kept.find((column) => column.name === "email")?.shown).toBe(false);
    await user.click(screen.getByRole("button", { name: "Columns" }));
    await user.click(await screen.findByRole("menuitem", { name: "Reset columns" }));
    expect(heads()).toContain("Email");
    expect(fake.lists.columns.users).toEqual([]);
  });

  it("are ordered and sized by keyboard from the header", async () => {
    const { user, grid, fake } = await opened(signedIn());
    act(() => grid.focus());
    await waitFor(() => expect(grid).toHaveAttribute("aria-activedescendant"));
    await user.keyboard("{ArrowUp}{ArrowRight}");
    expect(within(screen.getByRole("columnheader", { name: "Email" })).getByRole("button")).toHaveFocus();
    await user.keyboard("{Alt>}{ArrowDown}{/Alt}");
    await user.click(await screen.findByRole("menuitem", { name: "Move left" }));
    expect(heads().slice(0, 2)).toEqual(["Email", "Name"]);
    const edge = within(screen.getByRole("columnheader", { name: "Email" })).getByRole("separator");
    act(() => edge.focus());
    await user.keyboard("{ArrowRight}");
    await waitFor(() => expect(fake.lists.columns.users.find(({ name }) => name === "email")?.width).toBe(90));
    expect(edge).toHaveAttribute("aria-valuenow", "90");
    await user.keyboard("{Escape}{ArrowDown}");
    expect(grid).toHaveFocus();
  });

  it("take the focus back from their menu once the page behind it is no longer inert", async () => {
    const { user, grid } = await opened(signedIn());
    // A browser can't focus what is inert; jsdom, which does not know inert, treats it as hidden.
    const { focus } = HTMLElement.prototype;
    const focusable = vi.spyOn(HTMLElement.prototype, "focus").mockImplementation(function (
      this: HTMLElement,
      options,
    ) {
      if (!this.closest('[aria-hidden="true"]')) focus.call(this, options);
    });
    const head = () => within(screen.getByRole("columnheader", { name: "Email" }));
    const choose = async (item: string) => {
      await user.keyboard("{Alt>}{ArrowDown}{/Alt}");
      const found = await screen.findByRole("menuitem", { name: item });
      const frames = vi.spyOn(window, "requestAnimationFrame").mockReturnValue(0);
      await user.click(found);
      frames.mockRestore();
    };
    act(() => head().getByRole("button").focus());
    await choose("Move left");
    expect(head().getByRole("button")).toHaveFocus();
    await choose("Change width");
    expect(head().getByRole("separator")).toHaveFocus();
    await user.keyboard("{Escape}");
    expect(head().getByRole("button")).toHaveFocus();
    await choose("Hide column");
    expect(grid).toHaveFocus();
    focusable.mockRestore();
  });

  it("of the groups are their own", async () => {
    const fake = signedIn();
    fake.lists.columns.groups = [{ name: "description", shown: false, width: null }];
    const { user } = await opened(fake);
    await user.click(screen.getByRole("link", { name: "Groups" }));
    const grid = await screen.findByRole("grid", { name: "Groups" });
    const names = within(grid)
      .getAllByRole("columnheader")
      .map((head) => head.getAttribute("aria-label"));
    expect(names).toEqual(["Name", "Origin", "Members", "Printers"]);
  });
});

describe("the grid under a person's hands", () => {
  const cursorText = (grid: HTMLElement) =>
    document.getElementById(grid.getAttribute("aria-activedescendant") ?? "")?.textContent ?? "";

  it("goes to a name as it is typed, and moves and ticks by letters", async () => {
    const { user, grid } = await opened(signedIn());
    act(() => grid.focus());
    await waitFor(() => expect(cursorText(grid)).not.toBe(""));
    await user.keyboard("zo");
    await waitFor(() => expect(cursorText(grid)).toMatch(/^Zoë/));
    await user.keyboard("{Home}{Escape}jj");
    await waitFor(() => expect(grid.getAttribute("aria-activedescendant")).toMatch(/-2$/));
    await user.keyboard("kx");
    expect(screen.getByRole("toolbar", { name: "Selection" })).toHaveTextContent("1 selected");
    await user.keyboard("{Control>}{Shift>}A{/Shift}{/Control}");
    await waitFor(() => expect(screen.getByRole("toolbar", { name: "Selection" })).toHaveTextContent("59 selected"));
    await user.keyboard("{Control>}{Shift>}A{/Shift}{/Control}");
    expect(screen.getByRole("toolbar", { name: "Selection" })).toHaveTextContent("1 selected");
  });

  it("lets go of the selection first and of the search then, by Escape", async () => {
    const { user, grid } = await opened(signedIn());
    const search = screen.getByRole("searchbox", { name: "Search users" });
    await user.type(search, "mul");
    await screen.findByText(/of 60 users/);
    act(() => grid.focus());
    await user.keyboard("{Control>}a{/Control}{Escape}");
    expect(screen.queryByRole("toolbar", { name: "Selection" })).toBeNull();
    expect(search).toHaveValue("mul");
    await user.keyboard("{Escape}");
    expect(search).toHaveValue("");
  });

  it("keeps the cursor on the person through another order", async () => {
    const { user, grid } = await opened(signedIn());
    act(() => grid.focus());
    await user.keyboard("{ArrowDown}{ArrowDown}{ArrowDown}");
    const region = (await screen.findByRole("region", { name: /^User: / })).getAttribute("aria-label");
    await user.click(within(screen.getByRole("columnheader", { name: "Email" })).getByRole("button"));
    await user.click(within(screen.getByRole("columnheader", { name: "Email" })).getByRole("button"));
    await waitFor(() => expect(grid).not.toHaveAttribute("aria-busy"));
    expect(screen.getByRole("region", { name: /^User: / })).toHaveAttribute("aria-label", region);
    const name = region?.replace("User: ", "") ?? "";
    await waitFor(() => expect(cursorText(grid)).toContain(name));
  });

  it("holds the rows on the screen when others come before them", async () => {
    const fake = new FakeBackend({ people: 300 }).signIn();
    const { grid } = await opened(fake);
    act(() => grid.scrollTo({ top: 100 * 36 }));
    const atTop = () => {
      const first = Math.floor(grid.scrollTop / 36);
      return grid.querySelector(`[aria-rowindex="${first + 2}"]`)?.textContent;
    };
    await waitFor(() => expect(atTop()).toBeTruthy());
    const before = atTop();
    const { people } = fake.world(ORGANIZATION.id);
    const [some] = people;
    if (!some) throw new Error("nobody");
    for (let i = 0; i < 7; i += 1)
      people.push({ ...some, id: `first-${i}` as typeof some.id, name: `Aaa ${i}`, groups: new Set() });
    act(() => fake.emit({ kind: "directory" }));
    expect(await screen.findByText("307 users")).toBeVisible();
    expect(grid.scrollTop).toBe(107 * 36);
    expect(atTop()).toBe(before);
  });

  it("lists its keys on “?”, and gives the focus back", async () => {
    const { user, grid } = await opened(signedIn());
    act(() => grid.focus());
    await user.keyboard("?");
    expect(await screen.findByRole("dialog", { name: "Keys" })).toHaveTextContent("Select all that match");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await user.type(screen.getByRole("searchbox", { name: "Search users" }), "?");
    expect(screen.queryByRole("dialog")).toBeNull();
  });
});

/** Presses a key as soon as something is drawn, before any effect that React runs later. */
function pressedOnceDrawn(selector: string, key: KeyboardEventInit): Promise<void> {
  return new Promise((pressed) => {
    const observer = new MutationObserver(() => {
      if (!document.querySelector(selector)) return;
      observer.disconnect();
      document.body.dispatchEvent(new KeyboardEvent("keydown", { ...key, bubbles: true, cancelable: true }));
      pressed();
    });
    observer.observe(document.body, { childList: true, subtree: true });
  });
}

describe("a key that is pressed in the moment in which the list is drawn", () => {
  const grid = '[role=grid][aria-label="Users"]';

  it("shows the keys", async () => {
    const pressed = pressedOnceDrawn(grid, { key: "?" });
    openApp(signedIn());
    await pressed;
    expect(await screen.findByRole("dialog", { name: "Keys" })).toBeVisible();
  });

  it("chooses a view", async () => {
    const pressed = pressedOnceDrawn(grid, { key: "1", code: "Digit1", altKey: true });
    openApp(withView());
    await pressed;
    expect(await screen.findByRole("button", { name: "View: Admins" })).toBeVisible();
  });

  it("goes to the search", async () => {
    const pressed = pressedOnceDrawn("input[type=search]", { key: "/" });
    openApp(signedIn());
    await pressed;
    await waitFor(() => expect(screen.getByRole("searchbox", { name: "Search users" })).toHaveFocus());
  });
});
