//! What a session needs from the store of its record.

use async_trait::async_trait;
use vault::FileKey;

use super::error::StoreError;
use super::lock::RecordLock;
use super::record::{Record, RecordName};

/// Stores one [`Record`] for each name. After `write` has returned `Ok`, the record is durable.
#[async_trait]
pub trait SecretStore: Send + Sync + 'static {
    /// The record of this name, if there is one.
    ///
    /// # Errors
    /// [`StoreError`], here and below.
    async fn read(&self, name: &RecordName) -> Result<Option<Record>, StoreError>;
    /// Stores the record, in place of another. After a failure the old one is still there, unless the store
    /// timed out.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn write(&self, name: &RecordName, record: &Record) -> Result<(), StoreError>;
    /// Removes the record. A missing one is no error.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn delete(&self, name: &RecordName) -> Result<(), StoreError>;
    /// The key of this name ([`RecordName::file_key`]), if there is one. A store without keys has none.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn read_key(&self, name: &RecordName) -> Result<Option<FileKey>, StoreError> {
        let _ = name;
        Ok(None)
    }
    /// Stores the key.
    ///
    /// # Errors
    /// [`StoreError::Refused`] from a store without keys; otherwise as `write`.
    async fn write_key(&self, name: &RecordName, key: &FileKey) -> Result<(), StoreError> {
        let _ = (name, key);
        Err(StoreError::Refused {
            reason: "this store keeps no keys".into(),
        })
    }
    /// Removes the key. A missing one is no error.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn delete_key(&self, name: &RecordName) -> Result<(), StoreError> {
        let _ = name;
        Ok(())
    }
    /// Writes, reads back and removes a record of its own, to detect a broken store early (security.md 29).
    ///
    /// # Errors
    /// [`StoreError`]: what is wrong with the store.
    async fn probe(&self) -> Result<(), StoreError>;
    /// Locks this record against all other processes until the lock is dropped (security.md 32). What was
    /// read before is outdated: read again. A store within one process needs no lock, and returns one without
    /// effect.
    ///
    /// # Errors
    /// [`StoreError::Busy`], [`StoreError::NoLock`].
    async fn lock(&self, name: &RecordName) -> Result<RecordLock, StoreError> {
        let _ = name;
        Ok(RecordLock::not_needed())
    }
}
