//! The session against a server that answers over real sockets, and a store that can fail at every step.

use std::path::Path;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::SystemTime;

use async_trait::async_trait;
use secrecy::ExposeSecret;
use tokio::sync::Notify;
use url::Url;

use super::*;
use crate::redirect::RedirectUri;
use crate::settings::{ClientAuthentication, ClientId, Limits, OAuthConfig, Scopes};
use crate::store::{MemoryStore, StoreKind};

#[allow(dead_code, reason = "each user of it uses a part")]
#[path = "../../tests/support/server.rs"]
mod server;

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

/// A memory store that notes what is done to it and fails on command.
#[derive(Default)]
struct Shelf {
    inner: MemoryStore,
    events: Arc<Mutex<Vec<String>>>,
    /// What the next writes do, first to last; then they work.
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

    fn kind(&self) -> StoreKind {
        StoreKind::Memory
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
            org: Some("A".into()),
            sub: Some("person".into()),
            ..Claims::default()
        },
    }
}

/// A server that rotates `r1` to `r2` and so on, and takes nothing but the newest.
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

    fn state(&self) -> SessionState {
        *self.session.state().borrow()
    }
}

async fn patiently<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), future)
        .await
        .expect("it hangs")
}

/// security.md 31.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_who_ask_at_once_make_one_refresh() {
    let bench = Bench::with(rotating()).await;
    let askers: Vec<_> = (0..100)
        .map(|n| {
            let session = bench.session.clone();
            tokio::spawn(async move {
                if n % 2 == 0 {
                    session.access().await
                } else {
                    session.renew(1).await
                }
            })
        })
        .collect();
    for asker in askers {
        let access = patiently(asker).await.unwrap().unwrap();
        assert_eq!(
            (access.generation, access.organization.as_deref()),
            (2, Some("A"))
        );
    }
    assert_eq!(bench.server.count(TOKEN), 1);
}

/// security.md 31: a refusal of an old token, told late, does not discard a fresh one.
#[tokio::test]
async fn a_late_refusal_of_an_old_token_gets_the_newer_one_without_a_refresh() {
    let bench = Bench::with(rotating()).await;
    let first = bench.session.access().await.unwrap();
    let second = bench.session.renew(first.generation).await.unwrap();
    assert_eq!(second.generation, first.generation + 1);
    assert_eq!(
        bench.session.renew(first.generation).await.unwrap().generation,
        second.generation
    );
    assert_eq!(bench.server.count(TOKEN), 2);
}

/// security.md 33.
#[tokio::test]
async fn a_locked_or_read_only_store_means_that_no_token_is_spent() {
    let bench = Bench::with(rotating()).await;
    bench.shelf.lock(true);
    assert_eq!(
        bench.session.access().await.unwrap_err(),
        SessionError::Store(Shelf::refusal())
    );
    bench.shelf.lock(false);
    bench.shelf.plan(&[WriteFault::Refuse]);
    assert_eq!(
        bench.session.access().await.unwrap_err(),
        SessionError::Store(Shelf::refusal())
    );
    assert_eq!(bench.server.count(TOKEN), 0);
    assert_eq!(bench.state(), SessionState::Live);
    bench.session.access().await.unwrap();
}

/// security.md 33, 34: the order of a refresh.
#[tokio::test]
async fn the_store_is_proven_before_the_token_is_spent_and_holds_the_new_one_before_it_is_used() {
    let events = Arc::new(Mutex::new(Vec::new()));
    let seen = events.clone();
    let mut rotate = rotating();
    let bench = Bench::with(move |request| {
        seen.lock()
            .unwrap()
            .push(format!("spent {}", request.form["refresh_token"]));
        rotate(request)
    })
    .await;
    let shelf = Arc::new(Shelf {
        events: events.clone(),
        ..Shelf::default()
    });
    shelf.inner.write(&name(), &record("r1")).await.unwrap();
    let session = Session::restore(oauth(&bench.server.url), shelf, name())
        .await
        .unwrap()
        .unwrap();
    session.access().await.unwrap();
    events.lock().unwrap().push("used".into());
    assert_eq!(
        *events.lock().unwrap(),
        ["stored r1", "spent r1", "stored r2", "used"]
    );
}

