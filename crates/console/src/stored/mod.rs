//! What lies on disk: types of their own, so that a change of the window's types changes no file. Owns their shape and the version in
//! the name of each file; the conversion lives in the room that owns the domain type.
//! Must never be what crosses to the UI, and must pass over fields that it does not know.
//!
//! A version is raised when a reader of the old one would misunderstand the new one. A new version has a new name (`settings.v2.json`,
//! `views.v2/`): an older program makes its own and leaves the later one alone.

mod saved_copy;
mod settings;
mod views;

pub use saved_copy::*;
pub use settings::*;
pub use views::*;

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::wire::{AccountId, OrganizationId};

/// The settings.
pub const SETTINGS: &str = "settings.v1.json";
/// The lock on the settings, across processes.
pub const SETTINGS_LOCK: &str = "settings.v1.lock";
/// The folder of saved copies.
pub const SAVED_COPIES: &str = "cache.v1";
/// The folder of saved views.
pub const VIEWS: &str = "views.v1";
/// The folder of removals that are not done: an empty file for each account that was signed out.
pub const REMOVALS: &str = "removals.v1";

/// A name for a file or folder, of 32 letters and digits on every system, made of an id that a server gave.
pub fn digest(id: &str) -> String {
    let digest = Sha256::digest(id.as_bytes());
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// The file of an account's organization in one of the folders.
pub fn file_of(folder: &Path, account: &AccountId, organization: &OrganizationId, kind: &str) -> PathBuf {
    let mut path = folder.join(account.as_str());
    path.push(format!("{}.{kind}", digest(organization.as_str())));
    path
}
