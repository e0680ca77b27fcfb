//! Files that only this user can open: three read results, atomic replacement, and setting aside what can't
//! be read. Must never treat "can't be read" as "not there", overwrite a file that could not be read, nor
//! leave a file or folder that others may open (security.md 59, 63).

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use time::OffsetDateTime;

use crate::wire::DiskProblem;

/// Part of a set-aside file's name, before the time.
const SET_ASIDE: &str = ".unreadable-";
/// Prefix of a temporary file that has not replaced its target yet.
const UNFINISHED: &str = ".new-";
/// Bytes of a file's name that are kept when it is set aside: file systems take 255.
const MAX_NAME: usize = 200;
/// Names tried for a file that is set aside within one second.
const NAMES: u32 = 10_000;

/// What is on disk: three results, never two.
#[derive(Debug)]
pub enum OnDisk<T> {
    /// There is nothing.
    Absent,
    /// It was read.
    Readable(T),
    /// There is something, but it can't be read.
    Unreadable(Unreadable),
}

impl<T> OnDisk<T> {
    /// Converts the contents.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> OnDisk<U> {
        self.and_then(|value| Ok::<_, std::convert::Infallible>(make(value)))
    }

    /// Parses the contents. A value that `read` refuses is [`DiskProblem::Damaged`].
    pub fn and_then<U, E: std::fmt::Display>(self, read: impl FnOnce(T) -> Result<U, E>) -> OnDisk<U> {
        match self {
            Self::Absent => OnDisk::Absent,
            Self::Unreadable(why) => OnDisk::Unreadable(why),
            Self::Readable(value) => match read(value) {
                Ok(value) => OnDisk::Readable(value),
                Err(error) => OnDisk::Unreadable(Unreadable::damaged(&error)),
            },
        }
    }
}

/// Why something on disk can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem:?}: {detail}")]
pub struct Unreadable {
    /// The kind of problem.
    pub problem: DiskProblem,
    /// The system's or the parser's message. It contains nothing of the file's contents.
    pub detail: String,
}

impl Unreadable {
    /// Truncated, of another version or not the app's: the next attempt fails as well.
    pub fn damaged(why: &dyn std::fmt::Display) -> Self {
        Self {
            problem: DiskProblem::Damaged,
            detail: why.to_string(),
        }
    }

    /// Whether the next attempt would fail as well: such a file is set aside. A file that may be readable
    /// later stays where it is.
    pub fn is_lasting(&self) -> bool {
        self.problem == DiskProblem::Damaged
    }
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Self {
            problem: problem(&error),
            detail: error.to_string(),
        }
    }
}

/// The problem for an I/O error. A file-size limit and a full disk give the same one.
pub fn problem(error: &io::Error) -> DiskProblem {
    // Windows: ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION have no `ErrorKind`.
    let held = cfg!(windows) && matches!(error.raw_os_error(), Some(32 | 33));
    match error.kind() {
        _ if held => DiskProblem::Busy,
        ErrorKind::ResourceBusy | ErrorKind::WouldBlock | ErrorKind::TimedOut => DiskProblem::Busy,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => DiskProblem::Denied,
        ErrorKind::StorageFull | ErrorKind::FileTooLarge | ErrorKind::QuotaExceeded => DiskProblem::DiskFull,
        ErrorKind::InvalidData | ErrorKind::UnexpectedEof => DiskProblem::Damaged,
        _ => DiskProblem::Failed,
    }
}

/// Opens a file for reading. What is no file is [`ErrorKind::InvalidData`] and is not opened: a pipe would keep who opens it waiting.
fn open(path: &Path) -> io::Result<File> {
    must_be_a_file(path)?;
    File::open(path)
}

/// Opens a file for writing with these options, or makes it.
///
/// # Errors
///
/// [`ErrorKind::InvalidData`] for what is no file: a pipe would keep who opens it waiting. What the disk says.
pub fn open_to_write(path: &Path, options: &OpenOptions) -> io::Result<File> {
    match must_be_a_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => options.open(path),
    }
}

fn must_be_a_file(path: &Path) -> io::Result<()> {
    if fs::metadata(path)?.is_file() {
        Ok(())
    } else {
        Err(io::Error::new(ErrorKind::InvalidData, "it is no file"))
    }
}

