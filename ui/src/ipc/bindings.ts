// Made from crates/console/src/{commands.rs,wire/,error.rs} by `cargo xtask bindings`. Do not edit.

export type Account = { 
/**
 * Its id.
 */
id: AccountId, 
/**
 * The user's address.
 */
email: string, 
/**
 * Display name, or "".
 */
name: string, 
/**
 * The name of the organization used last, if known.
 */
organization: string | null, 
/**
 * Whether it is in front.
 */
current: boolean, 
/**
 * Whether it can be continued.
 */
state: AccountState, };

export type AccountId = string & { readonly __id: "account" };

export type AccountState = "ready" | "expired";

export type AppError = { 
/**
 * The server's or the system's own message, at most 500 characters, shown behind "Details". The sentence
 * is understood without it.
 */
detail: string | null, 
/**
 * The server's request id, for support.
 */
requestId: string | null, } & ({ "code": "settingInvalid", 
/**
 * The environment variable or the setting's name.
 */
setting: string, } | { "code": "argumentInvalid", 
/**
 * The argument's name.
 */
field: string, } | { "code": "clientIdMissing" } | { "code": "clientIdInvalid" } | { "code": "clientIdUnknown" } | { "code": "signInRefused" } | { "code": "scopeRefused" } | { "code": "portBusy", 
/**
 * The port.
 */
port: number, } | { "code": "listenFailed" } | { "code": "browserFailed" } | { "code": "browserOpenerMissing", 
/**
 * The program's name.
 */
program: string, } | { "code": "browserOpenerFailed", 
/**
 * The program's name.
 */
program: string, 
/**
 * Its exit status.
 */
status: number, } | { "code": "consentRefused" } | { "code": "signInTimedOut" } | { "code": "sessionEnded" } | { "code": "signOutNotConfirmed" } | { "code": "redirectInvalid" } | { "code": "redirectForcedHttps" } | { "code": "appLinkNotOpened" } | { "code": "anotherSignInAnswered" } | { "code": "signInStale" } | { "code": "pairingRefused" } | { "code": "pairingExpired" } | { "code": "pairingUnsupported" } | { "code": "sessionBusy" } | { "code": "keychainUnavailable" } | { "code": "keychainLocked" } | { "code": "noKeyring" } | { "code": "keychainUnresponsive" } | { "code": "keychainRefused" } | { "code": "notAdmin" } | { "code": "noOrganization" } | { "code": "switchRefused" } | { "code": "wrongOrganization" } | { "code": "changesRunning" } | { "code": "organizationChanged" } | { "code": "offline", 
/**
 * Its host.
 */
host: string, } | { "code": "timedOut", 
/**
 * Its host.
 */
host: string, } | { "code": "proxyAuthRequired" } | { "code": "certificateExpired", 
/**
 * The server's host.
 */
host: string, 
/**
 * When it expired, in milliseconds since 1970 (UTC); `None` if the system doesn't tell.
 */
until: number | null, 
/**
 * This computer's time, in milliseconds since 1970 (UTC).
 */
clock: number, } | { "code": "certificateNotYetValid", 
/**
 * The server's host.
 */
host: string, 
/**
 * When it becomes valid, in milliseconds since 1970 (UTC); `None` if the system doesn't tell.
 */
from: number | null, 
/**
 * This computer's time, in milliseconds since 1970 (UTC).
 */
clock: number, } | { "code": "certificateOtherName", 
/**
 * The server's host.
 */
host: string, } | { "code": "clockWrong", 
/**
 * The server's host.
 */
host: string, 
/**
 * This computer's time, in milliseconds since 1970 (UTC).
 */
clock: number, } | { "code": "certificateUntrusted", 
/**
 * Its host.
 */
host: string, } | { "code": "rateLimited", 
/**
 * Seconds to wait, if the server told them.
 */
seconds: number | null, } | { "code": "serverFailed", 
/**
 * The HTTP status.
 */
status: number, } | { "code": "portalInTheWay" } | { "code": "replyUnexpected" } | { "code": "outcomeUnknown" } | { "code": "userGone" } | { "code": "userBusy" } | { "code": "planBusy" } | { "code": "groupGone" } | { "code": "groupNameEmpty" } | { "code": "groupNameTooLong", 
/**
 * Characters allowed.
 */
max: number, 
/**
 * Characters given.
 */
length: number, } | { "code": "groupDescriptionTooLong", 
/**
 * Characters allowed.
 */
max: number, 
/**
 * Characters given.
 */
length: number, } | { "code": "groupNameTaken" } | { "code": "groupNameInvisible" } | { "code": "groupNameLooksLike", 
/**
 * The groups with a similar name, at most 20.
 */
groups: Array<GroupRef>, } | { "code": "groupChangedMeanwhile", 
/**
 * Each field with both values.
 */
conflicts: Array<FieldConflict>, } | { "code": "createUnconfirmed", 
/**
 * The groups with that name.
 */
candidates: Array<GroupRef>, } | { "code": "syncedFromAzure" } | { "code": "valueRefused", 
/**
 * The field's name in the API.
 */
field: string, } | { "code": "forbidden", 
/**
 * The HTTP status.
 */
status: number, } | { "code": "changeRefused", 
/**
 * The HTTP status.
 */
status: number, } | { "code": "confirmationMismatch" } | { "code": "planGone" } | { "code": "planEmpty" } | { "code": "planTooLarge", 
/**
 * Lines it would have.
 */
lines: number, 
/**
 * Most lines of a plan.
 */
max: number, } | { "code": "listPartial" } | { "code": "listSaved", 
/**
 * When it was synced, in milliseconds since 1970 (UTC).
 */
at: number, } | { "code": "unknownCode", 
/**
 * The recorded name of the code.
 */
name: string, } | { "code": "fileNotWritten", 
/**
 * The folder it was to be written to.
 */
folder: string, } | { "code": "cancelled" } | { "code": "signedOut" } | { "code": "viewNameEmpty" } | { "code": "viewNameTooLong", 
/**
 * Characters allowed.
 */
max: number, 
/**
 * Characters given.
 */
length: number, } | { "code": "viewNameTaken" } | { "code": "viewsFull", 
/**
 * Most views of an organization.
 */
max: number, } | { "code": "viewGone" } | { "code": "accountGone" } | { "code": "directoryNotRead" } | { "code": "internal" });

