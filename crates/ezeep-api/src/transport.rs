//! One call over HTTP: permit, token, request, answer, and retries. The only place that sends a token. Must
//! never send it to any origin except the two, nor repeat a write that the server may have processed
//! (security.md 45, 47-49).

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use backon::{ExponentialBuilder, Retryable};
use bytes::Bytes;
use ezeep_http::{HttpClient, ServerClock, causes, certificate_fault, proxy_wants_password};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, LOCATION};
use http::{HeaderMap, Method, StatusCode};
use serde::Serialize;
use url::Url;

use crate::concurrency::{ConcurrencyLimiter, Permit};
use crate::endpoints::{Endpoints, Server};
use crate::error::Error;
use crate::net::Limits;
use crate::reply::{self, BodyError, Reply};
use crate::token::{BearerToken, TokenNotSendable, TokenSource, TokenUnavailable};

/// When a call may be repeated. A refused token (401) allows one repetition for all kinds (security.md 47).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryPolicy {
    /// After any failure that may pass: a read.
    Idempotent,
    /// If nothing was done: no connection, stream refused, or 429 (security.md 49).
    OnlyIfNotProcessed,
    /// Never, nor does the call wait for a permit: it replaces a list that was read just before, and each
    /// wait widens the time in which another admin's change is overwritten (security.md 50).
    Never,
}

/// One request to make, without I/O.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) server: Server,
    /// The path as the contract writes it, for the log: no id, no query.
    pub(crate) template: &'static str,
    pub(crate) url: Url,
    pub(crate) body: Option<Bytes>,
    pub(crate) cap: usize,
    pub(crate) retry: RetryPolicy,
    /// The longest `Retry-After` that is waited for ([`crate::Client::waiting_at_most`]).
    pub(crate) longest_wait: Duration,
    /// Whether it reads a list of the organization, which only admins may do.
    pub(crate) lists_organization: bool,
}

impl Call {
    /// Adds a JSON body.
    pub(crate) fn json<T: Serialize + ?Sized>(mut self, body: &T) -> Result<Self, Error> {
        let bytes = serde_json::to_vec(body).map_err(|e| Error::Unsendable { source: e.into() })?;
        self.body = Some(bytes.into());
        Ok(self)
    }

    /// Whether it changes nothing.
    pub(crate) fn is_read(&self) -> bool {
        self.retry == RetryPolicy::Idempotent
    }
}

/// Both servers, a source of tokens and the limits.
pub(crate) struct Transport {
    http: HttpClient,
    /// The server's clock from its replies, for a certificate that is refused because of its dates.
    server_clock: ServerClock,
    pub(crate) endpoints: Endpoints,
    pub(crate) tokens: Arc<dyn TokenSource>,
    pub(crate) limits: Limits,
    limiter: ConcurrencyLimiter,
}

/// Why one attempt failed, and whether another one is allowed.
struct Failure {
    error: Error,
    again: bool,
}

impl Failure {
    fn last(error: Error) -> Self {
        Self { error, again: false }
    }
}

impl From<TokenUnavailable> for Failure {
    fn from(error: TokenUnavailable) -> Self {
        Self::last(Error::Token(error))
    }
}

enum Answer {
    Complete(Reply),
    /// 401, with the error it becomes if nothing newer can be sent.
    TokenRefused(Error),
    /// The same path with a slash added or removed.
    Moved {
        to: Url,
        status: u16,
    },
}

impl Transport {
    pub(crate) fn new(
        http: HttpClient,
        endpoints: Endpoints,
        tokens: Arc<dyn TokenSource>,
        limits: Limits,
    ) -> Self {
        let limiter = ConcurrencyLimiter::new(limits.in_flight);
        Self {
            http,
            server_clock: ServerClock::default(),
            endpoints,
            tokens,
            limits,
            limiter,
        }
    }

    /// Makes the call, as often as its kind allows. Returns the complete 2xx answer.
    pub(crate) async fn make(&self, call: &Call) -> Result<Reply, Error> {
        let renewed = OnceLock::new();
        let waits = ExponentialBuilder::default()
            .with_min_delay(self.limits.backoff)
            .with_max_delay(self.limits.backoff_cap)
            .with_max_times(self.limits.retries)
            .with_jitter();
        (|| self.attempt(call, &renewed))
            .retry(waits)
            .when(|failure: &Failure| failure.again)
            .notify(|failure: &Failure, wait| {
                tracing::debug!(method = %call.method, path = call.template, error = failure.error.kind(), ?wait, "again");
            })
            .await
            .map_err(|failure| failure.error)
    }

