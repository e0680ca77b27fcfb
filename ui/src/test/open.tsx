// Owns how a test opens the window: the whole app on a stand-in, in a language.
import { render, screen } from "@testing-library/react";
import userEvent, { PointerEventsCheckLevel } from "@testing-library/user-event";
import { App } from "../app";
import { makeQueryClient } from "../ipc/client";
import type { FakeBackend } from "./fakeBackend";

/** Waits until the page of users is drawn completely: the parts around the rows come after them. */
export async function pageDrawn() {
  await screen.findByRole("group", { name: "Filters" });
}

export function openApp(fake: FakeBackend, locale = "en") {
  const client = makeQueryClient();
  const user = userEvent.setup({ delay: null, pointerEventsCheck: PointerEventsCheckLevel.Never });
  return { ...render(<App backend={fake} client={client} locale={locale} />), user, client, fake };
}
