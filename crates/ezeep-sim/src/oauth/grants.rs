//! The six grants: their parameters, their refusals, and their tokens.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::error::OAuthError;
use super::form::{Form, same_secret, scopes};
use crate::config::{AccessTokens, ClientConfig};
use crate::jwt::Claims;
use crate::known;
use crate::state::{Settings, State};
use crate::tokens::{AccessRecord, FamilyId, PairingState, Presented, Principal, Tokens, random_token};
use crate::world::{OrgIx, PersonIx, Role, World};

/// RFC 6749 section 4.1.3 with RFC 7636 section 4.6.
pub(super) fn authorization_code(
    state: &State,
    client: &ClientConfig,
    form: &Form,
) -> Result<Value, OAuthError> {
    let code = form.required("code", "code is missing.")?;
    let redirect_uri = form.required("redirect_uri", "redirect_uri is missing.")?;
    let asked = scopes(
        form.get("scope")
            .ok_or(OAuthError::InvalidRequest("scope is missing."))?,
    );
    let settings = state.settings();
    let now = state.clock.now_ms();
    let mut tokens = state.tokens();
    let record = tokens
        .code(code)
        .cloned()
        .ok_or(OAuthError::InvalidGrant("The code is unknown."))?;
    if record.client != client.id {
        return Err(OAuthError::InvalidGrant("The code was given to another client."));
    }
    if let Some(family) = record.used {
        // RFC 6749 section 4.1.2: a code that is used twice was stolen; its tokens are revoked.
        tokens.revoke_family(family);
        return Err(OAuthError::InvalidGrant(
            "The code was used before; its tokens are revoked.",
        ));
    }
    if settings
        .code_life
        .is_some_and(|life| now - record.issued_ms >= life_ms(life))
    {
        return Err(OAuthError::InvalidGrant("The code has expired."));
    }
    if record.redirect_uri != redirect_uri {
        return Err(OAuthError::InvalidGrant(
            "redirect_uri is not the one of the authorization request.",
        ));
    }
    check_verifier(record.challenge.as_deref(), form.get("code_verifier"))?;
    let scope = narrowed(asked, &record.scope)?;
    let principal = Principal::Person(record.person);
    let (family, reply) = begin(state, &mut tokens, client, principal, None, &scope)?;
    tokens.use_code(code, family);
    Ok(reply)
}

fn check_verifier(challenge: Option<&str>, verifier: Option<&str>) -> Result<(), OAuthError> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        // RFC 9700 section 4.8.2: a verifier without a challenge is a downgrade.
        (None, Some(_)) => Err(OAuthError::InvalidGrant(
            "The authorization request had no code challenge.",
        )),
        // RFC 7636 section 4.5 requires it then, and what is missing is invalid_request (RFC 6749 section
        // 5.2).
        (Some(_), None) => Err(OAuthError::InvalidRequest("code_verifier is missing.")),
        (Some(challenge), Some(verifier)) => {
            let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            if !(43..=128).contains(&verifier.len()) || !verifier.bytes().all(unreserved) {
                return Err(OAuthError::InvalidRequest("code_verifier is malformed."));
            }
            let hashed = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
            if same_secret(&hashed, challenge) {
                Ok(())
            } else {
                Err(OAuthError::InvalidGrant(
                    "code_verifier does not match the code challenge.",
                ))
            }
        }
    }
}

/// RFC 6749 section 6 with rotation and reuse detection (RFC 9700 section 4.14.2).
pub(super) fn refresh_token(state: &State, client: &ClientConfig, form: &Form) -> Result<Value, OAuthError> {
    rotate(state, client, form, None)
}

/// The vendor's own: a rotation after which the tokens speak for another organization.
pub(super) fn switch_organization(
    state: &State,
    client: &ClientConfig,
    form: &Form,
) -> Result<Value, OAuthError> {
    let id = form.required("organization_id", "organization_id is missing.")?;
    rotate(state, client, form, Some(id))
}

