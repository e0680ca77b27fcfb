import { act, screen, waitFor } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { DEBOUNCE_MS } from "../../components/debounce";
import { FakeBackend } from "../../test/fakeBackend";
import { ORGANIZATION, synced } from "../../test/fakeFacts";
import { openApp, pageDrawn } from "../../test/open";

const rows = () => document.querySelector(".grid-row:not([aria-hidden])") !== null;
const bones = () => document.querySelectorAll(".grid-row[aria-hidden]").length;

describe("the first drawing", () => {
  it("is the rows, and then what stands around them, without gray rows in between", async () => {
    const fake = new FakeBackend().signIn();
    fake.sync = synced();
    const seen: string[] = [];
    const watch = new MutationObserver(() => {
      const now = [
        bones() > 0 ? "gray" : "",
        rows() ? "rows" : "",
        document.querySelector("[aria-label=Filters]") ? "around" : "",
      ].join("");
      if (now !== seen.at(-1)) seen.push(now);
    });
    watch.observe(document.body, { childList: true, subtree: true });
    // A busy computer may draw the rows later than CALM: until they are there, timers of that length do not
    // fire.
    const start = globalThis.setTimeout;
    vi.spyOn(globalThis, "setTimeout").mockImplementation(((run: () => void, wait?: number) =>
      start(run, wait === DEBOUNCE_MS && !rows() ? 2 ** 30 : wait)) as typeof setTimeout);
    openApp(fake);
    await pageDrawn();
    watch.disconnect();
    expect(seen).toEqual(["", "rows", "rowsaround"]);
    expect(screen.getByRole("button", { name: "Columns" })).toBeVisible();
    expect(screen.getByText("Synced just now")).toBeVisible();
  });

  it("waits for no rows that take long: their places are drawn, and what stands around them", async () => {
    const fake = new FakeBackend().signIn();
    fake.holdAnswer("users");
    openApp(fake);
    await pageDrawn();
    await waitFor(() => expect(bones()).toBeGreaterThan(5));
    act(() => fake.release("users"));
    expect(await screen.findByText("40 users")).toBeVisible();
    expect(bones()).toBe(0);
  });
});

describe("news", () => {
  it("that come together are asked about together", async () => {
    const fake = new FakeBackend().signIn();
    openApp(fake);
    expect(await screen.findByText("40 users")).toBeVisible();
    await pageDrawn();
    const before = fake.argsOf("totals").length;
    act(() => {
      for (let times = 0; times < 50; times += 1) fake.setSync(synced());
    });
    await waitFor(() => expect(fake.argsOf("totals").length).toBeGreaterThan(before));
    // Events that come after them are processed after them.
    const asked = fake.argsOf("session_view").length;
    act(() => fake.setSession(fake.session));
    await waitFor(() => expect(fake.argsOf("session_view").length).toBeGreaterThan(asked));
    expect(fake.argsOf("totals").length - before).toBeLessThanOrEqual(2);
  });

  it("about what was just being asked for are not lost, and asked about once", async () => {
    const fake = new FakeBackend().signIn();
    fake.holdAnswer("users");
    openApp(fake);
    await waitFor(() => expect(fake.argsOf("users")).toHaveLength(1));
    // The answer in flight does not contain this.
    fake.world(ORGANIZATION.id).people.pop();
    for (let times = 0; times < 3; times += 1) {
      const asked = fake.argsOf("sync_view").length;
      act(() => fake.setSync(synced()));
      await waitFor(() => expect(fake.argsOf("sync_view").length).toBeGreaterThan(asked));
    }
    act(() => fake.release("users"));
    expect(await screen.findByText("39 users")).toBeVisible();
    expect(fake.argsOf("users")).toHaveLength(2);
  });
});
