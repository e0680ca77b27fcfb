//! The keys of accounts in the keychain, and their removal.

use std::collections::HashMap;
use std::sync::Arc;

use ezeep_auth::{RecordName, SecretStore, StoreError};
use ids::AccountId;
use tokio::sync::Mutex;
use vault::FileKey;

/// The keys of all accounts.
pub struct Keys {
    pub(super) keychain: Arc<dyn SecretStore>,
    /// Those that this process has used. One that the keychain loses meanwhile is put back: with another in
    /// its place, no file that exists could be opened again. Held during a keychain call, so that no key
    /// comes back after its removal.
    pub(super) used: Mutex<HashMap<AccountId, Arc<FileKey>>>,
}

impl Keys {
    pub fn new(keychain: Arc<dyn SecretStore>) -> Self {
        Self {
            keychain,
            used: Mutex::default(),
        }
    }

    /// Lets go of the key that this process has used for an account. The next one is what the keychain has, or
    /// a new one.
    pub async fn release(&self, account: &AccountId) {
        self.used.lock().await.remove(account);
    }

    /// Removes the key of an account.
    pub async fn remove(&self, account: &AccountId) -> Result<(), StoreError> {
        let mut used = self.used.lock().await;
        used.remove(account);
        self.keychain.delete_key(&name(account)).await
    }
}

pub(super) fn name(account: &AccountId) -> RecordName {
    RecordName::file_key(account.as_str())
}
