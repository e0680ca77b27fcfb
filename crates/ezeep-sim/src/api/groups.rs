//! Groups of the token's organization: list, read, create, change, delete.

use axum::extract::{Path, RawQuery, State as Ctx};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use super::caller::Caller;
use super::error::ApiError;
use super::json::{self, object};
use super::page::{Window, page_reply};
use crate::config::{AzureGroups, Quirks, Server};
use crate::reply::json_reply;
use crate::state::State;
use crate::world::{Group, NewGroup, Origin};

/// openapi.yaml, Group.
#[derive(Serialize)]
struct GroupReply<'a> {
    id: &'a str,
    name: &'a str,
    description: &'a str,
    local_printing_enabled: bool,
    myprinters_enabled: bool,
    origin: OriginReply<'a>,
    organization_id: &'a str,
    num_members: Value,
    num_printers: Value,
}

#[derive(Serialize)]
struct OriginReply<'a> {
    provider: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    foreign_id: Option<&'a str>,
}

fn reply<'a>(group: &'a Group, organization_id: &'a str, quirks: &Quirks) -> GroupReply<'a> {
    let count = |number: usize| {
        if quirks.counts_as_text {
            Value::String(number.to_string())
        } else {
            Value::from(number)
        }
    };
    let (provider, foreign_id) = match &group.origin {
        Origin::Ezeep { lowercase: false } => ("Ezeep", None),
        Origin::Ezeep { lowercase: true } => ("ezeep", None),
        Origin::Azure { foreign_id } => ("Azure", Some(foreign_id.as_str())),
    };
    GroupReply {
        id: &group.id,
        name: &group.name,
        description: &group.description,
        local_printing_enabled: group.local_printing,
        myprinters_enabled: group.my_printers,
        origin: OriginReply { provider, foreign_id },
        organization_id,
        num_members: count(group.members.len()),
        num_printers: count(group.printers as usize),
    }
}

pub(super) async fn list(
    Ctx(state): Ctx<State>,
    caller: Caller,
    uri: Uri,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    caller.scope("printing")?;
    caller.admin()?;
    let settings = state.settings();
    let window = Window::parse(query.as_deref(), &settings, false)?;
    let world = state.world();
    let organization = world.organization(caller.organization);
    let order = organization.group_order();
    let groups = window.of(order).iter().filter_map(|ix| organization.group(*ix));
    let results: Vec<_> = groups
        .map(|group| reply(group, &organization.id, &settings.quirks))
        .collect();
    Ok(page_reply(
        &settings,
        Server::Printing,
        uri.path(),
        None,
        window,
        order.len(),
        &results,
    ))
}

pub(super) async fn read(
    Ctx(state): Ctx<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    caller.scope("printing")?;
    caller.admin()?;
    let world = state.world();
    let organization = world.organization(caller.organization);
    let group = organization
        .group_ix(&id)
        .and_then(|ix| organization.group(ix))
        .ok_or(ApiError::NotFound)?;
    Ok(json_reply(
        StatusCode::OK,
        &reply(group, &organization.id, &state.settings().quirks),
    ))
}

pub(super) async fn create(
    Ctx(state): Ctx<State>,
    caller: Caller,
    body: Bytes,
) -> Result<Response, ApiError> {
    caller.scope("printing")?;
    caller.admin()?;
    let body = object(&body)?;
    let required = |field| ApiError::Field(field, "This field is required.".to_owned());
    let name = json::text(&body, "name", 255, false)?.ok_or_else(|| required("name"))?;
    let organization_id =
        json::text(&body, "organization_id", 64, false)?.ok_or_else(|| required("organization_id"))?;
    let description = json::text(&body, "description", 255, true)?.unwrap_or_default();
    let local_printing = json::boolean(&body, "local_printing_enabled")?.unwrap_or(false);
    let my_printers = json::boolean(&body, "myprinters_enabled")?.unwrap_or(false);

    let quirks = state.settings().quirks;
    let mut world = state.world();
    let id = world.fresh_id("group");
    let organization = world.organization_mut(caller.organization);
    if organization.id != organization_id {
        return Err(ApiError::Field(
            "organization_id",
            "Not the organization of this token.".to_owned(),
        ));
    }
    if organization.name_taken(&name) {
        return Err(crate::world::WorldError::NameTaken.into());
    }
    let ix = organization.add_group(NewGroup {
        id,
        name,
        description,
        local_printing,
        my_printers,
        origin: Origin::Ezeep { lowercase: false },
    });
    let group = organization.group(ix).ok_or(ApiError::NotFound)?;
    let status = if quirks.created_is_200 {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    Ok(json_reply(status, &reply(group, &organization.id, &quirks)))
}

pub(super) async fn update(
    Ctx(state): Ctx<State>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, ApiError> {
    caller.scope("printing")?;
    caller.admin()?;
    let body = object(&body)?;
    let name = json::text(&body, "name", 255, false)?;
    let description = json::text(&body, "description", 255, true)?;
    let local_printing = json::boolean(&body, "local_printing_enabled")?;
    let my_printers = json::boolean(&body, "myprinters_enabled")?;

    let quirks = state.settings().quirks;
    let mut world = state.world();
    let organization = world.organization_mut(caller.organization);
    let ix = organization.group_ix(&id).ok_or(ApiError::NotFound)?;
    let group = organization.group(ix).ok_or(ApiError::NotFound)?;
    if group.is_azure() && name.as_ref().is_some_and(|name| *name != group.name) {
        refuse_azure(&quirks, "name")?;
    }
    if let Some(name) = name {
        organization.rename_group(ix, name)?;
    }
    let group = organization.group_mut(ix).ok_or(ApiError::NotFound)?;
    if let Some(description) = description {
        group.description = description;
    }
    group.local_printing = local_printing.unwrap_or(group.local_printing);
    group.my_printers = my_printers.unwrap_or(group.my_printers);
    let group = organization.group(ix).ok_or(ApiError::NotFound)?;
    Ok(json_reply(
        StatusCode::OK,
        &reply(group, &organization.id, &quirks),
    ))
}

pub(super) async fn delete(
    Ctx(state): Ctx<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    caller.scope("printing")?;
    caller.admin()?;
    let quirks = state.settings().quirks;
    let mut world = state.world();
    let organization = world.organization_mut(caller.organization);
    let ix = organization.group_ix(&id).ok_or(ApiError::NotFound)?;
    if organization.group(ix).is_some_and(Group::is_azure) {
        refuse_azure(&quirks, "non_field_errors")?;
    }
    organization.delete_group(ix)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Whether a synced group can be changed here, which the documents leave open.
pub(super) fn refuse_azure(quirks: &Quirks, field: &'static str) -> Result<(), ApiError> {
    match quirks.azure_groups {
        AzureGroups::Accepted => Ok(()),
        AzureGroups::Refused400 => Err(ApiError::Field(
            field,
            "This group is managed by Azure Active Directory.".to_owned(),
        )),
        AzureGroups::Refused403 => Err(ApiError::Forbidden(
            "This group is managed by Azure Active Directory.",
        )),
    }
}
