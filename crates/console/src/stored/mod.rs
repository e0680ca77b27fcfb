//! Types stored on disk, separate from the wire types, so that a change of the UI changes no file. Owns their
//! shape and the version in each file's name; conversions are next to the domain type. Must never be used as
//! wire types, and must ignore unknown fields.
//!
//! A version is raised when a reader of the old one would misunderstand the new one. A new version has a new
//! name (`settings.v2.json`, `views.v2/`), so that an older program does not touch the newer file.

mod owner;
mod saved_copy;
mod settings;
mod views;

pub use owner::*;
pub use saved_copy::*;
pub use settings::*;
pub use views::*;

use std::path::{Path, PathBuf};

use ids::{HolderId, OrganizationId};

/// The settings.
pub const SETTINGS: &str = "settings.v1.json";
/// The lock of the settings across processes.
pub const SETTINGS_LOCK: &str = "settings.v1.lock";
/// The folder of saved copies.
pub const SAVED_COPIES: &str = "cache.v2";
/// The extension of a saved copy.
pub const SAVED_COPY: &str = "dir";
/// The folder of unfinished plans.
pub const PLANS: &str = "plans.v3";
/// The folder of saved views.
pub const VIEWS: &str = "views.v1";
/// The folder of unfinished removals: an empty file for each holder that was signed out.
pub const REMOVALS: &str = "removals.v1";

/// How to reach the owner of the data directory.
pub const OWNER: &str = "owner.v1.json";

/// The prefixes of the app's names in a data directory, which may contain other files too.
pub const OWN_PREFIXES: [&str; 9] = [
    "settings.",
    "owner.",
    "window.json",
    "logs",
    "locks",
    "cache.",
    "views.",
    "plans",
    "removals.",
];
/// Folders of the app whose files are written by others: the folder's own permissions protect them.
pub const CLOSED_FOLDERS: [&str; 1] = ["webview"];

/// The file of a holder's organization in one of the folders.
pub fn file_of(folder: &Path, holder: &HolderId, organization: &OrganizationId, kind: &str) -> PathBuf {
    let mut path = folder.join(holder.as_str());
    path.push(format!("{}.{kind}", vault::file_name(organization.as_str())));
    path
}
