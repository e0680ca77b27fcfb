import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { GroupId, WorkspaceId } from "../../ipc/bindings";
import { appError, FakeBackend, ORGANIZATION } from "../../test/fakeBackend";
import { openApp } from "../../test/open";

/** The first workspace of a stand-in. */
const WORKSPACE = "ws-1" as WorkspaceId;

async function openGroups(fake = new FakeBackend({ people: 120 }).signIn()) {
  const opened = openApp(fake);
  await opened.user.click(await screen.findByRole("link", { name: "Groups" }));
  await screen.findByRole("grid", { name: "Groups" });
  await screen.findByText(/^\d+ groups$/, { selector: "[role=status]" });
  return opened;
}

async function openGroup(name: string, fake?: FakeBackend) {
  const opened = await openGroups(fake);
  const grid = screen.getByRole("grid", { name: "Groups" });
  await opened.user.click(await within(grid).findByText(name));
  const region = await screen.findByRole("region", { name: `Group: ${name}` });
  return { ...opened, region };
}

/** A name as copied from the screen. */
const seenOf = (text: string) =>
  text
    .normalize("NFC")
    .replace(/\u200b/g, "")
    .replace(/’/g, "'")
    .replace(/\s+/g, " ");

describe("the groups", () => {
  it("are searched, and an empty result is cleared", async () => {
    const { user } = await openGroups();
    await user.type(screen.getByRole("searchbox", { name: "Search groups" }), "haus");
    expect(await screen.findByText("3 of 12 groups")).toBeVisible();
    await user.type(screen.getByRole("searchbox", { name: "Search groups" }), "xyz");
    expect(await screen.findByText("No group matches")).toBeVisible();
    await user.click(within(screen.getByRole("main")).getByRole("button", { name: "Clear search" }));
    expect(await screen.findByText("12 groups")).toBeVisible();
  });

  it("say that there are none, with one way to make the first", async () => {
    await openGroups(new FakeBackend({ people: 0, groups: 0 }).signIn());
    expect(await screen.findByText("No groups yet")).toBeVisible();
    expect(screen.getAllByRole("button", { name: "New group" })).toHaveLength(1);
  });

  it("show members and settings of one, read again from the server", async () => {
    const { region, user, fake } = await openGroup("Haus A");
    expect(within(region).getByRole("grid", { name: "Members of Haus A" })).toBeVisible();
    await waitFor(() => expect(fake.argsOf("group_read")).toContainEqual({ workspace: WORKSPACE, id: "g-1" }));
    expect(
      within(region)
        .getAllByRole("tab")
        .map((tab) => tab.textContent),
    ).toEqual(["Members", "Settings"]);
    await user.click(within(region).getByRole("tab", { name: "Settings" }));
    expect(within(region).getByText("Print settings")).toBeVisible();
  });

  it("say so where they are synced from Azure, and where to change them", async () => {
    const { region } = await openGroup("Kollegium Azure");
    expect(within(region).getByText("Synced from Azure")).toBeVisible();
    for (const name of ["Edit group", "Delete group", "Add members", "Remove from group"])
      expect(within(region).getByRole("button", { name })).toBeDisabled();
  });
});

