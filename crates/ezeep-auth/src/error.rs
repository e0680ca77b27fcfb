//! The errors of a sign-in, from its beginning to its tokens. Contain no secret.

use std::io;
use std::time::Duration;

use ezeep_http::CertificateFault;

/// Why an attempt could not begin. No browser has been opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BeginError {
    /// Another program uses the redirect's port. No other port is tried (security.md 8).
    #[error("port {port} is taken by another program")]
    PortBusy {
        /// The port.
        port: u16,
    },
    /// The system refused to listen.
    #[error("listening for the redirect failed: {kind}")]
    ListenFailed {
        /// The system's reason.
        kind: io::ErrorKind,
    },
    /// The redirect uses a scheme of our own, and nothing brings its links: see
    /// [`OAuth::with_links`](crate::OAuth::with_links).
    #[error("this kind of redirect URI is not supported")]
    RedirectUnsupported,
}

/// Why an attempt has no code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// The server sent the browser back with an error: `access_denied` if the user, or an admin's policy,
    /// refused.
    #[error("the sign-in was refused: {error}")]
    Denied {
        /// RFC 6749 section 4.1.2.1, cleaned, at most 64 characters.
        error: String,
        /// The server's words, cleaned, at most 300 characters.
        description: Option<String>,
    },
    /// The answer names another issuer than the one asked (RFC 9207).
    #[error("the answer comes from another server")]
    WrongIssuer,
    /// The answer to this attempt contains no code, more than one, or both a code and an error.
    #[error("the answer holds no usable code")]
    Malformed,
    /// The browser did not return in time.
    #[error("nobody came back from the browser in time")]
    TimedOut,
    /// The wait was cancelled, or another attempt replaced this one in the [`Links`](crate::Links).
    #[error("the sign-in was cancelled")]
    Cancelled,
}

/// Errors of a token or revocation request. Contain no secret. Only [`InvalidGrant`](Self::InvalidGrant) says
/// anything about the grant; all others leave it as it was (security.md 37).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The server doesn't know the Client ID.
    #[error("the server does not know this Client ID")]
    InvalidClient,
    /// The code or refresh token is expired, used, revoked or another client's.
    #[error("the server no longer takes this grant")]
    InvalidGrant,
    /// The requested scopes are not available to this client.
    #[error("the server refuses the scopes asked for")]
    InvalidScope,
    /// Another error of RFC 6749 section 5.2, cleaned for display.
    #[error("the server refuses the request: {error}")]
    OAuth {
        /// The server's code, at most 64 characters.
        error: String,
        /// The server's message, one line, at most 300 characters.
        description: Option<String>,
    },
    /// A 4xx that is no OAuth error.
    #[error("the server refuses the request with status {status}")]
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// 429.
    #[error("too many requests")]
    RateLimited {
        /// How long the server asks to wait, at most an hour.
        retry_after: Option<Duration>,
    },
    /// 5xx.
    #[error("the server failed with status {status}")]
    Server {
        /// The HTTP status.
        status: u16,
    },
    /// No connection: nothing was sent.
    #[error("no connection to {host}")]
    Connect {
        /// The server's host.
        host: String,
    },
    /// No connection within the time limit: nothing was sent.
    #[error("no connection to {host} in time")]
    Timeout {
        /// The server's host.
        host: String,
    },
    /// The server's certificate was refused: nothing was sent.
    #[error("the certificate of {host} was refused: {fault:?}")]
    Certificate {
        /// The server's host.
        host: String,
        /// The cause.
        fault: CertificateFault,
    },
    /// A proxy asks for a password (407).
    #[error("the proxy asks for a password")]
    ProxyAuth,
    /// The endpoint answered with a redirect, which is never followed (security.md 20).
    #[error("the token endpoint answered with a redirect")]
    Redirected,
    /// The reply does not follow the endpoint's documentation.
    #[error("unexpected reply: {why}")]
    Malformed {
        /// What is wrong with it.
        why: MalformedReply,
    },
    /// The request may have reached the server, and no complete reply came back: its outcome is unknown.
    #[error("the reply of {host} was lost")]
    LostReply {
        /// The server's host.
        host: String,
        /// Whether the time limit ended the wait.
        timed_out: bool,
    },
}

/// Why a reply of the token endpoint is no token reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MalformedReply {
    /// Larger than [`Limits::reply_bytes`](crate::Limits).
    #[error("the reply is too large")]
    TooLarge,
    /// Another content type than JSON: for example a captive portal's.
    #[error("the reply is not JSON")]
    NotJson,
    /// JSON, but not an object with fields of the documented types, each at most once.
    #[error("the reply has another shape than documented")]
    Shape,
    /// No usable access token: missing, empty, or unfit for a header.
    #[error("the reply holds no usable access token")]
    AccessToken,
    /// A refresh token that can't be sent back.
    #[error("the reply holds an unusable refresh token")]
    RefreshToken,
    /// Not a Bearer token.
    #[error("the token is not of type Bearer")]
    TokenType,
    /// A lifetime that is zero, negative or not a number.
    #[error("the lifetime is unusable")]
    ExpiresIn,
    /// No pairing code, or one that can't be displayed.
    #[error("the reply holds no usable pairing code")]
    PairingCode,
    /// No page to enter a pairing code on, or one that is not on the account server.
    #[error("the reply holds no usable pairing page")]
    PairingUrl,
}

/// Why a pairing has no tokens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PairingError {
    /// The user refused (RFC 8628 section 3.5, `access_denied`).
    #[error("the pairing was refused")]
    Refused,
    /// The code has expired, by the server's answer or by its lifetime.
    #[error("the pairing code has expired")]
    Expired,
    /// The wait was cancelled. Tokens that arrive afterwards are revoked.
    #[error("the pairing was cancelled")]
    Cancelled,
    /// The token endpoint did not answer with tokens. After a [`TokenError::LostReply`] or
    /// [`TokenError::Server`] the server has used the code, and its answer was lost: begin again.
    #[error(transparent)]
    Token(#[from] TokenError),
}
