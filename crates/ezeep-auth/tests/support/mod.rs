//! Helpers of the integration tests: a server that misbehaves on command, a browser made of bytes, a setup.
#![allow(dead_code, reason = "each test file uses a part")]

pub mod browser;
pub mod server;

use std::net::{Ipv6Addr, TcpListener};
use std::time::Duration;

use ezeep_auth::{ClientAuthentication, ClientId, Limits, OAuth, OAuthConfig, RedirectUri, Scopes};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

pub fn config(account: &Url, redirect: RedirectUri) -> OAuthConfig {
    OAuthConfig {
        account: account.clone(),
        client_id: ClientId::try_from("78KYzeX5wS8r0FYz9KdvNt9xHMRA61PJK80IHwNj").unwrap(),
        redirect,
        scopes: Scopes::try_from("printing printing.printers.readonly").unwrap(),
        client_authentication: ClientAuthentication::default(),
        limits: Limits {
            request: Duration::from_secs(10),
            ..Limits::default()
        },
    }
}

pub fn oauth(config: OAuthConfig) -> OAuth {
    OAuth::new(
        OAuth::http_client(reqwest::Client::builder().no_proxy()).unwrap(),
        config,
    )
    .unwrap()
}

/// A sign-in at `account`, with a redirect to any free port.
pub fn oauth_at(account: &Url) -> OAuth {
    oauth(config(
        account,
        RedirectUri::loopback_any("/oauth/callback").unwrap(),
    ))
}

pub fn nowhere() -> Url {
    Url::parse("https://account.example").unwrap()
}

pub fn has_v6() -> bool {
    TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok()
}

pub fn parameter(url: &Url, name: &str) -> String {
    let mut values = url.query_pairs().filter(|(key, _)| key == name);
    let value = values
        .next()
        .unwrap_or_else(|| panic!("no {name}"))
        .1
        .into_owned();
    assert!(values.next().is_none(), "two {name}");
    value
}

/// Sends bytes and reads to the end; an empty text if the other side just closed.
pub async fn raw(address: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

/// A GET as a browser sends it.
pub async fn get(address: &str, target: &str) -> String {
    raw(
        address,
        format!("GET {target} HTTP/1.1\r\nHost: {address}\r\nAccept: text/html\r\n\r\n").as_bytes(),
    )
    .await
}

pub fn status(answer: &str) -> u16 {
    answer
        .split(' ')
        .nth(1)
        .unwrap_or_else(|| panic!("no answer: {answer:?}"))
        .parse()
        .unwrap()
}

pub async fn patiently<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), future)
        .await
        .expect("it hangs")
}
