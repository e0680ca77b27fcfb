//! Two processes with one record, simulated by two sessions that share a store and a folder of lock files.
//! Real processes are tested in `tests/two_processes.rs`.

use std::collections::HashSet;
use std::path::PathBuf;

use super::*;
use crate::store::{LockFiles, RecordLock};

/// A store with lock files.
struct Locked {
    shelf: Arc<Shelf>,
    locks: LockFiles,
}

impl Locked {
    fn new(shelf: &Arc<Shelf>, dir: PathBuf, limit: Duration) -> Arc<Self> {
        Arc::new(Self {
            shelf: shelf.clone(),
            locks: LockFiles::new(dir).with_limit(limit),
        })
    }
}

#[async_trait]
impl SecretStore for Locked {
    async fn read(&self, name: &RecordName) -> Result<Option<Record>, StoreError> {
        // As with a real keychain, other tasks run in between.
        tokio::task::yield_now().await;
        self.shelf.read(name).await
    }

    async fn write(&self, name: &RecordName, record: &Record) -> Result<(), StoreError> {
        tokio::task::yield_now().await;
        self.shelf.write(name, record).await
    }

    async fn delete(&self, name: &RecordName) -> Result<(), StoreError> {
        self.shelf.delete(name).await
    }

    async fn probe(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn lock(&self, name: &RecordName) -> Result<RecordLock, StoreError> {
        self.locks.take(name).await
    }
}

const LONG: Duration = Duration::from_secs(45);

/// A server, a store with `r1` in it, and a folder for locks.
struct Two {
    server: Server,
    shelf: Arc<Shelf>,
    home: tempfile::TempDir,
}

impl Two {
    async fn with(answer: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        let shelf = Arc::new(Shelf::default());
        shelf.inner.write(&name(), &record("r1")).await.unwrap();
        Self {
            server: Server::start(answer).await,
            shelf,
            home: tempfile::tempdir().unwrap(),
        }
    }

    fn store(&self, limit: Duration) -> Arc<Locked> {
        Locked::new(&self.shelf, self.home.path().join("locks"), limit)
    }

    async fn session(&self, limit: Duration) -> Session {
        let session = Session::restore(oauth(&self.server.url), self.store(limit), name()).await;
        session.unwrap().unwrap()
    }

    fn spent(&self) -> Vec<String> {
        let requests = self.server.requests();
        let refreshes = requests.iter().filter(|request| request.path == TOKEN);
        refreshes
            .map(|request| request.form["refresh_token"].clone())
            .collect()
    }
}

/// security.md 32: fifty expiries in each of two, and no token is spent twice. Each has its own lock in the
/// process, so only the lock across processes separates them.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_who_share_a_record_spend_each_token_once() {
    let two = Two::with(rotating()).await;
    let mut both = Vec::new();
    for _ in 0..2 {
        let session = two.session(LONG).await;
        both.push(tokio::spawn(async move {
            let mut generation = 1;
            for _ in 0..50 {
                let access = session.renew(generation).await.unwrap();
                assert!(access.generation > generation);
                generation = access.generation;
            }
        }));
    }
    for one in both {
        patiently(one).await.unwrap();
    }
    let spent = two.spent();
    assert_eq!(spent.len(), 100);
    assert_eq!(spent.iter().collect::<HashSet<_>>().len(), 100);
    let stored = two.shelf.inner.read(&name()).await.unwrap().unwrap();
    assert_eq!(stored.refresh_token.expose_secret(), "r101");
    assert_eq!(stored.generation, 101);
}

/// security.md 32: never spent without the lock.
#[tokio::test]
async fn while_another_holds_the_lock_or_no_lock_can_be_made_nothing_is_spent() {
    let two = Two::with(rotating()).await;
    let session = two.session(Duration::from_millis(60)).await;
    let other = two.store(LONG).lock(&name()).await.unwrap();
    let busy = SessionError::Store(StoreError::Busy);
    assert_eq!(session.access().await.unwrap_err(), busy);
    assert_eq!(session.switch(&org("B")).await.unwrap_err(), busy);
    assert_eq!(*session.state().borrow(), SessionState::Live);
    drop(other);
    assert!(two.spent().is_empty());
    session.access().await.unwrap();

    let file = two.home.path().join("a file");
    std::fs::write(&file, "").unwrap();
    let lockless = Locked::new(&two.shelf, file.join("locks"), LONG);
    let session = Session::restore(oauth(&two.server.url), lockless, name()).await;
    let session = session.unwrap().unwrap();
    assert!(matches!(
        session.access().await.unwrap_err(),
        SessionError::Store(StoreError::NoLock { .. })
    ));
    assert_eq!(two.spent(), ["r1"]);
    assert_eq!(*session.state().borrow(), SessionState::Live);
}

