//! Users and groups, as sent to the UI: queries for windows of rows, and the rows. Must never contain a list
//! without a limit: the UI holds what is on the screen.

use ids::{GroupId, UserId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::AppError;

/// What the lists show, and what the read does; neither follows from the other.
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

/// The origin of the shown lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ListsView {
    /// Nothing has been read: a query for rows fails with `directoryNotRead`.
    Nothing,
    /// The first pages of the read under way or of a stopped one. There may be more users than are listed.
    Partial,
    /// A saved copy: the whole organization as read before the app was started.
    Saved {
        /// When it was read, in milliseconds since 1970 (UTC).
        #[ts(type = "number")]
        at: i64,
    },
    /// The organization, synced to its end since the app was started.
    Read {
        /// When it was read, in milliseconds since 1970 (UTC).
        #[ts(type = "number")]
        at: i64,
        /// Whether users or groups may be missing: a list was short, changed during the sync, or had items
        /// that could not be understood.
        incomplete: bool,
    },
}

impl ListsView {
    /// When the shown complete lists were read, in milliseconds since 1970 (UTC); `None` if they are not
    /// complete.
    pub fn at(&self) -> Option<i64> {
        match self {
            Self::Saved { at } | Self::Read { at, .. } => Some(*at),
            Self::Nothing | Self::Partial => None,
        }
    }
}

/// The state of the full read.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ReadView {
    /// None was begun.
    Idle,
    /// One is under way.
    Reading {
        /// Items read so far: print users, accounts and groups together.
        items_read: u32,
        /// Items expected; null until the servers have told it for all three lists.
        items_total: Option<u32>,
        /// Estimated seconds left; null while it is too early to tell.
        eta_seconds: Option<u32>,
    },
    /// The last one succeeded, and is what the lists show.
    Done {
        /// When it ended, in milliseconds since 1970 (UTC).
        #[ts(type = "number")]
        at: i64,
        /// Items that could not be understood and were skipped.
        skipped: u32,
        /// Why users may be missing all the same; null if nothing indicates it.
        incomplete: Option<IncompleteReason>,
        /// The differences from the lists shown before; null if these were not complete.
        changes: Option<Changes>,
    },
    /// The last one failed or was cancelled. The lists are as before, or show the part that was read.
    Failed {
        /// The error.
        error: AppError,
        /// True if the next read resumes this one.
        resumable: bool,
    },
}

/// Why users may be missing in lists that were read to their end. Users shown before stay shown, and no user
/// counts as known to one server only because of such a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum IncompleteReason {
    /// Users or groups were added or removed during each attempt to read the list.
    Changing,
    /// A server reports more items than it sends, each time it is read.
    Short {
        /// Items that the server reports.
        reported: u32,
        /// Items that it sent.
        received: u32,
    },
}

/// The differences that a read found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Changes {
    /// Of the users.
    pub people: Differences,
    /// Of the groups.
    pub groups: Differences,
}

/// The number of differences of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Differences {
    /// New entries.
    pub added: u32,
    /// Entries that no longer exist.
    pub removed: u32,
    /// Entries that changed.
    pub changed: u32,
}

/// The totals for the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// Users in the organization.
    pub users: u32,
    /// Groups in the organization.
    pub groups: u32,
}

/// A user's role in the organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// May change the organization.
    Admin,
    /// May print.
    User,
    /// The account server has not told it.
    Unknown,
}

/// A user's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum UserState {
    /// Known to both servers.
    Active,
    /// Invited, not yet accepted.
    PendingInvitation,
    /// Known to the printing server only: without name and address.
    PrintingOnly,
    /// Known to the account server only: without groups and print settings.
    AccountOnly,
    /// Known to one server so far; the other's list is still being read, or could not be read completely.
    Unsettled,
}

/// The origin of a user or a group.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Origin {
    /// Made in ezeep.
    Ezeep,
    /// Synced from Azure: can be changed only there.
    Azure,
    /// A provider this app does not know, shown as it is.
    Other {
        /// The server's value.
        provider: String,
    },
}

/// A print setting of a user.
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

/// The users to list: search and filters, without sort and window.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct UserScope {
    /// Words in any order, each found anywhere in name, address or id, ignoring case and accents. At most 200
    /// characters.
    pub search: String,
    /// In one of these groups; empty for no filter.
    pub groups: Vec<GroupId>,
    /// In no group at all, as far as is known ([`UserRow::half_read`]).
    pub no_group: bool,
    /// With one of these roles; empty for no filter.
    pub roles: Vec<Role>,
    /// With one of these states; empty for no filter.
    pub states: Vec<UserState>,
    /// From one of these origins; empty for no filter.
    pub origins: Vec<Origin>,
    /// With each of these settings on or off.
    pub settings: Vec<SettingFilter>,
}

