//! Users on the printing server: print settings and memberships, no names. A written list replaces the old
//! one.

use axum::extract::{Path, RawQuery, State as Ctx};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use bytes::Bytes;
use serde::Serialize;

use super::caller::Caller;
use super::error::ApiError;
use super::groups;
use super::json::{self, object};
use super::page::{Window, page_reply};
use crate::config::{AbsentGroups, Quirks, Server};
use crate::reply::json_reply;
use crate::state::State;
use crate::world::{GroupIx, Member, Organization, PersonIx, World};

/// openapi.yaml, `PrintUser`.
#[derive(Serialize)]
struct PrintUserReply<'a> {
    id: &'a str,
    local_printing_enabled: bool,
    self_service_enabled: bool,
    myprinters_enabled: bool,
    groups: Vec<GroupRef<'a>>,
}

#[derive(Serialize)]
struct GroupRef<'a> {
    group_id: &'a str,
}

fn reply<'a>(
    world: &'a World,
    organization: &'a Organization,
    person: PersonIx,
) -> Option<PrintUserReply<'a>> {
    let member = organization
        .member(person)
        .filter(|member| member.on_printing_server)?;
    let groups = member.groups.iter().filter_map(|ix| organization.group(*ix));
    Some(PrintUserReply {
        id: &world.person(person).id,
        local_printing_enabled: member.local_printing,
        self_service_enabled: member.self_service,
        myprinters_enabled: member.my_printers,
        groups: groups.map(|group| GroupRef { group_id: &group.id }).collect(),
    })
}

pub(super) async fn list(
    Ctx(state): Ctx<State>,
    caller: Caller,
    uri: Uri,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Result<Response, ApiError> {
    caller.scope("printing")?;
    caller.admin()?;
    let settings = state.settings();
    let window = Window::parse(query.as_deref(), &settings, false)?;
    // The documents send the filter as a JSON body with the GET.
    let filter = if settings.quirks.ignore_group_filter {
        None
    } else {
        json::group_ids(&object(&body)?)?
    };
    let world = state.world();
    let organization = world.organization(caller.organization);
    let union;
    let people = match filter.as_deref() {
        None | Some([]) => organization.print_users(),
        Some(ids) => {
            union = members_of_any(&world, organization, ids);
            &union
        }
    };
    let results: Vec<_> = window
        .of(people)
        .iter()
        .filter_map(|person| reply(&world, organization, *person))
        .collect();
    Ok(page_reply(
        &settings,
        Server::Printing,
        uri.path(),
        None,
        window,
        people.len(),
        &results,
    ))
}

/// The users in at least one of the groups, by id. An unknown group has none.
fn members_of_any(world: &World, organization: &Organization, ids: &[String]) -> Vec<PersonIx> {
    let groups = ids
        .iter()
        .filter_map(|id| organization.group_ix(id))
        .filter_map(|ix| organization.group(ix));
    let mut people: Vec<PersonIx> = groups.flat_map(|group| group.members.iter().copied()).collect();
    people.retain(|person| {
        organization
            .member(*person)
            .is_some_and(|member| member.on_printing_server)
    });
    if ids.len() > 1 {
        people.sort_by(|a, b| world.person(*a).id.cmp(&world.person(*b).id));
        people.dedup();
    }
    people
}

pub(super) async fn read(
    Ctx(state): Ctx<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    caller.scope("printing")?;
    let world = state.world();
    let person = world.person_by_id(&id).ok_or(ApiError::NotFound)?;
    if !caller.is(person) {
        caller.admin()?;
    }
    let organization = world.organization(caller.organization);
    let user = reply(&world, organization, person).ok_or(ApiError::NotFound)?;
    Ok(json_reply(StatusCode::OK, &user))
}

pub(super) async fn patch(
    state: Ctx<State>,
    caller: Caller,
    id: Path<String>,
    body: Bytes,
) -> Result<Response, ApiError> {
    if state.settings().quirks.put_only {
        return Err(ApiError::MethodNotAllowed);
    }
    write(state, caller, id, body, false).await
}

pub(super) async fn put(
    state: Ctx<State>,
    caller: Caller,
    id: Path<String>,
    body: Bytes,
) -> Result<Response, ApiError> {
    write(state, caller, id, body, true).await
}

async fn write(
    Ctx(state): Ctx<State>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
    groups_required: bool,
) -> Result<Response, ApiError> {
    caller.scope("printing")?;
    caller.admin()?;
    let body = object(&body)?;
    let wanted = json::group_ids(&body)?;
    if groups_required && wanted.is_none() {
        return Err(ApiError::Field("groups", "This field is required.".to_owned()));
    }
    let local_printing = json::boolean(&body, "local_printing_enabled")?;
    let self_service = json::boolean(&body, "self_service_enabled")?;
    let my_printers = json::boolean(&body, "myprinters_enabled")?;

    let quirks = state.settings().quirks;
    let wanted = match quirks.absent_groups {
        AbsentGroups::Kept => wanted,
        AbsentGroups::ReadAsEmpty => Some(wanted.unwrap_or_default()),
    };
    let mut world = state.world();
    let person = world.person_by_id(&id).ok_or(ApiError::NotFound)?;
    let organization = world.organization(caller.organization);
    let member = organization
        .member(person)
        .filter(|member| member.on_printing_server)
        .ok_or(ApiError::NotFound)?;
    if let Some(ids) = wanted {
        let groups = resolve(organization, &ids)?;
        check_azure(organization, member, &groups, &quirks)?;
        world.set_groups(caller.organization, person, groups)?;
    }
    if !quirks.ignore_print_settings {
        let member = world
            .organization_mut(caller.organization)
            .member_mut(person)
            .ok_or(ApiError::NotFound)?;
        member.local_printing = local_printing.unwrap_or(member.local_printing);
        member.self_service = self_service.unwrap_or(member.self_service);
        member.my_printers = my_printers.unwrap_or(member.my_printers);
    }
    let organization = world.organization(caller.organization);
    let user = reply(&world, organization, person).ok_or(ApiError::NotFound)?;
    Ok(json_reply(StatusCode::OK, &user))
}

pub(super) fn resolve(organization: &Organization, ids: &[String]) -> Result<Vec<GroupIx>, ApiError> {
    let unknown = |id: &String| {
        ApiError::Field(
            "groups",
            format!("Invalid group \"{id}\" - object does not exist."),
        )
    };
    ids.iter()
        .map(|id| organization.group_ix(id).ok_or_else(|| unknown(id)))
        .collect()
}

fn check_azure(
    organization: &Organization,
    member: &Member,
    wanted: &[GroupIx],
    quirks: &Quirks,
) -> Result<(), ApiError> {
    let touched = wanted
        .iter()
        .filter(|ix| !member.groups.contains(ix))
        .chain(member.groups.iter().filter(|ix| !wanted.contains(ix)));
    for ix in touched {
        if organization.group(*ix).is_some_and(crate::world::Group::is_azure) {
            groups::refuse_azure(quirks, "groups")?;
        }
    }
    Ok(())
}
