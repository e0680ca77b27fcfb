//! The account server's OAuth side: sign-in page, token endpoint, pairing, revocation. The rules are RFC 6749, 7009, 7636, 8628 and
//! 9700, and what ezeep-api.md says of the vendor's own.

mod authorize;
mod consent;
mod form;
mod grants;
mod page;
mod pairing;
mod revoke;
mod token;

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::json;

use crate::api::json_reply;
use crate::slash::SlashRoutes;
use crate::state::State;

pub(crate) use authorize::consent;
pub use authorize::{Consent, ConsentError};
pub(crate) use grants::issue;
pub(crate) use pairing::answer as answer_pairing;

/// Routes of OAuth and its pages.
pub(crate) fn routes() -> Router<State> {
    Router::new()
        .slashed("/oauth/authorize/", get(authorize::show).post(authorize::decide))
        .slashed("/oauth/access_token/", post(token::token))
        .slashed("/oauth/pair/", post(pairing::start))
        .slashed("/oauth/revoke/", post(revoke::revoke))
        .slashed(
            "/microsoft/",
            get(authorize::show_microsoft).post(authorize::decide_microsoft),
        )
        .slashed("/pair/", get(pairing::show).post(pairing::decide))
        .route("/assets/sign-in.css", get(page::stylesheet))
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
}

/// RFC 6749 section 5.2, and RFC 8628 section 3.5 for pairing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OAuthError {
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

/// The scopes in a space-separated list.
pub(crate) fn scopes(text: &str) -> Vec<String> {
    let mut scopes: Vec<String> = Vec::new();
    for scope in text.split_ascii_whitespace() {
        if !scopes.iter().any(|other| other == scope) {
            scopes.push(scope.to_owned());
        }
    }
    scopes
}

/// Whether two secrets are equal, in a time that tells nothing of where they differ.
pub(crate) fn same_secret(a: &str, b: &str) -> bool {
    use subtle::ConstantTimeEq;
    a.as_bytes().ct_eq(b.as_bytes()).into()
}
