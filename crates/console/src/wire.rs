//! The types that cross to the UI, in both directions. Owns their shape and the TypeScript made from it.
//! Must never hold a token, a key or anything else that is secret (security.md 53), and decides nothing.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::AppError;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $brand:literal;)*) => {$(
        $(#[$doc])*
        ///
        /// Opaque text of 1 to 64 characters `[0-9A-Za-z-]` (ezeep-api.md); anything else is refused when it is read.
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
        #[serde(try_from = "String", into = "String")]
        #[ts(type = $brand)]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                let ok = (1..=64).contains(&text.len())
                    && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
                if ok { Ok(Self(text)) } else { Err(InvalidId) }
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )*};
}

/// Text that is no id: empty, longer than 64 characters, or with a character outside `[0-9A-Za-z-]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id: 1 to 64 characters of 0-9, A-Z, a-z and -")]
pub struct InvalidId;

ids! {
    /// A person; the same id on both servers.
    UserId = "string & { readonly __id: \"user\" }";
    /// A group.
    GroupId = "string & { readonly __id: \"group\" }";
    /// An organization.
    OrganizationId = "string & { readonly __id: \"organization\" }";
    /// A membership plan of this run of the app.
    PlanId = "string & { readonly __id: \"plan\" }";
}

// ---- session -------------------------------------------------------------------------------------------------

/// Where the sign-in stands. The whole window follows from this.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum SessionView {
    /// The keychain is being asked for a session; nothing is known yet.
    Starting,
    /// A setting from outside can't be used: nothing is started until it is mended.
    Unusable {
        /// Which setting.
        problem: AppError,
    },
    /// There is a session in the keychain, but the servers can't be reached now. Nothing is lost: it can be tried again.
    Unreachable {
        /// Why.
        problem: AppError,
    },
    /// Nobody is signed in.
    SignedOut {
        /// What the form starts with.
        form: SignInForm,
        /// Why the last session or attempt ended, where that is worth saying.
        problem: Option<AppError>,
    },
    /// The browser is open; the app listens for the redirect.
    WaitingForBrowser {
        /// The authorization URL, for "Copy sign-in link". It carries no token.
        link: String,
        /// Which button was pressed.
        method: SignInMethod,
        /// Whether "Keep me signed in" was on.
        keep: bool,
        /// True for the demo organization.
        demo: bool,
        /// Something that went wrong while the wait goes on (the browser could not be opened, say).
        problem: Option<AppError>,
    },
    /// The redirect is here; tokens and organizations are being fetched.
    Finishing {
        /// True for the demo organization.
        demo: bool,
    },
    /// Signed in, and the person must choose among several organizations.
    ChoosingOrganization {
        /// Who is signed in.
        person: Person,
        /// What there is to choose from, Private last.
        organizations: Vec<Organization>,
        /// True for the demo organization.
        demo: bool,
        /// Why the last choice failed.
        problem: Option<AppError>,
    },
    /// Signed in to an organization.
    SignedIn {
        /// Who is signed in.
        person: Person,
        /// Which organization every list and every change belongs to.
        organization: Organization,
        /// Where the refresh token is kept.
        storage: TokenStorage,
        /// True for the demo organization.
        demo: bool,
    },
}

/// What the sign-in form starts with.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SignInForm {
    /// The Client ID used last, or the one preset by policy.
    pub client_id: String,
    /// True where `PRESSROOM_CLIENT_ID` presets it: shown, not editable.
    pub client_id_preset: bool,
    /// "Keep me signed in" as it was left last; on at first.
    pub keep: bool,
    /// The redirect URI that must be registered with the vendor, byte for byte.
    pub redirect_uri: String,
    /// Whether this computer has a keychain that can be used.
    pub keychain: KeychainState,
}

/// Whether refresh tokens can be kept on this computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum KeychainState {
    /// Not asked yet.
    Unknown,
    /// A write and a read-back worked.
    Usable,
    /// There is none, or it refused: only "memory" can be offered.
    Unusable,
}

/// Which button starts the sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum SignInMethod {
    /// "Sign in with browser".
    Browser,
    /// "Sign in with Microsoft": `social=azure`.
    Microsoft,
}

