//! Who owns a data directory: one program at a time; the others are guests (docs/decisions/0019). Must never
//! give a directory to two owners where it can be locked.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::lock::{self, FileLock, LockError};

/// The owner's lock, below the directory.
const LOCK: &str = "locks/owner.lock";
/// A guest that looks whether there is an owner holds the lock for a moment.
const LOOK: Duration = Duration::from_millis(20);

/// What a program may do with a data directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everything: it alone sweeps, and sets aside what can't be read.
    Owner,
    /// It reads, and appends under short locks.
    Guest,
}

/// A data directory, and what this program may do with it. Clones are one.
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
    /// Makes this program the owner until [`Self::release`] or its end, however it ends. `None` while another
    /// program is. A directory that can't be locked is owned without a lock.
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

    /// Makes this program a guest, whether there is an owner or not.
    pub fn visit(path: &Path) -> Self {
        Self::new(path, Access::Guest, None)
    }

    fn new(path: &Path, access: Access, lock: Option<FileLock>) -> Self {
        Self(Arc::new(Inner {
            path: path.to_owned(),
            state: Mutex::new(State { access, lock }),
        }))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// What this program may do with it now.
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

    /// Whether a program is the owner now, this one or another. False where that can't be known.
    pub fn has_owner(&self) -> bool {
        self.is_owner() || matches!(lock::is_locked(&self.0.path.join(LOCK)), Ok(true))
    }

    /// Lets another program become the owner. This one is a guest from now on.
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

    /// Whoever looks must not keep a window from its directory.
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

    /// The window opens where nothing can be kept.
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
