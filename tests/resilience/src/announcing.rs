//! A keychain that says what it is about to do and what it has done, and stops there when it was told to.
//! Must never change an answer, nor say what is in a record.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use ezeep_auth::{Record, RecordLock, RecordName, SecretStore, StoreError};
use tokio::sync::Semaphore;
use vault::FileKey;

use crate::protocol::{StoreCall, StoreStep};

/// Is told each step, and whether the store stops there.
pub type Tell = dyn Fn(StoreStep, bool) + Send + Sync;

/// A store around another.
pub struct Announcing<S> {
    inner: S,
    tell: Box<Tell>,
    stops: Stops,
}

/// Where the store is to stop, and what lets it go on. Clones are one.
#[derive(Clone)]
pub struct Stops {
    wanted: Arc<Mutex<Vec<(StoreStep, u32)>>>,
    released: Arc<Semaphore>,
}

impl Default for Stops {
    fn default() -> Self {
        Self {
            wanted: Arc::default(),
            released: Arc::new(Semaphore::new(0)),
        }
    }
}

impl Stops {
    /// Stops once at this step, after `skip` of its kind.
    pub fn add(&self, at: StoreStep, skip: u32) {
        self.list().push((at, skip));
    }

    /// Lets what stopped go on.
    pub fn release(&self) {
        self.released.add_permits(1);
    }

    fn take(&self, at: StoreStep) -> bool {
        let mut wanted = self.list();
        let Some(place) = wanted.iter().position(|(step, _)| *step == at) else {
            return false;
        };
        let left = &mut wanted[place].1;
        if *left > 0 {
            *left -= 1;
            return false;
        }
        wanted.remove(place);
        true
    }

    fn list(&self) -> std::sync::MutexGuard<'_, Vec<(StoreStep, u32)>> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> Announcing<S> {
    /// Puts `tell` around `inner`.
    pub fn new(inner: S, stops: Stops, tell: impl Fn(StoreStep, bool) + Send + Sync + 'static) -> Self {
        Self {
            inner,
            tell: Box::new(tell),
            stops,
        }
    }

    async fn at(&self, step: StoreStep) {
        let stop = self.stops.take(step);
        (self.tell)(step, stop);
        if stop && let Ok(permit) = self.stops.released.acquire().await {
            permit.forget();
        }
    }

    async fn around<T>(&self, call: StoreCall, work: impl Future<Output = T>) -> T {
        self.at(StoreStep::before(call)).await;
        let done = work.await;
        self.at(StoreStep::after(call)).await;
        done
    }
}

#[async_trait]
impl<S: SecretStore> SecretStore for Announcing<S> {
    async fn read(&self, name: &RecordName) -> Result<Option<Record>, StoreError> {
        self.around(StoreCall::Read, self.inner.read(name)).await
    }

    async fn write(&self, name: &RecordName, record: &Record) -> Result<(), StoreError> {
        self.around(StoreCall::Write, self.inner.write(name, record))
            .await
    }

    async fn delete(&self, name: &RecordName) -> Result<(), StoreError> {
        self.around(StoreCall::Delete, self.inner.delete(name)).await
    }

    // The keys of files belong to no step of a rotation.
    async fn read_key(&self, name: &RecordName) -> Result<Option<FileKey>, StoreError> {
        self.inner.read_key(name).await
    }

    async fn write_key(&self, name: &RecordName, key: &FileKey) -> Result<(), StoreError> {
        self.inner.write_key(name, key).await
    }

    async fn delete_key(&self, name: &RecordName) -> Result<(), StoreError> {
        self.inner.delete_key(name).await
    }

    async fn probe(&self) -> Result<(), StoreError> {
        self.around(StoreCall::Probe, self.inner.probe()).await
    }

    async fn lock(&self, name: &RecordName) -> Result<RecordLock, StoreError> {
        if is_of_files(name) {
            return self.inner.lock(name).await;
        }
        self.around(StoreCall::Lock, self.inner.lock(name)).await
    }
}

/// Whether it is the name of the key of a holder's files.
fn is_of_files(name: &RecordName) -> bool {
    let account = name.user().split_once('#').map(|(_, account)| account);
    account.is_some_and(|account| *name == RecordName::file_key(account))
}
