// Owns the stand-in for Rust in tests and in the browser during development: it answers every command from memory.
// Must never reach a built app, and must never know the components that ask it.
import type { Backend, CommandName, Commands } from "../ipc/backend";
import type {
  AppError,
  AppEvent,
  ErrorCode,
  GroupForm,
  GroupId,
  GroupRow,
  Installation,
  MembershipRequest,
  Organization,
  OrganizationId,
  Person,
  PlanId,
  PlanLine,
  PlanProgress,
  PlanState,
  PlanView,
  Selection,
  SessionView,
  SignInForm,
  SyncView,
  UserDetail,
  UserId,
  UserRow,
  UserScope,
} from "../ipc/bindings";
import { type FakeGroup, type FakePerson, makeGroups, makePeople } from "./people";

export function appError(code: ErrorCode, detail: string | null = null): AppError {
  return { ...code, detail, requestId: null };
}

export const ORGANIZATION: Organization = {
  id: "org-nordhafen" as OrganizationId,
  name: "Nordhafen Schulen",
  admin: true,
  private: false,
  color: 0,
};
export const OTHER: Organization = {
  id: "org-kanal" as OrganizationId,
  name: "Kanal Druck GmbH",
  admin: true,
  private: false,
  color: 1,
};
export const PRIVATE: Organization = {
  id: "org-private" as OrganizationId,
  name: "Private",
  admin: false,
  private: true,
  color: 5,
};
export const PERSON: Person = {
  id: "u-ines" as UserId,
  email: "ines.vogt@nordhafen.example",
  name: "Ines Vogt",
};
export const FORM: SignInForm = {
  clientId: "",
  clientIdPreset: false,
  keep: true,
  redirectUri: "http://localhost:8080/oauth/callback",
  keychain: "usable",
};

type Plan = { view: PlanView; lines: PlanLine[]; state: PlanState };
type World = { people: FakePerson[]; groups: FakeGroup[] };

const fold = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

export class FakeBackend implements Backend {
  session: SessionView = { kind: "signedOut", form: FORM, problem: null };
  sync: SyncView = { kind: "done", at: Date.now() - 120_000, skipped: 0 };
  organizations: Organization[] = [ORGANIZATION, OTHER, PRIVATE];
  installation: Installation = {
    version: "0.1.0",
    accountUrl: "https://account.ezeep.com/",
    apiUrl: "https://api2.ezeep.com/printing/v1/",
    redirectUri: "http://localhost:8080/oauth/callback",
    scopes: "printing printing.printers.readonly",
    dataDir: "/home/ines/.local/share/dev.pressroom.console",
    keychain: "usable",
  };
  readonly worlds = new Map<OrganizationId, World>();
  /** Every call, in order. */
  readonly calls: { name: CommandName; args: unknown }[] = [];
  /** Makes a command fail until it is deleted again. */
  readonly failing = new Map<CommandName, AppError>();
  /** Holds answers of a command back until `release` is called. */
  private readonly held = new Map<CommandName, (() => void)[]>();
  /** People whose change fails when a plan is applied. */
  readonly failingPeople = new Set<UserId>();
  /** Plans stay as they are until a test moves them. */
  stepwise = false;
  pace = 0;
  private readonly plans = new Map<PlanId, Plan>();
  private readonly listeners = new Set<(event: AppEvent) => void>();
  private nextId = 1;

  constructor({ people = 40, groups = 12 }: { people?: number; groups?: number } = {}) {
    const made = makeGroups(groups);
    this.worlds.set(ORGANIZATION.id, { groups: made, people: makePeople(people, made) });
    const small = makeGroups(3).map((group, i) => ({ ...group, id: `k-${i}` as GroupId, name: `Kanal ${i + 1}` }));
    this.worlds.set(OTHER.id, {
      groups: small,
      people: makePeople(5, small).map((person, i) => ({
        ...person,
        id: `k-user-${i}` as UserId,
        name: `Kanal Person ${i + 1}`,
        email: `person${i + 1}@kanal.example`,
      })),
    });
  }

