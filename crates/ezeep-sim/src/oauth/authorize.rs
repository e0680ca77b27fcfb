//! The authorization endpoint (RFC 6749 section 4.1.1, RFC 7636): the app's request, the page for the user's
//! decision, and the redirect back to the app.

use axum::extract::{RawQuery, State as Ctx};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use url::{Url, form_urlencoded};

use super::consent::{BUTTONS, People, hidden_fields, may_sign_in};
use super::error::OAuthError;
use super::form::{Form, scopes};
use super::grants;
use super::page::{self, Page, escape};
use crate::config::{ClientConfig, Grant};
use crate::state::State;
use crate::tokens::CodeRecord;
use crate::world::PersonIx;

/// Parameters of an authorization request; the rest of a form is ours.
const PARAMETERS: [&str; 9] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "social",
    "prompt",
];

/// An authorization request with a valid client and redirect URI.
struct Request {
    client: ClientConfig,
    redirect_uri: String,
    state: Option<String>,
    /// The other parameters, or why they are refused.
    asked: Result<Asked, OAuthError>,
}

struct Asked {
    scope: Vec<String>,
    challenge: Option<String>,
    microsoft: bool,
    /// `prompt=none`: Microsoft shows no account picker.
    no_picker: bool,
}

/// An error that may not be reported by a redirect (RFC 6749 section 4.1.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConsentError {
    /// The URL contains a parameter twice.
    #[error("The address of this sign-in is malformed.")]
    Malformed,
    /// The browser reports that the form is on another site.
    #[error("This form was sent from another site.")]
    OtherSite,
    /// No such client.
    #[error("The Client ID in this address is not known here.")]
    UnknownClient,
    /// The redirect URI is not registered for the client, compared byte for byte.
    #[error("The redirect URI in this address is not registered for this Client ID.")]
    UnregisteredRedirect,
    /// No such person, or one who can't sign in this way.
    #[error("Nobody with this address can sign in here.")]
    UnknownPerson,
}

/// A person's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent<'a> {
    /// The person with this email address allows.
    Allow(&'a str),
    /// Refused.
    Refuse,
}

impl Request {
    fn read(state: &State, form: &Form) -> Result<Self, ConsentError> {
        let client = form
            .get("client_id")
            .and_then(|id| state.client(id))
            .ok_or(ConsentError::UnknownClient)?;
        let redirect_uri = form
            .get("redirect_uri")
            .filter(|uri| client.redirect_uris.iter().any(|known| known == uri))
            .ok_or(ConsentError::UnregisteredRedirect)?
            .to_owned();
        let asked = Asked::read(&client, form);
        Ok(Self {
            client,
            redirect_uri,
            state: form.get("state").map(str::to_owned),
            asked,
        })
    }

    /// The URL to redirect to. The redirect URI stays as it was registered, byte for byte.
    fn callback(&self, server: &State, answer: &[(&str, &str)]) -> String {
        let quirks = server.settings().quirks;
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(answer);
        if let Some(state) = &self.state {
            query.append_pair("state", state);
        }
        if quirks.iss_in_callback {
            query.append_pair("iss", &server.account_origin);
        }
        let glue = if self.redirect_uri.contains('?') {
            "&"
        } else if quirks.slash_before_callback_query {
            "/?"
        } else {
            "?"
        };
        format!("{}{glue}{}", self.redirect_uri, query.finish())
    }

    fn refusal(&self, server: &State, error: OAuthError) -> String {
        self.callback(
            server,
            &[
                ("error", error.code()),
                ("error_description", error.description()),
            ],
        )
    }

    fn code(&self, server: &State, asked: &Asked, person: PersonIx) -> String {
        let code = server.tokens().issue_code(CodeRecord {
            client: self.client.id.clone(),
            redirect_uri: self.redirect_uri.clone(),
            challenge: asked.challenge.clone(),
            person,
            scope: asked.scope.clone(),
            issued_ms: server.clock.now_ms(),
            used: None,
        });
        self.callback(server, &[("code", &code)])
    }

    /// Where the forms of the page may redirect to.
    fn form_target(&self) -> Vec<String> {
        let Ok(url) = Url::parse(&self.redirect_uri) else {
            return Vec::new();
        };
        let target = match (url.scheme(), url.host_str(), url.port()) {
            ("http" | "https", Some(host), Some(port)) => format!("{}://{host}:{port}", url.scheme()),
            ("http" | "https", Some(host), None) => format!("{}://{host}", url.scheme()),
            (scheme, ..) => format!("{scheme}:"),
        };
        vec![target]
    }
}

