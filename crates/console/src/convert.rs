//! Converts the servers' records to the directory's types, and these to the UI's. Owns the rules for joining
//! both servers' records of a user. Must never drop a user whom only one server knows: they are kept and
//! marked (ezeep-api.md).

use std::collections::BTreeMap;

use directory as dir;
use ezeep_api as api;
use ids::{GroupId, UserId};

use crate::error::Result;
use crate::wire;

/// Which servers have named a user.
#[derive(Debug, Clone, Copy, Default)]
pub struct SourcesSeen {
    account: bool,
    pending: bool,
    print: bool,
}

impl SourcesSeen {
    /// Whether any server has.
    pub fn any(&self) -> bool {
        self.account || self.print
    }

    /// The state that follows from this. A user counts as known to one server only if the other server's list
    /// was read completely.
    pub fn state(&self, all_accounts: bool, all_print_users: bool) -> dir::UserState {
        match self {
            Self { pending: true, .. } => dir::UserState::PendingInvitation,
            Self {
                account: true,
                print: true,
                ..
            } => dir::UserState::Active,
            Self { account: true, .. } if all_print_users => dir::UserState::AccountOnly,
            Self { print: true, .. } if all_accounts => dir::UserState::PrintingOnly,
            Self { .. } => dir::UserState::Unsettled,
        }
    }
}

/// A user from both servers' records, at least one of which is given.
pub fn person(id: &UserId, account: Option<&api::Account>, print: Option<&api::PrintUser>) -> dir::Person {
    let mut person = dir::Person::new(id.clone(), "", "");
    let mut sources = SourcesSeen::default();
    if let Some(account) = account {
        add_account(&mut person, &mut sources, account);
    }
    if let Some(print) = print {
        add_print_user(&mut person, &mut sources, print, GroupId::clone);
    }
    person.state = sources.state(true, true);
    person
}

/// Whether the account server knows a user of the printing server.
pub enum AccountAnswer<'a> {
    /// It knows them.
    Known(&'a api::Account),
    /// It doesn't.
    Absent,
    /// It was not asked, or did not answer.
    Unknown,
}

/// A group member from the printing server's record. If the account server has not answered, the member is
/// not marked as known to the printing server only.
pub fn member(id: &UserId, account: &AccountAnswer<'_>, print: &api::PrintUser) -> dir::Person {
    let mut person = dir::Person::new(id.clone(), "", "");
    let mut sources = SourcesSeen::default();
    if let AccountAnswer::Known(account) = account {
        add_account(&mut person, &mut sources, account);
    }
    add_print_user(&mut person, &mut sources, print, GroupId::clone);
    person.state = sources.state(!matches!(account, AccountAnswer::Unknown), true);
    person
}

/// Adds the account server's record.
pub fn add_account(person: &mut dir::Person, sources: &mut SourcesSeen, account: &api::Account) {
    sources.account = true;
    sources.pending = is_pending(account);
    person.name = display_name(account);
    person.email = account.email.as_str().to_owned();
    person.role = role(&account.roles);
    person.origin = if account.is_azure {
        dir::Origin::Azure
    } else {
        dir::Origin::Ezeep
    };
    person.joined = account
        .date_joined
        .and_then(|at| i64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok());
    person.verified = account.is_verified;
}

/// Removes what the account server's record had added.
pub fn take_account(person: &mut dir::Person, sources: &mut SourcesSeen) {
    sources.account = false;
    sources.pending = false;
    *person = dir::Person {
        settings: person.settings,
        groups: std::mem::take(&mut person.groups),
        ..dir::Person::new(person.id.clone(), "", "")
    };
}

/// Adds the printing server's record. `group` returns the id to store, for example a shared copy of it.
pub fn add_print_user(
    person: &mut dir::Person,
    sources: &mut SourcesSeen,
    print: &api::PrintUser,
    group: impl FnMut(&GroupId) -> GroupId,
) {
    sources.print = true;
    person.settings = Some(dir::PrintSettings {
        local_printing: print.local_printing_enabled,
        self_service: print.self_service_enabled,
        my_printers: print.myprinters_enabled,
    });
    person.groups = print.groups.iter().map(group).collect();
}