export type AppEvent = { "kind": "session" } | { "kind": "organizations" } | { "kind": "sync" } | { "kind": "directory" } | { "kind": "notices" } | { "kind": "plans" } | { "kind": "plan", 
/**
 * The plan.
 */
id: PlanId, };

export type BlockedReason = "userGone" | "notOnPrintingServer" | "groupGone" | "syncedFromAzure";

export type Changes = { 
/**
 * Of the users.
 */
people: Differences, 
/**
 * Of the groups.
 */
groups: Differences, };

export type ColumnChoice = { 
/**
 * Its name in the UI: 1 to 32 letters and digits.
 */
name: string, 
/**
 * Shown or hidden; `None` if the width of the list decides.
 */
shown: boolean | null, 
/**
 * 40 to 2,000 CSS pixels; `None` for the default width.
 */
width: number | null, };

export type Columns = { 
/**
 * Of the users.
 */
users: Array<ColumnChoice>, 
/**
 * Of the groups.
 */
groups: Array<ColumnChoice>, 
/**
 * Of the members of a group.
 */
members: Array<ColumnChoice>, };

export type Counted<V> = { 
/**
 * The value.
 */
value: V, 
/**
 * The number of users.
 */
count: number, };

export type Differences = { 
/**
 * New entries.
 */
added: number, 
/**
 * Entries that no longer exist.
 */
removed: number, 
/**
 * Entries that changed.
 */
changed: number, };

export type DiskNotice = { 
/**
 * The id to close it by.
 */
id: number, 
/**
 * What it is about.
 */
what: DiskThing, 
/**
 * The problem.
 */
problem: DiskProblem, 
/**
 * The file or folder; for a keychain record, its name.
 */
path: string, 
/**
 * The file's new path; `None` if it was left where it was.
 */
setAside: string | null, 
/**
 * The system's message.
 */
detail: string | null, };

export type DiskProblem = "damaged" | "partly" | "missing" | "denied" | "busy" | "diskFull" | "failed" | "notWritten";

export type DiskThing = "settings" | "windowState" | "savedCopy" | "views" | "plan" | "log" | "signIn" | "dataKey";

export type ErrorCode = { "code": "settingInvalid", 
/**
 * The environment variable or the setting's name.
 */
setting: string, } | { "code": "argumentInvalid", 
/**
 * The argument's name.
 */
field: string, } | { "code": "clientIdMissing" } | { "code": "clientIdInvalid" } | { "code": "clientIdUnknown" } | { "code": "signInRefused" } | { "code": "scopeRefused" } | { "code": "portBusy", 
/**
 * The port.
 */
port: number, } | { "code": "listenFailed" } | { "code": "browserFailed" } | { "code": "browserOpenerMissing", 
/**
 * The program's name.
 */
program: string, } | { "code": "browserOpenerFailed", 
/**
 * The program's name.
 */
program: string, 
/**
 * Its exit status.
 */
status: number, } | { "code": "consentRefused" } | { "code": "signInTimedOut" } | { "code": "sessionEnded" } | { "code": "signOutNotConfirmed" } | { "code": "redirectInvalid" } | { "code": "redirectForcedHttps" } | { "code": "appLinkNotOpened" } | { "code": "anotherSignInAnswered" } | { "code": "signInStale" } | { "code": "pairingRefused" } | { "code": "pairingExpired" } | { "code": "pairingUnsupported" } | { "code": "sessionBusy" } | { "code": "keychainUnavailable" } | { "code": "keychainLocked" } | { "code": "noKeyring" } | { "code": "keychainUnresponsive" } | { "code": "keychainRefused" } | { "code": "notAdmin" } | { "code": "noOrganization" } | { "code": "switchRefused" } | { "code": "wrongOrganization" } | { "code": "changesRunning" } | { "code": "organizationChanged" } | { "code": "offline", 
/**
 * Its host.
 */
host: string, } | { "code": "timedOut", 
/**
 * Its host.
 */
host: string, } | { "code": "proxyAuthRequired" } | { "code": "certificateExpired", 
/**
 * The server's host.
 */
host: string, 
/**
 * When it expired, in milliseconds since 1970 (UTC); `None` if the system doesn't tell.
 */
until: number | null, 
/**
 * This computer's time, in milliseconds since 1970 (UTC).
 */
clock: number, } | { "code": "certificateNotYetValid", 
/**
 * The server's host.
 */
host: string, 
/**
 * When it becomes valid, in milliseconds since 1970 (UTC); `None` if the system doesn't tell.
 */
from: number | null, 
/**
 * This computer's time, in milliseconds since 1970 (UTC).
 */
clock: number, } | { "code": "certificateOtherName", 
/**
 * The server's host.
 */
host: string, } | { "code": "clockWrong", 
/**
 * The server's host.
 */
host: string, 
/**
 * This computer's time, in milliseconds since 1970 (UTC).
 */
clock: number, } | { "code": "certificateUntrusted", 
/**
 * Its host.
 */
host: string, } | { "code": "rateLimited", 
/**
 * Seconds to wait, if the server told them.
 */
seconds: number | null, } | { "code": "serverFailed", 
/**
 * The HTTP status.
 */
status: number, } | { "code": "portalInTheWay" } | { "code": "replyUnexpected" } | { "code": "outcomeUnknown" } | { "code": "userGone" } | { "code": "userBusy" } | { "code": "planBusy" } | { "code": "groupGone" } | { "code": "groupNameEmpty" } | { "code": "groupNameTooLong", 
/**
 * Characters allowed.
 */
max: number, 
/**
 * Characters given.
 */
length: number, } | { "code": "groupDescriptionTooLong", 
/**
 * Characters allowed.
 */
max: number, 
/**
 * Characters given.
 */
length: number, } | { "code": "groupNameTaken" } | { "code": "groupNameInvisible" } | { "code": "groupNameLooksLike", 
/**
 * The groups with a similar name, at most 20.
 */
groups: Array<GroupRef>, } | { "code": "groupChangedMeanwhile", 
/**
 * Each field with both values.
 */
conflicts: Array<FieldConflict>, } | { "code": "createUnconfirmed", 
/**
 * The groups with that name.
 */
candidates: Array<GroupRef>, } | { "code": "syncedFromAzure" } | { "code": "valueRefused", 
/**
 * The field's name in the API.
 */
field: string, } | { "code": "forbidden", 
/**
 * The HTTP status.
 */
status: number, } | { "code": "changeRefused", 
/**
 * The HTTP status.
 */
status: number, } | { "code": "confirmationMismatch" } | { "code": "planGone" } | { "code": "planEmpty" } | { "code": "planTooLarge", 
/**
 * Lines it would have.
 */
lines: number, 
/**
 * Most lines of a plan.
 */
max: number, } | { "code": "listPartial" } | { "code": "listSaved", 
/**
 * When it was synced, in milliseconds since 1970 (UTC).
 */
at: number, } | { "code": "unknownCode", 
/**
 * The recorded name of the code.
 */
name: string, } | { "code": "fileNotWritten", 
/**
 * The folder it was to be written to.
 */
folder: string, } | { "code": "cancelled" } | { "code": "signedOut" } | { "code": "viewNameEmpty" } | { "code": "viewNameTooLong", 
/**
 * Characters allowed.
 */
max: number, 
/**
 * Characters given.
 */
length: number, } | { "code": "viewNameTaken" } | { "code": "viewsFull", 
/**
 * Most views of an organization.
 */
max: number, } | { "code": "viewGone" } | { "code": "accountGone" } | { "code": "directoryNotRead" } | { "code": "internal" };

