//! The loopback listener: bound before a browser opens, answers exactly one path, limited in time and size,
//! closed with the attempt (security.md 6-12). Must never repeat what it was sent, nor end the wait because
//! of an unrelated request.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::error::BeginError;
use crate::exclusive;
use crate::head::{HeadError, HeadReader};
use crate::notices::NoticeSender;
use crate::page::{self, Language, Page};
use crate::redirect::{Loopback, LoopbackHost};

/// Bytes read from a connection at once.
const CHUNK_BYTES: usize = 8 * 1024;
/// Headers kept of a request: the two kinds, and room to detect a repeated one.
const HEADERS: usize = 16;
/// Open at the same time; further ones wait in the system's queue.
const CONNECTIONS: usize = 32;
/// From accept to the end of the headers, and again for the answer.
const CONNECTION_TIME: Duration = Duration::from_secs(2);

/// The result of a request to the right path.
pub(crate) enum Verdict<T> {
    /// Not the expected answer, and the page for it.
    Ignored(Page),
    /// The answer, and the page for it.
    Settled(Page, T),
}

/// Bound sockets for one redirect URI. Dropping it closes them.
pub(crate) struct Listener {
    sockets: Vec<TcpListener>,
    site: Arc<Site>,
}

/// What a request must name to be accepted.
struct Site {
    /// `Host` values that are this redirect's authority.
    hosts: Vec<String>,
    path: String,
}

impl Listener {
    /// Binds the addresses that the redirect's host can resolve to. Needs a Tokio runtime.
    pub(crate) fn bind(redirect: &Loopback) -> Result<Self, BeginError> {
        let port = redirect.port();
        let sockets = match redirect.take_reserved() {
            Some(reserved) => vec![reserved],
            None => bind_all(redirect.host(), port, &bind)?,
        };
        let sockets = sockets
            .into_iter()
            .map(|socket| {
                socket.set_nonblocking(true)?;
                TcpListener::from_std(socket)
            })
            .collect::<io::Result<_>>()
            .map_err(|error| BeginError::ListenFailed { kind: error.kind() })?;
        let host = redirect.host().as_str();
        let mut hosts = vec![format!("{host}:{port}")];
        if port == 80 {
            hosts.push(host.to_owned());
        }
        Ok(Self {
            sockets,
            site: Arc::new(Site {
                hosts,
                path: redirect.path().to_owned(),
            }),
        })
    }

    /// Serves until `judge` accepts a request's query. Returns its value after the page was written. Dropping
    /// the future closes everything.
    pub(crate) async fn serve<T, F>(self, judge: F, notices: &NoticeSender) -> T
    where
        T: Send + 'static,
        F: Fn(&str) -> Verdict<T> + Send + Sync + 'static,
    {
        let judge = Arc::new(judge);
        let slots = Arc::new(Semaphore::new(CONNECTIONS));
        let (settled, mut outcome) = mpsc::channel(1);
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                Some(value) = outcome.recv() => return value,
                Some(_) = connections.join_next() => {}
                (stream, slot) = self.accept(&slots) => {
                    let (site, judge, settled) = (self.site.clone(), judge.clone(), settled.clone());
                    let notices = notices.clone();
                    connections.spawn(async move {
                        let value = answer(stream, &site, judge.as_ref(), &notices).await;
                        if let Some(value) = value {
                            let _ = settled.send(value).await;
                        }
                        drop(slot);
                    });
                }
            }
        }
    }

    async fn accept(&self, slots: &Arc<Semaphore>) -> (TcpStream, Option<tokio::sync::OwnedSemaphorePermit>) {
        // The semaphore is never closed, so there is always a permit.
        let slot = slots.clone().acquire_owned().await.ok();
        loop {
            let accepted = match self.sockets.as_slice() {
                [only] => only.accept().await,
                [first, second, ..] => tokio::select! {
                    accepted = first.accept() => accepted,
                    accepted = second.accept() => accepted,
                },
                [] => std::future::pending().await,
            };
            match accepted {
                Ok((stream, peer)) if peer.ip().is_loopback() => return (stream, slot),
                Ok(_) => {}
                // For example out of file handles: the wait continues, without spinning.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }
}

/// The sockets of a host's name: for `localhost` one in each address family of this computer (security.md 7).
fn bind_all(
    host: LoopbackHost,
    port: u16,
    bind: &dyn Fn(SocketAddr) -> Result<StdListener, BeginError>,
) -> Result<Vec<StdListener>, BeginError> {
    let v4 = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let v6 = SocketAddr::from((Ipv6Addr::LOCALHOST, port));
    let addresses: &[SocketAddr] = match host {
        LoopbackHost::V4 => return Ok(vec![bind(v4)?]),
        LoopbackHost::V6 => return Ok(vec![bind(v6)?]),
        LoopbackHost::Localhost => &[v4, v6],
    };
    let mut sockets = Vec::new();
    let mut missing = None;
    for address in addresses {
        match bind(*address) {
            Ok(socket) => sockets.push(socket),
            // If not even a free port can be bound, the computer lacks the family, and no other program can
            // listen there either.
            Err(error @ BeginError::ListenFailed { .. }) if bind(any_port(*address)).is_err() => {
                missing = Some(error);
            }
            Err(error) => return Err(error),
        }
    }
    match missing {
        Some(error) if sockets.is_empty() => Err(error),
        _ => Ok(sockets),
    }
}

fn any_port(address: SocketAddr) -> SocketAddr {
    SocketAddr::from((address.ip(), 0))
}

fn bind(address: SocketAddr) -> Result<StdListener, BeginError> {
    exclusive::listen(address).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => BeginError::PortBusy { port: address.port() },
        // Windows reports a port that way if another program holds it exclusively or the system has reserved
        // it.
        io::ErrorKind::PermissionDenied if cfg!(windows) => BeginError::PortBusy { port: address.port() },
        kind => BeginError::ListenFailed { kind },
    })
}