/// Removes what the printing server's record had added.
pub fn take_print_user(person: &mut dir::Person, sources: &mut SourcesSeen) {
    sources.print = false;
    person.settings = None;
    person.groups = Vec::new();
}

fn is_pending(account: &api::Account) -> bool {
    account
        .invitations
        .iter()
        .any(|invitation| invitation.status == api::InvitationStatus::Open)
        && account.is_verified != Some(true)
}

fn role(roles: &[api::Role]) -> dir::Role {
    if roles.contains(&api::Role::Admin) {
        dir::Role::Admin
    } else if roles.is_empty() {
        dir::Role::Unknown
    } else {
        dir::Role::User
    }
}

/// Display name, or first and last name, or "": the first that has a visible character.
pub fn display_name(account: &api::Account) -> String {
    let [given, first, last] = [&account.display_name, &account.first_name, &account.last_name]
        .map(|part| Some(part.trim()).filter(|part| dir::is_visible(part)));
    match (given, first, last) {
        (Some(given), ..) => given.to_owned(),
        (None, Some(first), Some(last)) => format!("{first} {last}"),
        (None, first, last) => first.or(last).unwrap_or_default().to_owned(),
    }
}

/// A group from the printing server's record.
pub fn group(group: &api::Group) -> dir::Group {
    dir::Group {
        id: group.id.clone(),
        name: group.name.clone(),
        description: group.description.clone(),
        origin: match &group.origin {
            api::Origin::Ezeep => dir::Origin::Ezeep,
            api::Origin::Azure { .. } => dir::Origin::Azure,
            api::Origin::Other(provider) => dir::Origin::Other(provider.clone()),
        },
        printers: u32::try_from(group.num_printers).unwrap_or(u32::MAX),
        local_printing: group.local_printing_enabled,
        my_printers: group.myprinters_enabled,
    }
}

/// How many colors the UI has for organizations.
const COLORS: u8 = 8;

/// The colors of the organizations on this computer, by id.
pub type Colors = BTreeMap<String, u8>;

/// A user's organizations, as the switcher shows them: by name, Private last. No two have one color while
/// there are enough colors. Colors belong to the computer and are the same for all accounts; new ones are
/// added to `known`.
pub fn organizations(all: &[api::Organization], known: &mut Colors) -> Vec<wire::Organization> {
    let mut list: Vec<_> = all.iter().map(organization).collect();
    // By id, so that a renamed organization keeps its color; those that have a color go first.
    list.sort_by(|a, b| {
        let order = |o: &wire::Organization| (!known.contains_key(o.id.as_str()), o.private);
        (order(a), &a.id).cmp(&(order(b), &b.id))
    });
    let mut taken = Vec::new();
    for organization in &mut list {
        if taken.len() >= usize::from(COLORS) {
            taken.clear();
        }
        let kept = known
            .get(organization.id.as_str())
            .filter(|color| **color < COLORS);
        match kept {
            Some(color) => organization.color = *color,
            None => {
                while taken.contains(&organization.color) {
                    organization.color = (organization.color + 1) % COLORS;
                }
            }
        }
        known.insert(organization.id.as_str().to_owned(), organization.color);
        if !taken.contains(&organization.color) {
            taken.push(organization.color);
        }
    }
    list.sort_by_key(|organization| (organization.private, organization.name.to_lowercase()));
    list
}

fn organization(organization: &api::Organization) -> wire::Organization {
    wire::Organization {
        id: organization.id.clone(),
        name: organization.name.clone(),
        admin: organization.is_admin(),
        // Only the name tells: the API has no field for it (vendor-docs, "Switch Organizations").
        private: organization.name == "Private",
        color: color(organization.id.as_str()),
    }
}

/// Where the search for a free color begins: FNV-1a of the id, so that it is the same on each computer.
fn color(id: &str) -> u8 {
    let hash = id.bytes().fold(0x811c_9dc5_u32, |h, b| {
        (h ^ u32::from(b)).wrapping_mul(0x0100_0193)
    });
    ((hash ^ (hash >> 16)) % u32::from(COLORS)) as u8
}

