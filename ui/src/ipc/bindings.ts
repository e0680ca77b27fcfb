// Made from crates/console/src/{commands.rs,wire/,error.rs} by `cargo xtask bindings`. Do not edit.

export type Account = { 
/**
 * Its id.
 */
id: AccountId, 
/**
 * Their address.
 */
email: string, 
/**
 * Display name, or "".
 */
name: string, 
/**
 * The organization used last, where known.
 */
organization: string | null, 
/**
 * Whether it is the one in front.
 */
current: boolean, 
/**
 * Whether it can be gone on with.
 */
state: AccountState, };

export type AccountId = string & { readonly __id: "account" };

export type AccountState = "ready" | "expired";

export type AppError = { 
/**
 * The server's or the system's own words, at most 500 characters, shown behind "Details"; never needed to understand the sentence.
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
 * Which.
 */
field: string, } | { "code": "clientIdMissing" } | { "code": "clientIdInvalid" } | { "code": "clientIdUnknown" } | { "code": "signInRefused" } | { "code": "scopeRefused" } | { "code": "portBusy", 
/**
 * Which port.
 */
port: number, } | { "code": "listenFailed" } | { "code": "browserFailed" } | { "code": "browserOpenerMissing", 
/**
 * Which.
 */
program: string, } | { "code": "browserOpenerFailed", 
/**
 * Which.
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
 * Until when it was valid, in milliseconds since 1970 (UTC); `None` where the system doesn't tell.
 */
until: number | null, 
/**
 * What this computer's clock says, in milliseconds since 1970 (UTC).
 */
clock: number, } | { "code": "certificateNotYetValid", 
/**
 * The server's host.
 */
host: string, 
/**
 * From when on it is valid, in milliseconds since 1970 (UTC); `None` where the system doesn't tell.
 */
from: number | null, 
/**
 * What this computer's clock says, in milliseconds since 1970 (UTC).
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
 * What the clock says, in milliseconds since 1970 (UTC).
 */
clock: number, } | { "code": "certificateUntrusted", 
/**
 * Its host.
 */
host: string, } | { "code": "rateLimited", 
/**
 * Seconds to wait, where the server said.
 */
seconds: number | null, } | { "code": "serverFailed", 
/**
 * Status.
 */
status: number, } | { "code": "portalInTheWay" } | { "code": "replyUnexpected" } | { "code": "outcomeUnknown" } | { "code": "userGone" } | { "code": "userBusy" } | { "code": "groupGone" } | { "code": "groupNameEmpty" } | { "code": "groupNameTooLong", 
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
 * Which field, as the server calls it.
 */
field: string, } | { "code": "forbidden", 
/**
 * Status.
 */
status: number, } | { "code": "changeRefused", 
/**
 * Status.
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
 * Where to.
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
 * How many.
 */
max: number, } | { "code": "viewGone" } | { "code": "accountGone" } | { "code": "directoryNotRead" } | { "code": "internal" });

export type AppEvent = { "kind": "session" } | { "kind": "organizations" } | { "kind": "sync" } | { "kind": "directory" } | { "kind": "notices" } | { "kind": "plans" } | { "kind": "plan", 
/**
 * Which.
 */
id: PlanId, };

export type BlockedReason = "userGone" | "notOnPrintingServer" | "groupGone" | "syncedFromAzure";

export type Changes = { 
/**
 * Among the people.
 */
people: Differences, 
/**
 * Among the groups.
 */
groups: Differences, };

export type ColumnChoice = { 
/**
 * Its name in the UI: 1 to 32 letters and digits.
 */
name: string, 
/**
 * Shown or hidden; `None` as the width of the list gives it.
 */
shown: boolean | null, 
/**
 * 40 to 2,000 CSS pixels; `None` for the width it has by itself.
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
 * How many people.
 */
count: number, };

export type Differences = { 
/**
 * New.
 */
added: number, 
/**
 * There no more.
 */
removed: number, 
/**
 * There before and after, and not the same.
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

export type Doubt = { "kind": "moving" } | { "kind": "short", 
/**
 * Items that the server tells of.
 */
told: number, 
/**
 * Items that came.
 */
came: number, };

