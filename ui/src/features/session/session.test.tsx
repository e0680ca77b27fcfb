import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { AppError, SignInForm, SignInStep } from "../../ipc/bindings";
import { appError, FakeBackend, FORM, ORGANIZATION, OTHER, PERSON, PRIVATE } from "../../test/fakeBackend";
import { openApp } from "../../test/open";

function signedOut(part: Partial<SignInForm> = {}, problem: AppError | null = null) {
  const fake = new FakeBackend();
  fake.form = { ...FORM, ...part };
  fake.accounts = fake.form.accounts;
  fake.setStep({ at: "form", form: fake.form, problem });
  return fake;
}

describe("the sign-in", () => {
  it("has the names that hold", async () => {
    openApp(signedOut());
    expect(await screen.findByRole("heading", { name: "Sign in to ezeep" })).toBeVisible();
    expect(screen.getByRole("textbox", { name: "Client ID" })).toBeVisible();
    expect(screen.getByRole("checkbox", { name: "Keep me signed in" })).toBeChecked();
    for (const name of [
      "Sign in with browser",
      "Sign in with Microsoft",
      "Use a pairing code",
      "Explore the demo organization",
    ])
      expect(screen.getByRole("button", { name })).toBeVisible();
  });

  it("asks for a Client ID before anything is sent, and sends it without the spaces around it", async () => {
    const { user, fake } = openApp(signedOut());
    await user.click(await screen.findByRole("button", { name: "Sign in with browser" }));
    expect(screen.getByRole("alert")).toHaveTextContent("Enter the Client ID");
    expect(screen.getByRole("textbox", { name: "Client ID" })).toHaveFocus();
    await user.type(screen.getByRole("textbox", { name: "Client ID" }), "ab cd");
    await user.keyboard("{Enter}");
    expect(screen.getByRole("alert")).toHaveTextContent("without spaces");
    expect(fake.argsOf("sign_in")).toEqual([]);
    await user.clear(screen.getByRole("textbox", { name: "Client ID" }));
    await user.type(screen.getByRole("textbox", { name: "Client ID" }), "  abc ");
    await user.click(screen.getByRole("checkbox", { name: "Keep me signed in" }));
    await user.click(screen.getByRole("button", { name: "Sign in with Microsoft" }));
    await waitFor(() =>
      expect(fake.argsOf("sign_in")).toEqual([
        { request: { clientId: "abc", keep: false, method: "microsoft", fewerRights: false, redirectUri: null } },
      ]),
    );
  });

  it("shows a Client ID set by policy without letting it be changed", async () => {
    openApp(signedOut({ clientId: "policy-id", clientIdPreset: true }));
    const field = await screen.findByRole("textbox", { name: "Client ID" });
    expect(field).toHaveValue("policy-id");
    expect(field).toHaveAttribute("readonly");
    expect(field).toHaveAccessibleDescription("Set by your organization’s policy.");
  });

  it("turns “Keep me signed in” off and says why where no keychain can be used (security.md 25)", async () => {
    const { user, fake } = openApp(signedOut({ clientId: "abc", keychain: "unusable" }));
    const keep = await screen.findByRole("checkbox", { name: "Keep me signed in" });
    expect(keep).toBeDisabled();
    expect(keep).not.toBeChecked();
    expect(keep).toHaveAccessibleDescription(/no keychain/);
    await user.click(screen.getByRole("button", { name: "Sign in with browser" }));
    await waitFor(() => expect(fake.argsOf("sign_in")).toMatchObject([{ request: { keep: false } }]));
  });

  it("says why an attempt ended, with the server's words behind “Details”", async () => {
    openApp(signedOut({}, appError({ code: "portBusy", port: 8080 }, "Address already in use")));
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent(/^Port 8080 is used by another program/);
    expect(within(alert).getByText("Details")).toBeVisible();
    expect(within(alert).getByText("Address already in use")).not.toBeVisible();
  });

  it("offers what would work instead: fewer rights, or memory only", async () => {
    const offers = [
      [appError({ code: "scopeRefused" }), "Sign in with printing alone", { keep: true, fewerRights: true }],
      [appError({ code: "keychainUnavailable" }), "Sign in until I quit", { keep: false, fewerRights: false }],
    ] as const;
    for (const [problem, name, request] of offers) {
      const { user, fake, unmount } = openApp(signedOut({ clientId: "abc" }, problem));
      await user.click(await screen.findByRole("button", { name }));
      await waitFor(() => expect(fake.argsOf("sign_in")).toMatchObject([{ request }]));
      unmount();
    }
  });

  it("tells a refused command and lets the person try again", async () => {
    const { user, fake } = openApp(signedOut({ clientId: "abc" }));
    fake.failing.set("sign_in", appError({ code: "clientIdUnknown" }));
    await user.click(await screen.findByRole("button", { name: "Sign in with browser" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("The server doesn’t know this Client ID");
    expect(screen.getByRole("textbox", { name: "Client ID" })).toHaveAttribute("aria-invalid", "true");
    fake.failing.clear();
    await user.click(screen.getByRole("button", { name: "Sign in with browser" }));
    expect(await screen.findByRole("status", { name: "Waiting for your browser" })).toBeVisible();
  });

  it("explains where a Client ID comes from, with the redirect URI to register", async () => {
    const { user } = openApp(signedOut());
    await user.click(await screen.findByRole("button", { name: "Where do I get one?" }));
    const help = await screen.findByRole("dialog", { name: "How to get a Client ID" });
    expect(help).toHaveTextContent("http://localhost:8080/oauth/callback");
    expect(help).toHaveTextContent("byte for byte");
  });

  it("explores the demo organization under a banner that nothing leaves this computer", async () => {
    const { user } = openApp(signedOut());
    await user.click(await screen.findByRole("button", { name: "Explore the demo organization" }));
    expect(await screen.findByRole("note")).toHaveTextContent("Demo organization: nothing leaves this computer");
  });
});

const MISSING = { code: "browserOpenerMissing", program: "xdg-open" } as const;
const FAILED = { code: "browserOpenerFailed", program: "xdg-open", status: 4 } as const;

describe("waiting for the browser", () => {
  const waiting = (part: Partial<Extract<SignInStep, { at: "waitingForBrowser" }>> = {}) => {
    const fake = new FakeBackend();
    fake.setStep({
      at: "waitingForBrowser",
      link: "https://account.ezeep.com/oauth/authorize/?state=s",
      method: "browser",
      keep: true,
      demo: false,
      receiver: "loopback",
      problem: null,
      ...part,
    });
    return fake;
  };

  it("says what it waits for, that the server decides how long a sign-in lasts, and gives every way on", async () => {
    const { user, fake } = openApp(waiting());
    expect(await screen.findByRole("status", { name: "Waiting for your browser" })).toBeVisible();
    expect(screen.getByText(/decided by the server, not by this app/)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Open the browser again" }));
    await user.click(screen.getByRole("button", { name: "Copy sign-in link" }));
    expect(await screen.findByText("Link copied")).toBeVisible();
    expect(fake.argsOf("sign_in_open_again")).toHaveLength(1);
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    expect(await screen.findByRole("heading", { name: "Sign in to ezeep" })).toBeVisible();
  });

  it("goes on waiting when the browser could not be opened, and says what to do", async () => {
    openApp(waiting({ keep: false, problem: appError({ code: "browserFailed" }) }));
    expect(await screen.findByRole("alert")).toHaveTextContent("Copy the sign-in link");
    expect(screen.queryByText(/decided by the server/)).toBeNull();
    expect(screen.getByRole("textbox", { name: "Sign-in link" })).toHaveValue(
      "https://account.ezeep.com/oauth/authorize/?state=s",
    );
  });

  it.each([
    ["en", MISSING, /xdg-open was not found\. Install xdg-utils and a browser/],
    ["en", FAILED, /xdg-open ended with status 4/],
    ["de", MISSING, /xdg-open wurde nicht gefunden\. Installieren Sie xdg-utils und einen Browser/],
    ["de", FAILED, /xdg-open endete mit Status 4/],
  ] as const)("says in %s why no browser was opened (%o)", async (locale, code, words) => {
    openApp(waiting({ problem: appError(code) }), locale);
    expect(await screen.findByRole("alert")).toHaveTextContent(words);
  });

  it.each([
    { demo: false, method: "browser", code: { code: "browserFailed" } },
    { demo: true, method: "browser", code: MISSING },
    { demo: false, method: "microsoft", code: FAILED },
  ] as const)("speaks of no opened page while none could be opened ($code.code)", async ({ code, ...part }) => {
    const fake = waiting({ ...part, problem: appError(code) });
    const { container } = openApp(fake);
    const step = await screen.findByRole("status", { name: "Waiting for your browser" });
    expect(step).toHaveTextContent(/Open the sign-in link below in a browser yourself/);
    expect(screen.queryByText(/page that opened in your browser/)).toBeNull();
    expect(container.querySelector(".progress.indeterminate")).toBeNull();
    act(() => {
      if (fake.session.kind === "signIn" && fake.session.step.at === "waitingForBrowser")
        fake.setStep({ ...fake.session.step, problem: null });
    });
    expect(await screen.findByText(/page that opened in your browser/)).toBeVisible();
    expect(screen.queryByRole("alert")).toBeNull();
    expect(container.querySelector(".progress.indeterminate")).not.toBeNull();
  });

  it("takes the notice of a failed copy away when the browser is opened again", async () => {
    const { user, fake } = openApp(waiting());
    fake.failing.set("sign_in_copy_link", appError({ code: "internal" }));
    await user.click(await screen.findByRole("button", { name: "Copy sign-in link" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("Something went wrong");
    await user.click(screen.getByRole("button", { name: "Open the browser again" }));
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
  });

  it.each([
    ["en", "A tab of another sign-in was finished", "Open the browser again"],
    ["de", "der Tab einer anderen Anmeldung abgeschlossen", "Browser erneut öffnen"],
  ])(
    "says in %s that another sign-in was answered, while the wait and its ways on stay",
    async (locale, told, again) => {
      const fake = waiting();
      const { user } = openApp(fake, locale);
      await screen.findByRole("button", { name: again });
      act(() =>
        fake.setStep({
          at: "waitingForBrowser",
          link: "https://account.ezeep.com/oauth/authorize/?state=s",
          method: "browser",
          keep: true,
          demo: false,
          receiver: "loopback",
          problem: appError({ code: "anotherSignInAnswered" }),
        }),
      );
      expect(await screen.findByRole("alert")).toHaveTextContent(told);
      await user.click(screen.getByRole("button", { name: again }));
      await waitFor(() => expect(fake.argsOf("sign_in_open_again")).toHaveLength(1));
    },
  );
});

describe("a refused certificate", () => {
  const CLOCK = Date.UTC(2031, 4, 3, 12);
  const host = "account.ezeep.com";
  it.each([
    {
      problem: appError({ code: "certificateExpired", host, until: Date.UTC(2030, 0, 15, 12), clock: CLOCK }),
      en: [/expired on January 15, 2030/, /clock says May 3, 2031/],
      de: [/am 15\. Januar 2030 abgelaufen/, /zeigt 03\.05\.2031/],
    },
    {
      problem: appError({ code: "certificateNotYetValid", host, from: Date.UTC(2032, 0, 15, 12), clock: CLOCK }),
      en: [/valid only from January 15, 2032/, /clock says May 3, 2031/],
      de: [/gilt erst ab dem 15\. Januar 2032/, /zeigt 03\.05\.2031/],
    },
    {
      problem: appError({ code: "clockWrong", host, clock: CLOCK }),
      en: [/This computer’s clock is wrong: it says May 3, 2031/],
      de: [/Die Uhr dieses Computers geht falsch: Sie zeigt 03\.05\.2031/],
    },
    {
      problem: appError({ code: "certificateOtherName", host }),
      en: [/was issued for another name/],
      de: [/ist auf einen anderen Namen ausgestellt/],
    },
    {
      problem: appError({ code: "certificateUntrusted", host }),
      en: [/isn’t trusted/, /trust store/],
      de: [/wird nicht vertraut/],
    },
  ])("is told by its cause ($problem.code) in both languages, and can be tried again", async ({ problem, ...told }) => {
    for (const locale of ["en", "de"] as const) {
      const fake = new FakeBackend();
      fake.session = { kind: "unreachable", problem };
      const { unmount } = openApp(fake, locale);
      const alert = await screen.findByRole("alert");
      for (const words of told[locale]) expect(alert).toHaveTextContent(words);
      expect(screen.getByRole("button", { name: locale === "en" ? "Try again" : /erneut|Erneut/ })).toBeVisible();
      unmount();
    }
  });
});

describe("after the sign-in", () => {
  it("asks which organization, Private last", async () => {
    const fake = new FakeBackend();
    fake.session = {
      kind: "choosingOrganization",
      person: PERSON,
      organizations: [ORGANIZATION, OTHER, PRIVATE],
      demo: false,
      problem: null,
    };
    const { user } = openApp(fake);
    const list = await screen.findByRole("list", { name: "Organizations" });
    expect(
      within(list)
        .getAllByRole("button")
        .map((button) => button.getAttribute("aria-label")),
    ).toEqual(["Nordhafen Schulen", "Kanal Druck GmbH", "Private"]);
    await user.click(within(list).getByRole("button", { name: "Kanal Druck GmbH" }));
    expect(await screen.findByRole("button", { name: "Organization: Kanal Druck GmbH" })).toBeVisible();
  });

  it("explains that there is nothing to manage where the person has only their Private organization", async () => {
    const fake = new FakeBackend();
    fake.session = {
      kind: "choosingOrganization",
      person: PERSON,
      organizations: [PRIVATE],
      demo: false,
      problem: appError({ code: "noOrganization" }),
    };
    openApp(fake);
    expect(await screen.findByRole("alert")).toHaveTextContent("No organization to manage");
    expect(screen.getByRole("button", { name: "Sign out" })).toBeVisible();
  });

  it("keeps a sign-in that can't be taken up now, and tries again (security.md 37)", async () => {
    const fake = new FakeBackend();
    fake.session = { kind: "unreachable", problem: appError({ code: "offline", host: "account.ezeep.com" }) };
    const { user } = openApp(fake);
    expect(await screen.findByRole("alert")).toHaveTextContent("account.ezeep.com can’t be reached");
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(fake.argsOf("session_retry")).toHaveLength(1);
  });

  it.each([
    [{ code: "notAdmin" } as const, "You aren’t an admin of this organization"],
    [{ code: "replyUnexpected" } as const, "The server’s answer could not be understood"],
    [{ code: "internal" } as const, "Something went wrong in Pressroom"],
  ])("says of a start that failed at a server that answers what it is: $code", async (code, words) => {
    const fake = new FakeBackend();
    fake.session = { kind: "unreachable", problem: appError(code) };
    const { user } = openApp(fake);
    expect(await screen.findByRole("alert")).toHaveTextContent(words);
    expect(screen.getByRole("heading", { name: "Your sign-in is kept, but the start failed" })).toBeVisible();
    expect(screen.queryByText(/can’t be reached/)).toBeNull();
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(fake.argsOf("session_retry")).toHaveLength(1);
  });

  it("names a setting that can't be used", async () => {
    const fake = new FakeBackend();
    fake.session = { kind: "unusable", problem: appError({ code: "settingInvalid", setting: "PRESSROOM_API_URL" }) };
    openApp(fake);
    expect(await screen.findByRole("alert")).toHaveTextContent("PRESSROOM_API_URL");
  });

  it("follows the session wherever Rust says it is", async () => {
    const { fake } = openApp(signedOut());
    await screen.findByRole("heading", { name: "Sign in to ezeep" });
    act(() => fake.setStep({ at: "finishing", demo: false }));
    expect(await screen.findByRole("status", { name: "Finishing the sign-in" })).toBeVisible();
    act(() => {
      fake.signIn();
      fake.emit({ kind: "session" });
    });
    expect(await screen.findByRole("navigation", { name: "Main" })).toBeVisible();
  });

  it("speaks German where the system does", async () => {
    openApp(signedOut(), "de-DE");
    expect(await screen.findByRole("heading", { name: "Bei ezeep anmelden" })).toBeVisible();
    expect(document.documentElement.lang).toBe("de");
  });
});
