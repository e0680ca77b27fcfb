//! The native keychain: Secret Service, Windows Credential Manager or the macOS keychain, behind one thread.
//! Must never be called from an async thread directly, make two changes at once, or keep the process from
//! ending.

mod queue;
mod refusal;

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
use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;
use vault::FileKey;
use zeroize::Zeroizing;

use self::queue::{ActiveJob, Bytes, Call, Job, Queue};
use super::error::StoreError;
use super::lock::{LockFiles, RecordLock};
use super::record::{Record, RecordName};
use super::secret_store::SecretStore;

/// Long enough to type the password of a locked keychain when the system asks for it.
const LIMIT: Duration = Duration::from_secs(20);

/// The operating system's keychain. Its own thread opens it at the first call and makes the calls, one after
/// the other; each call waits for its answer at most the limit (security.md 26). The thread is never joined,
/// so a keychain that hangs delays neither the window nor the end of the process. A thread that hangs in a
/// call that changes nothing, for example at a prompt, is abandoned and makes no changes any more.
pub struct OsStore {
    limit: Duration,
    locks: Option<LockFiles>,
    queue: Queue,
}

impl OsStore {
    /// The keychain of the user who runs the app. Makes no call yet.
    pub fn new() -> Self {
        Self::with_limit(LIMIT)
    }

    /// The same with another limit for each call, including its time in the queue.
    pub fn with_limit(limit: Duration) -> Self {
        Self {
            limit,
            locks: None,
            queue: Queue::default(),
        }
    }

    /// Locks records across processes by files in `dir`, which is made when needed: one empty file for each
    /// record, named by a digest. All processes with the same records must use the same folder. Without it
    /// nothing is locked.
    #[must_use]
    pub fn locking_in(self, dir: PathBuf) -> Self {
        Self {
            locks: Some(LockFiles::new(dir)),
            ..self
        }
    }

    /// How long to wait for a lock that another process holds; 45 seconds by default. Call it after
    /// [`locking_in`](Self::locking_in).
    #[must_use]
    pub fn lock_limit(self, limit: Duration) -> Self {
        Self {
            locks: self.locks.map(|locks| locks.with_limit(limit)),
            ..self
        }
    }

    /// The record name for the probe. It is the same at each start, so that a probe overwrites and removes
    /// the record of a killed process. It is locked, because another process's probe would remove the record.
    /// Without a lock the name is random.
    async fn probe_name(&self) -> (RecordName, Option<RecordLock>) {
        if let Some(locks) = &self.locks {
            let digest = Sha256::digest(locks.dir().as_os_str().as_encoded_bytes());
            let number = digest
                .iter()
                .take(8)
                .fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
            let name = RecordName::probe(number);
            // A process whose probe hangs keeps the lock.
            match tokio::time::timeout(self.limit, locks.take(&name)).await {
                Ok(Ok(lock)) => return (name, Some(lock)),
                Ok(Err(error)) => tracing::warn!(%error, "the keychain is probed without a lock"),
                Err(_) => tracing::warn!("another process holds the probe of the keychain"),
            }
        }
        (RecordName::probe(rand::rng().random()), None)
    }