fn origin(origin: &dir::Origin) -> wire::Origin {
    match origin {
        dir::Origin::Ezeep => wire::Origin::Ezeep,
        dir::Origin::Azure => wire::Origin::Azure,
        dir::Origin::Other(provider) => wire::Origin::Other {
            provider: provider.clone(),
        },
    }
}

fn wire_role(role: dir::Role) -> wire::Role {
    match role {
        dir::Role::Admin => wire::Role::Admin,
        dir::Role::User => wire::Role::User,
        dir::Role::Unknown => wire::Role::Unknown,
    }
}

fn wire_state(state: dir::UserState) -> wire::UserState {
    match state {
        dir::UserState::Active => wire::UserState::Active,
        dir::UserState::PendingInvitation => wire::UserState::PendingInvitation,
        dir::UserState::PrintingOnly => wire::UserState::PrintingOnly,
        dir::UserState::AccountOnly => wire::UserState::AccountOnly,
        dir::UserState::Unsettled => wire::UserState::Unsettled,
    }
}

fn wire_setting((setting, on): (dir::PrintSetting, bool)) -> wire::SettingFilter {
    let setting = match setting {
        dir::PrintSetting::LocalPrinting => wire::PrintSetting::LocalPrinting,
        dir::PrintSetting::SelfService => wire::PrintSetting::SelfService,
        dir::PrintSetting::MyPrinters => wire::PrintSetting::MyPrinters,
    };
    wire::SettingFilter { setting, on }
}

/// The counts beside the filters, for the UI.
pub fn facets(facets: dir::Facets) -> wire::Facets {
    fn counted<D, W>(counts: Vec<(D, u32)>, show: impl Fn(D) -> W) -> Vec<wire::Counted<W>> {
        let one = |(value, count)| wire::Counted {
            value: show(value),
            count,
        };
        counts.into_iter().map(one).collect()
    }
    wire::Facets {
        total: facets.total,
        matched: facets.matched,
        groups: counted(facets.groups, |id| id),
        no_group: facets.no_group,
        roles: counted(facets.roles, wire_role),
        states: counted(facets.states, wire_state),
        origins: counted(facets.origins, |value| origin(&value)),
        settings: counted(facets.settings, wire_setting),
    }
}

/// Groups named in a row.
const ROW_GROUPS: usize = 3;

/// A window of users; `whole` as in [`user_row`].
pub fn user_window(
    directory: &dir::Directory,
    window: &dir::Window<dir::Person>,
    whole: bool,
) -> wire::UserWindow {
    let rows = window.rows.iter();
    wire::UserWindow {
        total: window.total,
        matched: window.matched,
        offset: window.offset,
        rows: rows.map(|person| user_row(directory, person, whole)).collect(),
    }
}

/// A user's row. Unless `whole`, the directory is not read completely yet, and a group that it does not know
/// has no name so far.
pub fn user_row(directory: &dir::Directory, person: &dir::Person, whole: bool) -> wire::UserRow {
    let groups = directory
        .group_refs(person, ROW_GROUPS)
        .into_iter()
        .map(|(id, name)| wire::RowGroup {
            name: (whole || directory.group(&id).is_some()).then_some(name),
            id,
        })
        .collect();
    wire::UserRow {
        id: person.id.clone(),
        name: person.name.clone(),
        email: person.email.clone(),
        role: wire_role(person.role),
        state: wire_state(person.state),
        origin: origin(&person.origin),
        groups,
        group_count: u32::try_from(person.groups.len()).unwrap_or(u32::MAX),
        settings: person.settings.map(|s| wire::PrintSettings {
            local_printing: s.local_printing,
            self_service: s.self_service,
            my_printers: s.my_printers,
        }),
        joined: person.joined,
        half_read: person.is_half_read(),
    }
}

/// A group's row.
pub fn group_row(info: &dir::GroupInfo) -> wire::GroupRow {
    wire::GroupRow {
        id: info.group.id.clone(),
        name: info.group.name.clone(),
        description: info.group.description.clone(),
        origin: origin(&info.group.origin),
        members: info.members,
        printers: info.group.printers,
        local_printing: info.group.local_printing,
        my_printers: info.group.my_printers,
    }
}

