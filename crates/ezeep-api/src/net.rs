//! The limits, and the HTTP client made with them: the system's trust store and proxy, no redirects, no
//! cookies. Must never get a setting that weakens TLS (security.md 52).

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ezeep_http::{HttpClient, is_this_computer};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use reqwest::{Proxy, redirect, retry};
use url::Url;

/// All limits of the client (security.md 48, 51). [`Limits::default`] holds the values of the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// For a connection to be established, including TLS. Default 10 s.
    pub connect: Duration,
    /// Between two arrivals of bytes, and until the first. Default 30 s.
    pub read: Duration,
    /// Interval of pings on an HTTP/2 connection, and the time limit for their answer; a connection that does
    /// not answer is closed. TCP keep-alive uses the same interval. Default 5 s.
    pub ping: Duration,
    /// For one request as a whole, without waiting for a permit and between retries. Default 60 s.
    pub total: Duration,
    /// Bytes of one page of a list. Default 32 MiB.
    pub page_body: usize,
    /// Bytes of one object. Default 1 MiB.
    pub object_body: usize,
    /// How often a read, or a write that was refused with 429, is repeated. Default 3.
    pub retries: usize,
    /// The first wait between retries; it doubles, and a random part is added. Default 250 ms.
    pub backoff: Duration,
    /// The longest wait between retries without `Retry-After`. Default 10 s.
    pub backoff_cap: Duration,
    /// The longest wait with `Retry-After`. Default 60 s.
    pub retry_after_cap: Duration,
    /// Requests in flight, to both servers together. Default 8.
    pub in_flight: usize,
    /// Pages of one list; more is an error. Default 50,000.
    pub max_pages: u64,
    /// Items of one list; more is an error. Default 1,000,000.
    pub max_items: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(30),
            ping: Duration::from_secs(5),
            total: Duration::from_secs(60),
            page_body: 32 * 1024 * 1024,
            object_body: 1024 * 1024,
            retries: 3,
            backoff: Duration::from_millis(250),
            backoff_cap: Duration::from_secs(10),
            retry_after_cap: Duration::from_secs(60),
            in_flight: 8,
            max_pages: 50_000,
            max_items: 1_000_000,
        }
    }
}

