//! Files that can't be read, moved out of the way: `NAME.unreadable-TIME` beside their place. Must never lose
//! one, nor write over another.

use std::borrow::Cow;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use time::OffsetDateTime;

use super::file::{folder_of, sync_folder};
use crate::access;

/// Part of a set-aside file's name, before the time.
const SET_ASIDE: &str = ".unreadable-";
/// Bytes of a file's name that are kept when it is set aside: file systems take 255.
const MAX_NAME: usize = 200;
/// Names tried for a file that is set aside within one second.
const NAMES: u32 = 10_000;

/// Renames a file that can't be read, or what lies in its place: `NAME.unreadable-TIME` beside it, in UTC.
/// Returns its new path, under which nothing was before. Its age begins now.
///
/// # Errors
/// The I/O error; the file is still at its path and must not be overwritten.
pub fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let mut name = name_of(path).into_owned();
    // A file of somebody else's may have a name that leaves no room for what is added.
    let ends = 0..=name.len().min(MAX_NAME);
    let end = ends.rev().find(|at| name.is_char_boundary(*at));
    name.truncate(end.unwrap_or_default());
    let is_folder = fs::symlink_metadata(path)?.is_dir();
    let now = OffsetDateTime::now_utc();
    let time = format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        now.year(),
        u8::from(now.month()),
        now.day(),
        now.hour(),
        now.minute(),
        now.second()
    );
    for n in 1..=NAMES {
        let number = if n == 1 { String::new() } else { format!("-{n}") };
        let aside = path.with_file_name(format!("{name}{SET_ASIDE}{time}{number}"));
        // A rename would write over a file of that name: the name is taken first.
        match take_name(&aside, is_folder) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error),
        }
        if let Err(error) = fs::rename(path, &aside) {
            if is_folder {
                fs::remove_dir(&aside)?;
            } else {
                fs::remove_file(&aside)?;
            }
            return Err(error);
        }
        if let Err(error) = access::restrict(&aside) {
            tracing::warn!(%error, "a file that was set aside is readable for others");
        }
        if let Err(error) = begin_age(&aside) {
            tracing::warn!(%error, "a file that was set aside is as old as its contents");
        }
        sync_folder(folder_of(path));
        return Ok(aside);
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// Whether a file of this one was set aside and is still there. What can't be looked at counts.
pub fn was_set_aside(path: &Path) -> bool {
    let of = format!("{}{SET_ASIDE}", name_of(path));
    let mut entries = match fs::read_dir(folder_of(path)) {
        Ok(entries) => entries,
        Err(error) => return error.kind() != ErrorKind::NotFound,
    };
    entries.any(|entry| {
        entry.map_or(true, |entry| {
            let is_another_thing = fs::metadata(entry.path()).is_ok_and(|of| !of.is_file());
            entry.file_name().to_string_lossy().starts_with(&of) && !is_another_thing
        })
    })
}

/// Removes what was set aside of a file. A failure is logged.
pub fn remove_set_aside(path: &Path) {
    let of = format!("{}{SET_ASIDE}", name_of(path));
    for other in fs::read_dir(folder_of(path)).into_iter().flatten().flatten() {
        if other.file_name().to_string_lossy().starts_with(&of)
            && let Err(error) = fs::remove_file(other.path())
        {
            tracing::warn!(%error, "a file that was set aside could not be removed");
        }
    }
}

/// Whether the name is that of a set-aside file.
pub fn is_set_aside(path: &Path) -> bool {
    name_of(path).contains(SET_ASIDE)
}

/// Takes a name that must be nobody's yet, for what a rename puts there.
fn take_name(path: &Path, is_folder: bool) -> io::Result<()> {
    if is_folder {
        // Windows renames no folder over another one, and over no file either: the name is free or it is an
        // error.
        return if cfg!(windows) {
            free_name(path)
        } else {
            fs::create_dir(path)
        };
    }
    access::options()
        .create_new(true)
        .write(true)
        .open(path)
        .map(drop)
}

fn free_name(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Makes a file as old as now. What is no file keeps its age: nothing removes it.
fn begin_age(path: &Path) -> io::Result<()> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Ok(());
    }
    let mut options = OpenOptions::new();
    // Windows changes times of what is open for writing, Unix of what is one's own.
    let file = options.read(true).write(cfg!(windows)).open(path)?;
    file.set_modified(SystemTime::now())
}

fn name_of(path: &Path) -> Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}

#[cfg(test)]
#[path = "aside_tests.rs"]
mod tests;
