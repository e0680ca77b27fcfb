//! What a session needs of the place where its record is kept.

use async_trait::async_trait;
use vault::FileKey;

use super::error::StoreError;
use super::lock::RecordLock;
use super::record::{Record, RecordName};

/// Keeps one [`Record`] a name. What `write` returned `Ok` for is durable.
#[async_trait]
pub trait SecretStore: Send + Sync + 'static {
    /// The record of this name, if there is one.
    async fn read(&self, name: &RecordName) -> Result<Option<Record>, StoreError>;
    /// Puts the record there, in place of another. On failure the old one stays, unless the store timed out.
    async fn write(&self, name: &RecordName, record: &Record) -> Result<(), StoreError>;
    /// Removes it; that there is none is fine.
    async fn delete(&self, name: &RecordName) -> Result<(), StoreError>;
    /// The key of this name ([`RecordName::file_key`]), if there is one. A store that keeps no keys has none.
    async fn read_key(&self, name: &RecordName) -> Result<Option<FileKey>, StoreError> {
        let _ = name;
        Ok(None)
    }
    /// Puts the key there. A store that keeps no keys refuses.
    async fn write_key(&self, name: &RecordName, key: &FileKey) -> Result<(), StoreError> {
        let _ = (name, key);
        Err(StoreError::Refused {
            reason: "this store keeps no keys".into(),
        })
    }
    /// Removes the key; that there is none is fine.
    async fn delete_key(&self, name: &RecordName) -> Result<(), StoreError> {
        let _ = name;
        Ok(())
    }
    /// Writes, reads back and removes a record of its own, so that a broken store is known before it matters
    /// (security.md 29).
    async fn probe(&self) -> Result<(), StoreError>;
    /// Keeps every other process off this record until the lock is dropped (security.md 32). What was read before is
    /// old: read again. A store that lives in one process needs no lock, and gives one that keeps nobody off.
    async fn lock(&self, name: &RecordName) -> Result<RecordLock, StoreError> {
        let _ = name;
        Ok(RecordLock::not_needed())
    }
}
