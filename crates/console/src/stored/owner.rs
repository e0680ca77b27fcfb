//! How the owner of a data directory is reached: `owner.v1.json`. A later version writes its own beside it:
//! programs of two versions must find each other.

use serde::{Deserialize, Serialize};

/// The owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredOwner {
    /// Its process id.
    pub process: u32,
    /// The path of its socket, or the name of its pipe; none where neither could be made.
    #[serde(default)]
    pub address: Option<String>,
}
