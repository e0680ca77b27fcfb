//! The saved views of an account in an organization.

use serde::{Deserialize, Serialize};

use super::StoredColumn;

/// The whole file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct StoredViews {
    /// In their order. Each is looked at by itself as a [`StoredView`]: one that this version does not understand stays as it is.
    pub views: Vec<serde_json::Value>,
    /// The one chosen last.
    pub chosen: Option<String>,
}

/// One saved view. A filter or a sort that this version does not know makes the view unknown: without it, it would show others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredView {
    /// Id; ours.
    pub id: String,
    /// Name.
    pub name: String,
    /// What is searched for.
    #[serde(default)]
    pub search: String,
    /// Only who is in one of these.
    #[serde(default)]
    pub groups: Vec<StoredGroup>,
    /// Only who is in no group.
    #[serde(default)]
    pub no_group: bool,
    /// Only who has one of these.
    #[serde(default)]
    pub roles: Vec<StoredRole>,
    /// Only who is in one of these.
    #[serde(default)]
    pub states: Vec<StoredState>,
    /// Only who comes from one of these.
    #[serde(default)]
    pub origins: Vec<StoredOrigin>,
    /// Only who has all of these.
    #[serde(default)]
    pub settings: Vec<StoredSettingFilter>,
    /// Sorted by what.
    pub sort: StoredSort,
    /// Z to A.
    #[serde(default)]
    pub descending: bool,
    /// The columns; none as they are by themselves.
    #[serde(default)]
    pub columns: Vec<StoredColumn>,
}

/// A group, with the name that it had.
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
    /// As the server wrote it.
    Other(String),
}

/// A print setting that is on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSettingFilter {
    /// Which.
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