/// security.md 34.
#[tokio::test]
async fn tokens_that_the_store_did_not_take_are_kept_and_stored_later_without_another_spending() {
    let bench = Bench::with(rotating()).await;
    let proof_works = WriteFault::None;
    bench.shelf.plan(&[
        proof_works,
        WriteFault::Refuse,
        WriteFault::Refuse,
        WriteFault::Refuse,
    ]);
    assert_eq!(
        bench.session.access().await.unwrap_err(),
        SessionError::Store(Shelf::refusal())
    );
    assert_eq!(bench.stored().await.as_deref(), Some("r1"));
    let access = bench.session.access().await.unwrap();
    assert_eq!(access.generation, 2);
    assert_eq!(bench.stored().await.as_deref(), Some("r2"));
    assert_eq!(bench.server.count(TOKEN), 1);
}

/// security.md 34: the store hiccups once, and nobody notices.
#[tokio::test]
async fn a_store_that_refuses_once_is_asked_again() {
    let bench = Bench::with(rotating()).await;
    bench.shelf.plan(&[WriteFault::None, WriteFault::Refuse]);
    assert_eq!(bench.session.access().await.unwrap().generation, 2);
    assert_eq!(bench.stored().await.as_deref(), Some("r2"));
}

/// security.md 35.
#[tokio::test]
async fn a_refresh_runs_on_although_its_caller_went_away() {
    let gate = Arc::new(Notify::new());
    let (open, mut rotate) = (gate.clone(), rotating());
    let bench = Bench::with(move |request| Reply::After(open.clone(), Box::new(rotate(request)))).await;
    let session = bench.session.clone();
    let caller = tokio::spawn(async move { session.access().await });
    bench.server.wait_for(1).await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    gate.notify_one();
    assert_eq!(patiently(bench.session.access()).await.unwrap().generation, 2);
    assert_eq!(bench.stored().await.as_deref(), Some("r2"));
    assert_eq!(bench.server.count(TOKEN), 1);
}

