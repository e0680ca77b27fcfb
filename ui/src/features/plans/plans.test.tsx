import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { GroupId, PlanId, UserId } from "../../ipc/bindings";
import { appError, FakeBackend, ORGANIZATION } from "../../test/fakeBackend";
import { open } from "../../test/open";

const HAUS_A = "g-1" as GroupId;
const PLAN = (fake: FakeBackend) => (fake.called("plan_apply").at(-1) as { id: PlanId }).id;

/** Four people with known memberships, so that every sign appears in a plan. */
function small() {
  const fake = new FakeBackend({ people: 4, groups: 8 }).signIn();
  const people = fake.world(ORGANIZATION.id).people;
  people.forEach((person, i) => {
    person.name = ["Ada One", "Bob Two", "Cem Three", "Dan Four"][i] ?? "";
    person.state = "active";
    person.groups = new Set(i === 2 ? [HAUS_A] : []);
  });
  const last = people[3];
  if (last) last.state = "accountOnly";
  return fake;
}

async function selectAll(fake: FakeBackend) {
  const opened = open(fake);
  const all = await screen.findByRole("checkbox", { name: "Select all" });
  await waitFor(() => expect(all).toBeEnabled());
  await opened.user.click(all);
  return opened;
}

async function chooseAll(fake: FakeBackend, button = "Add to groups") {
  const opened = await selectAll(fake);
  await opened.user.click(await screen.findByRole("button", { name: button }));
  await opened.user.click(await screen.findByRole("option", { name: /Haus A/ }));
  return opened;
}

async function review(fake: FakeBackend) {
  const opened = await chooseAll(fake);
  await opened.user.click(screen.getByRole("button", { name: "Review changes" }));
  const dialog = await screen.findByRole("dialog", { name: "Review changes" });
  return { ...opened, dialog };
}

async function apply(fake: FakeBackend) {
  const opened = await review(fake);
  await opened.user.click(within(opened.dialog).getByRole("button", { name: "Apply 2 changes" }));
  await waitFor(() => expect(fake.called("plan_apply")).toHaveLength(1));
  return opened;
}

