//! What only a hand-written server can do: break off, trickle, stay silent, show an untrusted certificate.
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use common::{CANARY, Log, Server, Tokens, USER, answer, client, client_with, quick, read_request};
use ezeep_api::{Client, Endpoints, Error, Limits, NewGroup, http_client};
use futures::{FutureExt, TryStreamExt};
use ids::UserId;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use url::Url;

const ME: &str = r#"{"id":"u-1","email":"a@example.com"}"#;

fn new_group() -> NewGroup {
    NewGroup {
        name: "Staff".into(),
        organization_id: "o-1".parse().unwrap(),
        description: None,
        local_printing_enabled: None,
        myprinters_enabled: None,
    }
}

fn u1() -> UserId {
    "u-1".parse().unwrap()
}

/// security.md 49: the server has read the whole request and closes the connection.
#[tokio::test]
async fn a_write_whose_answer_is_lost_is_sent_once_and_its_outcome_is_unknown() {
    let log = Log::default();
    let seen = log.clone();
    let server = Server::start(move |_, mut stream| {
        let seen = seen.clone();
        async move {
            seen.push(read_request(&mut stream).await.unwrap());
        }
        .boxed()
    })
    .await;
    let client = client(&server.url());
    let error = client.create_group(&new_group()).await.unwrap_err();
    assert!(
        matches!(&error, Error::OutcomeUnknown { source } if source.kind() == "interrupted"),
        "{error:?}"
    );
    assert_eq!(log.len(), 1);
    assert!(
        client
            .replace_groups(&u1(), &[])
            .await
            .unwrap_err()
            .is_outcome_unknown()
    );
    assert_eq!(log.len(), 2);
}

/// security.md 49: the server closes an old connection just as the write arrives.
#[tokio::test]
async fn a_write_on_a_connection_that_is_being_closed_is_not_sent_twice() {
    let posts = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&posts);
    let server = Server::start(move |_, mut stream| {
        let count = Arc::clone(&count);
        async move {
            while let Some(request) = read_request(&mut stream).await {
                if request.starts_with("POST") {
                    count.fetch_add(1, Ordering::SeqCst);
                    return;
                }
                let text = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{ME}",
                    ME.len()
                );
                stream.write_all(text.as_bytes()).await.unwrap();
            }
        }
        .boxed()
    })
    .await;
    let client = client(&server.url());
    client.me().await.unwrap();
    assert!(
        client
            .create_group(&new_group())
            .await
            .unwrap_err()
            .is_outcome_unknown()
    );
    assert_eq!(posts.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_read_that_breaks_off_in_the_middle_is_tried_again() {
    let server = Server::start(|n, mut stream| {
        async move {
            read_request(&mut stream).await;
            match n {
                0 => {}
                1 => drop(
                    stream
                        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{\"id\":\"u-")
                        .await,
                ),
                2 => drop(
                    stream
                        .write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"id\"\r\n")
                        .await,
                ),
                _ => answer(&mut stream, "200 OK", ME).await,
            }
        }
        .boxed()
    })
    .await;
    client(&server.url()).me().await.unwrap();
    assert_eq!(server.seen(), 4);
}