export type Facets = { 
/**
 * Users in the organization.
 */
total: number, 
/**
 * Users that match.
 */
matched: number, 
/**
 * The requested groups, in their order; an unknown one counts 0.
 */
groups: Array<Counted<GroupId>>, 
/**
 * In no group at all, as far as is known.
 */
noGroup: number, 
/**
 * Each role.
 */
roles: Array<Counted<Role>>, 
/**
 * Each state.
 */
states: Array<Counted<UserState>>, 
/**
 * ezeep, Azure, and each other origin that a user in the organization has.
 */
origins: Array<Counted<Origin>>, 
/**
 * Each setting, on and off.
 */
settings: Array<Counted<SettingFilter>>, };

export type FieldConflict = { 
/**
 * The field.
 */
field: GroupField, 
/**
 * The server's present value.
 */
theirs: string, 
/**
 * The value that would have been written.
 */
mine: string, };

export type FieldEdit<T> = { 
/**
 * The form's initial value or, after a conflict, the other admin's value that was shown.
 */
openedWith: T, 
/**
 * The value to save.
 */
value: T, };

export type GroupColumn = "name" | "description" | "origin" | "members" | "printers";

export type GroupEdit = { 
/**
 * 1 to 255 characters after trimming, at least one of them visible.
 */
name: FieldEdit<string> | null, 
/**
 * At most 255 characters after trimming.
 */
description: FieldEdit<string> | null, 
/**
 * Local printing.
 */
localPrinting: FieldEdit<boolean> | null, 
/**
 * MyPrinters.
 */
myPrinters: FieldEdit<boolean> | null, 
/**
 * As [`GroupForm::confirmed_lookalikes`].
 */
confirmedLookalikes: Array<GroupId>, };

export type GroupField = "name" | "description" | "localPrinting" | "myPrinters";

export type GroupForm = { 
/**
 * 1 to 255 characters after trimming, at least one of them visible.
 */
name: string, 
/**
 * At most 255 characters after trimming.
 */
description: string, 
/**
 * Local printing.
 */
localPrinting: boolean, 
/**
 * MyPrinters.
 */
myPrinters: boolean, 
/**
 * Groups with a similar name that the user was shown and accepted.
 */
confirmedLookalikes: Array<GroupId>, };

export type GroupId = string & { readonly __id: "group" };

export type GroupQuery = { 
/**
 * Words in any order, each found anywhere in name, description or id. At most 200 characters.
 */
search: string, 
/**
 * Lists the groups of this user first, whatever the sort.
 */
firstOf: UserId | null, 
/**
 * The column to sort by.
 */
sort: GroupColumn, 
/**
 * Descending.
 */
descending: boolean, 
/**
 * First row, from 0.
 */
offset: number, 
/**
 * At most this many rows, and never more than 500.
 */
limit: number, };

export type GroupRef = { 
/**
 * Id.
 */
id: GroupId, 
/**
 * Name; the id if the group is unknown.
 */
name: string, };

