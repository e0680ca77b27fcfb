import { act, screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { appError, FakeBackend, FORM, onWire, QR } from "../../test/fakeBackend";
import { openApp } from "../../test/open";
import { codeGroups } from "./Pairing";

const MINUTE = 60_000;

function pairing(part: { code?: string; left?: number; keep?: boolean; problem?: ReturnType<typeof appError> } = {}) {
  const fake = new FakeBackend();
  fake.setStep({
    at: "pairing",
    code: part.code ?? "KQ4TZ8RM",
    link: "https://account.ezeep.com/pair/",
    qr: QR,
    expiresAt: onWire(Date.now() + (part.left ?? 10 * MINUTE)),
    keep: part.keep ?? false,
    problem: part.problem ?? null,
  });
  return fake;
}

afterEach(() => {
  vi.useRealTimers();
});

describe("a pairing code (security.md 23, 24)", () => {
  it("is asked for by its own button, beside the documents' limit", async () => {
    const fake = new FakeBackend();
    fake.form = { ...FORM, clientId: "abc" };
    fake.setStep({ at: "form", form: fake.form, problem: null });
    const { user } = openApp(fake);
    const button = await screen.findByRole("button", { name: "Use a pairing code" });
    expect(button).toHaveAccessibleDescription(/isn’t for Microsoft or other external sign-ins/);
    expect(fake.argsOf("sign_in")).toEqual([]);
    await user.click(button);
    await waitFor(() => expect(fake.argsOf("sign_in")).toMatchObject([{ request: { method: "pairing", keep: true } }]));
    expect(await screen.findByLabelText("Pairing code")).toHaveTextContent("KQ4TZ8RM");
  });

  it("shows the code to be read in parts and copied exactly, its picture, the page and the app's name", async () => {
    openApp(pairing());
    const code = await screen.findByLabelText("Pairing code");
    expect(code.textContent).toBe("KQ4TZ8RM");
    expect(within(code).getByText("KQ4T")).toBeVisible();
    expect(screen.getByRole("img", { name: "Pairing QR code" })).toBeVisible();
    expect(screen.getByRole("status", { name: "Enter the code on another device" })).toHaveTextContent(
      "open https://account.ezeep.com/pair/ and enter the code",
    );
    expect(screen.getByText(/whether to let Pressroom in/)).toBeVisible();
    expect(screen.queryByText(/decided by the server/)).toBeNull();
  });

  it("cuts a code into parts that put together are the code", () => {
    for (const code of ["ABC", "ABCDEF", "ABCDEFG", "ABCDEFGH", "ABCDEFGHI", "AB-CD", "Ä\u202e99999", ""])
      expect(codeGroups(code).join("")).toBe(code);
    expect(codeGroups("ABCDEF")).toEqual(["ABC", "DEF"]);
    expect(codeGroups("ABCDEFGHIJKL")).toEqual(["ABCD", "EFGH", "IJKL"]);
    expect(codeGroups("WDJB-MJHT")).toEqual(["WDJB-MJHT"]);
  });

  it("draws every dark module on white, with four light ones around", async () => {
    openApp(pairing());
    const picture = await screen.findByRole("img", { name: "Pairing QR code" });
    const side = QR.size + 8;
    expect(picture).toHaveAttribute("viewBox", `0 0 ${side} ${side}`);
    expect(picture.querySelector("rect")).toHaveAttribute("fill", "#fff");
    expect(picture).not.toHaveAttribute("style");
    const drawn = new Set<string>();
    for (const run of (picture.querySelector("path")?.getAttribute("d") ?? "").matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g))
      for (let x = 0; x < Number(run[3]); x += 1) drawn.add(`${Number(run[1]) + x} ${run[2]}`);
    const dark = new Set(
      QR.rows.flatMap((row, y) => [...row].flatMap((module, x) => (module === "1" ? [`${x + 4} ${y + 4}`] : []))),
    );
    expect(drawn).toEqual(dark);
  });

  it("counts the time down for the eye and tells the ear once a minute", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"], now: Date.UTC(2026, 0, 1) });
    openApp(pairing({ left: 2 * MINUTE }));
    await screen.findByText("2:00 left");
    expect(screen.getByText("2 minutes left")).toHaveAttribute("aria-live", "polite");
    act(() => vi.advanceTimersByTime(31_000));
    expect(screen.getByText("1:29 left")).toBeVisible();
    expect(screen.getByText("2 minutes left")).toBeInTheDocument();
    act(() => vi.advanceTimersByTime(30_000));
    expect(screen.getByText("1 minute left")).toBeInTheDocument();
    act(() => vi.advanceTimersByTime(2 * MINUTE));
    expect(screen.getAllByText("The code has run out")).toHaveLength(2);
  });

  it("copies the code, opens the page here, and is given up", async () => {
    const { user, fake } = openApp(pairing({ keep: true }));
    await user.click(await screen.findByRole("button", { name: "Copy code" }));
    expect(await screen.findByText("Code copied")).toBeVisible();
    expect(await navigator.clipboard.readText()).toBe("KQ4TZ8RM");
    expect(screen.getByText(/decided by the server, not by this app/)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Open the page here" }));
    expect(fake.argsOf("sign_in_open_again")).toHaveLength(1);
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    expect(await screen.findByRole("heading", { name: "Sign in to ezeep" })).toBeVisible();
  });

  it("says what to do where the page may not write to the clipboard", async () => {
    const { user } = openApp(pairing());
    vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new Error("denied"));
    document.execCommand = () => false;
    await user.click(await screen.findByRole("button", { name: "Copy code" }));
    expect(await screen.findByText(/Select it and copy it yourself/)).toBeVisible();
  });

  it("goes on waiting while something is wrong, and says why it ended", async () => {
    const { fake } = openApp(pairing({ problem: appError({ code: "offline", host: "account.ezeep.com" }) }));
    expect(await screen.findByRole("alert")).toHaveTextContent("account.ezeep.com can’t be reached");
    expect(screen.getByLabelText("Pairing code")).toBeVisible();
    for (const [code, words] of [
      ["pairingExpired", "ran out before it was confirmed"],
      ["pairingRefused", "refused on the other device"],
      ["pairingUnsupported", "no pairing codes to this Client ID"],
    ] as const) {
      act(() => fake.setStep({ at: "form", form: FORM, problem: appError({ code }) }));
      await waitFor(() => expect(screen.getByRole("alert")).toHaveTextContent(words));
    }
  });
});
