//! Pairing over real sockets: what is sent, that a code leads to a session, and that a cancel leaves no grant
//! alive.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;
use std::time::Duration;

use ezeep_auth::{Hints, MalformedReply, PairingError, TokenError};
use secrecy::ExposeSecret;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

mod support;

use support::server::{Reply, Request, Server, jwt, refused, tokens};
use support::{oauth_at, patiently};

const PAIR: &str = "/oauth/pair/";
const TOKEN: &str = "/oauth/access_token/";
const REVOKE: &str = "/oauth/revoke/";

/// A server whose pairing code is polled every second.
async fn server(mut polled: impl FnMut(usize) -> Reply + Send + 'static) -> Server {
    let mut polls = 0;
    Server::start(move |request| match request.path.as_str() {
        PAIR => Reply::Json(200, offer(&request.headers["host"])),
        TOKEN => {
            polls += 1;
            polled(polls)
        }
        _ => Reply::Text(200, vec![], String::new()),
    })
    .await
}

fn offer(host: &str) -> String {
    format!(
        r#"{{"pairing_code":"ABCD-1234","auth_url":"http://{host}/pair/?code=ABCD-1234","interval":1,"expires_in":60}}"#
    )
}

fn to<'a>(requests: &'a [Request], path: &str) -> Vec<&'a Request> {
    requests.iter().filter(|request| request.path == path).collect()
}

/// security.md 23, contract `/oauth/pair/`.
#[tokio::test]
async fn a_code_is_asked_for_shown_polled_and_brings_tokens() {
    let server = server(|polls| match polls {
        1 => refused("authorization_pending"),
        _ => tokens(&jwt(1, "person", "Private"), "r1"),
    })
    .await;
    let pairing = oauth_at(&server.url).pair().await.ok().unwrap();
    assert_eq!(pairing.code(), "ABCD-1234");
    assert_eq!(pairing.url(), &server.url.join("/pair/?code=ABCD-1234").unwrap());
    assert_eq!(pairing.expires_in(), Duration::from_secs(60));
    assert_eq!(server.count(TOKEN), 0, "nothing is polled before the wait");
    let set = patiently(pairing.wait(&CancellationToken::new())).await;
    let set = set.ok().unwrap();
    assert_eq!(set.refresh.unwrap().expose_secret(), "r1");
    let requests = server.requests();
    let asked = &requests[0];
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", PAIR));
    assert_eq!(asked.form["mode"], "user");
    assert_eq!(asked.form["scope"], "printing printing.printers.readonly");
    assert!(asked.headers["authorization"].starts_with("Basic "));
    let polls = to(&requests, TOKEN);
    assert_eq!(polls.len(), 2);
    for poll in polls {
        assert_eq!(poll.form["grant_type"], "pairing_code");
        assert_eq!(poll.form["pairing_code"], "ABCD-1234");
        assert!(poll.headers["authorization"].starts_with("Basic "));
    }
}

/// security.md 20: a pairing request follows no redirect either.
#[tokio::test]
async fn a_pairing_request_is_answered_by_the_account_server_or_not_at_all() {
    let elsewhere = Server::start(|request| Reply::Json(200, offer(&request.headers["host"]))).await;
    let location = elsewhere.url.join(PAIR).unwrap().to_string();
    let server =
        Server::start(move |_| Reply::Text(307, vec![("Location", location.clone())], String::new())).await;
    assert_eq!(
        oauth_at(&server.url).pair().await.err(),
        Some(TokenError::Redirected)
    );
    assert!(elsewhere.requests().is_empty());

    let server = Server::start(|_| Reply::Json(200, offer("evil.example"))).await;
    let why = MalformedReply::PairingUrl;
    assert_eq!(
        oauth_at(&server.url).pair().await.err(),
        Some(TokenError::Malformed { why })
    );
}

/// security.md 23: a refusal, and a reply lost after the server had returned the tokens.
#[tokio::test]
async fn a_refusal_and_a_code_spent_by_a_lost_reply_are_told_apart() {
    let refusing = server(|_| refused("access_denied")).await;
    let pairing = oauth_at(&refusing.url).pair().await.ok().unwrap();
    let end = patiently(pairing.wait(&CancellationToken::new())).await;
    assert_eq!(end.err(), Some(PairingError::Refused));

    let losing = server(|polls| match polls {
        1 => Reply::Lose,
        _ => refused("invalid_grant"),
    })
    .await;
    let pairing = oauth_at(&losing.url).pair().await.ok().unwrap();
    let end = patiently(pairing.wait(&CancellationToken::new())).await;
    let lost = TokenError::LostReply {
        host: "127.0.0.1".into(),
        timed_out: false,
    };
    assert_eq!(end.err(), Some(PairingError::Token(lost)));
    assert_eq!(losing.count(TOKEN), 2);
}

/// A cancel during a poll leaves no unused grant behind.
#[tokio::test]
async fn tokens_that_come_after_a_cancel_are_revoked() {
    let gate = Arc::new(Notify::new());
    let open = gate.clone();
    let server = server(move |_| {
        let granted = tokens(&jwt(1, "person", "Private"), "r1");
        Reply::After(open.clone(), Box::new(granted))
    })
    .await;
    let pairing = oauth_at(&server.url).pair().await.ok().unwrap();
    let cancel = CancellationToken::new();
    let waiting = tokio::spawn({
        let cancel = cancel.clone();
        async move { pairing.wait(&cancel).await.err() }
    });
    patiently(server.wait_for(2)).await;
    cancel.cancel();
    let end = patiently(waiting).await.unwrap();
    assert_eq!(end, Some(PairingError::Cancelled));
    gate.notify_one();
    patiently(server.wait_for(3)).await;
    let requests = server.requests();
    assert_eq!(to(&requests, REVOKE)[0].form["token"], "r1");
}

/// security.md 24: only the call begins a pairing, whatever else fails.
#[tokio::test]
async fn a_failed_sign_in_does_not_begin_a_pairing() {
    let server = Server::start(|_| refused("unauthorized_client")).await;
    let oauth = oauth_at(&server.url);
    let attempt = oauth.begin(Hints::default()).await.unwrap();
    let state = support::parameter(attempt.authorization_url(), "state");
    let ezeep_auth::RedirectUri::Loopback(loopback) = attempt.redirect_uri() else {
        panic!("a loopback redirect")
    };
    let address = format!("127.0.0.1:{}", loopback.port());
    let (cancel, target) = (
        CancellationToken::new(),
        format!("/oauth/callback?code=c&state={state}"),
    );
    let (code, _) = tokio::join!(
        attempt.wait(&cancel, Duration::from_secs(60)),
        support::get(&address, &target)
    );
    assert!(oauth.exchange(code.ok().unwrap()).await.is_err());
    assert_eq!(server.count(PAIR), 0);
    assert_eq!(server.requests().len(), 1);
}
