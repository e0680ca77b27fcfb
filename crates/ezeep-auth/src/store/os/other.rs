//! A system without a known keychain: there is none.

use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, Error as KeyringError};

use super::refusal::common_refusal;
use crate::store::error::StoreError;
use crate::store::record::RecordName;

pub(super) fn open() -> Result<Arc<CredentialStore>, StoreError> {
    Err(StoreError::Absent {
        reason: "no keychain is known on this system".into(),
    })
}

pub(super) fn modifiers(_: &RecordName) -> Vec<(&str, &str)> {
    Vec::new()
}

pub(super) fn unlock(_: &Entry) -> Result<(), StoreError> {
    Ok(())
}

pub(super) fn refusal(error: KeyringError) -> StoreError {
    common_refusal(error)
}
