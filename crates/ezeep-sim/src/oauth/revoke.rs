//! Revocation (RFC 7009): an unknown token is answered with 200 too; a known one is revoked with its whole
//! grant.

use axum::extract::State as Ctx;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use super::error::OAuthError;
use super::form::{Form, authenticate};
use crate::reply::no_store;
use crate::state::State;

pub(super) async fn revoke(Ctx(state): Ctx<State>, headers: HeaderMap, body: Bytes) -> Response {
    match answer(&state, &headers, &body) {
        Ok(()) => no_store(StatusCode::OK.into_response()),
        Err(error) => error.into_response(),
    }
}

fn answer(state: &State, headers: &HeaderMap, body: &[u8]) -> Result<(), OAuthError> {
    let form = Form::parse(headers, body)?;
    let client = authenticate(state, headers, &form)?;
    let token = form
        .get("token")
        .ok_or(OAuthError::InvalidRequest("token is missing."))?;
    let mut tokens = state.tokens();
    if let Some(id) = tokens.family_of(token)
        && tokens.family(id).is_some_and(|family| family.client == client.id)
    {
        tokens.revoke_family(id);
    }
    Ok(())
}
