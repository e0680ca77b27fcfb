//! The native keychain: Secret Service, Windows Credential Manager or the macOS keychain, behind one thread.
//! Must never be called from an async thread directly, change two things at once, or keep the process from ending.

mod queue;

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(target_os = "windows", path = "windows.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
#[cfg_attr(
    not(any(target_os = "linux", target_os = "windows", target_os = "macos")),
    path = "other.rs"
)]
mod system;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use keyring_core::{CredentialStore, Entry, Error as KeyringError};
use rand::RngExt as _;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use self::queue::{Call, Job, Queue, Turn};
use super::lock::LockFiles;
use super::{FileKey, Record, RecordLock, RecordName, SecretStore, StoreError, StoreKind};

/// Long enough to type the password of a locked keychain when the system asks for it.
const LIMIT: Duration = Duration::from_secs(20);

/// The operating system's keychain. One thread of its own opens it at the first call and makes the calls, one after
/// the other; each call waits for its answer at most a limit (security.md 26). The thread is never joined, so a
/// keychain that hangs holds up neither the window nor the end of the process. A thread that hangs where nothing is
/// changed, at a prompt that nobody answers, is left behind and will not change anything any more.
pub struct OsStore {
    limit: Duration,
    locks: Option<LockFiles>,
    queue: Queue,
}

type Bytes = Option<Zeroizing<Vec<u8>>>;

impl OsStore {
    /// The keychain of the person who runs the app. Touches nothing yet.
    pub fn new() -> Self {
        Self::with_limit(LIMIT)
    }

    /// The same with another limit for each call; what waits in the queue counts.
    pub fn with_limit(limit: Duration) -> Self {
        Self {
            limit,
            locks: None,
            queue: Queue::default(),
        }
    }

    /// Locks records across processes through files in `dir`, which is made when it is needed: one empty file a
    /// record, named by a digest. Every process that uses the same records must be given the same folder. Without it
    /// nothing is locked.
    #[must_use]
    pub fn locking_in(self, dir: PathBuf) -> Self {
        Self {
            locks: Some(LockFiles::new(dir)),
            ..self
        }
    }

    /// How long a lock that another process holds is waited for; 45 seconds if this is not called. Comes after
    /// [`locking_in`](Self::locking_in).
    #[must_use]
    pub fn lock_limit(self, limit: Duration) -> Self {
        Self {
            locks: self.locks.map(|locks| locks.with_limit(limit)),
            ..self
        }
    }

    async fn call(&self, call: Call) -> Result<Bytes, StoreError> {
        let (done, answer) = oneshot::channel();
        self.queue.give(Job { call, done }, self.limit, work)?;
        match tokio::time::timeout(self.limit, answer).await {
            Ok(Ok(outcome)) => outcome,
            // The thread fell over in the middle of it; the next call starts another.
            Ok(Err(_)) => Err(StoreError::Unavailable {
                reason: "the keychain library failed".into(),
            }),
            Err(_) => Err(StoreError::TimedOut),
        }
    }
}

impl Default for OsStore {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl SecretStore for OsStore {
    async fn read(&self, name: &RecordName) -> Result<Option<Record>, StoreError> {
        let bytes = self.call(Call::Read(name.clone())).await?;
        bytes.map(|bytes| Record::from_bytes(&bytes)).transpose()
    }

    async fn write(&self, name: &RecordName, record: &Record) -> Result<(), StoreError> {
        self.call(Call::Write(name.clone(), record.to_bytes()?))
            .await
            .map(drop)
    }

    async fn delete(&self, name: &RecordName) -> Result<(), StoreError> {
        self.call(Call::Delete(name.clone())).await.map(drop)
    }

    async fn read_key(&self, name: &RecordName) -> Result<Option<FileKey>, StoreError> {
        let bytes = self.call(Call::Read(name.clone())).await?;
        bytes.map(|bytes| FileKey::from_bytes(&bytes)).transpose()
    }