/// security.md 32, 5: a sign-in that can't get the lock is not stored, not used, and revoked.
#[tokio::test]
async fn a_sign_in_waits_for_a_rotation_of_another_process_and_gives_up_cleanly() {
    let two = Two::with(rotating()).await;
    let other = two.store(LONG).lock(&name()).await.unwrap();
    let store = two.store(Duration::from_millis(60));
    let error = Session::establish(oauth(&two.server.url), store, name(), first_tokens()).await;
    assert_eq!(error.err(), Some(SessionError::Store(StoreError::Busy)));
    assert_eq!(two.server.count(REVOKE), 1);
    let (patient, oauth) = (two.store(LONG), oauth(&two.server.url));
    let (session, ()) = tokio::join!(
        Session::establish(oauth, patient, name(), first_tokens()),
        async {
            all_have_a_turn().await;
            two.shelf.events.lock().unwrap().push("released".into());
            drop(other);
        }
    );
    session.unwrap();
    assert_eq!(*two.shelf.events.lock().unwrap(), ["released", "stored r1"]);
}

/// security.md 32, 41: the sign-out waits for the other's rotation and revokes its result.
#[tokio::test]
async fn a_sign_out_waits_for_the_rotation_of_another_process_and_leaves_nothing_alive() {
    let gate = Arc::new(Notify::new());
    let (open, mut rotate) = (gate.clone(), rotating());
    let two = Two::with(move |request| match request.path.as_str() {
        TOKEN => Reply::After(open.clone(), Box::new(rotate(request))),
        _ => rotate(request),
    })
    .await;
    let (other, leaving) = (two.session(LONG).await, two.session(LONG).await);
    let refreshing = tokio::spawn({
        let other = other.clone();
        async move { other.access().await }
    });
    two.server.wait_for(1).await;
    let end = tokio::spawn(async move { leaving.end().await });
    all_have_a_turn().await;
    assert_eq!(two.server.count(REVOKE), 0, "it waits");
    gate.notify_one();
    patiently(refreshing).await.unwrap().unwrap();
    let report = patiently(end).await.unwrap();
    assert_eq!((report.revoked, report.deleted), (Ok(()), Ok(())));
    let requests = two.server.requests();
    assert_eq!(requests.last().unwrap().form["token"], "r2");
    assert!(two.shelf.inner.read(&name()).await.unwrap().is_none());
    assert_eq!(
        other.renew(2).await.unwrap_err(),
        SessionError::Ended(EndReason::RecordGone)
    );
}

/// security.md 41, 42: a sign-out does not fail without the lock.
#[tokio::test]
async fn a_sign_out_without_the_lock_deletes_and_revokes_all_the_same() {
    let two = Two::with(rotating()).await;
    let session = two.session(Duration::from_millis(60)).await;
    let _other = two.store(LONG).lock(&name()).await.unwrap();
    let report = patiently(session.end()).await;
    assert_eq!((report.revoked, report.deleted), (Ok(()), Ok(())));
    assert!(two.shelf.inner.read(&name()).await.unwrap().is_none());
}

/// security.md 32, 34: tokens that could not be stored are not written over newer ones of another process.
#[tokio::test]
async fn unsaved_tokens_give_way_to_what_another_process_has_stored_since() {
    let bench = Bench::with(|request| match request.form["refresh_token"].as_str() {
        "r1" => tokens(&jwt(2, "person", "A"), "r2"),
        "theirs" => tokens(&jwt(9, "person", "A"), "r9"),
        other => panic!("{other} was replaced"),
    })
    .await;
    let proof_works = WriteFault::None;
    let refuse = WriteFault::Refuse;
    bench.shelf.plan(&[proof_works, refuse, refuse, refuse]);
    bench.session.access().await.unwrap_err();
    let theirs = Record {
        generation: 4,
        ..record("theirs")
    };
    bench.shelf.inner.write(&name(), &theirs).await.unwrap();
    assert_eq!(bench.session.access().await.unwrap().generation, 5);
    assert_eq!(bench.stored().await.as_deref(), Some("r9"));
}
