//! The token endpoint over real sockets: where requests go, how the client identifies itself, and the error
//! of each fault.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use ezeep_auth::{
    ClientAuthentication, Limits, MalformedReply, MemoryStore, OAuth, RecordName, RedirectUri, Session,
    SessionError, TokenError, TokenSet,
};
use ezeep_http::{CertificateFault, Clocks, HttpClient};
use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

mod support;

use support::server::{Reply, Server, jwt, tokens};
use support::{config, oauth, oauth_at, patiently};

fn revoked() -> Reply {
    Reply::Text(200, vec![], String::new())
}

/// One refresh, as the simplest token request. Returns its error if it fails.
async fn refresh(oauth: &OAuth) -> Result<(), TokenError> {
    let first = TokenSet {
        access: SecretString::from("a"),
        refresh: Some(SecretString::from("r1")),
        expires_in: Duration::from_secs(3600),
        scope: None,
        claims: Default::default(),
    };
    let config = oauth.config();
    let name = RecordName::new(
        &config.account,
        &config.client_id,
        "person",
        std::path::Path::new("/data"),
    );
    let store = Arc::new(MemoryStore::new());
    let session = Session::establish(oauth.clone(), store, name, first)
        .await
        .unwrap();
    let given = session.access().await.unwrap().generation;
    match patiently(session.renew(given)).await {
        Ok(_) => Ok(()),
        Err(SessionError::Token(error)) => Err(error),
        Err(other) => panic!("{other:?}"),
    }
}

/// security.md 21.
#[tokio::test]
async fn the_client_names_itself_in_the_header_or_in_the_body_and_never_in_both() {
    for authentication in [ClientAuthentication::BasicEmptySecret, ClientAuthentication::Body] {
        let server = Server::start(|request| match request.path.as_str() {
            "/oauth/revoke/" => revoked(),
            _ => tokens(&jwt(1, "p", "A"), "r2"),
        })
        .await;
        let redirect = RedirectUri::try_from("http://localhost:8080/oauth/callback").unwrap();
        let mut config = config(&server.url, redirect);
        config.client_authentication = authentication;
        let oauth = oauth(config);
        refresh(&oauth).await.unwrap();
        oauth.revoke(&SecretString::from("r2")).await.unwrap();
        for request in server.requests() {
            assert_eq!(
                request.headers["content-type"],
                "application/x-www-form-urlencoded"
            );
            assert_eq!(request.headers["accept"], "application/json");
            assert!(!request.headers.contains_key("referer"));
            match authentication {
                // As in the vendor's own example: base64("id:").
                ClientAuthentication::BasicEmptySecret => {
                    assert_eq!(
                        request.headers["authorization"],
                        "Basic NzhLWXplWDV3UzhyMEZZejlLZHZOdDl4SE1SQTYxUEpLODBJSHdOajo="
                    );
                    assert!(!request.form.contains_key("client_id"));
                }
                ClientAuthentication::Body => {
                    assert!(!request.headers.contains_key("authorization"));
                    assert_eq!(
                        request.form["client_id"],
                        "78KYzeX5wS8r0FYz9KdvNt9xHMRA61PJK80IHwNj"
                    );
                }
            }
            assert!(!request.form.contains_key("client_secret"));
        }
        let refresh = &server.requests()[0].form;
        assert_eq!(refresh["grant_type"], "refresh_token");
        assert_eq!(refresh["refresh_token"], "r1");
        assert_eq!(refresh["scope"], "printing printing.printers.readonly");
        assert_eq!(server.requests()[1].form["token"], "r2");
    }
}

/// security.md 20.
#[tokio::test]
async fn a_redirect_is_never_followed() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = Server::start(|_| tokens("stolen", "stolen")).await;
        let location = elsewhere.url.join("/oauth/access_token/").unwrap().to_string();
        let server =
            Server::start(move |_| Reply::Text(status, vec![("Location", location.clone())], String::new()))
                .await;
        let oauth = oauth_at(&server.url);
        assert_eq!(refresh(&oauth).await, Err(TokenError::Redirected), "{status}");
        assert_eq!(
            oauth.revoke(&SecretString::from("r")).await,
            Err(TokenError::Redirected),
            "{status}"
        );
        assert_eq!(server.requests().len(), 2);
        assert!(elsewhere.requests().is_empty(), "{status}");
    }
}

