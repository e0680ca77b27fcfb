//! Tokens, clients and hand-written servers for the tests of this crate. Must never use the client's own
//! types for what goes over the wire.
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod tls;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use ezeep_api::{BearerToken, Client, Endpoints, Limits, TokenSource, TokenUnavailable, http_client};
use futures::future::BoxFuture;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

pub const CANARY: &str = "canary-eyJhbGciOi";

/// A source with the token `CANARY-GENERATION`; counts its calls.
#[derive(Default)]
pub struct Tokens {
    pub generation: AtomicU64,
    pub asked: AtomicUsize,
    pub renewals: AtomicUsize,
    pub stuck: bool,
    /// Generations that were reported as refused although just renewed.
    pub refused_again: Mutex<Vec<u64>>,
}

impl Tokens {
    fn now(&self) -> BearerToken {
        let generation = self.generation.load(Ordering::SeqCst);
        BearerToken::new(format!("{CANARY}-{generation}").into(), generation)
    }
}

#[async_trait]
impl TokenSource for Tokens {
    async fn token(&self) -> Result<BearerToken, TokenUnavailable> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Ok(self.now())
    }

    async fn renew(&self, refused: u64) -> Result<BearerToken, TokenUnavailable> {
        if !self.stuck && self.generation.load(Ordering::SeqCst) <= refused {
            self.renewals.fetch_add(1, Ordering::SeqCst);
            self.generation.fetch_add(1, Ordering::SeqCst);
        }
        Ok(self.now())
    }

    async fn refused_again(&self, generation: u64) {
        self.refused_again.lock().unwrap().push(generation);
    }
}

/// Limits with short waits.
pub fn quick() -> Limits {
    Limits {
        connect: Duration::from_secs(2),
        read: Duration::from_secs(2),
        total: Duration::from_secs(4),
        backoff: Duration::from_millis(2),
        backoff_cap: Duration::from_millis(10),
        retry_after_cap: Duration::from_millis(60),
        ..Limits::default()
    }
}

pub fn client_with(base: &str, tokens: Arc<Tokens>, limits: Limits) -> Client {
    let account = Url::parse(base).unwrap();
    let printing = Url::parse(&format!("{}/printing/v1", base.trim_end_matches('/'))).unwrap();
    let endpoints = Endpoints::new(account, printing).unwrap();
    Client::new(http_client(&limits).unwrap(), endpoints, tokens, limits)
}

pub fn client(base: &str) -> Client {
    client_with(base, Arc::default(), quick())
}

/// A hand-written server: each connection is passed to the script, with its number from 0. Ends when it is
/// dropped.
pub struct Server {
    pub address: SocketAddr,
    pub connections: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    pub async fn start<F>(script: F) -> Self
    where
        F: Fn(usize, TcpStream) -> BoxFuture<'static, ()> + Send + Sync + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(script(count.fetch_add(1, Ordering::SeqCst), stream));
            }
        });
        Self {
            address,
            connections,
            task,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn seen(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Reads one request, head and body. `None` if the connection ends before.
pub async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_ascii_lowercase()
                        .strip_prefix("content-length:")
                        .map(str::to_owned)
                })
                .map_or(0, |value| value.trim().parse().unwrap());
            if body.len() >= length {
                return Some(text);
            }
        }
        match stream.read(&mut chunk).await {
            Ok(n) if n > 0 => bytes.extend_from_slice(&chunk[..n]),
            _ => return None,
        }
    }
}

pub async fn answer(stream: &mut TcpStream, status: &str, body: &str) {
    let length = body.len();
    let text = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// The requests received, in order.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub fn push(&self, request: String) {
        self.0.lock().unwrap().push(request);
    }

    pub fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    pub fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

pub const USER: &str = r#"{"id":"u-1","local_printing_enabled":true,"self_service_enabled":true,"myprinters_enabled":false,"groups":[{"group_id":"g-1"}]}"#;
