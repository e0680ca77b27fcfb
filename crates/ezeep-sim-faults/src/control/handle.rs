//! The handle: requests, faults, hooks, settings, the clock, sign-ins and tokens.

use std::collections::HashMap;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use ezeep_sim::internals::{
    Consent, ConsentError, FamilyId, Principal, State, answer_pairing, consent, issue,
};
use ezeep_sim::known::CLIENT_ID;
use ezeep_sim::{ClientConfig, Quirks};
use url::Url;

use super::error::ControlError;
use crate::fault::{Fault, Match, RequestInfo};
use crate::gate::{Gate, Pause, When};

/// A fault that can be removed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultId(pub(crate) u64);

/// A hook that can be removed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HookId(u64);

/// One grant, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FamilyView {
    /// Counts from 1 in the order of sign-ins.
    pub number: u64,
    /// The client it was given to.
    pub client_id: String,
    /// Email address of the person; `None` for a client that acts for itself.
    pub email: Option<String>,
    /// The organization it speaks for now.
    pub organization_id: String,
    /// Refreshes and switches so far.
    pub rotations: u32,
}

/// Tokens made without a sign-in.
#[derive(Clone)]
pub struct IssuedTokens {
    /// The access token.
    pub access_token: String,
    /// The refresh token.
    pub refresh_token: String,
}

impl std::fmt::Debug for IssuedTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IssuedTokens")
    }
}

/// Inspects a running cloud and changes it. Cheap to clone; may outlive the cloud.
#[derive(Debug, Clone)]
pub struct Control {
    pub(crate) state: State,
    gate: Arc<Gate>,
}

/// Requests, faults and hooks.
impl Control {
    pub(crate) fn new(state: State, gate: Arc<Gate>) -> Self {
        Self { state, gate }
    }

    /// Arms a fault. Of several that match a request the one armed first fires. If no request matches one,
    /// dropping the [`Sim`](crate::Sim) panics, unless [`Match::may_not_fire`] gives a reason.
    #[track_caller]
    pub fn add_fault(&self, fault: Fault) -> FaultId {
        FaultId(self.gate.add_fault(fault, Location::caller()))
    }

    /// Removes a fault. Returns whether it was still armed.
    pub fn remove_fault(&self, id: FaultId) -> bool {
        self.gate.remove_fault(id.0)
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.gate.clear_faults();
    }

    /// Calls back in each matching request, before or after it is committed. The callback may use a
    /// `Control`; it ends before the request continues. `times` limits the calls. It must be called at least
    /// once, like a fault.
    #[track_caller]
    pub fn on_request(
        &self,
        when: When,
        matching: Match,
        times: Option<u32>,
        callback: impl Fn(&RequestInfo) + Send + Sync + 'static,
    ) -> HookId {
        HookId(
            self.gate
                .call(when, matching, times, callback, Location::caller()),
        )
    }

    /// Holds the next matching request until the pause is released. A matching request must come, as for a
    /// fault.
    #[must_use]
    #[track_caller]
    pub fn pause(&self, when: When, matching: Match) -> Pause {
        self.gate.pause(when, matching, Location::caller())
    }

    /// Removes a hook.
    pub fn remove_hook(&self, id: HookId) {
        self.gate.remove_hook(id.0);
    }

    /// Removes all hooks.
    pub fn clear_hooks(&self) {
        self.gate.clear_hooks();
    }

    /// Allows all faults, hooks and pauses to stay unmet: for a test that fails by returning an error, which
    /// the panic of a dropped [`Sim`](crate::Sim) would hide.
    pub fn waive_unmet(&self) {
        self.gate.waive_unmet();
    }

    /// The last requests, at most 20,000, oldest first. They contain no secret.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestInfo> {
        self.gate.requests()
    }

    /// Number of requests to an endpoint, by method and pattern: `("GET", "/printing/v1/users/{id}/")`.
    #[must_use]
    pub fn count(&self, method: &str, endpoint: &str) -> u64 {
        self.gate.count(method, endpoint)
    }

    /// All counters, by method and pattern.
    #[must_use]
    pub fn counts(&self) -> HashMap<(String, String), u64> {
        self.gate.counts()
    }

    /// The largest number of concurrent requests.
    #[must_use]
    pub fn peak_in_flight(&self) -> usize {
        self.gate.peak_in_flight()
    }

    /// Resets counters and log.
    pub fn forget_requests(&self) {
        self.gate.forget_requests();
    }
}

/// Settings and the clock.
impl Control {
    /// Sets the latency before each reply.
    pub fn set_latency(&self, latency: Duration) {
        self.gate.set_latency(latency);
    }

    /// Sets the largest page; at least 1.
    pub fn set_page_max(&self, page_max: u32) {
        self.state
            .change_settings(|settings| settings.page_max = page_max.max(1));
    }

    /// Sets the page size without `limit`; at least 1.
    pub fn set_page_default(&self, page_default: u32) {
        self.state
            .change_settings(|settings| settings.page_default = page_default.max(1));
    }

    /// Sets the lifetimes of tokens that are issued from now on.
    pub fn set_token_lives(&self, access: Duration, refresh: Duration) {
        self.state.change_settings(|settings| {
            settings.access_token_life = access;
            settings.refresh_token_life = refresh;
        });
    }

    /// Sets how long a just-used refresh token gets its reply again.
    pub fn set_refresh_reuse_grace(&self, grace: Duration) {
        self.state
            .change_settings(|settings| settings.refresh_reuse_grace = grace);
    }

