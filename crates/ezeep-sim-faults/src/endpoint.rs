//! The control endpoint, `/__control/` on the account server: the handle's most used calls over HTTP, for
//! programs in another process. It exists only if requested, and accepts only JSON, so that no web page can
//! reach it by a form.

use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Json, State as Ctx};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, extract::Path};
use ezeep_sim::internals::{State, json_reply};
use ezeep_sim::known::CLIENT_ID;
use serde::Deserialize;
use serde_json::json;

use crate::control::{Control, ControlError, FaultId};
use crate::fault::Fault;

/// The routes of the endpoint, for the account server.
pub(crate) fn routes(control: Control) -> Router<State> {
    Router::new()
        .route("/__control/faults/", post(add_fault).delete(clear_faults))
        .route("/__control/faults/{id}/", axum::routing::delete(remove_fault))
        .route("/__control/settings/", post(settings))
        .route("/__control/clock/", post(clock))
        .route("/__control/redirects/", post(redirects))
        .route("/__control/memberships/", post(memberships))
        .route("/__control/groups/", post(create_group))
        .route("/__control/people/", post(add_person).delete(remove_person))
        .route("/__control/revocations/", post(revocations))
        .route("/__control/families/", get(families))
        .route("/__control/requests/", get(requests).delete(forget_requests))
        .layer(DefaultBodyLimit::max(1 << 20))
        .with_state(control)
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        json_reply(StatusCode::BAD_REQUEST, &json!({ "detail": self.to_string() }))
    }
}

async fn add_fault(Ctx(control): Ctx<Control>, Json(fault): Json<Fault>) -> Response {
    let FaultId(id) = control.add_fault(fault);
    json_reply(StatusCode::CREATED, &json!({ "id": id }))
}

async fn remove_fault(Ctx(control): Ctx<Control>, Path(id): Path<u64>) -> StatusCode {
    if control.remove_fault(FaultId(id)) {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::NOT_FOUND
    }
}

async fn clear_faults(Ctx(control): Ctx<Control>) -> StatusCode {
    control.clear_faults();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    latency_ms: Option<u64>,
    page_max: Option<u32>,
    page_default: Option<u32>,
    access_token_life_s: Option<u64>,
    refresh_token_life_s: Option<u64>,
    refresh_reuse_grace_ms: Option<u64>,
}

async fn settings(Ctx(control): Ctx<Control>, Json(wanted): Json<Settings>) -> StatusCode {
    if let Some(latency) = wanted.latency_ms {
        control.set_latency(Duration::from_millis(latency));
    }
    control.state.change_settings(|settings| {
        let set = |place: &mut Duration, value: Option<Duration>| {
            if let Some(value) = value {
                *place = value;
            }
        };
        set(
            &mut settings.access_token_life,
            wanted.access_token_life_s.map(Duration::from_secs),
        );
        set(
            &mut settings.refresh_token_life,
            wanted.refresh_token_life_s.map(Duration::from_secs),
        );
        set(
            &mut settings.refresh_reuse_grace,
            wanted.refresh_reuse_grace_ms.map(Duration::from_millis),
        );
        settings.page_max = wanted.page_max.unwrap_or(settings.page_max).max(1);
        settings.page_default = wanted.page_default.unwrap_or(settings.page_default).max(1);
    });
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockSetting {
    offset_seconds: i64,
}

async fn clock(Ctx(control): Ctx<Control>, Json(wanted): Json<ClockSetting>) -> StatusCode {
    control.set_clock_offset(wanted.offset_seconds);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Redirect {
    uri: String,
}

async fn redirects(Ctx(control): Ctx<Control>, Json(wanted): Json<Redirect>) -> StatusCode {
    control.state.register_redirect(CLIENT_ID, &wanted.uri);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Memberships {
    organization: String,
    person: String,
    #[serde(default)]
    set: Option<Vec<String>>,
    #[serde(default)]
    add: Vec<String>,
    #[serde(default)]
    remove: Vec<String>,
}

async fn memberships(
    Ctx(control): Ctx<Control>,
    Json(wanted): Json<Memberships>,
) -> Result<Response, ControlError> {
    let (organization, person) = (&wanted.organization, &wanted.person);
    if let Some(groups) = &wanted.set {
        let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
        control.set_groups(organization, person, &groups)?;
    }
    for group in &wanted.add {
        control.add_to_group(organization, person, group)?;
    }
    for group in &wanted.remove {
        control.remove_from_group(organization, person, group)?;
    }
    let groups = control.memberships(organization, person)?;
    Ok(json_reply(StatusCode::OK, &json!({ "groups": groups })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupWanted {
    organization: String,
    name: String,
    #[serde(default)]
    azure: bool,
}

async fn create_group(
    Ctx(control): Ctx<Control>,
    Json(wanted): Json<GroupWanted>,
) -> Result<Response, ControlError> {
    let id = control.create_group(&wanted.organization, &wanted.name, wanted.azure)?;
    Ok(json_reply(StatusCode::CREATED, &json!({ "id": id })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonWanted {
    organization: String,
    first_name: String,
    last_name: String,
    email: String,
}

async fn add_person(
    Ctx(control): Ctx<Control>,
    Json(wanted): Json<PersonWanted>,
) -> Result<Response, ControlError> {
    let PersonWanted {
        organization,
        first_name,
        last_name,
        email,
    } = wanted;
    let id = control.add_person(&organization, &first_name, &last_name, &email)?;
    Ok(json_reply(StatusCode::CREATED, &json!({ "id": id })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonUnwanted {
    organization: String,
    person: String,
}

async fn remove_person(
    Ctx(control): Ctx<Control>,
    Json(wanted): Json<PersonUnwanted>,
) -> Result<StatusCode, ControlError> {
    control.remove_person(&wanted.organization, &wanted.person)?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is taken back.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Revocation {
    Everything,
    AccessTokens,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revocations {
    revoke: Revocation,
}

async fn revocations(Ctx(control): Ctx<Control>, Json(wanted): Json<Revocations>) -> StatusCode {
    match wanted.revoke {
        Revocation::Everything => control.revoke_all(),
        Revocation::AccessTokens => control.revoke_access_tokens(),
    }
    StatusCode::NO_CONTENT
}

async fn families(Ctx(control): Ctx<Control>) -> Response {
    let families: Vec<_> = control
        .live_families()
        .into_iter()
        .map(|family| {
            json!({
                "number": family.number,
                "client_id": family.client_id,
                "email": family.email,
                "organization_id": family.organization_id,
                "rotations": family.rotations,
            })
        })
        .collect();
    json_reply(StatusCode::OK, &families)
}

async fn requests(Ctx(control): Ctx<Control>) -> Response {
    let requests: Vec<_> = control
        .requests()
        .into_iter()
        .map(|request| {
            json!({
                "number": request.number,
                "server": request.server,
                "method": request.method,
                "path": request.path,
                "query": request.query,
                "endpoint": request.endpoint,
                "status": request.status,
            })
        })
        .collect();
    let reply = json!({ "peak_in_flight": control.peak_in_flight(), "requests": requests });
    json_reply(StatusCode::OK, &reply)
}

async fn forget_requests(Ctx(control): Ctx<Control>) -> StatusCode {
    control.forget_requests();
    StatusCode::NO_CONTENT
}
