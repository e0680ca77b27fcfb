//! The one error of the client: what went wrong, with what the server said about it. Must never hold a token, a request's
//! body or a value out of a malformed reply.

use std::collections::BTreeMap;
use std::time::Duration;

use ezeep_http::CertificateFault;

use crate::token::TokenUnavailable;

/// What every call gives or fails with.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The cause below one of ours, as the library gave it.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a call failed. A write that failed with anything but [`Error::OutcomeUnknown`] did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No token was available: nothing was sent, or the server refused the old token. Or the token source has
    /// rejected the answer ([`TokenSource::answered_for`](crate::TokenSource::answered_for)).
    #[error(transparent)]
    Token(#[from] TokenUnavailable),
    /// No connection: no network, no such name, refused. Nothing was sent.
    #[error("no connection to {host}")]
    Connect {
        /// The server's host.
        host: String,
        /// The system's reason.
        source: Cause,
    },
    /// No connection or no complete answer within the limits ([`crate::Limits`]).
    #[error("{host} did not answer in time")]
    Timeout {
        /// The server's host.
        host: String,
    },
    /// The server's certificate was refused. Nothing was sent.
    #[error("the certificate of {host} was refused: {fault:?}")]
    Certificate {
        /// The server's host.
        host: String,
        /// The cause.
        fault: CertificateFault,
        /// The library's message.
        source: Cause,
    },
    /// The proxy asks for a password: 407, on a tunnel or on the request itself (security.md 52). Nothing reached the server.
    #[error("the proxy asks for a password (407)")]
    ProxyAuth,
    /// The request could not be made: a value that JSON can't hold, say. Nothing was sent.
    #[error("the request could not be made")]
    Unsendable {
        /// Why.
        source: Cause,
    },
    /// The connection broke before the answer was complete.
    #[error("the connection to {host} broke before the answer was complete")]
    Interrupted {
        /// The server's host.
        host: String,
        /// The library's reason.
        source: Cause,
    },
    /// The server has said when to come again, and that time is not there yet. Nothing was sent. A call that
    /// replaces a whole list fails so instead of waiting with a list that grows old: read again, then repeat
    /// it. Any other call fails so only with a client that waits no longer
    /// ([`crate::Client::waiting_at_most`]).
    #[error("the server asked to wait another {} s", retry_after.as_secs())]
    HeldBack {
        /// How long still.
        retry_after: Duration,
    },
    /// The server answered with an error status.
    #[error(transparent)]
    Status(Box<StatusError>),
    /// The server answered with a redirect, other than the one that is followed (a slash added or taken, GET only).
    #[error("the server answered with a redirect ({status}), which is not followed")]
    Redirect {
        /// 3xx.
        status: u16,
    },
    /// The answer is larger than allowed.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// Bytes allowed.
        limit: usize,
    },
    /// The answer is not the documented API: a captive portal's page, say.
    #[error("the answer is not what the API promises: {why}")]
    Malformed {
        /// What is wrong, without a value out of the answer.
        why: Fault,
        /// The answer's `Content-Type`, where it had one.
        content_type: Option<String>,
    },
    /// A write was sent, and it could not be learned whether the server did it: the answer was lost, came from a gateway,
    /// or was unreadable (security.md 49). Read the object again; the write is not repeated by this crate.
    #[error("it is not known whether the change was made")]
    OutcomeUnknown {
        /// What came instead of an answer.
        source: Box<Error>,
    },
    /// The pages of a list lead nowhere. What was read before was handed out already.
    #[error("the list could not be read to its end: {problem}")]
    Paging {
        /// What is wrong.
        problem: PagingProblem,
        /// Where reading stopped.
        offset: u64,
        /// How many items the server last told.
        count: u64,
    },
}

impl Error {
    /// The status and its text, also that of a write whose outcome is unknown.
    pub fn status(&self) -> Option<&StatusError> {
        match self {
            Self::Status(status) => Some(status),
            Self::OutcomeUnknown { source } => source.status(),
            _ => None,
        }
    }

    /// True for an answer with this very status. Never for a write whose outcome is unknown.
    pub fn is_status(&self, status: u16) -> bool {
        matches!(self, Self::Status(error) if error.status == status)
    }

    /// True for an error's status that is not the API's own: [`StatusError::is_of_proxy`].
    pub fn is_of_proxy(&self) -> bool {
        matches!(self, Self::Status(error) if error.is_of_proxy())
    }

    /// True where a write may or may not have happened.
    pub fn is_outcome_unknown(&self) -> bool {
        matches!(self, Self::OutcomeUnknown { .. })
    }