export type ErrorCode = { "code": "settingInvalid", 
/**
 * The environment variable or the setting's name.
 */
setting: string, } | { "code": "argumentInvalid", 
/**
 * Which.
 */
field: string, } | { "code": "clientIdMissing" } | { "code": "clientIdInvalid" } | { "code": "clientIdUnknown" } | { "code": "signInRefused" } | { "code": "scopeRefused" } | { "code": "portBusy", 
/**
 * Which port.
 */
port: number, } | { "code": "listenFailed" } | { "code": "browserFailed" } | { "code": "browserOpenerMissing", 
/**
 * Which.
 */
program: string, } | { "code": "browserOpenerFailed", 
/**
 * Which.
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
 * Until when it was valid, in milliseconds since 1970 (UTC); `None` where the system doesn't tell.
 */
until: number | null, 
/**
 * What this computer's clock says, in milliseconds since 1970 (UTC).
 */
clock: number, } | { "code": "certificateNotYetValid", 
/**
 * The server's host.
 */
host: string, 
/**
 * From when on it is valid, in milliseconds since 1970 (UTC); `None` where the system doesn't tell.
 */
from: number | null, 
/**
 * What this computer's clock says, in milliseconds since 1970 (UTC).
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
 * What the clock says, in milliseconds since 1970 (UTC).
 */
clock: number, } | { "code": "certificateUntrusted", 
/**
 * Its host.
 */
host: string, } | { "code": "rateLimited", 
/**
 * Seconds to wait, where the server said.
 */
seconds: number | null, } | { "code": "serverFailed", 
/**
 * Status.
 */
status: number, } | { "code": "portalInTheWay" } | { "code": "replyUnexpected" } | { "code": "outcomeUnknown" } | { "code": "userGone" } | { "code": "userBusy" } | { "code": "groupGone" } | { "code": "groupNameEmpty" } | { "code": "groupNameTooLong", 
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
 * Which field, as the server calls it.
 */
field: string, } | { "code": "forbidden", 
/**
 * Status.
 */
status: number, } | { "code": "changeRefused", 
/**
 * Status.
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
 * Where to.
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
 * How many.
 */
max: number, } | { "code": "viewGone" } | { "code": "accountGone" } | { "code": "directoryNotRead" } | { "code": "internal" };

export type Facets = { 
/**
 * People in the organization.
 */
total: number, 
/**
 * People that match.
 */
matched: number, 
/**
 * The groups that were asked for, in their order; one that is not known counts 0.
 */
groups: Array<Counted<GroupId>>, 
/**
 * In no group at all, as far as that is known.
 */
noGroup: number, 
/**
 * Every role.
 */
roles: Array<Counted<Role>>, 
/**
 * Every state.
 */
states: Array<Counted<UserState>>, 
/**
 * ezeep, Azure, and each other origin that anyone in the organization has.
 */
origins: Array<Counted<Origin>>, 
/**
 * Every setting, on and off.
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
 * Words in any order, matched in name, description and id. At most 200 characters.
 */
search: string, 
/**
 * The groups of this person first, whatever the sort.
 */
firstOf: UserId | null, 
/**
 * Sorted by what.
 */
sort: GroupColumn, 
/**
 * Z to A.
 */
descending: boolean, 
/**
 * First row.
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
 * Name; the id where the group is not known.
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
 * Members, as the memberships read say.
 */
members: number, 
/**
 * Printers, as the server says.
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
 * Sorted by what.
 */
sort: GroupColumn, 
/**
 * Z to A.
 */
descending: boolean, 
/**
 * Which row.
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
 * First row.
 */
offset: number, 
/**
 * The rows.
 */
rows: Array<GroupRow>, };

