//! Both REST servers: who is calling, how a page is cut, how an error looks. What each call does is in the files beside this one.

mod accounts;
mod assignments;
mod groups;
mod invitations;
mod json;
mod organizations;
mod print_users;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, put};
use serde::Serialize;
use serde_json::{Value, json};

use crate::gate::Server;
use crate::slash::SlashRoutes;
use crate::state::{Settings, State};
use crate::tokens::Principal;
use crate::world::{OrgIx, PersonIx, Role, WorldError};

/// Routes of the account server's API, below `/v1/`.
pub(crate) fn account_routes() -> Router<State> {
    Router::new()
        .slashed("/v1/organizations/", get(organizations::list))
        .slashed("/v1/users/", get(accounts::list))
        .route("/v1/users/me", get(accounts::me))
        .route("/v1/users/me/", get(accounts::me))
        .slashed(
            "/v1/users/userinvitations/",
            get(invitations::list_under_users).post(invitations::create_under_users),
        )
        .slashed(
            "/v1/users/{id}/",
            get(accounts::read)
                .patch(accounts::update)
                .delete(accounts::delete),
        )
        .slashed(
            "/v1/userinvitations/",
            get(invitations::list_under_root).post(invitations::create_under_root),
        )
        .slashed("/v1/userinvitations/{id}/", patch(invitations::resend))
}

/// Routes of the printing server, below `/printing/v1/`.
pub(crate) fn printing_routes() -> Router<State> {
    Router::new()
        .slashed("/printing/v1/groups/", get(groups::list).post(groups::create))
        .slashed(
            "/printing/v1/groups/{id}/",
            get(groups::read).patch(groups::update).delete(groups::delete),
        )
        .slashed("/printing/v1/users/", get(print_users::list))
        .slashed(
            "/printing/v1/users/{id}/",
            get(print_users::read)
                .patch(print_users::patch)
                .put(print_users::put),
        )
        .slashed("/printing/v1/assignments/", get(assignments::list))
        .slashed("/printing/v1/assignments/{id}/", put(assignments::replace))
}

/// A reply that is not a success. The bodies are those seen in the vendor's framework (openapi.yaml, ApiError).
#[derive(Debug)]
pub(crate) enum ApiError {
    /// 401: the token is missing, wrong, expired or revoked.
    Token(&'static str),
    /// 403.
    Forbidden(&'static str),
    /// 404.
    NotFound,
    /// 405.
    MethodNotAllowed,
    /// 400 that names a field.
    Field(&'static str, String),
    /// 400 about the request as a whole.
    Malformed(String),
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, body) = match self {
            Self::Token(why) => {
                let mut reply = json_reply(StatusCode::UNAUTHORIZED, &json!({ "detail": why }));
                reply.headers_mut().insert(
                    header::WWW_AUTHENTICATE,
                    HeaderValue::from_static("Bearer realm=\"api\", error=\"invalid_token\""),
                );
                return reply;
            }
            Self::Forbidden(why) => (StatusCode::FORBIDDEN, json!({ "detail": why })),
            Self::NotFound => (StatusCode::NOT_FOUND, json!({ "detail": "Not found." })),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                json!({ "detail": "Method not allowed." }),
            ),
            Self::Field(field, why) => (StatusCode::BAD_REQUEST, json!({ field: [why] })),
            Self::Malformed(why) => (StatusCode::BAD_REQUEST, json!({ "detail": why })),
        };
        json_reply(status, &body)
    }
}

impl From<WorldError> for ApiError {
    fn from(error: WorldError) -> Self {
        match error {
            WorldError::NameTaken => Self::Field("name", "group with this name already exists.".to_owned()),
            WorldError::EmailTaken => Self::Field("email", "user with this email already exists.".to_owned()),
            WorldError::NoSuchPerson | WorldError::NoSuchGroup => Self::NotFound,
        }
    }
}

pub(crate) const NOT_ADMIN: ApiError =
    ApiError::Forbidden("You do not have permission to perform this action.");

