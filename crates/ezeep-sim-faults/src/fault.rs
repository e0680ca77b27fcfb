//! The faults of a request, and how a request is chosen for one. Data and the rewriting of replies; the gate
//! decides when.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use ezeep_sim::{Grant, Server};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;

/// Chooses requests. All conditions must hold.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Match {
    /// The method, in capitals.
    pub method: Option<String>,
    /// The prefix of the path, including `/printing/v1/`.
    pub path: String,
    /// The server; needed if both have such a path.
    pub server: Option<Server>,
    /// Text in the request's body, such as `grant_type=refresh_token`.
    pub body: Option<String>,
    /// Text in the query, such as `offset=40`.
    pub query: Option<String>,
    /// Number of matching requests that are let through first.
    pub skip: u32,
    /// Why a test may end without a matching request; without a reason, such a test fails.
    pub may_not_fire: Option<String>,
}

impl Match {
    /// Requests with this method and path prefix.
    #[must_use]
    pub fn new(method: &str, path: &str) -> Self {
        Self {
            method: Some(method.to_owned()),
            path: path.to_owned(),
            ..Self::default()
        }
    }

    /// Requests to the token endpoint with this grant.
    #[must_use]
    pub fn grant(grant: Grant) -> Self {
        Self {
            body: Some(format!("grant_type={}", grant.as_str())),
            ..Self::new("POST", "/oauth/access_token/")
        }
    }

    /// The same, but the first `requests` are let through.
    #[must_use]
    pub fn skip(self, requests: u32) -> Self {
        Self {
            skip: requests,
            ..self
        }
    }

    /// The same, but only with `text` in the query.
    #[must_use]
    pub fn query(self, text: &str) -> Self {
        Self {
            query: Some(text.to_owned()),
            ..self
        }
    }

    /// The same, but the test may end without a matching request, for the reason `why`. Otherwise, dropping
    /// the [`Sim`](crate::Sim) panics if a fault, hook or pause was set and no request matched it.
    #[must_use]
    pub fn may_not_fire(self, why: &str) -> Self {
        Self {
            may_not_fire: Some(why.to_owned()),
            ..self
        }
    }

    pub(crate) fn fits(&self, request: &RequestInfo, body: &[u8]) -> bool {
        self.method
            .as_ref()
            .is_none_or(|method| *method == request.method)
            && request.path.starts_with(&self.path)
            && self.server.is_none_or(|server| server == request.server)
            && self.query.as_ref().is_none_or(|text| {
                request
                    .query
                    .as_deref()
                    .is_some_and(|query| query.contains(text.as_str()))
            })
            && self.body.as_ref().is_none_or(|text| {
                body.windows(text.len().max(1))
                    .any(|window| window == text.as_bytes())
            })
    }
}

/// A request as seen by hooks and tests; it contains no secret.
#[derive(Debug, Clone)]
pub struct RequestInfo {
    /// Counts from 1, including requests to the control endpoint; the reply's `x-request-id` is made from it.
    pub number: u64,
    /// The server.
    pub server: Server,
    /// The method, in capitals.
    pub method: String,
    /// The path as it was sent.
    pub path: String,
    /// The query of API requests; that of OAuth requests is never kept.
    pub query: Option<String>,
    /// The endpoint's pattern, such as `/printing/v1/users/{id}/`; the path if there is none.
    pub endpoint: String,
    /// The status of the reply; `None` while it runs, and if the connection was dropped.
    pub status: Option<u16>,
}

/// A fault and the requests it hits.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The requests.
    #[serde(rename = "match")]
    pub matching: Match,
    /// The number of requests; `None` for all.
    #[serde(default)]
    pub times: Option<u32>,
    /// What happens to them.
    pub kind: FaultKind,
}

impl Fault {
    /// A fault for all matching requests.
    #[must_use]
    pub fn always(matching: Match, kind: FaultKind) -> Self {
        Self {
            matching,
            times: None,
            kind,
        }
    }

    /// A fault for the next matching request.
    #[must_use]
    pub fn once(matching: Match, kind: FaultKind) -> Self {
        Self::times(matching, 1, kind)
    }

    /// A fault for the next `times` matching requests.
    #[must_use]
    pub fn times(matching: Match, times: u32, kind: FaultKind) -> Self {
        Self {
            matching,
            times: Some(times),
            kind,
        }
    }
}

/// The form of a `Retry-After`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryAfter {
    /// As a number of seconds.
    Seconds(u64),
    /// As an HTTP date this many seconds ahead.
    Date(u64),
    /// Not at all.
    Absent,
}

