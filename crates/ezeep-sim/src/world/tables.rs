//! People and organizations, found by index, id and address, and the changes that touch both.

use std::collections::HashMap;

use super::id::derived_id;
use super::organization::{GroupIx, Member, Organization, Role, WorldError};
use super::person::{OrgIx, Person, PersonIx};
use crate::known;

/// The whole simulated world.
#[derive(Debug, Default)]
pub struct World {
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
    /// An empty world; `seed` is part of each id that it makes later.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            ..Self::default()
        }
    }

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

    /// The organization and the people by id, for the lists that need names or order.
    pub fn split(&mut self, ix: OrgIx) -> (&mut Organization, &[Person]) {
        (&mut self.organizations[ix.0 as usize], &self.people)
    }

    /// Makes the person's Private organization when it is first used: most of 100,000 would never be.
    pub fn private_organization(&mut self, person: PersonIx) -> OrgIx {
        if let Some(ix) = self.private.get(&person) {
            return *ix;
        }
        let id = self.person(person).id.clone();
        let private_id = if id == known::ADMIN.id.unwrap_or_default() {
            known::organizations::PRIVATE.to_owned()
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

    pub fn add_organization(&mut self, organization: Organization) -> OrgIx {
        let ix = OrgIx(self.organizations.len() as u32);
        self.organization_by_id.insert(organization.id.clone(), ix);
        self.organizations.push(organization);
        ix
    }

    pub fn add_person(&mut self, person: Person) -> PersonIx {
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

    /// Removes a person from the organization, with their memberships there.
    ///
    /// # Errors
    /// [`WorldError::NoSuchPerson`].
    pub fn leave(&mut self, person: PersonIx, organization: OrgIx) -> Result<(), WorldError> {
        let (org, people) = (&mut self.organizations[organization.0 as usize], &self.people);
        org.remove_member(person, people)?;
        self.people[person.0 as usize]
            .organizations
            .retain(|ix| *ix != organization);
        Ok(())
    }

    /// Replaces a person's groups in one organization.
    ///
    /// # Errors
    /// [`WorldError::NoSuchPerson`], [`WorldError::NoSuchGroup`].
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

    /// Changes a person's address.
    ///
    /// # Errors
    /// [`WorldError::EmailTaken`] if another person has it.
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

    /// A new id, the same in each run with the same order of calls.
    pub fn fresh_id(&mut self, kind: &str) -> String {
        self.next_id += 1;
        derived_id(kind, &format!("{}/{}", self.seed, self.next_id))
    }
}