    async fn call(&self, call: Call) -> Result<Bytes, StoreError> {
        let (done, answer) = oneshot::channel();
        self.queue.push(Job { call, done }, self.limit, work)?;
        match tokio::time::timeout(self.limit, answer).await {
            Ok(Ok(outcome)) => outcome,
            // The thread panicked during the call; the next call starts another.
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
        Ok(bytes.map(|bytes| FileKey::from_bytes(&bytes)).transpose()?)
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
        let (name, lock) = self.probe_name().await;
        self.call(Call::Probe(name, lock)).await.map(drop)
    }

    async fn lock(&self, name: &RecordName) -> Result<RecordLock, StoreError> {
        match &self.locks {
            Some(locks) => locks.take(name).await,
            None => Ok(RecordLock::not_needed()),
        }
    }
}

/// The thread: one job after the other, until the queue is dropped.
fn work(jobs: &mut dyn Iterator<Item = ActiveJob>) {
    let mut store: Option<Arc<CredentialStore>> = None;
    for job in jobs {
        let mut outcome = match &store {
            Some(open) => run_call(open, &job),
            None => Err(StoreError::Unavailable {
                reason: String::new(),
            }),
        };
        // Not open yet, or the service was restarted and no longer knows the connection. Each call can be
        // repeated, except one that the user refused: the prompt would appear twice.
        if matches!(
            outcome,
            Err(StoreError::Unavailable { .. } | StoreError::Absent { .. } | StoreError::Refused { .. })
        ) {
            store = None;
            outcome = system::open().and_then(|open| run_call(store.insert(open), &job));
        }
        job.done(outcome);
    }
}

fn run_call(store: &Arc<CredentialStore>, job: &ActiveJob) -> Result<Bytes, StoreError> {
    match job.call() {
        Call::Read(name) => read(store, name),
        Call::Write(name, bytes) => write(store, name, bytes, job).map(|()| None),
        Call::Delete(name) => {
            let entry = unlocked(store, name)?;
            job.change(|| delete(&entry)).map(|()| None)
        }
        Call::Probe(name, _held) => {
            let bytes: Vec<u8> = name.user().bytes().rev().collect();
            write(store, name, &bytes, job)?;
            let back = read(store, name);
            let entry = unlocked(store, name)?;
            job.tidy(|| delete(&entry))?;
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
    job: &ActiveJob,
) -> Result<(), StoreError> {
    let entry = unlocked(store, name)?;
    job.change(|| entry.set_secret(bytes).map_err(system::refusal))
}

/// Unlocks the keychain if it is locked. The system prompts the user; nothing is changed.
fn unlocked(store: &Arc<CredentialStore>, name: &RecordName) -> Result<Entry, StoreError> {
    let entry = entry(store, name)?;
    system::unlock(&entry)?;
    Ok(entry)
}

fn delete(entry: &Entry) -> Result<(), StoreError> {
    match entry.delete_credential() {
        Ok(()) | Err(KeyringError::NoEntry) => Ok(()),
        Err(error) => Err(system::refusal(error)),
    }
}

fn entry(store: &Arc<CredentialStore>, name: &RecordName) -> Result<Entry, StoreError> {
    let modifiers: HashMap<&str, &str> = system::modifiers(name).into_iter().collect();
    store
        .build(RecordName::SERVICE, name.user(), Some(&modifiers))
        .map_err(system::refusal)
}

#[cfg(test)]
mod tests {
    use std::any::Any;
    use std::collections::HashMap;
    use std::sync::{Condvar, LazyLock, Mutex};

    use keyring_core::api::{Credential, CredentialApi, CredentialStoreApi};

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    /// A keychain in memory that stops at each read until it is released.
    #[derive(Default)]
    struct Shelf {
        records: Mutex<HashMap<String, Vec<u8>>>,
        reading: Mutex<(usize, bool)>,
        news: Condvar,
    }

    impl Shelf {
        fn records(&self) -> usize {
            self.records.lock().unwrap().len()
        }

        fn until_read(&self) {
            let reading = self.reading.lock().unwrap();
            let (reading, waited) = self
                .news
                .wait_timeout_while(reading, LONG, |(readers, _)| *readers == 0)
                .unwrap();
            drop(reading);
            assert!(!waited.timed_out(), "nobody reads");
        }

        fn go_on(&self) {
            self.reading.lock().unwrap().1 = true;
            self.news.notify_all();
        }
    }

    struct Shelves(Arc<Shelf>);

    impl CredentialStoreApi for Shelves {
        fn vendor(&self) -> String {
            "test".to_owned()
        }
        fn id(&self) -> String {
            "test".to_owned()
        }
        fn build(&self, _: &str, user: &str, _: Option<&HashMap<&str, &str>>) -> keyring_core::Result<Entry> {
            let (shelf, user) = (Arc::clone(&self.0), user.to_owned());
            Ok(Entry::new_with_credential(Arc::new(Place { shelf, user })))
        }
        fn as_any(&self) -> &dyn Any {
            self
        }
        fn debug_fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("Shelves")
        }
    }

    struct Place {
        shelf: Arc<Shelf>,
        user: String,
    }

    impl CredentialApi for Place {
        fn set_secret(&self, secret: &[u8]) -> keyring_core::Result<()> {
            let mut records = self.shelf.records.lock().unwrap();
            records.insert(self.user.clone(), secret.to_vec());
            Ok(())
        }
        fn get_secret(&self) -> keyring_core::Result<Vec<u8>> {
            let mut reading = self.shelf.reading.lock().unwrap();
            reading.0 += 1;
            self.shelf.news.notify_all();
            drop(self.shelf.news.wait_while(reading, |(_, open)| !*open).unwrap());
            let records = self.shelf.records.lock().unwrap();
            records.get(&self.user).cloned().ok_or(KeyringError::NoEntry)
        }
        fn delete_credential(&self) -> keyring_core::Result<()> {
            let gone = self.shelf.records.lock().unwrap().remove(&self.user);
            gone.map(drop).ok_or(KeyringError::NoEntry)
        }
        fn get_credential(&self) -> keyring_core::Result<Option<Arc<Credential>>> {
            Ok(None)
        }
        fn get_specifiers(&self) -> Option<(String, String)> {
            None
        }
        fn as_any(&self) -> &dyn Any {
            self
        }
        fn debug_fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("Place")
        }
    }

    fn run(shelf: &Arc<Shelf>, jobs: &mut dyn Iterator<Item = ActiveJob>) {
        let store: Arc<CredentialStore> = Arc::new(Shelves(Arc::clone(shelf)));
        for job in jobs {
            let outcome = run_call(&store, &job);
            job.done(outcome);
        }
    }

    fn push(
        queue: &Queue,
        call: Call,
        work: fn(&mut dyn Iterator<Item = ActiveJob>),
    ) -> oneshot::Receiver<Result<Bytes, StoreError>> {
        let (done, answer) = oneshot::channel();
        queue.push(Job { call, done }, LONG, work).unwrap();
        answer
    }

    /// security.md 29: a probe whose caller has gone leaves no record behind.
    #[test]
    fn a_probe_that_is_given_up_removes_what_it_wrote() {
        static SHELF: LazyLock<Arc<Shelf>> = LazyLock::new(Arc::default);
        let queue = Queue::default();
        let name = RecordName::probe(1);
        let given_up = push(&queue, Call::Probe(name.clone(), None), |jobs| run(&SHELF, jobs));
        SHELF.until_read();
        assert_eq!(SHELF.records(), 1);
        drop(given_up);
        SHELF.go_on();
        let after = push(&queue, Call::Read(name), |jobs| run(&SHELF, jobs));
        assert_eq!(after.blocking_recv().unwrap(), Ok(None));
        assert_eq!(SHELF.records(), 0);
    }

    /// security.md 29: the next start's probe removes the record of a killed process.
    #[tokio::test]
    async fn the_probe_of_the_next_start_removes_what_a_killed_one_left() {
        static SHELF: LazyLock<Arc<Shelf>> = LazyLock::new(Arc::default);
        SHELF.go_on();
        let folder = tempfile::tempdir().unwrap();
        let locks = folder.path().join("locks");
        let killed = OsStore::new().locking_in(locks.clone());
        let (name, lock) = killed.probe_name().await;
        assert!(lock.is_some());
        SHELF
            .records
            .lock()
            .unwrap()
            .insert(name.user().to_owned(), b"left behind".to_vec());
        // The lock is released with the process.
        drop(lock);
        let next = OsStore::new().locking_in(locks);
        let (name, lock) = next.probe_name().await;
        let probed = push(&next.queue, Call::Probe(name.clone(), lock), |jobs| {
            run(&SHELF, jobs)
        });
        assert_eq!(probed.await.unwrap(), Ok(None));
        assert_eq!(SHELF.records(), 0);
        let other = OsStore::new().locking_in(folder.path().join("other"));
        assert_ne!(other.probe_name().await.0.user(), name.user());
    }
}