/// What the form sends.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignInRequest {
    /// Issued by the vendor; 1 to 200 printable ASCII characters.
    pub client_id: String,
    /// Keep the refresh token in the keychain; memory only otherwise.
    pub keep: bool,
    /// Which button was pressed.
    pub method: SignInMethod,
}

/// Where a refresh token is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum TokenStorage {
    /// In the native keychain.
    Keychain,
    /// In memory: gone when the app quits.
    Memory,
}

/// The signed-in person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// Their id.
    pub id: UserId,
    /// Their address.
    pub email: String,
    /// Display name, or first and last name, or "".
    pub name: String,
}

/// An organization that the signed-in person belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name.
    pub name: String,
    /// Whether the person is an admin in it.
    pub admin: bool,
    /// The person's Private organization.
    pub private: bool,
    /// Its color: an index into the UI's palette, 0 to 7, the same every time for the same id.
    pub color: u8,
}

// ---- directory -----------------------------------------------------------------------------------------------

/// How far the directory has been read.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum SyncView {
    /// Nothing is being read and nothing has been.
    Idle,
    /// A full read is under way. What a list shows meanwhile is the previous read, or nothing.
    Reading {
        /// Items read so far: print users, accounts and groups together.
        done: u32,
        /// Items expected, where the server has said.
        total: Option<u32>,
        /// True where nothing has been read before, so that the lists are empty.
        first: bool,
    },
    /// The last read ended well.
    Done {
        /// When, in milliseconds since 1970 (UTC).
        #[ts(type = "number")]
        at: i64,
        /// Items the servers sent that could not be understood and were skipped.
        skipped: u32,
    },
    /// The last read failed or was cancelled; the lists show the one before, if any.
    Failed {
        /// Why.
        error: AppError,
        /// When the lists were last whole, in milliseconds since 1970 (UTC).
        #[ts(type = "number | null")]
        last: Option<i64>,
    },
}

/// Totals for the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// People in the organization.
    pub users: u32,
    /// Groups in the organization.
    pub groups: u32,
}

/// A person's role in the organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// May change the organization.
    Admin,
    /// May print.
    User,
    /// The account server has not said.
    Unknown,
}

/// A person's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum UserState {
    /// Known to both servers.
    Active,
    /// Invited, not yet accepted.
    PendingInvitation,
    /// Known to the printing server only: without a name and an address.
    PrintingOnly,
    /// Known to the account server only: without groups and print settings.
    AccountOnly,
}

/// Where a person or a group comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Origin {
    /// Made in ezeep.
    Ezeep,
    /// Synced from Azure: changed there.
    Azure,
    /// A provider this app does not know, shown as it is.
    Other {
        /// As the server wrote it.
        provider: String,
    },
}

/// A print setting of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum PrintSetting {
    /// Local printing.
    LocalPrinting,
    /// Self service.
    SelfService,
    /// MyPrinters.
    MyPrinters,
}

/// Which people match: search and filters, without sort and window.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct UserScope {
    /// Words in any order, matched anywhere in name, address and id; case and accents do not count. At most 200 characters.
    pub search: String,
    /// In any of these groups; none named: no matter.
    pub groups: Vec<GroupId>,
    /// In no group at all.
    pub no_group: bool,
    /// One of these roles.
    pub roles: Vec<Role>,
    /// One of these states.
    pub states: Vec<UserState>,
    /// These settings, each on or off as said.
    pub settings: Vec<SettingFilter>,
}

/// A print setting that must be on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SettingFilter {
    /// Which.
    pub setting: PrintSetting,
    /// On or off.
    pub on: bool,
}

/// Columns by which people are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum UserColumn {
    /// Display name, or the address where there is none.
    Name,
    /// Address.
    Email,
    /// Number of groups.
    Groups,
    /// Role.
    Role,
    /// State.
    State,
    /// Origin.
    Origin,
}

/// A question for the rows of a window.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserQuery {
    /// Which people.
    pub scope: UserScope,
    /// Sorted by what.
    pub sort: UserColumn,
    /// Z to A.
    pub descending: bool,
    /// First row.
    pub offset: u32,
    /// At most this many rows, and never more than 500.
    pub limit: u32,
}

/// The rows of a window.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct UserWindow {
    /// People in the organization (or members of the group).
    pub total: u32,
    /// People that match.
    pub matched: u32,
    /// First row.
    pub offset: u32,
    /// The rows.
    pub rows: Vec<UserRow>,
}