    async fn attempt(&self, call: &Call, renewed: &OnceLock<u64>) -> Result<Reply, Failure> {
        let mut url = call.url.clone();
        let mut followed = false;
        let mut newer = None;
        loop {
            let permit = self.permit(call).await?;
            let token = match newer.take() {
                Some(token) => token,
                None => self.tokens.token().await?,
            };
            let answer = self.send(call, &url, &token).await;
            match (&permit, &answer) {
                (Some(permit), Err(failure)) if failure.error.is_status(429) => permit.too_many(),
                (Some(permit), Ok(_)) => permit.answered(),
                _ => {}
            }
            match answer? {
                Answer::Complete(reply) => return Ok(reply),
                Answer::TokenRefused(error) => {
                    drop(permit);
                    if let Some(renewed) = renewed.get() {
                        // Another task may have renewed it between two attempts. A proxy's page says nothing
                        // about the token.
                        if *renewed == token.generation() && !error.is_of_proxy() {
                            self.tokens.refused_again(token.generation()).await;
                        }
                        return Err(Failure::last(error));
                    }
                    let fresh = self.tokens.renew(token.generation()).await?;
                    let _ = renewed.set(fresh.generation());
                    if fresh.generation() <= token.generation() {
                        return Err(Failure::last(error));
                    }
                    newer = Some(fresh);
                }
                Answer::Moved { to, .. } if !followed => {
                    followed = true;
                    url = to;
                    newer = Some(token);
                }
                Answer::Moved { status, .. } => return Err(Failure::last(Error::Redirect { status })),
            }
        }
    }

    async fn permit(&self, call: &Call) -> Result<Option<Permit<'_>>, Failure> {
        let permit = match (call.retry, self.limiter.wait_left(call.server)) {
            (RetryPolicy::Never, Some(left)) => Err(left),
            (RetryPolicy::Never, None) => Ok(None),
            _ => self.limiter.acquire(call.server, call.longest_wait).await,
        };
        permit.map_err(|retry_after| Failure::last(Error::HeldBack { retry_after }))
    }

    async fn send(&self, call: &Call, url: &Url, token: &BearerToken) -> Result<Answer, Failure> {
        if !self.endpoints.covers(url) {
            let source = "the address is not one of the configured servers".into();
            return Err(Failure::last(Error::Unsendable { source }));
        }
        let bearer = token
            .header()
            .ok_or_else(|| TokenUnavailable(Box::new(TokenNotSendable)))?;
        let mut request = self
            .http
            .current()
            .request(call.method.clone(), url.clone())
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, bearer)
            .timeout(self.limits.total);
        if let Some(body) = &call.body {
            request = request
                .header(CONTENT_TYPE, "application/json")
                .body(body.clone());
        }
        let started = Instant::now();
        let sent = request.send().await;
        let ms = started.elapsed().as_millis();
        match sent {
            Ok(response) => {
                let status = response.status().as_u16();
                let request_id = reply::request_id(response.headers());
                self.server_clock
                    .observe(reply::header(response.headers(), &DATE));
                tracing::debug!(method = %call.method, path = call.template, status, ms, request_id, "answered");
                self.receive(call, url, token, response).await
            }
            Err(error) => {
                let failure = self.broken(call, error);
                tracing::debug!(method = %call.method, path = call.template, ms, error = failure.error.kind(), "failed");
                Err(failure)
            }
        }
    }

    async fn receive(
        &self,
        call: &Call,
        url: &Url,
        token: &BearerToken,
        mut response: reqwest::Response,
    ) -> Result<Answer, Failure> {
        let status = response.status();
        if status.is_success() {
            let content_type = reply::content_type(response.headers());
            return match reply::read_body(&mut response, call.cap).await {
                Ok(body) => Ok(Answer::Complete(Reply { body, content_type })),
                Err(BodyError::TooLarge) => Err(self.unread(call, Error::TooLarge { limit: call.cap })),
                Err(BodyError::Broken(error)) => Err(self.broken(call, error)),
            };
        }
        if status.is_redirection() {
            let followable = matches!(
                status,
                StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT
            );
            let to = if call.is_read() && followable {
                slash_moved(url, response.headers())
            } else {
                None
            };
            let status = status.as_u16();
            return match to {
                Some(to) => Ok(Answer::Moved { to, status }),
                None => Err(Failure::last(Error::Redirect { status })),
            };
        }
        if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            return Err(Failure::last(Error::ProxyAuth));
        }
        let headers = std::mem::take(response.headers_mut());
        let body = reply::read_error_body(&mut response).await;
        let of_list = call.lists_organization;
        let error = reply::status_error(status.as_u16(), &headers, &body, token, of_list);
        if status == StatusCode::UNAUTHORIZED {
            return Ok(Answer::TokenRefused(Error::Status(Box::new(error))));
        }
        let mut may_wait = true;
        if let (429 | 503, Some(wait)) = (status.as_u16(), error.retry_after) {
            let wait = wait.min(self.limits.retry_after_cap);
            self.limiter.hold(call.server, wait);
            may_wait = wait <= call.longest_wait;
        }
        let mut failure = self.refused(call, status, Error::Status(Box::new(error)));
        failure.again &= may_wait;
        Err(failure)
    }

    /// The failure of an error status. For a write only 429 says that nothing was done; after a server error,
    /// or a gateway's error, the outcome is unknown.
    fn refused(&self, call: &Call, status: StatusCode, error: Error) -> Failure {
        match (call.retry, status.as_u16()) {
            (RetryPolicy::Idempotent, 429 | 500 | 502 | 503 | 504)
            | (RetryPolicy::OnlyIfNotProcessed, 429) => Failure { error, again: true },
            (RetryPolicy::OnlyIfNotProcessed | RetryPolicy::Never, 500 | 502..=504 | 506..=599) => {
                Failure::last(error.unknown_outcome())
            }
            _ => Failure::last(error),
        }
    }

    /// A 2xx answer that could not be read.
    fn unread(&self, call: &Call, error: Error) -> Failure {
        Failure::last(if call.is_read() {
            error
        } else {
            error.unknown_outcome()
        })
    }

    /// The failure of a connection: before anything was sent, or after.
    fn broken(&self, call: &Call, error: reqwest::Error) -> Failure {
        let host = call.url.host_str().unwrap_or_default().to_owned();
        // A URL in an error would bring ids into the logs.
        let error = error.without_url();
        if error.is_builder() {
            return Failure::last(Error::Unsendable { source: error.into() });
        }
        if proxy_wants_password(&error) {
            return Failure::last(Error::ProxyAuth);
        }
        if let Some(fault) = certificate_fault(&error, self.server_clock.at_least()) {
            return Failure::last(Error::Certificate {
                host,
                fault,
                source: error.into(),
            });
        }
        let nothing_sent = error.is_connect();
        let nothing_done = nothing_sent || was_turned_away(&error);
        let error = if error.is_timeout() {
            Error::Timeout { host }
        } else if nothing_sent {
            Error::Connect {
                host,
                source: error.into(),
            }
        } else {
            Error::Interrupted {
                host,
                source: error.into(),
            }
        };
        match (call.retry, nothing_done) {
            (RetryPolicy::Idempotent, _) | (RetryPolicy::OnlyIfNotProcessed, true) => {
                Failure { error, again: true }
            }
            (RetryPolicy::Never, true) => Failure::last(error),
            (_, false) => Failure::last(error.unknown_outcome()),
        }
    }
}

