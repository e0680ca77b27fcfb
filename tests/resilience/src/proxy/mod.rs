//! A reverse proxy on loopback between the console and an upstream origin, which fails on demand: before the
//! server sees a request, after it has committed, in the middle of a reply. Owns the connections of both
//! sides. Must never change what no rule names, and never hand a client's end on to the server: what was
//! forwarded is done.

mod rule;
mod tap;

use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio::task::{JoinHandle, JoinSet};
use url::{Url, form_urlencoded};

pub use rule::{Act, Hold, Matching, Point, Reply, RuleId};
use rule::{Armed, Rules};
use tap::{Tap, Valve};

/// No request of either side is near this size.
const BODY_LIMIT: usize = 8 << 20;
/// Events that a slow listener may be behind.
const BACKLOG: usize = 4_096;

/// Something that happened to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Counts requests from 1.
    pub request: u64,
    /// The method, in capitals.
    pub method: String,
    /// The path, without its query.
    pub path: String,
    /// `grant_type` of a form; nothing else of a body is ever shown.
    pub grant: Option<String>,
    /// What.
    pub step: Step,
}

/// The way of a request through the proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The client has connected and its request is in the socket; nothing of it has been read.
    Arrived,
    /// It was read whole; the server has not seen it.
    Read,
    /// Sent to the server now; it is processed even if the client disappears.
    Forwarded,
    /// The server has answered: what it does is done.
    Committed {
        /// With this status.
        status: u16,
    },
    /// Answered by a rule, without the server.
    Instead {
        /// With this status.
        status: u16,
    },
    /// Held at this point.
    Held(Point),
    /// The connection was dropped by a rule.
    Dropped,
    /// The reply has left, as whole as the rules let it.
    Sent,
}

/// The proxy. Dropping it closes its port and every connection.
///
/// # Panics
/// When it is dropped although a rule was set that no request matched, even if it was removed again: the test
/// that set it has not shown what it claims. [`Matching::may_not_fire`] allows it with a reason.
pub struct Proxy {
    url: Url,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

struct Shared {
    upstream: Url,
    http: reqwest::Client,
    rules: Mutex<Rules>,
    requests: AtomicU64,
    events: broadcast::Sender<Event>,
}

impl Proxy {
    /// Opens a free port on 127.0.0.1 in front of `upstream`. Only the origin of `upstream` is used to
    /// forward; its path is kept in [`Proxy::url`].
    ///
    /// # Errors
    /// Where no port or no HTTP client can be had.
    pub async fn start(upstream: &Url) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let mut url = upstream.clone();
        url.set_host(Some("127.0.0.1")).map_err(io::Error::other)?;
        if url.set_port(Some(port)).is_err() {
            return Err(io::Error::from(io::ErrorKind::InvalidInput));
        }
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .build()
            .map_err(io::Error::other)?;
        let shared = Arc::new(Shared {
            upstream: upstream.clone(),
            http,
            rules: Mutex::default(),
            requests: AtomicU64::new(0),
            events: broadcast::Sender::new(BACKLOG),
        });
        let server = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Self { url, shared, server })
    }

    /// Where the client goes instead of the upstream.
    #[must_use]
    pub fn url(&self) -> Url {
        self.url.clone()
    }

    /// Adds a rule. Of several that fit a request at one point, the one added first acts.
    #[track_caller]
    pub fn add(&self, matching: Matching, act: Act) -> RuleId {
        self.rules().add(matching, act, Location::caller())
    }

    /// Holds the next request that fits at `point`, until the [`Hold`] is told what then.
    #[must_use]
    #[track_caller]
    pub fn hold(&self, matching: Matching, point: Point) -> Hold {
        let hold = Hold::new();
        let act = Act::Hold(point, hold.clone_inner());
        self.rules().add(matching.times(1), act, Location::caller());
        hold
    }

    /// Takes all rules away, and asks for no request for any rule so far: for an attempt that is given up,
    /// and for a test that returns an error, which the panic of a dropped proxy would hide.
    pub fn waive_unmet(&self) {
        self.rules().waive_unmet();
    }

    /// Takes a rule away; gives whether it could still have acted.
    pub fn remove(&self, id: RuleId) -> bool {
        self.rules().remove(id)
    }

    /// Takes every rule away.
    pub fn clear(&self) {
        self.rules().clear();
    }

    /// What happens from now on.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.shared.events.subscribe()
    }

    fn rules(&self) -> std::sync::MutexGuard<'_, Rules> {
        self.shared.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.server.abort();
        let unmet = self.rules().unmet();
        // A second panic during a panic would abort the process, and with it all other tests.
        if !unmet.is_empty() && !std::thread::panicking() {
            let lines: Vec<_> = unmet.iter().map(|unmet| format!("\n  {unmet}")).collect();
            panic!("rules of the proxy that no request met:{}", lines.concat());
        }
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                connections.spawn(connection(stream, Arc::clone(&shared)));
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// What is known of a request at a point.
struct Known {
    number: u64,
    method: String,
    path: String,
    grant: Option<String>,
}

impl Shared {
    fn tell(&self, known: &Known, step: Step) {
        // Nobody listens where no test cares.
        let _ = self.events.send(Event {
            request: known.number,
            method: known.method.clone(),
            path: known.path.clone(),
            grant: known.grant.clone(),
            step,
        });
    }

    fn armed(&self, known: &Known, arrived: bool) -> Option<Armed> {
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        rules.take(&known.method, &known.path, known.grant.as_deref(), arrived)
    }
}

