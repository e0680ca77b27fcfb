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
    /// The keys that this process has used. One that is lost from the keychain is put back: with another key
    /// in its place, no existing file could be opened. Held during a keychain call, so that no key is put
    /// back after its removal.
    pub(super) used: Mutex<HashMap<AccountId, Arc<FileKey>>>,
}

impl Keys {
    pub fn new(keychain: Arc<dyn SecretStore>) -> Self {
        Self {
            keychain,
            used: Mutex::default(),
        }
    }

    /// Forgets the key that this process has used for an account. The next one is the keychain's, or a new
    /// one.
    pub async fn release(&self, account: &AccountId) {
        self.used.lock().await.remove(account);
    }

    /// Removes the key of an account.
    ///
    /// # Errors
    /// The keychain's.
    pub async fn remove(&self, account: &AccountId) -> Result<(), StoreError> {
        let mut used = self.used.lock().await;
        used.remove(account);
        self.keychain.delete_key(&name(account)).await
    }
}

pub(super) fn name(account: &AccountId) -> RecordName {
    RecordName::file_key(account.as_str())
}