/// The target of the only redirect that is followed: same origin, same path except one slash at its end; our
/// own query is kept (contract).
fn slash_moved(from: &Url, headers: &HeaderMap) -> Option<Url> {
    let to = from.join(headers.get(LOCATION)?.to_str().ok()?).ok()?;
    let (one, other) = (from.path(), to.path());
    let only_a_slash = one.strip_suffix('/') == Some(other) || other.strip_suffix('/') == Some(one);
    let clean = to.username().is_empty() && to.password().is_none();
    if to.origin() != from.origin() || !clean || !only_a_slash {
        return None;
    }
    let mut moved = from.clone();
    moved.set_path(other);
    Some(moved)
}

/// Whether the server closed or refused the stream before processing it (RFC 9113 section 8.7).
fn was_turned_away(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| {
        cause.downcast_ref::<h2::Error>().is_some_and(|error| {
            let goodbye = error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR);
            let refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
            error.is_remote() && (goodbye || refused)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::slash_moved;
    use http::{HeaderMap, HeaderValue};
    use url::Url;

    fn moved(location: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert("location", HeaderValue::from_str(location).unwrap());
        slash_moved(
            &Url::parse("https://h.example/v1/groups?limit=2").unwrap(),
            &headers,
        )
        .map(String::from)
    }

    #[test]
    fn a_slash_added_is_followed_with_our_own_query() {
        let wanted = Some("https://h.example/v1/groups/?limit=2".to_owned());
        assert_eq!(moved("/v1/groups/"), wanted);
        assert_eq!(moved("/v1/groups/?limit=99&token=x"), wanted);
        assert_eq!(moved("https://h.example/v1/groups/"), wanted);
        assert_eq!(moved("https://h.example:443/v1/groups/#x"), wanted);
    }

    /// security.md 45
    #[test]
    fn any_other_place_is_not_followed() {
        for location in [
            "http://h.example/v1/groups/",
            "https://other.example/v1/groups/",
            "https://h.example:444/v1/groups/",
            "https://u@h.example/v1/groups/",
            "//other.example/v1/groups/",
            "/v1/groups",
            "/v1/groups//",
            "/v1/users/",
            "/",
            "javascript:alert(1)",
        ] {
            assert_eq!(moved(location), None, "{location}");
        }
    }
}