/// security.md 36, with a server that grants a grace.
#[tokio::test]
async fn a_lost_reply_is_asked_for_once_more_with_the_same_token() {
    for lost in [
        Reply::Lose,
        Reply::Cut(r#"{"access_token":"a","token_type":"Bearer"}"#.repeat(3)),
    ] {
        let mut lost = Some(lost);
        let bench = Bench::with(move |_| {
            lost.take()
                .unwrap_or_else(|| tokens(&jwt(2, "person", "A"), "r2"))
        })
        .await;
        assert_eq!(bench.session.access().await.unwrap().generation, 2);
        let spent: Vec<_> = bench
            .server
            .requests()
            .iter()
            .map(|r| r.form["refresh_token"].clone())
            .collect();
        assert_eq!(spent, ["r1", "r1"]);
        assert_eq!(bench.stored().await.as_deref(), Some("r2"));
    }
}

/// security.md 36, with a server that grants none: one clean question.
#[tokio::test]
async fn a_lost_reply_without_a_grace_ends_the_session_cleanly() {
    let mut lost = Some(Reply::Lose);
    let bench = Bench::with(move |_| lost.take().unwrap_or_else(|| refused("invalid_grant"))).await;
    let error = bench.session.access().await.unwrap_err();
    assert_eq!(error, SessionError::Ended(EndReason::InvalidGrant));
    assert_eq!(bench.stored().await, None);
    assert_eq!(bench.state(), SessionState::Ended(EndReason::InvalidGrant));
}

/// security.md 36: two lost replies are not taken for a refusal.
#[tokio::test]
async fn a_reply_lost_twice_keeps_the_session() {
    let bench = Bench::with(|_| Reply::Lose).await;
    let error = bench.session.access().await.unwrap_err();
    assert!(
        matches!(
            error,
            SessionError::Token(TokenError::LostReply { timed_out: false, .. })
        ),
        "{error:?}"
    );
    assert_eq!(bench.server.count(TOKEN), 2);
    assert_eq!(bench.stored().await.as_deref(), Some("r1"));
    assert_eq!(bench.state(), SessionState::Live);
}

/// security.md 37: nothing but invalid_grant says anything about the grant.
#[tokio::test]
async fn no_other_failure_drops_the_credentials() {
    let html = |status| {
        Reply::Text(
            status,
            vec![("Content-Type", "text/html".into())],
            "<h1>no</h1>".into(),
        )
    };
    let faults = [
        html(200),
        html(400),
        html(407),
        html(500),
        html(503),
        refused("invalid_client"),
        refused("invalid_scope"),
        refused("temporarily_unavailable"),
        Reply::Json(500, r#"{"error":"invalid_grant"}"#.into()),
        Reply::Json(503, r#"{"error":"invalid_grant"}"#.into()),
        Reply::Json(429, r#"{"error":"invalid_grant"}"#.into()),
        Reply::Json(407, r#"{"error":"invalid_grant"}"#.into()),
        Reply::Text(302, vec![("Location", "/login".into())], String::new()),
        Reply::Json(200, "{}".into()),
        Reply::Json(200, "not json".into()),
    ];
    for fault in faults {
        let mut fault = Some(fault);
        let mut rotate = rotating();
        let bench = Bench::with(move |request| fault.take().unwrap_or_else(|| rotate(request))).await;
        let error = bench.session.access().await.unwrap_err();
        assert!(matches!(error, SessionError::Token(_)), "{error:?}");
        assert_eq!(bench.stored().await.as_deref(), Some("r1"), "{error:?}");
        assert_eq!(bench.state(), SessionState::Live, "{error:?}");
        if !matches!(error, SessionError::Token(TokenError::RateLimited { .. })) {
            assert_eq!(bench.session.access().await.unwrap().generation, 2);
        }
    }
}

/// security.md 37: no connection.
#[tokio::test]
async fn a_server_that_is_off_keeps_the_session() {
    let bench = Bench::with(rotating()).await;
    let nowhere = Server::start(rotating()).await;
    let url = nowhere.url.clone();
    drop(nowhere);
    let session = Session::restore(oauth(&url), bench.shelf.clone(), name())
        .await
        .unwrap()
        .unwrap();
    // The dropped server's task may need a moment to let go of its socket; until then a reply is lost instead.
    let error = session.access().await.unwrap_err();
    assert!(
        matches!(
            error,
            SessionError::Token(TokenError::Connect { .. } | TokenError::LostReply { .. })
        ),
        "{error:?}"
    );
    assert_eq!(bench.stored().await.as_deref(), Some("r1"));
}

/// security.md 37: invalid_grant, and the store unchanged.
#[tokio::test]
async fn invalid_grant_with_the_store_unchanged_ends_the_session_and_tells_everyone() {
    let bench = Bench::with(|_| refused("invalid_grant")).await;
    let mut state = bench.session.state();
    assert_eq!(
        bench.session.access().await.unwrap_err(),
        SessionError::Ended(EndReason::InvalidGrant)
    );
    patiently(state.changed()).await.unwrap();
    assert_eq!(*state.borrow(), SessionState::Ended(EndReason::InvalidGrant));
    assert_eq!(bench.stored().await, None);
    assert_eq!(
        bench.session.access().await.unwrap_err(),
        SessionError::Ended(EndReason::InvalidGrant)
    );
    assert_eq!(bench.server.count(TOKEN), 1);
}

/// security.md 32, 37: another process has rotated meanwhile, its token counts.
#[tokio::test]
async fn invalid_grant_with_a_changed_store_goes_on_with_what_the_store_holds() {
    let gate = Arc::new(Notify::new());
    let open = gate.clone();
    let bench = Bench::with(move |request| match request.form["refresh_token"].as_str() {
        "r1" => Reply::After(open.clone(), Box::new(refused("invalid_grant"))),
        "from another process" => tokens(&jwt(9, "person", "A"), "r9"),
        other => panic!("{other} is nobody's"),
    })
    .await;
    let session = bench.session.clone();
    let asker = tokio::spawn(async move { session.access().await });
    bench.server.wait_for(1).await;
    let theirs = Record {
        generation: 5,
        ..record("from another process")
    };
    bench.shelf.inner.write(&name(), &theirs).await.unwrap();
    gate.notify_one();
    assert_eq!(patiently(asker).await.unwrap().unwrap().generation, 6);
    assert_eq!(bench.stored().await.as_deref(), Some("r9"));
}

/// security.md 32: the record is read again before it is spent.
#[tokio::test]
async fn a_token_that_another_process_rotated_is_never_spent_again() {
    let bench = Bench::with(|_| tokens(&jwt(9, "person", "A"), "r9")).await;
    bench
        .shelf
        .inner
        .write(
            &name(),
            &Record {
                generation: 5,
                ..record("r5")
            },
        )
        .await
        .unwrap();
    assert_eq!(bench.session.access().await.unwrap().generation, 6);
    assert_eq!(bench.server.requests()[0].form["refresh_token"], "r5");
}

/// security.md 41: signed out elsewhere means signed out, and the record is not brought back.
#[tokio::test]
async fn a_record_that_is_gone_or_replaced_ends_the_session_without_a_request() {
    let bench = Bench::with(rotating()).await;
    bench.shelf.inner.delete(&name()).await.unwrap();
    assert_eq!(
        bench.session.access().await.unwrap_err(),
        SessionError::Ended(EndReason::RecordGone)
    );
    assert_eq!(bench.stored().await, None);

    let bench = Bench::with(rotating()).await;
    bench
        .shelf
        .inner
        .write(
            &name(),
            &Record {
                grant: "another".into(),
                ..record("x1")
            },
        )
        .await
        .unwrap();
    assert_eq!(
        bench.session.access().await.unwrap_err(),
        SessionError::Ended(EndReason::Replaced)
    );
    assert_eq!(bench.stored().await.as_deref(), Some("x1"));
    let report = bench.session.end().await;
    assert_eq!(
        report,
        EndReport {
            revoked: Ok(()),
            deleted: Ok(())
        }
    );
    assert_eq!(
        bench.stored().await.as_deref(),
        Some("x1"),
        "another sign-in's record is not ours to delete"
    );
    assert_eq!(bench.server.requests().last().unwrap().form["token"], "r1");
}

/// security.md 38.
#[tokio::test]
async fn a_reply_without_a_refresh_token_keeps_the_old_one() {
    let bench = Bench::with(|_| {
        Reply::Json(
            200,
            format!(
                r#"{{"access_token":"{}","token_type":"bearer","expires_in":"3600"}}"#,
                jwt(2, "p", "A")
            ),
        )
    })
    .await;
    assert_eq!(bench.session.access().await.unwrap().generation, 2);
    assert_eq!(bench.stored().await.as_deref(), Some("r1"));
    assert_eq!(bench.session.renew(2).await.unwrap().generation, 3);
}

/// security.md 39.
#[tokio::test]
async fn a_token_is_renewed_when_the_clock_says_so_and_a_clock_set_back_is_not_believed_alone() {
    let bench = Bench::with(rotating()).await;
    assert_eq!(bench.session.access().await.unwrap().generation, 2);
    bench.clock.ahead(Duration::from_secs(3600 - 61));
    assert_eq!(bench.session.access().await.unwrap().generation, 2);
    // Within the margin; as after a sleep, only the wall clock has moved.
    bench.clock.ahead(Duration::from_secs(1));
    assert_eq!(bench.session.access().await.unwrap().generation, 3);
    bench.clock.ahead(Duration::from_secs(7200));
    assert_eq!(bench.session.access().await.unwrap().generation, 4);
    bench.clock.back(Duration::from_secs(7200));
    assert_eq!(
        bench.session.access().await.unwrap().generation,
        4,
        "two hours back make no refresh storm"
    );
    // If the token has run out in truth, the API refuses it and that counts.
    assert_eq!(bench.session.renew(4).await.unwrap().generation, 5);
}

/// security.md 39: the steady clock counts where the wall clock was set back.
#[tokio::test]
async fn a_short_token_runs_out_although_the_wall_clock_stands_still() {
    let mut number = 1;
    let bench = Bench::with(move |_| {
        number += 1;
        tokens_for(&jwt(number, "p", "A"), &format!("r{number}"), 1)
    })
    .await;
    assert_eq!(bench.session.access().await.unwrap().generation, 2);
    tokio::time::sleep(Duration::from_millis(1000)).await;
    assert_eq!(bench.session.access().await.unwrap().generation, 3);
}

/// security.md 39: at half of its life while someone wants it fresh.
#[tokio::test]
async fn a_guarded_session_is_renewed_in_the_background_and_no_longer_when_the_guard_is_gone() {
    let mut number = 1;
    let bench = Bench::with(move |_| {
        number += 1;
        tokens_for(&jwt(number, "p", "A"), &format!("r{number}"), 1)
    })
    .await;
    let guard = bench.session.keep_fresh();
    patiently(bench.server.wait_for(3)).await;
    drop(guard);
    let count = bench.server.count(TOKEN);
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert!(
        bench.server.count(TOKEN) <= count + 1,
        "one may have begun before the guard went"
    );
}

/// security.md 39: after a sleep the wall clock has moved and the steady one has not.
#[tokio::test]
async fn a_sleep_is_noticed_by_the_background_refresh() {
    let bench = Bench::with(rotating()).await;
    bench.session.access().await.unwrap();
    let guard = bench.session.keep_fresh_looking_every(Duration::from_millis(20));
    bench.clock.ahead(Duration::from_secs(1801));
    patiently(bench.server.wait_for(2)).await;
    assert_eq!(patiently(bench.session.renew(2)).await.unwrap().generation, 3);
    drop(guard);
}

/// security.md 40.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_that_falls_over_wakes_everyone_and_the_next_one_works() {
    let bench = Bench::with(rotating()).await;
    bench.shelf.plan(&[WriteFault::Panic]);
    let askers: Vec<_> = (0..20)
        .map(|_| {
            let session = bench.session.clone();
            tokio::spawn(async move { session.access().await })
        })
        .collect();
    let mut interrupted = 0;
    for asker in askers {
        match patiently(asker).await.unwrap() {
            Err(SessionError::Interrupted) => interrupted += 1,
            // One that came after the fall made the next refresh.
            Ok(access) => assert_eq!(access.generation, 2),
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(interrupted >= 1);
    assert_eq!(bench.session.access().await.unwrap().generation, 2);
}

/// security.md 40: a failed one, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_that_fails_tells_everyone_who_waited() {
    let gate = Arc::new(Notify::new());
    let open = gate.clone();
    let bench = Bench::with(move |_| Reply::After(open.clone(), Box::new(refused("invalid_client")))).await;
    let waiting = Arc::new(AtomicUsize::new(0));
    let askers: Vec<_> = (0..20)
        .map(|_| {
            let (session, waiting) = (bench.session.clone(), waiting.clone());
            tokio::spawn(async move {
                waiting.fetch_add(1, Ordering::SeqCst);
                session.access().await
            })
        })
        .collect();
    bench.server.wait_for(1).await;
    while waiting.load(Ordering::SeqCst) < 20 {
        tokio::task::yield_now().await;
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    gate.notify_one();
    for asker in askers {
        assert_eq!(
            patiently(asker).await.unwrap().unwrap_err(),
            SessionError::Token(TokenError::InvalidClient)
        );
    }
    assert_eq!(bench.server.count(TOKEN), 1);
}

/// security.md 37, 48: a server that asks for quiet gets it.
#[tokio::test]
async fn after_a_429_nothing_is_asked_until_the_time_is_over() {
    let bench = Bench::with(|_| {
        Reply::Text(
            429,
            vec![
                ("Retry-After", "120".into()),
                ("Content-Type", "text/html".into()),
            ],
            String::new(),
        )
    })
    .await;
    let limited = |error: SessionError| match error {
        SessionError::Token(TokenError::RateLimited { retry_after }) => retry_after.unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        limited(bench.session.access().await.unwrap_err()),
        Duration::from_secs(120)
    );
    let left = limited(bench.session.access().await.unwrap_err());
    assert!(
        left > Duration::from_secs(60) && left <= Duration::from_secs(120),
        "{left:?}"
    );
    assert_eq!(bench.server.count(TOKEN), 1);
    assert_eq!(bench.state(), SessionState::Live);
}

/// security.md 41.
#[tokio::test]
async fn a_sign_out_during_a_refresh_leaves_nothing_alive() {
    let gate = Arc::new(Notify::new());
    let (open, mut rotate) = (gate.clone(), rotating());
    let bench = Bench::with(move |request| match request.path.as_str() {
        TOKEN => Reply::After(open.clone(), Box::new(rotate(request))),
        _ => rotate(request),
    })
    .await;
    let session = bench.session.clone();
    let asker = tokio::spawn(async move { session.access().await });
    bench.server.wait_for(1).await;
    let session = bench.session.clone();
    let leaving = tokio::spawn(async move { session.end().await });
    while !bench.session.core.held().closing {
        tokio::task::yield_now().await;
    }
    gate.notify_one();
    assert_eq!(
        patiently(leaving).await.unwrap(),
        EndReport {
            revoked: Ok(()),
            deleted: Ok(())
        }
    );
    assert_eq!(
        patiently(asker).await.unwrap().unwrap_err(),
        SessionError::Ended(EndReason::SignedOut)
    );
    assert_eq!(bench.stored().await, None);
    assert!(
        !bench
            .shelf
            .events
            .lock()
            .unwrap()
            .contains(&"stored r2".to_owned()),
        "not even for a moment"
    );
    let revoked: Vec<_> = bench
        .server
        .requests()
        .into_iter()
        .filter(|r| r.path == REVOKE)
        .collect();
    assert_eq!(revoked.len(), 1);
    assert_eq!(
        revoked[0].form["token"], "r2",
        "the newest token is the one that is alive"
    );
    assert_eq!(
        bench.session.access().await.unwrap_err(),
        SessionError::Ended(EndReason::SignedOut)
    );
    assert_eq!(
        bench.session.switch("B").await.unwrap_err(),
        SessionError::Ended(EndReason::SignedOut)
    );
    assert_eq!(bench.server.count(TOKEN), 1);
}

/// security.md 42.
#[tokio::test]
async fn an_offline_sign_out_deletes_here_and_says_that_the_server_was_not_told() {
    let bench = Bench::with(|request| {
        if request.path == REVOKE {
            Reply::Lose
        } else {
            refused("x")
        }
    })
    .await;
    let report = bench.session.end().await;
    assert!(
        matches!(report.revoked, Err(TokenError::LostReply { .. })),
        "{:?}",
        report.revoked
    );
    assert_eq!(report.deleted, Ok(()));
    assert_eq!(bench.stored().await, None);
    assert_eq!(bench.state(), SessionState::Ended(EndReason::SignedOut));
}

/// security.md 41: what could not be deleted is reported, and can be tried again.
#[tokio::test]
async fn a_sign_out_with_a_locked_store_revokes_and_can_be_finished_later() {
    let bench = Bench::with(rotating()).await;
    bench.shelf.lock(true);
    let report = bench.session.end().await;
    assert_eq!(
        report,
        EndReport {
            revoked: Ok(()),
            deleted: Err(Shelf::refusal())
        }
    );
    bench.shelf.lock(false);
    assert_eq!(
        bench.session.end().await,
        EndReport {
            revoked: Ok(()),
            deleted: Ok(())
        }
    );
    assert_eq!(bench.stored().await, None);
    assert_eq!(bench.server.count(REVOKE), 1);
}

/// security.md 44.
#[tokio::test]
async fn a_switch_rotates_and_lands_in_the_organization_asked_for() {
    let bench = Bench::with(rotating()).await;
    let a = bench.session.access().await.unwrap();
    bench.session.switch("B").await.unwrap();
    let b = bench.session.access().await.unwrap();
    assert_eq!(
        (b.generation, b.organization.as_deref()),
        (a.generation + 1, Some("B"))
    );
    assert_eq!(bench.session.organization().as_deref(), Some("B"));
    let request = &bench.server.requests()[1];
    assert_eq!(request.form["grant_type"], "switch_organization");
    assert_eq!(
        (&*request.form["refresh_token"], &*request.form["organization_id"]),
        ("r2", "B")
    );
    // A late refusal of A's token gives B's, which says whose it is (security.md 43).
    assert_eq!(
        bench
            .session
            .renew(a.generation)
            .await
            .unwrap()
            .organization
            .as_deref(),
        Some("B")
    );
    assert_eq!(bench.server.count(TOKEN), 2);
    let restored = Session::restore(oauth(&bench.server.url), bench.shelf.clone(), name())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(restored.organization().as_deref(), Some("B"));
}

/// security.md 31, 44: what waited for the lock looks again before it spends.
#[tokio::test]
async fn a_refresh_that_waited_for_a_switch_uses_what_the_switch_brought() {
    let gate = Arc::new(Notify::new());
    let (open, mut rotate) = (gate.clone(), rotating());
    let bench = Bench::with(move |request| {
        let reply = rotate(request);
        let switch = request.form.contains_key("organization_id");
        if switch {
            Reply::After(open.clone(), Box::new(reply))
        } else {
            reply
        }
    })
    .await;
    bench.session.access().await.unwrap();
    bench.clock.ahead(Duration::from_secs(7200));
    let session = bench.session.clone();
    let switching = tokio::spawn(async move { session.switch("B").await });
    bench.server.wait_for(2).await;
    let session = bench.session.clone();
    let asker = tokio::spawn(async move { session.access().await });
    while bench.session.core.held().flight.is_none() {
        tokio::task::yield_now().await;
    }
    gate.notify_one();
    patiently(switching).await.unwrap().unwrap();
    assert_eq!(
        patiently(asker).await.unwrap().unwrap().organization.as_deref(),
        Some("B")
    );
    assert_eq!(bench.server.count(TOKEN), 2);
}

/// security.md 44.
#[tokio::test]
async fn a_switch_that_fails_leaves_the_old_organization_working() {
    for fault in [
        refused("access_denied"),
        refused("invalid_grant"),
        Reply::Json(500, "{}".into()),
    ] {
        let mut rotate = rotating();
        let bench = Bench::with(move |request| {
            if request.form.contains_key("organization_id") {
                fault.clone()
            } else {
                rotate(request)
            }
        })
        .await;
        let before = bench.session.access().await.unwrap();
        assert!(matches!(
            bench.session.switch("B").await.unwrap_err(),
            SessionError::Token(_)
        ));
        let after = bench.session.access().await.unwrap();
        assert_eq!(after.generation, before.generation);
        assert_eq!(bench.session.organization().as_deref(), Some("A"));
        assert_eq!(
            bench
                .session
                .renew(after.generation)
                .await
                .unwrap()
                .organization
                .as_deref(),
            Some("A")
        );
        assert_eq!(bench.state(), SessionState::Live);
    }
}

/// security.md 44: the server ignores the switch, or lands elsewhere.
#[tokio::test]
async fn a_switch_that_lands_elsewhere_is_an_error_and_goes_back_home() {
    let number = AtomicU32::new(1);
    let bench = Bench::with(move |request| {
        let next = number.fetch_add(1, Ordering::SeqCst) + 1;
        let lands_in = match request.form.get("organization_id").map(String::as_str) {
            Some("ignored") | Some("A") | None => "A",
            Some(_) => "C",
        };
        tokens(&jwt(next, "person", lands_in), &format!("r{next}"))
    })
    .await;
    let wrong = |asked: &str, got: &str| SessionError::WrongOrganization {
        asked: asked.into(),
        got: Some(got.into()),
    };
    bench.session.access().await.unwrap();
    assert_eq!(
        bench.session.switch("ignored").await.unwrap_err(),
        wrong("ignored", "A")
    );
    assert_eq!(
        bench.session.access().await.unwrap().organization.as_deref(),
        Some("A")
    );
    assert_eq!(bench.session.switch("B").await.unwrap_err(), wrong("B", "C"));
    assert_eq!(
        bench.session.access().await.unwrap().claims.org.as_deref(),
        Some("A")
    );
    assert_eq!(bench.session.organization().as_deref(), Some("A"));
    assert_eq!(
        bench.stored().await.as_deref(),
        Some("r5"),
        "every token given is stored: r2, r3, then r4 and back"
    );
}

/// security.md 44: an opaque token can't prove where it landed.
#[tokio::test]
async fn a_switch_that_can_not_be_checked_is_refused() {
    let bench = Bench::with(|_| tokens("opaque", "r2")).await;
    let error = bench.session.switch("B").await.unwrap_err();
    assert_eq!(
        error,
        SessionError::WrongOrganization {
            asked: "B".into(),
            got: None
        }
    );
    assert_eq!(bench.session.organization().as_deref(), Some("A"));
}

/// Contract, "By default access_token log in to the Private organization": a refresh may fall back to it.
#[tokio::test]
async fn a_refresh_that_forgets_the_organization_is_told_it_again() {
    let mut number = 1;
    let bench = Bench::with(move |request| {
        number += 1;
        let organization = request
            .form
            .get("organization_id")
            .map_or("Private", String::as_str);
        tokens(&jwt(number, "person", organization), &format!("r{number}"))
    })
    .await;
    let access = bench.session.access().await.unwrap();
    assert_eq!(access.organization.as_deref(), Some("A"));
    assert_eq!(bench.server.requests()[1].form["organization_id"], "A");
    assert_eq!(bench.stored().await.as_deref(), Some("r3"));
}

/// security.md 34, 5.
#[tokio::test]
async fn a_sign_in_is_stored_before_it_is_used_and_a_failing_store_leaves_the_old_one() {
    let server = Server::start(rotating()).await;
    let shelf = Arc::new(Shelf::default());
    shelf.inner.write(&name(), &record("old")).await.unwrap();
    shelf.plan(&[WriteFault::Refuse]);
    let error = Session::establish(oauth(&server.url), shelf.clone(), name(), first_tokens())
        .await
        .err()
        .unwrap();
    assert_eq!(error, SessionError::Store(Shelf::refusal()));
    let left = shelf.inner.read(&name()).await.unwrap().unwrap();
    assert_eq!(left.refresh_token.expose_secret(), "old");

    let session = Session::establish(oauth(&server.url), shelf.clone(), name(), first_tokens())
        .await
        .unwrap();
    let stored = shelf.inner.read(&name()).await.unwrap().unwrap();
    assert_eq!(stored.refresh_token.expose_secret(), "r1");
    assert_ne!(stored.grant, left.grant);
    let access = session.access().await.unwrap();
    assert_eq!(access.secret().expose_secret(), &jwt(0, "person", "A"));
    assert_eq!(
        (session.organization().as_deref(), session.person().as_deref()),
        (Some("A"), Some("person"))
    );
    assert_eq!(server.count(TOKEN), 0);
}

/// security.md 27.
#[tokio::test]
async fn a_sign_in_too_large_for_a_keychain_is_an_error_with_its_size() {
    let server = Server::start(rotating()).await;
    let large = TokenSet {
        refresh: Some(SecretString::from("x".repeat(2600))),
        ..first_tokens()
    };
    let error = Session::establish(oauth(&server.url), Arc::new(MemoryStore::new()), name(), large)
        .await
        .err();
    assert!(
        matches!(
            error,
            Some(SessionError::Store(StoreError::TooLarge {
                bytes: 2601..,
                most: 2560
            }))
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_sign_in_without_a_refresh_token_is_no_session() {
    let server = Server::start(rotating()).await;
    let tokens = TokenSet {
        refresh: None,
        ..first_tokens()
    };
    let error = Session::establish(oauth(&server.url), Arc::new(MemoryStore::new()), name(), tokens)
        .await
        .err();
    assert_eq!(error, Some(SessionError::NoRefreshToken));
}

#[tokio::test]
async fn restoring_asks_nobody_but_the_store() {
    let server = Server::start(rotating()).await;
    let store = Arc::new(MemoryStore::new());
    assert!(
        Session::restore(oauth(&server.url), store.clone(), name())
            .await
            .unwrap()
            .is_none()
    );
    store.write(&name(), &record("r1")).await.unwrap();
    let session = Session::restore(oauth(&server.url), store, name())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(session.organization().as_deref(), Some("A"));
    assert!(server.requests().is_empty());
}

/// security.md 58.
#[tokio::test]
async fn what_is_printed_of_a_token_is_not_the_token() {
    let bench = Bench::with(rotating()).await;
    let access = bench.session.access().await.unwrap();
    assert!(!format!("{access:?}").contains(access.secret().expose_secret()));
}
