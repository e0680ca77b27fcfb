//! Users on the account server: names, addresses, roles. An ordinary user sees only themselves.

use axum::extract::{Path, RawQuery, State as Ctx};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::caller::Caller;
use super::error::ApiError;
use super::invitations::{self, InvitationReply};
use super::json::{self as fields, object};
use super::page::{Window, page_reply};
use crate::config::{RolesForm, Server};
use crate::reply::json_reply;
use crate::state::State;
use crate::world::{Organization, PersonIx, Role, World};

/// openapi.yaml, Account.
#[derive(Serialize)]
struct AccountReply<'a> {
    id: &'a str,
    email: &'a str,
    first_name: &'a str,
    last_name: &'a str,
    display_name: String,
    date_joined: String,
    azure_profile: Option<Value>,
    id_profile: Option<Value>,
    user_invitations: Option<Vec<InvitationReply<'a>>>,
    roles: [&'static str; 1],
    is_verified: bool,
}

fn reply<'a>(
    world: &'a World,
    organization: &'a Organization,
    person: PersonIx,
    now: OffsetDateTime,
) -> Option<AccountReply<'a>> {
    let member = organization
        .member(person)
        .filter(|member| member.on_account_server)?;
    let account = world.person(person);
    let invitation = member.invitation.and_then(|ix| organization.invitations.get(ix));
    Some(AccountReply {
        id: &account.id,
        email: &account.email,
        first_name: &account.first_name,
        last_name: &account.last_name,
        display_name: account.display_name(),
        date_joined: invitations::date(account.joined),
        azure_profile: account.azure.then(|| json!({ "object_id": account.id })),
        id_profile: None,
        user_invitations: invitation.map(|invitation| vec![invitations::reply(invitation, now)]),
        roles: [member.role.as_str()],
        is_verified: account.verified,
    })
}

pub(super) async fn list(
    Ctx(state): Ctx<State>,
    caller: Caller,
    uri: Uri,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let settings = state.settings();
    let window = Window::parse(query.as_deref(), &settings, true)?;
    let now = state.clock.now();
    let world = state.world();
    let organization = world.organization(caller.organization);
    let own;
    let people = if caller.role == Role::Admin {
        organization.accounts()
    } else {
        own = caller.person.into_iter().collect::<Vec<_>>();
        &own
    };
    let results: Vec<_> = window
        .of(people)
        .iter()
        .filter_map(|person| reply(&world, organization, *person, now))
        .collect();
    Ok(page_reply(
        &settings,
        Server::Account,
        uri.path(),
        None,
        window,
        people.len(),
        &results,
    ))
}

pub(super) async fn me(Ctx(state): Ctx<State>, caller: Caller) -> Result<Response, ApiError> {
    let person = caller.person.ok_or(ApiError::NotFound)?;
    let world = state.world();
    let organization = world.organization(caller.organization);
    let account = reply(&world, organization, person, state.clock.now()).ok_or(ApiError::NotFound)?;
    Ok(json_reply(StatusCode::OK, &account))
}

/// The person of that id, if the caller may see them.
fn find(world: &World, caller: &Caller, id: &str) -> Result<PersonIx, ApiError> {
    let person = world.person_by_id(id).ok_or(ApiError::NotFound)?;
    if !caller.is(person) && caller.role != Role::Admin {
        // What the caller may not see does not exist, so that ids can't be tried.
        return Err(ApiError::NotFound);
    }
    let organization = world.organization(caller.organization);
    organization
        .member(person)
        .filter(|member| member.on_account_server)
        .ok_or(ApiError::NotFound)?;
    Ok(person)
}

pub(super) async fn read(
    Ctx(state): Ctx<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let world = state.world();
    let person = find(&world, &caller, &id)?;
    let organization = world.organization(caller.organization);
    let account = reply(&world, organization, person, state.clock.now()).ok_or(ApiError::NotFound)?;
    Ok(json_reply(StatusCode::OK, &account))
}

pub(super) async fn update(
    Ctx(state): Ctx<State>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let quirks = state.settings().quirks;
    let body = object(&body)?;
    let first = fields::text(&body, "first_name", 150, true)?;
    let last = fields::text(&body, "last_name", 150, true)?;
    let email = invitations::email(&body)?;
    let role = roles(&body, quirks.roles)?;

    let mut world = state.world();
    let person = find(&world, &caller, &id)?;
    if role.is_some() || !caller.is(person) {
        caller.admin()?;
    }
    if caller.is(person) && role.is_some_and(|role| role != caller.role) {
        return Err(ApiError::Forbidden("You can't change your own role."));
    }
    if let Some(email) = email {
        world.change_email(person, email)?;
    }
    world.rename_person(person, first, last);
    if let Some(role) = role
        && let Some(member) = world.organization_mut(caller.organization).member_mut(person)
    {
        member.role = role;
    }
    let organization = world.organization(caller.organization);
    let account = reply(&world, organization, person, state.clock.now()).ok_or(ApiError::NotFound)?;
    Ok(json_reply(StatusCode::OK, &account))
}

/// A list, or in one vendor example a plain string (ezeep-api.md).
fn roles(body: &Map<String, Value>, form: RolesForm) -> Result<Option<Role>, ApiError> {
    let wrong = |why: &str| ApiError::Field("roles", why.to_owned());
    let parse = |value: &Value| match value.as_str() {
        Some("admin") => Ok(Role::Admin),
        Some("user") => Ok(Role::User),
        _ => Err(wrong("Not a valid choice.")),
    };
    match (body.get("roles"), form) {
        (None, _) => Ok(None),
        (Some(Value::Array(list)), RolesForm::List) => {
            let roles = list.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
            let first = *roles
                .first()
                .ok_or_else(|| wrong("This list may not be empty."))?;
            Ok(Some(if roles.contains(&Role::Admin) {
                Role::Admin
            } else {
                first
            }))
        }
        (Some(text @ Value::String(_)), RolesForm::Text) => parse(text).map(Some),
        (Some(_), RolesForm::List) => Err(wrong("Expected a list of items.")),
        (Some(_), RolesForm::Text) => Err(wrong("Not a valid string.")),
    }
}

pub(super) async fn delete(
    Ctx(state): Ctx<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    caller.admin()?;
    let mut world = state.world();
    let person = find(&world, &caller, &id)?;
    if caller.is(person) {
        return Err(ApiError::Forbidden(
            "You can't remove yourself from the organization.",
        ));
    }
    world.leave(person, caller.organization)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
