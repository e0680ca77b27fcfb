//! Positions in a list: of an id, and of the first name with a typed prefix. Must never return rows: a
//! position is an index and an id.

use ids::{GroupId, UserId};

use crate::directory::Directory;
use crate::fold;
use crate::model::{GroupColumn, Sort, UserColumn, UserScope};

/// The position of a row in a filtered and sorted list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<Id> {
    /// The row, from 0.
    pub index: u32,
    /// The id of the row.
    pub id: Id,
}

impl Directory {
    /// The position of the first of `ids` that matches; `None` if none of them does.
    pub fn user_place(
        &self,
        scope: &UserScope,
        sort: Sort<UserColumn>,
        ids: &[UserId],
    ) -> Option<Place<UserId>> {
        let slots: Vec<_> = ids.iter().map(|id| self.people.slot(id)).collect();
        let (index, which) = place(&self.user_order(scope, sort), &slots)?;
        Some(Place {
            index,
            id: ids[which].clone(),
        })
    }

    /// The first person from row `from` on, and then from the top, whose name begins with `prefix`; the
    /// address stands for an empty name. Case and accents are ignored; no name begins with an empty prefix.
    pub fn user_starting(
        &self,
        scope: &UserScope,
        sort: Sort<UserColumn>,
        prefix: &str,
        from: u32,
    ) -> Option<Place<UserId>> {
        let order = self.user_order(scope, sort);
        let index = starting(&order, prefix, from, |slot| self.people.called(slot))?;
        Some(Place {
            index,
            id: UserId::from_checked(self.people.id(order[index as usize])),
        })
    }

    /// As [`Directory::user_place`], for groups.
    pub fn group_place(
        &self,
        search: &str,
        sort: Sort<GroupColumn>,
        ids: &[GroupId],
    ) -> Option<Place<GroupId>> {
        let slots: Vec<_> = ids.iter().map(|id| self.groups.slot(id)).collect();
        let (index, which) = place(&self.group_order(search, sort), &slots)?;
        Some(Place {
            index,
            id: ids[which].clone(),
        })
    }

    /// As [`Directory::user_starting`], for groups.
    pub fn group_starting(
        &self,
        search: &str,
        sort: Sort<GroupColumn>,
        prefix: &str,
        from: u32,
    ) -> Option<Place<GroupId>> {
        let order = self.group_order(search, sort);
        let index = starting(&order, prefix, from, |slot| self.groups.name(slot))?;
        Some(Place {
            index,
            id: self.groups.id(order[index as usize]).clone(),
        })
    }

    /// The slots of all who match, in the order of the list.
    fn user_order(&self, scope: &UserScope, sort: Sort<UserColumn>) -> Vec<u32> {
        let sorted = self.people.sorted(&self.select(scope), sort);
        let same = self.people.same(sort.column);
        sorted
            .window(0, (0, u32::MAX), sort.descending, same, |slot| slot)
            .rows
    }

    fn group_order(&self, search: &str, sort: Sort<GroupColumn>) -> Vec<u32> {
        let sorted = self.groups.sorted(search, sort);
        let same = |a, b| self.groups.compare(sort.column, a, b).is_eq();
        sorted
            .window(0, (0, u32::MAX), sort.descending, same, |slot| slot)
            .rows
    }
}

/// The index of the first of the slots that is in the order, and which of them it is.
fn place(order: &[u32], slots: &[Option<u32>]) -> Option<(u32, usize)> {
    let mut best: Option<(u32, usize)> = None;
    for (index, slot) in order.iter().enumerate() {
        let before = best.map_or(slots.len(), |(_, which)| which);
        if let Some(which) = slots[..before].iter().position(|wanted| *wanted == Some(*slot)) {
            best = Some((index as u32, which));
            if which == 0 {
                break;
            }
        }
    }
    best
}

fn starting<'a>(order: &[u32], prefix: &str, from: u32, name: impl Fn(u32) -> &'a str) -> Option<u32> {
    let mut wanted = fold::spellings(prefix);
    if wanted[0].is_empty() {
        return None;
    }
    if prefix.ends_with(' ') {
        wanted.iter_mut().for_each(|wanted| wanted.push(' '));
    }
    let begins = |slot: u32| {
        let name = name(slot);
        // A name of plain letters is excluded by its first one, without folding all of it.
        if let (Some(a), Some(b)) = (name.bytes().next(), wanted[0].bytes().next())
            && name.is_ascii()
            && a.is_ascii_alphanumeric()
            && a.to_ascii_lowercase() != b
        {
            return false;
        }
        let names = fold::spellings(name);
        names
            .iter()
            .any(|name| wanted.iter().any(|wanted| name.starts_with(wanted.as_str())))
    };
    let from = (from as usize).min(order.len());
    let (before, after) = order.split_at(from);
    let found = after
        .iter()
        .position(|slot| begins(*slot))
        .map(|index| from + index)
        .or_else(|| before.iter().position(|slot| begins(*slot)));
    found.map(|index| index as u32)
}