impl Asked {
    fn read(client: &ClientConfig, form: &Form) -> Result<Self, OAuthError> {
        match form.get("response_type") {
            Some("code") => {}
            Some(_) => return Err(OAuthError::UnsupportedResponseType),
            None => return Err(OAuthError::InvalidRequest("response_type is missing.")),
        }
        if !client.grants.contains(&Grant::AuthorizationCode) {
            return Err(OAuthError::UnauthorizedClient);
        }
        let challenge = match (form.get("code_challenge"), form.get("code_challenge_method")) {
            (None, None) if client.require_pkce => {
                return Err(OAuthError::InvalidRequest("code_challenge is missing."));
            }
            (None, None) => None,
            (Some(challenge), Some("S256")) => {
                // Base64url of 32 bytes is 43 characters, never another number.
                let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
                if challenge.len() != 43 || !challenge.bytes().all(good) {
                    return Err(OAuthError::InvalidRequest(
                        "code_challenge is not a SHA-256 in base64url.",
                    ));
                }
                Some(challenge.to_owned())
            }
            // A missing method means plain (RFC 7636 section 4.3), and plain is not for here (RFC 9700
            // section 2.1.1).
            _ => return Err(OAuthError::InvalidRequest("code_challenge_method must be S256.")),
        };
        let scope = grants::granted(scopes(form.get("scope").unwrap_or_default()), client)?;
        let social = match form.get("social") {
            None => false,
            Some("azure") => true,
            Some(_) => return Err(OAuthError::InvalidRequest("social must be azure.")),
        };
        let prompt = form.get("prompt");
        if !matches!(prompt, None | Some("none" | "azure")) {
            return Err(OAuthError::InvalidRequest("prompt must be none or azure."));
        }
        Ok(Self {
            scope,
            challenge,
            microsoft: social || prompt == Some("azure"),
            no_picker: prompt == Some("none"),
        })
    }
}

/// Parses the URL that a browser was sent to.
fn opened(state: &State, query: Option<&str>) -> Result<(Form, Request), ConsentError> {
    let form =
        Form::parse_pairs(query.unwrap_or_default().as_bytes()).map_err(|_| ConsentError::Malformed)?;
    let request = Request::read(state, &form)?;
    Ok((form, request))
}

/// Parses the form of one of the pages here.
fn posted(state: &State, headers: &HeaderMap, body: &[u8]) -> Result<(Form, Request), ConsentError> {
    if page::from_another_site(headers) {
        return Err(ConsentError::OtherSite);
    }
    let form = Form::parse(headers, body).map_err(|_| ConsentError::Malformed)?;
    let request = Request::read(state, &form)?;
    Ok((form, request))
}

pub(super) async fn show(Ctx(state): Ctx<State>, RawQuery(query): RawQuery) -> Response {
    let (form, request) = match opened(&state, query.as_deref()) {
        Ok(read) => read,
        Err(why) => return page::problem(&why.to_string()),
    };
    let asked = match &request.asked {
        Ok(asked) => asked,
        Err(error) => return go(&request.refusal(&state, *error)),
    };
    let ticket = form.get("ticket").unwrap_or_default();
    let from_microsoft = state.tokens().ticket(ticket, state.clock.now_ms());
    if asked.microsoft && from_microsoft.is_none() {
        let only = People::find(&state, None, None, true);
        // Looked up before the page is made: the page looks at the world too.
        let person = only
            .first()
            .filter(|_| asked.no_picker)
            .and_then(|id| state.world().person_by_id(id));
        if person.is_some() {
            return consent_page(&state, &request, asked, &form, person, "");
        }
        return go(&format!("/microsoft/?{}", encoded(&form)));
    }
    consent_page(&state, &request, asked, &form, from_microsoft, "")
}

/// The parameters of the request only.
fn encoded(form: &Form) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(form.pairs().filter(|(key, _)| PARAMETERS.contains(key)));
    query.finish()
}

fn consent_page(
    state: &State,
    request: &Request,
    asked: &Asked,
    form: &Form,
    from_microsoft: Option<PersonIx>,
    notice: &str,
) -> Response {
    let people = People::find(state, form.get("q"), from_microsoft, false);
    let hidden = hidden_fields(form.pairs().filter(|(key, _)| PARAMETERS.contains(key)));
    let ticket = from_microsoft.map(|person| state.tokens().issue_ticket(person, state.clock.now_ms()));
    let ticket = hidden_fields(ticket.as_deref().map(|ticket| ("ticket", ticket)));
    let scopes: String = asked
        .scope
        .iter()
        .map(|scope| format!("<li>{}</li>", scope_line(scope)))
        .collect();
    let others = if from_microsoft.is_some() {
        String::new()
    } else {
        format!(
            "{}<p class=\"small\"><a id=\"microsoft\" href=\"/microsoft/?{}\">Sign in with Microsoft (simulated)</a></p>",
            people.search_form("/oauth/authorize/", &hidden),
            escape(&encoded(form)),
        )
    };
    let body = format!(
        "{alert}<p class=\"small\">Client ID <code>{id}</code></p>\
         <h2>The app will be able to</h2><ul class=\"scopes\">{scopes}</ul>\
         <form method=\"post\" action=\"/oauth/authorize/\" id=\"consent\">{hidden}{ticket}{radios}{BUTTONS}</form>{others}",
        alert = page::alert(notice),
        id = escape(&request.client.id),
        radios = people.radios(),
    );
    let lead = format!("{} asks to sign you in.", request.client.name);
    Page {
        title: "Sign in to ezeep",
        heading: "Sign in to ezeep",
        lead: &lead,
        body: &body,
    }
    .respond(StatusCode::OK, &request.form_target())
}

