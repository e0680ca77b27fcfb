//! The owner of a data directory: one program at a time; all others are guests (docs/decisions/0019). Must
//! never let a directory that can be locked have two owners.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::lock::{self, FileLock, LockError};

/// The owner's lock file, relative to the data directory.
const LOCK: &str = "locks/owner.lock";
/// How long to wait for the lock: a guest that checks for an owner holds it for a moment.
const LOOK: Duration = Duration::from_millis(20);

/// What a program may do with a data directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everything: only the owner sweeps, and sets unreadable files aside.
    Owner,
    /// Reads, and appends under short locks.
    Guest,
}

/// A data directory, and what this program may do with it. Clones share the state.
#[derive(Debug, Clone)]
pub struct DataDirectory(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    access: Access,
    lock: Option<FileLock>,
}

impl DataDirectory {
    /// Makes this program the owner until [`Self::release`] or the end of the process, even a kill. `None` if
    /// another program is the owner. A directory that can't be locked is owned without a lock, which is
    /// logged. Waits for at most 20 ms.
    pub fn own(path: &Path) -> Option<Self> {
        let lock = match lock::lock_blocking(&path.join(LOCK), LOOK) {
            Ok(lock) => Some(lock),
            Err(LockError::Busy) => return None,
            Err(error) => {
                tracing::warn!(%error, "another program on this data directory will not be noticed");
                None
            }
        };
        Some(Self::new(path, Access::Owner, lock))
    }

    /// Makes this program a guest, whether or not there is an owner. Does no I/O.
    pub fn visit(path: &Path) -> Self {
        Self::new(path, Access::Guest, None)
    }

    fn new(path: &Path, access: Access, lock: Option<FileLock>) -> Self {
        Self(Arc::new(Inner {
            path: path.to_owned(),
            state: Mutex::new(State { access, lock }),
        }))
    }

    /// The directory's path.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// What this program may do with the directory now.
    pub fn access(&self) -> Access {
        self.state().access
    }

    /// Whether this program is the owner.
    pub fn is_owner(&self) -> bool {
        self.access() == Access::Owner
    }

    /// Whether this program holds the owner's lock: no other program can be the owner.
    pub fn is_locked(&self) -> bool {
        self.state().lock.is_some()
    }

    /// Whether this or another program is the owner now. False if the lock file can't be opened or locked.
    pub fn has_owner(&self) -> bool {
        self.is_owner() || matches!(lock::is_locked(&self.0.path.join(LOCK)), Ok(true))
    }

    /// Releases the lock, so that another program can become the owner. This one is a guest from now on.
    pub fn release(&self) {
        *self.state() = State {
            access: Access::Guest,
            lock: None,
        };
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn one_owns_it_until_it_lets_go_and_all_others_are_guests() {
        let dir = tempfile::tempdir().unwrap();
        let guest = DataDirectory::visit(dir.path());
        assert!(!guest.has_owner());
        let owner = DataDirectory::own(dir.path()).unwrap();
        assert!(owner.is_locked() && owner.has_owner() && guest.has_owner());
        assert_eq!((owner.access(), guest.access()), (Access::Owner, Access::Guest));
        assert!(DataDirectory::own(dir.path()).is_none());
        let clone = owner.clone();
        drop(owner);
        assert!(DataDirectory::own(dir.path()).is_none(), "a clone has it");
        clone.release();
        assert_eq!(clone.access(), Access::Guest);
        assert!(!clone.has_owner());
        let next = DataDirectory::own(dir.path()).unwrap();
        assert!(clone.has_owner());
        assert_eq!(guest.access(), Access::Guest, "for ever");
        drop(next);
        assert!(!guest.has_owner());
    }

    /// A guest's check must not keep a window from its directory.
    #[test]
    fn guests_that_look_hinder_neither_each_other_nor_an_owner() {
        let dir = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            let looking: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        let guest = DataDirectory::visit(dir.path());
                        (0..200).filter(|_| guest.has_owner()).count()
                    })
                })
                .collect();
            for guest in looking {
                assert_eq!(guest.join().unwrap(), 0);
            }
        });
        assert!(DataDirectory::own(dir.path()).is_some());
    }

    /// The window opens even if nothing can be stored.
    #[test]
    fn a_directory_that_takes_no_lock_is_owned_without_one() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a file");
        fs::write(&file, "").unwrap();
        let owner = DataDirectory::own(&file).unwrap();
        assert!(owner.is_owner() && !owner.is_locked());
        assert!(!DataDirectory::visit(&file).has_owner());
    }
}
