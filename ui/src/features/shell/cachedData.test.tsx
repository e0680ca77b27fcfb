import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { FakeBackend, fromSavedCopy, synced, syncing } from "../../test/fakeBackend";
import { openApp } from "../../test/open";

const DIALOG = { name: "Please sign in again" };
const AGO = 14 * 60_000;

describe("lists from this computer's disk", () => {
  it("say how old they are, with the exact time at hand, until they have been read again", async () => {
    const fake = new FakeBackend().signIn();
    const kept = fromSavedCopy(Date.now() - AGO);
    fake.sync = { ...kept, read: syncing(10, 100).read };
    openApp(fake);
    expect(await screen.findByText("40 users")).toBeVisible();
    const mark = await screen.findByText(/^As of 14 min/);
    expect(mark).toHaveAttribute("title", expect.stringMatching(/^From this computer, as it was read on .*\d{4}/));
    expect(screen.getByRole("progressbar", { name: "Reading the directory" })).toBeVisible();
    act(() => fake.setSync(synced()));
    await waitFor(() => expect(screen.queryByText(/^As of/)).toBeNull());
    expect(screen.getByText("Synced just now")).toBeVisible();
  });

  it("are there to search where the session has ended, with one button to sign in again", async () => {
    const fake = new FakeBackend().signIn();
    fake.sync = fromSavedCopy(Date.now() - AGO);
    fake.expire();
    const { user } = openApp(fake);
    expect(await screen.findByText("40 users")).toBeVisible();
    expect(screen.queryByRole("dialog")).toBeNull();
    await user.type(screen.getByRole("searchbox", { name: "Search users" }), "absent nobody");
    expect(await screen.findByText("0 of 40 users")).toBeVisible();
    const again = screen.getAllByRole("button", { name: "Sign in again" });
    expect(again).toHaveLength(1);
    await user.click(again[0] as HTMLElement);
    const dialog = await screen.findByRole("dialog", DIALOG);
    expect(within(dialog).getByRole("button", { name: "Sign in with browser" })).toBeVisible();
    act(() => fake.completeSignIn());
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(screen.getByRole("searchbox", { name: "Search users" })).toHaveValue("absent nobody");
  });
});
