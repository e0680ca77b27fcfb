//! The header of a saved copy.

use serde::{Deserialize, Serialize};

/// The person and organization of a saved copy, and its age.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SavedCopyHeader {
    /// When all lists were synced, in milliseconds since 1970 (UTC).
    pub at: i64,
    /// The person who synced it.
    pub person: StoredPerson,
    /// The organization.
    pub organization: StoredOrganization,
}

/// A signed-in person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredPerson {
    /// Id, as the server gave it.
    pub id: String,
    /// Address.
    pub email: String,
    /// Display name, or "".
    #[serde(default)]
    pub name: String,
}

/// An organization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredOrganization {
    /// Id, as the server gave it.
    pub id: String,
    /// Name.
    pub name: String,
    /// Whether the user was an admin in it.
    #[serde(default)]
    pub admin: bool,
    /// The user's Private organization.
    #[serde(default)]
    pub private: bool,
    /// Its color, 0 to 7.
    #[serde(default)]
    pub color: u8,
}
