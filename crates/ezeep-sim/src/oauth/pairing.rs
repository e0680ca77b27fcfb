//! Pairing: a device requests a code, a person enters it on a page here and allows or refuses.

use axum::extract::{RawQuery, State as Ctx};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::json;

use super::consent::{self, People, hidden_fields};
use super::error::OAuthError;
use super::form::{Form, authenticate, scopes};
use super::grants;
use super::page::{self, Page, escape};
use crate::reply::{json_reply, no_store};
use crate::state::State;
use crate::tokens::{PairingRecord, PairingState};
use crate::world::PersonIx;

pub(super) async fn start(Ctx(state): Ctx<State>, headers: HeaderMap, body: Bytes) -> Response {
    match begin(&state, &headers, &body) {
        Ok(reply) => no_store(json_reply(StatusCode::OK, &reply)),
        Err(error) => error.into_response(),
    }
}

fn begin(state: &State, headers: &HeaderMap, body: &[u8]) -> Result<serde_json::Value, OAuthError> {
    let form = Form::parse(headers, body)?;
    let client = authenticate(state, headers, &form)?;
    if !client.grants.contains(&crate::config::Grant::PairingCode) {
        return Err(OAuthError::UnauthorizedClient);
    }
    if !matches!(form.required("mode", "mode is missing.")?, "user" | "device") {
        return Err(OAuthError::InvalidRequest("mode must be user or device."));
    }
    let scope = grants::granted(scopes(form.get("scope").unwrap_or_default()), &client)?;
    let settings = state.settings();
    let now = state.clock.now_ms();
    let record = PairingRecord {
        client: client.id,
        scope,
        expires_ms: now + i64::try_from(settings.pairing_life.as_millis()).unwrap_or(i64::MAX / 2),
        interval_ms: i64::try_from(settings.pairing_interval.as_millis()).unwrap_or(i64::MAX / 2),
        last_poll_ms: None,
        state: PairingState::Pending,
    };
    let code = state.tokens().issue_pairing(record, now);
    Ok(json!({
        "pairing_code": code,
        "auth_url": format!("{}/pair/?code={code}", state.account_origin),
        "interval": settings.pairing_interval.as_secs(),
        "expires_in": settings.pairing_life.as_secs(),
    }))
}

/// The message of the page before it asks anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notice {
    None,
    UnknownCode,
    UnknownPerson,
}

pub(super) async fn show(Ctx(state): Ctx<State>, RawQuery(query): RawQuery) -> Response {
    let Ok(form) = Form::parse_pairs(query.unwrap_or_default().as_bytes()) else {
        return page::problem("This address is malformed.");
    };
    let code = form.get("code").unwrap_or_default();
    ask(&state, code, form.get("q"), Notice::None)
}

fn ask(state: &State, code: &str, search: Option<&str>, notice: Notice) -> Response {
    let notice = match notice {
        Notice::None => "",
        Notice::UnknownCode => "This code is unknown or has expired. Look at the device again.",
        Notice::UnknownPerson => "Nobody with this address can sign in here.",
    };
    let people = People::find(state, search, None, false);
    let body = format!(
        "{notice}<form method=\"post\" action=\"/pair/\" id=\"consent\">\
         <label class=\"field\" for=\"code\">Pairing code\
         <input id=\"code\" name=\"code\" value=\"{}\" autocomplete=\"off\" autocapitalize=\"characters\" spellcheck=\"false\" required></label>\
         {}{}</form>{}",
        escape(code),
        people.radios(),
        consent::BUTTONS,
        people.search_form("/pair/", &hidden_fields([("code", code)])),
        notice = page::alert(notice),
    );
    Page {
        title: "Connect a device",
        heading: "Connect a device",
        lead: "Enter the code that the device shows.",
        body: &body,
    }
    .respond(StatusCode::OK, &[])
}

pub(super) async fn decide(Ctx(state): Ctx<State>, headers: HeaderMap, body: Bytes) -> Response {
    if page::from_another_site(&headers) {
        return page::problem("This form was sent from another site.");
    }
    let Ok(form) = Form::parse(&headers, &body) else {
        return page::problem("This form is malformed.");
    };
    let code = form.get("code").unwrap_or_default();
    let person = form
        .get("person")
        .and_then(|id| state.world().person_by_id(id))
        .filter(|person| {
            // The documents: pairing is not for people who sign in elsewhere.
            let world = state.world();
            let person = world.person(*person);
            person.verified && !person.azure
        });
    let allowed = form.get("decision") == Some("allow");
    if allowed && person.is_none() {
        return ask(&state, code, None, Notice::UnknownPerson);
    }
    let verdict = match person.filter(|_| allowed) {
        Some(person) => PairingState::Approved(person),
        None => PairingState::Refused,
    };
    if !record_answer(&state, code, verdict) {
        return ask(&state, "", None, Notice::UnknownCode);
    }
    let (heading, lead) = if allowed {
        (
            "Device connected",
            "You can close this page and go back to the device.",
        )
    } else {
        (
            "Device refused",
            "The device was not connected. You can close this page.",
        )
    };
    Page {
        title: heading,
        heading,
        lead,
        body: "",
    }
    .respond(StatusCode::OK, &[])
}

/// Records a person's answer to a waiting pairing.
fn record_answer(state: &State, code: &str, verdict: PairingState) -> bool {
    let now = state.clock.now_ms();
    let mut tokens = state.tokens();
    match tokens.pairing_mut(code) {
        Some(pairing) if pairing.expires_ms > now && pairing.state == PairingState::Pending => {
            pairing.state = verdict;
            true
        }
        _ => false,
    }
}

/// Answers a pairing without the page.
pub fn answer(state: &State, code: &str, person: Option<PersonIx>) -> bool {
    record_answer(
        state,
        code,
        person.map_or(PairingState::Refused, PairingState::Approved),
    )
}
