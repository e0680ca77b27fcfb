//! The rule for lists that could not be read completely: they add and change, and users who are shown and not
//! in them stay as they are shown. Must never keep what a complete list rules out.

use std::collections::{HashMap, HashSet};

use directory as dir;
use directory::UserState;

use crate::organization::OrganizationContext;

/// Users looked up under one lock, so that a query for rows waits only for these.
const AT_ONCE: usize = 2_000;

/// What a list tells about users or groups that it does not name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Completeness {
    /// Nothing: some may have been missed.
    Partial,
    /// They do not exist on that server.
    Complete {
        /// Ids of items that could not be understood: they may exist.
        except: HashSet<String>,
    },
}

impl Completeness {
    /// Whether a user or group with this id, not named in the list, certainly does not exist on that server.
    pub fn rules_out(&self, id: &str) -> bool {
        match self {
            Self::Partial => false,
            Self::Complete { except } => !except.contains(id),
        }
    }

    /// Whether this is so for all ids.
    fn is_total(&self) -> bool {
        matches!(self, Self::Complete { except } if except.is_empty())
    }
}

/// The completeness of each list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompleteLists {
    /// The groups.
    pub groups: Completeness,
    /// The print users.
    pub print_users: Completeness,
    /// The accounts.
    pub accounts: Completeness,
}

impl CompleteLists {
    /// Whether each list rules out all users or groups that it does not name.
    pub fn are_total(&self) -> bool {
        self.groups.is_total() && self.print_users.is_total() && self.accounts.is_total()
    }
}

#[cfg(test)]
impl CompleteLists {
    /// All of them.
    pub fn all() -> Self {
        let complete = || Completeness::Complete {
            except: HashSet::new(),
        };
        Self {
            groups: complete(),
            print_users: complete(),
            accounts: complete(),
        }
    }
}

/// Adds to what was read: the users, halves of users, and groups that are shown and that only an incomplete
/// list has left out.
pub fn keep_unnamed(
    context: &OrganizationContext,
    people: &mut Vec<dir::Person>,
    groups: &mut Vec<dir::Group>,
    lists: &CompleteLists,
) {
    if !(lists.print_users.is_total() && lists.accounts.is_total()) {
        keep_people(context, people, lists);
    }
    if !lists.groups.is_total() {
        keep_groups(context, groups, &lists.groups);
    }
}

fn keep_people(context: &OrganizationContext, people: &mut Vec<dir::Person>, lists: &CompleteLists) {
    // If nothing is shown, nothing can be lost.
    let Ok(shown) = context
        .store
        .read(|directory| directory.matching(&dir::UserScope::default()))
    else {
        return;
    };
    let mut places: HashMap<ids::UserId, usize> = HashMap::with_capacity(people.len());
    places.extend(
        people
            .iter()
            .enumerate()
            .map(|(place, person)| (person.id.clone(), place)),
    );
    for ids in shown.chunks(AT_ONCE) {
        let found = context.store.read(|directory| {
            let missing = ids.iter().filter(|id| match places.get(*id) {
                None => {
                    let id = id.as_str();
                    !(lists.print_users.rules_out(id) && lists.accounts.rules_out(id))
                }
                Some(place) => people
                    .get(*place)
                    .is_some_and(|read| !(has_account(read) && has_print(read))),
            });
            missing.filter_map(|id| directory.person(id)).collect::<Vec<_>>()
        });
        for before in found.into_iter().flatten() {
            match places.get(&before.id).and_then(|place| people.get_mut(*place)) {
                Some(read) => complete(read, before, lists),
                None => people.extend(not_ruled_out(before, lists)),
            }
        }
    }
}

fn keep_groups(context: &OrganizationContext, groups: &mut Vec<dir::Group>, list: &Completeness) {
    let by_name = dir::Sort::ascending(dir::GroupColumn::Name);
    let Ok(shown) = context
        .store
        .read(|directory| directory.groups("", by_name, 0, u32::MAX).rows)
    else {
        return;
    };
    let named: HashSet<ids::GroupId> = groups.iter().map(|group| group.id.clone()).collect();
    let shown = shown.into_iter().map(|info| info.group);
    groups.extend(shown.filter(|group| !named.contains(&group.id) && !list.rules_out(group.id.as_str())));
}

/// Whether the account server has named a user.
fn has_account(person: &dir::Person) -> bool {
    match person.state {
        UserState::Active | UserState::PendingInvitation | UserState::AccountOnly => true,
        UserState::PrintingOnly => false,
        UserState::Unsettled => !has_print(person),
    }
}

/// Whether the printing server has named a user.
fn has_print(person: &dir::Person) -> bool {
    person.settings.is_some()
}

/// The rest of a user whom no list names: the halves that no list rules out.
fn not_ruled_out(before: dir::Person, lists: &CompleteLists) -> Option<dir::Person> {
    let id = before.id.as_str();
    if lists.print_users.rules_out(id) {
        has_account(&before).then(|| dir::Person {
            settings: None,
            groups: Vec::new(),
            state: match before.state {
                UserState::PendingInvitation => UserState::PendingInvitation,
                _ => UserState::AccountOnly,
            },
            ..before
        })
    } else if lists.accounts.rules_out(id) {
        has_print(&before).then(|| dir::Person {
            settings: before.settings,
            groups: before.groups,
            state: UserState::PrintingOnly,
            ..dir::Person::new(before.id, "", "")
        })
    } else {
        Some(before)
    }
}

