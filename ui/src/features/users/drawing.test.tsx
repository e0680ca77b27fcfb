import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { FakeBackend } from "../../test/fakeBackend";
import { ORGANIZATION, synced } from "../../test/fakeFacts";
import { drawn, open } from "../../test/open";

const bones = () => document.querySelectorAll(".grid-row[aria-hidden]").length;

describe("the first drawing", () => {
  it("is the rows, and then what stands around them", async () => {
    const fake = new FakeBackend().signIn();
    fake.sync = synced();
    fake.hold("users");
    open(fake);
    const grid = await screen.findByRole("grid", { name: "Users" });
    expect(grid).toHaveAttribute("aria-busy", "true");
    expect(screen.queryByRole("group", { name: "Filters" })).toBeNull();
    expect(bones()).toBe(0);
    act(() => fake.release("users"));
    await waitFor(() => expect(within(grid).getAllByRole("checkbox").length).toBeGreaterThan(5));
    expect(screen.queryByRole("group", { name: "Filters" })).toBeNull();
    await drawn();
    expect(screen.getByRole("button", { name: "Columns" })).toBeVisible();
    expect(screen.getByText("Synced just now")).toBeVisible();
  });

  it("waits for no rows that take long: their places are drawn, and what stands around them", async () => {
    const fake = new FakeBackend().signIn();
    fake.hold("users");
    open(fake);
    await drawn();
    await waitFor(() => expect(bones()).toBeGreaterThan(5));
    act(() => fake.release("users"));
    expect(await screen.findByText("40 users")).toBeVisible();
    expect(bones()).toBe(0);
  });
});

describe("news", () => {
  it("that come together are asked about together", async () => {
    const fake = new FakeBackend().signIn();
    open(fake);
    expect(await screen.findByText("40 users")).toBeVisible();
    await drawn();
    const before = fake.called("totals").length;
    act(() => {
      for (let times = 0; times < 50; times += 1) fake.setSync(synced());
    });
    await waitFor(() => expect(fake.called("totals").length).toBeGreaterThan(before));
    // What comes after them is heeded after them.
    const asked = fake.called("session_view").length;
    act(() => fake.setSession(fake.session));
    await waitFor(() => expect(fake.called("session_view").length).toBeGreaterThan(asked));
    expect(fake.called("totals").length - before).toBeLessThanOrEqual(2);
  });

  it("about what was just being asked for are not lost", async () => {
    const fake = new FakeBackend().signIn();
    fake.hold("users");
    open(fake);
    await waitFor(() => expect(fake.called("users")).toHaveLength(1));
    // The answer on its way knows nothing of this.
    fake.world(ORGANIZATION.id).people.pop();
    const asked = fake.called("sync_view").length;
    act(() => fake.setSync(synced()));
    await waitFor(() => expect(fake.called("sync_view").length).toBeGreaterThan(asked));
    act(() => fake.release("users"));
    expect(await screen.findByText("39 users")).toBeVisible();
  });
});