fn rotate(
    state: &State,
    client: &ClientConfig,
    form: &Form,
    target: Option<&str>,
) -> Result<Value, OAuthError> {
    let token = form.required("refresh_token", "refresh_token is missing.")?;
    let asked = scopes(
        form.get("scope")
            .ok_or(OAuthError::InvalidRequest("scope is missing."))?,
    );
    let settings = state.settings();
    let now = state.clock.now_ms();
    let grace = life_ms(settings.refresh_reuse_grace);
    let request = if settings.quirks.grace_for_any_request {
        String::new()
    } else {
        format!("{target:?} {}", asked.join(" "))
    };

    let mut tokens = state.tokens();
    let family = match tokens.present(token, &client.id, &request, now, grace) {
        Presented::Live(family) => family,
        Presented::Repeated(reply) => return Ok(reply),
        Presented::JustSpent => {
            return Err(OAuthError::InvalidGrant(
                "The refresh token was just used for another request.",
            ));
        }
        Presented::Reused => {
            return Err(OAuthError::InvalidGrant(
                "The refresh token was used before; its grant is revoked.",
            ));
        }
        Presented::Dead => {
            return Err(OAuthError::InvalidGrant(
                "The refresh token is unknown, expired or revoked.",
            ));
        }
    };
    let (principal, current, granted) = match tokens.family(family) {
        Some(family) => (family.principal, family.organization, family.scope.clone()),
        None => return Err(OAuthError::ServerError),
    };
    let scope = narrowed(asked, &granted)?;
    let mut world = state.world();
    let quirks = &settings.quirks;
    let organization = match (principal, target) {
        (Principal::Person(person), None) if quirks.refresh_forgets_organization => {
            world.private_organization(person)
        }
        (_, None) => current,
        (Principal::Client, Some(_)) => return Err(OAuthError::UnauthorizedClient),
        (Principal::Person(person), Some(id)) => {
            let asked = reachable(&mut world, person, id)?;
            let elsewhere = quirks.switch_lands_in.as_ref().filter(|(from, _)| from == id);
            elsewhere
                .and_then(|(_, to)| world.organization_by_id(to))
                .unwrap_or(asked)
        }
    };
    if let Principal::Person(person) = principal
        && world.role(person, organization).is_none()
    {
        tokens.revoke_family(family);
        return Err(OAuthError::InvalidGrant(
            "The person is no longer a member of this organization.",
        ));
    }

    tokens.rotated(family, organization);
    let pair = Issue {
        state,
        settings: &settings,
        world: &world,
        now,
        family,
        principal,
        organization,
    };
    let said = if target.is_none() && quirks.empty_scope_on_refresh {
        String::new()
    } else {
        scope.join(" ")
    };
    let keeps = if target.is_some() {
        quirks.switch_keeps_refresh_token
    } else {
        quirks.refresh_keeps_refresh_token
    };
    if keeps {
        tokens.prolong(token, now, life_ms(settings.refresh_token_life));
        let mut reply = pair.access_only(&mut tokens, &scope, &said)?;
        if target.is_some() {
            reply["refresh_token"] = Value::from(token);
        }
        return Ok(reply);
    }
    let reply = pair.with_refresh(&mut tokens, &scope, &said)?;
    tokens.spend(token, &request, now, reply.clone());
    Ok(reply)
}

fn reachable(world: &mut World, person: PersonIx, id: &str) -> Result<OrgIx, OAuthError> {
    let all = world.organizations_of(person);
    all.into_iter()
        .find(|ix| world.organization(*ix).id == id)
        .ok_or(OAuthError::InvalidRequest(
            "organization_id names no organization of this person.",
        ))
}

