//! Exchanges of a code: once, with its own verifier, without affecting an older session before that.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ezeep_auth::{CallbackError, MemoryStore, RecordName, RedirectUri, Session, SpeaksFor, TokenError};
use ids::OrganizationId;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

mod support;

use support::browser::{Browser, begin};
use support::server::{Reply, Server, jwt, refused, tokens};
use support::{get, oauth_at, parameter, patiently, status};

/// security.md 2, 4: the whole sequence, with a server that checks the challenge.
#[tokio::test]
async fn a_code_is_exchanged_with_its_own_verifier_and_the_same_redirect() {
    let server = Server::start(|_| tokens(&jwt(1, "person", "Private"), "r1")).await;
    let oauth = oauth_at(&server.url);
    let attempt = begin(&oauth).await.unwrap();
    let challenge = parameter(attempt.authorization_url(), "code_challenge");
    let state = parameter(attempt.authorization_url(), "state");
    let RedirectUri::Loopback(loopback) = attempt.redirect_uri() else {
        panic!("a loopback redirect")
    };
    let address = format!("127.0.0.1:{}", loopback.port());
    let cancel = CancellationToken::new();
    let target = format!("/oauth/callback?code=c%2Bode&state={state}");
    let (code, page) = tokio::join!(
        attempt.wait(&cancel, Duration::from_secs(60)),
        get(&address, &target)
    );
    assert_eq!(status(&page), 200);
    let set = oauth.exchange(code.ok().unwrap()).await.ok().unwrap();
    assert_eq!(set.access.expose_secret(), &jwt(1, "person", "Private"));
    assert_eq!(
        (
            set.claims.org.as_ref().map(OrganizationId::as_str),
            set.claims.sub.as_deref()
        ),
        (Some("Private"), Some("person"))
    );

    let request = &server.requests()[0];
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("POST", "/oauth/access_token/")
    );
    assert_eq!(request.form["grant_type"], "authorization_code");
    assert_eq!(request.form["code"], "c+ode");
    assert_eq!(request.form["redirect_uri"], oauth.config().redirect.as_str());
    assert_eq!(request.form["scope"], "printing printing.printers.readonly");
    let verifier = &request.form["code_verifier"];
    assert!(verifier.len() >= 43);
    assert_eq!(
        URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())),
        challenge
    );
}

/// security.md 2: a server that uses the challenge as the verifier gets no verifier that would match.
#[tokio::test]
async fn a_server_that_knows_only_plain_gets_an_error() {
    let challenge = Arc::new(Mutex::new(String::new()));
    let expected = challenge.clone();
    let server = Server::start(move |request| {
        if request.form["code_verifier"] == *expected.lock().unwrap() {
            tokens(&jwt(1, "person", "Private"), "r1")
        } else {
            refused("invalid_grant")
        }
    })
    .await;
    let oauth = oauth_at(&server.url);
    let attempt = begin(&oauth).await.unwrap();
    *challenge.lock().unwrap() = parameter(attempt.authorization_url(), "code_challenge");
    let browser = Browser::waiting_for(attempt);
    browser.comes_back("&code=abc").await;
    let code = patiently(browser.waiting).await.unwrap().ok().unwrap();
    assert_eq!(oauth.exchange(code).await.err(), Some(TokenError::InvalidGrant));
}

/// security.md 5: the old session stays until the new one is stored.
#[tokio::test]
async fn a_second_sign_in_that_is_cancelled_or_refused_leaves_the_first_working() {
    let mut number = 1;
    let server = Server::start(move |request| {
        if request.form["grant_type"] == "authorization_code" && request.form["code"] == "bad" {
            return refused("invalid_grant");
        }
        number += 1;
        tokens(&jwt(number, "person", "A"), &format!("r{number}"))
    })
    .await;
    let oauth = oauth_at(&server.url);
    let browser = Browser::at(&oauth).await;
    browser.comes_back("&code=good").await;
    let code = patiently(browser.waiting).await.unwrap().ok().unwrap();
    let set = oauth.exchange(code).await.ok().unwrap();
    let config = oauth.config();
    let name = RecordName::new(&config.account, &config.client_id, "person", "/data".as_ref());
    let store = Arc::new(MemoryStore::new());
    let session = Session::establish(oauth.clone(), store.clone(), name.clone(), set).await;
    let session = session.unwrap();

    let second = Browser::at(&oauth).await;
    second.cancel.cancel();
    assert_eq!(second.error().await, CallbackError::Cancelled);
    let third = Browser::at(&oauth).await;
    third.comes_back("&code=bad").await;
    let code = patiently(third.waiting).await.unwrap().ok().unwrap();
    assert!(oauth.exchange(code).await.is_err());

    let given = session.access().await.unwrap().generation;
    let renewed = session.renew(given).await.unwrap();
    assert_eq!(
        renewed.speaks_for,
        SpeaksFor::Token(OrganizationId::try_from("A").unwrap())
    );
    assert!(Session::restore(oauth, store, name).await.unwrap().is_some());
}

/// security.md 2, contract: a code is used once and never sent again.
#[tokio::test]
async fn an_exchange_is_never_repeated() {
    for reply in [
        Reply::Lose,
        Reply::Json(500, "{}".into()),
        refused("invalid_request"),
    ] {
        let server = Server::start(move |_| reply.clone()).await;
        let oauth = oauth_at(&server.url);
        let browser = Browser::at(&oauth).await;
        browser.comes_back("&code=abc").await;
        let code = patiently(browser.waiting).await.unwrap().ok().unwrap();
        let error = oauth.exchange(code).await.err().unwrap();
        assert!(!matches!(error, TokenError::Connect { .. }), "{error:?}");
        assert_eq!(server.requests().len(), 1);
    }
}