    /// True where nothing was done for a reason that may pass: no connection, 429, a server that failed on a read. Whoever
    /// repeats a call that replaces a list reads that list again first.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Connect { .. }
            | Self::Timeout { .. }
            | Self::Interrupted { .. }
            | Self::HeldBack { .. } => true,
            Self::Status(error) => matches!(error.status, 429 | 500 | 502 | 503 | 504),
            _ => false,
        }
    }

    /// How long the server asked to wait, uncapped.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::HeldBack { retry_after } => Some(*retry_after),
            error => error.status().and_then(|status| status.retry_after),
        }
    }

    /// The kind in one word, for logs: unlike the error's text it never holds the server's words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Token(_) => "token",
            Self::Connect { .. } => "connect",
            Self::Timeout { .. } => "timeout",
            Self::Certificate { .. } => "certificate",
            Self::ProxyAuth => "proxy-auth",
            Self::Unsendable { .. } => "unsendable",
            Self::Interrupted { .. } => "interrupted",
            Self::HeldBack { .. } => "held-back",
            Self::Status(_) => "status",
            Self::Redirect { .. } => "redirect",
            Self::TooLarge { .. } => "too-large",
            Self::Malformed { .. } => "malformed",
            Self::OutcomeUnknown { .. } => "outcome-unknown",
            Self::Paging { .. } => "paging",
        }
    }

    pub(crate) fn unknown_outcome(self) -> Self {
        match self {
            known @ Self::OutcomeUnknown { .. } => known,
            source => Self::OutcomeUnknown {
                source: Box::new(source),
            },
        }
    }
}

/// An answer that is neither success nor redirect. The texts are the server's: at most 2,000 characters, without control
/// characters and direction marks, and without the token should the server have repeated it. They are for showing, never to branch on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the server answered {status}{}", self.detail.as_deref().map(|d| format!(": {d}")).unwrap_or_default())]
pub struct StatusError {
    /// The status, 400 to 599 as a rule.
    pub status: u16,
    /// `error` or `code` of a JSON body: a word for programs.
    pub code: Option<String>,
    /// `detail`, `error_description` or `message` of a JSON body: a sentence for people.
    pub detail: Option<String>,
    /// `{"field": ["…"]}`: what the server says about each field; nested ones as `outer.inner`.
    pub fields: BTreeMap<String, Vec<String>>,
    /// The body as text: JSON, HTML, whatever came.
    pub body: String,
    /// `X-Request-Id`, for support.
    pub request_id: Option<String>,
    /// `Retry-After`, uncapped.
    pub retry_after: Option<Duration>,
    /// Kind of the body. The API answers JSON; anything else comes from a proxy or captive portal.
    pub body_kind: BodyKind,
    /// Whether the request was for a list of the organization, which only its admins may read.
    pub of_list: bool,
}

impl StatusError {
    /// Whether a proxy, gateway or captive portal has answered and not the API: a web page, or a 404 without
    /// the API's JSON.
    pub fn is_of_proxy(&self) -> bool {
        match self.body_kind {
            BodyKind::Json => false,
            BodyKind::Html => true,
            BodyKind::Other => self.status == 404,
        }
    }
}

/// The kind of an error's body, by its first bytes and its `Content-Type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// A JSON object, as the API answers; of a 404 only one with `detail`, since gateways write objects too.
    Json,
    /// A web page.
    Html,
    /// Anything else, or empty.
    Other,
}

/// What is wrong with a reply or an item: the place and the kind, never the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The body is empty.
    #[error("it is empty")]
    Empty,
    /// The body is not JSON.
    #[error("it is not JSON")]
    NotJson,
    /// A required field is not there.
    #[error("{} lacks a field that must be there", place(path))]
    Missing {
        /// The object that lacks it, such as `groups[0]`; `.` is the whole.
        path: String,
    },
    /// A field is of another kind than promised, or holds what is not allowed: an id with a slash, say.
    #[error("{} is not of the promised kind", place(path))]
    Invalid {
        /// The field, such as `groups[0].group_id`; `.` is the whole.
        path: String,
    },
    /// The answer tells of another object than the one asked for.
    #[error("it tells of another object than the one asked for")]
    OtherObject,
}

fn place(path: &str) -> &str {
    if path == "." { "it" } else { path }
}

/// What is wrong with the pages of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PagingProblem {
    /// More pages than [`crate::Limits::max_pages`].
    #[error("too many pages")]
    TooManyPages,
    /// More items than [`crate::Limits::max_items`].
    #[error("too many items")]
    TooManyItems,
    /// The same page is returned for every requested offset.
    #[error("the same page comes again and again")]
    Loop,
    /// Page after page is empty although the server tells of more.
    #[error("page after page is empty although there should be more")]
    EmptyPages,
}
