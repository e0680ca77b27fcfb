//! The keys of holders in the keychain, and their removal.

use std::collections::HashMap;
use std::sync::Arc;

use ezeep_auth::{RecordName, SecretStore, StoreError};
use ids::HolderId;
use tokio::sync::Mutex;
use vault::FileKey;

/// The keys of all holders.
pub struct Keys {
    pub(super) keychain: Arc<dyn SecretStore>,
    /// The keys that this process has used. One that is lost from the keychain is put back: with another key
    /// in its place, no existing file could be opened. Held during a keychain call, so that no key is put
    /// back after its removal.
    pub(super) used: Mutex<HashMap<HolderId, Arc<FileKey>>>,
}

impl Keys {
    pub fn new(keychain: Arc<dyn SecretStore>) -> Self {
        Self {
            keychain,
            used: Mutex::default(),
        }
    }

    /// Forgets the key that this process has used for a holder. The next one is the keychain's, or a new one.
    pub async fn release(&self, holder: &HolderId) {
        self.used.lock().await.remove(holder);
    }

    /// Removes the key of a holder.
    ///
    /// # Errors
    /// The keychain's.
    pub async fn remove(&self, holder: &HolderId) -> Result<(), StoreError> {
        let mut used = self.used.lock().await;
        used.remove(holder);
        self.keychain.delete_key(&name(holder)).await
    }
}

pub(super) fn name(holder: &HolderId) -> RecordName {
    RecordName::file_key(holder.as_str())
}