export type Installation = { 
/**
 * The app's version.
 */
version: string, 
/**
 * Account server.
 */
accountUrl: string, 
/**
 * Printing server.
 */
apiUrl: string, 
/**
 * Redirect URI, and what there is to choose.
 */
redirect: RedirectChoice, 
/**
 * Scopes.
 */
scopes: string, 
/**
 * Settings and logs of this profile.
 */
dataDir: string, 
/**
 * The keychain.
 */
keychain: KeychainState, };

export type KeychainState = "unknown" | "usable" | "locked" | "noKeyring" | "unresponsive" | "refusing" | "unusable";

export type ListLooks = { 
/**
 * The columns, the same in every organization.
 */
columns: Columns, 
/**
 * The saved views, in the order they were saved.
 */
views: Array<View>, 
/**
 * The one chosen last.
 */
chosen: ViewId | null, 
/**
 * Whether saved views are there at the next start; not where nothing of the sign-in is kept.
 */
kept: boolean, };

export type ListName = "users" | "groups" | "members";

export type ListsView = { "kind": "nothing" } | { "kind": "part" } | { "kind": "kept", 
/**
 * When it was read, in milliseconds since 1970 (UTC).
 */
at: number, } | { "kind": "read", 
/**
 * When, in milliseconds since 1970 (UTC).
 */
at: number, 
/**
 * Whether users or groups may be missing: a list was short, moved, or had items that could not
 * be understood.
 */
incomplete: boolean, };

export type MemberQuery = { 
/**
 * Which group.
 */
group: GroupId, 
/**
 * As in [`UserScope::search`].
 */
search: string, 
/**
 * Sorted by what.
 */
sort: UserColumn, 
/**
 * Z to A.
 */
descending: boolean, 
/**
 * First row.
 */
offset: number, 
/**
 * At most this many rows, and never more than 500.
 */
limit: number, };

export type MembershipRequest = { "kind": "add", 
/**
 * Who.
 */
users: Selection, 
/**
 * Into which groups.
 */
groups: Array<GroupId>, } | { "kind": "remove", 
/**
 * Who.
 */
users: Selection, 
/**
 * Out of which groups.
 */
groups: Array<GroupId>, } | { "kind": "edit", 
/**
 * Who.
 */
user: UserId, 
/**
 * Put into these.
 */
add: Array<GroupId>, 
/**
 * Taken out of these.
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
 * Whether the person is an admin in it.
 */
admin: boolean, 
/**
 * The person's Private organization.
 */
private: boolean, 
/**
 * Its color: an index into the UI's palette, 0 to 7. It keeps it on this computer, whichever account looks at it; a new one
 * gets a color that none of the person's others has, while there are enough.
 */
color: number, };

export type OrganizationId = string & { readonly __id: "organization" };

export type Origin = { "kind": "ezeep" } | { "kind": "azure" } | { "kind": "other", 
/**
 * As the server wrote it.
 */
provider: string, };

export type Outcome = { "kind": "applied" } | { "kind": "unchanged" } | { "kind": "blocked", 
/**
 * Why.
 */
reason: BlockedReason, } | { "kind": "changedMeanwhile", 
/**
 * Groups of the person that are there now and were not in what we wrote.
 */
appeared: Array<GroupRef>, 
/**
 * Groups that we wrote and that are not there now.
 */
vanished: Array<GroupRef>, } | { "kind": "failed", 
/**
 * Why.
 */
error: AppError, } | { "kind": "unknown" };

export type Person = { 
/**
 * Their id.
 */
id: UserId, 
/**
 * Their address.
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
 * Who or which.
 */
id: Id, };

export type PlanId = string & { readonly __id: "plan" };

export type PlanLine = { 
/**
 * Who.
 */
user: UserRef, 
/**
 * Which group.
 */
group: GroupRef, 
/**
 * What is planned.
 */
planned: Planned, 
/**
 * What came of it, once it was tried.
 */
outcome: Outcome | null, };

export type PlanProgress = { 
/**
 * Which plan.
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
 * When it was made, in milliseconds since 1970.
 */
madeAt: number, };

export type PlanVerb = "add" | "remove" | "edit";

