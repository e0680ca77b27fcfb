//! The handle that tests, the demo and the program hold: it looks into a running cloud and changes it as a second admin, a failing
//! network or a clock would. It goes through the same world and the same tokens as the servers do.

use std::collections::HashMap;
use std::time::Duration;

use url::Url;

use crate::config::{ClientConfig, Quirks};
use crate::fault::{Fault, Match, RequestInfo};
use crate::gate::{Pause, When};
use crate::known::CLIENT_ID;
use crate::oauth::{self, Consent, ConsentError};
use crate::state::State;
use crate::tokens::FamilyId;
use crate::world::{GroupIx, Member, NewGroup, OrgIx, Origin, Person, PersonIx, Role, WorldError};

/// Why the handle could not do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// No organization has this id.
    #[error("no organization has this id")]
    NoSuchOrganization,
    /// Nobody in the organization has this id or address.
    #[error("nobody in the organization has this id or address")]
    NoSuchPerson,
    /// No group of the organization has this id.
    #[error("no group of the organization has this id")]
    NoSuchGroup,
    /// Somebody else has this email address.
    #[error("somebody has this email address already")]
    EmailTaken,
    /// Another group has this name.
    #[error("a group of this name exists already")]
    NameTaken,
    /// No client has this id.
    #[error("no client has this id")]
    NoSuchClient,
    /// Tokens could not be made.
    #[error("tokens could not be made")]
    Token,
}

impl From<WorldError> for ControlError {
    fn from(error: WorldError) -> Self {
        match error {
            WorldError::NameTaken => Self::NameTaken,
            WorldError::EmailTaken => Self::EmailTaken,
            WorldError::NoSuchPerson => Self::NoSuchPerson,
            WorldError::NoSuchGroup => Self::NoSuchGroup,
        }
    }
}

/// A fault that can be taken away again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultId(pub(crate) u64);

/// A hook that can be taken away again.
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

/// A group as the cloud holds it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it is synced from Azure.
    pub azure: bool,
    /// Ids of the people in it, in their order.
    pub members: Vec<String>,
}

/// A person as the cloud holds them now, in one organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonView {
    /// The id on both servers.
    pub id: String,
    /// Email address.
    pub email: String,
    /// First and last name.
    pub name: String,
    /// Whether they are an admin.
    pub admin: bool,
    /// Whether the account server lists them.
    pub on_account_server: bool,
    /// Whether the printing server lists them.
    pub on_printing_server: bool,
    /// Whether their invitation is still open.
    pub pending: bool,
    /// Ids of their groups, in the order of the list.
    pub groups: Vec<String>,
}

/// Looks into a running cloud and changes it. Cheap to clone; outlives the cloud without harm.
#[derive(Debug, Clone)]
pub struct Control {
    pub(crate) state: State,
}

/// Requests, faults and hooks.
impl Control {
    pub(crate) fn new(state: State) -> Self {
        Self { state }
    }

    /// Arms a fault. Of several that fit a request the one armed first hits.
    pub fn add_fault(&self, fault: Fault) -> FaultId {
        FaultId(self.state.gate.add_fault(fault))
    }

    /// Takes a fault away; gives whether it was still armed.
    pub fn remove_fault(&self, id: FaultId) -> bool {
        self.state.gate.remove_fault(id.0)
    }

    /// Takes all faults away.
    pub fn clear_faults(&self) {
        self.state.gate.clear_faults();
    }

    /// Calls back inside every matching request, before or after it is committed. The callback may use a `Control`; what it does is
    /// done before the request goes on. `times` limits how often.
    pub fn on_request(
        &self,
        when: When,
        matching: Match,
        times: Option<u32>,
        callback: impl Fn(&RequestInfo) + Send + Sync + 'static,
    ) -> HookId {
        HookId(self.state.gate.call(when, matching, times, callback))
    }

    /// Holds the next matching request until the pause is released.
    #[must_use]
    pub fn pause(&self, when: When, matching: Match) -> Pause {
        self.state.gate.pause(when, matching)
    }

