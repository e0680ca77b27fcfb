//! A directory as bytes and back, so that the next start needs neither the servers nor a sort. Owns the
//! format of these bytes: postcard, of the types of [`crate::stored`]. Must never trust them: a contradiction is an
//! error, never a panic, and no memory is reserved for a count that their length can't hold.
//!
//! In this order: [`VERSION`], a [`Head`], a [`StoredPerson`] for each person, a [`Tail`]. They are written and
//! read one after the other, so that there is never a second directory of stored types. A slot is an index
//! into the groups or the people. See docs/decisions/0021.

use serde::{Deserialize, Serialize};

use crate::collation::Collation;
use crate::directory::Directory;
use crate::groups::Groups;
use crate::people::People;
use crate::stored::{Description, Head, StoredGroup, StoredPerson, Tail};

/// Raised when the bytes change their meaning; another version is not parsed.
const VERSION: u32 = 2;

/// Why bytes are no directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// They were written by another version.
    #[error("the snapshot is of another version")]
    OtherVersion,
    /// They are truncated.
    #[error("the snapshot is cut off")]
    CutOff,
    /// A value is invalid or contradicts another one.
    #[error("the snapshot is damaged: {0}")]
    Damaged(&'static str),
}

impl From<postcard::Error> for SnapshotError {
    fn from(error: postcard::Error) -> Self {
        match error {
            postcard::Error::DeserializeUnexpectedEnd => Self::CutOff,
            postcard::Error::DeserializeBadUtf8 => Self::Damaged("a text"),
            postcard::Error::DeserializeBadVarint => Self::Damaged("a number"),
            _ => Self::Damaged("a value"),
        }
    }
}

type Result<T> = std::result::Result<T, SnapshotError>;

impl Directory {
    /// The whole directory as bytes, with the sorted orders: about 120 bytes per person.
    pub fn snapshot(&self) -> Vec<u8> {
        let (people, groups) = (self.people(), self.groups_part());
        let kept = Numbers::of(groups.in_name_order());
        let persons = Numbers::of(people.in_name_order());

        let bytes = Vec::with_capacity(4096 + persons.slots.len() * 128);
        let bytes = put(&VERSION, bytes);
        let described = |slot: &u32| StoredGroup {
            id: groups.id(*slot).as_str(),
            description: groups.described(*slot).map(Description::of),
        };
        let head = Head {
            order: people.collation().order(),
            groups: kept.slots.iter().map(described).collect(),
            groups_by_name: kept.all(groups.in_name_order()),
            groups_by_description: kept.all(groups.in_description_order()),
            people: persons.slots.len() as u32,
        };
        let mut bytes = put(&head, bytes);
        for slot in &persons.slots {
            let person = people.person_without_groups(*slot);
            let of = kept.all(people.groups(*slot));
            bytes = put(&StoredPerson::of(&person, of), bytes);
        }
        let tail = Tail {
            people_by_name: persons.all(people.in_name_order()),
            people_by_email: persons.all(people.in_email_order()),
        };
        put(&tail, bytes)
    }

    /// Restores the directory from the bytes of [`Directory::snapshot`]. Nothing is sorted, unless another
    /// version of the app wrote them with another sort order.
    ///
    /// # Errors
    /// [`SnapshotError`] for any other bytes.
    pub fn restore(bytes: &[u8]) -> Result<Self> {
        let from = &mut &*bytes;
        if take::<u32>(from)? != VERSION {
            return Err(SnapshotError::OtherVersion);
        }
        let head: Head<'_> = take(from)?;
        let order = Collation::of_order(head.order);
        let sorted = order.is_some();
        let collation = order.unwrap_or_else(|| Collation::of(""));

        let count = head.groups.len();
        let described: Vec<bool> = head
            .groups
            .iter()
            .map(|group| group.description.is_some())
            .collect();
        let groups: Option<Vec<_>> = head.groups.into_iter().map(StoredGroup::restore).collect();
        let groups = groups.ok_or(SnapshotError::Damaged("an id"))?;
        let orders = (
            checked(head.groups_by_name, count)?,
            checked(head.groups_by_description, count)?,
        );
        let mut groups = Groups::restored(collation.clone(), groups, sorted.then_some(orders))
            .ok_or(SnapshotError::Damaged("two groups with one id"))?;

        let persons = head.people as usize;
        if persons > from.len() / StoredPerson::LEAST_BYTES {
            return Err(SnapshotError::CutOff);
        }
        let mut people = Vec::with_capacity(persons);
        // The last person of each group: no person may be in one twice.
        let mut last = vec![u32::MAX; count];
        for number in 0..head.people {
            let person = take::<StoredPerson<'_>>(from)?.restore();
            let (person, of) = person.ok_or(SnapshotError::Damaged("an id"))?;
            for group in &of {
                let last = last
                    .get_mut(*group as usize)
                    .ok_or(SnapshotError::Damaged("a slot"))?;
                if std::mem::replace(last, number) == number {
                    return Err(SnapshotError::Damaged("somebody is in a group twice"));
                }
                groups.join(*group, number);
            }
            people.push((person, of));
        }
        let unused = |(group, described): (u32, bool)| !described && groups.members(group).is_empty();
        if (0..).zip(described).any(unused) {
            return Err(SnapshotError::Damaged("a group that nobody names"));
        }
        let tail: Tail = take(from)?;
        let orders = (
            checked(tail.people_by_name, persons)?,
            checked(tail.people_by_email, persons)?,
        );
        if !from.is_empty() {
            return Err(SnapshotError::Damaged("bytes behind the end"));
        }
        let people = People::restored(collation, people, sorted.then_some(orders))
            .ok_or(SnapshotError::Damaged("two people with one id"))?;
        Ok(Self::of(people, groups))
    }
}