export type PlanView = { 
/**
 * Its id; valid until it is closed.
 */
id: PlanId, 
/**
 * Where it will land.
 */
organization: Organization, 
/**
 * What was asked for, for the heading.
 */
verb: PlanVerb, 
/**
 * The groups it is about.
 */
groups: Array<GroupRef>, 
/**
 * The person it is about, where it is about one.
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
 * Whether it is for all that match, and that sync may have missed some of them.
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
 * Why.
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
 * One text a row: `1` is dark, `0` is light.
 */
rows: Array<string>, };

export type ReadView = { "kind": "idle" } | { "kind": "reading", 
/**
 * Items read so far: print users, accounts and groups together.
 */
done: number, 
/**
 * Items expected, where the servers have said of all three lists.
 */
total: number | null, 
/**
 * Seconds that are likely left, at the pace seen so far; null where it is too early to tell.
 */
left: number | null, } | { "kind": "done", 
/**
 * When, in milliseconds since 1970 (UTC).
 */
at: number, 
/**
 * Items the servers sent that could not be understood and were skipped.
 */
skipped: number, 
/**
 * Why somebody may be missing all the same, where anything speaks for it.
 */
doubt: Doubt | null, 
/**
 * What is different from what the lists showed before; null where that was no whole.
 */
changes: Changes | null, } | { "kind": "failed", 
/**
 * Why.
 */
error: AppError, 
/**
 * True where the next read goes on from what was read.
 */
resumable: boolean, };

export type RedirectChoice = { 
/**
 * The one that is used; it must be registered with the vendor, byte for byte.
 */
uri: string, 
/**
 * Its kind.
 */
kind: RedirectKind, 
/**
 * True where `PRESSROOM_REDIRECT_URI` presets it: shown, not editable.
 */
preset: boolean, 
/**
 * The loopback address offered.
 */
loopback: string, 
/**
 * The app link offered.
 */
appLink: string, 
/**
 * Whether this computer opens app links with this app; `None` where it can't be known.
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
 * Name; null as long as the groups are not read so far. The id where they are, and none of them is it.
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
 * The row.
 */
from: number, };

export type Selection = { "kind": "ids", 
/**
 * At most 100,000.
 */
ids: Array<UserId>, } | { "kind": "matching", 
/**
 * Who matches.
 */
scope: UserScope, 
/**
 * Except these.
 */
except: Array<UserId>, };

export type SessionView = { "kind": "starting" } | { "kind": "unusable", 
/**
 * Which setting.
 */
problem: AppError, } | { "kind": "unreachable", 
/**
 * Why.
 */
problem: AppError, } | { "kind": "signIn", 
/**
 * How far it has got.
 */
step: SignInStep, } | { "kind": "choosingOrganization", 
/**
 * Who is signed in.
 */
person: Person, 
/**
 * What there is to choose from, Private last.
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
 * What every list and every change is asked of: this opening of this organization by this person.
 */
workspace: WorkspaceId, 
/**
 * Who is signed in.
 */
person: Person, 
/**
 * Which organization every list and every change belongs to.
 */
organization: Organization, 
/**
 * Where the refresh token is kept.
 */
storage: TokenStorage, 
/**
 * True for the demo organization.
 */
demo: boolean, 
/**
 * A sign-in in front of it; behind it everything stays as it was.
 */
over: SignInOver | null, };

export type SettingFilter = { 
/**
 * Which.
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
 * True where `PRESSROOM_CLIENT_ID` presets it: shown, not editable.
 */
clientIdPreset: boolean, 
/**
 * "Keep me signed in" as it was left last; on at first.
 */
keep: boolean, 
/**
 * Which way the browser comes back.
 */
redirect: RedirectChoice, 
/**
 * Whether this computer has a keychain that can be used.
 */
keychain: KeychainState, 
/**
 * Accounts that are kept on this computer and can be gone on with.
 */
accounts: Array<Account>, };

export type SignInMethod = "browser" | "microsoft" | "pairing";

export type SignInOver = { 
/**
 * What for.
 */
reason: SignInReason, 
/**
 * How far it has got.
 */
step: SignInStep, };

