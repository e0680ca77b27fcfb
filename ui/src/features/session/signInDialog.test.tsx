import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { FOCUS_RESTORE_MS } from "../../components/Dialog";
import { appError, FakeBackend, FORM, ORGANIZATION, OTHER_PERSON } from "../../test/fakeBackend";
import { openApp } from "../../test/open";

const DIALOG = { name: "Please sign in again" };

function signedIn() {
  const fake = new FakeBackend();
  fake.form = { ...FORM, clientId: "abc" };
  const [somebody] = fake.world(ORGANIZATION.id).people;
  if (somebody) somebody.name = "Ada One";
  return fake.signIn();
}

/** A user at work: a search, a selection, a row. */
async function working() {
  const opened = openApp(signedIn());
  const { user } = opened;
  const search = await screen.findByRole("searchbox", { name: "Search users" });
  await user.type(search, "nordhafen");
  await user.click(await screen.findByRole("checkbox", { name: "Select Ada One" }));
  const grid = screen.getByRole("grid", { name: "Users" });
  await waitFor(() => expect(grid).toHaveFocus());
  await user.keyboard("{ArrowDown}{ArrowDown}");
  const row = grid.getAttribute("aria-activedescendant");
  return { ...opened, grid, row };
}

function expectUntouched(grid: HTMLElement, row: string | null) {
  expect(screen.getByRole("grid", { name: "Users" })).toBe(grid);
  expect(grid).toHaveAttribute("aria-activedescendant", row);
  expect(screen.getByRole("searchbox", { name: "Search users" })).toHaveValue("nordhafen");
  expect(screen.getByRole("checkbox", { name: "Select Ada One" })).toBeChecked();
}