/// The vendor's device flow; its errors are those of RFC 8628 section 3.5.
pub(super) fn pairing_code(state: &State, client: &ClientConfig, form: &Form) -> Result<Value, OAuthError> {
    let code = form.required("pairing_code", "pairing_code is missing.")?;
    let now = state.clock.now_ms();
    let mut tokens = state.tokens();
    let pairing = tokens
        .pairing_mut(code)
        .filter(|pairing| pairing.client == client.id)
        .ok_or(OAuthError::InvalidGrant("The pairing code is unknown."))?;
    if pairing.expires_ms <= now {
        return Err(OAuthError::ExpiredToken);
    }
    let too_soon = pairing
        .last_poll_ms
        .is_some_and(|last| now - last < pairing.interval_ms);
    pairing.last_poll_ms = Some(now);
    let person = match pairing.state {
        PairingState::Refused => {
            tokens.end_pairing(code);
            return Err(OAuthError::AccessDenied);
        }
        PairingState::Pending if too_soon => {
            pairing.interval_ms += 5_000;
            return Err(OAuthError::SlowDown);
        }
        PairingState::Pending => return Err(OAuthError::AuthorizationPending),
        PairingState::Approved(person) => person,
    };
    let scope = narrowed(
        scopes(form.get("scope").unwrap_or_default()),
        &pairing.scope.clone(),
    )?;
    tokens.end_pairing(code);
    let (_, reply) = begin(
        state,
        &mut tokens,
        client,
        Principal::Person(person),
        None,
        &scope,
    )?;
    Ok(reply)
}

/// RFC 6749 section 4.3.
pub(super) fn password(state: &State, client: &ClientConfig, form: &Form) -> Result<Value, OAuthError> {
    let username = form.required("username", "username is missing.")?;
    let password = form.get("password").unwrap_or_default();
    let scope = granted(scopes(form.get("scope").unwrap_or_default()), client)?;
    let person = {
        let world = state.world();
        world.person_by_email(username).filter(|ix| {
            let person = world.person(*ix);
            // A person who signs in elsewhere has no password here (the documents: no third-party
            // authentication).
            person.verified && !person.azure
        })
    };
    match person {
        Some(person) if same_secret(known::PASSWORD, password) => issue(state, client, person, None, &scope),
        _ => Err(OAuthError::InvalidGrant("Username or password is wrong.")),
    }
}

/// RFC 6749 section 4.4: the client acts for itself, in the main organization, without a refresh token.
pub(super) fn client_credentials(
    state: &State,
    client: &ClientConfig,
    form: &Form,
) -> Result<Value, OAuthError> {
    if client.secret.is_none() {
        return Err(OAuthError::UnauthorizedClient);
    }
    let asked = form
        .get("scope")
        .ok_or(OAuthError::InvalidRequest("scope is missing."))?;
    let scope = granted(scopes(asked), client)?;
    let organization = state.world().organization_by_id(known::organizations::MAIN);
    let organization = organization.ok_or(OAuthError::ServerError)?;
    let mut tokens = state.tokens();
    let (_, reply) = begin(
        state,
        &mut tokens,
        client,
        Principal::Client,
        Some(organization),
        &scope,
    )?;
    Ok(reply)
}

/// A person's first tokens, in an organization or in their Private one.
///
/// # Errors
/// [`OAuthError::ServerError`] if the token can't be signed.
pub fn issue(
    state: &State,
    client: &ClientConfig,
    person: PersonIx,
    organization: Option<OrgIx>,
    scope: &[String],
) -> Result<Value, OAuthError> {
    let principal = Principal::Person(person);
    let (_, reply) = begin(state, &mut state.tokens(), client, principal, organization, scope)?;
    Ok(reply)
}

/// A new grant with its first tokens. Without an organization they speak for the person's Private one (the
/// documents, "Switch Organizations"). Only people get a refresh token.
fn begin(
    state: &State,
    tokens: &mut Tokens,
    client: &ClientConfig,
    principal: Principal,
    organization: Option<OrgIx>,
    scope: &[String],
) -> Result<(FamilyId, Value), OAuthError> {
    let mut world = state.world();
    let organization = match (organization, principal) {
        (Some(organization), _) => organization,
        (None, Principal::Person(person)) => world.private_organization(person),
        (None, Principal::Client) => return Err(OAuthError::ServerError),
    };
    let settings = state.settings();
    if settings.quirks.second_grant_ends_first {
        tokens.revoke_grants_of(&client.id, principal);
    }
    let family = tokens.new_family(&client.id, principal, organization, scope.to_vec());
    let now = state.clock.now_ms();
    let pair = Issue {
        state,
        settings: &settings,
        world: &world,
        now,
        family,
        principal,
        organization,
    };
    let said = scope.join(" ");
    let reply = match principal {
        Principal::Person(_) => pair.with_refresh(tokens, scope, &said)?,
        Principal::Client => pair.access_only(tokens, scope, &said)?,
    };
    Ok((family, reply))
}

