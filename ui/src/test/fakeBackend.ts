// Owns the stand-in for Rust in tests and in the browser during development: it answers all commands from
// memory. Must never reach a built app, nor know the components that call it.
import type { Backend, CommandName } from "../ipc/backend";
import type {
  Account,
  AccountId,
  AppError,
  AppEvent,
  Commands,
  DiskNotice,
  GroupField,
  GroupId,
  GroupRow,
  Installation,
  KeychainState,
  MembershipRequest,
  Organization,
  OrganizationId,
  Person,
  PlanId,
  RunState,
  SessionView,
  SignInForm,
  SignInStep,
  SyncView,
  UserId,
  WorkspaceId,
} from "../ipc/bindings";
import {
  appError,
  FORM,
  ORGANIZATION,
  OTHER,
  OTHER_PERSON,
  OWN_ACCOUNT,
  onWire,
  PERSON,
  PRIVATE,
  QR,
  REDIRECT,
  synced,
  syncFailed,
} from "./fakeFacts";
import { FakeLists, seekIn } from "./fakeLists";
import { isChecked, type Plan, planFor, progressOf, summaryOf } from "./fakePlans";
import {
  create,
  detail,
  EVERYONE,
  facets,
  findGroup,
  groupRow,
  groupWindow,
  looks,
  matching,
  membersOf,
  update,
  userWindow,
  type World,
} from "./fakeWorld";
import { makeGroups, makePeople } from "./people";

export * from "./fakeFacts";

/** The answer of each command: none may be missing, and each must have the type that Rust answers. */
type Answers = { [N in CommandName]: (...args: Parameters<Commands[N]>) => Awaited<ReturnType<Commands[N]>> };

export class FakeBackend implements Backend {
  form: SignInForm = FORM;
  session: SessionView = { kind: "signIn", step: { at: "form", form: FORM, problem: null } };
  /** The accounts stored on this computer. */
  accounts: Account[] = [];
  sync: SyncView = synced(Date.now() - 120_000);
  organizations: Organization[] = [ORGANIZATION, OTHER, PRIVATE];
  /** The result of the next check of the keychain. */
  keychain: KeychainState = "usable";
  installation: Installation = {
    version: "0.1.0",
    accountUrl: "https://account.ezeep.com/",
    apiUrl: "https://api2.ezeep.com/printing/v1/",
    redirect: REDIRECT,
    scopes: "printing printing.printers.readonly",
    dataDir: "/home/ines/.local/share/dev.pressroom.console",
    keychain: "usable",
  };
  /** Notices about this computer. */
  notices: DiskNotice[] = [];
  readonly lists = new FakeLists();
  readonly worlds = new Map<OrganizationId, World>();
  /** Every call, in order. */
  readonly calls: { name: CommandName; args: unknown }[] = [];
  /** Makes a command fail until the entry is deleted. */
  readonly failing = new Map<CommandName, AppError>();
  /** Commands that are held back, and whether they are only executed when released. */
  private readonly held = new Map<CommandName, { waiting: (() => void)[]; undone: boolean }>();
  /** Users whose change fails when a plan is applied. */
  readonly failingPeople = new Set<UserId>();
  /** What another admin writes into a group while it is saved. */
  overwriting: Partial<Pick<GroupRow, GroupField>> = {};
  /** Whether plans are stored on disk; otherwise in memory only. */
  stored = true;
  /** Plans make no progress until a test calls `step`. */
  manualProgress = false;
  progressDelayMs = 0;
  private readonly kept = new Map<PlanId, Plan>();
  private readonly listeners = new Set<(event: AppEvent) => void>();
  /** Plans that make progress by themselves. */
  private readonly timers = new Set<PlanId>();
  private nextId = 1;
  private openings = 0;

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

  signIn(organization: Organization = ORGANIZATION, demo = false, person: Person = PERSON): this {
    this.openings += 1;
    this.session = {
      kind: "signedIn",
      workspace: `ws-${this.openings}` as WorkspaceId,
      person,
      organization,
      storage: demo ? "memory" : "keychain",
      demo,
      overlay: null,
    };
    if (demo) return this;
    const others = this.accounts.filter((account) => account.email !== person.email);
    const own = this.accounts.find((account) => account.email === person.email) ?? {
      ...OWN_ACCOUNT,
      id: `acc-${person.id}` as AccountId,
      email: person.email,
      name: person.name,
    };
    this.accounts = [
      { ...own, organization: organization.name, current: true, state: "ready" },
      ...others.map((account) => ({ ...account, current: false })),
    ];
    return this;
  }

