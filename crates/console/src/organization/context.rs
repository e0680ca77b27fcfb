//! The state that all use cases of an open organization share. Depends on no use case.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ezeep_api::Client;
use ids::{UserId, WorkspaceId};
use tokio::sync::OwnedMutexGuard;
use tokio_util::sync::CancellationToken;
use vault::lock::QueuedGuard;

use super::store::DirectoryStore;
use super::user_locks::UserLocks;
use crate::error::{ErrorCode, Result};
use crate::host::Host;
use crate::wire::Organization;

/// An open organization: its client, its directory, its locks.
pub struct OrganizationContext {
    /// The id of this workspace. Another opening of the same organization has another id.
    pub id: WorkspaceId,
    /// The organization.
    pub organization: Organization,
    /// The API client, whose tokens speak for this organization only.
    pub api: Client,
    /// Receives the events.
    pub host: Arc<dyn Host>,
    /// Cancelled when the organization is left: reads and runs end.
    pub left: CancellationToken,
    /// Its users and groups.
    pub store: DirectoryStore,
    locks: Arc<UserLocks>,
    users: Mutex<HashMap<UserId, Arc<tokio::sync::Mutex<()>>>>,
}

/// The lock of a user. It is released when this is dropped.
#[must_use = "the lock is released when this is dropped"]
pub struct UserLock {
    /// `None` if the data directory can't be locked.
    _programs: Option<QueuedGuard>,
    _tasks: OwnedMutexGuard<()>,
}

impl OrganizationContext {
    /// Makes the context of an organization. Asks no server. `left` is cancelled when the organization is
    /// left.
    ///
    /// # Errors
    /// [`ErrorCode::Internal`], which would be a fault of the app.
    pub fn new(
        organization: Organization,
        api: Client,
        host: Arc<dyn Host>,
        left: CancellationToken,
        locks: Arc<UserLocks>,
    ) -> Result<Self> {
        let id = WorkspaceId::try_from(format!("w-{:016x}", rand::random::<u64>()))
            .map_err(|_| ErrorCode::Internal)?;
        Ok(Self {
            id,
            organization,
            api,
            store: DirectoryStore::new(Arc::clone(&host)),
            host,
            left,
            locks,
            users: Mutex::default(),
        })
    }

    /// Waits until no other task of this program reads or writes this user. A writer takes
    /// [`OrganizationContext::lock_user`].
    pub(super) async fn lock_user_here(&self, id: &UserId) -> OwnedMutexGuard<()> {
        let lock = {
            let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
            users.retain(|_, lock| Arc::strong_count(lock) > 1);
            users.entry(id.clone()).or_default().clone()
        };
        lock.lock_owned().await
    }

    /// Waits until no task of this program and no other program on this data directory reads or writes this
    /// user. The holder must not lock another user. If the data directory can't be locked, only the tasks of
    /// this program are excluded (contract/ezeep-api.md).
    ///
    /// # Errors
    /// [`ErrorCode::UserBusy`] if another program holds the user for [`LOCK_LIMIT`](super::LOCK_LIMIT).
    pub async fn lock_user(&self, id: &UserId) -> Result<UserLock> {
        let tasks = self.lock_user_here(id).await;
        Ok(UserLock {
            _programs: self.locks.lock(&self.organization.id, id).await?,
            _tasks: tasks,
        })
    }
}