#[tokio::test]
async fn a_read_that_always_breaks_off_says_so() {
    let server = Server::start(|_, mut stream| {
        async move {
            read_request(&mut stream).await;
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{")
                .await;
        }
        .boxed()
    })
    .await;
    let error = client(&server.url()).me().await.unwrap_err();
    assert!(
        matches!(&error, Error::Interrupted { host, .. } if host == "127.0.0.1"),
        "{error:?}"
    );
    assert_eq!(server.seen(), 4);
}

/// security.md 49: half an answer to a write is an unknown outcome too.
#[tokio::test]
async fn a_write_whose_answer_breaks_off_has_an_unknown_outcome() {
    let server = Server::start(|_, mut stream| {
        async move {
            read_request(&mut stream).await;
            let _ = stream
                .write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 40\r\n\r\n{")
                .await;
        }
        .boxed()
    })
    .await;
    assert!(
        client(&server.url())
            .create_group(&new_group())
            .await
            .unwrap_err()
            .is_outcome_unknown()
    );
    assert_eq!(server.seen(), 1);
}

#[tokio::test]
async fn what_is_no_http_at_all_is_an_interrupted_answer() {
    let server = Server::start(|_, mut stream| {
        async move {
            read_request(&mut stream).await;
            let _ = stream.write_all(b"220 smtp.example.com ESMTP\r\n").await;
        }
        .boxed()
    })
    .await;
    assert_eq!(
        client(&server.url()).me().await.unwrap_err().kind(),
        "interrupted"
    );
}

/// security.md 51: silence, and a body that trickles without end.
#[tokio::test]
async fn time_limits_end_what_the_server_does_not() {
    let limits = Limits {
        read: Duration::from_millis(80),
        total: Duration::from_millis(300),
        retries: 1,
        ..quick()
    };
    let silent = Server::start(|_, mut stream| {
        async move {
            read_request(&mut stream).await;
            std::future::pending::<()>().await;
        }
        .boxed()
    })
    .await;
    let quiet = client_with(&silent.url(), Arc::default(), limits.clone());
    assert!(matches!(quiet.me().await.unwrap_err(), Error::Timeout { host } if host == "127.0.0.1"));
    assert_eq!(silent.seen(), 2);
    let write = quiet.create_group(&new_group()).await.unwrap_err();
    assert!(
        matches!(&write, Error::OutcomeUnknown { source } if source.kind() == "timeout"),
        "{write:?}"
    );
    assert_eq!(silent.seen(), 3);

    let trickle = Server::start(|_, mut stream| {
        async move {
            read_request(&mut stream).await;
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
                .await;
            while stream.write_all(b" ").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        .boxed()
    })
    .await;
    let error = client_with(&trickle.url(), Arc::default(), limits)
        .me()
        .await
        .unwrap_err();
    assert_eq!(
        error.kind(),
        "timeout",
        "bytes keep coming, so only the limit on the whole can end it: {error:?}"
    );
}

/// security.md 51: a body without a length can't be refused by its length.
#[tokio::test]
async fn a_body_without_end_is_cut_at_the_limit() {
    let server = Server::start(|_, mut stream| {
        async move {
            read_request(&mut stream).await;
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                .await;
            while stream
                .write_all(format!("400\r\n{}\r\n", " ".repeat(1024)).as_bytes())
                .await
                .is_ok()
            {}
        }
        .boxed()
    })
    .await;
    let limits = Limits {
        object_body: 10_000,
        page_body: 20_000,
        ..quick()
    };
    let client = client_with(&server.url(), Arc::default(), limits);
    assert!(matches!(
        client.me().await.unwrap_err(),
        Error::TooLarge { limit: 10_000 }
    ));
    assert!(matches!(
        client.groups(20).try_next().await.unwrap_err(),
        Error::TooLarge { limit: 20_000 }
    ));
    assert_eq!(server.seen(), 2, "it is not asked for again");
}

#[tokio::test]
async fn an_error_page_without_end_is_told_by_its_beginning() {
    let server = Server::start(|_, mut stream| {
        async move {
            read_request(&mut stream).await;
            let _ = stream
                .write_all(b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n")
                .await;
            while stream.write_all(b"3\r\nno \r\n").await.is_ok() {}
        }
        .boxed()
    })
    .await;
    let error = client(&server.url()).me().await.unwrap_err();
    assert!(error.is_status(404) && error.status().unwrap().body.starts_with("no no no"));
}

/// A port of this computer that is taken and not listening yet.
fn deaf_port() -> (TcpSocket, String) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let base = format!("http://{}", socket.local_addr().unwrap());
    (socket, base)
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent_and_the_host_is_named() {
    let (_socket, base) = deaf_port();
    let client = client(&base);
    for error in [
        client.me().await.unwrap_err(),
        client.create_group(&new_group()).await.unwrap_err(),
        client.replace_groups(&u1(), &[]).await.unwrap_err(),
    ] {
        assert!(
            matches!(&error, Error::Connect { host, .. } if host == "127.0.0.1"),
            "{error:?}"
        );
        assert!(error.is_transient() && !error.is_outcome_unknown());
    }
}

/// security.md 49: without a connection a write may be repeated.
#[tokio::test]
async fn a_write_waits_for_a_server_that_is_just_starting() {
    let (socket, base) = deaf_port();
    let limits = Limits {
        retries: 200,
        ..quick()
    };
    let client = client_with(&base, Arc::default(), limits);
    let write = tokio::spawn(async move { client.delete_account(&u1()).await });
    // Long enough for at least one refused connection.
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    let listener = socket.listen(8).unwrap();
    let (mut stream, _) = listener.accept().await.unwrap();
    assert!(read_request(&mut stream).await.unwrap().starts_with("DELETE"));
    answer(&mut stream, "200 OK", "").await;
    write.await.unwrap().unwrap();
}

/// `localhost` never leaves this computer, and a server on the IPv6 loopback only is found.
#[tokio::test]
async fn localhost_is_both_loopback_addresses() {
    let Ok(listener) = TcpListener::bind("[::1]:0").await else {
        return;
    };
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await.unwrap();
        answer(&mut stream, "200 OK", ME).await;
    });
    client(&format!("http://localhost:{port}")).me().await.unwrap();
    task.await.unwrap();
}

/// security.md 52
#[tokio::test]
async fn a_certificate_nobody_trusts_is_named_and_no_request_is_sent() {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = made.signing_key.serialize_der();
    let config = tokio_rustls::rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(
            vec![made.cert.der().clone()],
            tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer::from(key).into(),
        )
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let server = Server::start(move |_, stream: TcpStream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let mut byte = [0];
                assert_ne!(stream.read(&mut byte).await.unwrap_or(0), 1, "the client went on");
            }
        }
        .boxed()
    })
    .await;
    let base = format!("https://localhost:{}", server.address.port());
    let client = client(&base);
    for error in [
        client.me().await.unwrap_err(),
        client.create_group(&new_group()).await.unwrap_err(),
    ] {
        assert!(
            matches!(&error, Error::Certificate { host, .. } if host == "localhost"),
            "{error:?}"
        );
    }
    assert_eq!(server.seen(), 2, "it is not tried again");
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_no_connection() {
    let server = Server::start(|_, mut stream| {
        async move {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
        .boxed()
    })
    .await;
    let base = format!("https://localhost:{}", server.address.port());
    assert_eq!(
        client(&base).create_group(&new_group()).await.unwrap_err().kind(),
        "connect"
    );
}

/// security.md 51
#[tokio::test]
async fn a_dropped_call_closes_its_connection() {
    let (closed, mut gone) = tokio::sync::mpsc::channel(1);
    let server = Server::start(move |_, mut stream| {
        let closed = closed.clone();
        async move {
            read_request(&mut stream).await;
            let mut byte = [0];
            let _ = stream.read(&mut byte).await;
            let _ = closed.send(()).await;
        }
        .boxed()
    })
    .await;
    let client = client(&server.url());
    let call = tokio::time::timeout(Duration::from_millis(100), client.me()).await;
    assert!(call.is_err());
    tokio::time::timeout(Duration::from_secs(5), gone.recv())
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn no_more_requests_are_in_flight_than_allowed() {
    let now = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (count, high) = (Arc::clone(&now), Arc::clone(&most));
    let server = Server::start(move |_, mut stream| {
        let (count, high) = (Arc::clone(&count), Arc::clone(&high));
        async move {
            read_request(&mut stream).await;
            high.fetch_max(count.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            // Waits until the limit is reached, so that one request too many would be seen.
            while high.load(Ordering::SeqCst) < 3 {
                tokio::task::yield_now().await;
            }
            count.fetch_sub(1, Ordering::SeqCst);
            answer(&mut stream, "200 OK", ME).await;
        }
        .boxed()
    })
    .await;
    let limits = Limits {
        in_flight: 3,
        ..quick()
    };
    let client = client_with(&server.url(), Arc::default(), limits);
    futures::future::try_join_all((0..20).map(|_| client.me()))
        .await
        .unwrap();
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

/// A refused token must not hold a permit while it is renewed, or a single permit would block forever.
#[tokio::test]
async fn one_turn_is_enough_for_redirect_refusal_and_retry() {
    let server = Server::start(|n, mut stream| {
        async move {
            read_request(&mut stream).await;
            match n {
                0 => answer(&mut stream, "401 Unauthorized", "{}").await,
                1 => answer(&mut stream, "503 Service Unavailable", "{}").await,
                2 => {
                    let head = b"HTTP/1.1 301 Moved Permanently\r\nLocation: /v1/users/me/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                    let _ = stream.write_all(head).await;
                }
                _ => answer(&mut stream, "200 OK", ME).await,
            }
        }
        .boxed()
    })
    .await;
    let limits = Limits {
        in_flight: 1,
        ..quick()
    };
    client_with(&server.url(), Arc::default(), limits)
        .me()
        .await
        .unwrap();
    assert_eq!(server.seen(), 4);
}

/// security.md 58: at trace level, with all libraries that this client uses.
#[test]
fn the_token_the_body_and_the_ids_are_in_no_log() {
    #[derive(Clone, Default)]
    struct Written(Arc<std::sync::Mutex<Vec<u8>>>);
    impl std::io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let written = Written::default();
    let writer = written.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // With one dispatcher alone, a place in the code that another test's thread comes to first asks the
    // dispatcher of that thread, which is none, and stays silent for all.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    // One thread, so that everything runs under the subscriber.
    tracing::subscriber::with_default(subscriber, || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(async {
                let server = Server::start(|n, mut stream| {
                    async move {
                        let request = read_request(&mut stream).await.unwrap_or_default();
                        let token = u8::from(request.contains(&format!("{CANARY}-1")));
                        let refused = format!(r#"{{"detail":"secret-detail {CANARY}-{token}"}}"#);
                        match n {
                            0 => answer(&mut stream, "503 Service Unavailable", &refused).await,
                            1 => answer(&mut stream, "401 Unauthorized", &refused).await,
                            2 => answer(&mut stream, "400 Bad Request", &refused).await,
                            _ => answer(&mut stream, "200 OK", USER).await,
                        }
                    }
                    .boxed()
                })
                .await;
                let client = client_with(&server.url(), Arc::new(Tokens::default()), quick());
                let id = "secret-person".parse().unwrap();
                let error = client.print_user(&id).await.unwrap_err();
                let shown = format!("{error:?} {error} {client:?}");
                assert!(!shown.contains(CANARY), "{shown}");
                let _ = client
                    .replace_groups(&u1(), &["secret-group".parse().unwrap()])
                    .await;
            });
    });
    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    assert!(
        text.contains("/users/{id}/") && text.contains("status=503"),
        "{text}"
    );
    for secret in [CANARY, "secret-detail", "secret-group", "secret-person"] {
        assert!(!text.contains(secret), "{secret} in\n{text}");
    }
}

/// The public way to a client, with the vendor's addresses.
#[test]
fn the_vendors_addresses_are_endpoints() {
    let endpoints = Endpoints::new(
        Url::parse("https://account.ezeep.com").unwrap(),
        Url::parse("https://api2.ezeep.com/printing/v1").unwrap(),
    )
    .unwrap();
    let limits = Limits::default();
    let client = Client::new(
        http_client(&limits).unwrap(),
        endpoints,
        Arc::new(Tokens::default()),
        limits,
    );
    assert_eq!(client.endpoints().printing().path(), "/printing/v1");
}
