//! The login keychain of macOS: the data protection keychain would need a provisioning profile.

use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, Error as KeyringError};

use super::refusal::common_refusal;
use crate::store::error::StoreError;
use crate::store::record::RecordName;

pub(super) fn open() -> Result<Arc<CredentialStore>, StoreError> {
    let store = apple_native_keyring_store::keychain::Store::new().map_err(refusal)?;
    Ok(store)
}

pub(super) fn modifiers(_: &RecordName) -> Vec<(&str, &str)> {
    Vec::new()
}

/// Does nothing: the system asks for the password during the call itself.
pub(super) fn unlock(_: &Entry) -> Result<(), StoreError> {
    Ok(())
}

pub(super) fn refusal(error: KeyringError) -> StoreError {
    common_refusal(error)
}
