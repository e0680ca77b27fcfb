//! Reading and replacing whole files. Must never overwrite a file that could not
//! be read, nor leave one that others may open (security.md 59, 63).

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::Path;

use crate::access;
use crate::on_disk::OnDisk;
#[cfg(windows)]
use crate::on_disk::is_held;

/// Prefix of a temporary file that has not replaced its target yet.
const UNFINISHED: &str = ".new-";

/// Reads a file of at most `max_bytes`; a longer one, and what is no file, is [`Problem::Damaged`].
///
/// [`Problem::Damaged`]: crate::Problem::Damaged
pub fn read(path: &Path, max_bytes: u64) -> OnDisk<Vec<u8>> {
    let bytes = || {
        let file = open(path)?;
        let length = file.metadata()?.len();
        if length > max_bytes {
            return Err(io::Error::new(ErrorKind::InvalidData, "it is too large"));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default() + 1);
        file.take(max_bytes).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    match bytes() {
        Ok(bytes) => OnDisk::Readable(bytes),
        Err(error) if is_absence(&error, path) => OnDisk::Absent,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            OnDisk::Unreadable(io::Error::from(ErrorKind::NotADirectory).into())
        }
        Err(error) => OnDisk::Unreadable(error.into()),
    }
}

/// Whether there is certainly nothing at this path: false also where that can't be learned.
pub fn is_absent(path: &Path) -> bool {
    matches!(fs::symlink_metadata(path), Err(error) if is_absence(&error, path))
}

fn is_absence(error: &io::Error, path: &Path) -> bool {
    error.kind() == ErrorKind::NotFound && !is_below_a_file(path)
}

/// Replaces a file atomically and durably (fsync of the file, then of its folder), and makes the folder if
/// there is none. Two processes may do it at once without mixing contents. A file that this user can't open
/// is not replaced, although the folder's permissions would allow it.
///
/// # Errors
/// The I/O error, [`ErrorKind::InvalidData`] where something else than a file is in its place; the previous
/// file is untouched.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    access::make_folder(folder)?;
    if let Err(error) = open(path)
        && error.kind() != ErrorKind::NotFound
    {
        return Err(error);
    }
    let mut options = access::options();
    options.create_new(true).write(true);
    let mut file = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .make_in(folder, |path| options.open(path))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    let mut unfinished = file.into_temp_path();
    rename_over(&unfinished, path)?;
    unfinished.disable_cleanup(true);
    sync_folder(folder);
    Ok(())
}

/// Renames a file over another one, also while others read that.
#[cfg(not(windows))]
fn rename_over(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

/// Renames a file over another one. While others read that, the standard library's rename succeeds on NTFS
/// (the temporary file's own does not); elsewhere, and while a program such as a virus scanner keeps the file
/// for itself, Windows refuses: it is tried again for a moment.
#[cfg(windows)]
fn rename_over(from: &Path, to: &Path) -> io::Result<()> {
    use std::time::Duration;
    const TRIES: u32 = 50;
    const PAUSE: Duration = Duration::from_millis(10);
    for _ in 1..TRIES {
        match fs::rename(from, to) {
            Err(error) if error.kind() == ErrorKind::PermissionDenied || is_held(&error) => {
                std::thread::sleep(PAUSE);
            }
            result => return result,
        }
    }
    fs::rename(from, to)
}

/// Opens a file with these options, for writing, or makes it.
///
/// # Errors
/// [`ErrorKind::InvalidData`] for anything but a file: opening a pipe would block. Any other I/O error.
pub fn open_to_write(path: &Path, options: &OpenOptions) -> io::Result<File> {
    match must_be_a_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => options.open(path),
    }
}

/// Whether the name is that of a temporary file of a write, possibly of a killed process.
pub fn is_unfinished(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().starts_with(UNFINISHED)
}

/// Opens a file for reading. What is no file is not opened: a pipe would keep who opens it waiting.
fn open(path: &Path) -> io::Result<File> {
    must_be_a_file(path)?;
    File::open(path)
}

/// Whether a file is where one of the path's folders should be. Windows says that there is no such path, Unix
/// that it is no folder.
fn is_below_a_file(path: &Path) -> bool {
    let mut above = path
        .ancestors()
        .skip(1)
        .filter_map(|folder| fs::metadata(folder).ok());
    cfg!(windows) && above.next().is_some_and(|nearest| !nearest.is_dir())
}

fn must_be_a_file(path: &Path) -> io::Result<()> {
    if fs::metadata(path)?.is_file() {
        Ok(())
    } else {
        Err(io::Error::new(ErrorKind::InvalidData, "it is no file"))
    }
}

/// The folder of a file.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or_else(|| Path::new("."))
}

/// Makes a rename in a folder durable. Where a folder can't be synced, the system decides when.
pub fn sync_folder(folder: &Path) {
    if cfg!(unix)
        && let Err(error) = File::open(folder).and_then(|folder| folder.sync_all())
    {
        tracing::debug!(%error, "a folder can't be synced");
    }
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
