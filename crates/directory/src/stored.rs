//! The types of a snapshot. postcard writes their fields without names, so the order of fields and variants is
//! the format: a change raises the version in [`crate::snapshot`]. Owns the conversions.

use ids::GroupId;
use serde::{Deserialize, Serialize};

use crate::model::{Group, Origin, Person, PrintSettings, Role, UserState};

/// What comes before the people.
#[derive(Serialize, Deserialize)]
pub struct Head<'a> {
    /// The name of the sort order, [`crate::collation::Collation::order`].
    pub order: &'a str,
    #[serde(borrow)]
    pub groups: Vec<StoredGroup<'a>>,
    pub groups_by_name: Vec<u32>,
    pub groups_by_description: Vec<u32>,
    /// Their number.
    pub people: u32,
}

/// What comes after the people.
#[derive(Serialize, Deserialize)]
pub struct Tail {
    pub people_by_name: Vec<u32>,
    pub people_by_email: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
pub struct StoredGroup<'a> {
    pub id: &'a str,
    /// `None` if only people name it.
    #[serde(borrow)]
    pub description: Option<Description<'a>>,
}

#[derive(Serialize, Deserialize)]
pub struct Description<'a> {
    name: &'a str,
    description: &'a str,
    #[serde(borrow)]
    origin: StoredOrigin<'a>,
    printers: u32,
    local_printing: bool,
    my_printers: bool,
}

#[derive(Serialize, Deserialize)]
pub struct StoredPerson<'a> {
    id: &'a str,
    name: &'a str,
    email: &'a str,
    #[serde(with = "StoredRole")]
    role: Role,
    #[serde(with = "StoredState")]
    state: UserState,
    #[serde(borrow)]
    origin: StoredOrigin<'a>,
    joined: Option<i64>,
    verified: Option<bool>,
    settings: Option<StoredSettings>,
    groups: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
pub enum StoredOrigin<'a> {
    Ezeep,
    Azure,
    Other(&'a str),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Role")]
enum StoredRole {
    Admin,
    User,
    Unknown,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "UserState")]
enum StoredState {
    Active,
    PendingInvitation,
    PrintingOnly,
    AccountOnly,
    Unsettled,
}

#[derive(Serialize, Deserialize)]
pub struct StoredSettings {
    local_printing: bool,
    self_service: bool,
    my_printers: bool,
}

impl StoredGroup<'_> {
    /// The group, `None` for an invalid id.
    pub fn restore(self) -> Option<(GroupId, Option<Group>)> {
        let id = GroupId::try_from(self.id).ok()?;
        let group = self.description.map(|described| Group {
            id: id.clone(),
            name: described.name.to_owned(),
            description: described.description.to_owned(),
            origin: described.origin.into(),
            printers: described.printers,
            local_printing: described.local_printing,
            my_printers: described.my_printers,
        });
        Some((id, group))
    }
}

impl<'a> Description<'a> {
    pub fn of(group: &'a Group) -> Self {
        Self {
            name: &group.name,
            description: &group.description,
            origin: (&group.origin).into(),
            printers: group.printers,
            local_printing: group.local_printing,
            my_printers: group.my_printers,
        }
    }
}

impl<'a> StoredPerson<'a> {
    /// One for each field, and the first byte of an id.
    pub const LEAST_BYTES: usize = 11;

    pub fn of(person: &'a Person, groups: Vec<u32>) -> Self {
        Self {
            id: person.id.as_str(),
            name: &person.name,
            email: &person.email,
            role: person.role,
            state: person.state,
            origin: (&person.origin).into(),
            joined: person.joined,
            verified: person.verified,
            settings: person.settings.map(Into::into),
            groups,
        }
    }

    /// The person and the slots of their groups, `None` for an invalid id.
    pub fn restore(self) -> Option<(Person, Vec<u32>)> {
        let person = Person {
            id: self.id.try_into().ok()?,
            name: self.name.to_owned(),
            email: self.email.to_owned(),
            role: self.role,
            state: self.state,
            origin: self.origin.into(),
            joined: self.joined,
            verified: self.verified,
            settings: self.settings.map(Into::into),
            groups: Vec::new(),
        };
        Some((person, self.groups))
    }
}

impl<'a> From<&'a Origin> for StoredOrigin<'a> {
    fn from(origin: &'a Origin) -> Self {
        match origin {
            Origin::Ezeep => Self::Ezeep,
            Origin::Azure => Self::Azure,
            Origin::Other(text) => Self::Other(text),
        }
    }
}

impl From<StoredOrigin<'_>> for Origin {
    fn from(stored: StoredOrigin<'_>) -> Self {
        match stored {
            StoredOrigin::Ezeep => Self::Ezeep,
            StoredOrigin::Azure => Self::Azure,
            StoredOrigin::Other(text) => Self::Other(text.to_owned()),
        }
    }
}

impl From<PrintSettings> for StoredSettings {
    fn from(settings: PrintSettings) -> Self {
        let PrintSettings {
            local_printing,
            self_service,
            my_printers,
        } = settings;
        Self {
            local_printing,
            self_service,
            my_printers,
        }
    }
}

impl From<StoredSettings> for PrintSettings {
    fn from(stored: StoredSettings) -> Self {
        let StoredSettings {
            local_printing,
            self_service,
            my_printers,
        } = stored;
        Self {
            local_printing,
            self_service,
            my_printers,
        }
    }
}
