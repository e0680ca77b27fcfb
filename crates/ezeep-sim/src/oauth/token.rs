//! The entry of the token endpoint: client, grant, and the form of a reply.

use axum::extract::State as Ctx;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use super::error::OAuthError;
use super::form::{Form, authenticate};
use super::grants;
use crate::config::Grant;
use crate::reply::{json_reply, no_store};
use crate::state::State;

pub(super) async fn token(Ctx(state): Ctx<State>, headers: HeaderMap, body: Bytes) -> Response {
    match answer(&state, &headers, &body) {
        Ok(reply) => no_store(json_reply(StatusCode::OK, &reply)),
        Err(error) => error.into_response(),
    }
}

fn answer(state: &State, headers: &HeaderMap, body: &[u8]) -> Result<serde_json::Value, OAuthError> {
    let form = Form::parse(headers, body)?;
    let client = authenticate(state, headers, &form)?;
    let grant = form.required("grant_type", "grant_type is missing.")?;
    let grant = Grant::parse(grant).ok_or(OAuthError::UnsupportedGrantType)?;
    if !client.grants.contains(&grant) {
        return Err(OAuthError::UnauthorizedClient);
    }
    match grant {
        Grant::AuthorizationCode => grants::authorization_code(state, &client, &form),
        Grant::RefreshToken => grants::refresh_token(state, &client, &form),
        Grant::SwitchOrganization => grants::switch_organization(state, &client, &form),
        Grant::PairingCode => grants::pairing_code(state, &client, &form),
        Grant::Password => grants::password(state, &client, &form),
        Grant::ClientCredentials => grants::client_credentials(state, &client, &form),
    }
}