describe("a change of memberships", () => {
  it("is reviewed first: who is added, who is in already, who can't be and why", async () => {
    const fake = small();
    const { dialog } = await review(fake);
    expect(dialog).toHaveTextContent("Add 4 people to Haus A in Nordhafen Schulen");
    expect(dialog).toHaveTextContent("2 will be added");
    expect(dialog).toHaveTextContent("1 already in it");
    expect(dialog).toHaveTextContent("1 can’t be changed");
    const lines = await within(within(dialog).getByRole("list", { name: "Changes" })).findAllByRole("listitem");
    expect(lines.map((line) => line.textContent)).toEqual([
      "+Add: Ada OneHaus A",
      "+Add: Bob TwoHaus A",
      "=Unchanged: Cem Threealready a member",
      "!Can’t: Dan Fournot known to the printing server",
    ]);
    expect(fake.called("plan_apply")).toEqual([]);
  });

  it("goes back to the choice with everything still chosen", async () => {
    const { user, dialog, fake } = await review(small());
    await user.click(within(dialog).getByRole("button", { name: "Back" }));
    expect(await screen.findByRole("option", { name: /Haus A/, selected: true })).toBeVisible();
    expect(fake.called("plan_close")).toHaveLength(1);
  });

  it("is applied with progress and told person by person", async () => {
    const fake = small();
    fake.stepwise = true;
    const { user } = await apply(fake);
    const bar = await screen.findByRole("progressbar", { name: "Applying changes" });
    act(() => void fake.step(PLAN(fake)));
    await waitFor(() => expect(bar).toHaveAttribute("aria-valuenow", "1"));
    act(() => {
      fake.step(PLAN(fake));
      fake.step(PLAN(fake));
    });
    expect(await screen.findByText("2 applied, 0 failed")).toHaveAttribute("role", "status");
    const results = screen.getByRole("list", { name: "Results" });
    expect((await within(results).findAllByRole("listitem"))[0]).toHaveTextContent("Applied: Ada Onedone");
    await user.click(screen.getByRole("button", { name: "Close" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(screen.queryByRole("toolbar", { name: "Selection" })).toBeNull();
    expect(fake.called("plan_close")).toHaveLength(1);
    await waitFor(() => expect(screen.getByRole("grid", { name: "Users" })).toHaveFocus());
  });

  it("is not closed by Escape while it is being applied", async () => {
    const fake = small();
    fake.stepwise = true;
    const { user } = await apply(fake);
    await screen.findByRole("progressbar", { name: "Applying changes" });
    await user.keyboard("{Escape}{Escape}");
    expect(screen.getByRole("progressbar", { name: "Applying changes" })).toBeVisible();
    expect(fake.called("plan_close")).toEqual([]);
  });

  it("pauses, goes on and stops, and says what was not tried", async () => {
    const fake = small();
    fake.stepwise = true;
    const { user } = await apply(fake);
    await user.click(await screen.findByRole("button", { name: "Pause" }));
    await user.click(await screen.findByRole("button", { name: "Resume" }));
    await screen.findByRole("button", { name: "Pause" });
    act(() => void fake.step(PLAN(fake)));
    await user.click(screen.getByRole("button", { name: "Stop" }));
    expect(await screen.findByText("1 applied, 0 failed")).toBeVisible();
    expect(screen.getByText("1 was not tried")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Retry failed" })).toBeNull();
    expect(screen.getByRole("button", { name: "Apply the rest" })).toBeVisible();
  });

  it("shows the failures first, and tries them again on demand", async () => {
    const fake = small();
    const failing = fake.world(ORGANIZATION.id).people[0]?.id as UserId;
    fake.failingPeople.add(failing);
    const { user } = await apply(fake);
    expect(await screen.findByText("1 applied, 1 failed")).toBeVisible();
    const lines = await within(screen.getByRole("list", { name: "Results" })).findAllByRole("listitem");
    expect(lines.map((line) => line.textContent)).toEqual(["!Failed: Ada OneThe server failed (500)"]);
    await user.click(screen.getByRole("button", { name: "All" }));
    await waitFor(() => expect(screen.getAllByRole("listitem")).toHaveLength(4));
    fake.failingPeople.clear();
    await user.click(screen.getByRole("button", { name: "Retry failed" }));
    expect(await screen.findByText("2 applied, 0 failed")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Undo" })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Save report" }));
    expect(await screen.findByText(/^Saved as .*Pressroom Nordhafen Schulen 2026-11-21\.csv$/)).toBeVisible();
  });

  it("can't be applied where there is nothing to change", async () => {
    const fake = small();
    for (const person of fake.world(ORGANIZATION.id).people) person.groups.add(HAUS_A);
    const { dialog } = await review(fake);
    expect(within(dialog).getByRole("button", { name: "Apply 0 changes" })).toBeDisabled();
    expect(dialog).toHaveTextContent("Nothing to change");
  });

  it("says in the choice why a plan could not be made", async () => {
    const fake = small();
    const { user } = await chooseAll(fake);
    fake.failing.set("plan_make", appError({ code: "organizationChanged" }));
    await user.click(screen.getByRole("button", { name: "Review changes" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("The organization was switched meanwhile");
  });

  it("doesn't offer groups that are kept in Azure", async () => {
    const fake = small();
    const opened = await selectAll(fake);
    await opened.user.click(await screen.findByRole("button", { name: "Add to groups" }));
    const azure = await screen.findByRole("option", { name: /Kollegium Azure/ });
    expect(azure).toHaveAttribute("aria-disabled", "true");
    await opened.user.click(azure);
    expect(azure).toHaveAttribute("aria-selected", "false");
    expect(screen.getByRole("button", { name: "Review changes" })).toBeDisabled();
  });
});

describe("the groups of one person", () => {
  it("are edited as joins and leaves, and reviewed", async () => {
    const fake = small();
    const { user } = open(fake);
    await user.type(await screen.findByRole("searchbox", { name: "Search users" }), "cem three");
    const region = await screen.findByRole("region", { name: "User: Cem Three" });
    await waitFor(() => expect(within(region).getByRole("button", { name: "Edit groups" })).toBeEnabled());
    await user.click(within(region).getByRole("button", { name: "Edit groups" }));
    const dialog = await screen.findByRole("dialog", { name: "Edit groups of Cem Three" });
    const list = within(dialog).getByRole("listbox", { name: "Groups" });
    expect(list).toHaveAttribute("aria-multiselectable", "true");
    await user.click(await within(list).findByRole("option", { name: /Haus A/, selected: true }));
    await user.click(within(list).getByRole("option", { name: /Labor/ }));
    expect(dialog).toHaveTextContent("1 to join, 1 to leave");
    await user.click(within(dialog).getByRole("button", { name: "Review changes" }));
    await waitFor(() =>
      expect(fake.called("plan_make")).toMatchObject([
        { request: { kind: "edit", user: expect.any(String), add: ["g-5"], remove: ["g-1"] } },
      ]),
    );
    const lines = await within(await screen.findByRole("list", { name: "Changes" })).findAllByRole("listitem");
    expect(lines.map((line) => line.textContent)).toEqual([
      "+Add: Laborwill be added",
      "−Remove: Haus Awill be removed",
    ]);
    expect(screen.getByRole("button", { name: "Apply 2 changes" })).toBeEnabled();
  });
});

describe("the members of a group", () => {
  async function openMembers(fake: FakeBackend) {
    const opened = open(fake);
    await opened.user.click(await screen.findByRole("link", { name: "Groups" }));
    await opened.user.click(await within(await screen.findByRole("grid", { name: "Groups" })).findByText("Haus A"));
    return { ...opened, region: await screen.findByRole("region", { name: "Group: Haus A" }) };
  }

  it("are added from a searched list that remembers the choice", async () => {
    const fake = small();
    const { user, region } = await openMembers(fake);
    await user.click(within(region).getByRole("button", { name: "Add members" }));
    const dialog = await screen.findByRole("dialog", { name: "Add members" });
    await user.type(within(dialog).getByRole("searchbox", { name: "Search users" }), "ada one");
    await waitFor(() => expect(within(dialog).getAllByRole("option")).toHaveLength(1));
    await user.click(within(dialog).getByRole("option"));
    await user.clear(within(dialog).getByRole("searchbox", { name: "Search users" }));
    await user.type(within(dialog).getByRole("searchbox", { name: "Search users" }), "bob two");
    await waitFor(() => expect(within(dialog).getByRole("option")).toHaveTextContent("Bob Two"));
    await user.keyboard("{ArrowDown} ");
    expect(dialog).toHaveTextContent("2 chosen");
    await user.click(within(dialog).getByRole("button", { name: "Review changes" }));
    await user.click(await screen.findByRole("button", { name: "Apply 2 changes" }));
    expect(await screen.findByText("2 applied, 0 failed")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Close" }));
    await waitFor(() =>
      expect(screen.getByRole("grid", { name: "Members of Haus A" })).toHaveAttribute("aria-rowcount", "4"),
    );
  });

  it("are taken out after a review, from their own selection", async () => {
    const fake = small();
    const { user, region } = await openMembers(fake);
    const remove = within(region).getByRole("button", { name: "Remove from group" });
    expect(remove).toBeDisabled();
    await user.click(await within(region).findByRole("checkbox", { name: "Select Cem Three" }));
    await user.click(remove);
    const dialog = await screen.findByRole("dialog", { name: "Review changes" });
    await user.click(await within(dialog).findByRole("button", { name: "Apply 1 change" }));
    expect(await screen.findByText("1 applied, 0 failed")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Close" }));
    expect(await screen.findByText("No members")).toBeVisible();
  });
});