    async fn write_key(&self, name: &RecordName, key: &FileKey) -> Result<(), StoreError> {
        self.call(Call::Write(name.clone(), key.to_bytes()))
            .await
            .map(drop)
    }

    async fn delete_key(&self, name: &RecordName) -> Result<(), StoreError> {
        self.call(Call::Delete(name.clone())).await.map(drop)
    }

    async fn probe(&self) -> Result<(), StoreError> {
        let name = RecordName::probe(rand::rng().random());
        self.call(Call::Probe(name)).await.map(drop)
    }

    fn kind(&self) -> StoreKind {
        StoreKind::Keychain
    }

    async fn lock(&self, name: &RecordName) -> Result<RecordLock, StoreError> {
        match &self.locks {
            Some(locks) => locks.take(name).await,
            None => Ok(RecordLock::not_needed()),
        }
    }
}

/// The thread: one job after the other, until nobody wants more of it.
fn work(turns: &mut dyn Iterator<Item = Turn>) {
    let mut store: Option<Arc<CredentialStore>> = None;
    for turn in turns {
        let mut outcome = match &store {
            Some(open) => perform(open, &turn),
            None => Err(StoreError::Unavailable {
                reason: String::new(),
            }),
        };
        // Not open yet, or the service was restarted and no longer knows the connection. Every call can be repeated;
        // one that the person refused is not, or they would be asked twice.
        if matches!(
            outcome,
            Err(StoreError::Unavailable { .. } | StoreError::Absent { .. } | StoreError::Refused { .. })
        ) {
            store = None;
            outcome = system::open().and_then(|open| perform(store.insert(open), &turn));
        }
        turn.done(outcome);
    }
}

fn perform(store: &Arc<CredentialStore>, turn: &Turn) -> Result<Bytes, StoreError> {
    match turn.call() {
        Call::Read(name) => read(store, name),
        Call::Write(name, bytes) => write(store, name, bytes, turn).map(|()| None),
        Call::Delete(name) => delete(store, name, turn).map(|()| None),
        Call::Probe(name) => {
            let bytes: Vec<u8> = name.user().bytes().rev().collect();
            write(store, name, &bytes, turn)?;
            let back = read(store, name);
            delete(store, name, turn)?;
            match back? {
                Some(back) if *back == bytes => Ok(None),
                _ => Err(StoreError::NotKept),
            }
        }
    }
}

fn read(store: &Arc<CredentialStore>, name: &RecordName) -> Result<Bytes, StoreError> {
    match entry(store, name)?.get_secret() {
        Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
        Err(KeyringError::NoEntry) => Ok(None),
        Err(error) => Err(system::refusal(error)),
    }
}

fn write(
    store: &Arc<CredentialStore>,
    name: &RecordName,
    bytes: &[u8],
    turn: &Turn,
) -> Result<(), StoreError> {
    let entry = entry(store, name)?;
    system::unlock(&entry)?;
    turn.change(|| entry.set_secret(bytes).map_err(system::refusal))
}

fn delete(store: &Arc<CredentialStore>, name: &RecordName, turn: &Turn) -> Result<(), StoreError> {
    let entry = entry(store, name)?;
    system::unlock(&entry)?;
    turn.change(|| match entry.delete_credential() {
        Ok(()) | Err(KeyringError::NoEntry) => Ok(()),
        Err(error) => Err(system::refusal(error)),
    })
}

fn entry(store: &Arc<CredentialStore>, name: &RecordName) -> Result<Entry, StoreError> {
    let modifiers: HashMap<&str, &str> = system::modifiers(name).into_iter().collect();
    store
        .build(RecordName::SERVICE, name.user(), Some(&modifiers))
        .map_err(system::refusal)
}

/// What the library's errors mean on every system. Its words never hold the secret, except in the errors whose data is
/// dropped here.
fn common_refusal(error: KeyringError) -> StoreError {
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
