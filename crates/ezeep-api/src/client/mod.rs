//! The client of both servers: one call, its answer checked, and the workarounds for the contradictions in
//! the vendor's documents. The calls themselves stand in a file for each kind of object. Must never store
//! data of the organization between two calls.

mod accounts;
mod assignments;
mod groups;
mod invitations;
mod lists;
mod print_users;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32};
use std::time::Duration;

use http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::endpoints::Endpoints;
use crate::error::{Error, Fault, Result};
use crate::identified::Identified;
use crate::net::Limits;
use crate::route::Route;
use crate::token::TokenSource;
use crate::transport::{Call, RetryPolicy, Transport};

/// The client of both servers, for one sign-in in one organization. Clones share the limit of requests in
/// flight and what was learned about the servers in this session.
///
/// A call is cancelled by dropping its future. A write that was cancelled may have happened.
///
/// # Call errors
/// Any call can fail with [`Error::Token`], [`Error::Unsendable`], [`Error::Connect`], [`Error::Timeout`],
/// [`Error::Certificate`], [`Error::ProxyAuth`], [`Error::Status`], [`Error::Redirect`]. A read also with
/// [`Error::Interrupted`], [`Error::TooLarge`] and [`Error::Malformed`]; a write whose reply is lost or
/// unreadable with [`Error::OutcomeUnknown`] instead (security.md 49).
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    longest_wait: Duration,
}

struct Inner {
    transport: Transport,
    /// The printing server refused PATCH for a user with 405: PUT is used from then on (contract).
    put_groups: AtomicBool,
    /// The account server has the invitations at the second of the two documented paths.
    uses_second_invitations_path: AtomicBool,
    /// The largest page that each server was seen to send.
    largest_account_page: AtomicU32,
    largest_printing_page: AtomicU32,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("endpoints", self.endpoints())
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A client of the two servers. `http` comes from [`crate::http_client`].
    pub fn new(
        http: impl Into<ezeep_http::HttpClient>,
        endpoints: Endpoints,
        tokens: Arc<dyn TokenSource>,
        limits: Limits,
    ) -> Self {
        let transport = Transport::new(http.into(), endpoints, tokens, limits);
        let inner = Inner {
            transport,
            put_groups: AtomicBool::new(false),
            uses_second_invitations_path: AtomicBool::new(false),
            largest_account_page: AtomicU32::new(u32::MAX),
            largest_printing_page: AtomicU32::new(u32::MAX),
        };
        Self {
            inner: Arc::new(inner),
            longest_wait: Duration::MAX,
        }
    }

    /// The same client, for a caller that does longer waits itself: if a server asks for a longer wait than
    /// this (`Retry-After`), a call fails at once, with the 429 or 503 itself or with [`Error::HeldBack`].
    #[must_use]
    pub fn waiting_at_most(&self, longest_wait: Duration) -> Self {
        Self {
            longest_wait,
            ..self.clone()
        }
    }

    /// The URLs of both servers.
    pub fn endpoints(&self) -> &Endpoints {
        &self.inner.transport.endpoints
    }

    fn call(&self, method: Method, route: Route, id: &str) -> Call {
        let transport = &self.inner.transport;
        let mut call = route.call(method, id, &transport.endpoints, &transport.limits);
        call.longest_wait = self.longest_wait;
        call
    }

    /// Makes a call whose answer is an object. If a write gets a 2xx that can't be understood, its outcome is
    /// unknown.
    async fn make<T: DeserializeOwned>(&self, call: &Call) -> Result<T> {
        let object = self.inner.transport.make(call).await?.json();
        if call.is_read() {
            object
        } else {
            object.map_err(Error::unknown_outcome)
        }
    }

    /// The same for an answer that must be the requested object. A server may write the letters of an id in
    /// another case.
    async fn one<T: DeserializeOwned + Identified>(&self, call: &Call, id: &str) -> Result<T> {
        let object: T = self.make(call).await?;
        if object.id().eq_ignore_ascii_case(id) {
            return Ok(object);
        }
        let error = Error::Malformed {
            why: Fault::OtherObject,
            content_type: None,
        };
        Err(if call.is_read() {
            error
        } else {
            error.unknown_outcome()
        })
    }

    /// The same for an answer whose body is not used. A web page is a proxy's answer and tells nothing about
    /// the server.
    async fn done(&self, call: &Call) -> Result<()> {
        let reply = self.inner.transport.make(call).await?;
        if reply.is_page() {
            return Err(reply.malformed(Fault::NotJson).unknown_outcome());
        }
        Ok(())
    }

    /// A write that replaces data that was just read: neither waits nor is repeated.
    async fn replace<T>(&self, method: Method, route: Route, id: &str, body: &impl Serialize) -> Result<T>
    where
        T: DeserializeOwned + Identified,
    {
        let mut call = self.call(method, route, id).json(body)?;
        call.retry = RetryPolicy::Never;
        self.one(&call, id).await
    }
}
