//! The saved views of a holder in an organization.

use serde::{Deserialize, Serialize};

use super::settings::StoredColumn;

/// The whole file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct StoredViews {
    /// In their order. Each is parsed by itself as a [`StoredView`]: an unknown one is kept unchanged.
    pub views: Vec<serde_json::Value>,
    /// The view chosen last.
    pub chosen: Option<String>,
}

/// One saved view. An unknown filter or sort makes the whole view unknown: without it, the view would show
/// other users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredView {
    /// Id, made by the app.
    pub id: String,
    /// Name.
    pub name: String,
    /// The search text.
    #[serde(default)]
    pub search: String,
    /// Only members of one of these groups.
    #[serde(default)]
    pub groups: Vec<StoredGroup>,
    /// Only users in no group.
    #[serde(default)]
    pub no_group: bool,
    /// Only users with one of these roles.
    #[serde(default)]
    pub roles: Vec<StoredRole>,
    /// Only users with one of these statuses.
    #[serde(default)]
    pub states: Vec<StoredState>,
    /// Only users from one of these sources.
    #[serde(default)]
    pub origins: Vec<StoredOrigin>,
    /// Only users with all of these settings.
    #[serde(default)]
    pub settings: Vec<StoredSettingFilter>,
    /// The sort column.
    pub sort: StoredSort,
    /// Descending.
    #[serde(default)]
    pub descending: bool,
    /// The columns; `None` for the default ones.
    #[serde(default)]
    pub columns: Vec<StoredColumn>,
}

/// A group, with its name when the view was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredGroup {
    /// Id, as the server gave it.
    pub id: String,
    /// Name.
    pub name: String,
}

/// A role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "each is the wire type's of the same name")]
pub enum StoredRole {
    Admin,
    User,
    Unknown,
}

/// A status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "each is the wire type's of the same name")]
pub enum StoredState {
    Active,
    PendingInvitation,
    PrintingOnly,
    AccountOnly,
    Unsettled,
}

/// A source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "each is the wire type's of the same name")]
pub enum StoredOrigin {
    Ezeep,
    Azure,
    /// The server's value.
    Other(String),
}

/// A print setting that is on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSettingFilter {
    /// The setting.
    pub setting: StoredPrintSetting,
    /// On or off.
    pub on: bool,
}

/// A print setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "each is the wire type's of the same name")]
pub enum StoredPrintSetting {
    LocalPrinting,
    SelfService,
    MyPrinters,
}

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "each is the wire type's of the same name")]
pub enum StoredSort {
    Name,
    Email,
    Groups,
    Role,
    State,
    Origin,
}
