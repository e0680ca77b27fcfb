import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { GroupId, MembershipRequest, UserId } from "../../ipc/bindings";
import { appError, FakeBackend, ORGANIZATION } from "../../test/fakeBackend";
import { openApp } from "../../test/open";

const HAUS_A = "g-1" as GroupId;
const REGION = { name: "Unfinished changes" };

const NOW = Date.now();
let made = 0;

/** Five users in no group, so that a plan for the first n of them has n changes. */
function five() {
  const fake = new FakeBackend({ people: 5, groups: 8 }).signIn();
  fake.world(ORGANIZATION.id).people.forEach((person, i) => {
    person.name = `Person ${i + 1}`;
    person.state = "active";
    person.groups = new Set();
  });
  fake.manualProgress = true;
  return fake;
}
function leave(fake: FakeBackend, people: number, groups: GroupId[] = [HAUS_A]) {
  if (fake.session.kind !== "signedIn") throw new Error("not signed in");
  const ids = fake
    .world(ORGANIZATION.id)
    .people.slice(0, people)
    .map((person) => person.id);
  const request: MembershipRequest = { kind: "add", users: { kind: "ids", ids }, groups };
  const plan = fake.makePlan(fake.session.workspace, request);
  // The newest is listed first, in the order in which they are made here.
  made += 1;
  plan.madeAt = NOW - made;
  return plan;
}

