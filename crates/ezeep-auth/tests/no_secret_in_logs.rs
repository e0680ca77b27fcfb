//! security.md 58, this crate's part: the whole life of a session with logs at trace level, including its
//! libraries', and no secret in them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ezeep_auth::{Hints, MemoryStore, RecordName, RedirectUri, Session};
use tokio_util::sync::CancellationToken;

mod support;

use support::server::{Reply, Server, refused, tokens};
use support::{get, oauth_at, parameter};

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

// One thread, so that the thread's own subscriber sees everything.
#[tokio::test(flavor = "current_thread")]
async fn no_code_state_verifier_or_token_is_logged_at_any_level() {
    let sink = Sink::default();
    let writer = sink.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let mut number = 0;
    let server = Server::start(move |request| {
        number += 1;
        match number {
            3 => Reply::Json(500, r#"{"error":"CANARY-body"}"#.into()),
            5 => refused("invalid_scope"),
            _ if request.path == "/oauth/revoke/" => Reply::Text(200, vec![], String::new()),
            n => tokens(&format!("CANARY-access-{n}"), &format!("CANARY-refresh-{n}")),
        }
    })
    .await;
    let oauth = oauth_at(&server.url);
    let attempt = oauth.begin(Hints::default()).await.unwrap();
    let state = parameter(attempt.authorization_url(), "state");
    let RedirectUri::Loopback(loopback) = attempt.redirect_uri() else {
        panic!("a loopback redirect")
    };
    let address = format!("127.0.0.1:{}", loopback.port());
    let target = format!("/oauth/callback?code=CANARY-code&state={state}");
    let cancel = CancellationToken::new();
    let (code, _) = tokio::join!(
        attempt.wait(&cancel, Duration::from_secs(30)),
        get(&address, &target)
    );
    let set = oauth.exchange(code.ok().unwrap()).await.ok().unwrap();
    let config = oauth.config();
    let name = RecordName::new(&config.account, &config.client_id, "person", Path::new("/data"));
    let session = Session::establish(oauth.clone(), Arc::new(MemoryStore::new()), name, set)
        .await
        .unwrap();
    let given = session.access().await.unwrap().generation;
    let renewed = session.renew(given).await.unwrap().generation;
    session.renew(renewed).await.unwrap_err();
    session.renew(renewed).await.unwrap();
    let other = ids::OrganizationId::try_from("B").unwrap();
    session.switch(&other).await.unwrap_err();
    session.end().await.revoked.unwrap();

    let verifier = server.requests()[0].form["code_verifier"].clone();
    let log = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
    assert!(
        log.contains("token request done") && log.contains("token request failed"),
        "the log was listened to"
    );
    assert!(log.contains("TRACE"), "the libraries' too");
    for secret in ["CANARY", &state, &verifier] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None);
    }
}