  signIn(organization: Organization = ORGANIZATION, demo = false): this {
    this.session = { kind: "signedIn", person: PERSON, organization, storage: demo ? "memory" : "keychain", demo };
    return this;
  }

  world(organization: OrganizationId): World {
    const world = this.worlds.get(organization);
    if (!world) throw appError({ code: "organizationChanged" });
    return world;
  }

  subscribe(listener: (event: AppEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  emit(event: AppEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  setSession(session: SessionView): void {
    this.session = session;
    this.emit({ kind: "session" });
  }

  setSync(sync: SyncView): void {
    this.sync = sync;
    this.emit({ kind: "sync" });
    this.emit({ kind: "directory" });
  }

  hold(name: CommandName): void {
    this.held.set(name, []);
  }

  release(name: CommandName): void {
    const waiting = this.held.get(name) ?? [];
    this.held.delete(name);
    for (const go of waiting) go();
  }

  called(name: CommandName): unknown[] {
    return this.calls.filter((call) => call.name === name).map((call) => call.args);
  }

  private membersOf(world: World, id: GroupId): number {
    return world.people.filter((person) => person.groups.has(id)).length;
  }

  private groupRow(world: World, group: FakeGroup): GroupRow {
    return { ...group, members: this.membersOf(world, group.id) };
  }

  private groupsOf(world: World, person: FakePerson): FakeGroup[] {
    return world.groups.filter((group) => person.groups.has(group.id)).sort((a, b) => a.name.localeCompare(b.name));
  }

  private userRow(world: World, person: FakePerson): UserRow {
    const groups = this.groupsOf(world, person);
    const { id, name, email, role, state, origin, settings } = person;
    return {
      id,
      name,
      email,
      role,
      state,
      origin,
      settings,
      groups: groups.slice(0, 3).map((group) => ({ id: group.id, name: group.name })),
      groupCount: groups.length,
    };
  }

  private matching(world: World, scope: UserScope): FakePerson[] {
    const words = fold(scope.search).split(/\s+/).filter(Boolean);
    return world.people.filter((person) => {
      const text = fold(`${person.name} ${person.email} ${person.id}`);
      return (
        words.every((word) => text.includes(word)) &&
        (scope.groups.length === 0 || scope.groups.some((id) => person.groups.has(id))) &&
        (!scope.noGroup || person.groups.size === 0) &&
        (scope.roles.length === 0 || scope.roles.includes(person.role)) &&
        (scope.states.length === 0 || scope.states.includes(person.state)) &&
        scope.settings.every(({ setting, on }) => person.settings?.[setting] === on)
      );
    });
  }

  private userWindow(
    world: World,
    found: FakePerson[],
    total: number,
    { sort, descending, offset, limit }: { sort: string; descending: boolean; offset: number; limit: number },
  ) {
    const text = (person: FakePerson) => {
      switch (sort) {
        case "email":
          return person.email;
        case "role":
          return person.role;
        case "state":
          return person.state;
        case "origin":
          return person.origin.kind;
        case "groups":
          return this.groupsOf(world, person)[0]?.name ?? "";
        default:
          return person.name || person.email;
      }
    };
    const sorted = [...found].sort((a, b) => text(a).localeCompare(text(b)) || a.id.localeCompare(b.id));
    if (descending) sorted.reverse();
    const rows = sorted.slice(offset, offset + limit).map((person) => this.userRow(world, person));
    return { total, matched: found.length, offset, rows };
  }

  private detail(world: World, id: UserId): UserDetail {
    const person = world.people.find((one) => one.id === id);
    if (!person) throw appError({ code: "userGone" });
    return {
      row: this.userRow(world, person),
      groups: this.groupsOf(world, person).map((group) => this.groupRow(world, group)),
      joined: person.joined,
      verified: person.state === "active" ? true : null,
    };
  }

  private findGroup(world: World, id: GroupId): FakeGroup {
    const group = world.groups.find((one) => one.id === id);
    if (!group) throw appError({ code: "groupGone" });
    return group;
  }

  private save(world: World, form: GroupForm, id: GroupId | null): GroupRow {
    if (form.name.trim() === "") throw appError({ code: "groupNameEmpty" });
    if (world.groups.some((group) => group.name === form.name && group.id !== id))
      throw appError({ code: "groupNameTaken" }, '{"name":["group with this name already exists."]}');
    if (id === null) {
      const group: FakeGroup = {
        ...form,
        id: `new-${this.nextId++}` as GroupId,
        origin: { kind: "ezeep" },
        printers: 0,
      };
      world.groups.push(group);
      return this.groupRow(world, group);
    }
    return this.groupRow(world, Object.assign(this.findGroup(world, id), form));
  }

  private users(world: World, selection: Selection): UserId[] {
    if (selection.kind === "ids") return selection.ids;
    const except = new Set(selection.except);
    return this.matching(world, selection.scope)
      .map((person) => person.id)
      .filter((id) => !except.has(id));
  }

  private plan(organization: OrganizationId, request: MembershipRequest): PlanView {
    const world = this.world(organization);
    const users = request.kind === "edit" ? [request.user] : this.users(world, request.users);
    const wanted: [GroupId, boolean][] =
      request.kind === "edit"
        ? [
            ...request.add.map((id): [GroupId, boolean] => [id, true]),
            ...request.remove.map((id): [GroupId, boolean] => [id, false]),
          ]
        : request.groups.map((id) => [id, request.kind === "add"]);
    const lines = users.flatMap((id) =>
      wanted.map(([groupId, adding]): PlanLine => {
        const person = world.people.find((one) => one.id === id);
        const group = world.groups.find((one) => one.id === groupId);
        const planned: PlanLine["planned"] = !person
          ? { kind: "blocked", reason: "userGone" }
          : person.groups.has(groupId) === adding
            ? { kind: "unchanged" }
            : group?.origin.kind === "azure"
              ? { kind: "blocked", reason: "syncedFromAzure" }
              : person.state === "accountOnly"
                ? { kind: "blocked", reason: "notOnPrintingServer" }
                : { kind: adding ? "add" : "remove" };
        return {
          user: { id, name: person?.name ?? "", email: person?.email ?? "" },
          group: { id: groupId, name: group?.name ?? groupId },
          planned,
          outcome: null,
        };
      }),
    );
    const order = { add: 0, remove: 1, unchanged: 2, blocked: 3 };
    lines.sort((a, b) => order[a.planned.kind] - order[b.planned.kind]);
    const count = (kind: PlanLine["planned"]["kind"]) => lines.filter((line) => line.planned.kind === kind).length;
    const view: PlanView = {
      id: `plan-${this.nextId++}` as PlanId,
      organization: this.organizations.find((one) => one.id === organization) ?? ORGANIZATION,
      verb: request.kind,
      groups: wanted.map(([id]) => ({ id, name: world.groups.find((one) => one.id === id)?.name ?? id })),
      user: request.kind === "edit" ? (lines[0]?.user ?? null) : null,
      adds: count("add"),
      removes: count("remove"),
      unchanged: count("unchanged"),
      blocked: count("blocked"),
      lines: lines.length,
    };
    this.plans.set(view.id, { view, lines, state: "ready" });
    return view;
  }

  private planOf(id: PlanId): Plan {
    const plan = this.plans.get(id);
    if (!plan) throw appError({ code: "planGone" });
    return plan;
  }

  private progress({ view, lines, state }: Plan): PlanProgress {
    const tried = lines.filter((line) => line.outcome !== null);
    const failed = tried.filter((line) => line.outcome?.kind === "failed").length;
    return {
      id: view.id,
      state,
      total: view.adds + view.removes,
      done: tried.length,
      applied: tried.length - failed,
      failed,
      changedMeanwhile: tried.filter((line) => line.outcome?.kind === "changedMeanwhile").length,
    };
  }

  /** Writes the next line of a running plan; true where there was one. */
  step(id: PlanId): boolean {
    const plan = this.planOf(id);
    if (plan.state !== "applying") return false;
    const line = plan.lines.find(
      ({ planned, outcome }) => (planned.kind === "add" || planned.kind === "remove") && outcome === null,
    );
    if (line) {
      const world = this.world(plan.view.organization.id);
      const person = world.people.find((one) => one.id === line.user.id);
      if (this.failingPeople.has(line.user.id)) {
        line.outcome = { kind: "failed", error: appError({ code: "serverFailed", status: 500 }) };
      } else {
        if (line.planned.kind === "add") person?.groups.add(line.group.id);
        else person?.groups.delete(line.group.id);
        line.outcome = { kind: "applied" };
      }
    } else plan.state = "finished";
    this.emit({ kind: "plan", id });
    this.emit({ kind: "directory" });
    return line !== undefined;
  }

  private run(id: PlanId): void {
    const plan = this.planOf(id);
    if (this.progress(plan).total === 0) throw appError({ code: "planEmpty" });
    for (const line of plan.lines) if (line.outcome?.kind === "failed") line.outcome = null;
    plan.state = "applying";
    this.emit({ kind: "plan", id });
    if (this.stepwise) return;
    const go = () => {
      if (this.plans.get(id)?.state === "paused") setTimeout(go, 50);
      else if (this.step(id)) setTimeout(go, this.pace);
    };
    setTimeout(go, this.pace);
  }

  private turn(id: PlanId, state: PlanState): void {
    this.planOf(id).state = state;
    this.emit({ kind: "plan", id });
  }

  private readonly answers: { [N in CommandName]: (args: Parameters<Commands[N]>[0]) => unknown } = {
    session_view: () => this.session,
    session_retry: () => this.setSession({ kind: "starting" }),
    sign_in: (args) => {
      const { method, keep } = args.request;
      this.setSession({
        kind: "waitingForBrowser",
        link: "https://account.ezeep.com/oauth/authorize/?response_type=code&client_id=78KYzeX5wS8r0FYz9KdvNt9xHMRA61PJK80IHwNj&state=…",
        method,
        keep,
        demo: false,
        problem: null,
      });
    },
    sign_in_open_again: () => undefined,
    sign_in_copy_link: () => undefined,
    sign_in_cancel: () => this.setSession({ kind: "signedOut", form: FORM, problem: null }),
    demo_start: () => {
      this.signIn(ORGANIZATION, true);
      this.emit({ kind: "session" });
    },
    sign_out: () => this.setSession({ kind: "signedOut", form: FORM, problem: null }),
    organizations: () => this.organizations,
    organization_choose: ({ organization }) => {
      const next = this.organizations.find((one) => one.id === organization);
      if (!next) throw appError({ code: "switchRefused" });
      this.signIn(next);
      this.emit({ kind: "session" });
    },
    installation: () => this.installation,
    sync_view: () => this.sync,
    sync_start: () => this.setSync({ kind: "done", at: Date.now(), skipped: 0 }),
    sync_cancel: () => this.setSync({ kind: "failed", error: appError({ code: "cancelled" }), last: null }),
    totals: ({ organization }) => {
      const world = this.world(organization);
      return { users: world.people.length, groups: world.groups.length };
    },
    users: ({ organization, query }) => {
      const world = this.world(organization);
      return this.userWindow(world, this.matching(world, query.scope), world.people.length, query);
    },
    user: ({ organization, id }) => this.detail(this.world(organization), id),
    user_read: ({ organization, id }) => this.detail(this.world(organization), id),
    groups: ({ organization, query }) => {
      const world = this.world(organization);
      const words = fold(query.search).split(/\s+/).filter(Boolean);
      const found = world.groups
        .filter((group) => words.every((word) => fold(`${group.name} ${group.description} ${group.id}`).includes(word)))
        .map((group) => this.groupRow(world, group))
        .sort((a, b) =>
          query.sort === "members"
            ? a.members - b.members
            : query.sort === "printers"
              ? a.printers - b.printers
              : query.sort === "description"
                ? a.description.localeCompare(b.description)
                : a.name.localeCompare(b.name),
        );
      if (query.descending) found.reverse();
      const first = world.people.find((person) => person.id === query.firstOf);
      const own = new Set(first ? this.groupsOf(world, first).map((group) => group.id) : []);
      found.sort((a, b) => Number(own.has(b.id)) - Number(own.has(a.id)));
      return {
        total: world.groups.length,
        matched: found.length,
        offset: query.offset,
        rows: found.slice(query.offset, query.offset + query.limit),
      };
    },
    group: ({ organization, id }) => {
      const world = this.world(organization);
      return this.groupRow(world, this.findGroup(world, id));
    },
    group_read: ({ organization, id }) => {
      const world = this.world(organization);
      return this.groupRow(world, this.findGroup(world, id));
    },
    group_members: ({ organization, query }) => {
      const world = this.world(organization);
      const members = world.people.filter((person) => person.groups.has(query.group));
      const scope = { search: query.search, groups: [], noGroup: false, roles: [], states: [], settings: [] };
      return this.userWindow(world, this.matching({ ...world, people: members }, scope), members.length, query);
    },
    group_create: ({ organization, form }) => {
      const row = this.save(this.world(organization), form, null);
      this.emit({ kind: "directory" });
      return row;
    },
    group_update: ({ organization, id, form }) => {
      const row = this.save(this.world(organization), form, id);
      this.emit({ kind: "directory" });
      return row;
    },
    group_delete: ({ organization, id, confirmation }) => {
      const world = this.world(organization);
      const group = this.findGroup(world, id);
      if (this.membersOf(world, id) > 0 && confirmation !== group.name)
        throw appError({ code: "confirmationMismatch" });
      world.groups.splice(world.groups.indexOf(group), 1);
      for (const person of world.people) person.groups.delete(id);
      this.emit({ kind: "directory" });
    },
    plan_make: ({ organization, request }) => this.plan(organization, request),
    plan_lines: ({ id, offset, limit, failedOnly }) => ({
      offset,
      lines: this.planOf(id)
        .lines.filter((line) => !failedOnly || line.outcome?.kind === "failed")
        .slice(offset, offset + limit),
    }),
    plan_apply: ({ id }) => this.run(id),
    plan_pause: ({ id }) => this.turn(id, "paused"),
    plan_resume: ({ id }) => this.turn(id, "applying"),
    plan_stop: ({ id }) => this.turn(id, "finished"),
    plan_retry: ({ id }) => this.run(id),
    plan_progress: ({ id }) => this.progress(this.planOf(id)),
    plan_report: () => "/home/ines/Downloads/Pressroom Nordhafen Schulen 2026-11-21.csv",
    plan_close: ({ id }) => {
      this.plans.delete(id);
    },
  };

  /** As over IPC: every answer is a copy, every call is asynchronous, every failure an `AppError`. */
  readonly commands: Commands = new Proxy({} as Commands, {
    get: (_, name: CommandName) => async (args: unknown) => {
      this.calls.push({ name, args });
      const waiting = this.held.get(name);
      const failure = this.failing.get(name);
      if (waiting) {
        // The answer is the one of the moment it was asked, however late it comes.
        const answer = failure ? null : structuredClone((this.answers[name] as (args: unknown) => unknown)(args));
        await new Promise<void>((go) => waiting.push(go));
        if (failure) throw failure;
        return answer;
      }
      await Promise.resolve();
      if (failure) throw failure;
      return structuredClone((this.answers[name] as (args: unknown) => unknown)(args));
    },
  });
}
