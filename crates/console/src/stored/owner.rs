//! How to reach the owner of a data directory: `owner.v1.json`. A later version of the app writes a file of
//! its own beside this one: programs of two versions must find each other.

use serde::{Deserialize, Serialize};

/// The owner of a data directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredOwner {
    /// The owner's process id.
    pub process: u32,
    /// The path of its socket, or the name of its pipe; `None` if neither could be made.
    #[serde(default)]
    pub address: Option<String>,
}
