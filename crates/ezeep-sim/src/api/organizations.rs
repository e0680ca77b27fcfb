//! The organizations of the person who calls, with their role in each.

use axum::extract::{RawQuery, State as Ctx};
use axum::http::Uri;
use axum::response::Response;
use serde::Serialize;
use serde_json::{Value, json};

use super::caller::Caller;
use super::error::ApiError;
use super::page::{Window, page_reply};
use crate::config::Server;
use crate::state::State;

/// openapi.yaml, Organization.
#[derive(Serialize)]
struct OrganizationReply<'a> {
    id: &'a str,
    name: &'a str,
    azure_profile: Option<Value>,
    owner: Option<&'a str>,
    roles: [&'static str; 1],
}

pub(super) async fn list(
    Ctx(state): Ctx<State>,
    caller: Caller,
    uri: Uri,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let settings = state.settings();
    let window = Window::parse(query.as_deref(), &settings, false)?;
    let mut world = state.world();
    let all = match caller.person {
        Some(person) => world.organizations_of(person),
        None => vec![caller.organization],
    };
    let results: Vec<_> = window
        .of(&all)
        .iter()
        .map(|ix| {
            let organization = world.organization(*ix);
            let role = caller
                .person
                .map_or(Some(caller.role), |person| world.role(person, *ix));
            OrganizationReply {
                id: &organization.id,
                name: &organization.name,
                azure_profile: organization
                    .azure
                    .then(|| json!({ "tenant_id": organization.id })),
                owner: organization.owner.map(|person| world.person(person).id.as_str()),
                roles: [role.unwrap_or(caller.role).as_str()],
            }
        })
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
