//! A directory as bytes and back, so that the next start needs neither the servers nor a sort. Owns the
//! format of these bytes. Must never trust them: a contradiction is an error, never a panic, and no memory is
//! reserved for a count that their length can't hold.
//!
//! All numbers are LEB128, all texts UTF-8 after their length in bytes. A slot is an index into an earlier
//! list. In this order:
//!
//! 1. the version, [`VERSION`];
//! 2. the name of the sort order, [`Collation::order`];
//! 3. the groups: their number; of each the id, whether it is described, and then name, description, origin,
//!    printers, members as the server counts them, settings;
//! 4. the slots of the groups by name, then by description;
//! 5. the other origins: their number, and their texts;
//! 6. the people: their number; of each the id, name, address, origin, flags, the time of joining if a flag
//!    says so, the number of groups, and their slots;
//! 7. the slots of the people by name, then by address.

use std::collections::HashMap;

use ids::{GroupId, UserId};

use crate::collation::Collation;
use crate::directory::Directory;
use crate::groups::Groups;
use crate::model::{Group, Origin, Person, PrintSettings, Role, UserState};
use crate::people::People;

/// Raised when the bytes change their meaning; another version is not parsed.
const VERSION: u64 = 1;

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

type Result<T> = std::result::Result<T, SnapshotError>;

impl Directory {
    /// The whole directory as bytes, with the sorted orders: about 110 bytes per person.
    pub fn snapshot(&self) -> Vec<u8> {
        let (people, groups) = (self.people(), self.groups_part());
        let mut out = Writer(Vec::with_capacity(4096 + people.len() as usize * 128));
        out.number(VERSION);
        out.text(people.collation().order());

        let kept = Numbers::of(groups.in_name_order());
        out.number(kept.slots.len() as u64);
        for slot in &kept.slots {
            out.text(groups.id(*slot).as_str());
            out.group(groups.described(*slot));
        }
        out.slots(groups.in_name_order(), &kept);
        out.slots(groups.in_description_order(), &kept);

        let persons = Numbers::of(people.in_name_order());
        let origins = Others::of(persons.slots.iter().map(|slot| people.origin(*slot)));
        out.number(origins.texts.len() as u64);
        origins.texts.iter().for_each(|text| out.text(text));
        out.number(persons.slots.len() as u64);
        for slot in &persons.slots {
            out.person(&people.person_without_groups(*slot), &origins);
            let of = people.groups(*slot);
            out.number(of.len() as u64);
            of.iter().for_each(|group| out.number(kept.number(*group)));
        }
        out.slots(people.in_name_order(), &persons);
        out.slots(people.in_email_order(), &persons);
        out.0
    }

