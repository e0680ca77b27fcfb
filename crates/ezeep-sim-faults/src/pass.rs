//! Every request's way through the gate: counted, delayed, hooked and made to fail. It knows nothing of what
//! a request means.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State as Ctx};
use axum::http::{Response, StatusCode};
use axum::middleware::Next;
use axum::response::IntoResponse;
use ezeep_sim::Server;
use ezeep_sim::internals::{Connection, RequestNumber, State};
use serde_json::Value;

use crate::fault::{FaultKind, RequestInfo, collect};
use crate::gate::{Gate, InFlight, When};

const TOKEN_ENDPOINT: &str = "/oauth/access_token/";

/// A layer around the routes of one server.
pub(crate) async fn pass(
    Ctx((gate, server, state)): Ctx<(Arc<Gate>, Server, State)>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    // In memory already, and bounded by the cloud.
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let _in_flight = InFlight::new(&gate);
    let path = parts.uri.path().to_owned();
    let endpoint = parts
        .extensions
        .get::<MatchedPath>()
        .map_or(path.as_str(), MatchedPath::as_str)
        .to_owned();
    let keeps_query = path.starts_with("/v1/") || path.starts_with("/printing/");
    let info = RequestInfo {
        number: parts.extensions.get().map_or(0, |RequestNumber(number)| *number),
        server,
        method: parts.method.to_string(),
        query: parts.uri.query().filter(|_| keeps_query).map(str::to_owned),
        path,
        endpoint,
        status: None,
    };
    gate.begin(&info);
    let connection = parts.extensions.get::<Connection>().cloned();
    let latency = gate.latency();
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
        let real = remember_tokens(&gate, &info, real).await;
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
    let reply = reply.unwrap_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response());
    gate.end(info.number, reply.status());
    reply
}

/// Reads the tokens out of a reply, where a test wants them.
async fn remember_tokens(gate: &Gate, info: &RequestInfo, reply: Response<Body>) -> Response<Body> {
    if info.endpoint != TOKEN_ENDPOINT || !gate.remembers_tokens() {
        return reply;
    }
    let (parts, body) = collect(reply).await;
    gate.remember_reply(&serde_json::from_slice(&body).unwrap_or(Value::Null));
    Response::from_parts(parts, Body::from(body))
}

/// Closes the connection without a byte.
async fn hang_up(connection: Option<Connection>) -> Response<Body> {
    if let Some(connection) = connection {
        connection.close();
        // The accept loop drops the connection, and this future with it.
        std::future::pending::<()>().await;
    }
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