export type SignInReason = "expired" | "addAccount";

export type SignInRequest = { 
/**
 * Issued by the vendor; 1 to 200 printable ASCII characters.
 */
clientId: string, 
/**
 * Keep the refresh token in the keychain; memory only otherwise.
 */
keep: boolean, 
/**
 * Which button was pressed.
 */
method: SignInMethod, 
/**
 * Ask for `printing` alone: offered where the server refused the scopes (ezeep-api.md). Printer lists are missing then.
 */
fewerRights: boolean, 
/**
 * Another redirect URI from now on; `None` leaves it. Ignored where it is preset.
 */
redirectUri: string | null, };

export type SignInStep = { "at": "form", 
/**
 * What the form starts with.
 */
form: SignInForm, 
/**
 * Why the last session or attempt ended, where that is worth saying.
 */
problem: AppError | null, } | { "at": "waitingForBrowser", 
/**
 * The authorization URL, for "Copy sign-in link". It carries no token.
 */
link: string, 
/**
 * Which button was pressed.
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
 * Which way the browser comes back.
 */
receiver: RedirectKind, 
/**
 * Something that went wrong while the wait goes on (the browser could not be opened, say).
 */
problem: AppError | null, } | { "at": "pairing", 
/**
 * To be typed or scanned on another device.
 */
code: string, 
/**
 * The page that takes it.
 */
link: string, 
/**
 * The same page as a QR code.
 */
qr: QrCode, 
/**
 * When the code stops working, in milliseconds since 1970.
 */
expiresAt: number, 
/**
 * Whether "Keep me signed in" was on.
 */
keep: boolean, 
/**
 * Something that went wrong while the wait goes on (the network is away, say).
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
 * People in the organization.
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
 * Every group of which more is known than that the person is in it, sorted by name.
 */
groups: Array<GroupRow>, 
/**
 * How many more there are, as long as the groups are not read so far.
 */
unreadGroups: number, 
/**
 * When they joined, in milliseconds since 1970 (UTC).
 */
joined: number | null, 
/**
 * Whether the address is verified, where the server says.
 */
verified: boolean | null, };

export type UserId = string & { readonly __id: "user" };

export type UserQuery = { 
/**
 * Which people.
 */
scope: UserScope, 
/**
 * Sorted by what.
 */
sort: UserColumn, 
/**
 * Z to A.
 */
descending: boolean, 
/**
 * First row.
 */
offset: number, 
/**
 * At most this many rows, and never more than 500; of ids alone, never more than 100,000.
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
 * Display name, or "" where the account server doesn't know the person.
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
 * The first groups by name, three at most.
 */
groups: Array<RowGroup>, 
/**
 * How many groups there are in all.
 */
groupCount: number, 
/**
 * Null where the printing server doesn't know the person.
 */
settings: PrintSettings | null, 
/**
 * When they joined, in milliseconds since 1970 (UTC).
 */
joined: number | null, 
/**
 * Whether the printing server's list has not come to this person so far: groups and settings are then not none, but unknown.
 */
halfRead: boolean, };

export type UserScope = { 
/**
 * Words in any order, matched anywhere in name, address and id; case and accents do not count. At most 200 characters.
 */
search: string, 
/**
 * In any of these groups; none named: no matter.
 */
groups: Array<GroupId>, 
/**
 * In no group at all, as far as that is known ([`UserRow::half_read`]).
 */
noGroup: boolean, 
/**
 * One of these roles.
 */
roles: Array<Role>, 
/**
 * One of these states.
 */
states: Array<UserState>, 
/**
 * From one of these origins.
 */
origins: Array<Origin>, 
/**
 * These settings, each on or off as said.
 */
settings: Array<SettingFilter>, };

export type UserSeekQuery = { 
/**
 * Which people.
 */
scope: UserScope, 
/**
 * Sorted by what.
 */
sort: UserColumn, 
/**
 * Z to A.
 */
descending: boolean, 
/**
 * Which row.
 */
seek: Seek<UserId>, };