/// A person in a list.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct UserRow {
    /// Id.
    pub id: UserId,
    /// Display name, or "" where the account server doesn't know the person.
    pub name: String,
    /// Address, or "".
    pub email: String,
    /// Role.
    pub role: Role,
    /// State.
    pub state: UserState,
    /// Origin.
    pub origin: Origin,
    /// The first groups by name, three at most.
    pub groups: Vec<GroupRef>,
    /// How many groups there are in all.
    pub group_count: u32,
    /// Null where the printing server doesn't know the person.
    pub settings: Option<PrintSettings>,
}

/// A person's print settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PrintSettings {
    /// Local printing.
    pub local_printing: bool,
    /// Self service.
    pub self_service: bool,
    /// MyPrinters.
    pub my_printers: bool,
}

/// A group by id and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct GroupRef {
    /// Id.
    pub id: GroupId,
    /// Name; the id where the group is not known.
    pub name: String,
}

/// A person by id, name and address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct UserRef {
    /// Id.
    pub id: UserId,
    /// Name, or "".
    pub name: String,
    /// Address, or "".
    pub email: String,
}

/// All there is to say of one person.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct UserDetail {
    /// The row.
    pub row: UserRow,
    /// Every group, sorted by name.
    pub groups: Vec<GroupRow>,
    /// When they joined, in milliseconds since 1970 (UTC).
    #[ts(type = "number | null")]
    pub joined: Option<i64>,
    /// Whether the address is verified, where the server says.
    pub verified: Option<bool>,
}

/// Columns by which groups are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum GroupColumn {
    /// Name.
    Name,
    /// Description.
    Description,
    /// Origin.
    Origin,
    /// Number of members.
    Members,
    /// Number of printers.
    Printers,
}

/// A question for groups.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupQuery {
    /// Words in any order, matched in name, description and id. At most 200 characters.
    pub search: String,
    /// Sorted by what.
    pub sort: GroupColumn,
    /// Z to A.
    pub descending: bool,
    /// First row.
    pub offset: u32,
    /// At most this many rows, and never more than 500.
    pub limit: u32,
}

/// The rows of a window.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct GroupWindow {
    /// Groups in the organization.
    pub total: u32,
    /// Groups that match.
    pub matched: u32,
    /// First row.
    pub offset: u32,
    /// The rows.
    pub rows: Vec<GroupRow>,
}

/// A group in a list; also all there is to say of it.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct GroupRow {
    /// Id.
    pub id: GroupId,
    /// Name.
    pub name: String,
    /// Description, or "".
    pub description: String,
    /// Origin.
    pub origin: Origin,
    /// Members, as the memberships read say.
    pub members: u32,
    /// Printers, as the server says.
    pub printers: u32,
    /// Local printing.
    pub local_printing: bool,
    /// MyPrinters.
    pub my_printers: bool,
}

/// A question for the members of a group, out of the directory.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MemberQuery {
    /// Which group.
    pub group: GroupId,
    /// As in [`UserScope::search`].
    pub search: String,
    /// Sorted by what.
    pub sort: UserColumn,
    /// Z to A.
    pub descending: bool,
    /// First row.
    pub offset: u32,
    /// At most this many rows, and never more than 500.
    pub limit: u32,
}

/// What "New group" and "Edit group" hold.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupForm {
    /// 1 to 255 characters after trimming.
    pub name: String,
    /// At most 255 characters.
    pub description: String,
    /// Local printing.
    pub local_printing: bool,
    /// MyPrinters.
    pub my_printers: bool,
}

/// Which people are meant.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Selection {
    /// These.
    Ids {
        /// At most 100,000.
        ids: Vec<UserId>,
    },
    /// All that match, except these.
    Matching {
        /// Who matches.
        scope: UserScope,
        /// Except these.
        except: Vec<UserId>,
    },
}

// ---- plans ---------------------------------------------------------------------------------------------------

/// A change of memberships, as it was chosen.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum MembershipRequest {
    /// Put people into groups.
    Add {
        /// Who.
        users: Selection,
        /// Into which groups.
        groups: Vec<GroupId>,
    },
    /// Take people out of groups.
    Remove {
        /// Who.
        users: Selection,
        /// Out of which groups.
        groups: Vec<GroupId>,
    },
    /// Add and remove groups of one person.
    Edit {
        /// Who.
        user: UserId,
        /// Put into these.
        add: Vec<GroupId>,
        /// Taken out of these.
        remove: Vec<GroupId>,
    },
}

