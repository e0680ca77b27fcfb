//! The files of the cache: read, replaced as a whole, removed. Owns their names and who may read them.
//! Must never put a server's text into a path.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::wire::{AccountId, OrganizationId};

const KIND: &str = "dir";
/// More than the directory of a million people takes; a longer file is none of ours.
const MOST_BYTES: u64 = 512 << 20;

/// Where an organization's directory is: the organization's name in it is a digest.
pub fn path(folder: &Path, account: &AccountId, organization: &OrganizationId) -> PathBuf {
    let digest = Sha256::digest(organization.as_str().as_bytes());
    let name: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    folder.join(account.as_str()).join(format!("{name}.{KIND}"))
}

/// Whether that is where some organization's directory would be.
pub fn is_list(path: &Path) -> bool {
    path.extension().is_some_and(|kind| kind == KIND)
}

/// The bytes of a file; `None` where there is none.
pub fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len().min(MOST_BYTES);
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default() + 1);
    file.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// Removes one file. That it can't be is in the log: it opens nowhere.
pub fn remove(path: &Path) {
    for path in [path.to_owned(), path.with_extension("new")] {
        if let Err(error) = fs::remove_file(path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "a kept list could not be removed");
        }
    }
}

/// Removes all files of a folder, and the folder too where `whole`: an empty one says that something is still to be removed.
pub fn empty(folder: &Path, whole: bool) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut outcome = Ok(());
    for entry in entries {
        outcome = outcome.and(entry.and_then(|entry| fs::remove_file(entry.path())));
    }
    outcome?;
    if whole {
        fs::remove_dir(folder)?;
    }
    Ok(())
}

/// The names in a folder; none where there is no such folder.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}