export type GroupRow = { 
/**
 * Id.
 */
id: GroupId, 
/**
 * Name.
 */
name: string, 
/**
 * Description, or "".
 */
description: string, 
/**
 * Origin.
 */
origin: Origin, 
/**
 * Members, counted in the memberships that were read.
 */
members: number, 
/**
 * Printers, as the server counts them.
 */
printers: number, 
/**
 * Local printing.
 */
localPrinting: boolean, 
/**
 * MyPrinters.
 */
myPrinters: boolean, };

export type GroupSaved = { 
/**
 * The group as read back after the write.
 */
group: GroupRow, 
/**
 * Fields for which the read-back shows neither the written value nor the one before.
 */
changedMeanwhile: Array<GroupField>, };

export type GroupSeekQuery = { 
/**
 * As in [`super::GroupQuery::search`].
 */
search: string, 
/**
 * The column to sort by.
 */
sort: GroupColumn, 
/**
 * Descending.
 */
descending: boolean, 
/**
 * The row to find.
 */
seek: Seek<GroupId>, };

export type GroupWindow = { 
/**
 * Groups in the organization.
 */
total: number, 
/**
 * Groups that match.
 */
matched: number, 
/**
 * First row, from 0.
 */
offset: number, 
/**
 * The rows.
 */
rows: Array<GroupRow>, };

export type IncompleteReason = { "kind": "changing" } | { "kind": "short", 
/**
 * Items that the server reports.
 */
reported: number, 
/**
 * Items that it sent.
 */
received: number, };

export type Installation = { 
/**
 * The app's version.
 */
version: string, 
/**
 * URL of the account server.
 */
accountUrl: string, 
/**
 * URL of the printing server.
 */
apiUrl: string, 
/**
 * The redirect URI, and the ones to choose from.
 */
redirect: RedirectChoice, 
/**
 * The scopes requested at sign-in, separated by spaces.
 */
scopes: string, 
/**
 * The data directory.
 */
dataDir: string, 
/**
 * The keychain's state.
 */
keychain: KeychainState, };

export type KeychainState = "unknown" | "usable" | "locked" | "noKeyring" | "unresponsive" | "refusing" | "unusable";

export type ListName = "users" | "groups" | "members";

export type ListSettings = { 
/**
 * The columns, the same in every organization.
 */
columns: Columns, 
/**
 * The saved views, in the order they were saved.
 */
views: Array<View>, 
/**
 * The view chosen last.
 */
chosen: ViewId | null, 
/**
 * Whether views are stored for the next start; not if the session is not stored.
 */
persisted: boolean, };

export type ListsView = { "kind": "nothing" } | { "kind": "partial" } | { "kind": "saved", 
/**
 * When it was read, in milliseconds since 1970 (UTC).
 */
at: number, } | { "kind": "read", 
/**
 * When it was read, in milliseconds since 1970 (UTC).
 */
at: number, 
/**
 * Whether users or groups may be missing: a list was short, changed during the sync, or had items
 * that could not be understood.
 */
incomplete: boolean, };

export type MemberQuery = { 
/**
 * The group.
 */
group: GroupId, 
/**
 * As in [`UserScope::search`].
 */
search: string, 
/**
 * The column to sort by.
 */
sort: UserColumn, 
/**
 * Descending.
 */
descending: boolean, 
/**
 * First row, from 0.
 */
offset: number, 
/**
 * At most this many rows, and never more than 500.
 */
limit: number, };

export type MembershipRequest = { "kind": "add", 
/**
 * The users.
 */
users: Selection, 
/**
 * The groups.
 */
groups: Array<GroupId>, } | { "kind": "remove", 
/**
 * The users.
 */
users: Selection, 
/**
 * The groups.
 */
groups: Array<GroupId>, } | { "kind": "edit", 
/**
 * The user.
 */
user: UserId, 
/**
 * Groups to add the user to.
 */
add: Array<GroupId>, 
/**
 * Groups to remove the user from.
 */
remove: Array<GroupId>, };

export type Organization = { 
/**
 * Its id.
 */
id: OrganizationId, 
/**
 * Its name.
 */
name: string, 
/**
 * Whether the user is an admin in it.
 */
admin: boolean, 
/**
 * Whether it is the user's Private organization.
 */
private: boolean, 
/**
 * Its color: an index into the UI's palette, 0 to 7. It stays the same on this computer, for all
 * accounts. A new organization gets a color that no other of the user's has, while there are enough.
 */
color: number, };

export type OrganizationId = string & { readonly __id: "organization" };

export type Origin = { "kind": "ezeep" } | { "kind": "azure" } | { "kind": "other", 
/**
 * The server's value.
 */
provider: string, };

export type Outcome = { "kind": "applied" } | { "kind": "unchanged" } | { "kind": "blocked", 
/**
 * The reason.
 */
reason: BlockedReason, } | { "kind": "changedMeanwhile", 
/**
 * Groups that the user is in now and that were not in our write.
 */
appeared: Array<GroupRef>, 
/**
 * Groups of our write that the user is not in now.
 */
vanished: Array<GroupRef>, } | { "kind": "failed", 
/**
 * The error.
 */
error: AppError, } | { "kind": "unknown" };

export type Person = { 
/**
 * The user's id.
 */
id: UserId, 
/**
 * The user's address.
 */
email: string, 
/**
 * Display name, or first and last name, or "".
 */
name: string, };

export type Place<Id> = { 
/**
 * The row, from 0.
 */
index: number, 
/**
 * The user or group found.
 */
id: Id, };

export type PlanId = string & { readonly __id: "plan" };

