//! The whole directory: people and groups joined by memberships, and all queries on it. Keeps both sides of a
//! membership in step; [`crate::people`] and [`crate::groups`] own what each side stores.

use std::collections::HashSet;

use fixedbitset::FixedBitSet;
use ids::{GroupId, UserId};

use crate::collation::Collation;
use crate::facets;
use crate::filters::FilterSets;
use crate::groups::Groups;
use crate::model::{Facets, Group, GroupColumn, GroupInfo, Person, Sort, UserColumn, UserScope, Window};
use crate::people::People;

/// An organization's people and groups.
///
/// A query costs at most one pass over all people; a change costs its own size, plus one shift of the sorted
/// sequences if a name or an address changes.
#[derive(Debug)]
pub struct Directory {
    pub(crate) people: People,
    pub(crate) groups: Groups,
}

impl Default for Directory {
    /// An empty directory.
    fn default() -> Self {
        Self::build(Vec::new(), Vec::new())
    }
}

impl Directory {
    /// Makes a directory of everything that was read. Of several items with the same id the last counts. A
    /// group that a person names and that is not in `groups` is kept: it is shown with its id as its name.
    ///
    /// Sorted by the root collation; [`Self::build_in`] sorts by a locale.
    pub fn build(people: Vec<Person>, groups: Vec<Group>) -> Self {
        Self::build_in("", people, groups)
    }

    /// The same, sorted by a locale (BCP 47, "sv-SE"). An unknown locale is the root collation.
    pub fn build_in(locale: &str, people: Vec<Person>, groups: Vec<Group>) -> Self {
        let collation = Collation::of(locale);
        let mut seen = HashSet::new();
        let mut people: Vec<Person> = people
            .into_iter()
            .rev()
            .filter(|person| seen.insert(person.id.clone()))
            .collect();
        drop(seen);
        people.reverse();

        let mut groups = Groups::build(
            collation.clone(),
            groups,
            people.iter().flat_map(|person| &person.groups),
        );
        let mut number = 0;
        let people = People::build(
            collation,
            people.into_iter().map(|person| {
                let slots = resolve(&mut groups, &person.groups);
                slots.iter().for_each(|group| groups.join(*group, number));
                number += 1;
                (person, slots)
            }),
        );
        Self { people, groups }
    }

    // ---- for the snapshot
    // ----------------------------------------------------------------------------------------

    /// A directory of both sides, which must agree on the memberships.
    pub(crate) fn of(people: People, groups: Groups) -> Self {
        Self { people, groups }
    }

    /// Builds the search index. A restored directory otherwise builds it at the first search, which then
    /// takes a third of a second for 100,000 people.
    pub fn prepare_search(&self) {
        self.people.prepare_search();
    }

    pub(crate) fn people(&self) -> &People {
        &self.people
    }

    pub(crate) fn groups_part(&self) -> &Groups {
        &self.groups
    }

    // ---- questions
    // -----------------------------------------------------------------------------------------------

    /// The numbers of people and groups. A group that is only named by people does not count.
    pub fn totals(&self) -> (u32, u32) {
        (self.people.len(), self.groups.len())
    }

    /// A window of the people who match: at most `limit` rows from row `offset` on.
    pub fn users(
        &self,
        scope: &UserScope,
        sort: Sort<UserColumn>,
        offset: u32,
        limit: u32,
    ) -> Window<Person> {
        let sorted = self.people.sorted(&self.select(scope), sort);
        let same = self.people.same(sort.column);
        sorted.window(
            self.people.len(),
            (offset, limit),
            sort.descending,
            same,
            |slot| self.show(slot),
        )
    }