  /** The server has ended the session: the form is shown in front, and what is behind it stays. */
  expire(): void {
    if (this.session.kind !== "signedIn") return;
    this.accounts = this.accounts.map((account) => (account.current ? { ...account, state: "expired" } : account));
    this.setSession({ ...this.session, overlay: { reason: "expired", step: this.formStep() } });
  }

  /** The user has finished in the browser or on the other device: the sign-in under way succeeds. */
  completeSignIn(person: Person = PERSON): void {
    const { session } = this;
    if (session.kind === "signedIn" && session.overlay?.reason === "expired" && session.person.id === person.id) {
      this.accounts = this.accounts.map((account) => (account.current ? { ...account, state: "ready" } : account));
      this.session = { ...session, overlay: null };
    } else this.signIn(this.organizationOf(person), false, person);
    this.emit({ kind: "session" });
  }

  private organizationOf(person: Person): Organization {
    return person.id === OTHER_PERSON.id ? OTHER : ORGANIZATION;
  }

  private formStep(problem: AppError | null = null): SignInStep {
    return {
      at: "form",
      form: { ...this.form, accounts: this.accounts.filter((account) => !account.current) },
      problem,
    };
  }

  /** Sets the step of the sign-in: in front of what is open, or alone. */
  setStep(step: SignInStep): void {
    const { session } = this;
    if (session.kind === "signedIn" && session.overlay)
      this.setSession({ ...session, overlay: { ...session.overlay, step } });
    else this.setSession({ kind: "signIn", step });
  }

  private signOutCurrent(): void {
    this.accounts = this.accounts.filter((account) => !account.current);
    this.setSession({ kind: "signIn", step: this.formStep() });
  }

  /** The world of the open workspace (security.md 43). */
  private worldOf(workspace: WorkspaceId): World {
    const { session } = this;
    if (session.kind !== "signedIn" || session.workspace !== workspace) throw appError({ code: "organizationChanged" });
    return this.world(session.organization.id);
  }

