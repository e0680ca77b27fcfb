//! People and groups, as they cross to the UI: questions for windows of rows, and the rows.
//! Must never grow a list without a bound: the UI holds what is on the screen.

use ids::{GroupId, UserId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::AppError;

/// What the lists show, and beside it what the read does: one says nothing of the other.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SyncView {
    /// What the lists show.
    pub lists: ListsView,
    /// The read under way, or how the last one ended.
    pub read: ReadView,
}

impl SyncView {
    /// Nothing is shown and nothing is being read.
    pub const IDLE: Self = Self {
        lists: ListsView::Nothing,
        read: ReadView::Idle,
    };
}

/// Where what the lists show comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ListsView {
    /// Nothing has been read: asking for rows fails with `directoryNotRead`.
    Nothing,
    /// The first pages of the read under way, or of one that was stopped. More people may be there than are listed.
    Part,
    /// The whole organization as it was read before the app was started, from this computer's disk.
    Kept {
        /// When it was read, in milliseconds since 1970 (UTC).
        #[ts(type = "number")]
        at: i64,
    },
    /// The organization, read to its end from the servers since the app was started.
    Read {
        /// When, in milliseconds since 1970 (UTC).
        #[ts(type = "number")]
        at: i64,
        /// Whether users or groups may be missing: a list was short, moved, or had items that could not
        /// be understood.
        incomplete: bool,
    },
}

impl ListsView {
    /// When the whole that is shown was read, in milliseconds since 1970 (UTC); `None` where no whole is shown.
    pub fn at(&self) -> Option<i64> {
        match self {
            Self::Kept { at } | Self::Read { at, .. } => Some(*at),
            Self::Nothing | Self::Part => None,
        }
    }
}

/// What the full read does.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ReadView {
    /// None was begun.
    Idle,
    /// One is under way.
    Reading {
        /// Items read so far: print users, accounts and groups together.
        done: u32,
        /// Items expected, where the servers have said of all three lists.
        total: Option<u32>,
        /// Seconds that are likely left, at the pace seen so far; null where it is too early to tell.
        left: Option<u32>,
    },
    /// The last one ended well, and is what the lists show.
    Done {
        /// When, in milliseconds since 1970 (UTC).
        #[ts(type = "number")]
        at: i64,
        /// Items the servers sent that could not be understood and were skipped.
        skipped: u32,
        /// Why somebody may be missing all the same, where anything speaks for it.
        doubt: Option<Doubt>,
        /// What is different from what the lists showed before; null where that was no whole.
        changes: Option<Changes>,
    },
    /// The last one failed or was cancelled; the lists show what they did, or the part that was read.
    Failed {
        /// Why.
        error: AppError,
        /// True where the next read goes on from what was read.
        resumable: bool,
    },
}

/// Why somebody may be missing in lists that were read to their end. Whoever was shown before and was not named stays shown, and
/// nobody is called known to one server only by such a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Doubt {
    /// People or groups came and went through every attempt to read them in one piece.
    Moving,
    /// A server tells of more than it gives, each time it is read.
    Short {
        /// Items that the server tells of.
        told: u32,
        /// Items that came.
        came: u32,
    },
}

/// What a read found to be different.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Changes {
    /// Among the people.
    pub people: Differences,
    /// Among the groups.
    pub groups: Differences,
}

/// How many of one kind are different.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Differences {
    /// New.
    pub added: u32,
    /// There no more.
    pub removed: u32,
    /// There before and after, and not the same.
    pub changed: u32,
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
    /// Known to one server so far; the other one's list is still being read, or was read in doubt.
    Unsettled,
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
    /// In no group at all, as far as that is known ([`UserRow::half_read`]).
    pub no_group: bool,
    /// One of these roles.
    pub roles: Vec<Role>,
    /// One of these states.
    pub states: Vec<UserState>,
    /// From one of these origins.
    pub origins: Vec<Origin>,
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
    /// At most this many rows, and never more than 500; of ids alone, never more than 100,000.
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
    pub groups: Vec<RowGroup>,
    /// How many groups there are in all.
    pub group_count: u32,
    /// Null where the printing server doesn't know the person.
    pub settings: Option<PrintSettings>,
    /// When they joined, in milliseconds since 1970 (UTC).
    #[ts(type = "number | null")]
    pub joined: Option<i64>,
    /// Whether the printing server's list has not come to this person so far: groups and settings are then not none, but unknown.
    pub half_read: bool,
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

/// A group as a person's row names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RowGroup {
    /// Id.
    pub id: GroupId,
    /// Name; null as long as the groups are not read so far. The id where they are, and none of them is it.
    pub name: Option<String>,
}

/// All there is to say of one person.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct UserDetail {
    /// The row.
    pub row: UserRow,
    /// Every group of which more is known than that the person is in it, sorted by name.
    pub groups: Vec<GroupRow>,
    /// How many more there are, as long as the groups are not read so far.
    pub unread_groups: u32,
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
    /// The groups of this person first, whatever the sort.
    pub first_of: Option<UserId>,
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
