//! Codes, refresh-token families, access tokens, pairings and tickets: what was granted, used and revoked. It
//! knows no HTTP. Tokens are found by their hash, so nothing here can print one.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::Rng;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::world::{OrgIx, PersonIx};

type Hash = [u8; 32];

/// Above this many records of a kind the expired ones are removed, so that a cloud that runs for days stays
/// small.
const SWEEP_AT: usize = 10_000;

/// The owner of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal {
    Person(PersonIx),
    /// A client that acts for itself (client credentials).
    Client,
}

/// One grant, and all its tokens.
#[derive(Debug, Clone)]
pub struct Family {
    pub client: String,
    pub principal: Principal,
    pub organization: OrgIx,
    pub scope: Vec<String>,
    pub alive: bool,
    pub rotations: u32,
    current: Option<Hash>,
    /// The token used last, with its reply, which is repeated within the grace.
    last_spent: Option<Spent>,
}

#[derive(Debug, Clone)]
struct Spent {
    hash: Hash,
    at_ms: i64,
    request: Hash,
    reply: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FamilyId(pub u64);

#[derive(Debug)]
struct RefreshRecord {
    family: FamilyId,
    expires_ms: i64,
    spent: bool,
}

/// The grant of an access token.
#[derive(Debug, Clone)]
pub struct AccessRecord {
    pub family: FamilyId,
    pub organization: OrgIx,
    pub scope: Vec<String>,
    pub expires_ms: i64,
}

/// The grant of an authorization code.
#[derive(Debug, Clone)]
pub struct CodeRecord {
    pub client: String,
    pub redirect_uri: String,
    pub challenge: Option<String>,
    pub person: PersonIx,
    pub scope: Vec<String>,
    pub issued_ms: i64,
    /// The family it was exchanged for.
    pub used: Option<FamilyId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairingState {
    Pending,
    Approved(PersonIx),
    Refused,
}

#[derive(Debug, Clone)]
pub struct PairingRecord {
    pub client: String,
    pub scope: Vec<String>,
    pub expires_ms: i64,
    pub interval_ms: i64,
    pub last_poll_ms: Option<i64>,
    pub state: PairingState,
}

/// The state of a refresh token.
#[derive(Debug)]
pub enum Presented {
    /// Valid: the family it belongs to.
    Live(FamilyId),
    /// Just used, by the same request, within the grace: its reply.
    Repeated(Value),
    /// Just used by another request, within the grace: refused, and the family stays valid.
    JustSpent,
    /// Used before: the family is revoked now (RFC 9700 section 4.14.2).
    Reused,
    /// Unknown, expired or revoked.
    Dead,
}

#[derive(Debug, Default)]
pub struct Tokens {
    families: HashMap<FamilyId, Family>,
    refresh: HashMap<Hash, RefreshRecord>,
    access: HashMap<Hash, AccessRecord>,
    codes: HashMap<Hash, CodeRecord>,
    pairings: HashMap<String, PairingRecord>,
    tickets: HashMap<Hash, (PersonIx, i64)>,
    last_family: u64,
}

impl Tokens {
    pub fn new_family(
        &mut self,
        client: &str,
        principal: Principal,
        organization: OrgIx,
        scope: Vec<String>,
    ) -> FamilyId {
        self.last_family += 1;
        let id = FamilyId(self.last_family);
        self.families.insert(
            id,
            Family {
                client: client.to_owned(),
                principal,
                organization,
                scope,
                alive: true,
                rotations: 0,
                current: None,
                last_spent: None,
            },
        );
        id
    }

    pub fn family(&self, id: FamilyId) -> Option<&Family> {
        self.families.get(&id)
    }

    pub fn families(&self) -> impl Iterator<Item = (FamilyId, &Family)> {
        self.families.iter().map(|(id, family)| (*id, family))
    }

    /// Makes a new refresh token, which becomes the family's current one.
    pub fn issue_refresh(&mut self, family: FamilyId, now_ms: i64, life_ms: i64) -> String {
        if self.refresh.len() > SWEEP_AT {
            self.refresh.retain(|_, record| record.expires_ms > now_ms);
        }
        let token = random_token(32);
        let key = hash(&token);
        self.refresh.insert(
            key,
            RefreshRecord {
                family,
                expires_ms: now_ms.saturating_add(life_ms),
                spent: false,
            },
        );
        if let Some(family) = self.families.get_mut(&family) {
            family.current = Some(key);
        }
        token
    }

    /// Renews the lifetime of the family's current token, for a reply that keeps it.
    pub fn prolong(&mut self, token: &str, now_ms: i64, life_ms: i64) {
        if let Some(record) = self.refresh.get_mut(&hash(token)) {
            record.expires_ms = now_ms.saturating_add(life_ms);
        }
    }

    /// Checks a refresh token and, if it was used before, revokes its family. `request` is the rest of the
    /// request.
    pub fn present(
        &mut self,
        token: &str,
        client: &str,
        request: &str,
        now_ms: i64,
        grace_ms: i64,
    ) -> Presented {
        let key = hash(token);
        let Some(record) = self.refresh.get(&key) else {
            return Presented::Dead;
        };
        let (id, spent, expired) = (record.family, record.spent, record.expires_ms <= now_ms);
        let Some(family) = self
            .families
            .get(&id)
            .filter(|family| family.alive && family.client == client)
        else {
            return Presented::Dead;
        };
        if spent {
            if let Some(last) = family.last_spent.as_ref().filter(|last| last.hash == key)
                && now_ms - last.at_ms < grace_ms
            {
                if last.request == hash(request) {
                    return Presented::Repeated(last.reply.clone());
                }
                return Presented::JustSpent;
            }
            self.revoke_family(id);
            return Presented::Reused;
        }
        if expired {
            Presented::Dead
        } else {
            Presented::Live(id)
        }
    }

