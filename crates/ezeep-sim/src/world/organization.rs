//! One organization: its people's positions in both lists, its groups with their members by id, its printers
//! and invitations. All lists are stored in the order in which they are served, so that a page costs only its
//! own size.

use std::collections::HashMap;

use time::OffsetDateTime;

use super::person::{Person, PersonIx};

/// Index of a group within its organization; never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupIx(pub u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Admin,
    User,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::User => "user",
        }
    }
}

/// The origin of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Made in ezeep. The documents write the provider in both ways.
    Ezeep { lowercase: bool },
    /// Synced from Azure, with the id it has there.
    Azure { foreign_id: String },
}

#[derive(Debug, Clone)]
pub struct Group {
    pub id: String,
    pub name: String,
    pub description: String,
    pub local_printing: bool,
    pub my_printers: bool,
    pub origin: Origin,
    /// Sorted by the person's id.
    pub members: Vec<PersonIx>,
    pub printers: u32,
}

impl Group {
    pub fn is_azure(&self) -> bool {
        matches!(self.origin, Origin::Azure { .. })
    }
}

/// The fields of a new group.
#[derive(Debug, Clone)]
pub struct NewGroup {
    pub id: String,
    pub name: String,
    pub description: String,
    pub local_printing: bool,
    pub my_printers: bool,
    pub origin: Origin,
}

/// A person's place in one organization.
#[derive(Debug, Clone)]
pub struct Member {
    pub role: Role,
    pub groups: Vec<GroupIx>,
    pub local_printing: bool,
    pub self_service: bool,
    pub my_printers: bool,
    /// Whether the account server lists them.
    pub on_account_server: bool,
    /// Whether the printing server lists them.
    pub on_printing_server: bool,
    /// Index of their invitation, if it is still open.
    pub invitation: Option<usize>,
}

