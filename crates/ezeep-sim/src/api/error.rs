//! The error replies of both servers.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::reply::json_reply;
use crate::world::WorldError;

/// A reply that is not a success. The bodies are those seen in the vendor's framework (openapi.yaml,
/// `ApiError`).
#[derive(Debug)]
pub(crate) enum ApiError {
    /// 401: the token is missing, wrong, expired or revoked.
    Token(&'static str),
    /// 403.
    Forbidden(&'static str),
    /// 404.
    NotFound,
    /// 405.
    MethodNotAllowed,
    /// 400 that names a field.
    Field(&'static str, String),
    /// 400 about the request as a whole.
    Malformed(String),
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, body) = match self {
            Self::Token(why) => {
                let mut reply = json_reply(StatusCode::UNAUTHORIZED, &json!({ "detail": why }));
                reply.headers_mut().insert(
                    header::WWW_AUTHENTICATE,
                    HeaderValue::from_static("Bearer realm=\"api\", error=\"invalid_token\""),
                );
                return reply;
            }
            Self::Forbidden(why) => (StatusCode::FORBIDDEN, json!({ "detail": why })),
            Self::NotFound => (StatusCode::NOT_FOUND, json!({ "detail": "Not found." })),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                json!({ "detail": "Method not allowed." }),
            ),
            Self::Field(field, why) => (StatusCode::BAD_REQUEST, json!({ field: [why] })),
            Self::Malformed(why) => (StatusCode::BAD_REQUEST, json!({ "detail": why })),
        };
        json_reply(status, &body)
    }
}

impl From<WorldError> for ApiError {
    fn from(error: WorldError) -> Self {
        match error {
            WorldError::NameTaken => Self::Field("name", "group with this name already exists.".to_owned()),
            WorldError::EmailTaken => Self::Field("email", "user with this email already exists.".to_owned()),
            WorldError::NoSuchPerson | WorldError::NoSuchGroup => Self::NotFound,
        }
    }
}

pub(crate) const NOT_ADMIN: ApiError =
    ApiError::Forbidden("You do not have permission to perform this action.");