/// What goes wrong. Faults that answer by themselves do so before anything is committed; those that change a
/// reply do so afterwards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The connection is closed before anything is done.
    DropBeforeCommit,
    /// It is done, and the connection is closed without a reply.
    DropAfterCommit,
    /// It is done, and the connection is closed after this many bytes of the reply's body.
    CutBody {
        /// Bytes that still arrive.
        bytes: usize,
    },
    /// Nothing is done; a JSON error of this status, such as 401, 403, 404, 409 or 500.
    Status {
        /// The status.
        status: u16,
    },
    /// Nothing is done; 429.
    TooManyRequests {
        /// The form of the wait.
        retry_after: RetryAfter,
    },
    /// Nothing is done; 503.
    Unavailable {
        /// The form of the wait.
        retry_after: RetryAfter,
    },
    /// Nothing is done; a page as a proxy or a captive portal sends it.
    Html {
        /// The status, such as 200 or 502.
        status: u16,
    },
    /// Nothing is done; a custom reply.
    Reply {
        /// The status.
        status: u16,
        /// The content type.
        content_type: String,
        /// The body.
        body: String,
    },
    /// Nothing is done; a redirect.
    Redirect {
        /// The status, such as 307.
        status: u16,
        /// The target.
        location: String,
    },
    /// Waits before it is done.
    DelayBefore {
        /// Milliseconds.
        ms: u64,
    },
    /// Waits after it is done, before the reply.
    DelayAfter {
        /// Milliseconds.
        ms: u64,
    },
    /// The body arrives in pieces with a pause after each.
    SlowBody {
        /// Bytes in a piece.
        chunk: usize,
        /// Milliseconds of each pause.
        pause_ms: u64,
    },
    /// An item of a page has wrong types.
    MalformedItem {
        /// Its index in `results`.
        index: usize,
    },
    /// One item of a page has its id and nothing else that can be parsed.
    MalformedFields {
        /// Its index in `results`.
        index: usize,
    },
    /// The body is truncated, with a matching length.
    TruncatedJson,
    /// `count` of a page is this.
    WrongCount {
        /// The value.
        count: i64,
    },
    /// The last item of a page occurs twice.
    RepeatedItem,
    /// `results` of a page is empty.
    EmptyPage,
    /// A JSON merge patch (RFC 7396) on the reply, for all other answers of a server.
    Merge {
        /// The patch.
        patch: Value,
    },
}

impl FaultKind {
    /// The reply of a fault that answers by itself.
    pub(crate) fn instead(&self, now: OffsetDateTime) -> Option<Response<Body>> {
        let json = |status: u16, body: Value| plain(status, "application/json", body.to_string());
        Some(match self {
            Self::Status { status } => json(*status, json!({ "detail": detail(*status) })),
            Self::TooManyRequests { retry_after } => {
                wait(json(429, json!({ "detail": detail(429) })), *retry_after, now)
            }
            Self::Unavailable { retry_after } => wait(
                plain(503, "text/html", page("503 Service Unavailable")),
                *retry_after,
                now,
            ),
            Self::Html { status } => plain(*status, "text/html; charset=utf-8", page("Please wait")),
            Self::Reply {
                status,
                content_type,
                body,
            } => plain(*status, content_type, body.clone()),
            Self::Redirect { status, location } => {
                let mut reply = plain(*status, "text/html", String::new());
                if let Ok(location) = HeaderValue::from_str(location) {
                    reply.headers_mut().insert(header::LOCATION, location);
                }
                reply
            }
            _ => return None,
        })
    }

    /// Changes the real reply.
    pub(crate) async fn rewrite(&self, reply: Response<Body>) -> Response<Body> {
        match self {
            Self::SlowBody { chunk, pause_ms } => slow(reply, *chunk, Duration::from_millis(*pause_ms)).await,
            Self::CutBody { bytes } => cut(reply, *bytes).await,
            Self::TruncatedJson => {
                edit(reply, |body| {
                    let half = body.len() / 2;
                    body.slice(..half)
                })
                .await
            }
            Self::MalformedItem { index } => {
                edit_json(reply, |value| {
                    if let Some(item) = value
                        .get_mut("results")
                        .and_then(|results| results.get_mut(*index))
                    {
                        *item = json!({ "id": 17, "groups": "none", "name": ["?"], "email": false });
                    }
                })
                .await
            }
            Self::MalformedFields { index } => {
                edit_json(reply, |value| {
                    if let Some(item) = value
                        .get_mut("results")
                        .and_then(|results| results.get_mut(*index))
                    {
                        *item = json!({ "id": item["id"], "groups": "none", "name": ["?"], "email": false });
                    }
                })
                .await
            }
            Self::WrongCount { count } => edit_json(reply, |value| value["count"] = json!(count)).await,
            Self::RepeatedItem => {
                edit_json(reply, |value| {
                    if let Some(results) = value.get_mut("results").and_then(Value::as_array_mut)
                        && let Some(last) = results.last().cloned()
                    {
                        results.push(last);
                    }
                })
                .await
            }
            Self::EmptyPage => edit_json(reply, |value| value["results"] = json!([])).await,
            Self::Merge { patch } => edit_json(reply, |value| merge(value, patch)).await,
            _ => reply,
        }
    }
}

