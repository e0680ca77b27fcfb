// Owns the list of commands and their types: what the UI may ask of Rust, and the one event it receives. Must
// never decide anything, store anything, or import the window's libraries (tauri.ts does).
import type {
  Account,
  AccountId,
  AppEvent,
  ColumnChoice,
  DiskNotice,
  Facets,
  GroupEdit,
  GroupForm,
  GroupId,
  GroupQuery,
  GroupRow,
  GroupSaved,
  GroupSeekQuery,
  GroupWindow,
  Installation,
  KeychainState,
  ListLooks,
  ListName,
  MemberQuery,
  MembershipRequest,
  Organization,
  OrganizationId,
  Place,
  PlanId,
  PlanProgress,
  PlanSummary,
  PlanView,
  PlanWindow,
  SessionView,
  SignInRequest,
  SyncView,
  Totals,
  UserDetail,
  UserId,
  UserQuery,
  UserScope,
  UserSeekQuery,
  UserWindow,
  View,
  ViewForm,
  ViewId,
  WorkspaceId,
} from "./bindings";

/**
 * A command about an organization names its workspace, so that a late call can't reach another one
 * (security.md 43).
 */
type InWorkspace<T = unknown> = { workspace: WorkspaceId } & T;
type Nothing = Record<string, never>;

/** All commands with their arguments and answers. Each one rejects with an `AppError`. */
export type Commands = {
  session_view: (args?: Nothing) => Promise<SessionView>;
  session_retry: (args?: Nothing) => Promise<void>;
  sign_in: (args: { request: SignInRequest }) => Promise<void>;
  sign_in_open_again: (args?: Nothing) => Promise<void>;
  sign_in_copy_link: (args?: Nothing) => Promise<void>;
  sign_in_cancel: (args?: Nothing) => Promise<void>;
  /** Closes a sign-in in front of an open organization. */
  sign_in_close: (args?: Nothing) => Promise<void>;
  demo_start: (args?: Nothing) => Promise<void>;
  sign_out: (args?: Nothing) => Promise<void>;
  sign_out_all: (args?: Nothing) => Promise<void>;
  keychain_check: (args?: Nothing) => Promise<KeychainState>;

  accounts: (args?: Nothing) => Promise<Account[]>;
  account_choose: (args: { account: AccountId }) => Promise<void>;
  account_add: (args?: Nothing) => Promise<void>;
  /** Signs this account out and removes it. */
  account_forget: (args: { account: AccountId }) => Promise<void>;

  organizations: (args?: Nothing) => Promise<Organization[]>;
  organization_choose: (args: { organization: OrganizationId }) => Promise<void>;
  installation: (args?: Nothing) => Promise<Installation>;
  /** Open notices about files and keychain records that could not be read or written. */
  disk_notices: (args?: Nothing) => Promise<DiskNotice[]>;
  disk_notice_close: (args: { id: number }) => Promise<void>;

  sync_view: (args?: Nothing) => Promise<SyncView>;
  sync_start: (args?: Nothing) => Promise<void>;
  sync_cancel: (args?: Nothing) => Promise<void>;
  totals: (args: InWorkspace) => Promise<Totals>;

  users: (args: InWorkspace<{ query: UserQuery }>) => Promise<UserWindow>;
  /** The ids of up to 100,000 rows. */
  user_ids: (args: InWorkspace<{ query: UserQuery }>) => Promise<UserId[]>;
  /** Those of up to 100,000 ids that don't match. */
  users_not_matching: (args: InWorkspace<{ scope: UserScope; ids: UserId[] }>) => Promise<UserId[]>;
  /** The counts beside the filters, and those of these groups, at most 500. */
  facets: (args: InWorkspace<{ scope: UserScope; groups: GroupId[] }>) => Promise<Facets>;
  user: (args: InWorkspace<{ id: UserId }>) => Promise<UserDetail>;
  user_read: (args: InWorkspace<{ id: UserId }>) => Promise<UserDetail>;

  groups: (args: InWorkspace<{ query: GroupQuery }>) => Promise<GroupWindow>;
  group: (args: InWorkspace<{ id: GroupId }>) => Promise<GroupRow>;
  group_read: (args: InWorkspace<{ id: GroupId }>) => Promise<GroupRow>;
  group_members: (args: InWorkspace<{ query: MemberQuery }>) => Promise<UserWindow>;
  group_create: (args: InWorkspace<{ form: GroupForm }>) => Promise<GroupRow>;
  group_update: (args: InWorkspace<{ id: GroupId; edit: GroupEdit }>) => Promise<GroupSaved>;
  group_delete: (args: InWorkspace<{ id: GroupId; confirmation: string | null }>) => Promise<void>;
  /** Whether the typed confirmation looks the same as the shown name. */
  looks_the_same: (args: { typed: string; shown: string }) => Promise<boolean>;

  user_seek: (args: InWorkspace<{ query: UserSeekQuery }>) => Promise<Place<UserId> | null>;
  group_seek: (args: InWorkspace<{ query: GroupSeekQuery }>) => Promise<Place<GroupId> | null>;
  list_looks: (args: InWorkspace) => Promise<ListLooks>;
  columns_keep: (args: { list: ListName; columns: ColumnChoice[] }) => Promise<void>;
  view_save: (args: InWorkspace<{ id: ViewId | null; form: ViewForm }>) => Promise<View>;
  view_delete: (args: InWorkspace<{ id: ViewId }>) => Promise<void>;
  /** Restores the view deleted last. */
  view_restore: (args: InWorkspace<{ id: ViewId }>) => Promise<View>;
  view_choose: (args: InWorkspace<{ id: ViewId | null }>) => Promise<void>;

  /** The unfinished plans. */
  plans: (args: InWorkspace) => Promise<PlanSummary[]>;
  plan_make: (args: InWorkspace<{ request: MembershipRequest }>) => Promise<PlanView>;
  plan_lines: (args: { id: PlanId; offset: number; limit: number; failedOnly: boolean }) => Promise<PlanWindow>;
  plan_apply: (args: { id: PlanId }) => Promise<void>;
  plan_pause: (args: { id: PlanId }) => Promise<void>;
  plan_resume: (args: { id: PlanId }) => Promise<void>;
  plan_stop: (args: { id: PlanId }) => Promise<void>;
  plan_retry: (args: { id: PlanId }) => Promise<void>;
  plan_progress: (args: { id: PlanId }) => Promise<PlanProgress>;
  /** Returns the path of the file. */
  plan_report: (args: { id: PlanId }) => Promise<string>;
  plan_close: (args: { id: PlanId }) => Promise<void>;
};

export type CommandName = keyof Commands;

/**
 * The other side of the window: Rust in the app, a stand-in in tests and in the browser during development.
 */
export type Backend = {
  readonly commands: Commands;
  /** Receives each `AppEvent` until the returned function is called. Never throws. */
  subscribe(listener: (event: AppEvent) => void): () => void;
};
