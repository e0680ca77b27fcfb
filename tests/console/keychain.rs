//! A keychain that is locked, hung or ambiguous, and a network that is not what it seems, at the start.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use console::error::ErrorCode;
use console::wire::*;
use console::{MemoryStore, SecretStore};
use ezeep_auth::{Record, RecordLock, RecordName, StoreError};
use ezeep_sim_faults::{Fault, FaultKind, Match};
use tokio::sync::Notify;

use crate::support::*;

/// A keychain that can be locked and unlocked.
struct Lockable {
    inside: MemoryStore,
    state: AtomicU8,
}

impl Lockable {
    fn open(&self) -> Result<(), StoreError> {
        match self.state.load(Ordering::SeqCst) {
            0 => Ok(()),
            1 => Err(StoreError::Locked {
                reason: "locked".into(),
            }),
            2 => Err(StoreError::TimedOut),
            3 => Err(StoreError::NoKeyring),
            _ => Err(StoreError::Ambiguous),
        }
    }
}

#[async_trait]
impl SecretStore for Lockable {
    async fn read(&self, name: &RecordName) -> Result<Option<Record>, StoreError> {
        self.open()?;
        self.inside.read(name).await
    }
    async fn write(&self, name: &RecordName, record: &Record) -> Result<(), StoreError> {
        self.open()?;
        self.inside.write(name, record).await
    }
    async fn delete(&self, name: &RecordName) -> Result<(), StoreError> {
        self.open()?;
        self.inside.delete(name).await
    }
    async fn probe(&self) -> Result<(), StoreError> {
        self.open()
    }
}

/// security.md 26, 29.
#[tokio::test]
async fn a_keychain_that_is_locked_hung_or_ambiguous_is_named_and_an_unlock_takes_the_session_up() {
    let mut world = World::new(small()).await;
    let keychain = Arc::new(Lockable {
        inside: MemoryStore::default(),
        state: AtomicU8::new(0),
    });
    world.keychain = keychain.clone();
    world.restart();
    world.form().await;
    world.sign_in(Visitor::Allows(OTHER_ADMIN)).await;
    world.inside().await;
    for (state, code, shown) in [
        (1, ErrorCode::KeychainLocked, KeychainState::Locked),
        (2, ErrorCode::KeychainUnresponsive, KeychainState::Unresponsive),
        (3, ErrorCode::NoKeyring, KeychainState::NoKeyring),
        (4, ErrorCode::KeychainRefused, KeychainState::Refusing),
    ] {
        keychain.state.store(state, Ordering::SeqCst);
        world.restart();
        assert_eq!(world.signed_out_with_a_problem().await.code, code);
        assert_eq!(world.form().await.0.keychain, shown);
        assert_eq!(world.console.keychain_check().await, shown);
    }
    keychain.state.store(0, Ordering::SeqCst);
    assert_eq!(world.console.keychain_check().await, KeychainState::Usable);
    assert_eq!(world.inside().await.1.email, OTHER_ADMIN);
}

/// A page of a captive portal is named, and drops nothing (security.md 37).
#[tokio::test]
async fn a_captive_portal_in_the_way_is_named_and_the_session_is_taken_up_behind_it() {
    let (mut world, _) = World::signed_in(small()).await;
    let fault = world.sim.control().add_fault(Fault::always(
        Match::new("POST", "/oauth/access_token/"),
        FaultKind::Reply {
            status: 200,
            content_type: "text/html".into(),
            body: "<html><h1>Welcome to Hotel WLAN</h1></html>".into(),
        },
    ));
    world.restart();
    let problem = world
        .until("unreachable", |view| match view {
            SessionView::Unreachable { problem } => Some(problem.clone()),
            _ => None,
        })
        .await;
    assert_eq!(problem.code, ErrorCode::PortalInTheWay);
    world.sim.control().remove_fault(fault);
    world.console.session_retry();
    world.inside().await;
}

/// Where a keychain stops for good, as if the process had been killed there.
#[derive(Clone, Copy, PartialEq)]
enum StopsAt {
    Nothing,
    /// Before the record of a sign-in is written.
    Lock,
    /// After it was written: it is never read back.
    Read,
}

struct Stopping {
    inside: MemoryStore,
    at: Mutex<StopsAt>,
    stopped: Notify,
}

