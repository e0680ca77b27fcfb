// Owns the scenes for a browser during development: `?scene=empty`, `?scene=long` and so on. Must never reach
// a built app.
import type { Backend } from "../ipc/backend";

import type { Account, AccountId, AppError, GroupId, SignInForm, SignInMethod } from "../ipc/bindings";
import {
  appError,
  FakeBackend,
  FORM,
  ORGANIZATION,
  OTHER,
  OTHER_ACCOUNT,
  onWire,
  PERSON,
  PRIVATE,
  QR,
  REDIRECT,
  syncFailed,
  syncing,
} from "./fakeBackend";
import { EVIL, hostileBackend, LONG } from "./hostile";

const CLIENT_ID = "78KYzeX5wS8r0FYz9KdvNt9xHMRA61PJK80IHwNj";
const LAPSED_ACCOUNT: Account = {
  ...OTHER_ACCOUNT,
  id: "acc-old" as AccountId,
  email: "ines.vogt@gymnasium-am-kanal.example",
  name: "Ines Vogt",
  organization: "Gymnasium am Kanal",
  state: "expired",
};

function atForm(part: Partial<SignInForm> = {}, problem: AppError | null = null): FakeBackend {
  const fake = new FakeBackend();
  fake.form = { ...FORM, clientId: CLIENT_ID, ...part };
  fake.accounts = fake.form.accounts;
  fake.setStep({ at: "form", form: fake.form, problem });
  return fake;
}

function several(): FakeBackend {
  const fake = new FakeBackend({ people: 2_000, groups: 60 });
  fake.form = { ...FORM, clientId: CLIENT_ID };
  fake.accounts = [OTHER_ACCOUNT, LAPSED_ACCOUNT];
  return fake.signIn();
}

function expired(): FakeBackend {
  const fake = several();
  fake.expire();
  return fake;
}

function adding(): FakeBackend {
  const fake = several();
  fake.commands.account_add().catch(() => undefined);
  return fake;
}

/** With a sign-in under way. */
function under(fake: FakeBackend, method: SignInMethod): FakeBackend {
  fake.commands
    .sign_in({ request: { clientId: CLIENT_ID, keep: true, method, fewerRights: false, redirectUri: null } })
    .catch(() => undefined);
  return fake;
}

/** Unfinished changes: some only reviewed, one stopped half-way with failures. */
function leavePlans(fake: FakeBackend, count: number): void {
  if (fake.session.kind !== "signedIn") return;
  const { workspace } = fake.session;
  const people = fake.world(ORGANIZATION.id).people;
  fake.manualProgress = true;
  for (let i = 0; i < count; i += 1) {
    const ids = people.slice(i * 20, i * 20 + 12).map((person) => person.id);
    const verb = i % 2 === 0 ? "add" : "remove";
    const groups = i === 2 ? ["g-3", "g-4"] : ["g-2"];
    const plan = fake.makePlan(workspace, {
      kind: verb,
      users: { kind: "ids", ids },
      groups: groups.map((id) => id as GroupId),
    });
    plan.madeAt = Date.now() - i * 30_000_000 - 600_000;
    if (i !== 0) continue;
    plan.state = "running";
    const failing = plan.lines[1]?.user.id;
    if (failing) fake.failingPeople.add(failing);
    for (let k = 0; k < 4; k += 1) fake.step(plan.view.id);
    plan.state = "finished";
  }
  fake.manualProgress = false;
}