/// One connection, one request, one answer.
async fn answer<T, F>(mut stream: TcpStream, site: &Site, judge: &F, notices: &NoticeSender) -> Option<T>
where
    F: Fn(&str) -> Verdict<T>,
{
    let request = timeout(CONNECTION_TIME, read_request(&mut stream, site)).await;
    let (status, page, language, value) = match request {
        // The client sent nothing: no answer.
        Err(_) | Ok(Err(Bad::Gone)) => return None,
        // A browser that speaks TLS understands nothing else; if the connection is closed at once, some try
        // http again.
        Ok(Err(Bad::Tls)) => {
            notices.https_tried();
            return None;
        }
        Ok(Err(Bad::Foreign)) => {
            notices.refused();
            ("400 Bad Request", Page::Refused, Language::English, None)
        }
        Ok(Err(Bad::Status(status))) => (status, Page::Refused, Language::English, None),
        Ok(Ok((query, language))) => match judge(&query) {
            Verdict::Ignored(page) => ("400 Bad Request", page, language, None),
            Verdict::Settled(page, value) => ("200 OK", page, language, Some(value)),
        },
    };
    let head_and_page = response(status, page, language);
    let _ = timeout(CONNECTION_TIME, async {
        stream.write_all(head_and_page.as_bytes()).await?;
        stream.shutdown().await
    })
    .await;
    value
}

enum Bad {
    Gone,
    /// The start of a TLS handshake.
    Tls,
    /// Sent to another host name than the redirect's.
    Foreign,
    Status(&'static str),
}

async fn read_request(
    stream: &mut TcpStream,
    site: &Site,
) -> Result<(zeroize::Zeroizing<String>, Language), Bad> {
    let mut reader = HeadReader::new();
    let mut chunk = zeroize::Zeroizing::new(vec![0; CHUNK_BYTES]);
    loop {
        let read = stream.read(&mut chunk).await.map_err(|_| Bad::Gone)?;
        if read == 0 {
            return Err(Bad::Gone);
        }
        if let Some(head) = reader.feed(&chunk[..read])? {
            return parse(&head, site);
        }
    }
}

impl From<HeadError> for Bad {
    fn from(error: HeadError) -> Self {
        match error {
            HeadError::Tls => Self::Tls,
            HeadError::TooLarge => Self::Status("431 Request Header Fields Too Large"),
            HeadError::Malformed => Self::Status("400 Bad Request"),
        }
    }
}

/// Parses a request to the right path. Returns its query and the language to answer in.
fn parse(head: &[u8], site: &Site) -> Result<(zeroize::Zeroizing<String>, Language), Bad> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    if !matches!(request.parse(head), Ok(httparse::Status::Complete(_))) {
        return Err(Bad::Status("400 Bad Request"));
    }
    // Refuses a page whose own name resolves to this computer (DNS rebinding).
    let mut hosts = request
        .headers
        .iter()
        .filter(|header| header.name.eq_ignore_ascii_case("host"));
    let host = hosts
        .next()
        .filter(|_| hosts.next().is_none())
        .map(|header| header.value);
    if !host.is_some_and(|host| site.hosts.iter().any(|ours| ours.as_bytes() == host)) {
        return Err(Bad::Foreign);
    }
    let target = request.path.unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if without_slash(path) != without_slash(&site.path) {
        return Err(Bad::Status("404 Not Found"));
    }
    if request.method != Some("GET") {
        return Err(Bad::Status("405 Method Not Allowed"));
    }
    let accepts = request
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("accept-language"));
    let language = accepts
        .and_then(|header| std::str::from_utf8(header.value).ok())
        .unwrap_or_default();
    Ok((query.to_owned().into(), Language::preferred(language)))
}