export type PlanLine = { 
/**
 * The user.
 */
user: UserRef, 
/**
 * The group.
 */
group: GroupRef, 
/**
 * The prediction.
 */
planned: Planned, 
/**
 * The outcome, once it was tried.
 */
outcome: Outcome | null, };

export type PlanProgress = { 
/**
 * The plan.
 */
id: PlanId, 
/**
 * State of its run.
 */
state: RunState, 
/**
 * Memberships that the run reads and writes where needed.
 */
total: number, 
/**
 * Of these, tried, with any outcome.
 */
done: number, 
/**
 * Of those done, written.
 */
applied: number, 
/**
 * Of those done, no change needed.
 */
unchanged: number, 
/**
 * Of those done, can't be changed.
 */
blocked: number, 
/**
 * Of those done, failed.
 */
failed: number, 
/**
 * What another run would try: lines that failed, were not tried, or have a result that this version does
 * not know.
 */
left: number, 
/**
 * Of those applied, changed by another admin at the same moment.
 */
changedMeanwhile: number, 
/**
 * Why a paused run waits; it continues by itself. Null if a person paused it, and while it is not
 * paused.
 */
waiting: AppError | null, 
/**
 * Why the run waited when it was stopped: the reason for the lines that were not tried. Null if there
 * was none.
 */
stopped: AppError | null, 
/**
 * Whether it is on disk. If not, it is lost when the organization is left or the app ends.
 */
stored: boolean, };

export type PlanSummary = { 
/**
 * The plan.
 */
plan: PlanView, 
/**
 * How far it got.
 */
progress: PlanProgress, 
/**
 * When it was made, in milliseconds since 1970 (UTC).
 */
madeAt: number, };

export type PlanVerb = "add" | "remove" | "edit";

export type PlanView = { 
/**
 * Its id; valid until the plan is closed.
 */
id: PlanId, 
/**
 * The organization that it changes.
 */
organization: Organization, 
/**
 * The kind of change, for the heading.
 */
verb: PlanVerb, 
/**
 * The groups of the request.
 */
groups: Array<GroupRef>, 
/**
 * The user, if the plan edits the groups of one user.
 */
user: UserRef | null, 
/**
 * Memberships that will be added.
 */
adds: number, 
/**
 * Memberships that will be removed.
 */
removes: number, 
/**
 * Memberships that need no change, by the lists.
 */
unchanged: number, 
/**
 * Memberships that can't be changed, by the lists.
 */
blocked: number, 
/**
 * Memberships that the run reads and writes where needed; 0 if there is nothing to apply.
 */
checked: number, 
/**
 * Lines in the list, for the window.
 */
lines: number, 
/**
 * When the lists that it was made from were synced, in milliseconds since 1970 (UTC); null if they were
 * partial.
 */
asOf: number | null, 
/**
 * Whether the plan is for all users who match, and the sync may have missed some of them.
 */
mayMissUsers: boolean, };

export type PlanWindow = { 
/**
 * First line.
 */
offset: number, 
/**
 * The lines.
 */
lines: Array<PlanLine>, };

export type Planned = { "kind": "add" } | { "kind": "remove" } | { "kind": "unchanged" } | { "kind": "blocked", 
/**
 * The reason.
 */
reason: BlockedReason, };

export type PrintSetting = "localPrinting" | "selfService" | "myPrinters";

export type PrintSettings = { 
/**
 * Local printing.
 */
localPrinting: boolean, 
/**
 * Self service.
 */
selfService: boolean, 
/**
 * MyPrinters.
 */
myPrinters: boolean, };

export type QrCode = { 
/**
 * Modules on a side.
 */
size: number, 
/**
 * One text for each row: `1` is dark, `0` is light.
 */
rows: Array<string>, };

export type ReadView = { "kind": "idle" } | { "kind": "reading", 
/**
 * Items read so far: print users, accounts and groups together.
 */
itemsRead: number, 
/**
 * Items expected; null until the servers have told it for all three lists.
 */
itemsTotal: number | null, 
/**
 * Estimated seconds left; null while it is too early to tell.
 */
etaSeconds: number | null, } | { "kind": "done", 
/**
 * When it ended, in milliseconds since 1970 (UTC).
 */
at: number, 
/**
 * Items that could not be understood and were skipped.
 */
skipped: number, 
/**
 * Why users may be missing all the same; null if nothing indicates it.
 */
incomplete: IncompleteReason | null, 
/**
 * The differences from the lists shown before; null if these were not complete.
 */
changes: Changes | null, } | { "kind": "failed", 
/**
 * The error.
 */
error: AppError, 
/**
 * True if the next read resumes this one.
 */
resumable: boolean, };

export type RedirectChoice = { 
/**
 * The redirect URI in use; it must be registered with the vendor byte for byte (RFC 6749 section
 * 3.1.2.3).
 */
uri: string, 
/**
 * Its kind.
 */
kind: RedirectKind, 
/**
 * True if `PRESSROOM_REDIRECT_URI` presets it: shown, not editable.
 */
preset: boolean, 
/**
 * The loopback address to choose.
 */
loopback: string, 
/**
 * The app link to choose.
 */
appLink: string, 
/**
 * Whether this computer opens app links with this app; `None` if that can't be found out.
 */
appLinkReady: boolean | null, };

export type RedirectKind = "loopback" | "appLink";

export type Role = "admin" | "user" | "unknown";

export type RowGroup = { 
/**
 * Id.
 */
id: GroupId, 
/**
 * Name; null until the groups were read; the id if no group has it.
 */
name: string | null, };

export type RunState = "ready" | "running" | "paused" | "stopping" | "finished";

