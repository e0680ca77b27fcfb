//! What goes into the directory and what comes out. Owns these shapes and nothing else: no rule is decided here.

use ids::{GroupId, UserId};

/// A person's role, in the order it is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Role {
    /// May change the organization.
    Admin,
    /// May print.
    User,
    /// Not said.
    #[default]
    Unknown,
}

impl Role {
    /// Each, in order.
    pub const ALL: [Self; 3] = [Self::Admin, Self::User, Self::Unknown];
}

/// A person's state, in the order it is sorted.
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
    /// Known to one server so far; the other one's list is still being read, or was read in doubt.
    Unsettled,
}

impl UserState {
    /// Each, in order.
    pub const ALL: [Self; 5] = [
        Self::Active,
        Self::PendingInvitation,
        Self::PrintingOnly,
        Self::AccountOnly,
        Self::Unsettled,
    ];
}

/// Where a person or a group comes from, in the order it is sorted; other providers by their text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Origin {
    /// Made in ezeep.
    #[default]
    Ezeep,
    /// Synced from Azure.
    Azure,
    /// Any other provider, as the server wrote it.
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
    /// Each, in order.
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

/// A person as both servers together know them.
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
    /// When they joined, in milliseconds since 1970 (UTC).
    pub joined: Option<i64>,
    /// Whether the address is verified, where that is known.
    pub verified: Option<bool>,
    /// Print settings, where the printing server knows the person.
    pub settings: Option<PrintSettings>,
    /// The groups they are in, in the order they were given, each once; known to the directory or not.
    pub groups: Vec<GroupId>,
}

impl Person {
    /// Whether the printing server's word is missing so far: groups and settings are then not none, but unknown.
    pub fn is_half_read(&self) -> bool {
        is_half_read(self.state, self.settings)
    }

    /// A person of whom nothing but this is known.
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
    /// Members, as the server counts them; what the directory counts is in [`GroupInfo`].
    pub reported_members: u32,
    /// Local printing.
    pub local_printing: bool,
    /// MyPrinters.
    pub my_printers: bool,
}

impl Group {
    /// A group of which nothing but this is known.
    pub fn new(id: GroupId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            description: String::new(),
            origin: Origin::default(),
            printers: 0,
            reported_members: 0,
            local_printing: false,
            my_printers: false,
        }
    }
}

/// A group with the number of people whose memberships name it.
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

/// Which people are meant: search and filters. The filters must all hold; within one filter one value is enough.
/// The default means everyone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserScope {
    /// Words in any order, each found anywhere in name, address or id, without regard to case, accents,
    /// apostrophes and most dashes (docs/decisions/0005).
    pub search: String,
    /// In one of these groups. Together with `no_group`: one filter, "in one of these or in none at all".
    pub groups: Vec<GroupId>,
    /// In no group, as far as that is known: not [`Person::is_half_read`].
    pub no_group: bool,
    /// One of these roles.
    pub roles: Vec<Role>,
    /// One of these states.
    pub states: Vec<UserState>,
    /// From one of these origins.
    pub origins: Vec<Origin>,
    /// Each setting named is a filter of its own. Someone whose settings are not known passes none of them.
    pub settings: Vec<(PrintSetting, bool)>,
}

/// Which groups are to be counted in [`Facets`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountGroups<'a> {
    /// These, in this order. One that nobody knows counts 0.
    These(&'a [GroupId]),
    /// Every group that [`crate::Directory::groups`] lists, the greatest count first, ties by name.
    All,
}

/// How many people each value of each filter would show.
///
/// A count is what [`Window::matched`] would be if that value alone were chosen in its filter: the search and all other filters
/// hold, the other values of its own filter do not count. Groups and "in no group" are one filter; each setting is one of its own.
/// So the counts of one filter need not add up to anything: a person is in many groups.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facets {
    /// How many people there are before search and filters.
    pub total: u32,
    /// How many match the scope as it is.
    pub matched: u32,
    /// By group, those that were asked for.
    pub groups: Vec<(GroupId, u32)>,
    /// In no group.
    pub no_group: u32,
    /// By role, each of them.
    pub roles: Vec<(Role, u32)>,
    /// By state, each of them.
    pub states: Vec<(UserState, u32)>,
    /// By origin, in the order it is sorted: ours, Azure, whatever else anyone has.
    pub origins: Vec<(Origin, u32)>,
    /// By setting, each on and off.
    pub settings: Vec<((PrintSetting, bool), u32)>,
}

/// What people are sorted by. Ties go by name, then id.
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

/// What groups are sorted by. Ties go by name, then id.
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

/// A column and a direction. Descending turns the column alone: ties still go by name, then id, ascending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sort<C> {
    /// By what.
    pub column: C,
    /// The greatest first.
    pub descending: bool,
}

impl<C> Sort<C> {
    /// The least first.
    pub fn ascending(column: C) -> Self {
        Self {
            column,
            descending: false,
        }
    }

    /// The greatest first.
    pub fn descending(column: C) -> Self {
        Self {
            column,
            descending: true,
        }
    }
}

/// Some rows of a longer answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window<T> {
    /// How many there are before search and filters.
    pub total: u32,
    /// How many there are after them.
    pub matched: u32,
    /// Which of those matched the first row is, as it was asked for.
    pub offset: u32,
    /// The rows: none where `offset` lies behind the end.
    pub rows: Vec<T>,
}
