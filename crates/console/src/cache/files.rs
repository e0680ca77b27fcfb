//! The files of the cache: names, age and removal. Must never put a server's text into a path.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use ids::{AccountId, OrganizationId};

use crate::private;
use crate::stored;

const KIND: &str = "dir";
/// More than the directory of a million people takes; a longer file is none of ours.
pub const MAX_BYTES: u64 = 512 << 20;
/// An older unfinished file was left by a killed process.
const UNFINISHED_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Path of an organization's saved copy. The file's name contains a digest of the organization's id.
pub fn path(folder: &Path, account: &AccountId, organization: &OrganizationId) -> PathBuf {
    stored::file_of(folder, account, organization, KIND)
}

/// Whether the path has a saved copy's extension.
pub fn is_list(path: &Path) -> bool {
    path.extension().is_some_and(|kind| kind == KIND)
}

/// Removes one file. That it can't be is in the log: it opens nowhere.
pub fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "a file could not be removed");
    }
}

/// Removes folders with their contents. Returns whether nothing is left.
pub fn remove_all(folders: &[PathBuf]) -> bool {
    for folder in folders {
        if let Err(error) = fs::remove_dir_all(folder)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "files of an account could not be removed and will be tried again");
        }
    }
    // A folder that can't be read is not known to be gone.
    folders
        .iter()
        .all(|folder| matches!(folder.try_exists(), Ok(false)))
}

/// Marks an account whose files are to be removed, so that the next start finishes an interrupted removal.
pub fn mark(marker: &Path) {
    let made = || {
        private::make_folder(marker.parent().unwrap_or_else(|| Path::new(".")))?;
        private::open_to_write(marker, private::file().create(true).truncate(true).write(true))
    };
    if let Err(error) = made() {
        tracing::warn!(%error, "a sign-out could not be noted");
    }
}

/// The names in a folder; none where there is no such folder.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

/// Age of a file; `None` where the clock or the file system does not tell.
pub fn age(path: &Path) -> Duration {
    let written = fs::metadata(path).and_then(|of| of.modified());
    written
        .ok()
        .and_then(|written| SystemTime::now().duration_since(written).ok())
        .unwrap_or_default()
}

/// Age of the newest file in these folders; `None` where there is no file.
pub fn newest(folders: &[PathBuf]) -> Option<Duration> {
    let files = folders.iter().flat_map(|folder| private::files_below(folder));
    files.map(|path| age(&path)).min()
}

/// Removes files that were set aside longer than `limit` ago, and unfinished files of killed processes.
pub fn tidy(files: &[PathBuf], limit: Duration) {
    for path in files {
        let limit = match () {
            () if private::is_set_aside(path) => limit,
            () if private::is_unfinished(path) => UNFINISHED_LIMIT,
            () => continue,
        };
        if age(path) > limit {
            tracing::info!("removing an old file that was set aside or left unfinished");
            remove(path);
        }
    }
}
