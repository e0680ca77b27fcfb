//! The session against a server that answers over real sockets, and a store that can fail at every step.

use std::path::Path;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use ids::OrganizationId;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Notify;
use url::Url;

use super::access_token::*;
use super::handle::*;
use super::outcome::*;
use crate::claims::{Claims, SpeaksFor};
use crate::clock::WallClock;
use crate::error::TokenError;
use crate::redirect::RedirectUri;
use crate::reply::TokenSet;
use crate::settings::{ClientAuthentication, ClientId, Limits, OAuthConfig, Scopes};
use crate::store::{MemoryStore, Record, RecordName, SecretStore, StoreError};
use crate::token::OAuth;

#[allow(dead_code, reason = "each user of it uses a part")]
#[path = "../../../tests/support/server.rs"]
mod server;

mod across;
mod faults;
mod refresh;
mod sign_out;
mod start;
mod switch;

use server::{Reply, Request, Server, jwt, refused, tokens, tokens_for};

const TOKEN: &str = "/oauth/access_token/";
const REVOKE: &str = "/oauth/revoke/";

/// A wall clock that tests set.
struct SetClock(Mutex<SystemTime>);

impl SetClock {
    fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(SystemTime::now())))
    }

    fn ahead(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }

    fn back(&self, by: Duration) {
        *self.0.lock().unwrap() -= by;
    }
}

impl WallClock for SetClock {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }
}

/// A memory store that records its calls and fails on command.
#[derive(Default)]
struct Shelf {
    inner: MemoryStore,
    events: Arc<Mutex<Vec<String>>>,
    /// The results of the next writes, in order; later writes succeed.
    writes: Mutex<Vec<WriteFault>>,
    locked: std::sync::atomic::AtomicBool,
}

#[derive(Clone, Copy, PartialEq)]
enum WriteFault {
    None,
    Refuse,
    Panic,
}

impl Shelf {
    fn refusal() -> StoreError {
        StoreError::Locked {
            reason: "locked".into(),
        }
    }

    fn plan(&self, writes: &[WriteFault]) {
        *self.writes.lock().unwrap() = writes.iter().rev().copied().collect();
    }

    fn lock(&self, locked: bool) {
        self.locked.store(locked, Ordering::SeqCst);
    }
}

#[async_trait]
impl SecretStore for Shelf {
    async fn read(&self, name: &RecordName) -> Result<Option<Record>, StoreError> {
        if self.locked.load(Ordering::SeqCst) {
            return Err(Self::refusal());
        }
        self.inner.read(name).await
    }

    async fn write(&self, name: &RecordName, record: &Record) -> Result<(), StoreError> {
        let fault = self.writes.lock().unwrap().pop().unwrap_or(WriteFault::None);
        if fault == WriteFault::Panic {
            panic!("a store that falls over");
        }
        if fault == WriteFault::Refuse || self.locked.load(Ordering::SeqCst) {
            return Err(Self::refusal());
        }
        self.events
            .lock()
            .unwrap()
            .push(format!("stored {}", record.refresh_token.expose_secret()));
        self.inner.write(name, record).await
    }

    async fn delete(&self, name: &RecordName) -> Result<(), StoreError> {
        if self.locked.load(Ordering::SeqCst) {
            return Err(Self::refusal());
        }
        self.events.lock().unwrap().push("deleted".into());
        self.inner.delete(name).await
    }

    async fn probe(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// A session that was restored: refresh token `r1`, organization `A`, no access token.
struct Bench {
    server: Server,
    shelf: Arc<Shelf>,
    session: Session,
    clock: Arc<SetClock>,
}

fn oauth(account: &Url) -> OAuth {
    let config = OAuthConfig {
        account: account.clone(),
        client_id: ClientId::try_from("client").unwrap(),
        redirect: RedirectUri::try_from("http://localhost:8080/oauth/callback").unwrap(),
        scopes: Scopes::try_from("printing").unwrap(),
        client_authentication: ClientAuthentication::default(),
        limits: Limits {
            request: Duration::from_secs(10),
            ..Limits::default()
        },
    };
    OAuth::new(
        OAuth::http_client(reqwest::Client::builder().no_proxy()).unwrap(),
        config,
    )
    .unwrap()
}

fn name() -> RecordName {
    let client = ClientId::try_from("client").unwrap();
    RecordName::new(
        &Url::parse("https://account.example").unwrap(),
        &client,
        "person",
        Path::new("/data"),
    )
}

fn org(id: &str) -> OrganizationId {
    OrganizationId::try_from(id).unwrap()
}

/// The organization that a token is assumed to be for.
fn organization(access: &AccessToken) -> Option<&str> {
    access.speaks_for.organization().map(OrganizationId::as_str)
}

fn record(token: &str) -> Record {
    Record {
        grant: "grant".into(),
        refresh_token: SecretString::from(token),
        organization: Some("A".into()),
        person: Some("person".into()),
        generation: 1,
    }
}

fn first_tokens() -> TokenSet {
    TokenSet {
        access: SecretString::from(jwt(0, "person", "A")),
        refresh: Some(SecretString::from("r1")),
        expires_in: Duration::from_secs(3600),
        scope: None,
        claims: Claims {
            org: Some(org("A")),
            sub: Some("person".into()),
            ..Claims::default()
        },
    }
}

/// A server that rotates `r1` to `r2` and so on, and accepts only the newest.
fn rotating() -> impl FnMut(&Request) -> Reply + Send + 'static {
    let mut number = 1;
    let mut organization = "A".to_owned();
    move |request| {
        if request.path == REVOKE {
            return Reply::Text(200, vec![], String::new());
        }
        if request.form["refresh_token"] != format!("r{number}") {
            return refused("invalid_grant");
        }
        number += 1;
        if let Some(asked) = request.form.get("organization_id") {
            organization = asked.clone();
        }
        tokens(&jwt(number, "person", &organization), &format!("r{number}"))
    }
}

impl Bench {
    async fn with(answer: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        let shelf = Arc::new(Shelf::default());
        shelf.inner.write(&name(), &record("r1")).await.unwrap();
        let server = Server::start(answer).await;
        let clock = SetClock::new();
        let session = Session::restore_at(oauth(&server.url), shelf.clone(), name(), clock.clone())
            .await
            .unwrap();
        Self {
            server,
            shelf,
            session: session.unwrap(),
            clock,
        }
    }

    async fn stored(&self) -> Option<String> {
        let record = self.shelf.inner.read(&name()).await.unwrap();
        record.map(|record| record.refresh_token.expose_secret().to_owned())
    }

    /// Waits until the session has the token of this many rotations.
    async fn until_generation(&self, wanted: u64) {
        let generation = || {
            let inner = self.session.core.inner();
            inner.access.as_ref().map(|(access, _)| access.generation)
        };
        while generation() < Some(wanted) {
            tokio::task::yield_now().await;
        }
    }

    fn state(&self) -> SessionState {
        *self.session.state().borrow()
    }
}

/// Advances the steady clock at once. A wall clock set by a test stays.
async fn time_passes(by: Duration) {
    tokio::time::pause();
    tokio::time::advance(by).await;
    tokio::time::resume();
}

/// Runs all ready tasks of a single-threaded runtime: a task that must wait has had its chance to run.
async fn all_have_a_turn() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}

async fn patiently<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), future)
        .await
        .expect("it hangs")
}