/// A JSON reply.
pub(crate) fn json_reply<T: Serialize>(status: StatusCode, body: &T) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => (status, [(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
        Err(error) => {
            tracing::error!(%error, "a reply could not be written as JSON");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Who calls, and in which organization.
#[derive(Debug)]
pub(crate) struct Caller {
    /// `None` for a client that acts for itself.
    pub person: Option<PersonIx>,
    pub organization: OrgIx,
    pub role: Role,
    scope: Vec<String>,
}

impl Caller {
    /// Fails with 403 for an ordinary user.
    pub fn admin(&self) -> Result<(), ApiError> {
        if self.role == Role::Admin {
            Ok(())
        } else {
            Err(NOT_ADMIN)
        }
    }

    /// Fails with 403 where the token was not granted the scope.
    pub fn scope(&self, scope: &str) -> Result<(), ApiError> {
        if self.scope.iter().any(|granted| granted == scope) {
            Ok(())
        } else {
            Err(ApiError::Forbidden("The token lacks a scope that this needs."))
        }
    }

    pub fn is(&self, person: PersonIx) -> bool {
        self.person == Some(person)
    }
}

impl FromRequestParts<State> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, ApiError> {
        let token =
            bearer(&parts.headers).ok_or(ApiError::Token("Authentication credentials were not provided."))?;
        identify(state, token)
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Signature, issuer, expiry and revocation, on every call.
fn identify(state: &State, token: &str) -> Result<Caller, ApiError> {
    const INVALID: ApiError = ApiError::Token("Given token not valid for any token type.");
    // An opaque token has no dot; a JWT's signature is checked in any case.
    if token.contains('.') {
        state.keys.verify(token, &state.account_origin).ok_or(INVALID)?;
    }
    let (principal, record) = {
        let tokens = state.tokens();
        let (record, family) = tokens.access(token).ok_or(INVALID)?;
        (family.principal, record.clone())
    };
    if record.expires_ms <= state.clock.now_ms() {
        return Err(ApiError::Token("Token is expired."));
    }
    let world = state.world();
    let organization = record.organization;
    let (person, role) = match principal {
        Principal::Person(person) => {
            let role = world.role(person, organization).ok_or(ApiError::Forbidden(
                "You are no longer a member of this organization.",
            ))?;
            (Some(person), role)
        }
        Principal::Client => (None, Role::Admin),
    };
    Ok(Caller {
        person,
        organization,
        role,
        scope: record.scope,
    })
}

/// The part of a list that is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub limit: usize,
    pub offset: usize,
}

impl Window {
    /// Reads `limit` and `offset`, or `page` and `per_page` where a list knows them; clamps without a word.
    pub fn parse(query: Option<&str>, settings: &Settings, pages: bool) -> Result<Self, ApiError> {
        let mut limit = None;
        let mut offset = None;
        let mut page = None;
        for (key, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match key.as_ref() {
                "limit" => limit = Some(number("limit", &value, 1)?),
                "offset" => offset = Some(number("offset", &value, 0)?),
                "per_page" if pages => limit = Some(number("per_page", &value, 1)?),
                "page" if pages => page = Some(number("page", &value, 1)?),
                _ => {}
            }
        }
        let limit = limit
            .unwrap_or(settings.page_default as usize)
            .min(settings.page_max as usize);
        let offset = offset
            .or(page.map(|page| (page - 1).saturating_mul(limit)))
            .unwrap_or(0);
        Ok(Self { limit, offset })
    }

    pub fn of<'a, T>(&self, list: &'a [T]) -> &'a [T] {
        let start = self.offset.min(list.len());
        let end = start.saturating_add(self.limit).min(list.len());
        &list[start..end]
    }
}

fn number(name: &'static str, text: &str, least: usize) -> Result<usize, ApiError> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let value = if digits {
        Some(text.parse().unwrap_or(usize::MAX))
    } else {
        None
    };
    value
        .filter(|value| *value >= least)
        .ok_or_else(|| ApiError::Field(name, "A valid integer is required.".to_owned()))
}

/// A page in the shape of openapi.yaml, with `next` as it has been seen: `http://`, and a host of its own.
pub(crate) fn page_reply<T: Serialize>(
    settings: &Settings,
    server: Server,
    path: &str,
    extra: Option<(&str, &str)>,
    window: Window,
    count: usize,
    results: &[T],
) -> Response {
    #[derive(Serialize)]
    struct Page<'a, T> {
        count: usize,
        next: Option<String>,
        previous: Option<String>,
        results: &'a [T],
    }
    let origin = match server {
        Server::Account => &settings.quirks.account_next_origin,
        Server::Printing => &settings.quirks.next_origin,
    };
    let link = |offset: Option<usize>| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if let Some((key, value)) = extra {
            query.append_pair(key, value);
        }
        query.append_pair("limit", &window.limit.to_string());
        if let Some(offset) = offset {
            query.append_pair("offset", &offset.to_string());
        }
        format!("{origin}{path}?{}", query.finish())
    };
    let end = window.offset.saturating_add(window.limit);
    let next = (end < count).then(|| link(Some(end)));
    let previous = (window.offset > 0).then(|| {
        let back = window.offset.saturating_sub(window.limit);
        link((back > 0).then_some(back))
    });
    json_reply(
        StatusCode::OK,
        &Page {
            count,
            next,
            previous,
            results,
        },
    )
}

/// Ids are opaque text (openapi.yaml: `^[0-9A-Za-z-]{1,64}$`); anything else names nothing.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// A request's JSON object. The content type is not asked for: the documents' examples send JSON without one.
pub(crate) fn object(body: &[u8]) -> Result<serde_json::Map<String, Value>, ApiError> {
    if body.is_empty() {
        return Ok(serde_json::Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(ApiError::Malformed(
            "Invalid data. Expected a dictionary.".to_owned(),
        )),
        Err(error) => Err(ApiError::Malformed(format!(
            "JSON parse error - line {}",
            error.line()
        ))),
    }
}