describe("a session that ends while one works", () => {
  it("asks in front of everything, in plain words, with the Client ID at hand", async () => {
    const { fake } = await working();
    act(() => fake.expire());
    const dialog = await screen.findByRole("dialog", DIALOG);
    expect(within(dialog).getByRole("heading", DIALOG)).toBeVisible();
    expect(dialog).toHaveTextContent("The session of ines.vogt@nordhafen.example has ended. Nothing was lost");
    expect(within(dialog).getByRole("textbox", { name: "Client ID" })).toHaveValue("abc");
    for (const name of ["Sign in with browser", "Sign in with Microsoft", "Use a pairing code", "Not now"])
      expect(within(dialog).getByRole("button", { name })).toBeVisible();
    expect(within(dialog).queryByRole("button", { name: /demo/ })).toBeNull();
    expect(within(dialog).queryByRole("alert")).toBeNull();
  });

  it("leaves everything as it was, and gives the focus back, once one is signed in again", async () => {
    const { user, fake, grid, row } = await working();
    act(() => fake.expire());
    await user.click(await screen.findByRole("button", { name: "Sign in with browser" }));
    const dialog = await screen.findByRole("dialog", DIALOG);
    expect(await within(dialog).findByRole("status", { name: "Waiting for your browser" })).toBeVisible();
    expect(within(dialog).getByRole("button", { name: "Copy sign-in link" })).toBeVisible();
    act(() => fake.setStep({ at: "finishing", demo: false }));
    expect(await within(dialog).findByRole("status", { name: "Finishing the sign-in" })).toBeVisible();
    act(() => fake.completeSignIn());
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expectUntouched(grid, row);
    await waitFor(() => expect(grid).toHaveFocus());
  });

  it("is put off by “Not now”, says how old everything is, and comes back on demand", async () => {
    const { user, fake, grid, row } = await working();
    act(() => fake.expire());
    await user.click(await screen.findByRole("button", { name: "Not now" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    const words =
      /^Your session has ended\. What you see was read at .+; nothing can be changed until you sign in again\./;
    expect(screen.getByText(words)).toBeVisible();
    expectUntouched(grid, row);
    await user.click(screen.getByRole("button", { name: "Sign in again" }));
    expect(await screen.findByRole("dialog", DIALOG)).toBeVisible();
    act(() => fake.completeSignIn());
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(screen.queryByText(words)).toBeNull();
    expectUntouched(grid, row);
    await waitFor(() => expect(grid).toHaveFocus());
  });

  it("comes anew when it ends a second time", async () => {
    const { user, fake } = openApp(signedIn());
    await screen.findByText("40 users");
    act(() => fake.expire());
    await user.click(await screen.findByRole("button", { name: "Not now" }));
    act(() => fake.completeSignIn());
    await waitFor(() => expect(screen.queryByRole("button", { name: "Sign in again" })).toBeNull());
    act(() => fake.expire());
    expect(await screen.findByRole("dialog", DIALOG)).toBeVisible();
  });

  it("keeps a dialog with its reviewed plan behind it, to be applied afterwards", async () => {
    const { user, fake } = openApp(signedIn());
    const all = await screen.findByRole("checkbox", { name: "Select all" });
    await waitFor(() => expect(all).toBeEnabled());
    await user.click(all);
    await user.click(await screen.findByRole("button", { name: "Add to groups" }));
    await user.click(await screen.findByRole("option", { name: /Haus A/ }));
    await user.click(screen.getByRole("button", { name: "Review changes" }));
    const apply = await screen.findByRole("button", { name: /^Apply \d+ changes$/ });
    act(() => fake.expire());
    expect(await screen.findByRole("dialog", DIALOG)).toBeVisible();
    expect(screen.queryByRole("dialog", { name: "Review changes" })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Not now" }));
    expect(await screen.findByRole("dialog", { name: "Review changes" })).toContainElement(apply);
    await user.click(apply);
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("Your session has ended");
    await user.click(within(alert).getByRole("button", { name: "Sign in again" }));
    expect(await screen.findByRole("dialog", DIALOG)).toBeVisible();
    act(() => fake.completeSignIn());
    await waitFor(() => expect(screen.queryByRole("dialog", DIALOG)).toBeNull());
    expect(fake.argsOf("plan_close")).toEqual([]);
    // The failure that asked for the sign-in is resolved.
    expect(screen.queryByRole("alert")).toBeNull();
    await user.click(await screen.findByRole("button", { name: /^Apply \d+ changes$/ }));
    expect(await screen.findByText(/^\d+ applied, 0 failed$/)).toBeVisible();
  });

  it("asks the server for nothing by itself meanwhile, and again afterwards", async () => {
    const { user, fake } = openApp(signedIn());
    await waitFor(() => expect(fake.argsOf("user_read")).toHaveLength(1));
    act(() => fake.expire());
    await user.click(await screen.findByRole("button", { name: "Not now" }));
    const grid = screen.getByRole("grid", { name: "Users" });
    await user.click(grid);
    await user.keyboard("{ArrowDown}");
    await screen.findByRole("region", { name: /^User: / });
    await new Promise((done) => setTimeout(done, 400));
    expect(fake.argsOf("user_read")).toHaveLength(1);
    expect(screen.queryByRole("alert")).toBeNull();
    await user.click(screen.getByRole("button", { name: "Read again" }));
    expect(await screen.findByRole("dialog", DIALOG)).toBeVisible();
    act(() => fake.completeSignIn());
    await waitFor(() => expect(fake.argsOf("user_read")).toHaveLength(2));
  });

  it("can't be dismissed by Escape while a sign-in is under way, but before it", async () => {
    const { user, fake } = openApp(signedIn());
    await screen.findByText("40 users");
    act(() => fake.expire());
    await user.click(await screen.findByRole("button", { name: "Use a pairing code" }));
    expect(await screen.findByLabelText("Pairing code")).toBeVisible();
    await user.keyboard("{Escape}");
    expect(screen.getByRole("dialog", DIALOG)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    await screen.findByRole("textbox", { name: "Client ID" });
    // The focus is still in the dialog although the pressed button is gone.
    await waitFor(() =>
      expect(screen.getByRole("dialog", DIALOG)).toContainElement(document.activeElement as HTMLElement),
    );
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  it("looks for no focus once the window is gone", async () => {
    const { fake, unmount } = openApp(signedIn());
    await screen.findByText("40 users");
    act(() => fake.expire());
    await screen.findByRole("dialog", DIALOG);
    const started = vi.spyOn(globalThis, "setTimeout");
    unmount();
    expect(started.mock.calls.filter(([, wait]) => wait === FOCUS_RESTORE_MS)).toEqual([]);
    started.mockRestore();
  });

  it("says why an attempt failed, in the same dialog", async () => {
    const { fake } = openApp(signedIn());
    await screen.findByText("40 users");
    act(() => fake.expire());
    await screen.findByRole("dialog", DIALOG);
    act(() => fake.setStep({ at: "form", form: fake.form, problem: appError({ code: "consentRefused" }) }));
    expect(await screen.findByRole("alert")).toHaveTextContent("Access was refused in the browser");
  });

  it("starts from nothing where somebody else signs in (security.md 43)", async () => {
    const { fake } = await working();
    act(() => fake.expire());
    await screen.findByRole("dialog", DIALOG);
    act(() => fake.completeSignIn(OTHER_PERSON));
    expect(await screen.findByRole("button", { name: "Account: jo@kanal.example" })).toBeVisible();
    expect(await screen.findByText("5 users")).toBeVisible();
    expect(screen.getByRole("searchbox", { name: "Search users" })).toHaveValue("");
    expect(screen.queryByText(/nordhafen/)).toBeNull();
  });

  it("is signed in to the demo organization again where it was that", async () => {
    const fake = new FakeBackend().signIn(undefined, true);
    const { user } = openApp(fake);
    await screen.findByText("40 users");
    act(() => fake.expire());
    const dialog = await screen.findByRole("dialog", DIALOG);
    expect(within(dialog).queryByRole("textbox", { name: "Client ID" })).toBeNull();
    await user.click(within(dialog).getByRole("button", { name: "Explore the demo organization" }));
    await waitFor(() => expect(fake.argsOf("demo_start")).toHaveLength(1));
  });
});