/// Fills the half of a user that an incomplete list has left out from what is shown. A user certainly known
/// to one server only stays so.
fn complete(read: &mut dir::Person, before: dir::Person, lists: &CompleteLists) {
    if !has_account(read) && has_account(&before) && !lists.accounts.rules_out(read.id.as_str()) {
        let state = match before.state {
            UserState::PendingInvitation => UserState::PendingInvitation,
            _ => UserState::Active,
        };
        *read = dir::Person {
            settings: read.settings,
            groups: std::mem::take(&mut read.groups),
            state,
            ..before
        };
    } else if !has_print(read) && has_print(&before) && !lists.print_users.rules_out(read.id.as_str()) {
        read.settings = before.settings;
        read.groups = before.groups;
        if read.state != UserState::PendingInvitation {
            read.state = UserState::Active;
        }
    } else if read.state == UserState::Unsettled
        && (has_account(read), has_print(read)) == (has_account(&before), has_print(&before))
    {
        read.state = before.state;
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::{CompleteLists, Completeness, complete, not_ruled_out};
    use directory::{Person, PrintSettings, UserState};
    use ids::InvalidId;

    fn accounts_in_doubt() -> CompleteLists {
        CompleteLists {
            accounts: Completeness::Partial,
            ..CompleteLists::all()
        }
    }

    fn print_users_in_doubt() -> CompleteLists {
        CompleteLists {
            print_users: Completeness::Partial,
            ..CompleteLists::all()
        }
    }

    fn id<Id: FromStr<Err = InvalidId>>(text: &str) -> Id {
        text.parse().unwrap()
    }

    /// A user as the printing server alone names them.
    fn print_half(state: UserState, group: &str) -> Person {
        Person {
            state,
            settings: Some(PrintSettings::default()),
            groups: vec![id(group)],
            ..Person::new(id("u"), "", "")
        }
    }

    /// A user as the account server alone names them.
    fn account_half(state: UserState, name: &str) -> Person {
        Person {
            state,
            ..Person::new(id("u"), name, "u@a.example")
        }
    }

    fn both(state: UserState) -> Person {
        Person {
            name: "Before".into(),
            email: "u@a.example".into(),
            ..print_half(state, "before")
        }
    }

    fn completed(mut read: Person, before: Person, lists: &CompleteLists) -> Person {
        complete(&mut read, before, lists);
        read
    }

    #[test]
    fn a_name_stays_where_the_accounts_are_in_doubt_and_the_memberships_are_the_new_ones() {
        for state in [UserState::Active, UserState::PendingInvitation] {
            let now = completed(
                print_half(UserState::Unsettled, "now"),
                both(state),
                &accounts_in_doubt(),
            );
            assert_eq!((now.name.as_str(), now.state), ("Before", state));
            assert_eq!(now.groups, [id("now")]);
        }
    }

    #[test]
    fn memberships_stay_where_the_print_users_are_in_doubt_and_the_name_is_the_new_one() {
        for (read, state) in [
            (UserState::Unsettled, UserState::Active),
            (UserState::PendingInvitation, UserState::PendingInvitation),
        ] {
            let now = completed(
                account_half(read, "Now"),
                both(UserState::Active),
                &print_users_in_doubt(),
            );
            assert_eq!((now.name.as_str(), now.state), ("Now", state));
            assert_eq!(now.groups, [id("before")]);
            assert!(now.settings.is_some());
        }
    }

    #[test]
    fn what_a_list_without_doubt_no_longer_says_is_gone() {
        let now = print_half(UserState::PrintingOnly, "now");
        assert_eq!(
            completed(now.clone(), both(UserState::Active), &print_users_in_doubt()),
            now
        );
        let now = account_half(UserState::AccountOnly, "Now");
        assert_eq!(
            completed(now.clone(), both(UserState::Active), &accounts_in_doubt()),
            now
        );
    }

    #[test]
    fn of_a_user_whom_no_list_names_stays_what_no_list_rules_out() {
        use UserState::{AccountOnly, Active, PendingInvitation, PrintingOnly, Unsettled};
        let account = |state| account_half(state, "Before");
        let print = |state| print_half(state, "before");

        let lists = &accounts_in_doubt();
        assert_eq!(not_ruled_out(both(Active), lists), Some(account(AccountOnly)));
        assert_eq!(
            not_ruled_out(both(PendingInvitation), lists),
            Some(account(PendingInvitation))
        );
        assert_eq!(
            not_ruled_out(account(Unsettled), lists),
            Some(account(AccountOnly))
        );
        assert_eq!(not_ruled_out(print(PrintingOnly), lists), None);
        assert_eq!(not_ruled_out(print(Unsettled), lists), None);

        let lists = &print_users_in_doubt();
        assert_eq!(not_ruled_out(both(Active), lists), Some(print(PrintingOnly)));
        assert_eq!(not_ruled_out(print(Unsettled), lists), Some(print(PrintingOnly)));
        assert_eq!(not_ruled_out(account(AccountOnly), lists), None);

        let lists = &CompleteLists {
            print_users: Completeness::Partial,
            ..accounts_in_doubt()
        };
        for before in [both(Active), print(PrintingOnly), account(Unsettled)] {
            assert_eq!(not_ruled_out(before.clone(), lists), Some(before));
        }
    }

    #[test]
    fn who_was_surely_known_to_one_server_stays_so_and_who_was_not_does_not_become_it() {
        for before in [UserState::PrintingOnly, UserState::Unsettled] {
            let read = print_half(UserState::Unsettled, "now");
            let now = completed(read, print_half(before, "before"), &accounts_in_doubt());
            assert_eq!((now.state, now.groups), (before, vec![id("now")]));
        }
        let read = print_half(UserState::Unsettled, "now");
        let before = account_half(UserState::AccountOnly, "Before");
        let now = completed(read, before, &accounts_in_doubt());
        assert_eq!((now.state, now.name.as_str()), (UserState::Active, "Before"));
    }
}