    /// A window of a group's members who match a search as in [`UserScope::search`]; the total is that of all
    /// members. An unknown group has none.
    pub fn members(
        &self,
        group: &GroupId,
        search: &str,
        sort: Sort<UserColumn>,
        offset: u32,
        limit: u32,
    ) -> Window<Person> {
        let members = self
            .groups
            .slot(group)
            .map_or(&[][..], |slot| self.groups.members(slot));
        let sorted = self
            .people
            .sorted(&self.people.select_among(members, search), sort);
        let same = self.people.same(sort.column);
        sorted.window(
            members.len() as u32,
            (offset, limit),
            sort.descending,
            same,
            |slot| self.show(slot),
        )
    }

    /// The ids of all people who match, by name.
    pub fn matching(&self, scope: &UserScope) -> Vec<UserId> {
        let slots = self.people.by_name(&self.select(scope));
        slots
            .into_iter()
            .map(|slot| UserId::from_checked(self.people.id(slot)))
            .collect()
    }

    /// The ids of the rows that [`Self::users`] returns.
    pub fn user_ids(
        &self,
        scope: &UserScope,
        sort: Sort<UserColumn>,
        offset: u32,
        limit: u32,
    ) -> Vec<UserId> {
        let sorted = self.people.sorted(&self.select(scope), sort);
        let same = self.people.same(sort.column);
        let id = |slot| UserId::from_checked(self.people.id(slot));
        sorted.window(0, (offset, limit), sort.descending, same, id).rows
    }

    /// Those of the ids that don't match or are unknown.
    pub fn not_matching(&self, scope: &UserScope, ids: &[UserId]) -> Vec<UserId> {
        let selected = self.select(scope);
        let matches = |id: &UserId| {
            self.people
                .slot(id)
                .is_some_and(|slot| selected.contains(slot as usize))
        };
        ids.iter().filter(|id| !matches(id)).cloned().collect()
    }

    /// A window of the groups whose name, description or id contains each word of the search, as in
    /// [`UserScope::search`].
    pub fn groups(
        &self,
        search: &str,
        sort: Sort<GroupColumn>,
        offset: u32,
        limit: u32,
    ) -> Window<GroupInfo> {
        let sorted = self.groups.sorted(search, sort);
        let same = |a, b| self.groups.compare(sort.column, a, b).is_eq();
        sorted.window(
            self.groups.len(),
            (offset, limit),
            sort.descending,
            same,
            |slot| self.groups.info(slot),
        )
    }

    /// One person.
    pub fn person(&self, id: &UserId) -> Option<Person> {
        self.people.slot(id).map(|slot| self.show(slot))
    }

    /// One group; `None` if it is only named by people.
    pub fn group(&self, id: &GroupId) -> Option<GroupInfo> {
        let slot = self
            .groups
            .slot(id)
            .filter(|slot| self.groups.is_described(*slot));
        slot.map(|slot| self.groups.info(slot))
    }

    /// All groups of a person, by name; none for an unknown person. A group that is only named by people is
    /// included, with its id as its name and [`crate::Origin::Other`] without a text.
    pub fn groups_of(&self, id: &UserId) -> Vec<GroupInfo> {
        let mut slots = self
            .people
            .slot(id)
            .map_or_else(Vec::new, |slot| self.people.groups(slot).to_vec());
        self.groups.sort_by_name(&mut slots);
        slots.into_iter().map(|slot| self.groups.info(slot)).collect()
    }

    /// The first groups in `person`, by name, with their names; the id stands for an unknown name.
    pub fn group_refs(&self, person: &Person, at_most: usize) -> Vec<(GroupId, String)> {
        let (mut known, mut strange) = (Vec::new(), Vec::new());
        for id in &person.groups {
            match self.groups.slot(id) {
                Some(slot) => known.push(slot),
                None => strange.push(id),
            }
        }
        self.groups.sort_by_name(&mut known);
        strange.sort();
        let known = known
            .into_iter()
            .map(|slot| (self.groups.id(slot), self.groups.name(slot)));
        let strange = strange.into_iter().map(|id| (id, id.as_str()));
        known
            .chain(strange)
            .take(at_most)
            .map(|(id, name)| (id.clone(), name.to_owned()))
            .collect()
    }

