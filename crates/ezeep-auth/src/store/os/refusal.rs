//! What the keychain library's errors mean.

use keyring_core::Error as KeyringError;

use crate::store::error::StoreError;

/// The meaning of the library's errors on all systems. Their messages never contain the secret, except in the
/// errors whose data is dropped here.
pub(super) fn common_refusal(error: KeyringError) -> StoreError {
    match error {
        KeyringError::NoStorageAccess(cause) => StoreError::Locked {
            reason: cause.to_string(),
        },
        KeyringError::Ambiguous(_) => StoreError::Ambiguous,
        KeyringError::BadEncoding(_) | KeyringError::BadDataFormat(..) => StoreError::Damaged,
        KeyringError::PlatformFailure(cause) => StoreError::Refused {
            reason: cause.to_string(),
        },
        other => StoreError::Refused {
            reason: other.to_string(),
        },
    }
}
