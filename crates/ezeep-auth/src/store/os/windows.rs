//! The Windows Credential Manager.

use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, Error as KeyringError};

use super::refusal::common_refusal;
use crate::store::error::StoreError;
use crate::store::record::RecordName;

pub(super) fn open() -> Result<Arc<CredentialStore>, StoreError> {
    let store = windows_native_keyring_store::Store::new().map_err(refusal)?;
    Ok(store)
}

/// Local: a roaming profile must not carry a refresh token to another computer (security.md 28).
pub(super) fn modifiers(_: &RecordName) -> Vec<(&str, &str)> {
    vec![("persistence", "Local")]
}

/// Does nothing: the keychain is open while the user is signed in to Windows.
pub(super) fn unlock(_: &Entry) -> Result<(), StoreError> {
    Ok(())
}

pub(super) fn refusal(error: KeyringError) -> StoreError {
    common_refusal(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    /// security.md 28.
    #[test]
    fn a_record_stays_on_this_computer() {
        let name = RecordName::probe(28);
        let modifiers: HashMap<&str, &str> = modifiers(&name).into_iter().collect();
        let entry = open()
            .unwrap()
            .build(RecordName::SERVICE, name.user(), Some(&modifiers))
            .unwrap();
        entry.set_secret(b"x").unwrap();
        let attributes = entry.get_attributes().unwrap();
        entry.delete_credential().unwrap();
        assert_eq!(attributes.get("persistence").map(String::as_str), Some("Local"));
    }
}