    /// The counts beside the filters, and those of the given groups, in their order: 0 for an unknown one.
    /// Costs about as much as [`Self::users`]; counting many groups looks at each membership at most once.
    pub fn facets(&self, scope: &UserScope, groups: &[GroupId]) -> Facets {
        facets::count(&self.people, &self.groups, scope, self.passing(scope), groups)
    }

    pub(crate) fn select(&self, scope: &UserScope) -> FixedBitSet {
        self.people.select(scope, &self.passing(scope))
    }

    fn passing(&self, scope: &UserScope) -> FilterSets {
        let groups = scope.groups.iter().filter_map(|id| self.groups.slot(id));
        let members = groups.flat_map(|slot| self.groups.members(slot));
        self.people.passing(scope, members.copied())
    }

    fn show(&self, slot: u32) -> Person {
        self.people.person(slot, |group| self.groups.id(group).clone())
    }

    // ---- changes
    // -------------------------------------------------------------------------------------------------

    /// Writes a person with their groups, new or known.
    pub fn upsert_person(&mut self, person: Person) {
        let groups = resolve(&mut self.groups, &person.groups);
        let slot = self.people.upsert(person);
        self.write_groups(slot, groups);
    }

    /// Removes a person. Returns false if there was none.
    pub fn remove_person(&mut self, id: &UserId) -> bool {
        let Some(slot) = self.people.slot(id) else {
            return false;
        };
        self.write_groups(slot, Vec::new());
        self.people.remove(slot);
        true
    }

    /// Replaces the groups of a person. Returns false, without a change, if there is no such person.
    pub fn set_groups(&mut self, id: &UserId, groups: &[GroupId]) -> bool {
        let Some(slot) = self.people.slot(id) else {
            return false;
        };
        let groups = resolve(&mut self.groups, groups);
        self.write_groups(slot, groups);
        true
    }

    /// Writes a group, new or known. Its members stay.
    pub fn upsert_group(&mut self, group: Group) {
        self.groups.upsert(group);
    }

    /// Removes a group, also from its members. Returns false if it was unknown.
    pub fn remove_group(&mut self, id: &GroupId) -> bool {
        let Some(slot) = self.groups.slot(id) else {
            return false;
        };
        for person in self.groups.remove(slot) {
            self.people.leave(person, slot);
        }
        true
    }

    /// Makes exactly these people the members of a group. Unknown people are ignored; an unknown group is
    /// kept like one that people name.
    pub fn set_members(&mut self, group: &GroupId, members: &[UserId]) {
        let mut after: Vec<u32> = members.iter().filter_map(|id| self.people.slot(id)).collect();
        after.sort_unstable();
        after.dedup();
        let slot = match self.groups.slot(group) {
            Some(slot) => slot,
            None if after.is_empty() => return,
            None => self.groups.slot_or_new(group),
        };
        let before = self.groups.set_members(slot, after.clone());
        for person in before
            .iter()
            .filter(|person| after.binary_search(person).is_err())
        {
            self.people.leave(*person, slot);
        }
        for person in after
            .iter()
            .filter(|person| before.binary_search(person).is_err())
        {
            self.people.join(*person, slot);
        }
    }

    fn write_groups(&mut self, person: u32, groups: Vec<u32>) {
        let before: HashSet<u32> = self.people.groups(person).iter().copied().collect();
        let after: HashSet<u32> = groups.iter().copied().collect();
        self.people.set_groups(person, &groups);
        after
            .difference(&before)
            .for_each(|group| self.groups.join(*group, person));
        before
            .difference(&after)
            .for_each(|group| self.groups.leave(*group, person));
    }
}

/// The slots of groups, each once, by id; unknown ones get a slot.
fn resolve(groups: &mut Groups, ids: &[GroupId]) -> Vec<u32> {
    let mut seen = HashSet::new();
    ids.iter()
        .map(|id| groups.slot_or_new(id))
        .filter(|slot| seen.insert(*slot))
        .collect()
}