/// The input of a new pair of tokens.
struct Issue<'a> {
    state: &'a State,
    settings: &'a Settings,
    world: &'a World,
    now: i64,
    family: FamilyId,
    principal: Principal,
    organization: OrgIx,
}

impl Issue<'_> {
    fn with_refresh(&self, tokens: &mut Tokens, scope: &[String], said: &str) -> Result<Value, OAuthError> {
        let mut reply = self.access_only(tokens, scope, said)?;
        let life = life_ms(self.settings.refresh_token_life);
        reply["refresh_token"] = Value::from(tokens.issue_refresh(self.family, self.now, life));
        Ok(reply)
    }

    fn access_only(&self, tokens: &mut Tokens, scope: &[String], said: &str) -> Result<Value, OAuthError> {
        let life = life_ms(self.settings.access_token_life);
        let expires_ms = self.now.saturating_add(life);
        let organization = self.world.organization(self.organization);
        let (sub, role, pty) = match self.principal {
            Principal::Person(person) => {
                let role = self.world.role(person, self.organization).unwrap_or(Role::User);
                (self.world.person(person).id.clone(), role, "user")
            }
            Principal::Client => {
                let client = tokens.family(self.family).map(|family| family.client.clone());
                (client.unwrap_or_default(), Role::Admin, "client")
            }
        };
        let quirks = &self.settings.quirks;
        let id = quirks.org_claim.as_ref().unwrap_or(&organization.id);
        let named_by = |kind| (quirks.access_tokens == kind).then(|| id.clone());
        let claims = Claims {
            iss: self.state.account_origin.clone(),
            exp: expires_ms.div_euclid(1_000),
            iat: self.now.div_euclid(1_000),
            scopes: scope.to_vec(),
            sub,
            org: named_by(AccessTokens::Jwt),
            organization: named_by(AccessTokens::JwtOtherClaim),
            rol: vec![role.as_str().to_owned()],
            pty: pty.to_owned(),
            jti: random_token(12),
        };
        let token = match quirks.access_tokens {
            AccessTokens::Opaque => random_token(32),
            AccessTokens::Jwt | AccessTokens::JwtWithoutOrganization | AccessTokens::JwtOtherClaim => {
                let signed = self.state.keys.sign(&claims);
                signed.map_err(|_| OAuthError::ServerError)?
            }
        };
        tokens.remember_access(
            &token,
            AccessRecord {
                family: self.family,
                organization: self.organization,
                scope: scope.to_vec(),
                expires_ms,
            },
            self.now,
        );
        Ok(json!({
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": life / 1_000,
            "scope": said,
        }))
    }
}

/// The requested scopes within the granted ones; an empty request means all of these.
fn narrowed(asked: Vec<String>, granted: &[String]) -> Result<Vec<String>, OAuthError> {
    if asked.is_empty() {
        return Ok(granted.to_vec());
    }
    if asked.iter().all(|scope| granted.contains(scope)) {
        Ok(asked)
    } else {
        Err(OAuthError::InvalidScope)
    }
}

/// The requested scopes within those the client may have; an empty request means `printing`.
pub(super) fn granted(asked: Vec<String>, client: &ClientConfig) -> Result<Vec<String>, OAuthError> {
    if asked.is_empty() {
        return Ok(vec!["printing".to_owned()]);
    }
    narrowed(asked, &client.scopes)
}

fn life_ms(life: std::time::Duration) -> i64 {
    i64::try_from(life.as_millis()).unwrap_or(i64::MAX)
}
