//! The lock on a record across processes: a file of its own that the operating system locks, and lets go of when the
//! process ends, however it ends. Must never hold a secret, nor say that a lock was got when it was not.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep};

use super::error::StoreError;
use super::record::RecordName;

/// Longer than a rotation takes that is in trouble: two token requests and a slow keychain.
const LIMIT: Duration = Duration::from_secs(45);
/// How often a lock that another process holds is asked for.
const PAUSE: Duration = Duration::from_millis(25);

/// Whoever has it is the only one, in any process, who may spend or replace the record's token (security.md 32).
/// Dropping it lets go; so does the end of the process.
#[must_use = "the lock is let go of when this is dropped"]
pub struct RecordLock {
    _file: Option<File>,
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

    /// Waits its turn, at most the limit.
    pub(crate) async fn take(&self, name: &RecordName) -> Result<RecordLock, StoreError> {
        let path = self.dir.join(file_name(name));
        let until = Instant::now() + self.limit;
        loop {
            let tried = {
                let path = path.clone();
                // A folder may be on a network; whoever gave up meanwhile lets go of what is got here.
                spawn_blocking(move || try_once(&path)).await
            };
            match tried {
                Ok(Ok(Some(file))) => return Ok(RecordLock { _file: Some(file) }),
                Ok(Ok(None)) if Instant::now() < until => sleep(PAUSE).await,
                Ok(Ok(None)) => return Err(StoreError::Busy),
                Ok(Err(error)) => {
                    return Err(StoreError::NoLock {
                        folder: self.dir.clone(),
                        kind: error.kind(),
                    });
                }
                Err(_) => {
                    return Err(StoreError::NoLock {
                        folder: self.dir.clone(),
                        kind: io::ErrorKind::Interrupted,
                    });
                }
            }
        }
    }
}

/// The locked file, or none where another holds it.
fn try_once(path: &Path) -> io::Result<Option<File>> {
    if let Some(dir) = path.parent() {
        make(dir)?;
    }
    let mut options = OpenOptions::new();
    // Never removed: whoever locked a removed file would not meet those who lock its successor.
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    close(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn make(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return close(dir);
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Removes others' access to an existing file or folder (security.md 63).
#[cfg(unix)]
fn close(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut permissions = fs::metadata(path)?.permissions();
    if permissions.mode() & 0o077 != 0 {
        permissions.set_mode(permissions.mode() & !0o077);
        fs::set_permissions(path, permissions)?;
    }
    Ok(())
}

/// Windows: the data directory is in the user's own profile.
#[cfg(not(unix))]
fn close(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// A digest: the name itself holds who signed in where.
fn file_name(name: &RecordName) -> String {
    let digest = Sha256::digest(name.user().as_bytes());
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{hex}.lock")
}

#[cfg(test)]
#[path = "lock_tests.rs"]
mod tests;