/// The scope for the directory.
///
/// # Errors
/// [`ErrorCode::ArgumentInvalid`](crate::error::ErrorCode::ArgumentInvalid) for a search of more than 200
/// characters.
pub fn scope(scope: &wire::UserScope) -> Result<dir::UserScope> {
    Ok(dir::UserScope {
        search: search(&scope.search)?,
        groups: scope.groups.clone(),
        no_group: scope.no_group,
        roles: scope
            .roles
            .iter()
            .map(|r| match r {
                wire::Role::Admin => dir::Role::Admin,
                wire::Role::User => dir::Role::User,
                wire::Role::Unknown => dir::Role::Unknown,
            })
            .collect(),
        states: scope
            .states
            .iter()
            .map(|s| match s {
                wire::UserState::Active => dir::UserState::Active,
                wire::UserState::PendingInvitation => dir::UserState::PendingInvitation,
                wire::UserState::PrintingOnly => dir::UserState::PrintingOnly,
                wire::UserState::AccountOnly => dir::UserState::AccountOnly,
                wire::UserState::Unsettled => dir::UserState::Unsettled,
            })
            .collect(),
        origins: scope
            .origins
            .iter()
            .map(|origin| match origin {
                wire::Origin::Ezeep => dir::Origin::Ezeep,
                wire::Origin::Azure => dir::Origin::Azure,
                wire::Origin::Other { provider } => dir::Origin::Other(provider.clone()),
            })
            .collect(),
        settings: scope
            .settings
            .iter()
            .map(|f| {
                let setting = match f.setting {
                    wire::PrintSetting::LocalPrinting => dir::PrintSetting::LocalPrinting,
                    wire::PrintSetting::SelfService => dir::PrintSetting::SelfService,
                    wire::PrintSetting::MyPrinters => dir::PrintSetting::MyPrinters,
                };
                (setting, f.on)
            })
            .collect(),
    })
}

/// Returns the search text.
///
/// # Errors
/// [`ErrorCode::ArgumentInvalid`](crate::error::ErrorCode::ArgumentInvalid) for more than 200 characters.
pub fn search(text: &str) -> Result<String> {
    if text.chars().count() > 200 {
        return Err(crate::error::ErrorCode::ArgumentInvalid {
            field: "search".into(),
        }
        .into());
    }
    Ok(text.to_owned())
}

/// The sort of users for the directory.
pub fn user_sort(column: wire::UserColumn, descending: bool) -> dir::Sort<dir::UserColumn> {
    let column = match column {
        wire::UserColumn::Name => dir::UserColumn::Name,
        wire::UserColumn::Email => dir::UserColumn::Email,
        wire::UserColumn::Groups => dir::UserColumn::Groups,
        wire::UserColumn::Role => dir::UserColumn::Role,
        wire::UserColumn::State => dir::UserColumn::State,
        wire::UserColumn::Origin => dir::UserColumn::Origin,
    };
    dir::Sort { column, descending }
}

/// The sort of groups for the directory.
pub fn group_sort(column: wire::GroupColumn, descending: bool) -> dir::Sort<dir::GroupColumn> {
    let column = match column {
        wire::GroupColumn::Name => dir::GroupColumn::Name,
        wire::GroupColumn::Description => dir::GroupColumn::Description,
        wire::GroupColumn::Origin => dir::GroupColumn::Origin,
        wire::GroupColumn::Members => dir::GroupColumn::Members,
        wire::GroupColumn::Printers => dir::GroupColumn::Printers,
    };
    dir::Sort { column, descending }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn a_display_name_that_nobody_sees_gives_way_to_first_and_last_name() {
        for (given, first, last, shown) in [
            (" Anna Berg ", "A", "B", "Anna Berg"),
            ("\u{200b}", "Anna", "Berg", "Anna Berg"),
            ("\u{3164} ", "\u{200b}", "Berg", "Berg"),
            ("\u{200b}", "\u{feff}", "", ""),
        ] {
            let account = json!({
                "id": "u", "email": "a@b.example",
                "display_name": given, "first_name": first, "last_name": last,
            });
            let account = serde_json::from_value(account).unwrap();
            assert_eq!(super::display_name(&account), shown, "{given:?}");
        }
    }
}
