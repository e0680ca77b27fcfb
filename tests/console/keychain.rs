//! A keychain that is locked, hung or ambiguous, and a network that is not what it seems, at the start.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use async_trait::async_trait;
use console::error::ErrorCode;
use console::wire::*;
use console::{MemoryStore, SecretStore};
use ezeep_auth::{Record, RecordName, StoreError, StoreKind};
use ezeep_sim::{Fault, FaultKind, Match};

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
    fn kind(&self) -> StoreKind {
        StoreKind::Keychain
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
        (3, ErrorCode::KeychainRefused, KeychainState::Refusing),
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
