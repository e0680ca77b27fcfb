//! The types of the directory's inputs and answers. Owns these types and no rule.

use ids::{GroupId, UserId};

/// A person's role, in sort order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Role {
    /// May change the organization.
    Admin,
    /// May print.
    User,
    /// Unknown.
    #[default]
    Unknown,
}

impl Role {
    /// All values, in order.
    pub const ALL: [Self; 3] = [Self::Admin, Self::User, Self::Unknown];
}

/// A person's state, in sort order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum UserState {
    /// Known to both servers.
    #[default]
    Active,
    /// Invited, not yet accepted.
    PendingInvitation,
    /// Known to the printing server only.
    PrintingOnly,
    /// Known to the account server only.
    AccountOnly,
    /// Known to one server so far; the other's list is still being read, or could not be read completely.
    Unsettled,
}

impl UserState {
    /// All values, in order.
    pub const ALL: [Self; 5] = [
        Self::Active,
        Self::PendingInvitation,
        Self::PrintingOnly,
        Self::AccountOnly,
        Self::Unsettled,
    ];
}

/// The origin of a person or a group, in sort order; other providers by their text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Origin {
    /// Made in ezeep.
    #[default]
    Ezeep,
    /// Synced from Azure.
    Azure,
    /// Any other provider, by the server's text.
    Other(String),
}

/// One of a person's print settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrintSetting {
    /// Local printing.
    LocalPrinting,
    /// Self service.
    SelfService,
    /// MyPrinters.
    MyPrinters,
}

impl PrintSetting {
    /// All values, in order.
    pub const ALL: [Self; 3] = [Self::LocalPrinting, Self::SelfService, Self::MyPrinters];
}

/// A person's print settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct PrintSettings {
    /// Local printing.
    pub local_printing: bool,
    /// Self service.
    pub self_service: bool,
    /// MyPrinters.
    pub my_printers: bool,
}

/// A person, joined from both servers' records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Id.
    pub id: UserId,
    /// Display name, or "".
    pub name: String,
    /// Address, or "".
    pub email: String,
    /// Role.
    pub role: Role,
    /// State.
    pub state: UserState,
    /// Origin.
    pub origin: Origin,
    /// When the person joined, in milliseconds since 1970 (UTC).
    pub joined: Option<i64>,
    /// Whether the address is verified, if known.
    pub verified: Option<bool>,
    /// Print settings, if the printing server knows the person.
    pub settings: Option<PrintSettings>,
    /// The person's groups, in the given order, each once; known to the directory or not.
    pub groups: Vec<GroupId>,
}

impl Person {
    /// Whether the printing server's record is missing so far: groups and settings are then unknown.
    pub fn is_half_read(&self) -> bool {
        is_half_read(self.state, self.settings)
    }

    /// A person with only these facts.
    pub fn new(id: UserId, name: impl Into<String>, email: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            email: email.into(),
            role: Role::default(),
            state: UserState::default(),
            origin: Origin::default(),
            joined: None,
            verified: None,
            settings: None,
            groups: Vec::new(),
        }
    }
}

/// A group as the server describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Id.
    pub id: GroupId,
    /// Name.
    pub name: String,
    /// Description, or "".
    pub description: String,
    /// Origin.
    pub origin: Origin,
    /// Printers, as the server counts them.
    pub printers: u32,
    /// Local printing.
    pub local_printing: bool,
    /// MyPrinters.
    pub my_printers: bool,
}

impl Group {
    /// A group with only these facts.
    pub fn new(id: GroupId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            description: String::new(),
            origin: Origin::default(),
            printers: 0,
            local_printing: false,
            my_printers: false,
        }
    }
}

/// A group with its number of members in this directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupInfo {
    /// The group.
    pub group: Group,
    /// Its members in this directory.
    pub members: u32,
}

/// As [`Person::is_half_read`].
pub(crate) fn is_half_read(state: UserState, settings: Option<PrintSettings>) -> bool {
    state == UserState::Unsettled && settings.is_none()
}

/// Which people are meant: search and filters. All filters must hold; within one filter one value is enough.
/// The default means all people.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserScope {
    /// Words in any order, each found anywhere in name, address or id, ignoring case, accents, apostrophes
    /// and most dashes (docs/decisions/0005).
    pub search: String,
    /// In one of these groups. Together with `no_group`: one filter, "in one of these or in none at all".
    pub groups: Vec<GroupId>,
    /// In no group, as far as is known: not [`Person::is_half_read`].
    pub no_group: bool,
    /// One of these roles.
    pub roles: Vec<Role>,
    /// One of these states.
    pub states: Vec<UserState>,
    /// From one of these origins.
    pub origins: Vec<Origin>,
    /// Each setting is a filter of its own. People with unknown settings pass none of them.
    pub settings: Vec<(PrintSetting, bool)>,
}

/// For each value of each filter, the number of people it would show.
///
/// A count is what [`Window::matched`] would be with only that value in its filter: the search and all other
/// filters hold, the other values of its own filter don't count. Groups and "in no group" are one filter;
/// each setting is one of its own. The counts of one filter need not add up to anything: a person is in many
/// groups.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facets {
    /// People before search and filters.
    pub total: u32,
    /// People who match the scope.
    pub matched: u32,
    /// By group, for the requested ones.
    pub groups: Vec<(GroupId, u32)>,
    /// In no group.
    pub no_group: u32,
    /// By role, all of them.
    pub roles: Vec<(Role, u32)>,
    /// By state, all of them.
    pub states: Vec<(UserState, u32)>,
    /// By origin, in sort order: ezeep, Azure, then each other one that exists.
    pub origins: Vec<(Origin, u32)>,
    /// By setting, each on and off.
    pub settings: Vec<((PrintSetting, bool), u32)>,
}

/// Sort columns of people. Ties go by name, then id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserColumn {
    /// Name; people without one come last in either direction, by address, then id.
    Name,
    /// Address; people without one come last in either direction.
    Email,
    /// Number of groups.
    Groups,
    /// Role.
    Role,
    /// State.
    State,
    /// Origin.
    Origin,
}

/// Sort columns of groups. Ties go by name, then id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupColumn {
    /// Name; groups without one come last in either direction.
    Name,
    /// Description; groups without one come last in either direction.
    Description,
    /// Origin.
    Origin,
    /// Number of members in this directory.
    Members,
    /// Number of printers.
    Printers,
}

/// A column and a direction. Descending reverses the column only: ties still go by name, then id, ascending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sort<C> {
    /// The column.
    pub column: C,
    /// The largest first.
    pub descending: bool,
}

impl<C> Sort<C> {
    /// The smallest first.
    pub fn ascending(column: C) -> Self {
        Self {
            column,
            descending: false,
        }
    }

    /// The largest first.
    pub fn descending(column: C) -> Self {
        Self {
            column,
            descending: true,
        }
    }
}

/// A window of a longer list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window<T> {
    /// Rows before search and filters.
    pub total: u32,
    /// Rows after them.
    pub matched: u32,
    /// The index of the first row among the matched ones, as requested.
    pub offset: u32,
    /// The rows: none if `offset` is behind the end.
    pub rows: Vec<T>,
}