describe("a new group", () => {
  it("is made from the dialog, and shown", async () => {
    const { user, fake } = await openGroups();
    await user.click(screen.getByRole("button", { name: "New group" }));
    const dialog = await screen.findByRole("dialog", { name: "New group" });
    expect(dialog).toHaveTextContent("Nordhafen Schulen");
    expect(within(dialog).getByRole("textbox", { name: "Name" })).toHaveFocus();
    await user.keyboard("  Chor  ");
    await user.type(within(dialog).getByRole("textbox", { name: "Description" }), "Montags");
    await user.click(within(dialog).getByRole("switch", { name: "MyPrinters" }));
    expect(within(dialog).getByRole("switch", { name: "Local printing" })).toBeChecked();
    await user.click(within(dialog).getByRole("button", { name: "Create group" }));
    expect(await screen.findByRole("region", { name: "Group: Chor" })).toBeVisible();
    expect(fake.argsOf("group_create")).toEqual([
      {
        workspace: WORKSPACE,
        form: {
          name: "  Chor  ",
          description: "Montags",
          localPrinting: true,
          myPrinters: true,
          confirmedLookalikes: [],
        },
      },
    ]);
    expect(await screen.findByText("13 groups")).toBeVisible();
  });

  it("needs a name of 1 to 255 characters, counted as people count them", async () => {
    const { user, fake } = await openGroups();
    await user.click(screen.getByRole("button", { name: "New group" }));
    const dialog = await screen.findByRole("dialog", { name: "New group" });
    await user.click(within(dialog).getByRole("button", { name: "Create group" }));
    expect(within(dialog).getByRole("alert")).toHaveTextContent("Give the group a name.");
    const name = within(dialog).getByRole("textbox", { name: "Name" });
    await user.click(name);
    await user.paste("😀".repeat(255));
    await user.click(within(dialog).getByRole("button", { name: "Create group" }));
    await waitFor(() => expect(fake.argsOf("group_create")).toHaveLength(1));
  });

  it("says how much too long a name is, and sends nothing", async () => {
    const { user, fake } = await openGroups();
    await user.click(screen.getByRole("button", { name: "New group" }));
    const dialog = await screen.findByRole("dialog", { name: "New group" });
    await user.paste("x".repeat(256));
    expect(within(dialog).getByRole("alert")).toHaveTextContent("1 character too many (255 at most).");
    await user.click(within(dialog).getByRole("button", { name: "Create group" }));
    expect(fake.argsOf("group_create")).toEqual([]);
  });

  it("keeps what was typed when the name is taken", async () => {
    const { user } = await openGroups();
    await user.click(screen.getByRole("button", { name: "New group" }));
    const dialog = await screen.findByRole("dialog", { name: "New group" });
    await user.type(within(dialog).getByRole("textbox", { name: "Name" }), "Haus A");
    await user.click(within(dialog).getByRole("button", { name: "Create group" }));
    expect(await within(dialog).findByRole("alert")).toHaveTextContent("Another group has this name already");
    expect(within(dialog).getByRole("textbox", { name: "Name" })).toHaveValue("Haus A");
  });

  it("is asked about where its name is easily mistaken for another, and made when that is confirmed", async () => {
    const { user, fake } = await openGroups();
    await user.click(screen.getByRole("button", { name: "New group" }));
    const dialog = await screen.findByRole("dialog", { name: "New group" });
    const name = within(dialog).getByRole("textbox", { name: "Name" });
    await user.click(name);
    await user.paste("Haus\u200b A");
    await user.click(within(dialog).getByRole("button", { name: "Create group" }));
    const alert = await within(dialog).findByRole("alert");
    expect(alert).toHaveTextContent("easily mistaken for another group’s");
    expect(alert).toHaveTextContent("“Haus A”");
    await waitFor(() => expect(document.activeElement).toContainElement(alert));
    // Another name is another question.
    await user.type(name, "!");
    expect(within(dialog).queryByRole("alert")).toBeNull();
    await user.type(name, "{Backspace}");
    await user.click(within(dialog).getByRole("button", { name: "Create group" }));
    await user.click(await within(dialog).findByRole("button", { name: "Use this name anyway" }));
    expect(await screen.findByText("13 groups")).toBeVisible();
    expect(fake.argsOf("group_create")).toMatchObject(
      [[], [], ["g-1"]].map((confirmedLookalikes) => ({ form: { confirmedLookalikes } })),
    );
  });

  it("is refused where nobody can see its name, and the words go when it is typed on", async () => {
    const { user, fake } = await openGroups();
    await user.click(screen.getByRole("button", { name: "New group" }));
    const dialog = await screen.findByRole("dialog", { name: "New group" });
    const name = within(dialog).getByRole("textbox", { name: "Name" });
    await user.click(name);
    await user.paste("\u200b\u2060");
    await user.click(within(dialog).getByRole("button", { name: "Create group" }));
    expect(await within(dialog).findByRole("alert")).toHaveTextContent("This name isn’t visible");
    expect(name).toBeInvalid();
    expect(fake.world(ORGANIZATION.id).groups).toHaveLength(12);
    await user.type(name, "Chor");
    expect(within(dialog).queryByRole("alert")).toBeNull();
  });

  it("leads to the group that may be it, where the reply to its creation was lost", async () => {
    const { user, fake } = await openGroups();
    const candidates = [{ id: "g-3" as GroupId, name: "Haus C" }];
    fake.failing.set("group_create", appError({ code: "createUnconfirmed", candidates }));
    await user.click(screen.getByRole("button", { name: "New group" }));
    const dialog = await screen.findByRole("dialog", { name: "New group" });
    await user.type(within(dialog).getByRole("textbox", { name: "Name" }), "Haus C");
    await user.click(within(dialog).getByRole("button", { name: "Create group" }));
    expect(await within(dialog).findByRole("alert")).toHaveTextContent("which another admin may have created");
    await user.click(within(dialog).getByRole("button", { name: "Show group Haus C" }));
    expect(await screen.findByRole("region", { name: "Group: Haus C" })).toBeVisible();
  });

  it("gives the focus back to its button when it is closed", async () => {
    const { user } = await openGroups();
    const button = screen.getByRole("button", { name: "New group" });
    await user.click(button);
    await screen.findByRole("dialog", { name: "New group" });
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await waitFor(() => expect(button).toHaveFocus());
  });
});

