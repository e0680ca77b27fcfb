//! A keychain whose answers can be made to differ from its contents.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use console::{MemoryStore, SecretStore};
use ezeep_auth::{Record, RecordName, StoreError};
use vault::FileKey;

/// Answers that differ from its contents.
#[derive(Clone, PartialEq)]
pub enum Says {
    Nothing,
    Fails(StoreError),
}

/// Sign-in records and keys can each be made to fail.
#[derive(Default)]
pub struct Keychain {
    pub inside: MemoryStore,
    pub record: Mutex<Option<Says>>,
    pub key: Mutex<Option<Says>>,
    /// No key is deleted, as by a keychain that is locked.
    pub keeps_keys: AtomicBool,
}

fn said<T>(says: &Mutex<Option<Says>>) -> Option<Result<Option<T>, StoreError>> {
    says.lock().unwrap().clone().map(|says| match says {
        Says::Nothing => Ok(None),
        Says::Fails(error) => Err(error),
    })
}

#[async_trait]
impl SecretStore for Keychain {
    async fn read(&self, name: &RecordName) -> Result<Option<Record>, StoreError> {
        match said(&self.record) {
            Some(says) => says,
            None => self.inside.read(name).await,
        }
    }
    async fn write(&self, name: &RecordName, record: &Record) -> Result<(), StoreError> {
        // New writes are kept.
        *self.record.lock().unwrap() = None;
        self.inside.write(name, record).await
    }
    async fn delete(&self, name: &RecordName) -> Result<(), StoreError> {
        self.inside.delete(name).await
    }
    async fn read_key(&self, name: &RecordName) -> Result<Option<FileKey>, StoreError> {
        match said(&self.key) {
            Some(says) => says,
            None => self.inside.read_key(name).await,
        }
    }
    async fn write_key(&self, name: &RecordName, key: &FileKey) -> Result<(), StoreError> {
        *self.key.lock().unwrap() = None;
        self.inside.write_key(name, key).await
    }
    async fn delete_key(&self, name: &RecordName) -> Result<(), StoreError> {
        if self.keeps_keys.load(Ordering::SeqCst) {
            let reason = "locked".into();
            return Err(StoreError::Locked { reason });
        }
        self.inside.delete_key(name).await
    }
    async fn probe(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