    /// Changes the quirks.
    pub fn change_quirks(&self, change: impl FnOnce(&mut Quirks)) {
        self.state
            .change_settings(|settings| change(&mut settings.quirks));
    }

    /// Moves the cloud's clock forward; all lifetimes depend on it.
    pub fn advance_clock(&self, by: Duration) {
        self.state
            .clock
            .advance_ms(i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
    }

    /// Sets the cloud's clock this many seconds ahead of the computer's, or behind it.
    pub fn set_clock_offset(&self, seconds: i64) {
        self.state.clock.set_offset_ms(seconds.saturating_mul(1_000));
    }
}

/// Sign-ins and tokens.
impl Control {
    /// Registers or replaces a client.
    pub fn add_client(&self, client: ClientConfig) {
        self.state.add_client(client);
    }

    /// Acts as a browser and a person: opens an authorization URL and answers. Returns the URL that the
    /// browser is redirected to, after the same checks as the page.
    ///
    /// # Errors
    /// [`ConsentError`] if the page would show an error instead of redirecting (RFC 6749 section 4.1.2.1).
    pub fn consent(&self, address: &Url, answer: Consent<'_>) -> Result<String, ConsentError> {
        consent(&self.state, address, answer)
    }

    /// Enters a pairing code for the person with this address; `None` refuses. Returns whether the code was
    /// waiting.
    ///
    /// # Errors
    /// [`ControlError::NoSuchPerson`].
    pub fn answer_pairing(&self, code: &str, email: Option<&str>) -> Result<bool, ControlError> {
        let person = match email {
            None => None,
            Some(email) => Some(
                self.state
                    .world()
                    .person_by_email(email)
                    .ok_or(ControlError::NoSuchPerson)?,
            ),
        };
        Ok(answer_pairing(&self.state, code, person))
    }

    /// Tokens of the default client for a person, in an organization or in their Private one, without a
    /// sign-in.
    ///
    /// # Errors
    /// [`ControlError::NoSuchPerson`], [`ControlError::NoSuchOrganization`]; [`ControlError::NoSuchClient`]
    /// or [`ControlError::Token`], which would be a fault of the simulator.
    pub fn issue_tokens(
        &self,
        email: &str,
        organization: Option<&str>,
    ) -> Result<IssuedTokens, ControlError> {
        let client = self.state.client(CLIENT_ID).ok_or(ControlError::NoSuchClient)?;
        let (person, organization) = {
            let world = self.state.world();
            let person = world.person_by_email(email).ok_or(ControlError::NoSuchPerson)?;
            let organization = organization
                .map(|id| {
                    world
                        .organization_by_id(id)
                        .ok_or(ControlError::NoSuchOrganization)
                })
                .transpose()?;
            (person, organization)
        };
        let scope = client.scopes.clone();
        let reply =
            issue(&self.state, &client, person, organization, &scope).map_err(|_| ControlError::Token)?;
        self.gate.remember_reply(&reply);
        let text = |field: &str| {
            reply[field]
                .as_str()
                .map(str::to_owned)
                .ok_or(ControlError::Token)
        };
        Ok(IssuedTokens {
            access_token: text("access_token")?,
            refresh_token: text("refresh_token")?,
        })
    }

    /// The grants that are alive, oldest first.
    #[must_use]
    pub fn live_families(&self) -> Vec<FamilyView> {
        let tokens = self.state.tokens();
        let world = self.state.world();
        let mut families: Vec<FamilyView> = tokens
            .families()
            .filter(|(_, family)| family.alive)
            .map(|(FamilyId(number), family)| FamilyView {
                number,
                client_id: family.client.clone(),
                email: match family.principal {
                    Principal::Person(ix) => Some(world.person(ix).email.clone()),
                    Principal::Client => None,
                },
                organization_id: world.organization(family.organization).id.clone(),
                rotations: family.rotations,
            })
            .collect();
        families.sort_by_key(|family| family.number);
        families
    }

    /// Whether this refresh token would be accepted now.
    #[must_use]
    pub fn refresh_token_alive(&self, token: &str) -> bool {
        self.state
            .tokens()
            .refresh_alive(token, self.state.clock.now_ms())
    }

    /// Whether this access token would be accepted now.
    #[must_use]
    pub fn access_token_alive(&self, token: &str) -> bool {
        let now = self.state.clock.now_ms();
        self.state
            .tokens()
            .access(token)
            .is_some_and(|(record, _)| record.expires_ms > now)
    }

    /// Remembers all tokens unhashed from now on, for [`Control::tokens_given`]. Never over HTTP.
    pub fn remember_tokens(&self) {
        self.gate.remember_tokens();
    }

    /// All access and refresh tokens issued since [`Control::remember_tokens`]: a test searches for them
    /// where they must not be.
    #[must_use]
    pub fn tokens_given(&self) -> Vec<String> {
        self.gate.tokens_given()
    }

    /// Revokes all grants, as an admin of the vendor could.
    pub fn revoke_all(&self) {
        self.state.tokens().revoke_all();
    }

    /// Revokes one grant; `number` is that of its [`FamilyView`].
    pub fn revoke_family(&self, number: u64) {
        self.state.tokens().revoke_family(FamilyId(number));
    }

    /// Makes all access tokens invalid at once; refresh tokens stay valid.
    pub fn revoke_access_tokens(&self) {
        self.state.tokens().revoke_access_tokens();
    }
}