export type Seek<Id> = { "kind": "ids", 
/**
 * In the order of preference.
 */
ids: Array<Id>, } | { "kind": "starting", 
/**
 * At most 200 characters; case and accents do not count.
 */
prefix: string, 
/**
 * The row, from 0.
 */
from: number, };

export type Selection = { "kind": "ids", 
/**
 * At most 100,000.
 */
ids: Array<UserId>, } | { "kind": "matching", 
/**
 * The users that match.
 */
scope: UserScope, 
/**
 * Except these.
 */
except: Array<UserId>, };

export type SessionView = { "kind": "starting" } | { "kind": "unusable", 
/**
 * The error, which names the setting.
 */
problem: AppError, } | { "kind": "unreachable", 
/**
 * The error.
 */
problem: AppError, } | { "kind": "signIn", 
/**
 * The step of the sign-in.
 */
step: SignInStep, } | { "kind": "choosingOrganization", 
/**
 * The signed-in user.
 */
person: Person, 
/**
 * The organizations to choose from, Private last.
 */
organizations: Array<Organization>, 
/**
 * True for the demo organization.
 */
demo: boolean, 
/**
 * Why the last choice failed.
 */
problem: AppError | null, } | { "kind": "signedIn", 
/**
 * The workspace, which each query and each change names.
 */
workspace: WorkspaceId, 
/**
 * The signed-in user.
 */
person: Person, 
/**
 * The open organization.
 */
organization: Organization, 
/**
 * Where the refresh token is stored.
 */
storage: TokenStorage, 
/**
 * True for the demo organization.
 */
demo: boolean, 
/**
 * A sign-in in front of it, which leaves the organization behind it as it is.
 */
overlay: SignInOverlay | null, };

export type SettingFilter = { 
/**
 * The setting.
 */
setting: PrintSetting, 
/**
 * On or off.
 */
on: boolean, };

export type SignInForm = { 
/**
 * The Client ID used last, or the one preset by policy.
 */
clientId: string, 
/**
 * True if `PRESSROOM_CLIENT_ID` presets it: shown, not editable.
 */
clientIdPreset: boolean, 
/**
 * The last state of "Keep me signed in"; initially on.
 */
keep: boolean, 
/**
 * How the browser comes back.
 */
redirect: RedirectChoice, 
/**
 * Whether this computer has a usable keychain.
 */
keychain: KeychainState, 
/**
 * Accounts stored on this computer that can be continued.
 */
accounts: Array<Account>, };

export type SignInMethod = "browser" | "microsoft" | "pairing";

export type SignInOverlay = { 
/**
 * The reason for it.
 */
reason: SignInReason, 
/**
 * Its step.
 */
step: SignInStep, };

export type SignInReason = "expired" | "addAccount";

export type SignInRequest = { 
/**
 * Issued by the vendor; 1 to 200 printable ASCII characters.
 */
clientId: string, 
/**
 * Store the refresh token in the keychain; otherwise in memory only.
 */
keep: boolean, 
/**
 * The button that was pressed.
 */
method: SignInMethod, 
/**
 * Request the scope `printing` only: offered after the server refused the scopes (ezeep-api.md). Printer
 * lists are missing then.
 */
fewerRights: boolean, 
/**
 * A new redirect URI; `None` leaves it as it is. Ignored if it is preset.
 */
redirectUri: string | null, };

export type SignInStep = { "at": "form", 
/**
 * The form's initial values.
 */
form: SignInForm, 
/**
 * Why the last session or attempt ended, if the user needs to know it.
 */
problem: AppError | null, } | { "at": "waitingForBrowser", 
/**
 * The authorization URL, for "Copy sign-in link". It carries no token.
 */
link: string, 
/**
 * The button that was pressed.
 */
method: SignInMethod, 
/**
 * Whether "Keep me signed in" was on.
 */
keep: boolean, 
/**
 * True for the demo organization.
 */
demo: boolean, 
/**
 * How the browser comes back.
 */
receiver: RedirectKind, 
/**
 * A problem during the wait, for example that the browser could not be opened.
 */
problem: AppError | null, } | { "at": "pairing", 
/**
 * The code to type or scan on another device.
 */
code: string, 
/**
 * The page to enter it on.
 */
link: string, 
/**
 * The page's URL as a QR code.
 */
qr: QrCode, 
/**
 * When the code expires, in milliseconds since 1970 (UTC).
 */
expiresAt: number, 
/**
 * Whether "Keep me signed in" was on.
 */
keep: boolean, 
/**
 * A problem during the wait, for example that the server can't be reached.
 */
problem: AppError | null, } | { "at": "finishing", 
/**
 * True for the demo organization.
 */
demo: boolean, };

export type SyncView = { 
/**
 * What the lists show.
 */
lists: ListsView, 
/**
 * The read under way, or how the last one ended.
 */
read: ReadView, };

export type TokenStorage = "keychain" | "memory";

export type Totals = { 
/**
 * Users in the organization.
 */
users: number, 
/**
 * Groups in the organization.
 */
groups: number, };

export type UserColumn = "name" | "email" | "groups" | "role" | "state" | "origin";

export type UserDetail = { 
/**
 * The row.
 */
row: UserRow, 
/**
 * The groups that were read, sorted by name.
 */
groups: Array<GroupRow>, 
/**
 * The number of further groups, which were not read yet.
 */
unreadGroups: number, 
/**
 * When the user joined, in milliseconds since 1970 (UTC).
 */
joined: number | null, 
/**
 * Whether the address is verified; null if the server does not tell.
 */
verified: boolean | null, };

export type UserId = string & { readonly __id: "user" };