/// One request a connection: so every request arrives, and none finds an old connection to slip through.
async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    let _ = stream.set_nodelay(true);
    let number = shared.requests.fetch_add(1, Ordering::Relaxed) + 1;
    let Some((method, path)) = request_line(&stream).await else {
        return;
    };
    let known = Known {
        number,
        method,
        path,
        grant: None,
    };
    shared.tell(&known, Step::Arrived);
    if let Some(Armed::Hold(point, hold)) = shared.armed(&known, true) {
        shared.tell(&known, Step::Held(point));
        if !hold.wait().await {
            shared.tell(&known, Step::Dropped);
            return;
        }
    }
    let valve = Valve::default();
    let tap = Tap::new(stream, valve.clone());
    let dropped = tokio_util::sync::CancellationToken::new();
    let (for_service, drop_it) = (Arc::clone(&shared), dropped.clone());
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let (shared, valve, drop_it) = (Arc::clone(&for_service), valve.clone(), drop_it.clone());
        async move {
            match answer(&shared, number, request, &valve).await {
                Some(reply) => Ok::<_, Infallible>(reply),
                None => {
                    drop_it.cancel();
                    std::future::pending().await
                }
            }
        }
    });
    let http = hyper::server::conn::http1::Builder::new()
        .keep_alive(false)
        .half_close(true)
        .serve_connection(TokioIo::new(tap), service);
    let step = tokio::select! {
        () = dropped.cancelled() => Step::Dropped,
        ended = http => if ended.is_ok() { Step::Sent } else { Step::Dropped },
    };
    shared.tell(&known, step);
}

/// Method and path of the request that lies in the socket, left there.
async fn request_line(stream: &TcpStream) -> Option<(String, String)> {
    let mut bytes = [0_u8; 2_048];
    loop {
        let length = stream.peek(&mut bytes).await.ok().filter(|length| *length > 0)?;
        let text = String::from_utf8_lossy(bytes.get(..length)?);
        if let Some((line, _)) = text.split_once("\r\n") {
            let mut words = line.split(' ');
            let (method, target) = (words.next()?, words.next()?);
            // A client that takes this for a forward proxy sends the whole address.
            let path = match Url::parse(target) {
                Ok(url) => url.path().to_owned(),
                Err(_) => target.split('?').next()?.to_owned(),
            };
            return Some((method.to_owned(), path));
        }
        if length == bytes.len() {
            return None;
        }
        // A peek returns at once while anything lies there, so the rest of the line is waited for.
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
}

/// The reply, or `None` where the connection is to be dropped.
async fn answer(
    shared: &Arc<Shared>,
    number: u64,
    request: Request<Incoming>,
    valve: &Valve,
) -> Option<Response<Full<Bytes>>> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, BODY_LIMIT).collect().await.ok()?.to_bytes();
    let known = Known {
        number,
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        grant: form_urlencoded::parse(&body)
            .find(|(name, _)| name == "grant_type")
            .map(|(_, value)| value.chars().take(40).collect()),
    };
    shared.tell(&known, Step::Read);
    let armed = shared.armed(&known, false);
    match &armed {
        Some(Armed::Hold(Point::BeforeForward, hold)) => {
            shared.tell(&known, Step::Held(Point::BeforeForward));
            if !hold.wait().await {
                return None;
            }
        }
        Some(Armed::DropBefore) => return None,
        Some(Armed::Instead(reply)) => {
            shared.tell(&known, Step::Instead { status: reply.status });
            return reply.clone().into_response();
        }
        Some(Armed::DelayBefore(wait)) => tokio::time::sleep(*wait).await,
        _ => {}
    }
    shared.tell(&known, Step::Forwarded);
    // On a task of its own: a client that dies meanwhile takes nothing back.
    let forward = tokio::spawn(forward(
        Arc::clone(shared),
        head.method,
        head.uri,
        head.headers,
        body,
    ));
    let mut reply = match forward.await {
        Ok(Ok(reply)) => reply,
        Ok(Err(error)) => {
            tracing::warn!(%error, "the upstream did not answer");
            return None;
        }
        Err(_) => return None,
    };
    shared.tell(&known, Step::Committed { status: reply.status });
    match armed {
        Some(Armed::DropReply) => return None,
        Some(Armed::DelayReply(wait)) => tokio::time::sleep(wait).await,
        Some(Armed::Hold(Point::BeforeReply, hold)) => {
            shared.tell(&known, Step::Held(Point::BeforeReply));
            if !hold.wait().await {
                return None;
            }
        }
        Some(Armed::Hold(point @ (Point::InHead(_) | Point::InBody(_)), hold)) => {
            let (shared, known) = (Arc::clone(shared), known);
            valve.hold(point, hold, move || shared.tell(&known, Step::Held(point)));
        }
        Some(Armed::Cut(point)) => valve.cut(point),
        Some(Armed::Rewrite(change)) => change(&mut reply),
        _ => {}
    }
    reply.into_response()
}

async fn forward(
    shared: Arc<Shared>,
    method: Method,
    uri: hyper::Uri,
    mut headers: HeaderMap,
    body: Bytes,
) -> Result<Reply, reqwest::Error> {
    let mut to = shared.upstream.clone();
    to.set_path(uri.path());
    to.set_query(uri.query());
    for name in [HOST, CONNECTION, TRANSFER_ENCODING, CONTENT_LENGTH] {
        headers.remove(name);
    }
    let request = shared.http.request(method, to).headers(headers).body(body);
    let reply = request.send().await?;
    let status = reply.status().as_u16();
    let mut headers = reply.headers().clone();
    for name in [CONNECTION, TRANSFER_ENCODING, CONTENT_LENGTH] {
        headers.remove(name);
    }
    Ok(Reply {
        status,
        headers,
        body: reply.bytes().await?,
    })
}

impl Reply {
    fn into_response(self) -> Option<Response<Full<Bytes>>> {
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() = StatusCode::from_u16(self.status).ok()?;
        *response.headers_mut() = self.headers;
        Some(response)
    }
}
