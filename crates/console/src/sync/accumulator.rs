//! What a full read has brought so far. The users of each page are joined and compacted as they come, so that
//! at most one page is held as the servers wrote it. Must never mark a user as known to one server only
//! before both lists were read to their end.

use std::collections::{HashMap, HashSet};

use directory as dir;
use ezeep_api as api;
use ids::{GroupId, UserId};

use super::completeness::CompleteLists;
use crate::convert::{self, SourcesSeen};

/// Most entries that memory is reserved for: a server may report any count.
const MAX_RESERVED: u64 = 200_000;

/// The number of a pass over a list.
type Pass = u8;

/// The users and groups read so far. Entries of an earlier pass of a list count until the list has ended, so
/// that a partial list that is shown does not shrink during a repetition.
#[derive(Default)]
pub struct Accumulator {
    people: Vec<dir::Person>,
    seen: Vec<SeenInPass>,
    slots: HashMap<UserId, u32>,
    groups: HashMap<GroupId, (Pass, dir::Group)>,
    accounts_pass: Pass,
    print_users_pass: Pass,
    groups_pass: Pass,
    /// One copy of each group's id, shared by all members.
    group_ids: HashSet<GroupId>,
}

/// What was read of a user, and in which pass.
#[derive(Clone, Copy, Default)]
struct SeenInPass {
    sources: SourcesSeen,
    account: Pass,
    print_user: Pass,
}

impl Accumulator {
    /// Number of users and groups read.
    pub fn len(&self) -> usize {
        self.people.len() + self.groups.len()
    }

    /// Reserves memory for a list of this reported length.
    pub fn reserve(&mut self, people: u64) {
        let people = usize::try_from(people.min(MAX_RESERVED)).unwrap_or_default();
        let more = people.saturating_sub(self.people.len());
        self.people.reserve_exact(more);
        self.seen.reserve_exact(more);
        self.slots.reserve(more);
    }

    /// Adds a page of groups.
    pub fn groups(&mut self, groups: Vec<api::Group>) {
        for group in groups.iter().map(convert::group) {
            self.groups.insert(group.id.clone(), (self.groups_pass, group));
        }
    }

    /// Adds a page of accounts.
    pub fn accounts(&mut self, accounts: Vec<api::Account>) {
        for account in accounts {
            let slot = self.slot(&account.id);
            let seen = &mut self.seen[slot];
            seen.account = self.accounts_pass;
            convert::add_account(&mut self.people[slot], &mut seen.sources, &account);
        }
    }

    /// Adds a page of print users.
    pub fn print_users(&mut self, users: Vec<api::PrintUser>) {
        for user in users {
            let slot = self.slot(&user.id);
            let ids = &mut self.group_ids;
            // The same few ids come with each user: one copy of each is stored.
            let group = |id: &GroupId| match ids.get(id) {
                Some(known) => known.clone(),
                None => {
                    ids.insert(id.clone());
                    id.clone()
                }
            };
            let seen = &mut self.seen[slot];
            seen.print_user = self.print_users_pass;
            convert::add_print_user(&mut self.people[slot], &mut seen.sources, &user, group);
        }
    }

    /// Begins another pass over the groups.
    pub fn restart_groups(&mut self) {
        self.groups_pass += 1;
    }

    /// Begins another pass over the accounts.
    pub fn restart_accounts(&mut self) {
        self.accounts_pass += 1;
    }

    /// Begins another pass over the print users.
    pub fn restart_print_users(&mut self) {
        self.print_users_pass += 1;
    }

    /// A copy of what was read so far. Users named by one server only are `Unsettled`.
    pub fn partial(&self) -> (Vec<dir::Person>, Vec<dir::Group>) {
        let people = self.people.iter().zip(&self.seen);
        let people = people.map(|(person, seen)| dir::Person {
            state: seen.sources.state(false, false),
            ..person.clone()
        });
        let groups = self.groups.values().map(|(_, group)| group.clone());
        (people.collect(), groups.collect())
    }

    /// The result after all lists have ended: the entries of each list's last pass. From an incomplete list
    /// the entries of earlier passes count too, and users whom only the other list names are `Unsettled`.
    pub fn finish(mut self, lists: &CompleteLists) -> (Vec<dir::Person>, Vec<dir::Group>) {
        drop((self.slots, self.group_ids));
        for (person, seen) in self.people.iter_mut().zip(&mut self.seen) {
            let no_account = lists.accounts.rules_out(person.id.as_str());
            let no_print_user = lists.print_users.rules_out(person.id.as_str());
            if no_account && seen.account != self.accounts_pass {
                convert::take_account(person, &mut seen.sources);
            }
            if no_print_user && seen.print_user != self.print_users_pass {
                convert::take_print_user(person, &mut seen.sources);
            }
            person.state = seen.sources.state(no_account, no_print_user);
        }
        let mut known = self.seen.iter().map(|seen| seen.sources.any());
        self.people.retain(|_| known.next().unwrap_or_default());
        let groups = self.groups.into_values();
        let groups = groups.filter_map(|(pass, group)| {
            let is_gone = pass != self.groups_pass && lists.groups.rules_out(group.id.as_str());
            (!is_gone).then_some(group)
        });
        (self.people, groups.collect())
    }

