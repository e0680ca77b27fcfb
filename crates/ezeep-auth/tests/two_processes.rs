//! Two processes, one keychain record: a real gnome-keyring, lock files, and a server that revokes the whole
//! grant when a refresh token comes twice. The packages dbus and gnome-keyring must be there.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![cfg(target_os = "linux")]

use std::collections::HashSet;
use std::time::Duration;

use ezeep_auth::{OsStore, SecretStore, StoreError};

#[path = "support/keyring.rs"]
mod keyring;
mod support;

use keyring::{Bus, begin, held};
use support::patiently;
use support::server::{Reply, Request, Server, jwt, refused, tokens};

const ACCOUNT: &str = "TEST_ACCOUNT";
const HOME: &str = "TEST_HOME";
const EXPIRIES: usize = 50;
/// Most keyrings that a test tries: gnome-keyring 42 aborts in about one of 800 runs while two programs use
/// it (a fatal error in its own library). Such a run shows nothing, and starts again with a new keyring.
const KEYRINGS: usize = 3;

/// Accepts only the newest token; any other revokes the grant.
fn strict() -> impl FnMut(&Request) -> Reply + Send + 'static {
    let mut number = 1;
    let mut alive = true;
    move |request| {
        alive &= request.form["refresh_token"] == format!("r{number}");
        if !alive {
            return refused("invalid_grant");
        }
        number += 1;
        tokens(&jwt(number, "person", "A"), &format!("r{number}"))
    }
}

/// security.md 32: two processes on one record, fifty expiries each, no reuse.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_with_fifty_expiries_each_spend_no_token_twice() {
    let mut server = Server::start(strict()).await;
    let mut keyrings = 1;
    while !renew_in_two_processes(&server).await {
        assert!(keyrings < KEYRINGS, "gnome-keyring ended {keyrings} times");
        keyrings += 1;
        server = Server::start(strict()).await;
    }
    let requests = server.requests();
    let spent: HashSet<_> = requests.iter().map(|r| &r.form["refresh_token"]).collect();
    assert_eq!(requests.len(), 2 * EXPIRIES);
    assert_eq!(spent.len(), 2 * EXPIRIES);
}

/// Renews in two processes, and checks their results if the keyring did not abort. Returns whether it did
/// not.
async fn renew_in_two_processes(server: &Server) -> bool {
    let account = server.url.to_string();
    tokio::task::spawn_blocking(move || {
        let bus = Bus::start();
        let mut keyring = bus.keyring(true);
        let home = bus.home().to_str().unwrap();
        let variables = [(ACCOUNT, account.as_str()), (HOME, home)];
        held(&bus.run_with("child::signs_in", &variables));
        let renewed = std::thread::scope(|scope| {
            let run = || bus.run_with("child::renews_fifty_times", &variables);
            let children = [scope.spawn(run), scope.spawn(run)];
            children.map(|child| child.join().unwrap())
        });
        let lasted = !keyring.has_ended();
        if lasted {
            renewed.iter().for_each(held);
        }
        lasted
    })
    .await
    .unwrap()
}

/// security.md 32: a killed process no longer holds the lock.
#[tokio::test]
async fn a_killed_process_lets_go_of_its_lock() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().to_str().unwrap();
    let store = |limit| {
        OsStore::new()
            .locking_in(home.path().join("locks"))
            .lock_limit(limit)
    };
    let holder = begin("child::holds_the_lock", &[(HOME, path)]);
    patiently(async {
        while !home.path().join("held").exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    let refused = store(Duration::from_millis(50)).lock(&child::name()).await;
    assert_eq!(refused.err(), Some(StoreError::Busy));
    // SIGKILL.
    drop(holder);
    assert!(store(Duration::from_secs(30)).lock(&child::name()).await.is_ok());
}

/// The children's tests. Each needs the environment that its parent makes.
mod child {
    use std::path::PathBuf;
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use ezeep_auth::{ClientId, OAuth, OsStore, RecordName, SecretStore, Session, TokenSet};
    use secrecy::SecretString;
    use url::Url;

    use super::support::{nowhere, oauth_at};
    use super::{ACCOUNT, EXPIRIES, HOME};

    fn home() -> PathBuf {
        PathBuf::from(std::env::var_os(HOME).unwrap())
    }

    fn oauth() -> OAuth {
        oauth_at(&Url::parse(&std::env::var(ACCOUNT).unwrap()).unwrap())
    }

    fn store() -> Arc<OsStore> {
        Arc::new(OsStore::new().locking_in(home().join("locks")))
    }

    pub(super) fn name() -> RecordName {
        let client = ClientId::try_from("client").unwrap();
        RecordName::new(&nowhere(), &client, "person", "/data".as_ref())
    }

    #[tokio::test]
    #[ignore = "runs as a child of another test"]
    async fn signs_in() {
        let first = TokenSet {
            access: SecretString::from("a"),
            refresh: Some(SecretString::from("r1")),
            expires_in: Duration::from_secs(3600),
            scope: None,
            claims: Default::default(),
        };
        Session::establish(oauth(), store(), name(), first).await.unwrap();
    }

    /// Begins when the other one is there too.
    #[tokio::test]
    #[ignore = "runs as a child of another test"]
    async fn renews_fifty_times() {
        let here = home().join("here");
        std::fs::create_dir_all(&here).unwrap();
        std::fs::write(here.join(std::process::id().to_string()), "").unwrap();
        let deadline = Instant::now() + Duration::from_secs(30);
        while std::fs::read_dir(&here).unwrap().count() < 2 && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let session = Session::restore(oauth(), store(), name()).await.unwrap().unwrap();
        let mut generation = 1;
        for _ in 0..EXPIRIES {
            let access = session.renew(generation).await.unwrap();
            assert!(access.generation > generation);
            generation = access.generation;
        }
    }

    #[tokio::test]
    #[ignore = "runs as a child of another test"]
    async fn holds_the_lock() {
        let _lock = store().lock(&name()).await.unwrap();
        std::fs::write(home().join("held"), "").unwrap();
        std::future::pending::<()>().await;
    }
}
