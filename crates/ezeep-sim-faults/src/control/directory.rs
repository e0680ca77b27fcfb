//! The handle's view of the directory: people, groups and memberships, read and changed as by a second admin,
//! without the servers.

use ezeep_sim::internals::{
    GroupIx, Member, NewGroup, OrgIx, Origin, Person, PersonIx, Role, World, derived_id,
};

use super::error::ControlError;
use super::handle::Control;

/// A group as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Whether its members may print to local printers.
    pub local_printing: bool,
    /// Whether its members have MyPrinters.
    pub my_printers: bool,
    /// Whether it is synced from Azure.
    pub azure: bool,
    /// Ids of the people in it, in their order.
    pub members: Vec<String>,
}

/// A person of one organization, as they are now.
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
    /// Whether they may print to local printers.
    pub local_printing: bool,
    /// Whether they have self service.
    pub self_service: bool,
    /// Whether they have MyPrinters.
    pub my_printers: bool,
}

/// Another admin's change of a group; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct GroupChange {
    /// Its name, which may be any text.
    pub name: Option<String>,
    /// Its description.
    pub description: Option<String>,
    /// Local printing.
    pub local_printing: Option<bool>,
    /// MyPrinters.
    pub my_printers: Option<bool>,
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
    ///
    /// # Errors
    /// [`ControlError::NoSuchOrganization`], [`ControlError::NoSuchPerson`].
    pub fn memberships(&self, organization: &str, person: &str) -> Result<Vec<String>, ControlError> {
        Ok(self.person(organization, person)?.groups)
    }

    /// A person, by id or email address.
    ///
    /// # Errors
    /// [`ControlError::NoSuchOrganization`], [`ControlError::NoSuchPerson`].
    pub fn person(&self, organization: &str, person: &str) -> Result<PersonView, ControlError> {
        let organization = self.organization(organization)?;
        let world = self.state.world();
        let ix = find(&world, person)?;
        view(&world, organization, ix).ok_or(ControlError::NoSuchPerson)
    }

    /// All people of an organization, known to either server, by id.
    ///
    /// # Errors
    /// [`ControlError::NoSuchOrganization`].
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
    ///
    /// # Errors
    /// [`ControlError::NoSuchOrganization`].
    pub fn groups(&self, organization: &str) -> Result<Vec<GroupView>, ControlError> {
        let organization = self.organization(organization)?;
        let world = self.state.world();
        let entry = world.organization(organization);
        let groups = entry.group_order().iter().filter_map(|ix| entry.group(*ix));
        Ok(groups
            .map(|group| GroupView {
                id: group.id.clone(),
                name: group.name.clone(),
                description: group.description.clone(),
                local_printing: group.local_printing,
                my_printers: group.my_printers,
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
    ///
    /// # Errors
    /// [`ControlError::NoSuchOrganization`], [`ControlError::NoSuchGroup`].
    pub fn group(&self, organization: &str, group: &str) -> Result<GroupView, ControlError> {
        let all = self.groups(organization)?;
        all.into_iter()
            .find(|other| other.id == group)
            .ok_or(ControlError::NoSuchGroup)
    }

    /// Replaces a person's groups.
    ///
    /// # Errors
    /// [`ControlError::NoSuchOrganization`], [`ControlError::NoSuchPerson`], [`ControlError::NoSuchGroup`].
    pub fn set_groups(&self, organization: &str, person: &str, groups: &[&str]) -> Result<(), ControlError> {
        self.edit_groups(organization, person, |_, wanted| Ok(wanted), groups)
    }

    /// Adds a person to a group. Does nothing if they are in it.
    ///
    /// # Errors
    /// As [`Control::set_groups`].
    pub fn add_to_group(&self, organization: &str, person: &str, group: &str) -> Result<(), ControlError> {
        let add = |before: &[GroupIx], wanted: Vec<GroupIx>| Ok([before, &wanted].concat());
        self.edit_groups(organization, person, add, &[group])
    }

    /// Removes a person from a group. Does nothing if they are not in it.
    ///
    /// # Errors
    /// As [`Control::set_groups`].
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

    /// Makes a group and returns its id.
    ///
    /// # Errors
    /// [`ControlError::NoSuchOrganization`], [`ControlError::NameTaken`].
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
                foreign_id: derived_id("azure", &id),
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
    ///
    /// # Errors
    /// [`ControlError::NoSuchOrganization`], [`ControlError::NoSuchGroup`], [`ControlError::NameTaken`].
    pub fn rename_group(&self, organization: &str, group: &str, name: &str) -> Result<(), ControlError> {
        let organization = self.organization(organization)?;
        let mut world = self.state.world();
        let entry = world.organization_mut(organization);
        let ix = entry.group_ix(group).ok_or(ControlError::NoSuchGroup)?;
        Ok(entry.rename_group(ix, name.to_owned())?)
    }

    /// Changes a group.
    ///
    /// # Errors
    /// As [`Control::rename_group`].
    pub fn change_group(
        &self,
        organization: &str,
        group: &str,
        change: GroupChange,
    ) -> Result<(), ControlError> {
        let organization = self.organization(organization)?;
        let mut world = self.state.world();
        let entry = world.organization_mut(organization);
        let ix = entry.group_ix(group).ok_or(ControlError::NoSuchGroup)?;
        if let Some(name) = change.name {
            entry.rename_group(ix, name)?;
        }
        let group = entry.group_mut(ix).ok_or(ControlError::NoSuchGroup)?;
        if let Some(description) = change.description {
            group.description = description;
        }
        group.local_printing = change.local_printing.unwrap_or(group.local_printing);
        group.my_printers = change.my_printers.unwrap_or(group.my_printers);
        Ok(())
    }

    /// Deletes a group, with all memberships in it.
    ///
    /// # Errors
    /// [`ControlError::NoSuchOrganization`], [`ControlError::NoSuchGroup`].
    pub fn delete_group(&self, organization: &str, group: &str) -> Result<(), ControlError> {
        let organization = self.organization(organization)?;
        let mut world = self.state.world();
        let entry = world.organization_mut(organization);
        let ix = entry.group_ix(group).ok_or(ControlError::NoSuchGroup)?;
        Ok(entry.delete_group(ix)?)
    }

    /// Adds an ordinary user who is known to both servers, and returns their id.
    ///
    /// # Errors
    /// [`ControlError::NoSuchOrganization`], [`ControlError::EmailTaken`].
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
    ///
    /// # Errors
    /// [`ControlError::NoSuchOrganization`], [`ControlError::NoSuchPerson`].
    pub fn remove_person(&self, organization: &str, person: &str) -> Result<(), ControlError> {
        let organization = self.organization(organization)?;
        let mut world = self.state.world();
        let person = find(&world, person)?;
        Ok(world.leave(person, organization)?)
    }

    /// Makes a person an admin of an organization, or an ordinary user.
    ///
    /// # Errors
    /// [`ControlError::NoSuchOrganization`], [`ControlError::NoSuchPerson`].
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

fn find(world: &World, person: &str) -> Result<PersonIx, ControlError> {
    world
        .person_by_id(person)
        .or_else(|| world.person_by_email(person))
        .ok_or(ControlError::NoSuchPerson)
}

fn view(world: &World, organization: OrgIx, ix: PersonIx) -> Option<PersonView> {
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
        local_printing: member.local_printing,
        self_service: member.self_service,
        my_printers: member.my_printers,
    })
}
