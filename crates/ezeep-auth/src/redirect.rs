//! The redirect URI: its kinds, and the rule that it is sent byte for byte as it was registered (security.md
//! 4). Must never rewrite, normalize or guess an address.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};

use url::Url;

use crate::exclusive;

/// The address that the browser returns to.
#[derive(Debug, Clone)]
pub enum RedirectUri {
    /// `http://localhost|127.0.0.1|[::1]:PORT/PATH`, answered by our listener (RFC 8252 section 7.3).
    Loopback(Loopback),
    /// A scheme of our own, opened by the operating system (RFC 8252 section 7.1).
    Scheme(Scheme),
}

/// A loopback redirect.
#[derive(Debug, Clone)]
pub struct Loopback {
    text: String,
    host: LoopbackHost,
    port: u16,
    path: String,
    /// The socket of a port that was chosen by binding it. The first attempt takes it, so that the port is
    /// never closed and bound again (security.md 6).
    reserved: Arc<Mutex<Option<TcpListener>>>,
}

/// A redirect to a scheme of our own.
#[derive(Debug, Clone)]
pub struct Scheme {
    text: String,
    scheme: String,
}

/// The three host names of this computer that a loopback redirect may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoopbackHost {
    /// Resolves to either family, so both are bound (security.md 7).
    Localhost,
    V4,
    V6,
}

/// Why a text is no usable redirect URI.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedirectError {
    /// Not an absolute URL.
    #[error("the redirect URI is not a URL")]
    NotAUrl,
    /// http or https, but not http on a loopback host (RFC 8252 section 8.3).
    #[error("an http redirect must be http on localhost, 127.0.0.1 or [::1]")]
    NotLoopback,
    /// A loopback redirect without a port, or with port 0.
    #[error("a loopback redirect needs a port")]
    NoPort,
    /// A query, a fragment or credentials.
    #[error("the redirect URI may not have a query, a fragment or a user name")]
    Extra,
    /// A path that is not plain: percent escapes, dot segments, spaces, backslashes or non-ASCII letters are
    /// rewritten by a browser and then no longer match.
    #[error("the redirect URI's path must be plain")]
    Path,
    /// A scheme without a dot: RFC 8252 section 7.1 requires a reversed domain name, which no other app
    /// claims.
    #[error("a custom scheme must be a reversed domain name")]
    Scheme,
    /// No free port could be bound.
    #[error("no free port could be bound: {0}")]
    NoFreePort(std::io::ErrorKind),
}

impl RedirectUri {
    /// The text as given, byte for byte.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Loopback(loopback) => &loopback.text,
            Self::Scheme(scheme) => &scheme.text,
        }
    }

    /// Binds a free port of 127.0.0.1 and returns the redirect URI for it, which can then be registered.
    /// `path` begins with a slash. The port stays bound until the first attempt, which takes the socket.
    ///
    /// # Errors
    /// [`RedirectError::Path`] or another one for an unusable path; [`RedirectError::NoFreePort`] if no
    /// port can be bound.
    pub fn loopback_any(path: &str) -> Result<Self, RedirectError> {
        let bind = || -> std::io::Result<(TcpListener, u16)> {
            let listener = exclusive::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
            let port = listener.local_addr()?.port();
            Ok((listener, port))
        };
        let (listener, port) = bind().map_err(|e| RedirectError::NoFreePort(e.kind()))?;
        let redirect = Self::try_from(format!("http://127.0.0.1:{port}{path}").as_str())?;
        if let Self::Loopback(loopback) = &redirect {
            *loopback.reserved.lock().unwrap_or_else(PoisonError::into_inner) = Some(listener);
        }
        Ok(redirect)
    }
}

impl Loopback {
    /// The port in the URI.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The path in the URI.
    pub fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn host(&self) -> LoopbackHost {
        self.host
    }

    /// The socket of [`RedirectUri::loopback_any`], once.
    pub(crate) fn take_reserved(&self) -> Option<TcpListener> {
        self.reserved
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

impl LoopbackHost {
    /// As in a URL and in a `Host` header.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Localhost => "localhost",
            Self::V4 => "127.0.0.1",
            Self::V6 => "[::1]",
        }
    }
}

