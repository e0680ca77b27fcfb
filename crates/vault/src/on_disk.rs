//! The three results of reading: absent, readable, unreadable (docs/decisions/0001). Must never take "can't
//! be read" for "not there".

use std::convert::Infallible;
use std::fmt::Display;
use std::io::{self, ErrorKind};

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
        self.and_then(|value| Ok::<_, Infallible>(make(value)))
    }

    /// Parses the contents. A value that `read` refuses is [`Problem::Damaged`].
    pub fn and_then<U, E: Display>(self, read: impl FnOnce(T) -> Result<U, E>) -> OnDisk<U> {
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
    pub problem: Problem,
    /// The system's or the parser's message. It contains nothing of the file's contents.
    pub detail: String,
}

impl Unreadable {
    /// Truncated, of another version or not the app's: the next attempt fails as well.
    pub fn damaged(why: &dyn Display) -> Self {
        Self {
            problem: Problem::Damaged,
            detail: why.to_string(),
        }
    }

    /// Whether the next attempt would fail as well: such a file is set aside. A file that may be readable
    /// later stays where it is.
    pub fn is_lasting(&self) -> bool {
        self.problem == Problem::Damaged
    }
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Self {
            problem: (&error).into(),
            detail: error.to_string(),
        }
    }
}

/// What is wrong with a file, or with the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// Truncated, too large, no file, of another version, or not the app's.
    Damaged,
    /// The user has no permission.
    Denied,
    /// Another process holds it.
    Busy,
    /// The disk, a quota or a limit for the size of files is reached.
    DiskFull,
    /// Any other I/O error.
    Failed,
}

/// Whether Windows says that another program keeps the file for itself.
pub(crate) fn is_held(error: &io::Error) -> bool {
    // ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION have no `ErrorKind`.
    cfg!(windows) && matches!(error.raw_os_error(), Some(32 | 33))
}

impl From<&io::Error> for Problem {
    fn from(error: &io::Error) -> Self {
        match error.kind() {
            _ if is_held(error) => Self::Busy,
            ErrorKind::ResourceBusy | ErrorKind::WouldBlock | ErrorKind::TimedOut => Self::Busy,
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Self::Denied,
            ErrorKind::StorageFull | ErrorKind::FileTooLarge | ErrorKind::QuotaExceeded => Self::DiskFull,
            ErrorKind::InvalidData | ErrorKind::UnexpectedEof => Self::Damaged,
            _ => Self::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::io::Write as _;

    use super::*;

    /// What a file-size limit shows is so on a full disk too.
    #[test]
    fn a_full_disk_a_quota_and_a_limit_are_one_problem() {
        let kinds = [
            ErrorKind::StorageFull,
            ErrorKind::QuotaExceeded,
            ErrorKind::FileTooLarge,
        ];
        for kind in kinds {
            assert_eq!(Problem::from(&kind.into()), Problem::DiskFull);
        }
        if cfg!(target_os = "linux") {
            let mut full = OpenOptions::new().write(true).open("/dev/full").unwrap();
            let error = full.write_all(b"a").unwrap_err();
            assert_eq!(Problem::from(&error), Problem::DiskFull);
        }
    }
}