export type UserState = "active" | "pendingInvitation" | "printingOnly" | "accountOnly" | "unsettled";

export type UserWindow = { 
/**
 * People in the organization (or members of the group).
 */
total: number, 
/**
 * People that match.
 */
matched: number, 
/**
 * First row.
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
 * What it holds.
 */
form: ViewForm, };

export type ViewForm = { 
/**
 * 1 to 60 characters after trimming, unlike any other view's of the organization, whatever its case.
 */
name: string, 
/**
 * As in [`UserScope::search`].
 */
search: string, 
/**
 * As in [`UserScope::groups`], with the names they had, so that a group that is gone can be named. At most 200.
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
 * Sorted by what.
 */
sort: UserColumn, 
/**
 * Z to A.
 */
descending: boolean, 
/**
 * The columns; none as they are by themselves.
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
  /** Leaves a sign-in that stands in front of an open organization. */
  sign_in_close: (args?: Record<string, never>) => Promise<void>;
  demo_start: (args?: Record<string, never>) => Promise<void>;
  sign_out: (args?: Record<string, never>) => Promise<void>;
  sign_out_all: (args?: Record<string, never>) => Promise<void>;
  keychain_check: (args?: Record<string, never>) => Promise<KeychainState>;
  accounts: (args?: Record<string, never>) => Promise<Array<Account>>;
  account_choose: (args: { account: AccountId }) => Promise<void>;
  account_add: (args?: Record<string, never>) => Promise<void>;
  /** Signs that one out and forgets it. */
  account_forget: (args: { account: AccountId }) => Promise<void>;
  // organizations
  organizations: (args?: Record<string, never>) => Promise<Array<Organization>>;
  organization_choose: (args: { organization: OrganizationId }) => Promise<void>;
  // settings
  installation: (args?: Record<string, never>) => Promise<Installation>;
  // disk
  /** Open notices about what could not be read or written on this computer. */
  disk_notices: (args?: Record<string, never>) => Promise<Array<DiskNotice>>;
  disk_notice_close: (args: { id: number }) => Promise<void>;
  // sync
  sync_view: (args?: Record<string, never>) => Promise<SyncView>;
  sync_start: (args?: Record<string, never>) => Promise<void>;
  sync_cancel: (args?: Record<string, never>) => Promise<void>;
  totals: (args: { workspace: WorkspaceId }) => Promise<Totals>;
  // users
  users: (args: { workspace: WorkspaceId; query: UserQuery }) => Promise<UserWindow>;
  /** The ids alone of up to 100,000 rows. */
  user_ids: (args: { workspace: WorkspaceId; query: UserQuery }) => Promise<Array<UserId>>;
  /** Those of up to 100,000 ids that belong to no user who matches. */
  users_not_matching: (args: { workspace: WorkspaceId; scope: UserScope; ids: Array<UserId> }) => Promise<Array<UserId>>;
  /** Counts beside the filters, also of the groups named, 500 at most. */
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
  list_looks: (args: { workspace: WorkspaceId }) => Promise<ListLooks>;
  columns_keep: (args: { list: ListName; columns: Array<ColumnChoice> }) => Promise<void>;
  view_save: (args: { workspace: WorkspaceId; id: ViewId | null; form: ViewForm }) => Promise<View>;
  view_delete: (args: { workspace: WorkspaceId; id: ViewId }) => Promise<void>;
  /** Brings the one deleted last back. */
  view_restore: (args: { workspace: WorkspaceId; id: ViewId }) => Promise<View>;
  view_choose: (args: { workspace: WorkspaceId; id: ViewId | null }) => Promise<void>;
  // plans
  /** Plans that are not done with. */
  plans: (args: { workspace: WorkspaceId }) => Promise<Array<PlanSummary>>;
  plan_make: (args: { workspace: WorkspaceId; request: MembershipRequest }) => Promise<PlanView>;
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
  "list_looks",
  "columns_keep",
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
  "plan_retry",
  "plan_progress",
  "plan_report",
  "plan_close",
];

export const MAX_PLAN_LINES = 200000;
