// Owns the list of commands and their types: what the UI may ask of Rust, and the one event it hears.
// Must never decide anything, keep anything, or import the window's libraries (that is tauri.ts).
import type {
  AppEvent,
  GroupForm,
  GroupId,
  GroupQuery,
  GroupRow,
  GroupWindow,
  Installation,
  MemberQuery,
  MembershipRequest,
  Organization,
  OrganizationId,
  PlanId,
  PlanProgress,
  PlanView,
  PlanWindow,
  SessionView,
  SignInRequest,
  SyncView,
  Totals,
  UserDetail,
  UserId,
  UserQuery,
  UserWindow,
} from "./bindings";

type InOrganization<T = unknown> = { organization: OrganizationId } & T;
type Nothing = Record<string, never>;

/** Every command: its arguments and its answer. Each one rejects with an `AppError`. */
export type Commands = {
  session_view: (args?: Nothing) => Promise<SessionView>;
  session_retry: (args?: Nothing) => Promise<void>;
  sign_in: (args: { request: SignInRequest }) => Promise<void>;
  sign_in_open_again: (args?: Nothing) => Promise<void>;
  sign_in_copy_link: (args?: Nothing) => Promise<void>;
  sign_in_cancel: (args?: Nothing) => Promise<void>;
  demo_start: (args?: Nothing) => Promise<void>;
  sign_out: (args?: Nothing) => Promise<void>;

  organizations: (args?: Nothing) => Promise<Organization[]>;
  organization_choose: (args: { organization: OrganizationId }) => Promise<void>;
  installation: (args?: Nothing) => Promise<Installation>;

  sync_view: (args?: Nothing) => Promise<SyncView>;
  sync_start: (args?: Nothing) => Promise<void>;
  sync_cancel: (args?: Nothing) => Promise<void>;
  totals: (args: InOrganization) => Promise<Totals>;

  users: (args: InOrganization<{ query: UserQuery }>) => Promise<UserWindow>;
  user: (args: InOrganization<{ id: UserId }>) => Promise<UserDetail>;
  user_read: (args: InOrganization<{ id: UserId }>) => Promise<UserDetail>;

  groups: (args: InOrganization<{ query: GroupQuery }>) => Promise<GroupWindow>;
  group: (args: InOrganization<{ id: GroupId }>) => Promise<GroupRow>;
  group_read: (args: InOrganization<{ id: GroupId }>) => Promise<GroupRow>;
  group_members: (args: InOrganization<{ query: MemberQuery }>) => Promise<UserWindow>;
  group_create: (args: InOrganization<{ form: GroupForm }>) => Promise<GroupRow>;
  group_update: (args: InOrganization<{ id: GroupId; form: GroupForm }>) => Promise<GroupRow>;
  group_delete: (args: InOrganization<{ id: GroupId; confirmation: string | null }>) => Promise<void>;

  plan_make: (args: InOrganization<{ request: MembershipRequest }>) => Promise<PlanView>;
  plan_lines: (args: { id: PlanId; offset: number; limit: number; failedOnly: boolean }) => Promise<PlanWindow>;
  plan_apply: (args: { id: PlanId }) => Promise<void>;
  plan_pause: (args: { id: PlanId }) => Promise<void>;
  plan_resume: (args: { id: PlanId }) => Promise<void>;
  plan_stop: (args: { id: PlanId }) => Promise<void>;
  plan_retry: (args: { id: PlanId }) => Promise<void>;
  plan_progress: (args: { id: PlanId }) => Promise<PlanProgress>;
  /** Gives the path of the file. */
  plan_report: (args: { id: PlanId }) => Promise<string>;
  plan_close: (args: { id: PlanId }) => Promise<void>;
};

export type CommandName = keyof Commands;

/** The other side of the window: Rust in the app, a stand-in in tests and in the browser during development. */
export type Backend = {
  readonly commands: Commands;
  /** Hears every `AppEvent` until the returned function is called. Never throws. */
  subscribe(listener: (event: AppEvent) => void): () => void;
};