    /// Takes a hook away.
    pub fn remove_hook(&self, id: HookId) {
        self.state.gate.remove_hook(id.0);
    }

    /// Takes all hooks away.
    pub fn clear_hooks(&self) {
        self.state.gate.clear_hooks();
    }

    /// The last requests, at most 20,000, oldest first. Nothing secret is in them.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestInfo> {
        self.state.gate.requests()
    }

    /// How often an endpoint was asked, by method and pattern: `("GET", "/printing/v1/users/{id}/")`.
    #[must_use]
    pub fn count(&self, method: &str, endpoint: &str) -> u64 {
        self.state.gate.count(method, endpoint)
    }

    /// All counters, by method and pattern.
    #[must_use]
    pub fn counts(&self) -> HashMap<(String, String), u64> {
        self.state.gate.counts()
    }

    /// The largest number of requests that were under way at once.
    #[must_use]
    pub fn peak_in_flight(&self) -> usize {
        self.state.gate.peak_in_flight()
    }

    /// Starts counters and log anew.
    pub fn forget_requests(&self) {
        self.state.gate.forget_requests();
    }
}

/// Settings and the clock.
impl Control {
    /// Waited before every reply from now on.
    pub fn set_latency(&self, latency: Duration) {
        self.state.change_settings(|settings| settings.latency = latency);
    }

    /// The largest page from now on; at least 1.
    pub fn set_page_max(&self, page_max: u32) {
        self.state
            .change_settings(|settings| settings.page_max = page_max.max(1));
    }

    /// The page where `limit` is left out, from now on; at least 1.
    pub fn set_page_default(&self, page_default: u32) {
        self.state
            .change_settings(|settings| settings.page_default = page_default.max(1));
    }

    /// Lives of tokens that are issued from now on.
    pub fn set_token_lives(&self, access: Duration, refresh: Duration) {
        self.state.change_settings(|settings| {
            settings.access_token_life = access;
            settings.refresh_token_life = refresh;
        });
    }

    /// How long a just-spent refresh token gets its reply again.
    pub fn set_refresh_reuse_grace(&self, grace: Duration) {
        self.state
            .change_settings(|settings| settings.refresh_reuse_grace = grace);
    }

    /// Changes the quirks.
    pub fn change_quirks(&self, change: impl FnOnce(&mut Quirks)) {
        self.state
            .change_settings(|settings| change(&mut settings.quirks));
    }

    /// Moves the cloud's clock forward; all lives are measured by it.
    pub fn advance_clock(&self, by: Duration) {
        self.state
            .clock
            .advance_ms(i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
    }

    /// Sets the cloud's clock this many seconds ahead of the machine's, or behind it.
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

    /// What a browser and a person do together: opens an authorization address and answers; gives the address that the browser is
    /// sent to, by the same checks as the page. Fails where the page would show an error instead of redirecting.
    pub fn consent(&self, address: &Url, answer: Consent<'_>) -> Result<String, ConsentError> {
        oauth::consent(&self.state, address, answer)
    }

    /// Enters a pairing code for the person with this address; `None` refuses. Gives whether the code was waiting.
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
        Ok(oauth::answer_pairing(&self.state, code, person))
    }

    /// Tokens of the default client for a person, in an organization or in their Private one, without a sign-in.
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
        let reply = oauth::issue(&self.state, &client, person, organization, scope)
            .map_err(|_| ControlError::Token)?;
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
                    crate::tokens::Principal::Person(ix) => Some(world.person(ix).email.clone()),
                    crate::tokens::Principal::Client => None,
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

    /// Revokes every grant, as an admin of the vendor could.
    pub fn revoke_all(&self) {
        self.state.tokens().revoke_all();
    }

    /// Makes every access token invalid at once; refresh tokens stay good.
    pub fn revoke_access_tokens(&self) {
        self.state.tokens().revoke_access_tokens();
    }
}

/// The directory, as a second admin sees and changes it. Organizations, people and groups are named by id.
impl Control {
    fn organization(&self, id: &str) -> Result<OrgIx, ControlError> {
        self.state
            .world()
            .organization_by_id(id)
            .ok_or(ControlError::NoSuchOrganization)
    }