impl Member {
    pub fn new(role: Role) -> Self {
        Self {
            role,
            groups: Vec::new(),
            local_printing: true,
            self_service: true,
            my_printers: false,
            on_account_server: true,
            on_printing_server: true,
            invitation: None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationStatus {
    Open,
    Accepted,
    Expired,
}

impl InvitationStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Accepted => "ACCEPTED",
            Self::Expired => "EXPIRED",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Invitation {
    pub id: String,
    pub email: String,
    pub updated: OffsetDateTime,
    pub expires: OffsetDateTime,
    pub status: InvitationStatus,
}

#[derive(Debug, Clone)]
pub struct Printer {
    pub id: String,
    pub name: String,
    pub groups: Vec<GroupIx>,
}

/// Why a change of the world was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WorldError {
    #[error("a group of that name exists")]
    NameTaken,
    #[error("somebody has that address")]
    EmailTaken,
    #[error("no such person here")]
    NoSuchPerson,
    #[error("no such group here")]
    NoSuchGroup,
}

#[derive(Debug)]
pub struct Organization {
    pub id: String,
    pub name: String,
    pub azure: bool,
    pub owner: Option<PersonIx>,
    members: HashMap<PersonIx, Member>,
    /// In the order of joining.
    accounts: Vec<PersonIx>,
    /// In the order of ids, as the documents' example list is.
    print_users: Vec<PersonIx>,
    groups: Vec<Option<Group>>,
    group_order: Vec<GroupIx>,
    group_by_id: HashMap<String, GroupIx>,
    group_names: HashMap<String, u32>,
    pub printers: Vec<Printer>,
    pub invitations: Vec<Invitation>,
}

impl Organization {
    pub fn new(id: String, name: String) -> Self {
        Self {
            id,
            name,
            azure: false,
            owner: None,
            members: HashMap::new(),
            accounts: Vec::new(),
            print_users: Vec::new(),
            groups: Vec::new(),
            group_order: Vec::new(),
            group_by_id: HashMap::new(),
            group_names: HashMap::new(),
            printers: Vec::new(),
            invitations: Vec::new(),
        }
    }

    pub fn member(&self, person: PersonIx) -> Option<&Member> {
        self.members.get(&person)
    }

    pub fn member_mut(&mut self, person: PersonIx) -> Option<&mut Member> {
        self.members.get_mut(&person)
    }

    /// People the account server lists, in its order.
    pub fn accounts(&self) -> &[PersonIx] {
        &self.accounts
    }

    /// People the printing server lists, in its order.
    pub fn print_users(&self) -> &[PersonIx] {
        &self.print_users
    }

    /// Sorts the account server's list once, after a seed that added all people by id.
    pub fn order_accounts_by_joining(&mut self, people: &[Person]) {
        self.accounts.sort_by_key(|ix| people[ix.0 as usize].joined);
    }

    /// Groups in the order they are listed.
    pub fn group_order(&self) -> &[GroupIx] {
        &self.group_order
    }

    pub fn group(&self, ix: GroupIx) -> Option<&Group> {
        self.groups.get(ix.0 as usize).and_then(Option::as_ref)
    }

    pub fn group_mut(&mut self, ix: GroupIx) -> Option<&mut Group> {
        self.groups.get_mut(ix.0 as usize).and_then(Option::as_mut)
    }

    pub fn group_ix(&self, id: &str) -> Option<GroupIx> {
        self.group_by_id.get(id).copied()
    }

    /// Whether another group has exactly this name.
    pub fn name_taken(&self, name: &str) -> bool {
        self.group_names.get(name).is_some_and(|times| *times > 0)
    }

    /// Appends a group. The caller has checked the name: a seed may contain one name twice, a request may
    /// not.
    pub fn add_group(&mut self, new: NewGroup) -> GroupIx {
        let ix = GroupIx(self.groups.len() as u32);
        self.group_by_id.insert(new.id.clone(), ix);
        *self.group_names.entry(new.name.clone()).or_default() += 1;
        self.groups.push(Some(Group {
            id: new.id,
            name: new.name,
            description: new.description,
            local_printing: new.local_printing,
            my_printers: new.my_printers,
            origin: new.origin,
            members: Vec::new(),
            printers: 0,
        }));
        self.group_order.push(ix);
        ix
    }

    /// Renames a group.
    ///
    /// # Errors
    /// [`WorldError::NoSuchGroup`], [`WorldError::NameTaken`].
    pub fn rename_group(&mut self, ix: GroupIx, name: String) -> Result<(), WorldError> {
        let old = self.group(ix).ok_or(WorldError::NoSuchGroup)?.name.clone();
        if old == name {
            return Ok(());
        }
        if self.name_taken(&name) {
            return Err(WorldError::NameTaken);
        }
        self.forget_name(&old);
        *self.group_names.entry(name.clone()).or_default() += 1;
        if let Some(group) = self.group_mut(ix) {
            group.name = name;
        }
        Ok(())
    }

    fn forget_name(&mut self, name: &str) {
        if let Some(times) = self.group_names.get_mut(name) {
            *times = times.saturating_sub(1);
        }
    }

    /// Deletes a group, with its memberships and assignments.
    ///
    /// # Errors
    /// [`WorldError::NoSuchGroup`].
    pub fn delete_group(&mut self, ix: GroupIx) -> Result<(), WorldError> {
        let group = self
            .groups
            .get_mut(ix.0 as usize)
            .and_then(Option::take)
            .ok_or(WorldError::NoSuchGroup)?;
        self.group_by_id.remove(&group.id);
        self.forget_name(&group.name);
        self.group_order.retain(|other| *other != ix);
        for person in group.members {
            if let Some(member) = self.members.get_mut(&person) {
                member.groups.retain(|other| *other != ix);
            }
        }
        for printer in &mut self.printers {
            printer.groups.retain(|other| *other != ix);
        }
        Ok(())
    }

    /// Adds a person to both lists as far as the servers know them, and to their groups.
    pub fn insert_member(&mut self, person: PersonIx, mut member: Member, people: &[Person]) {
        if member.on_account_server {
            self.accounts.push(person);
        }
        if member.on_printing_server {
            insert_by_id(&mut self.print_users, person, people);
        }
        let groups = std::mem::take(&mut member.groups);
        self.members.insert(person, member);
        // Can't fail: the person was added on the line above, and unknown groups are left out.
        let known = groups
            .into_iter()
            .filter(|ix| self.group(*ix).is_some())
            .collect();
        let _ = self.set_groups(person, known, people);
    }

    /// Removes a person with their memberships.
    ///
    /// # Errors
    /// [`WorldError::NoSuchPerson`].
    pub fn remove_member(&mut self, person: PersonIx, people: &[Person]) -> Result<(), WorldError> {
        self.set_groups(person, Vec::new(), people)?;
        self.members.remove(&person);
        self.accounts.retain(|other| *other != person);
        remove_by_id(&mut self.print_users, person, people);
        Ok(())
    }

    /// Replaces the person's list; repeated groups count once, the given order is kept.
    ///
    /// # Errors
    /// [`WorldError::NoSuchPerson`], [`WorldError::NoSuchGroup`].
    pub fn set_groups(
        &mut self,
        person: PersonIx,
        groups: Vec<GroupIx>,
        people: &[Person],
    ) -> Result<(), WorldError> {
        let mut wanted: Vec<GroupIx> = Vec::with_capacity(groups.len());
        for ix in groups {
            if self.group(ix).is_none() {
                return Err(WorldError::NoSuchGroup);
            }
            if !wanted.contains(&ix) {
                wanted.push(ix);
            }
        }
        let member = self.members.get_mut(&person).ok_or(WorldError::NoSuchPerson)?;
        let before = std::mem::replace(&mut member.groups, wanted.clone());
        for ix in before.iter().filter(|ix| !wanted.contains(ix)) {
            if let Some(group) = self.group_mut(*ix) {
                remove_by_id(&mut group.members, person, people);
            }
        }
        for ix in wanted.iter().filter(|ix| !before.contains(ix)) {
            if let Some(group) = self.group_mut(*ix) {
                insert_by_id(&mut group.members, person, people);
            }
        }
        Ok(())
    }

    /// Replaces the groups a printer is assigned to.
    pub fn assign_printer(&mut self, printer: usize, groups: Vec<GroupIx>) {
        let Some(entry) = self.printers.get_mut(printer) else {
            return;
        };
        let before = std::mem::replace(&mut entry.groups, groups.clone());
        for ix in before {
            if let Some(group) = self.group_mut(ix) {
                group.printers = group.printers.saturating_sub(1);
            }
        }
        for ix in groups {
            if let Some(group) = self.group_mut(ix) {
                group.printers += 1;
            }
        }
    }
}

fn id_of(people: &[Person], person: PersonIx) -> &str {
    &people[person.0 as usize].id
}

fn insert_by_id(list: &mut Vec<PersonIx>, person: PersonIx, people: &[Person]) {
    let id = id_of(people, person);
    // The seed inserts by id, so the end is the usual position.
    if list.last().is_none_or(|last| id_of(people, *last) < id) {
        list.push(person);
    } else if let Err(at) = list.binary_search_by(|other| id_of(people, *other).cmp(id)) {
        list.insert(at, person);
    }
}

fn remove_by_id(list: &mut Vec<PersonIx>, person: PersonIx, people: &[Person]) {
    let id = id_of(people, person);
    if let Ok(at) = list.binary_search_by(|other| id_of(people, *other).cmp(id)) {
        list.remove(at);
    }
}
