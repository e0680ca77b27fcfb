//! Where a sign-in is kept: the store trait, its two stores, and the record they hold.
//! Must never write a secret anywhere but into the native keychain (security.md 25), nor print one.

mod key;
mod lock;
mod os;
mod record;

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use zeroize::Zeroizing;

pub use key::FileKey;
pub(crate) use lock::LockFiles;
pub use lock::RecordLock;
pub use os::OsStore;
pub use record::{Record, RecordName};

/// Why a store did not do what it was asked. Cheap to clone, so that everyone who waits can be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// This computer has no keychain service, or this session can't reach one. It may come later.
    #[error("there is no keychain: {reason}")]
    Absent {
        /// The system's words.
        reason: String,
    },
    /// The keychain fell over in the middle of it.
    #[error("the keychain failed: {reason}")]
    Unavailable {
        /// The system's words.
        reason: String,
    },
    /// The keychain answered that it won't: read-only, full, not allowed.
    #[error("the keychain refuses: {reason}")]
    Refused {
        /// The system's words.
        reason: String,
    },
    /// The keychain service is there, but no keyring was ever made in it: there is nothing to unlock.
    #[error("the keychain has no keyring yet")]
    NoKeyring,
    /// The keychain is locked and the person did not unlock it.
    #[error("the keychain is locked: {reason}")]
    Locked {
        /// The system's words.
        reason: String,
    },
    /// No answer within the limit: a keychain that hangs, or a question to the person that nobody has answered. What
    /// had not begun will not happen any more; a write that had begun may, in the order of the calls.
    #[error("the keychain did not answer in time")]
    TimedOut,
    /// The record is larger than every system's keychain takes (security.md 27).
    #[error("the record has {bytes} bytes, the keychain takes {most}")]
    TooLarge {
        /// It has.
        bytes: usize,
        /// It may have.
        most: usize,
    },
    /// Two records of the same name: which one is ours can't be told.
    #[error("the keychain holds more than one record of this name")]
    Ambiguous,
    /// What the keychain holds under this name is not a record of this app's making.
    #[error("the record is damaged or of another version")]
    Damaged,
    /// What was read back is not what was written (security.md 29).
    #[error("the keychain did not keep what was written")]
    NotKept,
    /// Another process works on this record, and did not finish within the limit. Nothing was spent.
    #[error("another process is using this record")]
    Busy,
    /// The lock that keeps other processes off can't be made: a read-only folder, or one that knows no locks. Nothing
    /// is spent without it (security.md 32).
    #[error("no lock file can be used in {}: {kind}", folder.display())]
    NoLock {
        /// Where it was tried.
        folder: PathBuf,
        /// The system's reason.
        kind: io::ErrorKind,
    },
}

/// Which kind of place a store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreKind {
    /// The operating system's: survives the process.
    Keychain,
    /// Gone with the process.
    Memory,
}

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
    /// Which kind of place this is.
    fn kind(&self) -> StoreKind;
    /// Keeps every other process off this record until the lock is dropped (security.md 32). What was read before is
    /// old: read again. A store that lives in one process needs no lock, and gives one that keeps nobody off.
    async fn lock(&self, name: &RecordName) -> Result<RecordLock, StoreError> {
        let _ = name;
        Ok(RecordLock::not_needed())
    }
}

/// A store that forgets everything with the process. It keeps bytes like the keychain does, limits and all.
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

    /// An empty store whose records are locked by files in `dir`, like the keychain's, so that one process
    /// can play two programs.
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
        records
            .get(name.user())
            .map(|bytes| FileKey::from_bytes(bytes))
            .transpose()
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

    fn kind(&self) -> StoreKind {
        StoreKind::Memory
    }

    async fn lock(&self, name: &RecordName) -> Result<RecordLock, StoreError> {
        match &self.locks {
            Some(locks) => locks.take(name).await,
            None => Ok(RecordLock::not_needed()),
        }
    }
}