    /// A person's groups, in the order of their list.
    pub fn memberships(&self, organization: &str, person: &str) -> Result<Vec<String>, ControlError> {
        Ok(self.person(organization, person)?.groups)
    }

    /// A person, by id or email address.
    pub fn person(&self, organization: &str, person: &str) -> Result<PersonView, ControlError> {
        let organization = self.organization(organization)?;
        let world = self.state.world();
        let ix = find(&world, person)?;
        view(&world, organization, ix).ok_or(ControlError::NoSuchPerson)
    }

    /// Everybody in an organization, known to either server, in the order of ids.
    pub fn people(&self, organization: &str) -> Result<Vec<PersonView>, ControlError> {
        let organization = self.organization(organization)?;
        let world = self.state.world();
        let entry = world.organization(organization);
        let mut all: Vec<PersonIx> = entry
            .accounts()
            .iter()
            .chain(entry.print_users())
            .copied()
            .collect();
        all.sort_by(|a, b| world.person(*a).id.cmp(&world.person(*b).id));
        all.dedup();
        Ok(all
            .into_iter()
            .filter_map(|ix| view(&world, organization, ix))
            .collect())
    }

    /// All groups, in the order they are listed.
    pub fn groups(&self, organization: &str) -> Result<Vec<GroupView>, ControlError> {
        let organization = self.organization(organization)?;
        let world = self.state.world();
        let entry = world.organization(organization);
        let groups = entry.group_order().iter().filter_map(|ix| entry.group(*ix));
        Ok(groups
            .map(|group| GroupView {
                id: group.id.clone(),
                name: group.name.clone(),
                azure: group.is_azure(),
                members: group
                    .members
                    .iter()
                    .map(|person| world.person(*person).id.clone())
                    .collect(),
            })
            .collect())
    }

    /// One group.
    pub fn group(&self, organization: &str, group: &str) -> Result<GroupView, ControlError> {
        let all = self.groups(organization)?;
        all.into_iter()
            .find(|other| other.id == group)
            .ok_or(ControlError::NoSuchGroup)
    }

    /// Replaces a person's groups.
    pub fn set_groups(&self, organization: &str, person: &str, groups: &[&str]) -> Result<(), ControlError> {
        self.edit_groups(organization, person, |_, wanted| Ok(wanted), groups)
    }

    /// Puts a person into one more group; nothing where they are in it.
    pub fn add_to_group(&self, organization: &str, person: &str, group: &str) -> Result<(), ControlError> {
        let add = |before: &[GroupIx], wanted: Vec<GroupIx>| Ok([before, &wanted].concat());
        self.edit_groups(organization, person, add, &[group])
    }

    /// Takes a person out of a group; nothing where they are not in it.
    pub fn remove_from_group(
        &self,
        organization: &str,
        person: &str,
        group: &str,
    ) -> Result<(), ControlError> {
        let remove = |before: &[GroupIx], unwanted: Vec<GroupIx>| {
            Ok(before
                .iter()
                .copied()
                .filter(|ix| !unwanted.contains(ix))
                .collect())
        };
        self.edit_groups(organization, person, remove, &[group])
    }

    fn edit_groups(
        &self,
        organization: &str,
        person: &str,
        edit: impl FnOnce(&[GroupIx], Vec<GroupIx>) -> Result<Vec<GroupIx>, ControlError>,
        groups: &[&str],
    ) -> Result<(), ControlError> {
        let organization = self.organization(organization)?;
        let mut world = self.state.world();
        let person = find(&world, person)?;
        let entry = world.organization(organization);
        let member = entry.member(person).filter(|member| member.on_printing_server);
        let before = &member.ok_or(ControlError::NoSuchPerson)?.groups;
        let named = groups
            .iter()
            .map(|id| entry.group_ix(id).ok_or(ControlError::NoSuchGroup));
        let after = edit(before, named.collect::<Result<_, _>>()?)?;
        Ok(world.set_groups(organization, person, after)?)
    }

