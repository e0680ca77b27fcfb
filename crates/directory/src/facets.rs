//! The counts beside the filters: for each filter the people who match without it, counted by each of its
//! values. Must return for each value what the query would match with only that value in its filter (see
//! [`Facets`]).

use std::borrow::Cow;

use fixedbitset::FixedBitSet;
use ids::GroupId;

use crate::filters::{Filter, FilterSets, LIVE, NO_GROUP, role_flag, setting_flag, state_flag};
use crate::groups::Groups;
use crate::model::{Facets, PrintSetting, Role, UserScope, UserState};
use crate::people::People;

/// How much more it costs to read a person's groups than to look one member up in a set.
const REACH: usize = 8;

/// Counts everything. `passing` are the scope's filters.
pub fn count(
    people: &People,
    groups: &Groups,
    scope: &UserScope,
    passing: FilterSets,
    asked: &[GroupId],
) -> Facets {
    let mut found = people.flags().people(LIVE).clone();
    passing.retain_failing_at_most_one(&mut found);
    people.search(&mut found, &scope.search);
    let mut matched = found.clone();
    passing.narrow(&mut matched);
    let question = Question {
        people,
        passing,
        found,
        matched,
    };

    let by_group = question.without(Filter::Groups);
    Facets {
        total: people.len(),
        matched: question.matched.count_ones(..) as u32,
        no_group: question.count(&by_group, NO_GROUP),
        groups: by_groups(people, groups, &by_group, asked),
        roles: question.by_flags(Filter::Role, Role::ALL, role_flag),
        states: question.by_flags(Filter::State, UserState::ALL, state_flag),
        origins: people.count_origins(&question.without(Filter::Origin)),
        settings: PrintSetting::ALL
            .into_iter()
            .flat_map(|setting| {
                question.by_flags(
                    Filter::Setting(setting),
                    [(setting, true), (setting, false)],
                    |(setting, on)| setting_flag(setting, on),
                )
            })
            .collect(),
    }
}

struct Question<'a> {
    people: &'a People,
    passing: FilterSets,
    /// The people who match the search and fail at most one filter.
    found: FixedBitSet,
    /// The people who match everything.
    matched: FixedBitSet,
}

impl Question<'_> {
    /// The people who match without one filter.
    fn without(&self, filter: Filter) -> Cow<'_, FixedBitSet> {
        if !self.passing.is_set(filter) {
            return Cow::Borrowed(&self.matched);
        }
        let mut people = self.found.clone();
        self.passing.narrow_without(&mut people, filter);
        Cow::Owned(people)
    }

    fn count(&self, among: &FixedBitSet, flag: usize) -> u32 {
        among.intersection_count(self.people.flags().people(flag)) as u32
    }

    fn by_flags<V: Copy, const N: usize>(
        &self,
        filter: Filter,
        values: [V; N],
        flag: fn(V) -> usize,
    ) -> Vec<(V, u32)> {
        let among = self.without(filter);
        let count = |value| (value, self.count(&among, flag(value)));
        values.into_iter().map(count).collect()
    }
}

fn by_groups(
    people: &People,
    groups: &Groups,
    among: &FixedBitSet,
    asked: &[GroupId],
) -> Vec<(GroupId, u32)> {
    let slots: Vec<Option<u32>> = asked.iter().map(|id| groups.slot(id)).collect();
    let known: Vec<u32> = slots.iter().copied().flatten().collect();
    let mut counts = members_among(people, groups, among, &known).into_iter();
    let count = |slot: Option<u32>| slot.and_then(|_| counts.next()).unwrap_or(0);
    let counts: Vec<u32> = slots.into_iter().map(count).collect();
    asked.iter().cloned().zip(counts).collect()
}

/// The number of members of each group in a set, counted from the shorter side: the groups' members or the
/// set's memberships.
fn members_among(people: &People, groups: &Groups, among: &FixedBitSet, slots: &[u32]) -> Vec<u32> {
    let size = among.count_ones(..);
    let members: usize = slots.iter().map(|slot| groups.members(*slot).len()).sum();
    if size == people.len() as usize {
        let all = slots.iter().map(|slot| groups.members(*slot).len() as u32);
        return all.collect();
    }
    if size * REACH < members {
        let mut counts = vec![0; groups.slots()];
        for person in among.ones() {
            for group in people.groups(person as u32) {
                counts[*group as usize] += 1;
            }
        }
        return slots.iter().map(|slot| counts[*slot as usize]).collect();
    }
    let count = |slot: &u32| {
        let members = groups.members(*slot).iter();
        members
            .map(|person| u32::from(among.contains(*person as usize)))
            .sum()
    };
    slots.iter().map(count).collect()
}