#[cfg(test)]
mod tests {
    use ids::{GroupId, UserId};

    use crate::{Directory, Group, GroupColumn, Person, Place, Sort, UserColumn, UserScope};

    fn directory() -> Directory {
        let people = ["Zoë Müller", "ali Yılmaz", "Änne Vogt", "Anna Brandt", ""]
            .iter()
            .enumerate()
            .map(|(i, name)| {
                Person::new(
                    UserId::try_from(format!("u-{i}")).unwrap(),
                    *name,
                    format!("{i}@school.example"),
                )
            })
            .collect();
        let group = |id: &str, name| Group::new(GroupId::try_from(id).unwrap(), name);
        let groups = vec![group("g-1", "Haus B"), group("g-2", "Haus A")];
        Directory::build(people, groups)
    }

    fn ids(ids: &[&str]) -> Vec<UserId> {
        ids.iter().map(|id| UserId::try_from(*id).unwrap()).collect()
    }

    #[test]
    fn a_place_is_where_a_window_shows_the_person_in_every_order() {
        let directory = directory();
        for column in [UserColumn::Name, UserColumn::Email, UserColumn::State] {
            for descending in [false, true] {
                let sort = Sort { column, descending };
                let scope = UserScope::default();
                for (index, person) in directory.users(&scope, sort, 0, 9).rows.iter().enumerate() {
                    let place = directory.user_place(&scope, sort, std::slice::from_ref(&person.id));
                    let wanted = Place {
                        index: index as u32,
                        id: person.id.clone(),
                    };
                    assert_eq!(place, Some(wanted), "{column:?} {descending}");
                }
            }
        }
    }

    #[test]
    fn the_first_of_those_asked_for_who_matches_is_told() {
        let directory = directory();
        let sort = Sort::ascending(UserColumn::Name);
        let scope = UserScope {
            search: "a".to_owned(),
            ..UserScope::default()
        };
        let all = UserScope::default();
        let found = directory
            .user_place(&all, sort, &ids(&["nobody", "u-0", "u-1"]))
            .unwrap();
        assert_eq!(found.id.as_str(), "u-0");
        let vogt = UserScope {
            search: "vogt".to_owned(),
            ..UserScope::default()
        };
        let found = directory.user_place(&vogt, sort, &ids(&["u-0", "u-2"])).unwrap();
        assert_eq!((found.index, found.id.as_str()), (0, "u-2"));
        assert_eq!(directory.user_place(&vogt, sort, &ids(&["u-0"])), None);
        assert_eq!(directory.user_place(&scope, sort, &[]), None);
    }

    #[test]
    fn a_name_is_found_by_its_beginning_whatever_its_accents_from_a_row_on_and_around() {
        let directory = directory();
        let (all, sort) = (UserScope::default(), Sort::ascending(UserColumn::Name));
        let starting = |prefix: &str, from| {
            directory
                .user_starting(&all, sort, prefix, from)
                .map(|place| (place.index, place.id.as_str().to_owned()))
        };
        // ali, Anna, Änne, Zoë, and the one without a name.
        assert_eq!(starting("an", 0), Some((1, "u-3".into())));
        assert_eq!(starting("an", 2), Some((2, "u-2".into())));
        assert_eq!(starting("AN", 3), Some((1, "u-3".into())));
        assert_eq!(starting("ZOE m", 0), Some((3, "u-0".into())));
        assert_eq!(starting("aenn", 0), Some((2, "u-2".into())));
        assert_eq!(starting("4@", 0), Some((4, "u-4".into())));
        assert_eq!(starting("müller", 0), None);
        assert_eq!(starting("", 0), None);
        assert_eq!(starting("  ", 9), None);
    }

    #[test]
    fn groups_have_places_and_beginnings_too() {
        let directory = directory();
        let sort = Sort::ascending(GroupColumn::Name);
        let place = directory
            .group_place("", sort, &["g-1".parse().unwrap()])
            .unwrap();
        assert_eq!(place.index, 1);
        let place = directory.group_starting("", sort, "haus", 1).unwrap();
        assert_eq!(place.id.as_str(), "g-1");
        assert_eq!(
            directory.group_place("g-2", sort, &["g-1".parse().unwrap()]),
            None
        );
    }
}
