//! Files of this person alone: read with three answers, replaced as a whole, set aside where they can't be read.
//! Must never take "can't be read" for "is not there", write over a file that it could not read, nor leave a file or a folder that
//! others may open (security.md 59, 63).

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use time::OffsetDateTime;

use crate::wire::DiskProblem;

/// What stands in the name of a file that was set aside, before the time.
const SET_ASIDE: &str = ".unreadable-";
/// How the name of a file begins that is being written and has not taken its place yet.
const UNFINISHED: &str = ".new-";
/// Bytes of a file's name that are kept when it is set aside: file systems take 255.
const MAX_NAME: usize = 200;
/// Names tried for a file that is set aside within one second.
const NAMES: u32 = 10_000;

/// What is on disk: three answers, never two.
#[derive(Debug)]
pub enum OnDisk<T> {
    /// There is nothing.
    Absent,
    /// It was read.
    Readable(T),
    /// There is something, and it can't be read.
    Unreadable(Unreadable),
}

impl<T> OnDisk<T> {
    /// Makes something of what was read.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> OnDisk<U> {
        self.and_then(|value| Ok::<_, std::convert::Infallible>(make(value)))
    }

    /// Makes something of what was read. A value that `read` refuses is [`DiskProblem::Damaged`].
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
    /// What kind of reason.
    pub problem: DiskProblem,
    /// The system's or the parser's words. They hold nothing of the contents.
    pub detail: String,
}

impl Unreadable {
    /// What is in it is cut off, of another version, or none of ours: tomorrow too.
    pub fn damaged(why: &dyn std::fmt::Display) -> Self {
        Self {
            problem: DiskProblem::Damaged,
            detail: why.to_string(),
        }
    }

    /// Whether it will be the same at the next try: then it is set aside. What may be readable again stays where it is.
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

/// What an error of the disk means. A file-size limit and a full disk are one answer.
pub fn problem(error: &io::Error) -> DiskProblem {
    // ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION of Windows have no kind of their own.
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

/// Whether a file, or a link to one, is there.
///
/// # Errors
///
/// [`ErrorKind::InvalidData`] for a folder, a pipe and the like; what the disk says.
pub fn must_be_a_file(path: &Path) -> io::Result<()> {
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

/// Puts the bytes there in place of another file, durably: whole, or not at all. Two processes that do it at once do not mix. A file
/// that this person can't open is not replaced, although the folder would allow it.
///
/// # Errors
///
/// What the disk says; the file that was there is untouched then.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    make_folder(folder)?;
    if let Err(error) = open(path)
        && error.kind() != ErrorKind::NotFound
    {
        return Err(error);
    }
    // On Unix the library makes it with mode 0600.
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
/// What the disk says; the file is where it was then, and must not be written over.
pub fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let mut name = name_of(path).into_owned();
    // A file of somebody else's may have a name that leaves no room for what is added.
    name.truncate(name.floor_char_boundary(MAX_NAME));
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
            tracing::warn!(%error, "a file that was set aside is not closed to others");
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

/// Whether a file was set aside.
pub fn is_set_aside(path: &Path) -> bool {
    name_of(path).contains(SET_ASIDE)
}

/// Whether a file is being written, or was when the process that wrote it was killed.
pub fn is_unfinished(path: &Path) -> bool {
    name_of(path).starts_with(UNFINISHED)
}

fn name_of(path: &Path) -> std::borrow::Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or_else(|| Path::new("."))
}

/// Makes durable what was renamed in a folder. Where a folder can't be synced, the system does it in its own time.
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

/// Makes a folder that nobody else can enter, with those above it. One that is there already is closed to others.
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

/// Takes away what others may do with a file or folder (0600, 0700). A folder that everybody writes to (sticky, such as /tmp) is
/// somebody's own choice and stays.
///
/// # Errors
///
/// What the disk says, where it belongs to somebody else, say.
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

/// Windows: the rights of the folder above it.
#[cfg(not(unix))]
pub fn close(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Takes away what others may do with everything of ours in a data directory, which an earlier version may have left open. What the
/// webview keeps lies in a folder that is closed.
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
            tracing::warn!(%error, path = %path.display(), "others may read this");
        }
    }
}

/// How the names in a data directory begin that are the app's: it may be a folder in which other things lie too.
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

/// Every file below a folder; none where there is no such folder. Links are not followed.
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