/// A print setting that must be on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SettingFilter {
    /// The setting.
    pub setting: PrintSetting,
    /// On or off.
    pub on: bool,
}

/// Columns to sort users by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum UserColumn {
    /// Display name, or the address if there is none.
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

/// A query for a window of users.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserQuery {
    /// The users to list.
    pub scope: UserScope,
    /// The column to sort by.
    pub sort: UserColumn,
    /// Descending.
    pub descending: bool,
    /// First row, from 0.
    pub offset: u32,
    /// At most this many rows, and never more than 500; of ids, never more than 100,000.
    pub limit: u32,
}

/// A window of users.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct UserWindow {
    /// Users in the organization, or members of the group.
    pub total: u32,
    /// Users that match.
    pub matched: u32,
    /// First row, from 0.
    pub offset: u32,
    /// The rows.
    pub rows: Vec<UserRow>,
}

/// A user in a list.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct UserRow {
    /// Id.
    pub id: UserId,
    /// Display name, or "" if the account server doesn't know the user.
    pub name: String,
    /// Address, or "".
    pub email: String,
    /// Role.
    pub role: Role,
    /// State.
    pub state: UserState,
    /// Origin.
    pub origin: Origin,
    /// The first groups by name, at most three.
    pub groups: Vec<RowGroup>,
    /// Number of all groups.
    pub group_count: u32,
    /// Null if the printing server doesn't know the user.
    pub settings: Option<PrintSettings>,
    /// When the user joined, in milliseconds since 1970 (UTC).
    #[ts(type = "number | null")]
    pub joined: Option<i64>,
    /// Whether the printing server's list has not come to this user yet: groups and settings are then
    /// unknown.
    pub half_read: bool,
}

/// A user's print settings.
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

/// A group in a user's row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RowGroup {
    /// Id.
    pub id: GroupId,
    /// Name; null until the groups were read; the id if no group has it.
    pub name: Option<String>,
}

/// A user's details.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct UserDetail {
    /// The row.
    pub row: UserRow,
    /// The groups that were read, sorted by name.
    pub groups: Vec<GroupRow>,
    /// The number of further groups, which were not read yet.
    pub unread_groups: u32,
    /// When the user joined, in milliseconds since 1970 (UTC).
    #[ts(type = "number | null")]
    pub joined: Option<i64>,
    /// Whether the address is verified; null if the server does not tell.
    pub verified: Option<bool>,
}

/// Columns to sort groups by.
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

/// A query for a window of groups.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupQuery {
    /// Words in any order, each found anywhere in name, description or id. At most 200 characters.
    pub search: String,
    /// Lists the groups of this user first, whatever the sort.
    pub first_of: Option<UserId>,
    /// The column to sort by.
    pub sort: GroupColumn,
    /// Descending.
    pub descending: bool,
    /// First row, from 0.
    pub offset: u32,
    /// At most this many rows, and never more than 500.
    pub limit: u32,
}

/// A window of groups.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct GroupWindow {
    /// Groups in the organization.
    pub total: u32,
    /// Groups that match.
    pub matched: u32,
    /// First row, from 0.
    pub offset: u32,
    /// The rows.
    pub rows: Vec<GroupRow>,
}

/// A group in a list; also its details.
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
    /// Members, counted in the memberships that were read.
    pub members: u32,
    /// Printers, as the server counts them.
    pub printers: u32,
    /// Local printing.
    pub local_printing: bool,
    /// MyPrinters.
    pub my_printers: bool,
}

/// A query for a window of a group's members.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MemberQuery {
    /// The group.
    pub group: GroupId,
    /// As in [`UserScope::search`].
    pub search: String,
    /// The column to sort by.
    pub sort: UserColumn,
    /// Descending.
    pub descending: bool,
    /// First row, from 0.
    pub offset: u32,
    /// At most this many rows, and never more than 500.
    pub limit: u32,
}

/// The users of a request.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Selection {
    /// These users.
    Ids {
        /// At most 100,000.
        ids: Vec<UserId>,
    },
    /// All that match, except these.
    Matching {
        /// The users that match.
        scope: UserScope,
        /// Except these.
        except: Vec<UserId>,
    },
}