    /// Makes a group and gives its id.
    pub fn create_group(&self, organization: &str, name: &str, azure: bool) -> Result<String, ControlError> {
        let organization = self.organization(organization)?;
        let mut world = self.state.world();
        let id = world.fresh_id("group");
        let entry = world.organization_mut(organization);
        if entry.name_taken(name) {
            return Err(ControlError::NameTaken);
        }
        let origin = if azure {
            Origin::Azure {
                foreign_id: crate::world::derived_id("azure", &id),
            }
        } else {
            Origin::Ezeep { lowercase: false }
        };
        entry.add_group(NewGroup {
            id: id.clone(),
            name: name.to_owned(),
            description: String::new(),
            local_printing: false,
            my_printers: false,
            origin,
        });
        Ok(id)
    }

    /// Renames a group.
    pub fn rename_group(&self, organization: &str, group: &str, name: &str) -> Result<(), ControlError> {
        let organization = self.organization(organization)?;
        let mut world = self.state.world();
        let entry = world.organization_mut(organization);
        let ix = entry.group_ix(group).ok_or(ControlError::NoSuchGroup)?;
        Ok(entry.rename_group(ix, name.to_owned())?)
    }

    /// Deletes a group, with all memberships in it.
    pub fn delete_group(&self, organization: &str, group: &str) -> Result<(), ControlError> {
        let organization = self.organization(organization)?;
        let mut world = self.state.world();
        let entry = world.organization_mut(organization);
        let ix = entry.group_ix(group).ok_or(ControlError::NoSuchGroup)?;
        Ok(entry.delete_group(ix)?)
    }

    /// Adds an ordinary user who is known to both servers, and gives their id.
    pub fn add_person(
        &self,
        organization: &str,
        first_name: &str,
        last_name: &str,
        email: &str,
    ) -> Result<String, ControlError> {
        let organization = self.organization(organization)?;
        let mut world = self.state.world();
        if world.person_by_email(email).is_some() {
            return Err(ControlError::EmailTaken);
        }
        let id = world.fresh_id("person");
        let joined = self.state.clock.now();
        let ix = world.add_person(Person {
            id: id.clone(),
            email: email.to_owned(),
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            joined,
            azure: false,
            verified: true,
            organizations: Vec::new(),
        });
        world.join(ix, organization, Member::new(Role::User));
        Ok(id)
    }

    /// Removes a person from an organization.
    pub fn remove_person(&self, organization: &str, person: &str) -> Result<(), ControlError> {
        let organization = self.organization(organization)?;
        let mut world = self.state.world();
        let person = find(&world, person)?;
        Ok(world.leave(person, organization)?)
    }

    /// Makes a person an admin of an organization, or an ordinary user.
    pub fn set_admin(&self, organization: &str, person: &str, admin: bool) -> Result<(), ControlError> {
        let organization = self.organization(organization)?;
        let mut world = self.state.world();
        let person = find(&world, person)?;
        let member = world
            .organization_mut(organization)
            .member_mut(person)
            .ok_or(ControlError::NoSuchPerson)?;
        member.role = if admin { Role::Admin } else { Role::User };
        Ok(())
    }
}

fn find(world: &crate::world::World, person: &str) -> Result<PersonIx, ControlError> {
    world
        .person_by_id(person)
        .or_else(|| world.person_by_email(person))
        .ok_or(ControlError::NoSuchPerson)
}

fn view(world: &crate::world::World, organization: OrgIx, ix: PersonIx) -> Option<PersonView> {
    let entry = world.organization(organization);
    let member = entry.member(ix)?;
    let person = world.person(ix);
    Some(PersonView {
        id: person.id.clone(),
        email: person.email.clone(),
        name: person.display_name(),
        admin: member.role == Role::Admin,
        on_account_server: member.on_account_server,
        on_printing_server: member.on_printing_server,
        pending: member.invitation.is_some(),
        groups: member
            .groups
            .iter()
            .filter_map(|ix| entry.group(*ix))
            .map(|group| group.id.clone())
            .collect(),
    })
}