export type UserQuery = { 
/**
 * The users to list.
 */
scope: UserScope, 
/**
 * The column to sort by.
 */
sort: UserColumn, 
/**
 * Descending.
 */
descending: boolean, 
/**
 * First row, from 0.
 */
offset: number, 
/**
 * At most this many rows, and never more than 500; of ids, never more than 100,000.
 */
limit: number, };

export type UserRef = { 
/**
 * Id.
 */
id: UserId, 
/**
 * Name, or "".
 */
name: string, 
/**
 * Address, or "".
 */
email: string, };

export type UserRow = { 
/**
 * Id.
 */
id: UserId, 
/**
 * Display name, or "" if the account server doesn't know the user.
 */
name: string, 
/**
 * Address, or "".
 */
email: string, 
/**
 * Role.
 */
role: Role, 
/**
 * State.
 */
state: UserState, 
/**
 * Origin.
 */
origin: Origin, 
/**
 * The first groups by name, at most three.
 */
groups: Array<RowGroup>, 
/**
 * Number of all groups.
 */
groupCount: number, 
/**
 * Null if the printing server doesn't know the user.
 */
settings: PrintSettings | null, 
/**
 * When the user joined, in milliseconds since 1970 (UTC).
 */
joined: number | null, 
/**
 * Whether the printing server's list has not come to this user yet: groups and settings are then
 * unknown.
 */
halfRead: boolean, };

export type UserScope = { 
/**
 * Words in any order, each found anywhere in name, address or id, ignoring case and accents. At most 200
 * characters.
 */
search: string, 
/**
 * In one of these groups; empty for no filter.
 */
groups: Array<GroupId>, 
/**
 * In no group at all, as far as is known ([`UserRow::half_read`]).
 */
noGroup: boolean, 
/**
 * With one of these roles; empty for no filter.
 */
roles: Array<Role>, 
/**
 * With one of these states; empty for no filter.
 */
states: Array<UserState>, 
/**
 * From one of these origins; empty for no filter.
 */
origins: Array<Origin>, 
/**
 * With each of these settings on or off.
 */
settings: Array<SettingFilter>, };

export type UserSeekQuery = { 
/**
 * The users in the list.
 */
scope: UserScope, 
/**
 * The column to sort by.
 */
sort: UserColumn, 
/**
 * Descending.
 */
descending: boolean, 
/**
 * The row to find.
 */
seek: Seek<UserId>, };

export type UserState = "active" | "pendingInvitation" | "printingOnly" | "accountOnly" | "unsettled";

export type UserWindow = { 
/**
 * Users in the organization, or members of the group.
 */
total: number, 
/**
 * Users that match.
 */
matched: number, 
/**
 * First row, from 0.
 */
offset: number, 
/**
 * The rows.
 */
rows: Array<UserRow>, };

export type View = { 
/**
 * Id.
 */
id: ViewId, 
/**
 * Its contents.
 */
form: ViewForm, };

export type ViewForm = { 
/**
 * 1 to 60 characters after trimming, different from the other views' names in more than case.
 */
name: string, 
/**
 * As in [`UserScope::search`].
 */
search: string, 
/**
 * As in [`UserScope::groups`], with their names, to name a group that no longer exists. At most 200.
 */
groups: Array<GroupRef>, 
/**
 * As in [`UserScope::no_group`].
 */
noGroup: boolean, 
/**
 * As in [`UserScope::roles`].
 */
roles: Array<Role>, 
/**
 * As in [`UserScope::states`].
 */
states: Array<UserState>, 
/**
 * As in [`UserScope::origins`].
 */
origins: Array<Origin>, 
/**
 * As in [`UserScope::settings`].
 */
settings: Array<SettingFilter>, 
/**
 * The column to sort by.
 */
sort: UserColumn, 
/**
 * Descending.
 */
descending: boolean, 
/**
 * The columns; empty for the default columns.
 */
columns: Array<ColumnChoice>, };

export type ViewId = string & { readonly __id: "view" };

export type WorkspaceId = string & { readonly __id: "workspace" };