fn scope_line(scope: &str) -> String {
    let words = match scope {
        "printing" => "See and change users, groups and print settings",
        "printing.printers.readonly" => "See printers",
        "reporting" => "See reports",
        _ => "Use",
    };
    format!("{words} <code>{}</code>", escape(scope))
}

pub(super) async fn decide(Ctx(state): Ctx<State>, headers: HeaderMap, body: Bytes) -> Response {
    let (form, request) = match posted(&state, &headers, &body) {
        Ok(read) => read,
        Err(why) => return page::problem(&why.to_string()),
    };
    let asked = match &request.asked {
        Ok(asked) => asked,
        Err(error) => return go(&request.refusal(&state, *error)),
    };
    if form.get("decision") != Some("allow") {
        return go(&request.refusal(&state, OAuthError::AccessDenied));
    }
    let ticket = form.get("ticket").unwrap_or_default();
    let from_microsoft = state.tokens().ticket(ticket, state.clock.now_ms());
    let person = from_microsoft.or_else(|| {
        let world = state.world();
        let person = form.get("person").and_then(|id| world.person_by_id(id))?;
        may_sign_in(world.person(person), false).then_some(person)
    });
    let Some(person) = person else {
        let why = ConsentError::UnknownPerson.to_string();
        return consent_page(&state, &request, asked, &form, None, &why);
    };
    state.tokens().end_ticket(ticket);
    go(&request.code(&state, asked, person))
}

pub(super) async fn show_microsoft(Ctx(state): Ctx<State>, RawQuery(query): RawQuery) -> Response {
    let (form, request) = match opened(&state, query.as_deref()) {
        Ok(read) => read,
        Err(why) => return page::problem(&why.to_string()),
    };
    let people = People::find(&state, form.get("q"), None, true);
    let hidden = hidden_fields(form.pairs().filter(|(key, _)| PARAMETERS.contains(key)));
    let body = format!(
        "<form method=\"post\" action=\"/microsoft/\">{hidden}{}\
         <div class=\"actions\"><button id=\"continue\" name=\"decision\" value=\"allow\" class=\"go\">Continue</button>\
         <button id=\"cancel\" name=\"decision\" value=\"refuse\">Cancel</button></div></form>{}",
        people.radios(),
        people.search_form("/microsoft/", &hidden),
    );
    let heading = "Sign in with Microsoft (simulated)";
    let lead = "This stands for Microsoft's own page. Choose an account.";
    // Cancelling redirects to the app, as refusing does.
    let targets = request.form_target();
    Page {
        title: heading,
        heading,
        lead,
        body: &body,
    }
    .respond(StatusCode::OK, &targets)
}

pub(super) async fn decide_microsoft(Ctx(state): Ctx<State>, headers: HeaderMap, body: Bytes) -> Response {
    let (form, request) = match posted(&state, &headers, &body) {
        Ok(read) => read,
        Err(why) => return page::problem(&why.to_string()),
    };
    if form.get("decision") != Some("allow") {
        return go(&request.refusal(&state, OAuthError::AccessDenied));
    }
    let person = form.get("person").and_then(|id| {
        let world = state.world();
        world
            .person_by_id(id)
            .filter(|ix| may_sign_in(world.person(*ix), true))
    });
    let Some(person) = person else {
        return page::problem(&ConsentError::UnknownPerson.to_string());
    };
    let ticket = state.tokens().issue_ticket(person, state.clock.now_ms());
    go(&format!("/oauth/authorize/?{}&ticket={ticket}", encoded(&form)))
}

/// Acts as a browser and a person: opens an authorization URL and answers. Returns the URL that the browser
/// is redirected to.
///
/// # Errors
/// [`ConsentError`] if the page would show an error instead of redirecting (RFC 6749 section 4.1.2.1).
pub fn consent(state: &State, address: &Url, answer: Consent<'_>) -> Result<String, ConsentError> {
    let (_, request) = opened(state, address.query())?;
    let asked = match &request.asked {
        Ok(asked) => asked,
        Err(error) => return Ok(request.refusal(state, *error)),
    };
    let Consent::Allow(email) = answer else {
        return Ok(request.refusal(state, OAuthError::AccessDenied));
    };
    let person = {
        let world = state.world();
        let person = world.person_by_email(email).ok_or(ConsentError::UnknownPerson)?;
        // Any person may come from Microsoft's page; the form is only for people with a password here.
        if !world.person(person).verified {
            return Err(ConsentError::UnknownPerson);
        }
        person
    };
    Ok(request.code(state, asked, person))
}

fn go(target: &str) -> Response {
    match HeaderValue::from_str(target) {
        Ok(location) => (
            StatusCode::FOUND,
            [
                (header::LOCATION, location),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ],
        )
            .into_response(),
        Err(_) => page::problem(&ConsentError::Malformed.to_string()),
    }
}
