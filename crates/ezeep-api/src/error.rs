//! The error type of the client: what went wrong, and the server's words about it. Must never contain a
//! token, a request's body or a value from a malformed reply.

use std::collections::BTreeMap;
use std::time::Duration;

use ezeep_http::CertificateFault;

use crate::token::TokenUnavailable;

/// The result of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The library's error that caused one of ours.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a call failed. A write that failed with any error except [`Error::OutcomeUnknown`] did not happen.
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
    /// The proxy asks for a password: 407, for a tunnel or for the request itself (security.md 52). Nothing
    /// reached the server.
    #[error("the proxy asks for a password (407)")]
    ProxyAuth,
    /// The request could not be made, for example of a value that JSON can't represent. Nothing was sent.
    #[error("the request could not be made")]
    Unsendable {
        /// The cause.
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
    /// The server has asked to wait (`Retry-After`), and that time is not over. Nothing was sent. A call that
    /// replaces a whole list fails like this instead of waiting with a list that becomes outdated: read
    /// again, then repeat it. Other calls fail like this only with a client from
    /// [`crate::Client::waiting_at_most`].
    #[error("the server asked to wait another {} s", retry_after.as_secs())]
    HeldBack {
        /// The time left to wait.
        retry_after: Duration,
    },
    /// The server answered with an error status.
    #[error(transparent)]
    Status(Box<StatusError>),
    /// The server answered with a redirect. The only one that is followed is a slash added to or removed from
    /// the path of a GET.
    #[error("the server answered with a redirect ({status}), which is not followed")]
    Redirect {
        /// The status, 3xx.
        status: u16,
    },
    /// The answer is larger than allowed.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// Bytes allowed.
        limit: usize,
    },
    /// The answer does not follow the documented API: a captive portal's page, for example.
    #[error("the answer is not what the API promises: {why}")]
    Malformed {
        /// What is wrong, without a value from the answer.
        why: Fault,
        /// The answer's `Content-Type`, if it had one.
        content_type: Option<String>,
    },
    /// A write was sent, and its outcome is unknown: the answer was lost, came from a gateway, or was
    /// unreadable (security.md 49). Read the object again; this crate does not repeat the write.
    #[error("it is not known whether the change was made")]
    OutcomeUnknown {
        /// The error that came instead of an answer.
        source: Box<Error>,
    },
    /// The pages of a list can't be followed to its end. Items read before were already handed out.
    #[error("the list could not be read to its end: {problem}")]
    Paging {
        /// What is wrong.
        problem: PagingProblem,
        /// Where reading stopped.
        offset: u64,
        /// The number of items that the server reported last.
        count: u64,
    },
}

impl Error {
    /// The status error, also of a write of unknown outcome.
    pub fn status(&self) -> Option<&StatusError> {
        match self {
            Self::Status(status) => Some(status),
            Self::OutcomeUnknown { source } => source.status(),
            _ => None,
        }
    }

    /// Whether the answer has exactly this status. Never true for a write of unknown outcome.
    pub fn is_status(&self, status: u16) -> bool {
        matches!(self, Self::Status(error) if error.status == status)
    }

    /// Whether a status error comes from a proxy and not from the API: [`StatusError::is_of_proxy`].
    pub fn is_of_proxy(&self) -> bool {
        matches!(self, Self::Status(error) if error.is_of_proxy())
    }

    /// Whether a write may or may not have happened.
    pub fn is_outcome_unknown(&self) -> bool {
        matches!(self, Self::OutcomeUnknown { .. })
    }

    /// Whether nothing was done for a reason that may pass: no connection, 429, a read that failed on the
    /// server. To repeat a call that replaces a list, read that list again first.
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

    /// How long the server asked to wait, without an upper limit.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::HeldBack { retry_after } => Some(*retry_after),
            error => error.status().and_then(|status| status.retry_after),
        }
    }

    /// The kind of the error in one word, for logs. It never contains the server's words.
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

/// An answer with an error status. The texts are the server's: at most 2,000 characters, without control
/// characters and direction marks, and without the token if the server has repeated it. They are for display
/// only.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the server answered {status}{}", self.detail.as_deref().map(|d| format!(": {d}")).unwrap_or_default())]
pub struct StatusError {
    /// The status, usually 400 to 599.
    pub status: u16,
    /// `error` or `code` of a JSON body: an identifier.
    pub code: Option<String>,
    /// `detail`, `error_description` or `message` of a JSON body: a sentence.
    pub detail: Option<String>,
    /// `{"field": ["…"]}`: the messages about each field; nested ones as `outer.inner`.
    pub fields: BTreeMap<String, Vec<String>>,
    /// The body as text, of any kind.
    pub body: String,
    /// `X-Request-Id`, for support.
    pub request_id: Option<String>,
    /// `Retry-After`, without an upper limit.
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

/// What is wrong with a reply or an item: its path and kind, never the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The body is empty.
    #[error("it is empty")]
    Empty,
    /// The body is not JSON.
    #[error("it is not JSON")]
    NotJson,
    /// A required field is missing.
    #[error("{} lacks a field that must be there", place(path))]
    Missing {
        /// The object that lacks it, such as `groups[0]`; `.` is the whole.
        path: String,
    },
    /// A field is of another type than documented, or its value is not allowed, for example an id with a
    /// slash.
    #[error("{} is not of the promised kind", place(path))]
    Invalid {
        /// The field, such as `groups[0].group_id`; `.` is the whole.
        path: String,
    },
    /// The answer is about another object than the requested one.
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
    /// The same page is returned for each requested offset.
    #[error("the same page comes again and again")]
    Loop,
    /// One page after another is empty although the server reports more items.
    #[error("page after page is empty although there should be more")]
    EmptyPages,
}
