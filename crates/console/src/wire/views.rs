//! What the lists are to look like, as it crosses to the UI: columns, saved views, and where a row stands.
//! Must never decide which columns there are: the UI knows them by name, and passes over a name it doesn't know.

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

/// A column, in its place among the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ColumnChoice {
    /// Its name in the UI: 1 to 32 letters and digits.
    pub name: String,
    /// Shown or hidden; `None` as the width of the list gives it.
    pub shown: Option<bool>,
    /// 40 to 2,000 CSS pixels; `None` for the width it has by itself.
    pub width: Option<u16>,
}

/// The columns of each list; none at all as they are by themselves.
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

/// What a saved view holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ViewForm {
    /// 1 to 60 characters after trimming, unlike any other view's of the organization, whatever its case.
    pub name: String,
    /// As in [`UserScope::search`].
    pub search: String,
    /// As in [`UserScope::groups`], with the names they had, so that a group that is gone can be named. At most 200.
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
    /// Sorted by what.
    pub sort: UserColumn,
    /// Z to A.
    pub descending: bool,
    /// The columns; none as they are by themselves.
    pub columns: Vec<ColumnChoice>,
}

/// A saved view of the users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct View {
    /// Id.
    pub id: ViewId,
    /// What it holds.
    pub form: ViewForm,
}

/// How the lists of an organization are to look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ListLooks {
    /// The columns, the same in every organization.
    pub columns: Columns,
    /// The saved views, in the order they were saved.
    pub views: Vec<View>,
    /// The one chosen last.
    pub chosen: Option<ViewId>,
    /// Whether saved views are there at the next start; not where nothing of the sign-in is kept.
    pub kept: bool,
}

/// What row is looked for in a list of people or groups.
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
    /// The first one from a row on, and then from the top, whose name begins so.
    Starting {
        /// At most 200 characters; case and accents do not count.
        prefix: String,
        /// The row.
        from: u32,
    },
}

/// A question for a row's place among people.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserSeekQuery {
    /// Which people.
    pub scope: UserScope,
    /// Sorted by what.
    pub sort: UserColumn,
    /// Z to A.
    pub descending: bool,
    /// Which row.
    pub seek: Seek<UserId>,
}

/// A question for a row's place among groups.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupSeekQuery {
    /// As in [`super::GroupQuery::search`].
    pub search: String,
    /// Sorted by what.
    pub sort: GroupColumn,
    /// Z to A.
    pub descending: bool,
    /// Which row.
    pub seek: Seek<GroupId>,
}

/// The place of a person or a group in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Place<Id> {
    /// The row, from 0.
    pub index: u32,
    /// Who or which.
    pub id: Id,
}