describe("changes that are not done with", () => {
  it("are not mentioned where there are none", async () => {
    openApp(five());
    await screen.findByText("5 users");
    expect(screen.queryByRole("region", REGION)).toBeNull();
  });

  it("stand in a bar, one line each, with how far they got and when; three, then a number", async () => {
    const fake = five();
    const begun = leave(fake, 3);
    leave(fake, 1);
    leave(fake, 2, [HAUS_A, "g-2" as GroupId]);
    leave(fake, 2);
    leave(fake, 2);
    begun.state = "running";
    fake.failingPeople.add(begun.lines[1]?.user.id as UserId);
    fake.step(begun.view.id);
    fake.step(begun.view.id);
    begun.state = "finished";
    openApp(fake);
    const bar = await screen.findByRole("region", REGION);
    const lines = within(bar).getAllByRole("listitem");
    expect(lines.map((line) => line.textContent)).toEqual([
      expect.stringMatching(/^Add 3 people to Haus A · 1 of 3 applied, 1 failed · .+ContinueDiscard$/),
      expect.stringMatching(/^Add 1 person to Haus A · 1 change, not begun · /),
      expect.stringMatching(/^Add people to 2 groups · 4 changes, not begun · /),
    ]);
    expect(bar).toHaveTextContent("and 2 more");
    expect(bar).toHaveTextContent("what was applied stays applied");
    expect(within(lines[1] as HTMLElement).getByRole("button", { name: "Continue" })).toHaveAccessibleDescription(
      /^Add 1 person to Haus A/,
    );
  });

  it("leave out what was written whole", async () => {
    const fake = five();
    const whole = leave(fake, 1);
    whole.state = "running";
    fake.step(whole.view.id);
    fake.step(whole.view.id);
    openApp(fake);
    await screen.findByText("5 users");
    await waitFor(() => expect(fake.argsOf("plans")).toHaveLength(1));
    expect(screen.queryByRole("region", REGION)).toBeNull();
  });

  it("continue at the review where nothing was written, and stay where the user leaves again", async () => {
    const fake = five();
    leave(fake, 2);
    fake.manualProgress = false;
    const { user } = openApp(fake);
    await user.click(await screen.findByRole("button", { name: "Continue" }));
    expect(await screen.findByRole("dialog", { name: "Review changes" })).toHaveTextContent("2 will be added");
    expect(screen.queryByRole("region", { ...REGION, hidden: true })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Back" }));
    expect(await screen.findByRole("region", REGION)).toBeVisible();
    expect(fake.argsOf("plan_close")).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Continue" }));
    await user.click(await screen.findByRole("button", { name: "Apply 2 changes" }));
    expect(await screen.findByText("2 applied, 0 failed")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Close" }));
    await waitFor(() => expect(fake.argsOf("plan_close")).toHaveLength(1));
    expect(screen.queryByRole("region", REGION)).toBeNull();
  });

  it.each([
    ["stopped", "finished", "plan_apply"],
    ["paused", "paused", "plan_resume"],
  ] as const)("continue at the results where they were %s half-way", async (_, state, command) => {
    const fake = five();
    const plan = leave(fake, 3);
    plan.state = "running";
    fake.step(plan.view.id);
    plan.state = state;
    fake.manualProgress = false;
    const { user } = openApp(fake);
    const region = await screen.findByRole("region", REGION);
    // A paused plan can't be discarded: it is stopped first.
    if (state === "paused") expect(within(region).queryByRole("button", { name: "Discard" })).toBeNull();
    else expect(within(region).getByRole("button", { name: "Discard" })).toBeVisible();
    await user.click(await screen.findByRole("button", { name: "Continue" }));
    expect(await screen.findByText("1 applied, 0 failed")).toBeVisible();
    expect(screen.getByText("2 were not tried")).toBeVisible();
    const results = screen.getByRole("list", { name: "Results" });
    expect((await within(results).findAllByRole("listitem"))[0]).toHaveTextContent("Applied: Person 1");
    await user.click(screen.getByRole("button", { name: "Close" }));
    expect(await screen.findByRole("region", REGION)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Continue" }));
    await user.click(await screen.findByRole("button", { name: "Apply the rest" }));
    expect(await screen.findByText("3 applied, 0 failed")).toBeVisible();
    expect(fake.argsOf(command)).toHaveLength(1);
  });

  it("offer what failed again", async () => {
    const fake = five();
    const plan = leave(fake, 2);
    fake.failingPeople.add(plan.lines[0]?.user.id as UserId);
    plan.state = "running";
    for (let i = 0; i < 3; i += 1) fake.step(plan.view.id);
    fake.failingPeople.clear();
    fake.manualProgress = false;
    const { user } = openApp(fake);
    await user.click(await screen.findByRole("button", { name: "Continue" }));
    expect(await screen.findByText("1 applied, 1 failed")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Retry failed" }));
    expect(await screen.findByText("2 applied, 0 failed")).toBeVisible();
  });

  it("are discarded at once, and come back where that is refused", async () => {
    const fake = five();
    leave(fake, 2);
    const { user } = openApp(fake);
    fake.failing.set("plan_close", appError({ code: "changesRunning" }));
    await user.click(await screen.findByRole("button", { name: "Discard" }));
    await waitFor(() => expect(fake.argsOf("plan_close")).toHaveLength(1));
    expect(await screen.findByRole("alert")).toHaveTextContent("Changes are still being written");
    expect(screen.getByRole("button", { name: "Discard" })).toBeVisible();
    fake.failing.clear();
    await user.click(screen.getByRole("button", { name: "Dismiss" }));
    await user.click(screen.getByRole("button", { name: "Discard" }));
    await waitFor(() => expect(screen.queryByRole("region", REGION)).toBeNull());
  });

  it("appear when they come to be, and never in another organization (security.md 43)", async () => {
    const fake = five();
    const { user } = openApp(fake);
    await screen.findByText("5 users");
    act(() => void leave(fake, 2));
    expect(await screen.findByRole("region", REGION)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Organization: Nordhafen Schulen" }));
    await user.click(await screen.findByRole("menuitem", { name: /Kanal Druck GmbH/ }));
    await screen.findByRole("button", { name: "Organization: Kanal Druck GmbH" });
    await screen.findByText(/^\d+ users$/);
    expect(screen.queryByRole("region", REGION)).toBeNull();
  });
});