    /// Marks a token as used, with the reply for a repetition within the grace.
    pub fn spend(&mut self, token: &str, request: &str, now_ms: i64, reply: Value) {
        let key = hash(token);
        let Some(record) = self.refresh.get_mut(&key) else {
            return;
        };
        record.spent = true;
        if let Some(family) = self.families.get_mut(&record.family) {
            family.last_spent = Some(Spent {
                hash: key,
                at_ms: now_ms,
                request: hash(request),
                reply,
            });
        }
    }

    pub fn rotated(&mut self, id: FamilyId, organization: OrgIx) {
        if let Some(family) = self.families.get_mut(&id) {
            family.organization = organization;
            family.rotations += 1;
        }
    }

    pub fn remember_access(&mut self, token: &str, record: AccessRecord, now_ms: i64) {
        if self.access.len() > SWEEP_AT {
            self.access.retain(|_, record| record.expires_ms > now_ms);
        }
        self.access.insert(hash(token), record);
    }

    /// The record of an access token with a valid family. The caller checks the expiry.
    pub fn access(&self, token: &str) -> Option<(&AccessRecord, &Family)> {
        let record = self.access.get(&hash(token))?;
        let family = self.families.get(&record.family).filter(|family| family.alive)?;
        Some((record, family))
    }

    /// Whether this refresh token would be accepted now.
    pub fn refresh_alive(&self, token: &str, now_ms: i64) -> bool {
        self.refresh.get(&hash(token)).is_some_and(|record| {
            !record.spent
                && record.expires_ms > now_ms
                && self
                    .families
                    .get(&record.family)
                    .is_some_and(|family| family.alive)
        })
    }

    pub fn revoke_family(&mut self, id: FamilyId) {
        if let Some(family) = self.families.get_mut(&id) {
            family.alive = false;
        }
    }

    /// Revokes every grant of a user for a client.
    pub fn revoke_grants_of(&mut self, client: &str, principal: Principal) {
        self.families
            .values_mut()
            .filter(|family| family.client == client && family.principal == principal)
            .for_each(|family| family.alive = false);
    }

    pub fn revoke_all(&mut self) {
        self.families.values_mut().for_each(|family| family.alive = false);
    }

    /// Forgets one access token, whose family lives on.
    pub fn revoke_access_tokens(&mut self) {
        self.access.clear();
    }

    /// The family of a refresh or access token, whatever its state.
    pub fn family_of(&self, token: &str) -> Option<FamilyId> {
        let key = hash(token);
        self.refresh
            .get(&key)
            .map(|record| record.family)
            .or_else(|| self.access.get(&key).map(|r| r.family))
    }

    pub fn issue_code(&mut self, record: CodeRecord) -> String {
        let code = random_token(24);
        self.codes.insert(hash(&code), record);
        code
    }

    pub fn code(&self, code: &str) -> Option<&CodeRecord> {
        self.codes.get(&hash(code))
    }

    pub fn use_code(&mut self, code: &str, family: FamilyId) {
        if let Some(record) = self.codes.get_mut(&hash(code)) {
            record.used = Some(family);
        }
    }

    /// A short code to type, in letters that are not easily confused.
    pub fn issue_pairing(&mut self, record: PairingRecord, now_ms: i64) -> String {
        self.pairings
            .retain(|_, pairing| pairing.expires_ms + 3_600_000 > now_ms);
        loop {
            let code = pairing_code();
            if let std::collections::hash_map::Entry::Vacant(free) = self.pairings.entry(code.clone()) {
                free.insert(record);
                return code;
            }
        }
    }

    pub fn pairing_mut(&mut self, code: &str) -> Option<&mut PairingRecord> {
        self.pairings.get_mut(&normal_pairing_code(code))
    }

    pub fn end_pairing(&mut self, code: &str) {
        self.pairings.remove(&normal_pairing_code(code));
    }

    /// Stands for "this person has just signed in at Microsoft"; valid once, for ten minutes.
    pub fn issue_ticket(&mut self, person: PersonIx, now_ms: i64) -> String {
        self.tickets.retain(|_, (_, expires)| *expires > now_ms);
        let ticket = random_token(24);
        self.tickets.insert(hash(&ticket), (person, now_ms + 600_000));
        ticket
    }

    pub fn ticket(&self, ticket: &str, now_ms: i64) -> Option<PersonIx> {
        self.tickets
            .get(&hash(ticket))
            .filter(|(_, expires)| *expires > now_ms)
            .map(|(person, _)| *person)
    }

    pub fn end_ticket(&mut self, ticket: &str) {
        self.tickets.remove(&hash(ticket));
    }
}

fn hash(text: &str) -> Hash {
    Sha256::digest(text.as_bytes()).into()
}

/// `bytes` of randomness, URL-safe.
pub(crate) fn random_token(bytes: usize) -> String {
    let mut buffer = vec![0_u8; bytes];
    rand::rng().fill_bytes(&mut buffer);
    URL_SAFE_NO_PAD.encode(buffer)
}

fn pairing_code() -> String {
    const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
    let mut bytes = [0_u8; 8];
    rand::rng().fill_bytes(&mut bytes);
    let mut code: String = bytes
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(*byte) % 20]))
        .collect();
    code.insert(4, '-');
    code
}

/// The code as a person may type it: any case, with or without the hyphen or spaces.
fn normal_pairing_code(typed: &str) -> String {
    let mut code: String = typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    if code.len() == 8 {
        code.insert(4, '-');
    }
    code
}