impl Scheme {
    /// The scheme alone, in lower case: the operating system must open it with the app.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The text after the scheme's colon: authority and path.
    pub(crate) fn place(&self) -> &str {
        &self.text[self.scheme.len() + 1..]
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PartialEq for RedirectUri {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for RedirectUri {}

impl TryFrom<&str> for RedirectUri {
    type Error = RedirectError;

    fn try_from(text: &str) -> Result<Self, RedirectError> {
        let url = Url::parse(text).map_err(|_| RedirectError::NotAUrl)?;
        if url.query().is_some()
            || url.fragment().is_some()
            || !url.username().is_empty()
            || url.password().is_some()
        {
            return Err(RedirectError::Extra);
        }
        match url.scheme() {
            "http" => loopback(text, &url),
            "https" => Err(RedirectError::NotLoopback),
            scheme if scheme.contains('.') => {
                if url.as_str() != text {
                    return Err(RedirectError::Path);
                }
                Ok(Self::Scheme(Scheme {
                    scheme: scheme.to_owned(),
                    text: text.to_owned(),
                }))
            }
            _ => Err(RedirectError::Scheme),
        }
    }
}

fn loopback(text: &str, url: &Url) -> Result<RedirectUri, RedirectError> {
    // The host is read from the text and not from the parsed URL: a parser also accepts 127.1 or 0x7f000001
    // for this computer, which a browser would send as another `Host`.
    let rest = text.strip_prefix("http://").ok_or(RedirectError::NotLoopback)?;
    let (host, rest) = [LoopbackHost::Localhost, LoopbackHost::V4, LoopbackHost::V6]
        .into_iter()
        .find_map(|host| Some((host, rest.strip_prefix(host.as_str())?)))
        .filter(|(_, rest)| rest.is_empty() || rest.starts_with([':', '/']))
        .ok_or(RedirectError::NotLoopback)?;
    let after_colon = rest.strip_prefix(':').ok_or(RedirectError::NoPort)?;
    let (port, path) = after_colon.split_at(after_colon.find('/').unwrap_or(after_colon.len()));
    let canonical = !port.starts_with('0') && port.bytes().all(|b| b.is_ascii_digit());
    let port: u16 = port
        .parse()
        .ok()
        .filter(|_| canonical)
        .ok_or(RedirectError::NoPort)?;
    let path = if path.is_empty() { "/" } else { path };
    if path != url.path() || path.contains('%') {
        return Err(RedirectError::Path);
    }
    Ok(RedirectUri::Loopback(Loopback {
        text: text.to_owned(),
        host,
        port,
        path: path.to_owned(),
        reserved: Arc::default(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Loopback {
        match RedirectUri::try_from(text).unwrap() {
            RedirectUri::Loopback(loopback) => loopback,
            RedirectUri::Scheme(_) => panic!("{text} is no scheme"),
        }
    }

    /// security.md 4.
    #[test]
    fn the_text_stays_byte_for_byte_as_it_was_given() {
        for text in [
            "http://localhost:8080/oauth/callback",
            "http://localhost:8080/oauth/callback/",
            "http://127.0.0.1:65535/",
            "http://[::1]:80/cb",
            "http://localhost:8080",
            "dev.pressroom.console://oauth/callback",
            "dev.pressroom.console:/oauth/callback",
        ] {
            assert_eq!(RedirectUri::try_from(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn a_loopback_redirect_is_taken_apart_as_written() {
        let loopback = parsed("http://localhost:8080/oauth/callback");
        assert_eq!((loopback.port(), loopback.path()), (8080, "/oauth/callback"));
        assert_eq!(loopback.host(), LoopbackHost::Localhost);
        assert_eq!(parsed("http://[::1]:9/x").host(), LoopbackHost::V6);
        assert_eq!(parsed("http://127.0.0.1:9").path(), "/");
    }

    #[test]
    fn what_a_browser_would_rewrite_or_send_elsewhere_is_refused_by_name() {
        for (text, why) in [
            ("localhost:8080/x", RedirectError::Scheme),
            ("/oauth/callback", RedirectError::NotAUrl),
            ("https://localhost:8080/x", RedirectError::NotLoopback),
            ("http://example.com:8080/x", RedirectError::NotLoopback),
            ("http://localhost.evil.example:8080/x", RedirectError::NotLoopback),
            ("http://127.1:8080/x", RedirectError::NotLoopback),
            ("http://0x7f000001:8080/x", RedirectError::NotLoopback),
            ("http://localhost/x", RedirectError::NoPort),
            ("http://localhost:0/x", RedirectError::NoPort),
            ("http://localhost:080/x", RedirectError::NoPort),
            ("http://localhost:8080/x?y", RedirectError::Extra),
            ("http://localhost:8080/x#y", RedirectError::Extra),
            ("http://me@localhost:8080/x", RedirectError::Extra),
            ("http://localhost:8080/a/../x", RedirectError::Path),
            ("http://localhost:8080/a b", RedirectError::Path),
            ("http://localhost:8080/a%20b", RedirectError::Path),
            ("http://localhost:8080\\x", RedirectError::NoPort),
            ("pressroom://oauth/callback", RedirectError::Scheme),
            ("javascript:alert(1)", RedirectError::Scheme),
        ] {
            assert_eq!(RedirectUri::try_from(text).unwrap_err(), why, "{text}");
        }
    }

    #[test]
    fn any_free_port_is_known_as_soon_as_it_is_bound_and_handed_over_once() {
        let redirect = RedirectUri::loopback_any("/oauth/callback").unwrap();
        let RedirectUri::Loopback(loopback) = &redirect else {
            panic!("a loopback redirect")
        };
        assert_eq!(
            redirect.as_str(),
            format!("http://127.0.0.1:{}/oauth/callback", loopback.port())
        );
        let socket = loopback.take_reserved().unwrap();
        assert_eq!(socket.local_addr().unwrap().port(), loopback.port());
        assert!(loopback.take_reserved().is_none());
    }
}