impl Stopping {
    async fn world() -> (World, Arc<Self>) {
        let mut world = World::new(small()).await;
        let keychain = Arc::new(Self {
            inside: MemoryStore::default(),
            at: Mutex::new(StopsAt::Nothing),
            stopped: Notify::new(),
        });
        world.keychain = keychain.clone();
        world.restart();
        world.form().await;
        (world, keychain)
    }

    fn is_at(&self, at: StopsAt) -> bool {
        *self.at.lock().unwrap() == at
    }

    async fn pass(&self, at: StopsAt) {
        if self.is_at(at) {
            self.stopped.notify_one();
            std::future::pending::<()>().await;
        }
    }

    /// Signs in until the keychain stops, and starts again with one that goes on.
    async fn kill_a_sign_in(&self, world: &mut World, person: &'static str, at: StopsAt) {
        *self.at.lock().unwrap() = at;
        world.sign_in(Visitor::Allows(person)).await;
        tokio::time::timeout(PATIENCE, self.stopped.notified())
            .await
            .expect("never at the keychain");
        *self.at.lock().unwrap() = StopsAt::Nothing;
        world.restart();
    }
}

#[async_trait]
impl SecretStore for Stopping {
    async fn read(&self, name: &RecordName) -> Result<Option<Record>, StoreError> {
        let found = self.inside.read(name).await?;
        if found.is_some() {
            self.pass(StopsAt::Read).await;
        }
        Ok(found)
    }
    async fn write(&self, name: &RecordName, record: &Record) -> Result<(), StoreError> {
        self.inside.write(name, record).await
    }
    async fn delete(&self, name: &RecordName) -> Result<(), StoreError> {
        self.inside.delete(name).await
    }
    async fn probe(&self) -> Result<(), StoreError> {
        Ok(())
    }
    async fn lock(&self, _name: &RecordName) -> Result<RecordLock, StoreError> {
        self.pass(StopsAt::Lock).await;
        Ok(RecordLock::not_needed())
    }
}

/// security.md 34: nothing was durable, so nothing is missing.
#[tokio::test]
async fn a_sign_in_that_was_cut_short_before_its_record_leaves_nothing_to_be_told_at_the_next_start() {
    let (mut world, keychain) = Stopping::world().await;
    keychain
        .kill_a_sign_in(&mut world, OTHER_ADMIN, StopsAt::Lock)
        .await;
    assert_eq!(world.signed_out().await, None);
    assert_eq!(world.console.disk_notices(), []);
    assert_eq!(world.console.accounts(), []);
    world.sign_in(Visitor::Allows(OTHER_ADMIN)).await;
    world.inside().await;
}

/// security.md 34: a record that was durable is taken up, although nobody had noted it yet.
#[tokio::test]
async fn a_sign_in_that_was_cut_short_after_its_record_is_taken_up_by_the_next_start() {
    let (mut world, keychain) = Stopping::world().await;
    keychain
        .kill_a_sign_in(&mut world, OTHER_ADMIN, StopsAt::Read)
        .await;
    assert_eq!(world.inside().await.1.email, OTHER_ADMIN);
    assert_eq!(world.console.disk_notices(), []);
}

/// security.md 5: what was known before a sign-in that came to nothing is known after it, and no more is said
/// of it.
#[tokio::test]
async fn an_account_that_was_known_stays_what_it_was_where_its_next_sign_in_was_cut_short() {
    let (mut world, keychain) = Stopping::world().await;
    world.sign_in(Visitor::Allows(OTHER_ADMIN)).await;
    world.inside().await;
    world.console.account_add().await.unwrap();
    keychain
        .kill_a_sign_in(&mut world, OTHER_ADMIN, StopsAt::Lock)
        .await;
    world.inside().await;
    assert_eq!(world.console.accounts().len(), 1);

    world.sim.control().revoke_all();
    world.restart();
    assert_eq!(
        world.signed_out_with_a_problem().await.code,
        ErrorCode::SessionEnded
    );
    keychain
        .kill_a_sign_in(&mut world, OTHER_ADMIN, StopsAt::Lock)
        .await;
    assert_eq!(world.signed_out().await, None);
    let states: Vec<_> = world.console.accounts().iter().map(|a| a.state).collect();
    assert_eq!(states, [AccountState::Expired]);
    assert_eq!(world.console.disk_notices(), []);
}
