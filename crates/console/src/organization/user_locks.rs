//! Locks between programs under which users are written: one user is never written by two programs on one
//! data directory (security.md 50). Must never name a user in a file.

use std::path::Path;
use std::time::Duration;

use ids::{OrganizationId, UserId};
use vault::lock::{LockError, LockTable, QueuedGuard};

use crate::error::{ErrorCode, Result};

/// How long another program is waited for: it holds a user for a read, a write and a read-back.
pub const LOCK_LIMIT: Duration = Duration::from_secs(60);

/// The locks of the users of all organizations, in 256 files of the data directory.
pub struct UserLocks(LockTable);

impl UserLocks {
    /// The locks in a data directory. Waits at most `limit` for another program.
    pub fn new(data_dir: &Path, limit: Duration) -> Self {
        Self(LockTable::new(data_dir.join("locks").join("people"), limit))
    }

    /// Waits until no other program writes this user.
    ///
    /// # Errors
    /// [`ErrorCode::UserBusy`].
    pub(super) async fn lock(
        &self,
        organization: &OrganizationId,
        user: &UserId,
    ) -> Result<Option<QueuedGuard>> {
        // Ids contain no space.
        let name = format!("{} {}", organization.as_str(), user.as_str());
        match self.0.lock(&name).await {
            Ok(lock) => Ok(Some(lock)),
            Err(LockError::Busy) => Err(ErrorCode::UserBusy.into()),
            Err(error) => {
                tracing::warn!(%error, "a user is written without a lock between programs");
                Ok(None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::sample::id;

    #[tokio::test]
    async fn a_person_who_is_held_too_long_is_told_as_busy_and_nobody_else_is() {
        let dir = tempfile::tempdir().unwrap();
        let [theirs, ours] = [0; 2].map(|_| UserLocks::new(dir.path(), Duration::ZERO));
        let held = theirs.lock(&id("o"), &id("u")).await.unwrap();
        assert!(held.is_some());
        let busy = ours.lock(&id("o"), &id("u")).await.err();
        assert_eq!(busy.map(|error| error.code), Some(ErrorCode::UserBusy));
        for (organization, user) in [("p", "u"), ("o", "v")] {
            let free = ours.lock(&id(organization), &id(user)).await.unwrap();
            assert!(free.is_some(), "{organization} {user}");
        }
    }

    /// Without file locks, or if the folder can't be made, users are written all the same.
    #[tokio::test]
    async fn without_a_folder_for_locks_a_person_is_written_all_the_same() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("locks"), "").unwrap();
        let locks = UserLocks::new(dir.path(), LOCK_LIMIT);
        assert!(locks.lock(&id("o"), &id("u")).await.unwrap().is_none());
    }
}
