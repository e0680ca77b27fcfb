//! What is in folders, how old it is, and its removal.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::atomic;

/// An older unfinished file was left by a killed process.
const UNFINISHED_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// The files and folders in a folder, but for what was set aside or left unfinished; empty if there is no
/// such folder.
///
/// # Errors
/// The folder can't be listed.
pub fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if !atomic::is_set_aside(&path) && !atomic::is_unfinished(&path) {
            paths.push(path);
        }
    }
    Ok(paths)
}

/// Every name in a folder; empty if there is no such folder or it can't be listed.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

/// Every file below a folder; empty if there is no such folder. Symbolic links are not followed.
///
/// # Errors
/// The folder, or one below it, can't be listed.
pub fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => found.extend(files_below(&entry.path())?),
            false => found.push(entry.path()),
        }
    }
    Ok(found)
}

/// Time since the newest file below these folders was written; `None` where there is no file. Zero where a
/// folder can't be listed: what is in it may be new.
pub fn newest_age(folders: &[PathBuf]) -> Option<Duration> {
    let files = folders.iter().map(|folder| files_below(folder));
    match files.collect::<io::Result<Vec<_>>>() {
        Ok(files) => files.iter().flatten().map(|path| age(path)).min(),
        Err(_) => Some(Duration::ZERO),
    }
}

/// Removes those of the files that were set aside longer than `aside_limit` ago, and those that a killed
/// process left unfinished more than a day ago. A failure is logged.
pub fn tidy(files: &[PathBuf], aside_limit: Duration) {
    for path in files {
        let limit = match () {
            () if atomic::is_set_aside(path) => aside_limit,
            () if atomic::is_unfinished(path) => UNFINISHED_LIMIT,
            () => continue,
        };
        if age(path) > limit {
            tracing::info!("removing an old file that was set aside or left unfinished");
            remove_file(path);
        }
    }
}

/// Removes a file; that there is none is fine. A failure is logged.
pub fn remove_file(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "a file could not be removed");
    }
}

/// Removes folders with their contents. Returns whether nothing is left; a failure is logged.
pub fn remove_all(folders: &[PathBuf]) -> bool {
    for folder in folders {
        if let Err(error) = fs::remove_dir_all(folder)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "a folder could not be removed");
        }
    }
    // A folder that can't be read is not known to be gone.
    folders
        .iter()
        .all(|folder| matches!(folder.try_exists(), Ok(false)))
}

/// Time since a file was written; zero where the clock or the file system does not tell.
fn age(path: &Path) -> Duration {
    let written = fs::metadata(path).and_then(|of| of.modified());
    written
        .ok()
        .and_then(|written| SystemTime::now().duration_since(written).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_leaves_out_what_was_set_aside_or_is_unfinished_and_no_folder_is_empty() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["a", ".new-b"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        fs::write(dir.path().join("c"), "").unwrap();
        atomic::set_aside(&dir.path().join("c")).unwrap();
        assert_eq!(list(dir.path()).unwrap(), [dir.path().join("a")]);
        assert_eq!(names(dir.path()).len(), 3);
        assert_eq!(list(&dir.path().join("none")).unwrap(), Vec::<PathBuf>::new());
        assert!(list(&dir.path().join("a")).is_err(), "a file is no empty folder");
    }

    /// What can't be looked at may be new.
    #[test]
    fn the_age_of_a_folder_that_can_not_be_listed_is_not_that_of_the_others() {
        let dir = tempfile::tempdir().unwrap();
        let folders = ["a", "b"].map(|name| dir.path().join(name));
        fs::create_dir(&folders[0]).unwrap();
        let old = fs::File::create(folders[0].join("file")).unwrap();
        old.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        fs::write(&folders[1], "a file where a folder should be").unwrap();
        assert!(newest_age(&folders).unwrap() < Duration::from_secs(60 * 60));
    }

    #[test]
    fn what_is_removed_is_gone_also_if_it_was_never_there() {
        let dir = tempfile::tempdir().unwrap();
        let folders = ["a", "b"].map(|name| dir.path().join(name));
        fs::create_dir(&folders[0]).unwrap();
        fs::write(folders[0].join("file"), "").unwrap();
        assert!(newest_age(&folders).is_some());
        assert!(remove_all(&folders));
        assert!(newest_age(&folders).is_none());
        fs::write(&folders[0], "a file where a folder should be").unwrap();
        assert!(!remove_all(&folders));
    }
}
