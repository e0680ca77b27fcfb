//! The store of a sign-in that is not stored on disk, and of tests.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use vault::FileKey;
use zeroize::Zeroizing;

use super::error::StoreError;
use super::lock::{LockFiles, RecordLock};
use super::record::{Record, RecordName};
use super::secret_store::SecretStore;

/// A store in memory, lost with the process. It encodes records like the keychain does, with the same limits.
#[derive(Default)]
pub struct MemoryStore {
    records: Mutex<HashMap<String, Zeroizing<Vec<u8>>>>,
    locks: Option<LockFiles>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty store with record locks in files in `dir`, like the keychain's, so that one process can act
    /// as two programs.
    pub fn locking_in(dir: PathBuf) -> Self {
        Self {
            locks: Some(LockFiles::new(dir)),
            ..Self::default()
        }
    }
}

#[async_trait]
impl SecretStore for MemoryStore {
    async fn read(&self, name: &RecordName) -> Result<Option<Record>, StoreError> {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records
            .get(name.user())
            .map(|bytes| Record::from_bytes(bytes))
            .transpose()
    }

    async fn write(&self, name: &RecordName, record: &Record) -> Result<(), StoreError> {
        let bytes = record.to_bytes()?;
        self.records
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name.user().to_owned(), bytes);
        Ok(())
    }

    async fn delete(&self, name: &RecordName) -> Result<(), StoreError> {
        self.records
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(name.user());
        Ok(())
    }

    async fn read_key(&self, name: &RecordName) -> Result<Option<FileKey>, StoreError> {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let key = records.get(name.user()).map(|bytes| FileKey::from_bytes(bytes));
        Ok(key.transpose()?)
    }

    async fn write_key(&self, name: &RecordName, key: &FileKey) -> Result<(), StoreError> {
        self.records
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name.user().to_owned(), key.to_bytes());
        Ok(())
    }

    async fn delete_key(&self, name: &RecordName) -> Result<(), StoreError> {
        self.delete(name).await
    }

    async fn probe(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn lock(&self, name: &RecordName) -> Result<RecordLock, StoreError> {
        match &self.locks {
            Some(locks) => locks.take(name).await,
            None => Ok(RecordLock::not_needed()),
        }
    }
}
