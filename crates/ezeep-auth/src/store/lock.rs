//! The lock on a record across processes: one file for each record (docs/decisions/0013). Must never report a
//! lock that it doesn't have.

use std::path::{Path, PathBuf};
use std::time::Duration;

use vault::lock::{self, FileLock, LockError};

use super::error::StoreError;
use super::record::RecordName;

/// Longer than a slow rotation takes: two token requests and a slow keychain.
const LIMIT: Duration = Duration::from_secs(45);

/// The lock of a record: only its holder, in all processes, may spend or replace the record's token
/// (security.md 32). Released when it is dropped, or when the process ends.
#[must_use = "the lock is let go of when this is dropped"]
pub struct RecordLock {
    _file: Option<FileLock>,
}

impl RecordLock {
    /// The lock of a store that no other process can reach.
    pub fn not_needed() -> Self {
        Self { _file: None }
    }
}

/// The lock files of one folder.
pub(crate) struct LockFiles {
    dir: PathBuf,
    limit: Duration,
}

impl LockFiles {
    pub(crate) fn new(dir: PathBuf) -> Self {
        Self { dir, limit: LIMIT }
    }

    pub(crate) fn with_limit(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// The folder of the lock files.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Waits for the lock, at most the limit.
    ///
    /// # Errors
    /// [`StoreError::Busy`], and [`StoreError::NoLock`] if the file can't be made or locked.
    pub(crate) async fn take(&self, name: &RecordName) -> Result<RecordLock, StoreError> {
        // A digest: the name itself contains who signed in where.
        let path = self.dir.join(format!("{}.lock", vault::file_name(name.user())));
        match lock::lock(&path, self.limit).await {
            Ok(file) => Ok(RecordLock { _file: Some(file) }),
            Err(LockError::Busy) => Err(StoreError::Busy),
            Err(LockError::Open(error) | LockError::Lock(error)) => Err(StoreError::NoLock {
                folder: self.dir.clone(),
                kind: error.kind(),
            }),
        }
    }
}

#[cfg(test)]
#[path = "lock_tests.rs"]
mod tests;