const scenes: Record<string, () => FakeBackend> = {
  signedout: () => atForm(),
  accounts: () => atForm({ accounts: [OTHER_ACCOUNT, LAPSED_ACCOUNT] }),
  problem: () => atForm({}, appError({ code: "portBusy", port: 8080 }, "Address already in use (os error 98)")),
  redirect: () =>
    atForm(
      { redirect: { ...REDIRECT, uri: REDIRECT.appLink, kind: "appLink", appLinkReady: false } },
      appError({ code: "redirectInvalid" }),
    ),
  redirectset: () => atForm({ redirect: { ...REDIRECT, preset: true } }),
  unusable: () => atForm({ keychain: "unusable" }),
  locked: () => atForm({ keychain: "locked" }),
  lockederror: () =>
    atForm({ keychain: "locked" }, appError({ code: "keychainLocked" }, "org.freedesktop.Secret: locked")),
  waiting: () => under(new FakeBackend(), "browser"),
  waitinglink: () => {
    const fake = new FakeBackend();
    fake.form = { ...FORM, redirect: { ...REDIRECT, uri: REDIRECT.appLink, kind: "appLink" } };
    return under(fake, "browser");
  },
  pairing: () => under(new FakeBackend(), "pairing"),
  finishing: () => {
    const fake = new FakeBackend();
    fake.setStep({ at: "finishing", demo: false });
    return fake;
  },
  expired: () => expired(),
  expireddemo: () => {
    const fake = new FakeBackend({ people: 2_000, groups: 60 }).signIn(ORGANIZATION, true);
    fake.expire();
    return fake;
  },
  expiredwaiting: () => under(expired(), "browser"),
  expiredpairing: () => under(expired(), "pairing"),
  add: () => adding(),
  addpairing: () => under(adding(), "pairing"),
  several: () => several(),
  unfinished: () => {
    const fake = several();
    leavePlans(fake, 5);
    return fake;
  },
  unfinishedone: () => {
    const fake = several();
    leavePlans(fake, 1);
    return fake;
  },
  unreachable: () => {
    const fake = new FakeBackend();
    fake.session = {
      kind: "unreachable",
      problem: appError({ code: "offline", host: "account.ezeep.com" }, "dns error"),
    };
    return fake;
  },
  choosing: () => {
    const fake = new FakeBackend();
    fake.session = {
      kind: "choosingOrganization",
      person: PERSON,
      organizations: [ORGANIZATION, { ...OTHER, admin: false }, PRIVATE],
      demo: false,
      problem: null,
    };
    return fake;
  },
  none: () => {
    const fake = new FakeBackend();
    fake.session = {
      kind: "choosingOrganization",
      person: PERSON,
      organizations: [PRIVATE],
      demo: false,
      problem: appError({ code: "noOrganization" }),
    };
    return fake;
  },
  full: () => new FakeBackend({ people: 2_000, groups: 60 }).signIn(),
  demo: () => new FakeBackend({ people: 2_000, groups: 60 }).signIn(ORGANIZATION, true),
  large: () => new FakeBackend({ people: 100_000, groups: 400 }).signIn(),
  empty: () => new FakeBackend({ people: 0, groups: 0 }).signIn(),
  notadmin: () => {
    const fake = new FakeBackend({ people: 0, groups: 0 }).signIn({ ...ORGANIZATION, admin: false });
    fake.sync = syncFailed(appError({ code: "notAdmin" }));
    return fake;
  },
  reading: () => {
    const fake = new FakeBackend({ people: 0, groups: 0 }).signIn();
    fake.sync = syncing(1_240, 4_260);
    fake.failing.set("users", appError({ code: "directoryNotRead" }));
    fake.failing.set("groups", appError({ code: "directoryNotRead" }));
    return fake;
  },
  failed: () => {
    const fake = new FakeBackend().signIn();
    fake.sync = syncFailed(
      appError({ code: "offline", host: "api2.ezeep.com" }, "connect: Connection refused (os error 111)"),
    );
    fake.failing.set("users", appError({ code: "directoryNotRead" }));
    return fake;
  },
  stale: () => {
    const fake = new FakeBackend({ people: 300 }).signIn();
    fake.sync = syncFailed(
      appError({ code: "serverFailed", status: 502 }, "<html><body>Bad Gateway</body></html>"),
      Date.now() - 7_200_000,
    );
    fake.failing.set("user_read", appError({ code: "timedOut", host: "api2.ezeep.com" }));
    return fake;
  },
  long: () => {
    const fake = new FakeBackend({ people: 60 }).signIn({
      ...ORGANIZATION,
      name: "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    });
    const world = fake.world(ORGANIZATION.id);
    const hostile = "<script>alert(1)</script> ‮txt.exe‬ & <b>fett</b>";
    const long = "Wolfeschlegelsteinhausenbergerdorff-Österreichisch-Ungarische von und zu Hohenlohe-Schillingsfürst";
    world.people.forEach((person, i) => {
      if (i % 2 === 0) person.name = `${i} ${i % 4 === 0 ? long : hostile}`;
      else person.name = "محمد بن عبد الله";
      if (i % 3 === 0) person.email = `${"sehr.lange.adresse.".repeat(6)}${i}@nordhafen.example`;
    });
    world.groups.forEach((group, i) => {
      group.name = i % 2 === 0 ? `${i} ${hostile}` : `${long} ${i}`;
      group.description = `${long} `.repeat(2).trim();
    });
    return fake;
  },
  hostile: () => hostileBackend(),
  hostileexpired: () => {
    const fake = hostileBackend();
    fake.expire();
    return fake;
  },
  hostileunfinished: () => {
    const fake = hostileBackend();
    leavePlans(fake, 3);
    return fake;
  },
  hostileform: () => atForm({ accounts: [{ ...OTHER_ACCOUNT, email: EVIL, name: EVIL, organization: LONG }] }),
  hostilepairing: () => {
    const fake = new FakeBackend();
    fake.setStep({
      at: "pairing",
      code: LONG,
      link: `https://evil.example/${LONG}`,
      qr: QR,
      expiresAt: onWire(Date.now() + 600_000),
      keep: true,
      problem: appError({ code: "offline", host: LONG }, LONG.slice(0, 500)),
    });
    return fake;
  },
  hostilechoosing: () => {
    const fake = new FakeBackend();
    fake.session = {
      kind: "choosingOrganization",
      person: { ...PERSON, email: LONG },
      organizations: [
        { ...ORGANIZATION, name: LONG },
        { ...OTHER, name: EVIL },
      ],
      demo: false,
      problem: null,
    };
    return fake;
  },
  slow: () => {
    const fake = new FakeBackend({ people: 2_000, groups: 60 }).signIn();
    fake.progressDelayMs = 400;
    return fake;
  },
  failing: () => {
    const fake = new FakeBackend({ people: 200, groups: 20 }).signIn();
    const people = fake.world(ORGANIZATION.id).people;
    people.forEach((person, i) => {
      if (i % 4 === 0) fake.failingPeople.add(person.id);
    });
    return fake;
  },
};

/** The stand-in for a URL's query. Unknown scenes show the full organization. */
export function backendForScene(query: string): Backend {
  const name = new URLSearchParams(query).get("scene") ?? "full";
  return (scenes[name] ?? scenes["full"] ?? (() => new FakeBackend()))();
}
