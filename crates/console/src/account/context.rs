//! What the account's jobs work with: the services, the controller's handle, and the locks of the keychain
//! records.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ids::AccountId;
use tokio::sync::OwnedMutexGuard;

use super::controller_channel::{ControllerHandle, Message};
use super::live_account::LiveAccount;
use crate::services::Services;

/// What a job works with.
#[derive(Clone)]
pub struct Context {
    /// Settings, host, keychain, servers and disk.
    pub services: Arc<Services>,
    /// The owner of the state.
    pub controller: ControllerHandle,
    /// Held while a keychain record is restored, written or deleted.
    pub records: Arc<RecordLocks>,
}

impl Context {
    /// Adds an account to the live ones.
    pub async fn register(&self, account: &Arc<LiveAccount>) {
        let registered = self
            .controller
            .request(|reply| Message::Register(Arc::clone(account), reply));
        // Fails only while the process ends.
        let _ = registered.await;
    }

    /// The live account with this id.
    pub fn live(&self, id: &AccountId) -> Option<Arc<LiveAccount>> {
        self.controller.state().live.get(id).cloned()
    }
}

/// One lock for each account: two sessions of one record in one process would wait for each other's lock
/// file.
#[derive(Default)]
pub struct RecordLocks(Mutex<HashMap<AccountId, Arc<tokio::sync::Mutex<()>>>>);

impl RecordLocks {
    /// Waits for the account's lock.
    pub async fn lock(&self, id: &AccountId) -> OwnedMutexGuard<()> {
        let lock = {
            let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            locks.retain(|_, lock| Arc::strong_count(lock) > 1);
            Arc::clone(locks.entry(id.clone()).or_default())
        };
        lock.lock_owned().await
    }
}
