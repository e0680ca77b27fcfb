//! The strict parsing of a token request: form encoded, no parameter twice, one form of client
//! authentication.

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::error::OAuthError;
use crate::config::{ClientAuth, ClientConfig};
use crate::state::State;

/// All known parameters, the pages' own at the end. Others are ignored (RFC 6749 section 3.1).
const KNOWN: [&str; 26] = [
    "grant_type",
    "client_id",
    "client_secret",
    "code",
    "redirect_uri",
    "scope",
    "code_verifier",
    "refresh_token",
    "organization_id",
    "pairing_code",
    "username",
    "password",
    "mode",
    "hardware_id",
    "token",
    "token_type_hint",
    "response_type",
    "state",
    "code_challenge",
    "code_challenge_method",
    "social",
    "prompt",
    "person",
    "decision",
    "ticket",
    "q",
];

/// The parameters of a request.
#[derive(Debug, Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a body. Fails on another content type and on a repeated parameter (RFC 6749 section 3.2).
    pub fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Self, OAuthError> {
        let content_type = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("");
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(OAuthError::InvalidRequest(
                "The body must be application/x-www-form-urlencoded.",
            ));
        }
        Self::parse_pairs(body)
    }

    /// Reads a query or a body whose type is known.
    pub fn parse_pairs(bytes: &[u8]) -> Result<Self, OAuthError> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (key, value) in url::form_urlencoded::parse(bytes) {
            if !KNOWN.contains(&key.as_ref()) {
                continue;
            }
            if pairs.iter().any(|(other, _)| *other == key) {
                return Err(OAuthError::InvalidRequest("A parameter is there twice."));
            }
            pairs.push((key.into_owned(), value.into_owned()));
        }
        Ok(Self(pairs))
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// A parameter that must be there and not be empty.
    pub fn required(&self, name: &str, why: &'static str) -> Result<&str, OAuthError> {
        self.get(name)
            .filter(|value| !value.is_empty())
            .ok_or(OAuthError::InvalidRequest(why))
    }

    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

/// Authenticates the client (RFC 6749 section 2.3).
pub(super) fn authenticate(
    state: &State,
    headers: &HeaderMap,
    form: &Form,
) -> Result<ClientConfig, OAuthError> {
    let (id, secret, way) = match (basic(headers)?, form.get("client_id")) {
        (Some((id, secret)), in_body) => {
            if in_body.is_some_and(|other| other != id) || form.get("client_secret").is_some() {
                return Err(OAuthError::InvalidRequest("The client is named in two ways."));
            }
            (id, secret, ClientAuth::Basic)
        }
        (None, Some(id)) => (
            id.to_owned(),
            form.get("client_secret").unwrap_or_default().to_owned(),
            ClientAuth::Body,
        ),
        (None, None) => return Err(OAuthError::InvalidClient),
    };
    let taken = state.settings().quirks.client_auth;
    if taken != ClientAuth::Either && taken != way {
        return Err(OAuthError::InvalidClient);
    }
    let client = state.client(&id).ok_or(OAuthError::InvalidClient)?;
    // A public client's password is empty (openapi.yaml, securitySchemes.client).
    if same_secret(client.secret.as_deref().unwrap_or_default(), &secret) {
        Ok(client)
    } else {
        Err(OAuthError::InvalidClient)
    }
}

fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, OAuthError> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let decoded = value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, encoded)| STANDARD.decode(encoded.trim()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or(OAuthError::InvalidClient)?;
    // Without the colon it is not Basic (RFC 7617): the documents' "base64 of the Client ID" means the id, a
    // colon, and nothing.
    let (id, secret) = decoded.split_once(':').ok_or(OAuthError::InvalidClient)?;
    Ok(Some((percent_decoded(id), percent_decoded(secret))))
}

/// RFC 6749 section 2.3.1: both parts are form encoded before they are joined.
fn percent_decoded(text: &str) -> String {
    let pair = format!("v={}", text.replace('&', "%26"));
    url::form_urlencoded::parse(pair.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// The scopes in a space-separated list.
pub(super) fn scopes(text: &str) -> Vec<String> {
    let mut scopes: Vec<String> = Vec::new();
    for scope in text.split_ascii_whitespace() {
        if !scopes.iter().any(|other| other == scope) {
            scopes.push(scope.to_owned());
        }
    }
    scopes
}

/// Whether two secrets are equal, in constant time.
pub(super) fn same_secret(a: &str, b: &str) -> bool {
    use subtle::ConstantTimeEq;
    a.as_bytes().ct_eq(b.as_bytes()).into()
}
