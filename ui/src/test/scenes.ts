// Owns the situations one can look at in a browser during development: `?scene=empty`, `?scene=long` and so on.
import type { Backend } from "../ipc/backend";

import { appError, FakeBackend, FORM, ORGANIZATION, OTHER, PERSON, PRIVATE } from "./fakeBackend";

const scenes: Record<string, () => FakeBackend> = {
  signedout: () => {
    const fake = new FakeBackend();
    fake.session = {
      kind: "signedOut",
      form: { ...FORM, clientId: "78KYzeX5wS8r0FYz9KdvNt9xHMRA61PJK80IHwNj" },
      problem: null,
    };
    return fake;
  },
  problem: () => {
    const fake = new FakeBackend();
    fake.session = {
      kind: "signedOut",
      form: { ...FORM, clientId: "78KYzeX5", keychain: "unusable" },
      problem: appError({ code: "portBusy", port: 8080 }, "Address already in use (os error 98)"),
    };
    return fake;
  },
  waiting: () => {
    const fake = new FakeBackend();
    fake.commands
      .sign_in({ request: { clientId: "x", keep: true, method: "browser", fewerRights: false } })
      .catch(() => undefined);
    return fake;
  },
  finishing: () => {
    const fake = new FakeBackend();
    fake.session = { kind: "finishing", demo: false };
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
    fake.sync = { kind: "failed", error: appError({ code: "notAdmin" }), last: null };
    return fake;
  },
  reading: () => {
    const fake = new FakeBackend({ people: 0, groups: 0 }).signIn();
    fake.sync = { kind: "reading", done: 1_240, total: 4_260, first: true };
    fake.failing.set("users", appError({ code: "directoryNotRead" }));
    fake.failing.set("groups", appError({ code: "directoryNotRead" }));
    return fake;
  },
  failed: () => {
    const fake = new FakeBackend().signIn();
    fake.sync = {
      kind: "failed",
      error: appError({ code: "offline", host: "api2.ezeep.com" }, "connect: Connection refused (os error 111)"),
      last: null,
    };
    fake.failing.set("users", appError({ code: "directoryNotRead" }));
    return fake;
  },
  stale: () => {
    const fake = new FakeBackend({ people: 300 }).signIn();
    fake.sync = {
      kind: "failed",
      error: appError({ code: "serverFailed", status: 502 }, "<html><body>Bad Gateway</body></html>"),
      last: Date.now() - 7_200_000,
    };
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
  slow: () => {
    const fake = new FakeBackend({ people: 2_000, groups: 60 }).signIn();
    fake.pace = 400;
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

/** The stand-in for an address's query. Unknown scenes show the full organization. */
export function backendForScene(query: string): Backend {
  const name = new URLSearchParams(query).get("scene") ?? "full";
  return (scenes[name] ?? scenes["full"] ?? (() => new FakeBackend()))();
}
