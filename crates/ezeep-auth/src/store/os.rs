//! The native keychain: Secret Service, Windows Credential Manager or the macOS keychain, behind one thread.
//! Must never be called from an async thread directly, run two calls at once, or keep the process from ending.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use keyring_core::{CredentialStore, Entry, Error as KeyringError};
use rand::RngExt as _;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::lock::LockFiles;
use super::{Record, RecordLock, RecordName, SecretStore, StoreError, StoreKind};

/// Long enough to type the password of a locked keychain when the system asks for it.
const LIMIT: Duration = Duration::from_secs(20);

/// The operating system's keychain. One thread of its own opens it at the first call and makes the calls, one after
/// the other; each call waits for its answer at most a limit (security.md 26). The thread is never joined, so a
/// keychain that hangs holds up neither the window nor the end of the process.
pub struct OsStore {
    limit: Duration,
    locks: Option<LockFiles>,
    jobs: Mutex<Option<Sender<Job>>>,
}

struct Job {
    call: Call,
    done: oneshot::Sender<Result<Option<Zeroizing<Vec<u8>>>, StoreError>>,
}

enum Call {
    Read(RecordName),
    Write(RecordName, Zeroizing<Vec<u8>>),
    Delete(RecordName),
    Probe(RecordName),
}

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
            jobs: Mutex::new(None),
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

    async fn call(&self, call: Call) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let (done, answer) = oneshot::channel();
        self.send(Job { call, done })?;
        match tokio::time::timeout(self.limit, answer).await {
            Ok(Ok(outcome)) => outcome,
            // The thread fell over in the middle of it; the next call starts another.
            Ok(Err(_)) => Err(StoreError::Unavailable {
                reason: "the keychain library failed".into(),
            }),
            Err(_) => Err(StoreError::TimedOut),
        }
    }

    fn send(&self, job: Job) -> Result<(), StoreError> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let job = match jobs.as_ref() {
            Some(running) => match running.send(job) {
                Ok(()) => return Ok(()),
                Err(mpsc::SendError(job)) => job,
            },
            None => job,
        };
        let (sender, receiver) = mpsc::channel();
        std::thread::Builder::new()
            .name("keychain".into())
            .spawn(move || work(&receiver))
            .map_err(|error| StoreError::Unavailable {
                reason: error.kind().to_string(),
            })?;
        let sent = sender.send(job).map_err(|_| StoreError::Unavailable {
            reason: "no keychain thread".into(),
        });
        *jobs = Some(sender);
        sent
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

fn work(jobs: &Receiver<Job>) {
    let mut store: Option<Arc<CredentialStore>> = None;
    while let Ok(Job { call, done }) = jobs.recv() {
        // Whoever gave up on a call that had not begun must not see it happen later.
        if done.is_closed() {
            continue;
        }
        let mut outcome = match &store {
            Some(open) => perform(open, &call),
            None => Err(StoreError::Unavailable {
                reason: String::new(),
            }),
        };
        // Not open yet, or the service was restarted and no longer knows the connection. Every call can be repeated.
        if matches!(outcome, Err(StoreError::Unavailable { .. })) {
            store = None;
            outcome = open().and_then(|open| perform(store.insert(open), &call));
        }
        let _ = done.send(outcome);
    }
}

fn perform(store: &Arc<CredentialStore>, call: &Call) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
    match call {
        Call::Read(name) => read(store, name),
        Call::Write(name, bytes) => write(store, name, bytes).map(|()| None),
        Call::Delete(name) => delete(store, name).map(|()| None),
        Call::Probe(name) => {
            let bytes: Vec<u8> = name.user().bytes().rev().collect();
            write(store, name, &bytes)?;
            let back = read(store, name);
            delete(store, name)?;
            match back? {
                Some(back) if *back == bytes => Ok(None),
                _ => Err(StoreError::NotKept),
            }
        }
    }
}

fn read(store: &Arc<CredentialStore>, name: &RecordName) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
    match entry(store, name)?.get_secret() {
        Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
        Err(KeyringError::NoEntry) => Ok(None),
        Err(error) => Err(refusal(error)),
    }
}

fn write(store: &Arc<CredentialStore>, name: &RecordName, bytes: &[u8]) -> Result<(), StoreError> {
    entry(store, name)?.set_secret(bytes).map_err(refusal)
}

fn delete(store: &Arc<CredentialStore>, name: &RecordName) -> Result<(), StoreError> {
    match entry(store, name)?.delete_credential() {
        Ok(()) | Err(KeyringError::NoEntry) => Ok(()),
        Err(error) => Err(refusal(error)),
    }
}

fn entry(store: &Arc<CredentialStore>, name: &RecordName) -> Result<Entry, StoreError> {
    let modifiers: HashMap<&str, &str> = modifiers(name).into_iter().collect();
    store
        .build(RecordName::SERVICE, name.user(), Some(&modifiers))
        .map_err(refusal)
}

/// The library's words for it never hold the secret, except in the errors whose data is dropped here.
fn refusal(error: KeyringError) -> StoreError {
    match error {
        KeyringError::NoStorageAccess(cause) => StoreError::Locked {
            reason: cause.to_string(),
        },
        KeyringError::Ambiguous(_) => StoreError::Ambiguous,
        KeyringError::BadEncoding(_) | KeyringError::BadDataFormat(..) => StoreError::Damaged,
        KeyringError::PlatformFailure(cause) => StoreError::Unavailable {
            reason: cause.to_string(),
        },
        other => StoreError::Unavailable {
            reason: other.to_string(),
        },
    }
}

#[cfg(target_os = "linux")]
fn open() -> Result<Arc<CredentialStore>, StoreError> {
    let store = zbus_secret_service_keyring_store::Store::new().map_err(refusal)?;
    Ok(store)
}

#[cfg(target_os = "linux")]
fn modifiers(name: &RecordName) -> Vec<(&str, &str)> {
    vec![("label", name.label())]
}

#[cfg(target_os = "windows")]
fn open() -> Result<Arc<CredentialStore>, StoreError> {
    let store = windows_native_keyring_store::Store::new().map_err(refusal)?;
    Ok(store)
}

/// Local: a roaming profile must not carry a refresh token to another computer (security.md 28).
#[cfg(target_os = "windows")]
fn modifiers(_: &RecordName) -> Vec<(&str, &str)> {
    vec![("persistence", "Local")]
}

/// The login keychain: the data protection keychain wants a provisioning profile.
#[cfg(target_os = "macos")]
fn open() -> Result<Arc<CredentialStore>, StoreError> {
    let store = apple_native_keyring_store::keychain::Store::new().map_err(refusal)?;
    Ok(store)
}

#[cfg(target_os = "macos")]
fn modifiers(_: &RecordName) -> Vec<(&str, &str)> {
    Vec::new()
}

#[cfg(not(any(target_os = "linux", target_os = "windows", target_os = "macos")))]
fn open() -> Result<Arc<CredentialStore>, StoreError> {
    Err(StoreError::Unavailable {
        reason: "no keychain is known on this system".into(),
    })
}

#[cfg(not(any(target_os = "linux", target_os = "windows", target_os = "macos")))]
fn modifiers(_: &RecordName) -> Vec<(&str, &str)> {
    Vec::new()
}
