//! The form of replies, shared by all parts of the cloud.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A JSON reply.
pub fn json_reply<T: Serialize>(status: StatusCode, body: &T) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => (status, [(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
        Err(error) => {
            tracing::error!(%error, "a reply could not be written as JSON");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// RFC 6749 section 5.1: replies that may hold tokens are never stored.
pub(crate) fn no_store(mut reply: Response) -> Response {
    reply
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reply
        .headers_mut()
        .insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    reply
}
