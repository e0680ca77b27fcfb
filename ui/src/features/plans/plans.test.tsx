import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { GroupId, PlanId, UserId } from "../../ipc/bindings";
import { appError, FakeBackend, ORGANIZATION } from "../../test/fakeBackend";
import { synced, syncFailed, syncing } from "../../test/fakeFacts";
import { openApp } from "../../test/open";

const HAUS_A = "g-1" as GroupId;
const PLAN = (fake: FakeBackend) => (fake.argsOf("plan_apply").at(-1) as { id: PlanId }).id;

/** Four users with known memberships, so that each sign appears in a plan. */
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
  const opened = openApp(fake);
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
  await waitFor(() => expect(fake.argsOf("plan_apply")).toHaveLength(1));
  return opened;
}

describe("a change of memberships", () => {
  it("is reviewed first: who is added, who is in already, who can't be and why", async () => {
    const fake = small();
    const { dialog } = await review(fake);
    expect(dialog).toHaveTextContent("Add 4 people to Haus A in Nordhafen Schulen");
    expect(dialog).toHaveTextContent("2 will be added");
    expect(dialog).toHaveTextContent("1 is a member already, as of 2 min ago; checked when applied");
    expect(dialog).toHaveTextContent("1 can’t be changed");
    const lines = await within(within(dialog).getByRole("list", { name: "Changes" })).findAllByRole("listitem");
    expect(lines.map((line) => line.textContent)).toEqual([
      "+Add: Ada OneHaus A",
      "+Add: Bob TwoHaus A",
      "=No change expected: Cem Threealready a member",
      "!Can’t be changed: Dan Fournot known to the printing server",
    ]);
    expect(fake.argsOf("plan_apply")).toEqual([]);
  });

  it("of all that match says where users may be missing", async () => {
    const fake = small();
    const whole = await review(fake);
    expect(whole.dialog).not.toHaveTextContent("may be missing");
    await whole.user.click(within(whole.dialog).getByRole("button", { name: "Back" }));
    act(() => fake.setSync(synced(Date.now(), 1)));
    await whole.user.click(await screen.findByRole("button", { name: "Review changes" }));
    const dialog = await screen.findByRole("dialog", { name: "Review changes" });
    expect(dialog).toHaveTextContent("Not everything could be synced: users who match may be missing here");
  });

  it("goes back to the choice with everything still chosen", async () => {
    const { user, dialog, fake } = await review(small());
    await user.click(within(dialog).getByRole("button", { name: "Back" }));
    expect(await screen.findByRole("option", { name: /Haus A/, selected: true })).toBeVisible();
    expect(fake.argsOf("plan_close")).toHaveLength(1);
  });

  it("is applied with progress and told person by person", async () => {
    const fake = small();
    fake.manualProgress = true;
    const { user } = await apply(fake);
    const bar = await screen.findByRole("progressbar", { name: "Applying changes" });
    act(() => void fake.step(PLAN(fake)));
    await waitFor(() => expect(bar).toHaveAttribute("aria-valuenow", "1"));
    act(() => {
      for (let i = 0; i < 4; i += 1) fake.step(PLAN(fake));
    });
    expect(await screen.findByText("2 applied, 0 failed")).toHaveAttribute("role", "status");
    expect(screen.getByText("1 needed no change")).toBeVisible();
    expect(screen.getByText("1 can’t be changed")).toBeVisible();
    const results = screen.getByRole("list", { name: "Results" });
    const lines = await within(results).findAllByRole("listitem");
    expect(lines.map((line) => line.textContent)).toEqual([
      "✓Applied: Ada Onedone",
      "✓Applied: Bob Twodone",
      "=No change needed: Cem Threeno change needed",
      "!Can’t be changed: Dan Fournot known to the printing server",
    ]);
    await user.click(screen.getByRole("button", { name: "Close" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(screen.queryByRole("toolbar", { name: "Selection" })).toBeNull();
    expect(fake.argsOf("plan_close")).toHaveLength(1);
    await waitFor(() => expect(screen.getByRole("grid", { name: "Users" })).toHaveFocus());
  });

  it("is not closed by Escape while it is being applied", async () => {
    const fake = small();
    fake.manualProgress = true;
    const { user } = await apply(fake);
    await screen.findByRole("progressbar", { name: "Applying changes" });
    await user.keyboard("{Escape}{Escape}");
    expect(screen.getByRole("progressbar", { name: "Applying changes" })).toBeVisible();
    expect(fake.argsOf("plan_close")).toEqual([]);
  });

  it("pauses, goes on and stops, and says what was not tried", async () => {
    const fake = small();
    fake.manualProgress = true;
    const { user } = await apply(fake);
    await user.click(await screen.findByRole("button", { name: "Pause" }));
    await user.click(await screen.findByRole("button", { name: "Resume" }));
    await screen.findByRole("button", { name: "Pause" });
    act(() => void fake.step(PLAN(fake)));
    await user.click(screen.getByRole("button", { name: "Stop" }));
    expect(await screen.findByText("1 applied, 0 failed")).toBeVisible();
    expect(screen.getByText("3 were not tried")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Retry failed" })).toBeNull();
    // A prediction is not reported as unchanged.
    const results = await within(screen.getByRole("list", { name: "Results" })).findAllByRole("listitem");
    expect(results.map((line) => line.textContent).slice(1)).toEqual([
      "+Add: Bob Twonot tried",
      "?Unknown: Cem Threenot tried",
      "?Unknown: Dan Fournot tried",
    ]);
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

  it.each(["Close", "Escape"])("whose result has a failed line stays unfinished after %s, and says so", async (how) => {
    const fake = small();
    fake.failingPeople.add(fake.world(ORGANIZATION.id).people[0]?.id as UserId);
    const { user } = await apply(fake);
    expect(await screen.findByText("1 applied, 1 failed")).toBeVisible();
    expect(
      screen.getByText(
        "1 change is not finished. It stays under “Unfinished changes” until it is applied or discarded.",
      ),
    ).toBeVisible();
    if (how === "Close") await user.click(screen.getByRole("button", { name: "Close" }));
    else await user.keyboard("{Escape}");
    const left = await screen.findByRole("region", { name: "Unfinished changes" });
    expect(left).toHaveTextContent("1 of 4 applied, 1 needed no change, 1 failed");
    expect(fake.argsOf("plan_close")).toEqual([]);
    // Something was applied, so the selection is cleared.
    expect(screen.queryByRole("toolbar", { name: "Selection" })).toBeNull();
    fake.failingPeople.clear();
    await user.click(within(left).getByRole("button", { name: "Continue" }));
    await user.click(await screen.findByRole("button", { name: "Retry failed" }));
    expect(await screen.findByText("2 applied, 0 failed")).toBeVisible();
    expect(screen.queryByText(/Unfinished changes/)).toBeNull();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(fake.argsOf("plan_close")).toHaveLength(1));
    expect(screen.queryByRole("region", { name: "Unfinished changes" })).toBeNull();
  });

  it("that was stopped stays unfinished, with what was not tried", async () => {
    const fake = small();
    fake.manualProgress = true;
    const { user } = await apply(fake);
    await user.click(await screen.findByRole("button", { name: "Stop" }));
    expect(
      await screen.findByText(/^4 changes are not finished\. They stay under “Unfinished changes” /),
    ).toBeVisible();
    const close = screen.getByRole("button", { name: "Close" });
    expect(close).toHaveAccessibleDescription(/^4 changes are not finished\./);
    await user.click(close);
    expect(await screen.findByRole("region", { name: "Unfinished changes" })).toHaveTextContent("0 of 4 applied");
    expect(fake.argsOf("plan_close")).toEqual([]);
  });

  it("with a failed line can be discarded where its result is shown", async () => {
    const fake = small();
    fake.failingPeople.add(fake.world(ORGANIZATION.id).people[0]?.id as UserId);
    const { user } = await apply(fake);
    await user.click(await screen.findByRole("button", { name: "Discard" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(fake.argsOf("plan_close")).toEqual([{ workspace: "ws-1", id: PLAN(fake) }]);
    expect(screen.queryByRole("region", { name: "Unfinished changes" })).toBeNull();
  });

  it("that is not stored says how long it stays", async () => {
    const fake = small();
    fake.stored = false;
    fake.failingPeople.add(fake.world(ORGANIZATION.id).people[0]?.id as UserId);
    const { user } = await apply(fake);
    expect(
      await screen.findByText(
        /applied or discarded, you switch the organization or account, or Pressroom is closed\.$/,
      ),
    ).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Close" }));
    expect(await screen.findByRole("region", { name: "Unfinished changes" })).toBeVisible();
  });

  it("is applied with no answer about how far it got: it is not discarded", async () => {
    const fake = small();
    fake.failing.set("plan_progress", appError({ code: "internal" }));
    const { user } = await apply(fake);
    await screen.findByRole("alert");
    await user.click(screen.getByRole("button", { name: "Close" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(fake.argsOf("plan_close")).toEqual([]);
  });

  it("can be applied where nothing is expected to change, and the server's word counts", async () => {
    const fake = small();
    const people = fake.world(ORGANIZATION.id).people;
    for (const person of people) {
      person.state = "active";
      person.groups.add(HAUS_A);
    }
    const { user, dialog } = await review(fake);
    expect(dialog).toHaveTextContent("No changes expected");
    expect(dialog).toHaveTextContent("4 are members already, as of 2 min ago; checked when applied");
    // Another admin removes one of them meanwhile.
    people[0]?.groups.delete(HAUS_A);
    await user.click(within(dialog).getByRole("button", { name: "Check and apply" }));
    expect(await screen.findByText("1 applied, 0 failed")).toBeVisible();
    expect(screen.getByText("3 needed no change")).toBeVisible();
    expect(people[0]?.groups.has(HAUS_A)).toBe(true);
  });

  it("waits without the network, says why, and can be tried, paused and stopped meanwhile", async () => {
    const fake = small();
    fake.manualProgress = true;
    const { user } = await apply(fake);
    await screen.findByRole("progressbar", { name: "Applying changes" });
    act(() => void fake.step(PLAN(fake)));
    act(() => fake.pauseWith(PLAN(fake), appError({ code: "offline", host: "api2.ezeep.com" })));
    expect(
      await screen.findByText(/^api2\.ezeep\.com can’t be reached\. Pressroom keeps trying and continues by itself\.$/),
    ).toBeVisible();
    expect(screen.getByRole("button", { name: "Pause" })).toBeEnabled();
    await user.click(screen.getByRole("button", { name: "Try now" }));
    await waitFor(() => expect(fake.argsOf("plan_resume")).toHaveLength(1));
    await waitFor(() => expect(screen.queryByRole("button", { name: "Try now" })).toBeNull());
    act(() => fake.pauseWith(PLAN(fake), appError({ code: "offline", host: "api2.ezeep.com" })));
    await screen.findByRole("button", { name: "Try now" });
    await user.click(screen.getByRole("button", { name: "Stop" }));
    expect(await screen.findByText("1 applied, 0 failed")).toBeVisible();
    expect(screen.getByText("3 were not tried: api2.ezeep.com can’t be reached")).toBeVisible();
    const results = await within(screen.getByRole("list", { name: "Results" })).findAllByRole("listitem");
    expect(results[1]).toHaveTextContent("Add: Bob Twonot tried: api2.ezeep.com can’t be reached");
  });

  it("goes on by itself after a new sign-in, and offers it", async () => {
    const fake = small();
    fake.manualProgress = true;
    await apply(fake);
    await screen.findByRole("progressbar", { name: "Applying changes" });
    act(() => fake.pauseWith(PLAN(fake), appError({ code: "sessionEnded" })));
    expect(await screen.findByText(/After you sign in, the run continues by itself\.$/)).toBeVisible();
    expect(within(screen.getByRole("alert")).getByRole("button", { name: "Sign in again" })).toBeVisible();
  });

  it("of a partial list is refused with an offer to wait, and goes on by itself when it is synced", async () => {
    const fake = small();
    const { user } = await chooseAll(fake);
    fake.setSync(syncing(10, 100));
    fake.failing.set("plan_make", appError({ code: "listPartial" }));
    await user.click(screen.getByRole("button", { name: "Review changes" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("The list is only partially synced");
    fake.failing.delete("plan_make");
    expect(fake.argsOf("plan_make")).toHaveLength(1);
    await user.click(screen.getByRole("button", { name: "Wait for the sync" }));
    expect(await screen.findByText(/this continues by itself\.$/)).toBeVisible();
    expect(fake.argsOf("plan_make")).toHaveLength(1);
    act(() => fake.setSync(synced()));
    expect(await screen.findByRole("button", { name: "Apply 2 changes" })).toBeVisible();
    expect(fake.argsOf("plan_make")).toHaveLength(2);
  });

  it.each(["Cancel", "Escape"])(
    "of a saved copy waits for the sync unasked; %s goes back to the choice",
    async (how) => {
      const fake = small();
      const { user } = await chooseAll(fake);
      fake.setSync(syncing(10, 100));
      fake.failing.set("plan_make", appError({ code: "listSaved", at: Date.now() - 86_400_000 * 3 }));
      await user.click(screen.getByRole("button", { name: "Review changes" }));
      expect(await screen.findByRole("alert")).toHaveTextContent("The list is a saved copy");
      expect(screen.queryByRole("button", { name: "Wait for the sync" })).toBeNull();
      act(() => fake.setSync(syncFailed(appError({ code: "offline", host: "api2.ezeep.com" }))));
      expect(await screen.findByRole("button", { name: "Sync now" })).toBeVisible();
      if (how === "Cancel") await user.click(screen.getByRole("button", { name: "Cancel" }));
      else await user.keyboard("{Escape}");
      expect(await screen.findByRole("option", { name: /Haus A/, selected: true })).toBeVisible();
      expect(fake.argsOf("plan_make")).toHaveLength(1);
    },
  );

  it("says how many changes it will be, and why too many can't be reviewed", async () => {
    const fake = new FakeBackend({ people: 30_000, groups: 8 }).signIn();
    const { user } = await chooseAll(fake);
    const dialog = screen.getByRole("dialog");
    expect(dialog).toHaveTextContent("1 chosen · 30,000 changes to review");
    for (const option of screen.getAllByRole("option", { selected: false })) {
      if (option.getAttribute("aria-disabled") !== "true") await user.click(option);
    }
    const review = screen.getByRole("button", { name: "Review changes" });
    expect(review).toBeDisabled();
    expect(review).toHaveAccessibleDescription(
      /^2[0-9]{2},000 changes are more than the 200,000 that one plan may have\. Choose fewer users or groups\.$/,
    );
    expect(fake.argsOf("plan_make")).toEqual([]);
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
    const { user } = openApp(fake);
    await user.type(await screen.findByRole("searchbox", { name: "Search users" }), "cem three");
    const region = await screen.findByRole("region", { name: "User: Cem Three" });
    await waitFor(() => expect(within(region).getByRole("button", { name: "Edit groups" })).toBeEnabled());
    await user.click(within(region).getByRole("button", { name: "Edit groups" }));
    const dialog = await screen.findByRole("dialog", { name: "Edit groups of Cem Three" });
    const list = within(dialog).getByRole("listbox", { name: "Groups" });
    expect(list).toHaveAttribute("aria-multiselectable", "true");
    await user.click(await within(list).findByRole("option", { name: /Haus A/, selected: true }));
    await user.click(within(list).getByRole("option", { name: /Labor/ }));
    expect(dialog).toHaveTextContent("1 to add, 1 to remove");
    await user.click(within(dialog).getByRole("button", { name: "Review changes" }));
    await waitFor(() =>
      expect(fake.argsOf("plan_make")).toMatchObject([
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
    const opened = openApp(fake);
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
