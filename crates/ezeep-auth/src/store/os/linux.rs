//! The Secret Service of Linux desktops, through its library. Owns what its errors mean, so that the user is
//! told whether there is no keychain, one without a keyring, a locked one, or one that refuses (security.md
//! 25, 29).

use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, Error as KeyringError};
use secret_service::blocking::SecretService;
use secret_service::{EncryptionType, Error as ServiceError};
use zbus::fdo::Error as BusError;

use super::refusal::common_refusal;
use crate::store::error::StoreError;
use crate::store::record::RecordName;

pub(super) fn open() -> Result<Arc<CredentialStore>, StoreError> {
    let store = zbus_secret_service_keyring_store::Store::new().map_err(refusal)?;
    Ok(store)
}

pub(super) fn modifiers(name: &RecordName) -> Vec<(&str, &str)> {
    vec![("label", name.label())]
}

/// Unlocks the keychain of the entry, or of a new entry. The system may ask the user for a password, which
/// may take any time; nothing is changed meanwhile.
pub(super) fn unlock(entry: &Entry) -> Result<(), StoreError> {
    match entry.get_credential() {
        Ok(_) => Ok(()),
        Err(KeyringError::NoEntry) => unlock_default().map_err(|error| meaning(&error)),
        Err(error) => Err(refusal(error)),
    }
}

fn unlock_default() -> Result<(), ServiceError> {
    let service = SecretService::connect(EncryptionType::Plain)?;
    let collection = service.get_default_collection()?;
    if collection.is_locked()? {
        collection.unlock()?;
    }
    Ok(())
}

pub(super) fn refusal(error: KeyringError) -> StoreError {
    let cause = match &error {
        KeyringError::PlatformFailure(cause) | KeyringError::NoStorageAccess(cause) => cause,
        _ => return common_refusal(error),
    };
    match cause.downcast_ref::<ServiceError>() {
        Some(cause) => meaning(cause),
        None => common_refusal(error),
    }
}

fn meaning(error: &ServiceError) -> StoreError {
    let reason = error.to_string();
    match error {
        ServiceError::Unavailable => StoreError::Absent { reason },
        // The alias "default" refers to nothing: no keyring was ever made.
        ServiceError::NoResult => StoreError::NoKeyring,
        ServiceError::Locked | ServiceError::Prompt => StoreError::Locked { reason },
        ServiceError::PromptDisconnected => StoreError::Unavailable { reason },
        ServiceError::Zbus(error) => bus_meaning(error, reason),
        ServiceError::ZbusFdo(error) => fault_meaning(error, reason),
        _ => StoreError::Refused { reason },
    }
}

/// No bus, no service on it, one that failed, or one that refused.
fn bus_meaning(error: &zbus::Error, reason: String) -> StoreError {
    match error {
        zbus::Error::Address(_) | zbus::Error::Connection(..) | zbus::Error::Handshake(_) => {
            StoreError::Absent { reason }
        }
        zbus::Error::InputOutput(_) => StoreError::Unavailable { reason },
        zbus::Error::FDO(error) => fault_meaning(error, reason),
        zbus::Error::MethodError(name, ..) => {
            let name = name.as_str();
            match name.strip_prefix("org.freedesktop.DBus.Error.") {
                Some("ServiceUnknown" | "NameHasNoOwner") => StoreError::Absent { reason },
                Some(spawn) if spawn.starts_with("Spawn.") => StoreError::Absent { reason },
                Some("NoReply" | "Disconnected") => StoreError::Unavailable { reason },
                _ if name == "org.freedesktop.Secret.Error.IsLocked" => StoreError::Locked { reason },
                _ => StoreError::Refused { reason },
            }
        }
        _ => StoreError::Refused { reason },
    }
}

fn fault_meaning(error: &BusError, reason: String) -> StoreError {
    match error {
        BusError::ServiceUnknown(_) | BusError::NameHasNoOwner(_) => StoreError::Absent { reason },
        BusError::NoReply(_) | BusError::Disconnected(_) => StoreError::Unavailable { reason },
        BusError::ZBus(error) => bus_meaning(error, reason),
        _ => StoreError::Refused { reason },
    }
}
