//! Locks between processes: empty files that the operating system locks, and unlocks when the process ends,
//! even by a kill. Must never report a lock that was not taken, nor remove a lock file: a process that holds
//! a removed one would not exclude those that lock its successor. Who owns a file may remove its lock together
//! with it, if all who lock look for the file afterwards.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use tokio::task::spawn_blocking;

use crate::{access, atomic};

/// Time between two attempts that block their thread.
const BLOCKING_PAUSE: Duration = Duration::from_millis(5);
/// Time between two attempts of a task: each occupies a thread for a moment.
const PAUSE: Duration = Duration::from_millis(25);

/// Why there is no lock.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process, or part of this one, holds it and did not release it within the limit.
    #[error("another process holds the lock")]
    Busy,
    /// The lock file can't be made or opened.
    #[error("the lock file can't be opened: {0}")]
    Open(#[source] io::Error),
    /// The file exists and can't be locked: its file system has no locks.
    #[error("the file can't be locked: {0}")]
    Lock(#[source] io::Error),
}

/// A held lock, which no other process has, nor another part of this one. It is released when this is
/// dropped, and at the end of the process.
#[must_use = "the lock is released when this is dropped"]
#[derive(Debug)]
pub struct FileLock {
    _file: File,
}

/// Locks a file, which is made with its folder if it does not exist. Blocks for at most `limit` while the
/// lock is held elsewhere.
///
/// # Errors
/// [`LockError`].
pub fn lock_blocking(path: &Path, limit: Duration) -> Result<FileLock, LockError> {
    let until = Instant::now() + limit;
    loop {
        match try_lock(path)? {
            Some(lock) => return Ok(lock),
            None if Instant::now() < until => thread::sleep(BLOCKING_PAUSE),
            None => return Err(LockError::Busy),
        }
    }
}

/// Locks a file, which is made with its folder if it does not exist. Waits for at most `limit` while the lock
/// is held elsewhere; a cancelled wait holds nothing. Those that wait do not get it in a particular order.
///
/// # Errors
/// [`LockError`].
pub async fn lock(path: &Path, limit: Duration) -> Result<FileLock, LockError> {
    let until = tokio::time::Instant::now() + limit;
    loop {
        let path = path.to_owned();
        // The folder may be on a network. A caller that was dropped meanwhile releases what is locked here.
        let tried = spawn_blocking(move || try_lock(&path)).await;
        match tried.map_err(|error| LockError::Open(io::Error::other(error)))?? {
            Some(lock) => return Ok(lock),
            None if tokio::time::Instant::now() < until => tokio::time::sleep(PAUSE).await,
            None => return Err(LockError::Busy),
        }
    }
}

/// Locks a file, which is made with its folder if it does not exist. `None` if the lock is held elsewhere.
///
/// # Errors
/// [`LockError::Open`], [`LockError::Lock`].
pub fn try_lock(path: &Path) -> Result<Option<FileLock>, LockError> {
    let file = open(path).map_err(LockError::Open)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(FileLock { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(LockError::Lock(error)),
    }
}

/// Whether the lock of a file is held elsewhere. The file is made with its folder if it does not exist. The
/// check holds a shared lock for a moment, so that checks do not disturb each other.
///
/// # Errors
/// [`LockError::Open`], [`LockError::Lock`].
pub fn is_locked(path: &Path) -> Result<bool, LockError> {
    let file = open(path).map_err(LockError::Open)?;
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(LockError::Lock(error)),
    }
}

fn open(path: &Path) -> io::Result<File> {
    access::make_folder(path.parent().unwrap_or_else(|| Path::new(".")))?;
    let mut options = access::options();
    options.create(true).truncate(false).read(true).write(true);
    let file = atomic::open_to_write(path, &options)?;
    access::restrict(path)?;
    Ok(file)
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
