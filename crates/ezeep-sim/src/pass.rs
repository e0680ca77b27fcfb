//! Every request's way in and out: counted, delayed, hooked, made to fail, and given a request id. It knows nothing of what a request
//! means.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State as Ctx};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::middleware::Next;
use axum::response::IntoResponse;
use serde_json::json;

use crate::config::Server;
use crate::fault::{FaultKind, RequestInfo};
use crate::gate::{Connection, InFlight, When};
use crate::reply::json_reply;
use crate::state::State;

/// No request of this API is near this size.
const BODY_LIMIT: usize = 1 << 20;

/// The outermost layer of both servers.
pub(crate) async fn pass(
    Ctx((state, server)): Ctx<(State, Server)>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
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
    if path.starts_with("/__control/") {
        return next.run(Request::from_parts(parts, Body::from(body))).await;
    }

    let gate = &state.gate;
    let _in_flight = InFlight::new(gate);
    let endpoint = parts
        .extensions
        .get::<MatchedPath>()
        .map_or(path.as_str(), MatchedPath::as_str)
        .to_owned();
    let keeps_query = path.starts_with("/v1/") || path.starts_with("/printing/");
    let info = RequestInfo {
        number: gate.number(),
        server,
        method: parts.method.to_string(),
        query: parts.uri.query().filter(|_| keeps_query).map(str::to_owned),
        path,
        endpoint,
        status: None,
    };
    gate.begin(&info);
    let connection = parts.extensions.get::<Connection>().cloned();
    let latency = state.settings().latency;
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }

    let fault = gate.fault_for(&info, &body);
    let mut reply = match &fault {
        Some(FaultKind::DropBeforeCommit) => return hang_up(connection).await,
        Some(FaultKind::DelayBefore { ms }) => {
            tokio::time::sleep(Duration::from_millis(*ms)).await;
            None
        }
        Some(fault) => fault.instead(state.clock.now()),
        None => None,
    };
    if reply.is_none() {
        gate.run_hooks(When::BeforeCommit, &info, &body).await;
        let real = next
            .run(Request::from_parts(parts, Body::from(body.clone())))
            .await;
        gate.run_hooks(When::AfterCommit, &info, &body).await;
        reply = Some(match &fault {
            Some(FaultKind::DropAfterCommit) => return hang_up(connection).await,
            Some(FaultKind::DelayAfter { ms }) => {
                tokio::time::sleep(Duration::from_millis(*ms)).await;
                real
            }
            Some(fault) => fault.rewrite(real).await,
            None => real,
        });
    }
    let mut reply = reply.unwrap_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response());
    gate.end(info.number, reply.status());
    if let Ok(id) = HeaderValue::from_str(&format!("sim-{:08}", info.number)) {
        reply.headers_mut().insert("x-request-id", id);
    }
    reply
}

/// Closes the connection without a byte.
async fn hang_up(connection: Option<Connection>) -> Response<Body> {
    if let Some(Connection(kill)) = connection {
        kill.cancel();
        // The accept loop drops the connection, and this future with it.
        std::future::pending::<()>().await;
    }
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

/// A page on another host must not reach this server by a name of its own (DNS rebinding).
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