/// security.md 22.
#[tokio::test]
async fn a_reply_over_its_limit_is_not_read_to_the_end() {
    let server = Server::start(|_| Reply::Json(200, "x".repeat(64 * 1024 + 1))).await;
    assert_eq!(
        refresh(&oauth_at(&server.url)).await,
        Err(TokenError::Malformed {
            why: MalformedReply::TooLarge
        })
    );
}

#[tokio::test]
async fn a_server_that_never_answers_is_a_lost_reply_after_the_limit() {
    let server = Server::start(|_| Reply::Hang).await;
    let redirect = RedirectUri::try_from("http://localhost:8080/oauth/callback").unwrap();
    let mut config = config(&server.url, redirect);
    config.limits = Limits {
        request: Duration::from_millis(200),
        ..Limits::default()
    };
    let lost = TokenError::LostReply {
        host: "127.0.0.1".into(),
        timed_out: true,
    };
    assert_eq!(refresh(&oauth(config)).await, Err(lost));
}

#[tokio::test]
async fn no_server_is_no_connection_and_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    assert_eq!(
        refresh(&oauth_at(&url)).await,
        Err(TokenError::Connect {
            host: "127.0.0.1".into()
        })
    );
    let unknown = Url::parse("https://account.invalid").unwrap();
    assert_eq!(
        refresh(&oauth_at(&unknown)).await,
        Err(TokenError::Connect {
            host: "account.invalid".into()
        })
    );
}

/// security.md 52: a proxy's 407, for plain requests and for tunnels.
#[tokio::test]
async fn a_proxy_that_asks_for_a_password_is_named() {
    let proxy =
        Server::start(|_| Reply::Text(407, vec![("Proxy-Authenticate", "Basic".into())], String::new()))
            .await;
    for account in ["http://localhost:9", "https://account.example"] {
        let builder = reqwest::Client::builder().proxy(reqwest::Proxy::all(proxy.url.clone()).unwrap());
        let redirect = RedirectUri::try_from("http://localhost:8080/oauth/callback").unwrap();
        let config = config(&Url::parse(account).unwrap(), redirect);
        let oauth = OAuth::new(OAuth::http_client(builder).unwrap(), config).unwrap();
        assert_eq!(refresh(&oauth).await, Err(TokenError::ProxyAuth), "{account}");
    }
}

/// security.md 52: a certificate that this computer doesn't trust.
#[tokio::test]
async fn an_untrusted_certificate_is_named_and_nothing_is_sent() {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(tls));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        acceptor.accept(stream).await.is_ok()
    });
    let url = Url::parse(&format!("https://localhost:{port}")).unwrap();
    assert_eq!(
        refresh(&oauth_at(&url)).await,
        Err(TokenError::Certificate {
            host: "localhost".into(),
            fault: CertificateFault::Untrusted,
        })
    );
    assert!(
        !patiently(server).await.unwrap(),
        "the handshake must not come to its end"
    );
}

/// Clocks set by a test: the wall clock's offset from the steady one.
#[derive(Clone, Default)]
struct Slept(Arc<Mutex<Duration>>);

impl Clocks for Slept {
    fn wall(&self) -> SystemTime {
        SystemTime::now() + *self.0.lock().unwrap()
    }

    fn steady(&self) -> Instant {
        Instant::now()
    }
}

/// The refresh after a sleep uses a new connection: on a dead one it would cost the token's grace period.
#[tokio::test]
async fn the_first_request_after_a_sleep_goes_over_a_new_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let answered = Arc::new(Mutex::new(Vec::new()));
    let count = Arc::clone(&answered);
    tokio::spawn(async move {
        // Each connection answers one request and stays open without answering another.
        let mut open = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let read = stream.read(&mut request).await.unwrap();
            let text = String::from_utf8_lossy(&request[..read]).into_owned();
            count.lock().unwrap().push(text);
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                .await
                .unwrap();
            open.push(stream);
        }
    });
    let slept = Slept::default();
    let build = || OAuth::http_client(reqwest::Client::builder().no_proxy());
    let http = HttpClient::with_clocks(build, slept.clone()).unwrap();
    let redirect = RedirectUri::loopback_any("/oauth/callback").unwrap();
    let oauth = OAuth::new(http, config(&url, redirect)).unwrap();
    let token = SecretString::from("r1");
    patiently(oauth.revoke(&token)).await.unwrap();
    *slept.0.lock().unwrap() += Duration::from_secs(8 * 3600);
    // A request whose answer is lost would be an error: nothing is repeated here.
    patiently(oauth.revoke(&token)).await.unwrap();
    assert_eq!(answered.lock().unwrap().len(), 2);
}
