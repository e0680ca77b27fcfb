//! A small HTTP server that behaves as real ones do: answers, answers invalid data, loses replies, hangs. One
//! request per connection. It knows nothing of OAuth; each test supplies the answers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use url::{Url, form_urlencoded};

/// A request as received.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: HashMap<String, String>,
    pub form: HashMap<String, String>,
}

/// The reaction to it.
#[derive(Clone)]
pub enum Reply {
    /// Status and JSON.
    Json(u16, String),
    /// Status, headers and body, unchanged.
    Text(u16, Vec<(&'static str, String)>, String),
    /// Read, processed, and the connection closed without a reply.
    Lose,
    /// The headers and half of the body, then the end.
    Cut(String),
    /// Answered when the gate opens.
    After(Arc<Notify>, Box<Reply>),
    /// Never answered.
    Hang,
}

/// Runs until dropped.
pub struct Server {
    pub url: Url,
    requests: Arc<Mutex<Vec<Request>>>,
    arrived: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Server {
    pub async fn start(answer: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let arrived = Arc::new(Notify::new());
        let answer = Arc::new(Mutex::new(answer));
        let task = tokio::spawn({
            let (requests, arrived) = (requests.clone(), arrived.clone());
            async move {
                let mut connections = tokio::task::JoinSet::new();
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    let (requests, arrived, answer) = (requests.clone(), arrived.clone(), answer.clone());
                    connections.spawn(async move {
                        let mut stream = stream;
                        let Some(request) = read(&mut stream).await else {
                            return;
                        };
                        let reply = (answer.lock().unwrap())(&request);
                        requests.lock().unwrap().push(request);
                        arrived.notify_waiters();
                        send(stream, reply).await;
                    });
                }
            }
        });
        Self {
            url,
            requests,
            arrived,
            task,
        }
    }

    /// All requests so far, in order.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The number of requests to this path.
    pub fn count(&self, path: &str) -> usize {
        self.requests()
            .iter()
            .filter(|request| request.path == path)
            .count()
    }

    /// Waits for this total number of requests.
    pub async fn wait_for(&self, count: usize) {
        loop {
            let arrived = self.arrived.notified();
            tokio::pin!(arrived);
            arrived.as_mut().enable();
            if self.requests.lock().unwrap().len() >= count {
                return;
            }
            arrived.await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let read = stream.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&chunk[..read]);
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut request = httparse::Request::new(&mut headers);
        let httparse::Status::Complete(start) = request.parse(&bytes).ok()? else {
            continue;
        };
        let headers: HashMap<String, String> = request
            .headers
            .iter()
            .map(|header| {
                (
                    header.name.to_lowercase(),
                    String::from_utf8_lossy(header.value).into_owned(),
                )
            })
            .collect();
        let length = headers
            .get("content-length")
            .map_or(0, |length| length.parse().unwrap());
        if bytes.len() < start + length {
            continue;
        }
        return Some(Request {
            method: request.method?.to_owned(),
            path: request.path?.to_owned(),
            form: form_urlencoded::parse(&bytes[start..]).into_owned().collect(),
            headers,
        });
    }
}

async fn send(mut stream: TcpStream, reply: Reply) {
    let mut reply = reply;
    while let Reply::After(gate, then) = reply {
        gate.notified().await;
        reply = *then;
    }
    let (status, headers, body, sent) = match reply {
        Reply::Json(status, body) => {
            let sent = body.len();
            (
                status,
                vec![("Content-Type", "application/json".to_owned())],
                body,
                sent,
            )
        }
        Reply::Text(status, headers, body) => {
            let sent = body.len();
            (status, headers, body, sent)
        }
        Reply::Cut(body) => {
            let sent = body.len() / 2;
            (
                200,
                vec![("Content-Type", "application/json".to_owned())],
                body,
                sent,
            )
        }
        Reply::Lose | Reply::After(..) => return,
        Reply::Hang => return std::future::pending().await,
    };
    let mut head = format!(
        "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    head.push_str(&body[..sent]);
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// An unsigned access token of the vendor's form.
pub fn jwt(number: u32, person: &str, organization: &str) -> String {
    let part = |json: String| URL_SAFE_NO_PAD.encode(json);
    format!(
        "{}.{}.{}",
        part(r#"{"typ":"JWT","alg":"RS256"}"#.to_owned()),
        part(format!(
            r#"{{"iss":"x","sub":"{person}","org":"{organization}","n":{number}}}"#
        )),
        part(format!("signature {number}"))
    )
}

/// A token reply of the documented shape.
pub fn tokens(access: &str, refresh: &str) -> Reply {
    tokens_for(access, refresh, 3600)
}

/// The same with another lifetime.
pub fn tokens_for(access: &str, refresh: &str, seconds: u64) -> Reply {
    Reply::Json(
        200,
        format!(
            r#"{{"access_token":"{access}","token_type":"Bearer","expires_in":{seconds},"scope":"","refresh_token":"{refresh}"}}"#
        ),
    )
}

/// An OAuth error of RFC 6749 section 5.2.
pub fn refused(code: &str) -> Reply {
    Reply::Json(400, format!(r#"{{"error":"{code}"}}"#))
}