    fn slot(&mut self, id: &UserId) -> usize {
        if let Some(slot) = self.slots.get(id) {
            return *slot as usize;
        }
        let slot = self.people.len();
        let person = dir::Person::new(id.clone(), "", "");
        self.slots
            .insert(person.id.clone(), u32::try_from(slot).unwrap_or(u32::MAX));
        self.people.push(person);
        self.seen.push(SeenInPass::default());
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::super::completeness::{CompleteLists, Completeness};
    use super::Accumulator;
    use directory::{Person, UserState};
    use ezeep_api::{Account, Group, PrintUser};
    use serde_json::json;

    fn account(id: &str) -> Account {
        serde_json::from_value(json!({ "id": id, "email": format!("{id}@a.example"), "display_name": id }))
            .unwrap()
    }

    fn print_user(id: &str) -> PrintUser {
        serde_json::from_value(json!({ "id": id, "groups": [{ "group_id": "g-1" }] })).unwrap()
    }

    fn group(id: &str) -> Group {
        serde_json::from_value(json!({ "id": id, "name": id, "origin": { "provider": "ezeep" }, "organization_id": "o-1", "num_members": 0, "num_printers": 0 })).unwrap()
    }

    fn find<'a>(people: &'a [Person], id: &str) -> &'a Person {
        people.iter().find(|person| person.id.as_str() == id).unwrap()
    }

    #[test]
    fn half_known_people_are_unsettled_in_a_part_and_of_one_server_in_the_whole() {
        let mut accumulator = Accumulator::default();
        accumulator.reserve(u64::MAX);
        accumulator.print_users(vec![print_user("u-1"), print_user("u-2")]);
        accumulator.accounts(vec![account("u-2"), account("u-3")]);
        let (part, _) = accumulator.partial();
        assert_eq!(find(&part, "u-1").state, UserState::Unsettled);
        assert_eq!(find(&part, "u-2").state, UserState::Active);
        assert_eq!(find(&part, "u-3").state, UserState::Unsettled);
        let (whole, _) = accumulator.finish(&CompleteLists::all());
        assert_eq!(find(&whole, "u-1").state, UserState::PrintingOnly);
        assert_eq!(find(&whole, "u-2").groups.len(), 1);
        assert_eq!(find(&whole, "u-3").state, UserState::AccountOnly);
    }

    #[test]
    fn what_only_an_earlier_pass_had_counts_until_the_list_has_ended_and_then_no_more() {
        let mut accumulator = Accumulator::default();
        accumulator.groups(vec![group("g-1"), group("g-2")]);
        accumulator.print_users(vec![print_user("u-1"), print_user("u-2")]);
        accumulator.accounts(vec![account("u-1"), account("u-2"), account("u-3")]);
        accumulator.restart_groups();
        accumulator.restart_accounts();
        accumulator.groups(vec![group("g-2")]);
        accumulator.accounts(vec![account("u-1")]);
        let (part, groups) = accumulator.partial();
        assert_eq!((part.len(), groups.len()), (3, 2));
        assert_eq!(find(&part, "u-2").name, "u-2");
        let (whole, groups) = accumulator.finish(&CompleteLists::all());
        assert_eq!(whole.len(), 2, "the third was known to the accounts alone");
        assert_eq!(find(&whole, "u-2").state, UserState::PrintingOnly);
        assert_eq!(find(&whole, "u-2").name, "", "nothing of it stays");
        assert_eq!(groups.len(), 1);
    }

    #[test]
    fn whom_a_list_in_doubt_does_not_name_is_of_one_server_by_the_other_lists_word_alone() {
        let mut accumulator = Accumulator::default();
        accumulator.print_users(vec![print_user("u-1")]);
        accumulator.accounts(vec![account("u-2")]);
        let (whole, _) = accumulator.finish(&CompleteLists {
            accounts: Completeness::Partial,
            ..CompleteLists::all()
        });
        assert_eq!(find(&whole, "u-1").state, UserState::Unsettled);
        assert_eq!(
            find(&whole, "u-2").state,
            UserState::AccountOnly,
            "the print users were read without a doubt"
        );
    }

    #[test]
    fn what_an_earlier_pass_of_a_list_in_doubt_had_stays() {
        let mut accumulator = Accumulator::default();
        accumulator.groups(vec![group("g-1")]);
        accumulator.accounts(vec![account("u-1"), account("u-2")]);
        accumulator.restart_groups();
        accumulator.restart_accounts();
        accumulator.groups(vec![group("g-2")]);
        accumulator.accounts(vec![account("u-2")]);
        let (whole, groups) = accumulator.finish(&CompleteLists {
            groups: Completeness::Partial,
            accounts: Completeness::Partial,
            ..CompleteLists::all()
        });
        assert_eq!((whole.len(), groups.len()), (2, 2));
        assert_eq!(find(&whole, "u-1").name, "u-1");
    }
}
