//! How to reach the owner of a data directory: `owner.v1.json`. A later version of the app writes a file of
//! its own beside this one: programs of two versions must find each other.

use serde::{Deserialize, Serialize};

/// The owner of a data directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredOwner {
    /// The directory, as the owner names it; a copy of the file in another directory tells nothing about that
    /// one.
    #[serde(default)]
    pub directory: Option<String>,
    /// The owner's process id.
    pub process: u32,
    /// The path of its socket, or the name of its pipe; `None` if neither could be made.
    #[serde(default)]
    pub address: Option<String>,
}
