//! The state behind both servers: organizations, people, groups, memberships, printers and invitations, and the rules that keep
//! them consistent. It knows no HTTP, no tokens and no faults.

mod documents;
mod names;
mod organization;
mod seed;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use time::OffsetDateTime;

pub(crate) use organization::{
    Group, GroupIx, Invitation, InvitationStatus, Member, NewGroup, Organization, Origin, Printer, Role,
    WorldError,
};
pub(crate) use seed::build;

/// Index of a person in [`World::people`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PersonIx(pub u32);

/// Index of an organization in [`World::organizations`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct OrgIx(pub u32);

/// Someone with an account: one id for all organizations and both servers.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub id: String,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub joined: OffsetDateTime,
    /// Signs in with Microsoft, so the password grant is not for them.
    pub azure: bool,
    /// Has followed the link in the first mail; only such people sign in.
    pub verified: bool,
    /// Without the Private one.
    pub organizations: Vec<OrgIx>,
}

impl Person {
    pub fn display_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
            .trim()
            .to_owned()
    }
}

/// The whole simulated world.
#[derive(Debug, Default)]
pub(crate) struct World {
    people: Vec<Person>,
    by_id: HashMap<String, PersonIx>,
    by_email: HashMap<String, PersonIx>,
    organizations: Vec<Organization>,
    organization_by_id: HashMap<String, OrgIx>,
    private: HashMap<PersonIx, OrgIx>,
    next_id: u64,
    seed: u64,
}

impl World {
    pub fn person(&self, ix: PersonIx) -> &Person {
        &self.people[ix.0 as usize]
    }

    pub fn person_by_id(&self, id: &str) -> Option<PersonIx> {
        self.by_id.get(id).copied()
    }

    pub fn person_by_email(&self, email: &str) -> Option<PersonIx> {
        self.by_email.get(&email.trim().to_lowercase()).copied()
    }

    pub fn people(&self) -> impl Iterator<Item = (PersonIx, &Person)> {
        self.people
            .iter()
            .enumerate()
            .map(|(ix, person)| (PersonIx(ix as u32), person))
    }

    pub fn organization(&self, ix: OrgIx) -> &Organization {
        &self.organizations[ix.0 as usize]
    }

    pub fn organization_mut(&mut self, ix: OrgIx) -> &mut Organization {
        &mut self.organizations[ix.0 as usize]
    }

    pub fn organization_by_id(&self, id: &str) -> Option<OrgIx> {
        self.organization_by_id.get(id).copied()
    }

    /// The organization's people by id, for the lists that need names or order.
    pub fn split(&mut self, ix: OrgIx) -> (&mut Organization, &[Person]) {
        (&mut self.organizations[ix.0 as usize], &self.people)
    }

    /// Makes the person's Private organization when it is asked for the first time: 100,000 of them would mostly be unused.
    pub fn private_organization(&mut self, person: PersonIx) -> OrgIx {
        if let Some(ix) = self.private.get(&person) {
            return *ix;
        }
        let id = self.person(person).id.clone();
        let private_id = if id == crate::known::ADMIN.id.unwrap_or_default() {
            crate::known::organizations::PRIVATE.to_owned()
        } else {
            derived_id("private", &id)
        };
        let mut organization = Organization::new(private_id, "Private".to_owned());
        organization.insert_member(person, Member::new(Role::Admin), &self.people);
        let ix = self.add_organization(organization);
        self.private.insert(person, ix);
        ix
    }

    /// Private first, then the others in the order they were joined.
    pub fn organizations_of(&mut self, person: PersonIx) -> Vec<OrgIx> {
        let mut all = vec![self.private_organization(person)];
        all.extend(self.person(person).organizations.iter().copied());
        all
    }

    pub fn role(&self, person: PersonIx, organization: OrgIx) -> Option<Role> {
        self.organization(organization)
            .member(person)
            .map(|member| member.role)
    }

    pub(crate) fn add_organization(&mut self, organization: Organization) -> OrgIx {
        let ix = OrgIx(self.organizations.len() as u32);
        self.organization_by_id.insert(organization.id.clone(), ix);
        self.organizations.push(organization);
        ix
    }

    pub(crate) fn add_person(&mut self, person: Person) -> PersonIx {
        let ix = PersonIx(self.people.len() as u32);
        self.by_id.insert(person.id.clone(), ix);
        self.by_email.insert(person.email.to_lowercase(), ix);
        self.people.push(person);
        ix
    }

    pub fn join(&mut self, person: PersonIx, organization: OrgIx, member: Member) {
        self.people[person.0 as usize].organizations.push(organization);
        self.organizations[organization.0 as usize].insert_member(person, member, &self.people);
    }

    /// Takes the person out of the organization, with their memberships there.
    pub fn leave(&mut self, person: PersonIx, organization: OrgIx) -> Result<(), WorldError> {
        let (org, people) = (&mut self.organizations[organization.0 as usize], &self.people);
        org.remove_member(person, people)?;
        self.people[person.0 as usize]
            .organizations
            .retain(|ix| *ix != organization);
        Ok(())
    }

    /// Replaces a person's groups in one organization.
    pub fn set_groups(
        &mut self,
        organization: OrgIx,
        person: PersonIx,
        groups: Vec<GroupIx>,
    ) -> Result<(), WorldError> {
        let (org, people) = self.split(organization);
        org.set_groups(person, groups, people)
    }

    pub fn rename_person(&mut self, ix: PersonIx, first: Option<String>, last: Option<String>) {
        let person = &mut self.people[ix.0 as usize];
        if let Some(first) = first {
            person.first_name = first;
        }
        if let Some(last) = last {
            person.last_name = last;
        }
    }

    /// Fails where somebody else has that address.
    pub fn change_email(&mut self, ix: PersonIx, email: String) -> Result<(), WorldError> {
        let key = email.trim().to_lowercase();
        match self.by_email.get(&key) {
            Some(owner) if *owner != ix => return Err(WorldError::EmailTaken),
            _ => {}
        }
        let old = self.people[ix.0 as usize].email.to_lowercase();
        self.by_email.remove(&old);
        self.by_email.insert(key, ix);
        self.people[ix.0 as usize].email = email;
        Ok(())
    }

    /// A new id, the same on every run that asks in the same order.
    pub fn fresh_id(&mut self, kind: &str) -> String {
        self.next_id += 1;
        derived_id(kind, &format!("{}/{}", self.seed, self.next_id))
    }
}

/// An id in the shape of a version 4 UUID, made of `text`.
pub(crate) fn derived_id(kind: &str, text: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(kind.as_bytes());
    hash.update([0]);
    hash.update(text.as_bytes());
    let digest = hash.finalize();
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid_text(bytes)
}

/// Sixteen bytes as a version 4 UUID (RFC 9562 section 5.4).
pub(crate) fn uuid_text(mut bytes: [u8; 16]) -> String {
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let n = u128::from_be_bytes(bytes);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        (n >> 96) as u32,
        (n >> 80) as u16,
        (n >> 64) as u16,
        (n >> 48) as u16,
        n & 0xffff_ffff_ffff
    )
}
