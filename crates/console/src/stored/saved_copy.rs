//! What stands in front of the directory in a saved copy.

use serde::{Deserialize, Serialize};

/// Of whom and of which organization a saved copy is, and how old.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SavedCopyHeader {
    /// When it was read as a whole, in milliseconds since 1970 (UTC).
    pub at: i64,
    /// Who read it.
    pub person: StoredPerson,
    /// Which organization it is.
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
    /// Whether the person was an admin in it.
    #[serde(default)]
    pub admin: bool,
    /// The person's Private organization.
    #[serde(default)]
    pub private: bool,
    /// Its color, 0 to 7.
    #[serde(default)]
    pub color: u8,
}