/// The HTTP client could not be made: for example, there is no usable trust store.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client could not be made")]
pub struct BuildError(#[from] reqwest::Error);

/// The HTTP client for both servers: rustls with the operating system's trust store, the system's proxy
/// except for this computer itself, no redirects, no cookies, no retries of its own, `Pressroom/VERSION` as
/// user agent. It is rebuilt after the computer slept, and reads proxy and trust store again then.
///
/// # Errors
/// [`BuildError`], for example for an unreadable trust store.
pub fn http_client(limits: &Limits) -> Result<HttpClient, BuildError> {
    let limits = limits.clone();
    Ok(HttpClient::new(move || {
        builder(&limits, Matcher::from_system()).build()
    })?)
}

pub(crate) fn builder(limits: &Limits, proxies: Matcher) -> reqwest::ClientBuilder {
    let loopback = [
        SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        SocketAddr::from((Ipv6Addr::LOCALHOST, 0)),
    ];
    reqwest::Client::builder()
        .user_agent(concat!("Pressroom/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        // Retries are decided in one place, transport.rs, which knows writes from reads (security.md 49).
        .retry(retry::never())
        .connect_timeout(limits.connect)
        .read_timeout(limits.read)
        // Shorter than the keep-alive of common servers, so that a write rarely meets a connection that is
        // just being closed.
        .pool_idle_timeout(Duration::from_secs(20))
        .http2_keep_alive_interval(limits.ping)
        .http2_keep_alive_timeout(limits.ping)
        .http2_keep_alive_while_idle(true)
        .tcp_keepalive(limits.ping)
        .tcp_keepalive_interval(limits.ping)
        .tcp_keepalive_retries(2)
        .resolve_to_addrs("localhost", &loopback)
        .no_proxy()
        .proxy(Proxy::custom(move |url| proxy_for(&proxies, url)))
}

/// The proxy for a URL; none for this computer, since a proxy would see the token of a plain http request.
fn proxy_for(proxies: &Matcher, url: &Url) -> Option<Url> {
    if is_this_computer(url) {
        return None;
    }
    let uri: http::Uri = url.as_str().parse().ok()?;
    proxies.intercept(&uri).and_then(|found| with_credentials(&found))
}

fn with_credentials(found: &Intercept) -> Option<Url> {
    let mut url = Url::parse(&found.uri().to_string()).ok()?;
    let basic = found.basic_auth().and_then(|header| {
        let encoded = header.to_str().ok()?.strip_prefix("Basic ")?;
        String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()
    });
    let credentials = match (basic.as_deref(), found.raw_auth()) {
        (Some(text), _) => text.split_once(':'),
        (None, raw) => raw,
    };
    if let Some((user, password)) = credentials {
        url.set_username(user).ok()?;
        url.set_password(Some(password).filter(|p| !p.is_empty())).ok()?;
    }
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::{Limits, builder, http_client, proxy_for};
    use crate::{BearerToken, Client, Endpoints, Error, NewGroup, TokenSource, TokenUnavailable};
    use async_trait::async_trait;
    use ezeep_http::{Clocks, HttpClient};
    use hyper_util::client::proxy::matcher::Matcher;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};
    use std::time::{Duration, Instant, SystemTime};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::Notify;
    use url::Url;

    fn via(proxies: &Matcher, url: &str) -> Option<String> {
        proxy_for(proxies, &Url::parse(url).unwrap()).map(String::from)
    }

    /// security.md 52
    #[test]
    fn the_systems_proxy_is_used_for_the_servers_and_never_for_this_computer() {
        let proxies = Matcher::builder()
            .all("http://user:p%40ss@proxy.example:3128")
            .no("direct.example")
            .build();
        assert_eq!(
            via(&proxies, "https://api2.ezeep.com/x").as_deref(),
            Some("http://user:p%40ss@proxy.example:3128/")
        );
        assert_eq!(via(&proxies, "https://direct.example/"), None);
        for here in ["http://localhost:8080/", "http://127.0.0.1:1/", "http://[::1]:1/"] {
            assert_eq!(via(&proxies, here), None, "{here}");
        }
    }

    #[test]
    fn without_a_proxy_the_way_is_direct() {
        assert_eq!(via(&Matcher::builder().build(), "https://api2.ezeep.com/"), None);
    }

    /// security.md 52: a proxy that asks for a password for a tunnel is recognized from the library's error.
    #[tokio::test]
    async fn a_tunnel_refused_with_407_is_named_and_other_refusals_are_no_connection() {
        for (answer, wanted) in [
            ("407 Proxy Authentication Required", "proxy-auth"),
            ("403 Forbidden", "connect"),
            ("502 Bad Gateway", "connect"),
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let proxies = Matcher::builder()
                .all(format!("http://{}", listener.local_addr().unwrap()))
                .build();
            let asked = tokio::spawn(async move {
                let mut lines = Vec::new();
                loop {
                    let (mut stream, _) = listener.accept().await.unwrap();
                    let mut head = [0; 1024];
                    let n = stream.read(&mut head).await.unwrap();
                    lines.push(String::from_utf8_lossy(&head[..n]).into_owned());
                    let _ = stream
                        .write_all(format!("HTTP/1.1 {answer}\r\n\r\n").as_bytes())
                        .await;
                    assert!(lines[0].starts_with("CONNECT account.example:443 "), "{lines:?}");
                    assert!(!lines[0].contains("canary"), "{lines:?}");
                }
            });
            let limits = Limits {
                retries: 0,
                ..Limits::default()
            };
            let http = builder(&limits, proxies).build().unwrap();
            let base = Url::parse("https://account.example").unwrap();
            let endpoints = Endpoints::new(base.clone(), base).unwrap();
            let error = Client::new(http, endpoints, Arc::new(Canary), limits)
                .me()
                .await
                .unwrap_err();
            assert_eq!(error.kind(), wanted, "{answer}: {error:?}");
            assert!(!asked.is_finished(), "the proxy was asked as expected");
            asked.abort();
        }
    }

    /// HTTP/2 frames (RFC 9113 section 6) that a server ends with: no error, last stream 1; the same, last
    /// stream 0; and stream 1 refused.
    const GOODBYE_AFTER: &[u8] = &[0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
    const GOODBYE_BEFORE: &[u8] = &[0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    const REFUSED: &[u8] = &[0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 7];

    /// An HTTP/2 server that answers the first request with the frame and closes, and all others with 204.
    /// Counts the requests that arrive.
    async fn farewell(frame: &'static [u8]) -> (Client, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let arrived = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&arrived);
        tokio::spawn(async move {
            for connection in 0.. {
                let (mut stream, _) = listener.accept().await.unwrap();
                let count = Arc::clone(&count);
                tokio::spawn(async move {
                    if connection == 0 {
                        take_one_request(&mut stream).await;
                        count.fetch_add(1, Ordering::SeqCst);
                        stream.write_all(frame).await.unwrap();
                        stream.shutdown().await.unwrap();
                        // Unread bytes would turn the close into a reset, and the frame would be lost.
                        let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
                        return;
                    }
                    let mut h2 = h2::server::handshake(stream).await.unwrap();
                    while let Some(Ok((_, mut respond))) = h2.accept().await {
                        count.fetch_add(1, Ordering::SeqCst);
                        let answer = http::Response::builder().status(204).body(()).unwrap();
                        respond.send_response(answer, true).unwrap();
                    }
                });
            }
        });
        let limits = Limits {
            backoff: Duration::from_millis(1),
            ..Limits::default()
        };
        let http = builder(&limits, Matcher::builder().build())
            .http2_prior_knowledge()
            .build()
            .unwrap();
        let endpoints = Endpoints::new(base.clone(), base).unwrap();
        (Client::new(http, endpoints, Arc::new(Canary), limits), arrived)
    }

    /// Sends the settings, then reads frames up to the first HEADERS.
    async fn take_one_request(stream: &mut TcpStream) {
        stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await.unwrap();
        stream.read_exact(&mut [0; 24]).await.unwrap();
        loop {
            let mut head = [0; 9];
            stream.read_exact(&mut head).await.unwrap();
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            stream.read_exact(&mut vec![0; length as usize]).await.unwrap();
            if head[3] == 1 {
                return;
            }
        }
    }

    /// security.md 49
    #[tokio::test]
    async fn a_write_that_was_taken_before_a_goodbye_is_not_repeated() {
        let (client, arrived) = farewell(GOODBYE_AFTER).await;
        let error = client.delete_group(&"g-1".parse().unwrap()).await.unwrap_err();
        assert!(error.is_outcome_unknown(), "{error:?}");
        assert_eq!(arrived.load(Ordering::SeqCst), 1);
    }

    /// RFC 9113 section 8.7: the server has not begun to process such a request.
    #[tokio::test]
    async fn a_write_that_the_server_turned_away_is_repeated_unless_it_replaces_a_list() {
        for frame in [GOODBYE_BEFORE, REFUSED] {
            let (client, arrived) = farewell(frame).await;
            client.delete_group(&"g-1".parse().unwrap()).await.unwrap();
            assert_eq!(arrived.load(Ordering::SeqCst), 2);

            let (client, arrived) = farewell(frame).await;
            let error = client
                .replace_groups(&"u-1".parse().unwrap(), &[])
                .await
                .unwrap_err();
            assert!(error.is_transient() && !error.is_outcome_unknown(), "{error:?}");
            assert_eq!(arrived.load(Ordering::SeqCst), 1);
        }
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

    const ME: &str =
        r#"{"id":"u-1","email":"ines@nordhafen.example","first_name":"Ines","last_name":"Vogt"}"#;

    /// An HTTP/2 server whose first connection stays open but stops answering, pings included, once told to.
    /// Counts the answered requests of each connection.
    async fn falls_silent() -> (Url, Arc<Mutex<Vec<usize>>>, Arc<Notify>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let answered = Arc::new(Mutex::new(Vec::new()));
        let silence = Arc::new(Notify::new());
        let (count, silenced) = (Arc::clone(&answered), Arc::clone(&silence));
        tokio::spawn(async move {
            for connection in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let silenced = Arc::clone(&silenced);
                count.lock().unwrap().push(0);
                let count = Arc::clone(&count);
                tokio::spawn(async move {
                    let mut h2 = h2::server::handshake(stream).await.unwrap();
                    loop {
                        let accepted = tokio::select! {
                            biased;
                            () = silenced.notified(), if connection == 0 => std::future::pending().await,
                            accepted = h2.accept() => accepted,
                        };
                        let Some(Ok((request, mut respond))) = accepted else {
                            return;
                        };
                        let body = if request.method() == "GET" { ME } else { "" };
                        let answer = http::Response::builder()
                            .header("content-type", "application/json")
                            .body(())
                            .unwrap();
                        let mut stream = respond.send_response(answer, false).unwrap();
                        stream.send_data(body.into(), true).unwrap();
                        count.lock().unwrap()[connection] += 1;
                    }
                });
            }
        });
        (base, answered, silence)
    }

    fn client(http: HttpClient, base: &Url, limits: &Limits) -> Client {
        let endpoints = Endpoints::new(base.clone(), base.clone()).unwrap();
        Client::new(http, endpoints, Arc::new(Canary), limits.clone())
    }

    fn over_http2(limits: &Limits) -> reqwest::ClientBuilder {
        builder(limits, Matcher::builder().build()).http2_prior_knowledge()
    }

    /// Longer than any of these tests.
    const NEVER: Duration = Duration::from_secs(3_600);

    /// security.md 51: a connection that died while the computer slept loses no request and no write's
    /// outcome.
    #[tokio::test]
    async fn the_first_request_after_a_sleep_goes_over_a_new_connection() {
        let (base, answered, silence) = falls_silent().await;
        let limits = Limits {
            read: NEVER,
            total: NEVER,
            ping: NEVER,
            ..Limits::default()
        };
        let slept = Slept::default();
        let made = limits.clone();
        let http = HttpClient::with_clocks(move || over_http2(&made).build(), slept.clone()).unwrap();
        let client = client(http, &base, &limits);
        client.me().await.unwrap();
        silence.notify_one();
        *slept.0.lock().unwrap() += Duration::from_secs(8 * 3600);
        client.delete_group(&"g-1".parse().unwrap()).await.unwrap();
        client.me().await.unwrap();
        assert_eq!(*answered.lock().unwrap(), [1, 2]);
    }

    /// A client whose only connection has answered once and then nothing more, not even a ping; all time
    /// limits are longer than the test.
    async fn on_a_silent_connection() -> (Client, Arc<Mutex<Vec<usize>>>) {
        let (base, answered, silence) = falls_silent().await;
        let limits = Limits {
            read: NEVER,
            total: NEVER,
            ping: Duration::from_secs(1),
            backoff: Duration::from_millis(1),
            ..Limits::default()
        };
        let client = client(over_http2(&limits).build().unwrap().into(), &base, &limits);
        client.me().await.unwrap();
        silence.notify_one();
        (client, answered)
    }

    /// security.md 51: a connection that answers no ping is closed long before the time limit of a read.
    #[tokio::test]
    async fn a_connection_that_answers_no_ping_is_given_up_and_the_read_made_over_a_new_one() {
        let (client, answered) = on_a_silent_connection().await;
        client.me().await.unwrap();
        let answered = answered.lock().unwrap();
        assert_eq!((answered[0], answered[1..].iter().sum()), (1, 1), "{answered:?}");
    }

    /// security.md 49: a write sent over a connection that answers no ping has an unknown outcome and is not
    /// repeated.
    #[tokio::test]
    async fn a_write_over_a_connection_that_answers_no_ping_has_an_unknown_outcome_and_is_not_repeated() {
        let (client, answered) = on_a_silent_connection().await;
        let group = NewGroup {
            name: "Aula".into(),
            organization_id: "o-1".parse().unwrap(),
            description: None,
            local_printing_enabled: None,
            myprinters_enabled: None,
        };
        let made = client.create_group(&group).await;
        assert!(matches!(made, Err(Error::OutcomeUnknown { .. })), "{made:?}");
        assert_eq!(*answered.lock().unwrap(), [1]);
    }

    struct Canary;

    #[async_trait]
    impl TokenSource for Canary {
        async fn token(&self) -> Result<BearerToken, TokenUnavailable> {
            Ok(BearerToken::new("canary".to_owned().into(), 1))
        }

        async fn renew(&self, _: u64) -> Result<BearerToken, TokenUnavailable> {
            self.token().await
        }
    }

    #[test]
    fn the_client_can_be_made() {
        http_client(&Limits::default()).unwrap();
    }
}