/** Every command: its arguments and its answer. Each one rejects with an `AppError`. */
export type Commands = {
  // session
  session_view: (args?: Record<string, never>) => Promise<SessionView>;
  session_retry: (args?: Record<string, never>) => Promise<void>;
  sign_in: (args: { request: SignInRequest }) => Promise<void>;
  sign_in_open_again: (args?: Record<string, never>) => Promise<void>;
  sign_in_copy_link: (args?: Record<string, never>) => Promise<void>;
  sign_in_cancel: (args?: Record<string, never>) => Promise<void>;
  /** Closes a sign-in in front of an open organization. */
  sign_in_close: (args?: Record<string, never>) => Promise<void>;
  demo_start: (args?: Record<string, never>) => Promise<void>;
  sign_out: (args?: Record<string, never>) => Promise<void>;
  sign_out_all: (args?: Record<string, never>) => Promise<void>;
  keychain_check: (args?: Record<string, never>) => Promise<KeychainState>;
  accounts: (args?: Record<string, never>) => Promise<Array<Account>>;
  account_choose: (args: { account: AccountId }) => Promise<void>;
  account_add: (args?: Record<string, never>) => Promise<void>;
  /** Signs this account out and removes it. */
  account_forget: (args: { account: AccountId }) => Promise<void>;
  // organizations
  organizations: (args?: Record<string, never>) => Promise<Array<Organization>>;
  organization_choose: (args: { organization: OrganizationId }) => Promise<void>;
  // settings
  installation: (args?: Record<string, never>) => Promise<Installation>;
  // disk
  /** Open notices about files and keychain records that could not be read or written. */
  disk_notices: (args?: Record<string, never>) => Promise<Array<DiskNotice>>;
  disk_notice_close: (args: { id: number }) => Promise<void>;
  // sync
  sync_view: (args: { workspace: WorkspaceId }) => Promise<SyncView>;
  sync_start: (args: { workspace: WorkspaceId }) => Promise<void>;
  sync_cancel: (args: { workspace: WorkspaceId }) => Promise<void>;
  totals: (args: { workspace: WorkspaceId }) => Promise<Totals>;
  // users
  users: (args: { workspace: WorkspaceId; query: UserQuery }) => Promise<UserWindow>;
  /** The ids of up to 100,000 rows. */
  user_ids: (args: { workspace: WorkspaceId; query: UserQuery }) => Promise<Array<UserId>>;
  /** Those of up to 100,000 ids that don't match. */
  users_not_matching: (args: { workspace: WorkspaceId; scope: UserScope; ids: Array<UserId> }) => Promise<Array<UserId>>;
  /** The counts beside the filters, and those of these groups, at most 500. */
  facets: (args: { workspace: WorkspaceId; scope: UserScope; groups: Array<GroupId> }) => Promise<Facets>;
  user: (args: { workspace: WorkspaceId; id: UserId }) => Promise<UserDetail>;
  user_read: (args: { workspace: WorkspaceId; id: UserId }) => Promise<UserDetail>;
  user_seek: (args: { workspace: WorkspaceId; query: UserSeekQuery }) => Promise<Place<UserId> | null>;
  // groups
  groups: (args: { workspace: WorkspaceId; query: GroupQuery }) => Promise<GroupWindow>;
  group: (args: { workspace: WorkspaceId; id: GroupId }) => Promise<GroupRow>;
  group_read: (args: { workspace: WorkspaceId; id: GroupId }) => Promise<GroupRow>;
  group_members: (args: { workspace: WorkspaceId; query: MemberQuery }) => Promise<UserWindow>;
  group_seek: (args: { workspace: WorkspaceId; query: GroupSeekQuery }) => Promise<Place<GroupId> | null>;
  group_create: (args: { workspace: WorkspaceId; form: GroupForm }) => Promise<GroupRow>;
  group_update: (args: { workspace: WorkspaceId; id: GroupId; edit: GroupEdit }) => Promise<GroupSaved>;
  group_delete: (args: { workspace: WorkspaceId; id: GroupId; confirmation: string | null }) => Promise<void>;
  /** Whether the typed confirmation looks the same as the shown name. */
  looks_the_same: (args: { typed: string; shown: string }) => Promise<boolean>;
  // views
  list_settings: (args: { workspace: WorkspaceId }) => Promise<ListSettings>;
  columns_save: (args: { list: ListName; columns: Array<ColumnChoice> }) => Promise<void>;
  view_save: (args: { workspace: WorkspaceId; id: ViewId | null; form: ViewForm }) => Promise<View>;
  view_delete: (args: { workspace: WorkspaceId; id: ViewId }) => Promise<void>;
  /** Restores the view deleted last. */
  view_restore: (args: { workspace: WorkspaceId; id: ViewId }) => Promise<View>;
  view_choose: (args: { workspace: WorkspaceId; id: ViewId | null }) => Promise<void>;
  // plans
  /** The unfinished plans. */
  plans: (args: { workspace: WorkspaceId }) => Promise<Array<PlanSummary>>;
  plan_make: (args: { workspace: WorkspaceId; request: MembershipRequest }) => Promise<PlanView>;
  plan_lines: (args: { workspace: WorkspaceId; id: PlanId; offset: number; limit: number; failedOnly: boolean }) => Promise<PlanWindow>;
  plan_apply: (args: { workspace: WorkspaceId; id: PlanId }) => Promise<void>;
  plan_pause: (args: { workspace: WorkspaceId; id: PlanId }) => Promise<void>;
  plan_resume: (args: { workspace: WorkspaceId; id: PlanId }) => Promise<void>;
  plan_stop: (args: { workspace: WorkspaceId; id: PlanId }) => Promise<void>;
  plan_progress: (args: { workspace: WorkspaceId; id: PlanId }) => Promise<PlanProgress>;
  /** Returns the path of the file. */
  plan_report: (args: { workspace: WorkspaceId; id: PlanId }) => Promise<string>;
  plan_close: (args: { workspace: WorkspaceId; id: PlanId }) => Promise<void>;
};

export const COMMAND_NAMES: readonly (keyof Commands)[] = [
  "session_view",
  "session_retry",
  "sign_in",
  "sign_in_open_again",
  "sign_in_copy_link",
  "sign_in_cancel",
  "sign_in_close",
  "demo_start",
  "sign_out",
  "sign_out_all",
  "keychain_check",
  "accounts",
  "account_choose",
  "account_add",
  "account_forget",
  "organizations",
  "organization_choose",
  "installation",
  "disk_notices",
  "disk_notice_close",
  "sync_view",
  "sync_start",
  "sync_cancel",
  "totals",
  "users",
  "user_ids",
  "users_not_matching",
  "facets",
  "user",
  "user_read",
  "user_seek",
  "groups",
  "group",
  "group_read",
  "group_members",
  "group_seek",
  "group_create",
  "group_update",
  "group_delete",
  "looks_the_same",
  "list_settings",
  "columns_save",
  "view_save",
  "view_delete",
  "view_restore",
  "view_choose",
  "plans",
  "plan_make",
  "plan_lines",
  "plan_apply",
  "plan_pause",
  "plan_resume",
  "plan_stop",
  "plan_progress",
  "plan_report",
  "plan_close",
];

export const MAX_PLAN_LINES = 200000;
export const MAX_ROWS = 500;
export const MAX_SELECTED = 100000;