    /// Restores the directory from the bytes of [`Directory::snapshot`]. Nothing is sorted, unless another
    /// version of the app wrote them with another sort order.
    ///
    /// # Errors
    /// [`SnapshotError`] for any other bytes.
    pub fn restore(bytes: &[u8]) -> Result<Self> {
        let mut from = Reader(bytes);
        if from.number()? != VERSION {
            return Err(SnapshotError::OtherVersion);
        }
        let order = Collation::of_order(from.text()?);
        let sorted = order.is_some();
        let collation = order.unwrap_or_else(|| Collation::of(""));

        let count = from.count(2)?;
        let mut groups = Vec::with_capacity(count);
        for _ in 0..count {
            let id: GroupId = from.id()?;
            let group = from.group(&id)?;
            groups.push((id, group));
        }
        let group_orders = (from.order(count)?, from.order(count)?);
        let described: Vec<bool> = groups.iter().map(|(_, group)| group.is_some()).collect();
        let mut groups = Groups::restored(collation.clone(), groups, sorted.then_some(group_orders))
            .ok_or(SnapshotError::Damaged("two groups with one id"))?;

        let count_origins = from.count(1)?;
        let mut origins = Vec::with_capacity(count_origins);
        for _ in 0..count_origins {
            origins.push(from.text()?.to_owned());
        }
        let persons = from.count(6)?;
        let mut people = Vec::with_capacity(persons);
        // The last person of each group: no person may be in one twice.
        let mut last = vec![u32::MAX; count];
        for number in 0..persons as u32 {
            let person = from.person(&origins)?;
            let of = from.slots_of(count)?;
            for group in &of {
                if std::mem::replace(&mut last[*group as usize], number) == number {
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
        let orders = (from.order(persons)?, from.order(persons)?);
        if !from.0.is_empty() {
            return Err(SnapshotError::Damaged("bytes behind the end"));
        }
        let people = People::restored(collation, people, sorted.then_some(orders))
            .ok_or(SnapshotError::Damaged("two people with one id"))?;
        Ok(Self::of(people, groups))
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

    fn number(&self, slot: u32) -> u64 {
        u64::from(self.numbers[slot as usize])
    }
}

/// The texts of the other origins, of which there are few.
#[derive(Default)]
struct Others<'a> {
    texts: Vec<&'a str>,
    numbers: HashMap<&'a str, u64>,
}

impl<'a> Others<'a> {
    fn of(origins: impl Iterator<Item = &'a Origin>) -> Self {
        let mut this = Self::default();
        for origin in origins {
            if let Origin::Other(text) = origin
                && !this.numbers.contains_key(text.as_str())
            {
                this.numbers.insert(text, this.texts.len() as u64);
                this.texts.push(text);
            }
        }
        this
    }

    fn number(&self, text: &str) -> u64 {
        self.numbers.get(text).copied().unwrap_or_default()
    }
}

/// The number of an origin: ezeep, Azure, then the others.
const OTHERS: u64 = 2;

/// A person's flags, from the lowest bit: role in two bits, state in three, then these.
const ROLE: u64 = 0b11;
const STATE_AT: u32 = 2;
const STATE: u64 = 0b111;
const VERIFIED_KNOWN: u64 = 1 << 5;
const VERIFIED: u64 = 1 << 6;
const SETTINGS_KNOWN: u64 = 1 << 7;
const LOCAL_PRINTING: u64 = 1 << 8;
const SELF_SERVICE: u64 = 1 << 9;
const MY_PRINTERS: u64 = 1 << 10;
const JOINED: u64 = 1 << 11;
const ALL_FLAGS: u64 = (1 << 12) - 1;

struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    fn slots(&mut self, slots: &[u32], numbers: &Numbers) {
        slots.iter().for_each(|slot| self.number(numbers.number(*slot)));
    }

    fn group(&mut self, group: Option<&Group>) {
        self.number(u64::from(group.is_some()));
        let Some(group) = group else { return };
        self.text(&group.name);
        self.text(&group.description);
        match &group.origin {
            Origin::Ezeep => self.number(0),
            Origin::Azure => self.number(1),
            Origin::Other(text) => {
                self.number(OTHERS);
                self.text(text);
            }
        }
        self.number(group.printers.into());
        self.number(u64::from(group.local_printing) | u64::from(group.my_printers) << 1);
    }

    fn person(&mut self, person: &Person, origins: &Others<'_>) {
        self.text(person.id.as_str());
        self.text(&person.name);
        self.text(&person.email);
        self.number(match &person.origin {
            Origin::Ezeep => 0,
            Origin::Azure => 1,
            Origin::Other(text) => OTHERS + origins.number(text),
        });
        let flag = |flag, set| if set { flag } else { 0 };
        let role = match person.role {
            Role::Admin => 0,
            Role::User => 1,
            Role::Unknown => 2,
        };
        let state = match person.state {
            UserState::Active => 0,
            UserState::PendingInvitation => 1,
            UserState::PrintingOnly => 2,
            UserState::AccountOnly => 3,
            UserState::Unsettled => 4,
        };
        let settings = person.settings.unwrap_or_default();
        self.number(
            role | state << STATE_AT
                | flag(VERIFIED_KNOWN, person.verified.is_some())
                | flag(VERIFIED, person.verified == Some(true))
                | flag(SETTINGS_KNOWN, person.settings.is_some())
                | flag(LOCAL_PRINTING, settings.local_printing)
                | flag(SELF_SERVICE, settings.self_service)
                | flag(MY_PRINTERS, settings.my_printers)
                | flag(JOINED, person.joined.is_some()),
        );
        if let Some(joined) = person.joined {
            self.number(joined as u64);
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn number(&mut self) -> Result<u64> {
        let mut number = 0;
        for (at, byte) in self.0.iter().enumerate().take(10) {
            let bits = u64::from(byte & 0x7f);
            number |= bits << (7 * at);
            if byte & 0x80 == 0 {
                // Each number has only one valid form, and must not be too large.
                if (at > 0 && bits == 0) || (at == 9 && bits > 1) {
                    return Err(SnapshotError::Damaged("a number"));
                }
                self.0 = &self.0[at + 1..];
                return Ok(number);
            }
        }
        if self.0.len() < 10 {
            Err(SnapshotError::CutOff)
        } else {
            Err(SnapshotError::Damaged("a number"))
        }
    }

    fn small(&mut self) -> Result<u32> {
        u32::try_from(self.number()?).map_err(|_| SnapshotError::Damaged("a number"))
    }

    /// The number of the following items, each of at least `least` bytes: never more than the bytes can hold.
    fn count(&mut self, least: usize) -> Result<usize> {
        let count = usize::try_from(self.small()?).map_err(|_| SnapshotError::CutOff)?;
        match count.checked_mul(least) {
            Some(bytes) if bytes <= self.0.len() => Ok(count),
            _ => Err(SnapshotError::CutOff),
        }
    }

    fn text(&mut self) -> Result<&'a str> {
        let len = usize::try_from(self.number()?).map_err(|_| SnapshotError::CutOff)?;
        let (text, rest) = self.0.split_at_checked(len).ok_or(SnapshotError::CutOff)?;
        self.0 = rest;
        std::str::from_utf8(text).map_err(|_| SnapshotError::Damaged("a text"))
    }

    fn slot(&mut self, below: usize) -> Result<u32> {
        let slot = self.small()?;
        if (slot as usize) < below {
            Ok(slot)
        } else {
            Err(SnapshotError::Damaged("a slot"))
        }
    }

    /// The groups of a person.
    fn slots_of(&mut self, groups: usize) -> Result<Vec<u32>> {
        let count = self.count(1)?;
        (0..count).map(|_| self.slot(groups)).collect()
    }

    /// All slots below `len`, each once.
    fn order(&mut self, len: usize) -> Result<Vec<u32>> {
        if len > self.0.len() {
            return Err(SnapshotError::CutOff);
        }
        let mut seen = vec![false; len];
        let mut order = Vec::with_capacity(len);
        for _ in 0..len {
            let slot = self.slot(len)?;
            if std::mem::replace(&mut seen[slot as usize], true) {
                return Err(SnapshotError::Damaged("an order"));
            }
            order.push(slot);
        }
        Ok(order)
    }

    fn bit(&mut self) -> Result<bool> {
        match self.number()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(SnapshotError::Damaged("a flag")),
        }
    }

    fn id<Id: for<'t> TryFrom<&'t str>>(&mut self) -> Result<Id> {
        Id::try_from(self.text()?).map_err(|_| SnapshotError::Damaged("an id"))
    }

    fn group(&mut self, id: &GroupId) -> Result<Option<Group>> {
        if !self.bit()? {
            return Ok(None);
        }
        let (name, description) = (self.text()?.to_owned(), self.text()?.to_owned());
        let origin = match self.number()? {
            0 => Origin::Ezeep,
            1 => Origin::Azure,
            OTHERS => Origin::Other(self.text()?.to_owned()),
            _ => return Err(SnapshotError::Damaged("an origin")),
        };
        let (printers, settings) = (self.small()?, self.number()?);
        if settings > 0b11 {
            return Err(SnapshotError::Damaged("a flag"));
        }
        Ok(Some(Group {
            id: id.clone(),
            name,
            description,
            origin,
            printers,
            local_printing: settings & 0b01 != 0,
            my_printers: settings & 0b10 != 0,
        }))
    }

    fn person(&mut self, origins: &[String]) -> Result<Person> {
        let id: UserId = self.id()?;
        let (name, email) = (self.text()?.to_owned(), self.text()?.to_owned());
        let origin = match self.number()? {
            0 => Origin::Ezeep,
            1 => Origin::Azure,
            other => usize::try_from(other - OTHERS)
                .ok()
                .and_then(|number| origins.get(number))
                .map(|text| Origin::Other(text.clone()))
                .ok_or(SnapshotError::Damaged("an origin"))?,
        };
        let flags = self.number()?;
        let is = |flag| flags & flag != 0;
        let role = match flags & ROLE {
            0 => Role::Admin,
            1 => Role::User,
            2 => Role::Unknown,
            _ => return Err(SnapshotError::Damaged("a role")),
        };
        let state = match flags >> STATE_AT & STATE {
            0 => UserState::Active,
            1 => UserState::PendingInvitation,
            2 => UserState::PrintingOnly,
            3 => UserState::AccountOnly,
            4 => UserState::Unsettled,
            _ => return Err(SnapshotError::Damaged("a state")),
        };
        let settings = PrintSettings {
            local_printing: is(LOCAL_PRINTING),
            self_service: is(SELF_SERVICE),
            my_printers: is(MY_PRINTERS),
        };
        if flags > ALL_FLAGS
            || (is(VERIFIED) && !is(VERIFIED_KNOWN))
            || (settings != PrintSettings::default() && !is(SETTINGS_KNOWN))
        {
            return Err(SnapshotError::Damaged("a flag"));
        }
        Ok(Person {
            id,
            name,
            email,
            role,
            state,
            origin,
            joined: is(JOINED)
                .then(|| self.number())
                .transpose()?
                .map(|day| day as i64),
            verified: is(VERIFIED_KNOWN).then(|| is(VERIFIED)),
            settings: is(SETTINGS_KNOWN).then_some(settings),
            groups: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Sort, UserColumn, UserScope};

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
            &["\u{1}", "\u{7f}", Collation::of("").order()],
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

    #[test]
    fn another_version_is_said_to_be_one() {
        let mut bytes = Directory::default().snapshot();
        bytes[0] += 1;
        assert_eq!(
            Directory::restore(&bytes).err(),
            Some(SnapshotError::OtherVersion)
        );
    }

    /// A file of a few bytes that claims 4,000,000,000 people.
    #[test]
    fn a_count_that_is_not_there_asks_for_no_memory() {
        let mut out = Writer(Vec::new());
        out.number(VERSION);
        out.text(Collation::of("").order());
        out.number(0);
        out.number(0);
        out.number(4_000_000_000);
        assert_eq!(Directory::restore(&out.0).err(), Some(SnapshotError::CutOff));
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
        bytes[end - 4..].reverse();
        let restored = Directory::restore(&bytes).unwrap();
        assert_eq!(restored.snapshot(), directory.snapshot());
    }
}
