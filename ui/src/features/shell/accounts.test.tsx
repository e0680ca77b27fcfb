import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { AccountId } from "../../ipc/bindings";
import { appError, FakeBackend, FORM, OTHER, OTHER_ACCOUNT } from "../../test/fakeBackend";
import { openApp } from "../../test/open";

const OWN = "Account: ines.vogt@nordhafen.example";
const LAPSED = {
  ...OTHER_ACCOUNT,
  id: "acc-old" as AccountId,
  email: "old@kanal.example",
  name: "",
  state: "expired",
} as const;

function several() {
  const fake = new FakeBackend();
  fake.form = { ...FORM, clientId: "abc" };
  fake.accounts = [OTHER_ACCOUNT, LAPSED];
  return fake.signIn();
}
async function menu(fake: FakeBackend) {
  const opened = openApp(fake);
  await screen.findByText("40 users");
  await opened.user.click(screen.getByRole("button", { name: OWN }));
  await screen.findByRole("menuitem", { name: "Sign out" });
  return opened;
}

describe("several accounts", () => {
  it("stand in the menu with who they are, where they were last, and which have ended", async () => {
    await menu(several());
    expect(screen.getByText("Kept in this computer’s keychain")).toBeVisible();
    const jo = screen.getByRole("menuitem", { name: /Jo Kanal/ });
    expect(jo).toHaveTextContent("jo@kanal.example");
    expect(jo).toHaveTextContent("Kanal Druck GmbH");
    expect(screen.getByRole("menuitem", { name: /old@kanal\.example/ })).toHaveTextContent("Session ended");
    expect(screen.getByRole("menuitem", { name: "Add another account" })).toBeVisible();
  });

  it("are not mentioned where there is one, nor a way out of all", async () => {
    await menu(new FakeBackend().signIn());
    expect(screen.queryByRole("group", { name: "Other accounts" })).toBeNull();
    expect(screen.queryByRole("menuitem", { name: "Sign out of all organizations" })).toBeNull();
  });

  it("are switched with progress in the button, and nothing of one is shown in the other (security.md 43)", async () => {
    const fake = several();
    const { user } = await menu(fake);
    fake.holdCommand("account_choose");
    await user.click(screen.getByRole("menuitem", { name: /Jo Kanal/ }));
    expect(await screen.findByText(/^Switching to/)).toHaveTextContent("Switching to jo@kanal.example");
    expect(screen.getByText("40 users")).toBeVisible();
    act(() => fake.release("account_choose"));
    expect(await screen.findByRole("button", { name: "Account: jo@kanal.example" })).toBeVisible();
    expect(await screen.findByText("5 users")).toBeVisible();
    expect(screen.getByRole("button", { name: "Organization: Kanal Druck GmbH" })).toBeVisible();
    expect(screen.queryByText(/nordhafen\.example/)).toBeNull();
  });

  it("never lend one another their organizations, however late the answer comes (security.md 43)", async () => {
    const fake = several();
    const { user } = await menu(fake);
    await user.click(screen.getByRole("menuitem", { name: /Jo Kanal/ }));
    await screen.findByRole("button", { name: "Account: jo@kanal.example" });
    fake.organizations = [OTHER];
    fake.holdAnswer("organizations");
    await user.click(screen.getByRole("button", { name: "Account: jo@kanal.example" }));
    await user.click(await screen.findByRole("menuitem", { name: /Ines Vogt/ }));
    await screen.findByRole("button", { name: OWN });
    await user.click(screen.getByRole("button", { name: "Organization: Nordhafen Schulen" }));
    expect((await screen.findAllByRole("menuitem")).map((item) => item.textContent)).toEqual(["Nordhafen Schulen"]);
  });

  it("leave everything as it was when a switch fails, and say so (security.md 44)", async () => {
    const fake = several();
    const { user } = await menu(fake);
    fake.failing.set("account_choose", appError({ code: "keychainLocked" }));
    await user.click(screen.getByRole("menuitem", { name: /Jo Kanal/ }));
    expect(await screen.findByRole("alert")).toHaveTextContent("The keychain of this computer is locked");
    expect(screen.getByRole("button", { name: OWN })).toBeVisible();
    expect(screen.getByText("40 users")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Dismiss" }));
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("can be signed in to anew where the server no longer takes them", async () => {
    const fake = several();
    const { user } = await menu(fake);
    await user.click(screen.getByRole("menuitem", { name: /old@kanal\.example/ }));
    const dialog = await screen.findByRole("dialog", { name: "Add an account" });
    expect(await within(dialog).findByRole("alert")).toHaveTextContent("Your session has ended");
    await user.click(screen.getByRole("button", { name: "Back to ines.vogt@nordhafen.example" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    fake.failing.set("account_choose", appError({ code: "accountGone" }));
    await user.click(screen.getByRole("button", { name: OWN }));
    await user.click(await screen.findByRole("menuitem", { name: /Jo Kanal/ }));
    await user.click(within(await screen.findByRole("alert")).getByRole("button", { name: "Add another account" }));
    expect(await screen.findByRole("dialog", { name: "Add an account" })).toBeVisible();
  });

  it("are added in front of what is open, with a way back that changes nothing", async () => {
    const fake = several();
    const { user } = await menu(fake);
    await user.click(screen.getByRole("menuitem", { name: "Add another account" }));
    const dialog = await screen.findByRole("dialog", { name: "Add an account" });
    expect(within(dialog).getByRole("heading", { name: "Add an account" })).toBeVisible();
    expect(within(dialog).getByRole("textbox", { name: "Client ID" })).toHaveValue("abc");
    expect(within(dialog).queryByRole("button", { name: /^Continue as/ })).toBeNull();
    await user.click(within(dialog).getByRole("button", { name: "Use a pairing code" }));
    expect(await within(dialog).findByLabelText("Pairing code")).toBeVisible();
    await user.click(within(dialog).getByRole("button", { name: "Back to ines.vogt@nordhafen.example" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(fake.argsOf("sign_in_close")).toHaveLength(1);
    expect(screen.getByText("40 users")).toBeVisible();
    expect(screen.getByRole("button", { name: OWN })).toBeVisible();
  });

  it("are all signed out after one question that says what it does", async () => {
    const fake = several();
    const { user } = await menu(fake);
    await user.click(screen.getByRole("menuitem", { name: "Sign out of all organizations" }));
    const dialog = await screen.findByRole("dialog", { name: "Sign out of all organizations?" });
    expect(dialog).toHaveTextContent("This ends 3 sign-ins, on this computer and at the server:");
    expect(dialog).toHaveTextContent("old@kanal.example");
    await user.click(within(dialog).getByRole("button", { name: "Cancel" }));
    expect(fake.argsOf("sign_out_all")).toEqual([]);
    await user.click(screen.getByRole("button", { name: OWN }));
    await user.click(await screen.findByRole("menuitem", { name: "Sign out of all organizations" }));
    await user.click(
      within(await screen.findByRole("dialog")).getByRole("button", { name: "Sign out of all organizations" }),
    );
    expect(await screen.findByRole("heading", { name: "Sign in to ezeep" })).toBeVisible();
    expect(screen.queryByText("Signed in on this computer")).toBeNull();
  });

  it("wait above the sign-in form: used again, or forgotten one by one", async () => {
    const fake = several();
    const { user } = await menu(fake);
    await user.click(screen.getByRole("menuitem", { name: "Sign out" }));
    const kept = await screen.findByRole("region", { name: "Signed in on this computer" });
    expect(within(kept).getAllByRole("listitem")).toHaveLength(2);
    expect(within(kept).getByRole("button", { name: "Continue as jo@kanal.example" })).toHaveAccessibleDescription(
      "Kanal Druck GmbH",
    );
    expect(within(kept).queryByRole("button", { name: "Continue as old@kanal.example" })).toBeNull();
    await user.click(within(kept).getByRole("button", { name: "Forget old@kanal.example" }));
    await waitFor(() => expect(within(kept).getAllByRole("listitem")).toHaveLength(1));
    expect(fake.argsOf("account_forget")).toEqual([{ account: "acc-old" }]);
    fake.failing.set("account_choose", appError({ code: "accountGone" }));
    await user.click(within(kept).getByRole("button", { name: "Continue as jo@kanal.example" }));
    expect(await within(kept).findByRole("alert")).toHaveTextContent("no longer kept on this computer");
    fake.failing.clear();
    await user.click(within(kept).getByRole("button", { name: "Continue as jo@kanal.example" }));
    expect(await screen.findByRole("button", { name: "Account: jo@kanal.example" })).toBeVisible();
  });
});