describe("a group", () => {
  it("is edited", async () => {
    const { user, region } = await openGroup("Haus A");
    await user.click(within(region).getByRole("button", { name: "Edit group" }));
    const dialog = await screen.findByRole("dialog", { name: "Edit group" });
    const name = within(dialog).getByRole("textbox", { name: "Name" });
    expect(name).toHaveValue("Haus A");
    await user.clear(name);
    await user.type(name, "Haus Alpha");
    await user.click(within(dialog).getByRole("button", { name: "Save changes" }));
    expect(await screen.findByRole("region", { name: "Group: Haus Alpha" })).toBeVisible();
  });

  it("is edited in what was touched, and in nothing else", async () => {
    const fake = new FakeBackend({ people: 120 }).signIn();
    const group = fake.world(ORGANIZATION.id).groups.find((one) => one.id === "g-1");
    if (group) group.name = "Haus A ";
    const { user, region } = await openGroup("Haus A", fake);
    await user.click(within(region).getByRole("button", { name: "Edit group" }));
    const dialog = await screen.findByRole("dialog", { name: "Edit group" });
    await user.click(within(dialog).getByRole("switch", { name: "MyPrinters" }));
    const on = group?.myPrinters ?? false;
    await user.click(within(dialog).getByRole("button", { name: "Save changes" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(fake.argsOf("group_update")).toEqual([
      {
        workspace: WORKSPACE,
        id: "g-1",
        edit: {
          name: null,
          description: null,
          localPrinting: null,
          myPrinters: { openedWith: on, value: !on },
          confirmedLookalikes: [],
        },
      },
    ]);
    expect(group?.name).toBe("Haus A ");
  });

  async function editWhileAnotherDoes(change: { name?: string; description?: string }) {
    const opened = await openGroup("Haus A");
    const { user, region, fake } = opened;
    await user.click(within(region).getByRole("button", { name: "Edit group" }));
    const dialog = await screen.findByRole("dialog", { name: "Edit group" });
    const name = within(dialog).getByRole("textbox", { name: "Name" });
    await user.clear(name);
    await user.type(name, "Haus Alpha");
    const group = fake.world(ORGANIZATION.id).groups.find((one) => one.id === "g-1");
    Object.assign(group ?? {}, change);
    const save = () => user.click(within(dialog).getByRole("button", { name: "Save changes" }));
    await save();
    return { ...opened, dialog, group, save };
  }

  it("shows both values where somebody else changed the same field, and saves the one that is chosen", async () => {
    for (const [choice, name] of [
      ["Theirs: Haus Beta", "Haus Beta"],
      ["Yours: Haus Alpha", "Haus Alpha"],
    ] as const) {
      const { dialog, user, group, save, unmount } = await editWhileAnotherDoes({
        name: "Haus Beta",
        description: "Von nebenan",
      });
      const alert = await within(dialog).findByRole("alert");
      expect(alert).toHaveTextContent("Changed meanwhile by another admin");
      await waitFor(() => expect(document.activeElement).toContainElement(alert));
      expect(group?.name).toBe("Haus Beta");
      const question = within(dialog).getByRole("radiogroup", { name: "Name" });
      expect(within(question).getAllByRole("radio")).toHaveLength(2);
      await user.tab();
      await user.click(within(question).getByRole("radio", { name: choice }));
      expect(within(dialog).getByRole("textbox", { name: "Name" })).toHaveValue(name);
      await save();
      expect(await screen.findByRole("region", { name: `Group: ${name}` })).toBeVisible();
      expect(group).toMatchObject({ name, description: "Von nebenan" });
      unmount();
    }
  });

  it("asks again, and saves nothing, until a conflict has an answer", async () => {
    const { dialog, fake, save, user, group } = await editWhileAnotherDoes({ name: "Haus Beta" });
    const question = await within(dialog).findByRole("radiogroup", { name: "Name" });
    await save();
    expect(fake.argsOf("group_update")).toHaveLength(1);
    expect(question).toHaveAttribute("aria-invalid", "true");
    expect(within(question).getByRole("radio", { name: "Theirs: Haus Beta" })).toHaveFocus();
    // A third value is an answer too.
    const name = within(dialog).getByRole("textbox", { name: "Name" });
    await user.clear(name);
    await user.type(name, "Haus Gamma");
    expect(within(question).getByRole("radio", { name: "Yours: Haus Alpha" })).toBeChecked();
    await save();
    expect(await screen.findByRole("region", { name: "Group: Haus Gamma" })).toBeVisible();
    expect(group?.name).toBe("Haus Gamma");
  });

  it("is asked about by the other admin's change after the first answer", async () => {
    const { dialog, save, user, group } = await editWhileAnotherDoes({ name: "Haus Beta" });
    await user.click(await within(dialog).findByRole("radio", { name: "Yours: Haus Alpha" }));
    if (group) group.name = "Haus Delta";
    await save();
    expect(await within(dialog).findByRole("radio", { name: "Theirs: Haus Delta" })).not.toBeChecked();
    expect(group?.name).toBe("Haus Delta");
  });

  it("says what somebody else changed while it was saved", async () => {
    const { region, user, fake } = await openGroup("Haus A");
    fake.overwriting = { description: "", myPrinters: true };
    await user.click(within(region).getByRole("button", { name: "Edit group" }));
    const dialog = await screen.findByRole("dialog", { name: "Edit group" });
    await user.type(within(dialog).getByRole("textbox", { name: "Description" }), "Neu");
    await user.click(within(dialog).getByRole("button", { name: "Save changes" }));
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("changed by another admin at the same time");
    expect(alert).toHaveTextContent(/Description\s*None/);
    expect(alert).toHaveTextContent(/MyPrinters\s*On/i);
    await user.click(screen.getByRole("button", { name: "Close" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  it("is deleted only after its name was typed, where it has members", async () => {
    const { user, region, fake } = await openGroup("Haus A");
    await user.click(within(region).getByRole("button", { name: "Delete group" }));
    const dialog = await screen.findByRole("dialog", { name: "Delete group Haus A?" });
    const go = within(dialog).getByRole("button", { name: "Delete group" });
    expect(go).toBeDisabled();
    await user.type(within(dialog).getByRole("textbox", { name: "Type the group's name" }), "Haus A");
    await waitFor(() => expect(go).toBeEnabled());
    await user.click(go);
    expect(await screen.findByText("11 groups")).toBeVisible();
    expect(fake.argsOf("group_delete")).toEqual([{ workspace: WORKSPACE, id: "g-1", confirmation: "Haus A" }]);
    expect(screen.queryByRole("region", { name: "Group: Haus A" })).toBeNull();
  });

  it.each([
    ["Trakt  B", "Trakt B"],
    ["Trakt\u00a0C", "Trakt C"],
    ["Bu\u0308ro", "Büro"],
    ["Mar\u200bketing", "Marketing"],
    ["Liam’s Gruppe", "Liam's Gruppe"],
  ])("called %j is deleted by what is seen of its name", async (name, seen) => {
    const fake = new FakeBackend({ people: 120 }).signIn();
    const group = fake.world(ORGANIZATION.id).groups.find((one) => one.id === "g-1");
    if (group) group.name = name;
    const { user } = await openGroups(fake);
    await user.click(within(screen.getByRole("grid", { name: "Groups" })).getByText(seen, { normalizer: seenOf }));
    await user.click(await screen.findByRole("button", { name: "Delete group" }));
    const dialog = await screen.findByRole("dialog", { name: /^Delete group/ });
    await user.type(within(dialog).getByRole("textbox", { name: "Type the group's name" }), seen);
    const go = within(dialog).getByRole("button", { name: "Delete group" });
    await waitFor(() => expect(go).toBeEnabled());
    await user.click(go);
    expect(await screen.findByText("11 groups")).toBeVisible();
    expect(fake.argsOf("group_delete")).toMatchObject([{ confirmation: seen }]);
  });

  it("says why it can't be deleted yet, beside the field and with the button", async () => {
    const { user, region } = await openGroup("Haus A");
    await user.click(within(region).getByRole("button", { name: "Delete group" }));
    const dialog = await screen.findByRole("dialog", { name: "Delete group Haus A?" });
    const field = within(dialog).getByRole("textbox", { name: "Type the group's name" });
    const go = within(dialog).getByRole("button", { name: "Delete group" });
    for (const described of [field, go])
      expect(described).toHaveAccessibleDescription("Type the name as it is shown to delete the group.");
    await user.type(field, "Haus");
    for (const described of [field, go])
      await waitFor(() => expect(described).toHaveAccessibleDescription("This isn’t the group’s name yet."));
    expect(go).toBeDisabled();
    await user.type(field, " A");
    await waitFor(() => expect(go).toBeEnabled());
    for (const described of [field, go]) expect(described).not.toHaveAccessibleDescription();
  });

  it("has a name that can be copied where it is to be typed", async () => {
    const { user, region } = await openGroup("Haus A");
    await user.click(within(region).getByRole("button", { name: "Delete group" }));
    const dialog = await screen.findByRole("dialog", { name: "Delete group Haus A?" });
    await user.click(within(dialog).getByRole("button", { name: "Copy name" }));
    expect(await within(dialog).findByText("Name copied")).toBeVisible();
    expect(await navigator.clipboard.readText()).toBe("Haus A");
    await user.click(within(dialog).getByRole("textbox", { name: "Type the group's name" }));
    await user.paste();
    await waitFor(() => expect(within(dialog).getByRole("button", { name: "Delete group" })).toBeEnabled());
  });

  it("is deleted by a copy of a name that nobody can see", async () => {
    const fake = new FakeBackend({ people: 30 }).signIn();
    const group = fake.world(ORGANIZATION.id).groups.find((one) => one.id === "g-1");
    const { user, region } = await openGroup("Haus A", fake);
    act(() => {
      if (group) group.name = "\u00a0\u2003";
      fake.emit({ kind: "directory" });
    });
    await user.click(within(region).getByRole("button", { name: "Delete group" }));
    const dialog = await screen.findByRole("dialog");
    await user.click(within(dialog).getByRole("textbox", { name: "Type the group's name" }));
    await user.paste("\u00a0\u2003");
    await waitFor(() => expect(within(dialog).getByRole("button", { name: "Delete group" })).toBeEnabled());
  });

  it("is deleted without its name where it has no members", async () => {
    const fake = new FakeBackend({ people: 0 }).signIn();
    const { user, region } = await openGroup("Haus A", fake);
    await user.click(within(region).getByRole("button", { name: "Delete group" }));
    const dialog = await screen.findByRole("dialog", { name: "Delete group Haus A?" });
    expect(within(dialog).queryByRole("textbox")).toBeNull();
    await user.click(within(dialog).getByRole("button", { name: "Delete group" }));
    await waitFor(() => expect(fake.argsOf("group_delete")).toMatchObject([{ confirmation: null }]));
  });

  it("asks for the name after all where the server knows of members that the list doesn't", async () => {
    const fake = new FakeBackend({ people: 0 }).signIn();
    fake.failing.set("group_delete", appError({ code: "confirmationMismatch" }));
    const { user, region } = await openGroup("Haus A", fake);
    await user.click(within(region).getByRole("button", { name: "Delete group" }));
    const dialog = await screen.findByRole("dialog", { name: "Delete group Haus A?" });
    await user.click(within(dialog).getByRole("button", { name: "Delete group" }));
    expect(await within(dialog).findByRole("textbox", { name: "Type the group's name" })).toBeVisible();
  });

  it("says that it is gone when somebody else deleted it", async () => {
    const fake = new FakeBackend({ people: 30 }).signIn();
    fake.failing.set("group_read", appError({ code: "groupGone" }));
    const { region } = await openGroup("Haus A", fake);
    expect(await within(region).findByRole("alert")).toHaveTextContent("no longer exists");
    expect(within(region).getByRole("button", { name: "Delete group" })).toBeDisabled();
  });

  it("follows the directory when it is read again", async () => {
    const { fake } = await openGroup("Haus A");
    act(() => {
      const group = fake.world(ORGANIZATION.id).groups.find((one) => one.id === "g-1");
      if (group) group.name = "Haus Neu";
      fake.emit({ kind: "directory" });
    });
    expect(await screen.findByRole("region", { name: "Group: Haus Neu" })).toBeVisible();
  });
});
