//! The settings that the app writes itself. They contain no secret, and no names except those of the accounts
//! on this computer.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// The whole file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct StoredSettings {
    /// The Client ID used last.
    pub client_id: String,
    /// The last state of "Keep me signed in".
    pub keep: Option<bool>,
    /// The redirect URI chosen in the form.
    pub redirect_uri: Option<String>,
    /// The accounts with records in the keychain, in the order of their first sign-ins.
    pub accounts: Vec<StoredAccount>,
    /// The account that was in front.
    pub current: Option<String>,
    /// Account → organization used last.
    pub organizations: BTreeMap<String, String>,
    /// Organization → its color on this computer.
    pub colors: BTreeMap<String, u8>,
    /// Account → organizations listed for it, whose colors are kept.
    pub listed: BTreeMap<String, BTreeSet<String>>,
    /// The columns of the lists. Invalid columns don't affect the other settings.
    pub columns: serde_json::Value,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredAccount {
    /// The client id of the grant.
    pub client_id: String,
    /// The account server that issued it.
    pub issuer: String,
    /// The user (`sub`).
    pub person: String,
    /// Whether only the scope `printing` was requested.
    #[serde(default)]
    pub fewer_rights: bool,
    /// Address, or "".
    #[serde(default)]
    pub email: String,
    /// Name, or "".
    #[serde(default)]
    pub name: String,
    /// The name of the organization used last.
    #[serde(default)]
    pub organization: Option<String>,
    /// The id of that organization.
    #[serde(default)]
    pub place: Option<String>,
    /// Whether it has to sign in again.
    #[serde(default)]
    pub expired: bool,
    /// A sign-in that has begun and whose record is not known to be in the keychain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_in: Option<StoredSigningIn>,
}

/// A sign-in that has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StoredSigningIn {
    /// Of an account that was not known before.
    First,
    /// Of an account that was known before.
    Again,
}

/// The columns of each list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct StoredColumns {
    /// Of the users.
    pub users: Vec<StoredColumn>,
    /// Of the groups.
    pub groups: Vec<StoredColumn>,
    /// Of the members of a group.
    pub members: Vec<StoredColumn>,
}

/// A column, at its position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredColumn {
    /// Its name in the UI.
    pub name: String,
    /// Shown or hidden.
    #[serde(default)]
    pub shown: Option<bool>,
    /// Width in CSS pixels.
    #[serde(default)]
    pub width: Option<u16>,
}
