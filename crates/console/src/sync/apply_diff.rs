//! Applies a full read to the directory: few differences one by one, many by a new directory. Must never undo
//! an edit that was made during the read.

use std::collections::HashSet;

use directory as dir;
use directory::Directory;

use super::completeness::{self, CompleteLists};
use crate::locale;
use crate::organization::{Difference, OrganizationContext};
use crate::wire::{Changes, Differences, ListsView};

/// Above this number of differences a new directory is quicker than single edits.
const FEW: usize = 500;
/// Differences applied under one lock, so that a query for rows waits only for these.
const AT_ONCE: usize = 25;
/// Users compared under one lock, for the same reason.
const COMPARED: usize = 2_000;

/// Applies a read of the time `at` (milliseconds since 1970, UTC). Returns the differences from the complete
/// lists shown before; `None` if there were none. Users who are shown and not in an incomplete list stay.
/// Takes long: not for an async thread.
pub fn apply_diff(
    context: &OrganizationContext,
    mut people: Vec<dir::Person>,
    mut groups: Vec<dir::Group>,
    lists: CompleteLists,
    at: i64,
) -> Option<Changes> {
    completeness::keep_unnamed(context, &mut people, &mut groups, &lists);
    let from = ListsView::Read {
        at,
        incomplete: !lists.are_total(),
    };
    let shown = context.store.lists();
    let found = shown.at().and_then(|_| compare(context, &people, &groups));
    let changes = found.as_ref().map(Found::changes);
    match found.filter(|found| found.len() <= FEW) {
        None => context
            .store
            .replace(Directory::build_in(&locale::system(), people, groups), from),
        Some(found) => {
            let steps = found.steps(people, groups);
            for steps in steps.chunks(AT_ONCE) {
                context.store.apply(steps);
            }
            context.store.applied(from, !steps.is_empty());
        }
    }
    changes
}

/// The differences, by their index in what was read.
#[derive(Default)]
struct Found {
    people: Kind<ids::UserId>,
    groups: Kind<ids::GroupId>,
}

struct Kind<I> {
    added: Vec<usize>,
    changed: Vec<usize>,
    removed: Vec<I>,
}

impl<I> Default for Kind<I> {
    fn default() -> Self {
        Self {
            added: Vec::new(),
            changed: Vec::new(),
            removed: Vec::new(),
        }
    }
}

impl<I> Kind<I> {
    fn len(&self) -> usize {
        self.added.len() + self.changed.len() + self.removed.len()
    }

    fn differences(&self) -> Differences {
        let number = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        Differences {
            added: number(self.added.len()),
            removed: number(self.removed.len()),
            changed: number(self.changed.len()),
        }
    }

    fn written(&self) -> HashSet<usize> {
        self.added.iter().chain(&self.changed).copied().collect()
    }
}

impl Found {
    fn len(&self) -> usize {
        self.people.len() + self.groups.len()
    }

    fn changes(&self) -> Changes {
        Changes {
            people: self.people.differences(),
            groups: self.groups.differences(),
        }
    }

    /// New groups first, so that users who join them find them; removed groups last, for the same reason.
    fn steps(self, people: Vec<dir::Person>, groups: Vec<dir::Group>) -> Vec<Difference> {
        let pick = self.groups.written();
        let groups = groups.into_iter().enumerate();
        let groups = groups.filter_map(|(n, group)| pick.contains(&n).then_some(Difference::Group(group)));
        let pick = self.people.written();
        let people = people.into_iter().enumerate();
        let people = people.filter_map(|(n, person)| pick.contains(&n).then_some(Difference::User(person)));
        groups
            .chain(people)
            .chain(self.people.removed.into_iter().map(Difference::UserGone))
            .chain(self.groups.removed.into_iter().map(Difference::GroupGone))
            .collect()
    }
}

/// `None` if the lists show nothing.
fn compare(context: &OrganizationContext, people: &[dir::Person], groups: &[dir::Group]) -> Option<Found> {
    let edits = context.store.edits();
    let mut found = Found::default();
    for (chunk, part) in people.chunks(COMPARED).enumerate() {
        context
            .store
            .read(|directory| {
                for (n, person) in part.iter().enumerate() {
                    if edits.users.contains(&person.id) {
                        continue;
                    }
                    let place = chunk * COMPARED + n;
                    match directory.person(&person.id) {
                        None => found.people.added.push(place),
                        Some(before) if !same(&before, person) => found.people.changed.push(place),
                        Some(_) => {}
                    }
                }
            })
            .ok()?;
    }
    let ids: HashSet<&str> = people.iter().map(|person| person.id.as_str()).collect();
    let before = context
        .store
        .read(|d| d.matching(&dir::UserScope::default()))
        .ok()?;
    found.people.removed = before
        .into_iter()
        .filter(|id| !ids.contains(id.as_str()) && !edits.users.contains(id))
        .collect();
    drop(ids);

    let by_name = dir::Sort::ascending(dir::GroupColumn::Name);
    let before = context
        .store
        .read(|directory| directory.groups("", by_name, 0, u32::MAX).rows)
        .ok()?;
    let ids: HashSet<&str> = groups.iter().map(|group| group.id.as_str()).collect();
    found.groups.removed = before
        .into_iter()
        .map(|info| info.group.id)
        .filter(|id| !ids.contains(id.as_str()) && !edits.groups.contains(id))
        .collect();
    context
        .store
        .read(|directory| {
            for (place, group) in groups.iter().enumerate() {
                if edits.groups.contains(&group.id) {
                    continue;
                }
                match directory.group(&group.id) {
                    None => found.groups.added.push(place),
                    Some(before) if before.group != *group => found.groups.changed.push(place),
                    Some(_) => {}
                }
            }
        })
        .ok()?;
    Some(found)
}

/// Whether two records are the same. The order of a user's groups has no meaning.
fn same(before: &dir::Person, now: &dir::Person) -> bool {
    let groups = |person: &dir::Person| person.groups.iter().cloned().collect::<HashSet<_>>();
    before.id == now.id
        && before.name == now.name
        && before.email == now.email
        && before.role == now.role
        && before.state == now.state
        && before.origin == now.origin
        && before.joined == now.joined
        && before.verified == now.verified
        && before.settings == now.settings
        && (before.groups == now.groups || groups(before) == groups(now))
}
