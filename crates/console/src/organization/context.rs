//! What every use case of an open organization needs. Knows no use case.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ezeep_api::Client;
use ids::{UserId, WorkspaceId};
use tokio_util::sync::CancellationToken;

use super::store::DirectoryStore;
use crate::error::{ErrorCode, Result};
use crate::host::Host;
use crate::wire::Organization;

/// An open organization: its client, its directory, its locks.
pub struct OrganizationContext {
    /// This opening of the organization. Another opening of the same one has another id.
    pub id: WorkspaceId,
    /// Which organization.
    pub organization: Organization,
    /// Speaks for this organization alone.
    pub api: Client,
    /// Receives the events.
    pub host: Arc<dyn Host>,
    /// Cancelled when the organization is left: reads and runs end.
    pub left: CancellationToken,
    /// What is known of its people and groups.
    pub store: DirectoryStore,
    users: Mutex<HashMap<UserId, Arc<tokio::sync::Mutex<()>>>>,
}

impl OrganizationContext {
    /// Opens an organization. Reads nothing from a server. `left` is cancelled when the organization is left.
    ///
    /// # Errors
    /// [`ErrorCode::Internal`], which would be a fault of the app.
    pub fn new(
        organization: Organization,
        api: Client,
        host: Arc<dyn Host>,
        left: CancellationToken,
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
            users: Mutex::default(),
        })
    }

    /// The lock under which a user's memberships and print settings are written and read back: two tasks never
    /// write one user at once (contract/ezeep-api.md).
    pub fn user_lock(&self, id: &UserId) -> Arc<tokio::sync::Mutex<()>> {
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        users.retain(|_, lock| Arc::strong_count(lock) > 1);
        users.entry(id.clone()).or_default().clone()
    }
}