/// A plan, for the review: what will be written, and what won't.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlanView {
    /// Its id; valid until the person signs out, switches or closes it.
    pub id: PlanId,
    /// Where it will land.
    pub organization: Organization,
    /// What was asked for, for the heading.
    pub verb: PlanVerb,
    /// The groups it is about.
    pub groups: Vec<GroupRef>,
    /// The person it is about, where it is about one.
    pub user: Option<UserRef>,
    /// Memberships that will be added.
    pub adds: u32,
    /// Memberships that will be removed.
    pub removes: u32,
    /// Memberships that are already as asked.
    pub unchanged: u32,
    /// Memberships that can't be changed.
    pub blocked: u32,
    /// Lines in the list, for the window.
    pub lines: u32,
}

/// What a plan does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum PlanVerb {
    /// Adds people to groups.
    Add,
    /// Removes people from groups.
    Remove,
    /// Edits the groups of one person.
    Edit,
}

/// Lines of a plan: what will change first, then what is already so, then what can't be.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlanWindow {
    /// First line.
    pub offset: u32,
    /// The lines.
    pub lines: Vec<PlanLine>,
}

/// One membership of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlanLine {
    /// Who.
    pub user: UserRef,
    /// Which group.
    pub group: GroupRef,
    /// What is planned.
    pub planned: Planned,
    /// What came of it, once it was tried.
    pub outcome: Option<Outcome>,
}

/// What is planned for one membership.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Planned {
    /// It will be added.
    Add,
    /// It will be removed.
    Remove,
    /// Nothing to do: it is already as asked.
    Unchanged,
    /// It can't be changed.
    Blocked {
        /// Why.
        reason: BlockedReason,
    },
}

/// Why a membership can't be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum BlockedReason {
    /// The person is no longer in the organization.
    UserGone,
    /// The printing server doesn't know the person yet.
    NotOnPrintingServer,
    /// The group is no longer there.
    GroupGone,
    /// The group is synced from Azure: its members are changed there.
    SyncedFromAzure,
}

/// What came of one planned membership.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Outcome {
    /// Written, and read back as written.
    Applied,
    /// Somebody else had done it meanwhile.
    AlreadySo,
    /// Written, but the read-back shows something else: another admin wrote at the same moment.
    ChangedMeanwhile {
        /// Groups of the person that are there now and were not in what we wrote.
        appeared: Vec<GroupRef>,
        /// Groups that we wrote and that are not there now.
        vanished: Vec<GroupRef>,
    },
    /// Not written.
    Failed {
        /// Why.
        error: AppError,
    },
}

/// How far a plan has been applied.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PlanProgress {
    /// Which plan.
    pub id: PlanId,
    /// Where it stands.
    pub state: PlanState,
    /// Memberships to be written in all.
    pub total: u32,
    /// Memberships tried, whatever came of them.
    pub done: u32,
    /// Of these, applied or already so.
    pub applied: u32,
    /// Of these, failed.
    pub failed: u32,
    /// Of those applied, changed by another admin at the same moment.
    pub changed_meanwhile: u32,
}

/// Where a plan stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum PlanState {
    /// Being reviewed.
    Ready,
    /// Being written.
    Applying,
    /// Halted between two people; can go on.
    Paused,
    /// Ended, by itself or by "Stop".
    Finished,
}

// ---- installation --------------------------------------------------------------------------------------------

/// What the Settings page shows of this installation.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Installation {
    /// The app's version.
    pub version: String,
    /// Account server.
    pub account_url: String,
    /// Printing server.
    pub api_url: String,
    /// Redirect URI.
    pub redirect_uri: String,
    /// Scopes.
    pub scopes: String,
    /// Settings and logs of this profile.
    pub data_dir: String,
    /// The keychain.
    pub keychain: KeychainState,
}

/// What happened; it names what to ask again and carries nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum AppEvent {
    /// [`SessionView`] changed.
    Session,
    /// The organizations changed.
    Organizations,
    /// [`SyncView`] changed.
    Sync,
    /// Rows, totals and details may have changed.
    Directory,
    /// A plan went on.
    Plan {
        /// Which.
        id: PlanId,
    },
}