/// Reads a file of at most `most` bytes; a longer one, and what is no file, is [`DiskProblem::Damaged`].
pub fn read(path: &Path, most: u64) -> OnDisk<Vec<u8>> {
    let bytes = || {
        let file = open(path)?;
        let length = file.metadata()?.len();
        if length > most {
            return Err(io::Error::new(ErrorKind::InvalidData, "it is too large"));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default() + 1);
        file.take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    match bytes() {
        Ok(bytes) => OnDisk::Readable(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => OnDisk::Absent,
        Err(error) => OnDisk::Unreadable(error.into()),
    }
}

/// Replaces a file atomically and durably (fsync). Two processes may do it at once without mixing contents. A
/// file that this user can't open is not replaced, although the folder's permissions would allow it.
///
/// # Errors
///
/// The I/O error; the previous file is untouched.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    make_folder(folder)?;
    if let Err(error) = open(path)
        && error.kind() != ErrorKind::NotFound
    {
        return Err(error);
    }
    // On Unix the library creates it with mode 0600.
    let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    sync_folder(folder);
    Ok(())
}

/// Renames a file that can't be read, or what lies in its place, so that it is in nobody's way and lost to nobody:
/// `NAME.unreadable-TIME` beside it, in UTC. Gives its new path, which was nobody's before. Its age begins now.
///
/// # Errors
///
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
        if let Err(error) = close(&aside) {
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

/// Takes a name that must be nobody's yet, for what a rename puts there.
fn take_name(path: &Path, is_folder: bool) -> io::Result<()> {
    if is_folder {
        // Windows renames no folder over another one, and over no file either: the name is free or it is an error.
        return if cfg!(windows) {
            free_name(path)
        } else {
            fs::create_dir(path)
        };
    }
    file().create_new(true).write(true).open(path).map(drop)
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

/// Removes what was set aside of a file.
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

/// Whether the name is that of a temporary file of a write, possibly of a killed process.
pub fn is_unfinished(path: &Path) -> bool {
    name_of(path).starts_with(UNFINISHED)
}

fn name_of(path: &Path) -> std::borrow::Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or_else(|| Path::new("."))
}

/// Makes a rename in a folder durable. Where a folder can't be synced, the system decides when.
fn sync_folder(folder: &Path) {
    if cfg!(unix)
        && let Err(error) = File::open(folder).and_then(|folder| folder.sync_all())
    {
        tracing::debug!(%error, "a folder can't be synced");
    }
}

/// Options for a file that nobody else can read.
#[cfg(unix)]
pub fn file() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// Windows: the data directory lies in the person's own profile.
#[cfg(not(unix))]
pub fn file() -> OpenOptions {
    OpenOptions::new()
}

/// Creates a folder that only this user can enter, with its parents. An existing one is restricted to this
/// user.
#[cfg(unix)]
pub fn make_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    close(folder)
}

/// Windows: as the folder above it.
#[cfg(not(unix))]
pub fn make_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// Removes others' access to a file or folder (0600, 0700). A folder that everybody may write to (sticky,
/// such as /tmp) was chosen by the user and is left as it is.
///
/// # Errors
///
/// The I/O error, for example where another user owns the file.
#[cfg(unix)]
pub fn close(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut permissions = fs::metadata(path)?.permissions();
    let mode = permissions.mode();
    if mode & 0o077 != 0 && mode & 0o1000 == 0 {
        permissions.set_mode(mode & !0o077);
        fs::set_permissions(path, permissions)?;
    }
    Ok(())
}

/// Windows: the parent folder's permissions apply.
#[cfg(not(unix))]
pub fn close(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Removes others' access to all of the app's files in a data directory, where an earlier version may have
/// left them open. The webview's files are inside a restricted folder.
pub fn close_all(data_dir: &Path) {
    let entries = fs::read_dir(data_dir).into_iter().flatten().flatten();
    let ours = entries.filter(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        ours().any(|of| name.starts_with(of))
    });
    let mut paths = vec![data_dir.to_owned()];
    for entry in ours {
        if is_link(&entry) {
            continue;
        }
        paths.push(entry.path());
        if entry.file_name() != "webview" {
            paths.extend(all_below(&entry.path()));
        }
    }
    for path in paths.into_iter().filter(|path| path.exists()) {
        if let Err(error) = close(&path) {
            tracing::warn!(%error, path = %path.display(), "others can read a file or folder of the app");
        }
    }
}

/// Prefixes of the app's names in a data directory, which may contain other files too.
fn ours() -> impl Iterator<Item = &'static str> {
    [
        "settings.",
        "window.json",
        "webview",
        "logs",
        "locks",
        "cache.",
        "views.",
        "plans",
        "removals.",
    ]
    .into_iter()
}

fn is_link(entry: &fs::DirEntry) -> bool {
    entry.file_type().is_ok_and(|kind| kind.is_symlink())
}

/// Every file and folder below a folder, but for links.
fn all_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| !is_link(entry)) {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            found.extend(all_below(&entry.path()));
        }
        found.push(entry.path());
    }
    found
}

/// Every file below a folder; empty if there is no such folder. Symbolic links are not followed.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => found.extend(files_below(&entry.path())),
            _ => found.push(entry.path()),
        }
    }
    found
}

#[cfg(test)]
#[path = "private_tests.rs"]
mod tests;