/// "With or without one trailing slash" (security.md 9): the vendor's own example has one before the query.
fn without_slash(path: &str) -> &str {
    path.strip_suffix('/').unwrap_or(path)
}

fn response(status: &str, page: Page, language: Language) -> String {
    let html = page::html(page, language);
    let allow = if status.starts_with("405") {
        "Allow: GET\r\n"
    } else {
        ""
    };
    format!(
        "HTTP/1.1 {status}\r\n\
         Content-Type: text/html; charset=utf-8\r\n\
         Content-Length: {}\r\n\
         Cache-Control: no-store\r\n\
         Content-Security-Policy: {}\r\n\
         Referrer-Policy: no-referrer\r\n\
         X-Content-Type-Options: nosniff\r\n\
         {allow}Connection: close\r\n\r\n{html}",
        html.len(),
        page::content_security_policy(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A computer that has only some of the two families.
    fn machine(v4: bool, v6: bool) -> impl Fn(SocketAddr) -> Result<StdListener, BeginError> {
        move |address| {
            let has = if address.is_ipv4() { v4 } else { v6 };
            if has {
                // Independent of the address families that this computer has: the requested host counts.
                bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
            } else {
                Err(BeginError::ListenFailed {
                    kind: io::ErrorKind::AddrNotAvailable,
                })
            }
        }
    }

    fn bound(host: LoopbackHost, v4: bool, v6: bool) -> Result<usize, BeginError> {
        bind_all(host, 8080, &machine(v4, v6)).map(|sockets| sockets.len())
    }

    /// security.md 7: both families if the computer has both, otherwise the one it has.
    #[test]
    fn localhost_is_bound_in_each_family_that_the_machine_has() {
        assert_eq!(bound(LoopbackHost::Localhost, true, true), Ok(2));
        assert_eq!(bound(LoopbackHost::Localhost, true, false), Ok(1));
        assert_eq!(bound(LoopbackHost::Localhost, false, true), Ok(1));
        assert_eq!(
            bound(LoopbackHost::Localhost, false, false),
            Err(BeginError::ListenFailed {
                kind: io::ErrorKind::AddrNotAvailable
            })
        );
    }

    /// security.md 7: an address that names its family is bound in that family only.
    #[test]
    fn a_numeric_host_is_bound_in_its_own_family_alone() {
        assert_eq!(bound(LoopbackHost::V4, true, true), Ok(1));
        assert_eq!(bound(LoopbackHost::V6, true, true), Ok(1));
        assert!(bound(LoopbackHost::V6, true, false).is_err());
        assert!(bound(LoopbackHost::V4, false, true).is_err());
    }

    /// security.md 7, 8: a port that is taken or forbidden in one family does not count as a missing family:
    /// a browser might use it.
    #[test]
    fn a_family_that_is_there_and_refuses_the_port_fails_the_attempt() {
        for refusal in [
            BeginError::PortBusy { port: 8080 },
            BeginError::ListenFailed {
                kind: io::ErrorKind::PermissionDenied,
            },
        ] {
            for v6 in [false, true] {
                let bind = |address: SocketAddr| match address.port() {
                    8080 if address.is_ipv6() == v6 => Err(refusal.clone()),
                    _ => bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
                };
                let outcome = bind_all(LoopbackHost::Localhost, 8080, &bind);
                assert_eq!(outcome.err(), Some(refusal.clone()));
            }
        }
    }
}
