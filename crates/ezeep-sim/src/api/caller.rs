//! Who is calling: the token of a request, checked, and what it may do.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use super::error::{ApiError, NOT_ADMIN};
use crate::state::State;
use crate::tokens::Principal;
use crate::world::{OrgIx, PersonIx, Role};

/// The caller and the organization.
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