/// Writes a value behind the bytes.
#[expect(
    clippy::expect_used,
    reason = "memory takes all bytes, and every list knows its length: there is nothing to fail"
)]
fn put(value: &impl Serialize, bytes: Vec<u8>) -> Vec<u8> {
    postcard::to_extend(value, bytes).expect("a value without a length")
}

/// Reads a value from the beginning of the bytes.
fn take<'a, T: Deserialize<'a>>(from: &mut &'a [u8]) -> Result<T> {
    let (value, rest) = postcard::take_from_bytes(from)?;
    *from = rest;
    Ok(value)
}

/// An order, if it has each slot below `len` once.
fn checked(order: Vec<u32>, len: usize) -> Result<Vec<u32>> {
    let mut seen = vec![false; len];
    let is_new = |slot: &u32| {
        let seen = seen.get_mut(*slot as usize);
        seen.is_some_and(|seen| !std::mem::replace(seen, true))
    };
    if order.len() == len && order.iter().all(is_new) {
        Ok(order)
    } else {
        Err(SnapshotError::Damaged("an order"))
    }
}

/// Numbers for the slots in use, from 0 on: removed slots leave no gaps.
struct Numbers {
    slots: Vec<u32>,
    numbers: Vec<u32>,
}

impl Numbers {
    fn of(taken: &[u32]) -> Self {
        let mut slots = taken.to_vec();
        slots.sort_unstable();
        let mut numbers = vec![0; slots.last().map_or(0, |last| *last as usize + 1)];
        for (number, slot) in (0..).zip(&slots) {
            numbers[*slot as usize] = number;
        }
        Self { slots, numbers }
    }

    fn number(&self, slot: u32) -> u32 {
        self.numbers[slot as usize]
    }

    fn all(&self, slots: &[u32]) -> Vec<u32> {
        slots.iter().map(|slot| self.number(*slot)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Group, Person, Sort, UserColumn, UserScope};

    /// Runs all queries and changes, to find what a wrong byte may have left behind.
    fn exercise(directory: &mut Directory) {
        let scope = UserScope {
            search: "a".to_owned(),
            ..UserScope::default()
        };
        for column in [
            UserColumn::Name,
            UserColumn::Email,
            UserColumn::Groups,
            UserColumn::Origin,
        ] {
            directory.users(&scope, Sort::descending(column), 0, 50);
        }
        let everyone = directory.matching(&UserScope::default());
        assert_eq!(everyone.len(), directory.totals().0 as usize);
        for id in &everyone {
            let person = directory.person(id).unwrap();
            assert_eq!(directory.groups_of(id).len(), person.groups.len());
            directory.upsert_person(Person {
                name: format!("b{}", person.name),
                ..person
            });
        }
        everyone
            .iter()
            .for_each(|id| assert!(directory.remove_person(id)));
        assert_eq!(directory.totals().0, 0);
    }

    #[test]
    fn fuzz_bytes_are_a_directory_that_holds_or_an_error() {
        testing::fuzz::run(
            testing::corpus!("snapshot"),
            &["\u{2}", "\u{7f}", Collation::of("").order()],
            &(),
            Just(()),
            |bytes, ()| {
                if let Ok(mut directory) = Directory::restore(bytes) {
                    let again = Directory::restore(&directory.snapshot());
                    prop_assert_eq!(again.map(|again| again.snapshot()), Ok(directory.snapshot()));
                    exercise(&mut directory);
                }
                Ok(())
            },
        );
    }

    /// Otherwise the test above bends files that are turned away at their first byte.
    #[test]
    fn the_corpus_is_of_this_version() {
        for file in std::fs::read_dir(testing::corpus!("snapshot")).unwrap() {
            let path = file.unwrap().path();
            let restored = Directory::restore(&std::fs::read(&path).unwrap());
            assert!(restored.is_ok(), "{}: {:?}", path.display(), restored.err());
        }
    }

    #[test]
    fn another_version_is_said_to_be_one() {
        let mut bytes = Directory::default().snapshot();
        for version in [1, 3] {
            bytes[0] = version;
            let restored = Directory::restore(&bytes);
            assert_eq!(restored.err(), Some(SnapshotError::OtherVersion));
        }
    }

    /// A file of a few bytes that claims 4,000,000,000 people.
    #[test]
    fn a_count_that_is_not_there_asks_for_no_memory() {
        let collation = Collation::of("");
        let head = Head {
            order: collation.order(),
            groups: Vec::new(),
            groups_by_name: Vec::new(),
            groups_by_description: Vec::new(),
            people: 4_000_000_000,
        };
        let bytes = put(&head, put(&VERSION, Vec::new()));
        assert_eq!(Directory::restore(&bytes).err(), Some(SnapshotError::CutOff));
    }

    #[test]
    fn what_was_sorted_otherwise_is_sorted_again() {
        let people = vec![
            Person::new("2".parse().unwrap(), "b", "b@x"),
            Person::new("1".parse().unwrap(), "a", "c@x"),
        ];
        let directory = Directory::build(
            people,
            vec![
                Group::new("g".parse().unwrap(), "G"),
                Group::new("f".parse().unwrap(), "F"),
            ],
        );
        let mut bytes = directory.snapshot();
        // Another name of the sort order, and both orders of the people reversed.
        bytes[2] ^= 1;
        let end = bytes.len();
        bytes.swap(end - 5, end - 4);
        bytes.swap(end - 2, end - 1);
        let restored = Directory::restore(&bytes).unwrap();
        assert_eq!(restored.snapshot(), directory.snapshot());
    }
}
