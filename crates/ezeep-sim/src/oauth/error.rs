//! The errors of the OAuth endpoints.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::reply::{json_reply, no_store};

/// RFC 6749 section 5.2, and RFC 8628 section 3.5 for pairing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OAuthError {
    InvalidRequest(&'static str),
    /// 401.
    InvalidClient,
    InvalidGrant(&'static str),
    UnauthorizedClient,
    UnsupportedGrantType,
    UnsupportedResponseType,
    InvalidScope,
    AccessDenied,
    AuthorizationPending,
    SlowDown,
    ExpiredToken,
    ServerError,
}

impl OAuthError {
    pub fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant(_) => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::AccessDenied => "access_denied",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::ExpiredToken => "expired_token",
            Self::ServerError => "server_error",
        }
    }

    pub fn description(self) -> &'static str {
        match self {
            Self::InvalidRequest(why) | Self::InvalidGrant(why) => why,
            Self::InvalidClient => "The client is unknown or could not be authenticated.",
            Self::UnauthorizedClient => "This client may not use this grant.",
            Self::UnsupportedGrantType => "This grant type is not known here.",
            Self::UnsupportedResponseType => "Only response_type=code is known here.",
            Self::InvalidScope => "The client may not have one of these scopes.",
            Self::AccessDenied => "The person refused.",
            Self::AuthorizationPending => "The code has not been entered yet.",
            Self::SlowDown => "Polled too soon; wait five seconds longer from now on.",
            Self::ExpiredToken => "The pairing code has expired.",
            Self::ServerError => "The server could not answer.",
        }
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let status = match self {
            Self::InvalidClient => StatusCode::UNAUTHORIZED,
            Self::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        let body = json!({ "error": self.code(), "error_description": self.description() });
        let mut reply = no_store(json_reply(status, &body));
        if self == Self::InvalidClient {
            reply.headers_mut().insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Basic realm=\"oauth\""),
            );
        }
        reply
    }
}