  /** Fails while the session has ended; called by what needs the server, not by what is in memory. */
  private requireSession(): void {
    if (this.session.kind === "signedIn" && this.session.overlay?.reason === "expired")
      throw appError({ code: "sessionEnded" });
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

  setNotices(notices: DiskNotice[]): void {
    this.notices = notices;
    this.emit({ kind: "notices" });
  }

  /**
   * Holds the answers of a command back until `release`. They are made when the command is called, however
   * late they arrive.
   */
  holdAnswer(name: CommandName): void {
    this.held.set(name, { waiting: [], undone: false });
  }

  /** Holds a command back: it is not executed before `release`. */
  holdCommand(name: CommandName): void {
    this.held.set(name, { waiting: [], undone: true });
  }

  release(name: CommandName): void {
    const held = this.held.get(name);
    this.held.delete(name);
    for (const go of held?.waiting ?? []) go();
  }

  argsOf(name: CommandName): unknown[] {
    return this.calls.filter((call) => call.name === name).map((call) => call.args);
  }

  private isHere({ view }: Plan): boolean {
    return this.session.kind === "signedIn" && this.session.organization.id === view.organization.id;
  }

  /** Makes a plan as `plan_make` does; a test may make one that was left before. */
  makePlan(workspace: WorkspaceId, request: MembershipRequest): Plan {
    const world = this.worldOf(workspace);
    if (this.session.kind !== "signedIn") throw appError({ code: "signedOut" });
    const id = `plan-${this.nextId++}` as PlanId;
    const plan = planFor(id, world, this.session.organization, request);
    plan.stored = this.stored;
    const { lists } = this.sync;
    const matching = request.kind !== "edit" && request.users.kind === "matching";
    plan.view.mayMissUsers = matching && lists.kind === "read" && lists.incomplete;
    this.kept.set(id, plan);
    this.emit({ kind: "plans" });
    return plan;
  }

  private planOf(id: PlanId): Plan {
    const plan = this.kept.get(id);
    if (!plan) throw appError({ code: "planGone" });
    return plan;
  }

  /** Writes the next line of a running plan; true if there was one. */
  step(id: PlanId): boolean {
    const plan = this.planOf(id);
    if (plan.state !== "running") return false;
    const line = plan.lines.find((one) => isChecked(one) && one.outcome === null);
    if (line) {
      const world = this.world(plan.view.organization.id);
      const person = world.people.find((one) => one.id === line.user.id);
      if (this.failingPeople.has(line.user.id)) {
        line.outcome = { kind: "failed", error: appError({ code: "serverFailed", status: 500 }) };
      } else if (line.planned.kind === "blocked") {
        line.outcome = { kind: "blocked", reason: line.planned.reason };
      } else {
        const adding = line.planned.kind === "unchanged" ? plan.view.verb === "add" : line.planned.kind === "add";
        if (person?.groups.has(line.group.id) === adding) line.outcome = { kind: "unchanged" };
        else {
          if (adding) person?.groups.add(line.group.id);
          else person?.groups.delete(line.group.id);
          line.outcome = { kind: "applied" };
        }
      }
    } else {
      plan.state = "finished";
      this.emit({ kind: "plans" });
    }
    this.emit({ kind: "plan", id });
    this.emit({ kind: "directory" });
    return line !== undefined;
  }

  private run(id: PlanId): void {
    this.requireSession();
    const plan = this.planOf(id);
    if (progressOf(plan).total === 0) throw appError({ code: "planEmpty" });
    for (const line of plan.lines) if (line.outcome?.kind === "failed") line.outcome = null;
    plan.state = "running";
    plan.stopped = null;
    this.emit({ kind: "plan", id });
    if (this.manualProgress) return;
    this.timers.add(id);
    const go = () => {
      if (this.kept.get(id)?.state === "paused") setTimeout(go, 50);
      else if (this.kept.has(id) && this.step(id)) setTimeout(go, this.progressDelayMs);
      else this.timers.delete(id);
    };
    setTimeout(go, this.progressDelayMs);
  }

  /** A run meets a failure that affects all users, and waits. */
  pauseWith(id: PlanId, error: AppError): void {
    const plan = this.planOf(id);
    plan.state = "paused";
    plan.waiting = error;
    this.emit({ kind: "plan", id });
  }

  private setPlanState(id: PlanId, state: RunState): void {
    const plan = this.planOf(id);
    if (state === "finished") plan.stopped = plan.waiting;
    plan.waiting = null;
    plan.state = state;
    this.emit({ kind: "plan", id });
    this.emit({ kind: "plans" });
  }

  private readonly answers: Answers = {
    session_view: () => this.session,
    session_retry: () => this.setSession({ kind: "starting" }),
    sign_in: ({ request: { method, keep, redirectUri } }) => {
      const { redirect } = this.form;
      if (redirectUri !== null && !redirect.preset) {
        if (!URL.canParse(redirectUri)) throw appError({ code: "redirectInvalid" });
        const kind = redirectUri.startsWith("http:") ? "loopback" : "appLink";
        this.form = { ...this.form, redirect: { ...redirect, uri: redirectUri, kind, [kind]: redirectUri } };
      }
      if (method === "pairing")
        this.setStep({
          at: "pairing",
          code: "KQ4TZ8RM",
          link: "https://account.ezeep.com/pair/",
          qr: QR,
          expiresAt: onWire(Date.now() + 600_000),
          keep,
          problem: null,
        });
      else
        this.setStep({
          at: "waitingForBrowser",
          link: `https://account.ezeep.com/oauth/authorize/?response_type=code&client_id=78KYzeX5wS8r0FYz9KdvNt9xHMRA61PJK80IHwNj&redirect_uri=${encodeURIComponent(this.form.redirect.uri)}&state=…`,
          method,
          keep,
          demo: false,
          receiver: this.form.redirect.kind,
          problem: null,
        });
    },
    sign_in_open_again: () => undefined,
    sign_in_copy_link: () => undefined,
    sign_in_cancel: () => this.setStep(this.formStep()),
    sign_in_close: () => {
      if (this.session.kind === "signedIn" && this.session.overlay?.reason === "addAccount")
        this.setSession({ ...this.session, overlay: null });
    },
    demo_start: () => {
      this.signIn(ORGANIZATION, true);
      this.emit({ kind: "session" });
    },
    sign_out: () => this.signOutCurrent(),
    sign_out_all: () => {
      this.accounts = [];
      this.signOutCurrent();
    },
    keychain_check: () => {
      this.form = { ...this.form, keychain: this.keychain };
      if (this.session.kind === "signIn") this.setStep(this.formStep());
      return this.keychain;
    },
    accounts: () => this.accounts,
    account_choose: ({ account }) => {
      const chosen = this.accounts.find((one) => one.id === account);
      if (!chosen) throw appError({ code: "accountGone" });
      if (chosen.state === "expired") {
        if (this.session.kind === "signedIn" && this.session.overlay === null)
          this.session = { ...this.session, overlay: { reason: "addAccount", step: this.formStep() } };
        return this.setStep(this.formStep(appError({ code: "sessionEnded" })));
      }
      const person =
        chosen.email === PERSON.email ? PERSON : { ...OTHER_PERSON, email: chosen.email, name: chosen.name };
      this.signIn(this.organizationOf(person), false, person);
      this.emit({ kind: "session" });
    },
    account_add: () => {
      if (this.session.kind === "signedIn")
        this.setSession({ ...this.session, overlay: { reason: "addAccount", step: this.formStep() } });
    },
    account_forget: ({ account }) => {
      const chosen = this.accounts.find((one) => one.id === account);
      if (!chosen) throw appError({ code: "accountGone" });
      if (chosen.current) return this.signOutCurrent();
      this.accounts = this.accounts.filter((one) => one.id !== account);
      if (this.session.kind === "signIn") this.setStep(this.formStep());
      else this.emit({ kind: "session" });
    },
    organizations: () => this.organizations,
    organization_choose: ({ organization }) => {
      this.requireSession();
      const next = this.organizations.find((one) => one.id === organization);
      if (!next) throw appError({ code: "switchRefused" });
      this.signIn(next);
      this.emit({ kind: "session" });
    },
    installation: () => this.installation,
    disk_notices: () => this.notices,
    disk_notice_close: ({ id }) => this.setNotices(this.notices.filter((notice) => notice.id !== id)),
    sync_view: () => this.sync,
    sync_start: () => {
      this.requireSession();
      this.setSync(synced());
    },
    sync_cancel: () => this.setSync(syncFailed(appError({ code: "cancelled" }))),
    totals: ({ workspace }) => {
      const world = this.worldOf(workspace);
      return { users: world.people.length, groups: world.groups.length };
    },
    users: ({ workspace, query }) => {
      const world = this.worldOf(workspace);
      return userWindow(world, matching(world, query.scope), world.people.length, query);
    },
    user_ids: ({ workspace, query }) => {
      const world = this.worldOf(workspace);
      return userWindow(world, matching(world, query.scope), 0, query).rows.map((row) => row.id);
    },
    users_not_matching: ({ workspace, scope, ids }) => {
      const found = new Set(matching(this.worldOf(workspace), scope).map((person) => person.id));
      return ids.filter((id) => !found.has(id));
    },
    facets: ({ workspace, scope, groups }) => facets(this.worldOf(workspace), scope, groups),
    user: ({ workspace, id }) => detail(this.worldOf(workspace), id),
    user_read: ({ workspace, id }) => {
      this.requireSession();
      return detail(this.worldOf(workspace), id);
    },
    groups: ({ workspace, query }) => groupWindow(this.worldOf(workspace), query),
    group: ({ workspace, id }) => {
      const world = this.worldOf(workspace);
      return groupRow(world, findGroup(world, id));
    },
    group_read: ({ workspace, id }) => {
      this.requireSession();
      const world = this.worldOf(workspace);
      return groupRow(world, findGroup(world, id));
    },
    group_members: ({ workspace, query }) => {
      const world = this.worldOf(workspace);
      const members = world.people.filter((person) => person.groups.has(query.group));
      return userWindow(
        world,
        matching({ ...world, people: members }, { ...EVERYONE, search: query.search }),
        members.length,
        query,
      );
    },
    group_create: ({ workspace, form }) => {
      this.requireSession();
      const row = create(this.worldOf(workspace), form);
      this.emit({ kind: "directory" });
      return row;
    },
    group_update: ({ workspace, id, edit }) => {
      this.requireSession();
      const world = this.worldOf(workspace);
      update(world, id, edit);
      const group = Object.assign(findGroup(world, id), this.overwriting);
      this.emit({ kind: "directory" });
      return { group: groupRow(world, group), changedMeanwhile: Object.keys(this.overwriting) as GroupField[] };
    },
    group_delete: ({ workspace, id, confirmation }) => {
      this.requireSession();
      const world = this.worldOf(workspace);
      const group = findGroup(world, id);
      if (membersOf(world, id) > 0 && looks(confirmation ?? "") !== looks(group.name))
        throw appError({ code: "confirmationMismatch" });
      world.groups.splice(world.groups.indexOf(group), 1);
      for (const person of world.people) person.groups.delete(id);
      this.emit({ kind: "directory" });
    },
    looks_the_same: ({ typed, shown }) => looks(typed) === looks(shown),
    user_seek: ({ workspace, query }) => {
      const world = this.worldOf(workspace);
      const all = { ...query, offset: 0, limit: world.people.length };
      return seekIn(userWindow(world, matching(world, query.scope), 0, all).rows, query.seek);
    },
    group_seek: ({ workspace, query }) => {
      const world = this.worldOf(workspace);
      const all = { ...query, firstOf: null, offset: 0, limit: world.groups.length };
      return seekIn(groupWindow(world, all).rows, query.seek);
    },
    list_settings: () => this.lists.view(),
    columns_save: ({ list, columns }) => {
      this.lists.columns[list] = columns;
    },
    view_save: ({ id, form }) => this.lists.save(id, form),
    view_delete: ({ id }) => {
      this.lists.delete(id);
    },
    view_restore: ({ id }) => this.lists.restore(id),
    view_choose: ({ id }) => {
      this.lists.chosen = id;
    },
    plans: () =>
      [...this.kept.values()]
        .filter((plan) => this.isHere(plan))
        .map(summaryOf)
        .filter(({ progress }) => progress.done < progress.total || progress.failed > 0)
        .sort((a, b) => b.madeAt - a.madeAt),
    plan_make: ({ workspace, request }) => this.makePlan(workspace, request).view,
    plan_lines: ({ id, offset, limit, failedOnly }) => ({
      offset,
      lines: this.planOf(id)
        .lines.filter((line) => !failedOnly || line.outcome?.kind === "failed")
        .slice(offset, offset + limit),
    }),
    plan_apply: ({ id }) => this.run(id),
    plan_pause: ({ id }) => this.setPlanState(id, "paused"),
    plan_resume: ({ id }) =>
      this.timers.has(id) || this.manualProgress ? this.setPlanState(id, "running") : this.run(id),
    plan_stop: ({ id }) => this.setPlanState(id, "finished"),
    plan_progress: ({ id }) => progressOf(this.planOf(id)),
    plan_report: () => "/home/ines/Downloads/Pressroom Nordhafen Schulen 2026-11-21.csv",
    plan_close: ({ id }) => {
      const { state } = this.planOf(id);
      if (state === "running" || state === "paused") throw appError({ code: "changesRunning" });
      this.kept.delete(id);
      this.emit({ kind: "plans" });
    },
  };

  /** As over IPC: each answer is a copy, each call is asynchronous, each failure an `AppError`. */
  readonly commands: Commands = new Proxy({} as Commands, {
    get: (_, name: CommandName) => async (args: unknown) => {
      this.calls.push({ name, args });
      const held = this.held.get(name);
      const failure = this.failing.get(name);
      const answer = () => {
        const { workspace } = (args ?? {}) as { workspace?: WorkspaceId };
        if (workspace !== undefined) this.worldOf(workspace);
        return structuredClone((this.answers[name] as (args: unknown) => unknown)(args));
      };
      const early = held && !held.undone && !failure ? answer() : undefined;
      await (held ? new Promise<void>((go) => held.waiting.push(go)) : Promise.resolve());
      if (failure) throw failure;
      return held && !held.undone ? early : answer();
    },
  });
}
