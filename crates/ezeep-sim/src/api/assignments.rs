//! Printers and the groups they are assigned to. A written list replaces the old one.

use axum::extract::{Path, RawQuery, State as Ctx};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use super::caller::Caller;
use super::error::ApiError;
use super::json::{self, is_id, object};
use super::page::{Window, page_reply};
use super::print_users;
use crate::config::Server;
use crate::reply::json_reply;
use crate::state::State;
use crate::world::{GroupIx, Organization, Origin, Printer};

/// openapi.yaml, `PrinterAssignment`.
#[derive(Serialize)]
struct PrinterReply<'a> {
    printer_id: &'a str,
    printer_name: &'a str,
    assignments: Vec<AssignmentReply<'a>>,
}

#[derive(Serialize)]
struct AssignmentReply<'a> {
    settings: Option<Value>,
    groups: Vec<AssignedGroup<'a>>,
}

#[derive(Serialize)]
struct AssignedGroup<'a> {
    group_id: &'a str,
    group_name: &'a str,
    group_foreign_id: Option<&'a str>,
    force_chosen: bool,
}

fn reply<'a>(organization: &'a Organization, printer: &'a Printer) -> PrinterReply<'a> {
    let groups: Vec<_> = printer
        .groups
        .iter()
        .filter_map(|ix| organization.group(*ix))
        .map(|group| AssignedGroup {
            group_id: &group.id,
            group_name: &group.name,
            group_foreign_id: match &group.origin {
                Origin::Azure { foreign_id } => Some(foreign_id),
                Origin::Ezeep { .. } => None,
            },
            force_chosen: false,
        })
        .collect();
    let assignments = if groups.is_empty() {
        Vec::new()
    } else {
        vec![AssignmentReply {
            settings: None,
            groups,
        }]
    };
    PrinterReply {
        printer_id: &printer.id,
        printer_name: &printer.name,
        assignments,
    }
}

pub(super) async fn list(
    Ctx(state): Ctx<State>,
    caller: Caller,
    uri: Uri,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    caller.scope("printing.printers.readonly")?;
    caller.admin()?;
    let settings = state.settings();
    let window = Window::parse(query.as_deref(), &settings, false)?;
    let group = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .find(|(key, _)| key == "group")
        .map(|(_, value)| value.into_owned());
    if group.as_deref().is_some_and(|group| !is_id(group)) {
        return Err(ApiError::Field("group", "Must be a valid group id.".to_owned()));
    }
    let world = state.world();
    let organization = world.organization(caller.organization);
    let printers: Vec<&Printer> = match &group {
        None => organization.printers.iter().collect(),
        Some(id) => {
            let ix = organization.group_ix(id);
            let all = organization.printers.iter();
            all.filter(|printer| ix.is_some_and(|ix| printer.groups.contains(&ix)))
                .collect()
        }
    };
    let results: Vec<_> = window
        .of(&printers)
        .iter()
        .map(|printer| reply(organization, printer))
        .collect();
    let extra = group.as_deref().map(|group| ("group", group));
    Ok(page_reply(
        &settings,
        Server::Printing,
        uri.path(),
        extra,
        window,
        printers.len(),
        &results,
    ))
}

pub(super) async fn replace(
    Ctx(state): Ctx<State>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, ApiError> {
    caller.scope("printing")?;
    caller.admin()?;
    let body = object(&body)?;
    // The request's key is singular, the reply's plural (openapi.yaml).
    let items = match body.get("assignment") {
        Some(Value::Array(items)) => items,
        Some(_) => {
            return Err(ApiError::Field(
                "assignment",
                "Expected a list of items.".to_owned(),
            ));
        }
        None => {
            return Err(ApiError::Field(
                "assignment",
                "This field is required.".to_owned(),
            ));
        }
    };
    let mut ids = Vec::new();
    for item in items {
        let Value::Object(item) = item else {
            return Err(ApiError::Field(
                "assignment",
                "Invalid data. Expected a dictionary.".to_owned(),
            ));
        };
        ids.extend(json::group_ids(item)?.unwrap_or_default());
    }
    let mut world = state.world();
    let organization = world.organization_mut(caller.organization);
    let place = organization
        .printers
        .iter()
        .position(|printer| printer.id == id)
        .ok_or(ApiError::NotFound)?;
    let mut groups: Vec<GroupIx> = Vec::new();
    for ix in print_users::resolve(organization, &ids)? {
        if !groups.contains(&ix) {
            groups.push(ix);
        }
    }
    organization.assign_printer(place, groups);
    Ok(json_reply(
        StatusCode::OK,
        &reply(organization, &organization.printers[place]),
    ))
}
