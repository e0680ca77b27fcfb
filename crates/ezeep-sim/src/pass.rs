//! The entry of all requests: from loopback only, of limited size, and with a number that the reply contains.

use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::extract::{Request, State as Ctx};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::middleware::Next;
use axum::response::IntoResponse;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::reply::json_reply;
use crate::state::State;

/// Far larger than any request of this API.
const BODY_LIMIT: usize = 1 << 20;

/// The number of a request, from 1, in its extensions. The reply's `x-request-id` is made of it.
#[derive(Debug, Clone, Copy)]
pub struct RequestNumber(pub u64);

/// The connection a request came on, in its extensions.
#[derive(Debug, Clone, Default)]
pub struct Connection(CancellationToken);

impl Connection {
    /// Closes it without another byte; the request that is under way on it is dropped.
    pub fn close(&self) {
        self.0.cancel();
    }

    /// Waits until it is closed.
    pub(crate) async fn closed(&self) {
        self.0.cancelled().await;
    }
}

/// The outermost layer of both servers. The whole body is read before anything else.
pub(crate) async fn pass(Ctx(state): Ctx<State>, request: Request, next: Next) -> Response<Body> {
    let (mut parts, body) = request.into_parts();
    if !is_loopback(&parts.headers) {
        return (
            StatusCode::MISDIRECTED_REQUEST,
            "This server answers to loopback names only.",
        )
            .into_response();
    }
    let Ok(body) = axum::body::to_bytes(body, BODY_LIMIT).await else {
        let why = json!({ "detail": "The request is too large." });
        return json_reply(StatusCode::PAYLOAD_TOO_LARGE, &why);
    };
    let number = state.requests.fetch_add(1, Ordering::SeqCst) + 1;
    parts.extensions.insert(RequestNumber(number));
    let mut reply = next.run(Request::from_parts(parts, Body::from(body))).await;
    if let Ok(id) = HeaderValue::from_str(&format!("sim-{number:08}")) {
        reply.headers_mut().insert("x-request-id", id);
    }
    reply
}

/// A page on another host must not reach this server through a name of its own (DNS rebinding).
fn is_loopback(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else {
        return false;
    };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "127.0.0.1" | "localhost" | "[::1]")
}
