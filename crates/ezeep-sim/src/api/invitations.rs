//! Invitations of the token's organization: list, send, send again. Two paths, one of which is 404
//! (ezeep-api.md).

use axum::extract::{Path, RawQuery, State as Ctx};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::caller::Caller;
use super::error::ApiError;
use super::json::{self as fields, object};
use super::page::{Window, page_reply};
use crate::config::{InvitationsPath, Server};
use crate::reply::json_reply;
use crate::state::State;
use crate::world::{Invitation, InvitationStatus};

/// openapi.yaml, Invitation.
#[derive(Serialize)]
pub(super) struct InvitationReply<'a> {
    id: &'a str,
    updated: String,
    email: &'a str,
    expire_date: String,
    delivery_status: &'static str,
    invitation_status: &'static str,
}

pub(super) fn reply(invitation: &Invitation, now: OffsetDateTime) -> InvitationReply<'_> {
    let status = match invitation.status {
        InvitationStatus::Open if invitation.expires <= now => InvitationStatus::Expired,
        status => status,
    };
    InvitationReply {
        id: &invitation.id,
        updated: date(invitation.updated),
        email: &invitation.email,
        expire_date: date(invitation.expires),
        delivery_status: "SENT",
        invitation_status: status.as_str(),
    }
}

pub(super) fn date(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

pub(super) async fn list_under_users(
    state: Ctx<State>,
    caller: Caller,
    uri: Uri,
    query: RawQuery,
) -> Result<Response, ApiError> {
    at_path(&state, InvitationsPath::UnderUsers)?;
    list(state, caller, uri, query).await
}

pub(super) async fn list_under_root(
    state: Ctx<State>,
    caller: Caller,
    uri: Uri,
    query: RawQuery,
) -> Result<Response, ApiError> {
    at_path(&state, InvitationsPath::UnderRoot)?;
    list(state, caller, uri, query).await
}

pub(super) async fn create_under_users(
    state: Ctx<State>,
    caller: Caller,
    body: Bytes,
) -> Result<Response, ApiError> {
    at_path(&state, InvitationsPath::UnderUsers)?;
    create(state, caller, body).await
}

pub(super) async fn create_under_root(
    state: Ctx<State>,
    caller: Caller,
    body: Bytes,
) -> Result<Response, ApiError> {
    at_path(&state, InvitationsPath::UnderRoot)?;
    create(state, caller, body).await
}

fn at_path(state: &State, path: InvitationsPath) -> Result<(), ApiError> {
    if state.settings().quirks.invitations == path {
        Ok(())
    } else {
        Err(ApiError::NotFound)
    }
}

async fn list(
    Ctx(state): Ctx<State>,
    caller: Caller,
    uri: Uri,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    caller.admin()?;
    let settings = state.settings();
    let window = Window::parse(query.as_deref(), &settings, false)?;
    let now = state.clock.now();
    let world = state.world();
    let all = &world.organization(caller.organization).invitations;
    let results: Vec<_> = window
        .of(all)
        .iter()
        .map(|invitation| reply(invitation, now))
        .collect();
    Ok(page_reply(
        &settings,
        Server::Account,
        uri.path(),
        None,
        window,
        all.len(),
        &results,
    ))
}

async fn create(Ctx(state): Ctx<State>, caller: Caller, body: Bytes) -> Result<Response, ApiError> {
    caller.admin()?;
    let body = object(&body)?;
    let email = email(&body)?.ok_or_else(|| required("email"))?;
    let expires = expire_date(&body)?.ok_or_else(|| required("expire_date"))?;
    let now = state.clock.now();
    let quirks = state.settings().quirks;
    let mut world = state.world();
    if let Some(person) = world.person_by_email(&email)
        && world.role(person, caller.organization).is_some()
    {
        return Err(ApiError::Field(
            "email",
            "This user is a member of the organization already.".to_owned(),
        ));
    }
    let id = world.fresh_id("invitation");
    let organization = world.organization_mut(caller.organization);
    let open = |other: &Invitation| {
        other.email.eq_ignore_ascii_case(&email)
            && other.status == InvitationStatus::Open
            && other.expires > now
    };
    if organization.invitations.iter().any(open) {
        return Err(ApiError::Field(
            "email",
            "An open invitation for this address exists.".to_owned(),
        ));
    }
    let invitation = Invitation {
        id,
        email,
        updated: now,
        expires,
        status: InvitationStatus::Open,
    };
    let status = if quirks.created_is_200 {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    let response = json_reply(status, &reply(&invitation, now));
    organization.invitations.push(invitation);
    Ok(response)
}

pub(super) async fn resend(
    Ctx(state): Ctx<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    caller.admin()?;
    let now = state.clock.now();
    let mut world = state.world();
    let organization = world.organization_mut(caller.organization);
    let invitation = organization
        .invitations
        .iter_mut()
        .find(|other| other.id == id)
        .ok_or(ApiError::NotFound)?;
    if invitation.status == InvitationStatus::Accepted {
        return Err(ApiError::Malformed(
            "This invitation was accepted already.".to_owned(),
        ));
    }
    invitation.updated = now;
    Ok(json_reply(StatusCode::OK, &json!({ "id": invitation.id })))
}

fn required(field: &'static str) -> ApiError {
    ApiError::Field(field, "This field is required.".to_owned())
}

/// An address with one `@` and something on both sides; what else makes an address is for the mail server to
/// say.
pub(super) fn email(body: &Map<String, Value>) -> Result<Option<String>, ApiError> {
    let Some(email) = fields::text(body, "email", 254, false)? else {
        return Ok(None);
    };
    let good = email.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !email.contains(char::is_control)
    });
    if good {
        Ok(Some(email))
    } else {
        Err(ApiError::Field(
            "email",
            "Enter a valid email address.".to_owned(),
        ))
    }
}

fn expire_date(body: &Map<String, Value>) -> Result<Option<OffsetDateTime>, ApiError> {
    let Some(text) = fields::text(body, "expire_date", 64, false)? else {
        return Ok(None);
    };
    match OffsetDateTime::parse(&text, &Rfc3339) {
        Ok(at) => Ok(Some(at)),
        Err(_) => Err(ApiError::Field(
            "expire_date",
            "Datetime has wrong format.".to_owned(),
        )),
    }
}
