//! What a waiting attempt reports besides its answer: forged callbacks, and a browser that insists on https.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;
use std::time::Duration;

use ezeep_auth::Notices;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

mod support;

use support::browser::{Browser, begin};
use support::{get, nowhere, oauth_at, patiently, raw};

/// security.md 10: refused callbacks are counted, so that the window can explain a wait that continues.
#[tokio::test]
async fn forged_and_misdirected_callbacks_are_counted_and_other_requests_are_not() {
    let oauth = oauth_at(&nowhere());
    let attempt = begin(&oauth).await.unwrap();
    let mut notices = attempt.notices();
    assert_eq!(*notices.borrow(), Notices::default());
    let browser = Browser::waiting_for(attempt);
    let Browser { address, state, .. } = &browser;
    get(address, "/favicon.ico").await;
    for n in 0..3 {
        get(address, &format!("/oauth/callback?state=forged{n}&code=abc")).await;
    }
    let elsewhere =
        format!("GET /oauth/callback?state={state}&code=x HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    raw(address, elsewhere.as_bytes()).await;
    let seen = *patiently(notices.wait_for(|seen| seen.refused >= 4))
        .await
        .unwrap();
    assert_eq!(
        seen,
        Notices {
            another_sign_in: true,
            refused: 4,
            ..Notices::default()
        }
    );
    browser.succeeds().await;
    assert!(
        patiently(notices.changed()).await.is_err(),
        "over with the attempt"
    );
}

/// HSTS on localhost: the browser turns the redirect into https and starts a TLS handshake.
#[tokio::test]
async fn a_tls_handshake_is_told_closed_without_a_word_and_the_wait_goes_on() {
    let oauth = oauth_at(&nowhere());
    let attempt = begin(&oauth).await.unwrap();
    let mut notices = attempt.notices();
    let browser = Browser::waiting_for(attempt);
    let connector = tokio_rustls::TlsConnector::from(Arc::new(tls_client()));
    let stream = TcpStream::connect(&browser.address).await.unwrap();
    let name = "localhost".try_into().unwrap();
    assert!(patiently(connector.connect(name, stream)).await.is_err());
    assert!(patiently(notices.wait_for(|seen| seen.https_tried)).await.is_ok());
    // One byte at a time, as a network may deliver it.
    let mut slow = TcpStream::connect(&browser.address).await.unwrap();
    for byte in [0x16, 3, 1, 2] {
        let _ = slow.write_all(&[byte]).await;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut answer = Vec::new();
    let _ = patiently(slow.read_to_end(&mut answer)).await;
    assert!(answer.is_empty());
    assert_eq!(notices.borrow().refused, 0);
    browser.succeeds().await;
}

fn tls_client() -> rustls::ClientConfig {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}
