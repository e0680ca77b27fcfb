//! Locks by name, for any number of names (the users of an organization), in 256 files. Must never let a task
//! wait for itself.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::file::LockError;
use super::queued::{QueuedGuard, QueuedLock};

/// Locks by name, across processes, through at most 256 files in one folder. Two names may share a file, and
/// then one waits for the other: a task that holds a lock of a table must not take a second one of it.
pub struct LockTable(Vec<QueuedLock>);

impl LockTable {
    /// Number of files: a byte of the name's hash.
    const FILES: usize = 256;

    /// The locks in a folder, which is made when it is needed. `limit` is the longest wait for another
    /// process; a wait for a task of this process has no limit.
    pub fn new(folder: PathBuf, limit: Duration) -> Self {
        let file = |index| QueuedLock::new(folder.join(format!("{index:02x}.lock")), limit);
        Self((0..Self::FILES).map(file).collect())
    }

    /// Locks a name. The files do not contain it.
    ///
    /// # Errors
    /// [`LockError`]: [`LockError::Busy`] if another process holds it for longer than the limit.
    pub async fn lock(&self, name: &str) -> Result<QueuedGuard, LockError> {
        let index = usize::from(Sha256::digest(name.as_bytes())[0]);
        let file = self.0.get(index);
        let file = file.ok_or_else(|| LockError::Open(io::ErrorKind::NotFound.into()))?;
        file.lock().await
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const SHORT: Duration = Duration::from_millis(60);
    const LONG: Duration = Duration::from_secs(60);

    /// The locks as another process has them.
    fn table(dir: &tempfile::TempDir, limit: Duration) -> LockTable {
        LockTable::new(dir.path().join("locks"), limit)
    }

    #[tokio::test]
    async fn a_name_is_locked_for_another_process_and_waited_for_at_most_the_limit() {
        let dir = tempfile::tempdir().unwrap();
        let held = table(&dir, SHORT).lock("a").await.unwrap();
        let other = table(&dir, SHORT);
        assert!(matches!(other.lock("a").await, Err(LockError::Busy)));
        let _b = other.lock("b").await.unwrap();
        let patient = table(&dir, LONG);
        let (got, ()) = tokio::join!(patient.lock("a"), async { drop(held) });
        assert!(got.is_ok());
    }

    /// The limit is not for tasks of this process: a write may wait as long as a server asks.
    #[tokio::test]
    async fn in_one_process_the_next_one_waits_longer_than_the_limit() {
        let dir = tempfile::tempdir().unwrap();
        let table = table(&dir, Duration::ZERO);
        let held = table.lock("a").await.unwrap();
        let next = table.lock("a");
        tokio::pin!(next);
        assert!(tokio::time::timeout(SHORT, &mut next).await.is_err());
        drop(held);
        assert!(next.await.is_ok());
    }

    #[tokio::test]
    async fn any_number_of_names_has_256_empty_files_that_name_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let table = table(&dir, LONG);
        for n in 0..3_000 {
            drop(table.lock(&format!("user-{n}")).await.unwrap());
        }
        let entries: Vec<_> = fs::read_dir(dir.path().join("locks"))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(entries.len(), 256);
        for entry in entries {
            assert_eq!(entry.metadata().unwrap().len(), 0);
            assert_eq!(entry.file_name().len(), "00.lock".len());
        }
    }
}
