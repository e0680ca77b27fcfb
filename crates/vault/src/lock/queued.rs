//! A lock file that the tasks of this process lock in turn. Must never let a task overtake one that waits.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard};

use super::file::{FileLock, LockError, lock};

/// A lock between processes and between the tasks of this one: tasks get it in the order in which they asked,
/// and only the first of them tries the lock file.
pub struct QueuedLock {
    path: PathBuf,
    limit: Duration,
    turn: Arc<Mutex<()>>,
}

/// A held [`QueuedLock`]. It is released when this is dropped, and at the end of the process.
#[must_use = "the lock is released when this is dropped"]
#[derive(Debug)]
pub struct QueuedGuard {
    // Released first, so that the next task finds the file free.
    _file: Option<FileLock>,
    _turn: OwnedMutexGuard<()>,
}

impl QueuedLock {
    /// A lock whose file, with its folder, is made when it is first locked. `limit` is the longest wait for
    /// another process; a wait for a task of this process has no limit.
    pub fn new(path: PathBuf, limit: Duration) -> Self {
        Self {
            path,
            limit,
            turn: Arc::default(),
        }
    }

    /// Takes the lock.
    ///
    /// # Errors
    /// [`LockError`]: [`LockError::Busy`] if another process holds it for longer than the limit.
    pub async fn lock(&self) -> Result<QueuedGuard, LockError> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let file = lock(&self.path, self.limit).await?;
        Ok(QueuedGuard {
            _file: Some(file),
            _turn: turn,
        })
    }

    /// Takes the lock. If the file can't be locked at all, the lock holds only between the tasks of this
    /// process, which is logged.
    ///
    /// # Errors
    /// Only [`LockError::Busy`], if another process holds it for longer than the limit.
    pub async fn lock_unless_busy(&self) -> Result<QueuedGuard, LockError> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let file = match lock(&self.path, self.limit).await {
            Err(LockError::Busy) => return Err(LockError::Busy),
            file => file,
        };
        Ok(self.guard(turn, file))
    }

    /// Takes the lock. If the file can't be locked, or another process holds it for longer than the limit,
    /// the lock holds only between the tasks of this process, which is logged. For files that are replaced
    /// atomically.
    pub async fn lock_anyway(&self) -> QueuedGuard {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let file = lock(&self.path, self.limit).await;
        self.guard(turn, file)
    }

    fn guard(&self, turn: OwnedMutexGuard<()>, file: Result<FileLock, LockError>) -> QueuedGuard {
        if let Err(error) = &file {
            tracing::warn!(%error, path = %self.path.display(), "going on without a lock between programs");
        }
        QueuedGuard {
            _file: file.ok(),
            _turn: turn,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(60);

    /// The lock prevents that removed files return; it does not protect from damage.
    #[tokio::test]
    async fn another_process_that_holds_it_too_long_and_a_folder_without_locks_hold_nobody_up() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.lock");
        let other = QueuedLock::new(path.clone(), SHORT);
        let held = other.lock().await.unwrap();
        let ours = QueuedLock::new(path, Duration::ZERO);
        assert!(matches!(ours.lock().await, Err(LockError::Busy)));
        assert!(matches!(ours.lock_unless_busy().await, Err(LockError::Busy)));
        let anyway = ours.lock_anyway().await;
        assert!(anyway._file.is_none());
        let next = ours.lock_anyway();
        tokio::pin!(next);
        assert!(
            tokio::time::timeout(SHORT, &mut next).await.is_err(),
            "the tasks of this process still wait for each other"
        );
        drop((held, anyway));
        assert!(next.await._file.is_some());
        std::fs::write(dir.path().join("a file"), "").unwrap();
        let none = QueuedLock::new(dir.path().join("a file/a.lock"), SHORT);
        assert!(none.lock_unless_busy().await.unwrap()._file.is_none());
        assert!(none.lock_anyway().await._file.is_none());
    }
}
