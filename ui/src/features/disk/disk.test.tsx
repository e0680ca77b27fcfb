import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { DiskNotice } from "../../ipc/bindings";
import { FakeBackend } from "../../test/fakeBackend";
import { openApp } from "../../test/open";

const FOLDER = "/home/ines/.local/share/dev.pressroom.console/";
const SETTINGS: DiskNotice = {
  id: 1,
  what: "settings",
  problem: "damaged",
  path: `${FOLDER}settings.v1.json`,
  setAside: `${FOLDER}settings.v1.json.unreadable-20260101T000000Z`,
  detail: "EOF while parsing a value at line 1 column 7",
};

describe("what could not be read on this computer", () => {
  it("is said over the sign-in: which file, where it is now and what was kept", async () => {
    const fake = new FakeBackend();
    fake.notices = [SETTINGS];
    openApp(fake);
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("Can’t be read: settings");
    expect(alert).toHaveTextContent("set aside as settings.v1.json.unreadable-20260101T000000Z");
    expect(alert).toHaveTextContent("plans, saved copies and saved views were kept: sign in again");
    expect(within(alert).getByText(`${FOLDER}settings.v1.json`)).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Sign in with browser" })).toBeVisible();
  });

  it("is said over the lists, each by itself, until it is closed", async () => {
    const fake = new FakeBackend().signIn();
    const { user } = openApp(fake);
    expect(await screen.findByText("40 users")).toBeVisible();
    expect(screen.queryByRole("alert")).toBeNull();
    const denied: DiskNotice = { ...SETTINGS, id: 2, what: "views", problem: "denied", setAside: null };
    act(() => fake.setNotices([SETTINGS, denied]));
    const region = await screen.findByRole("region", { name: "Files on this computer" });
    const [first, second] = within(region).getAllByRole("alert");
    expect(second).toHaveTextContent("No access: saved views");
    await user.click(within(first as HTMLElement).getByRole("button", { name: "Dismiss" }));
    await waitFor(() => expect(within(region).getAllByRole("alert")).toHaveLength(1));
    expect(fake.argsOf("disk_notice_close")).toEqual([{ id: 1 }]);
  });

  it("is closed by keyboard: the focus goes to the next notice, and after the last one back into the window", async () => {
    const fake = new FakeBackend().signIn();
    const second: DiskNotice = { ...SETTINGS, id: 2, what: "views", problem: "denied", setAside: null };
    fake.notices = [SETTINGS, second, { ...second, id: 3, what: "log" }];
    const { user } = openApp(fake);
    await screen.findByText("40 users");
    const buttons = () => screen.getAllByRole("button", { name: "Dismiss" });
    act(() => buttons()[1]?.focus());
    for (const left of [2, 1]) {
      await user.keyboard("{Enter}");
      await waitFor(() => expect(buttons()).toHaveLength(left));
      await waitFor(() => expect(buttons()[left - 1]).toHaveFocus());
    }
    await user.keyboard("{Enter}");
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
    expect(screen.getByRole("grid", { name: "Users" })).toHaveFocus();
  });

  it("is closed over the sign-in too, where the focus goes to the form", async () => {
    const fake = new FakeBackend();
    fake.notices = [SETTINGS];
    const { user } = openApp(fake);
    const button = await screen.findByRole("button", { name: "Dismiss" });
    act(() => button.focus());
    await user.keyboard("{Enter}");
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
    expect(document.activeElement).toContainElement(screen.getByRole("textbox", { name: "Client ID" }));
    expect(document.body).not.toHaveFocus();
  });

  it("is said in German too", async () => {
    const fake = new FakeBackend();
    fake.notices = [SETTINGS, { ...SETTINGS, id: 2, what: "signIn", problem: "missing", setAside: null }];
    openApp(fake, "de");
    const alerts = await screen.findAllByRole("alert");
    expect(alerts[0]).toHaveTextContent("Nicht lesbar: Einstellungen");
    expect(alerts[1]).toHaveTextContent("Fehlt im Schlüsselbund: Anmeldung");
  });
});
