import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { FakeBackend } from "../test/fakeBackend";
import { openApp } from "../test/open";

it("tells on the page whether the last input was a key", async () => {
  const { user, unmount } = openApp(new FakeBackend());
  const field = await screen.findByRole("textbox", { name: "Client ID" });
  const page = document.documentElement;
  expect(page).not.toHaveAttribute("data-keys");
  await user.tab();
  expect(page).toHaveAttribute("data-keys");
  await user.click(field);
  expect(page).not.toHaveAttribute("data-keys");
  await user.type(field, "a", { skipClick: true });
  expect(page).toHaveAttribute("data-keys");
  unmount();
  expect(page).not.toHaveAttribute("data-keys");
});
