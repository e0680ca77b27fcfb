//! What the jobs of the account work with: the services, the way to the owner, and the locks of the records.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ids::AccountId;
use tokio::sync::OwnedMutexGuard;

use super::live_account::LiveAccount;
use super::owner::{Message, Owner};
use crate::services::Services;

/// What a job works with.
#[derive(Clone)]
pub struct Context {
    /// The outside.
    pub services: Arc<Services>,
    /// Who decides.
    pub owner: Owner,
    /// Held while a record of the keychain is taken up, written or ended.
    pub records: Arc<RecordLocks>,
}

impl Context {
    /// Makes an account one of the live ones.
    pub async fn register(&self, account: &Arc<LiveAccount>) {
        let registered = self
            .owner
            .ask(|reply| Message::Register(Arc::clone(account), reply));
        // Fails only while the process ends.
        let _ = registered.await;
    }

    /// The live account with this id.
    pub fn live(&self, id: &AccountId) -> Option<Arc<LiveAccount>> {
        self.owner.state().live.get(id).cloned()
    }
}

/// One lock an account: two sessions of one record in one process would wait for each other's lock file.
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
