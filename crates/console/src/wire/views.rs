//! How lists are shown, as sent to the UI: columns, saved views, and the position of a row. Must never decide
//! which columns exist: the UI knows them by name and ignores unknown names.

use ids::{GroupId, UserId, ViewId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::directory::{GroupColumn, Origin, Role, SettingFilter, UserColumn, UserScope, UserState};
use super::references::GroupRef;

/// A list with columns of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum ListName {
    /// The users.
    Users,
    /// The groups.
    Groups,
    /// The members of a group.
    Members,
}

/// A column, at its position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ColumnChoice {
    /// Its name in the UI: 1 to 32 letters and digits.
    pub name: String,
    /// Shown or hidden; `None` if the width of the list decides.
    pub shown: Option<bool>,
    /// 40 to 2,000 CSS pixels; `None` for the default width.
    pub width: Option<u16>,
}

/// The columns of each list; empty for the default columns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
pub struct Columns {
    /// Of the users.
    pub users: Vec<ColumnChoice>,
    /// Of the groups.
    pub groups: Vec<ColumnChoice>,
    /// Of the members of a group.
    pub members: Vec<ColumnChoice>,
}

/// The contents of a saved view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ViewForm {
    /// 1 to 60 characters after trimming, different from the other views' names in more than case.
    pub name: String,
    /// As in [`UserScope::search`].
    pub search: String,
    /// As in [`UserScope::groups`], with their names, to name a group that no longer exists. At most 200.
    pub groups: Vec<GroupRef>,
    /// As in [`UserScope::no_group`].
    pub no_group: bool,
    /// As in [`UserScope::roles`].
    pub roles: Vec<Role>,
    /// As in [`UserScope::states`].
    pub states: Vec<UserState>,
    /// As in [`UserScope::origins`].
    #[serde(default)]
    pub origins: Vec<Origin>,
    /// As in [`UserScope::settings`].
    pub settings: Vec<SettingFilter>,
    /// The column to sort by.
    pub sort: UserColumn,
    /// Descending.
    pub descending: bool,
    /// The columns; empty for the default columns.
    pub columns: Vec<ColumnChoice>,
}

/// A saved view of the users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct View {
    /// Id.
    pub id: ViewId,
    /// Its contents.
    pub form: ViewForm,
}

/// How the lists of an organization are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ListSettings {
    /// The columns, the same in every organization.
    pub columns: Columns,
    /// The saved views, in the order they were saved.
    pub views: Vec<View>,
    /// The view chosen last.
    pub chosen: Option<ViewId>,
    /// Whether views are stored for the next start; not if the session is not stored.
    pub persisted: bool,
}

/// The row to find in a list of users or groups.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Seek<Id> {
    /// The first of these that matches. At most 500.
    Ids {
        /// In the order of preference.
        ids: Vec<Id>,
    },
    /// The first name with this prefix, from a row on and then from the top.
    Starting {
        /// At most 200 characters; case and accents do not count.
        prefix: String,
        /// The row, from 0.
        from: u32,
    },
}

/// A query for a row's position among users.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserSeekQuery {
    /// The users in the list.
    pub scope: UserScope,
    /// The column to sort by.
    pub sort: UserColumn,
    /// Descending.
    pub descending: bool,
    /// The row to find.
    pub seek: Seek<UserId>,
}

/// A query for a row's position among groups.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupSeekQuery {
    /// As in [`super::GroupQuery::search`].
    pub search: String,
    /// The column to sort by.
    pub sort: GroupColumn,
    /// Descending.
    pub descending: bool,
    /// The row to find.
    pub seek: Seek<GroupId>,
}

/// The position of a user or a group in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Place<Id> {
    /// The row, from 0.
    pub index: u32,
    /// The user or group found.
    pub id: Id,
}
