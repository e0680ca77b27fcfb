//! What can go wrong with a sign-in, from its beginning to its tokens. Holds no secret.

use std::io;
use std::time::Duration;

use ezeep_http::CertificateFault;

/// Why an attempt could not begin. No browser has been opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BeginError {
    /// Another program listens on the redirect's port. No other port is tried (security.md 8).
    #[error("port {port} is taken by another program")]
    PortBusy {
        /// Which.
        port: u16,
    },
    /// The machine would not let us listen.
    #[error("listening for the redirect failed: {kind}")]
    ListenFailed {
        /// The system's reason.
        kind: io::ErrorKind,
    },
    /// A scheme of our own, and nobody who brings its links: see [`OAuth::with_links`](crate::OAuth::with_links).
    #[error("this kind of redirect URI is not supported")]
    RedirectUnsupported,
}

/// Why an attempt brought no code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// The server sent the person back with an error: `access_denied` where they, or their admin's policy, refused.
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
    /// The answer to this attempt holds no code, more than one, or a code and an error at once.
    #[error("the answer holds no usable code")]
    Malformed,
    /// Nobody came back in time.
    #[error("nobody came back from the browser in time")]
    TimedOut,
    /// The wait was cancelled, or another attempt took its place in the [`Links`](crate::Links).
    #[error("the sign-in was cancelled")]
    Cancelled,
}

/// What a token or revocation request can fail with. Holds no secret. Only [`InvalidGrant`](Self::InvalidGrant) says
/// anything about the grant; everything else leaves it as it was (security.md 37).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The server doesn't know the Client ID.
    #[error("the server does not know this Client ID")]
    InvalidClient,
    /// The code or refresh token is expired, spent, revoked or foreign.
    #[error("the server no longer takes this grant")]
    InvalidGrant,
    /// The scopes asked for are not given to this client.
    #[error("the server refuses the scopes asked for")]
    InvalidScope,
    /// Another error of RFC 6749 section 5.2, cleaned for showing.
    #[error("the server refuses the request: {error}")]
    OAuth {
        /// The server's code, at most 64 characters.
        error: String,
        /// The server's words, one line, at most 300 characters.
        description: Option<String>,
    },
    /// A 4xx that is no OAuth error.
    #[error("the server refuses the request with status {status}")]
    Refused {
        /// Status.
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
        /// Status.
        status: u16,
    },
    /// No connection: nothing was sent.
    #[error("no connection to {host}")]
    Connect {
        /// To which host.
        host: String,
    },
    /// No connection within the time limit: nothing was sent.
    #[error("no connection to {host} in time")]
    Timeout {
        /// To which host.
        host: String,
    },
    /// The server's certificate was refused: nothing was sent.
    #[error("the certificate of {host} was refused: {fault:?}")]
    Certificate {
        /// Whose.
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
    /// The reply is not what the endpoint is documented to answer.
    #[error("unexpected reply: {why}")]
    Malformed {
        /// In which way.
        why: MalformedReply,
    },
    /// The request may have reached the server, and no whole reply came back: nobody here knows whether it was done.
    #[error("the reply of {host} was lost")]
    LostReply {
        /// Of which host.
        host: String,
        /// Whether it was the time limit that ended the wait.
        timed_out: bool,
    },
}

/// Why a reply of the token endpoint is no token reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MalformedReply {
    /// Larger than [`Limits::reply_bytes`](crate::Limits).
    #[error("the reply is too large")]
    TooLarge,
    /// Another content type than JSON: a captive portal, say.
    #[error("the reply is not JSON")]
    NotJson,
    /// JSON, but not an object with fields of the documented types, each at most once.
    #[error("the reply has another shape than documented")]
    Shape,
    /// No usable access token: missing, empty, or nothing that fits a header.
    #[error("the reply holds no usable access token")]
    AccessToken,
    /// A refresh token that is nothing a server could take back.
    #[error("the reply holds an unusable refresh token")]
    RefreshToken,
    /// Not a Bearer token.
    #[error("the token is not of type Bearer")]
    TokenType,
    /// A lifetime that is zero, negative or no number.
    #[error("the lifetime is unusable")]
    ExpiresIn,
    /// No pairing code, or none that a person could be shown.
    #[error("the reply holds no usable pairing code")]
    PairingCode,
    /// No page to enter a pairing code at, or one that is not at the account server.
    #[error("the reply holds no usable pairing page")]
    PairingUrl,
}

/// Why a pairing brought no tokens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PairingError {
    /// The person said no (RFC 8628 section 3.5, `access_denied`).
    #[error("the pairing was refused")]
    Refused,
    /// The code is no longer good, by the server's word or by the time it was given.
    #[error("the pairing code has expired")]
    Expired,
    /// The wait was cancelled. Tokens that were on their way are revoked.
    #[error("the pairing was cancelled")]
    Cancelled,
    /// The token endpoint did not answer with tokens. A [`TokenError::LostReply`] or [`TokenError::Server`] here means
    /// that the server has spent the code, and its answer never came: begin again.
    #[error(transparent)]
    Token(#[from] TokenError),
}