fn detail(status: u16) -> &'static str {
    match status {
        401 => "Given token not valid for any token type.",
        403 => "You do not have permission to perform this action.",
        404 => "Not found.",
        409 => "Conflict.",
        429 => "Request was throttled.",
        _ => "A server error occurred.",
    }
}

fn page(title: &str) -> String {
    format!("<!doctype html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>")
}

fn plain(status: u16, content_type: &str, body: String) -> Response<Body> {
    let mut reply = Response::new(Body::from(body));
    *reply.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(content_type) = HeaderValue::from_str(content_type) {
        reply.headers_mut().insert(header::CONTENT_TYPE, content_type);
    }
    reply
}

fn wait(mut reply: Response<Body>, retry_after: RetryAfter, now: OffsetDateTime) -> Response<Body> {
    let text = match retry_after {
        RetryAfter::Absent => return reply,
        RetryAfter::Seconds(seconds) => seconds.to_string(),
        RetryAfter::Date(seconds) => {
            let at = now + time::Duration::seconds(i64::try_from(seconds).unwrap_or(i64::MAX / 4));
            http_date(at)
        }
    };
    if let Ok(value) = HeaderValue::from_str(&text) {
        reply.headers_mut().insert(header::RETRY_AFTER, value);
    }
    reply
}

/// RFC 9110 section 5.6.7, IMF-fixdate.
fn http_date(at: OffsetDateTime) -> String {
    let weekday = at.weekday().to_string();
    let month = at.month().to_string();
    format!(
        "{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
        weekday.get(..3).unwrap_or_default(),
        at.day(),
        month.get(..3).unwrap_or_default(),
        at.year(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// The whole reply, its body in memory.
pub(crate) async fn collect(reply: Response<Body>) -> (axum::http::response::Parts, Bytes) {
    let (parts, body) = reply.into_parts();
    // Our own replies are in memory already, so this can neither fail nor grow.
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    (parts, bytes)
}

async fn edit(reply: Response<Body>, change: impl FnOnce(Bytes) -> Bytes) -> Response<Body> {
    let (mut parts, bytes) = collect(reply).await;
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(change(bytes)))
}

async fn edit_json(reply: Response<Body>, change: impl FnOnce(&mut Value)) -> Response<Body> {
    edit(reply, |bytes| match serde_json::from_slice::<Value>(&bytes) {
        Ok(mut value) if value.is_object() => {
            change(&mut value);
            Bytes::from(value.to_string())
        }
        _ => bytes,
    })
    .await
}

fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    if let Value::Object(target) = target {
        for (key, value) in patch {
            if value.is_null() {
                target.remove(key);
            } else {
                merge(target.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
    }
}

async fn slow(reply: Response<Body>, chunk: usize, pause: Duration) -> Response<Body> {
    let (mut parts, bytes) = collect(reply).await;
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    let pieces: Vec<Bytes> = bytes.chunks(chunk.max(1)).map(Bytes::copy_from_slice).collect();
    let stream = futures::stream::iter(pieces).then(move |piece| async move {
        tokio::time::sleep(pause).await;
        Ok::<_, std::io::Error>(piece)
    });
    Response::from_parts(parts, Body::from_stream(stream))
}

/// Announces the whole length and fails after a part of it, so that the connection closes in the middle of
/// the body.
async fn cut(reply: Response<Body>, keep: usize) -> Response<Body> {
    let (mut parts, bytes) = collect(reply).await;
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    let first = bytes.slice(..keep.min(bytes.len()));
    let stream = futures::stream::iter([
        Ok(first),
        Err(std::io::Error::new(
            std::io::ErrorKind::ConnectionReset,
            "cut by a fault",
        )),
    ])
    // The part that is kept must leave before the connection does.
    .then(|piece| async move {
        if piece.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        piece
    });
    Response::from_parts(parts, Body::from_stream(stream))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_http_date_is_written_as_rfc_9110_shows_it() {
        let at = OffsetDateTime::from_unix_timestamp(784_111_777).unwrap();
        assert_eq!(http_date(at), "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn a_merge_patch_sets_replaces_and_removes() {
        let mut value = json!({ "a": 1, "b": { "c": 2, "d": 3 } });
        merge(&mut value, &json!({ "a": "x", "b": { "c": null }, "e": [1] }));
        assert_eq!(value, json!({ "a": "x", "b": { "d": 3 }, "e": [1] }));
    }
}
