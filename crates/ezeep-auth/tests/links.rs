//! A sign-in whose redirect uses a scheme of our own: the answer comes as a link from the operating system.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use ezeep_auth::{Attempt, CallbackError, Delivery, Hints, Links, Notices, OAuth, RedirectUri};
use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;
use url::Url;

mod support;

use support::server::{Server, jwt, tokens};
use support::{config, nowhere, oauth, parameter, patiently};

const REDIRECT: &str = "dev.pressroom.console://oauth/callback";
const LONG: Duration = Duration::from_secs(60);

fn linked(account: &Url, links: &Links) -> OAuth {
    let redirect = RedirectUri::try_from(REDIRECT).unwrap();
    oauth(config(account, redirect)).with_links(links.clone())
}

async fn begin(oauth: &OAuth) -> (Attempt, String) {
    let attempt = oauth.begin(Hints::default()).await.unwrap();
    let state = parameter(attempt.authorization_url(), "state");
    (attempt, state)
}

fn link(state: &str) -> String {
    format!("{REDIRECT}?code=c%2Bode&state={state}")
}

/// security.md 4, 13, 15: the whole sequence, with fifty forged links before the real one.
#[tokio::test]
async fn a_link_brings_the_code_that_is_exchanged_with_the_same_redirect() {
    let server = Server::start(|_| tokens(&jwt(1, "person", "Private"), "r1")).await;
    let links = Links::default();
    let oauth = linked(&server.url, &links);
    let (attempt, state) = begin(&oauth).await;
    assert_eq!(parameter(attempt.authorization_url(), "redirect_uri"), REDIRECT);
    let notices = attempt.notices();
    let waiting = tokio::spawn(async move { attempt.wait(&CancellationToken::new(), LONG).await });
    for n in 0..50 {
        assert_eq!(
            links.deliver(&link(&format!("forged{n}"))),
            Delivery::AnotherSignIn
        );
    }
    assert_eq!(
        links.deliver("dev.pressroom.console://settings"),
        Delivery::NotOurs
    );
    assert_eq!(
        *notices.borrow(),
        Notices {
            another_sign_in: true,
            refused: 50,
            ..Notices::default()
        }
    );
    assert!(!waiting.is_finished());
    assert_eq!(links.deliver(&link(&state)), Delivery::Taken);
    assert_eq!(links.deliver(&link(&state)), Delivery::AnotherSignIn);
    let code = patiently(waiting).await.unwrap().ok().unwrap();
    let set = oauth.exchange(code).await.ok().unwrap();
    assert_eq!(set.access.expose_secret(), &jwt(1, "person", "Private"));
    let form = &server.requests()[0].form;
    assert_eq!((&*form["code"], &*form["redirect_uri"]), ("c+ode", REDIRECT));
}

/// security.md 13: a link may arrive before anything waits for it, as after a cold start.
#[tokio::test]
async fn a_link_that_comes_before_the_wait_is_kept_for_it() {
    let links = Links::default();
    let (attempt, state) = begin(&linked(&nowhere(), &links)).await;
    assert_eq!(links.deliver(&link(&state)), Delivery::Taken);
    let code = patiently(attempt.wait(&CancellationToken::new(), LONG)).await;
    assert!(code.is_ok());
}

#[tokio::test]
async fn after_a_cancel_a_time_out_or_a_drop_nothing_is_pending() {
    let links = Links::default();
    let oauth = linked(&nowhere(), &links);

    let (attempt, state) = begin(&oauth).await;
    let cancel = CancellationToken::new();
    cancel.cancel();
    assert_eq!(
        attempt.wait(&cancel, LONG).await.err(),
        Some(CallbackError::Cancelled)
    );
    assert_eq!(links.deliver(&link(&state)), Delivery::AnotherSignIn);

    let (attempt, state) = begin(&oauth).await;
    let timed_out = attempt
        .wait(&CancellationToken::new(), Duration::from_millis(10))
        .await;
    assert_eq!(timed_out.err(), Some(CallbackError::TimedOut));
    assert_eq!(links.deliver(&link(&state)), Delivery::AnotherSignIn);

    let (attempt, state) = begin(&oauth).await;
    drop(attempt);
    assert_eq!(links.deliver(&link(&state)), Delivery::AnotherSignIn);

    let (attempt, state) = begin(&oauth).await;
    let waiting = tokio::spawn(async move { attempt.wait(&CancellationToken::new(), LONG).await });
    tokio::task::yield_now().await;
    waiting.abort();
    assert!(waiting.await.is_err());
    assert_eq!(links.deliver(&link(&state)), Delivery::AnotherSignIn);
}

/// A double click on "Sign in": the newest attempt is the one that counts.
#[tokio::test]
async fn the_second_of_two_attempts_is_the_one_that_is_answered() {
    let links = Links::default();
    let oauth = linked(&nowhere(), &links);
    let (first, old) = begin(&oauth).await;
    let (second, new) = begin(&oauth).await;
    let cancel = CancellationToken::new();
    assert_eq!(
        patiently(first.wait(&cancel, LONG)).await.err(),
        Some(CallbackError::Cancelled)
    );
    assert_eq!(links.deliver(&link(&old)), Delivery::AnotherSignIn);
    assert_eq!(links.deliver(&link(&new)), Delivery::Taken);
    assert!(patiently(second.wait(&cancel, LONG)).await.is_ok());
}

/// A loopback redirect is not affected.
#[tokio::test]
async fn a_hub_changes_nothing_for_a_loopback_redirect() {
    let links = Links::default();
    let redirect = RedirectUri::loopback_any("/oauth/callback").unwrap();
    let oauth = oauth(config(&nowhere(), redirect)).with_links(links.clone());
    let (attempt, state) = begin(&oauth).await;
    assert_eq!(links.deliver(&link(&state)), Delivery::AnotherSignIn);
    let RedirectUri::Loopback(loopback) = attempt.redirect_uri() else {
        panic!("a loopback redirect")
    };
    let (address, cancel) = (format!("127.0.0.1:{}", loopback.port()), CancellationToken::new());
    let target = format!("/oauth/callback?code=abc&state={state}");
    let (code, _) = tokio::join!(attempt.wait(&cancel, LONG), support::get(&address, &target));
    assert!(code.is_ok());
}
