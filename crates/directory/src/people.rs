//! The people, stored compactly, with the indexes for search, filters and sort. A person is a slot, a small
//! number that is used again after a removal. Groups are slots too, which [`crate::groups`] owns; this part
//! only stores their numbers.

use std::cmp::Ordering;
use std::sync::OnceLock;

use fixedbitset::FixedBitSet;
use ids::{GroupId, UserId};

use crate::collation::{Collation, is_blank};
use crate::filters::{Filter, FilterSets, Flags, LIVE, NO_GROUP, role_flag, setting_flag, state_flag};
use crate::id_index::IdIndex;
use crate::interner::Interner;
use crate::model::{
    Origin, Person, PrintSetting, PrintSettings, Role, Sort, UserColumn, UserScope, UserState, is_half_read,
};
use crate::order::{Order, Sorted};
use crate::packed::Packed;
use crate::searchable::Searchable;

/// All people.
#[derive(Debug)]
pub struct People {
    collation: Collation,
    free: Vec<u32>,
    ids: IdIndex,
    names: Packed<String>,
    emails: Packed<String>,
    /// Of each person, in the given order.
    groups: Packed<Vec<u32>>,
    records: Vec<Record>,
    facts: Vec<Facts>,
    flags: Flags,
    origins: Interner<Origin>,
    /// Built from the records when it is first needed after a restore, because building it takes the longest.
    searchable: OnceLock<Searchable>,
    by_name: Order,
    by_email: Order,
}

/// Further values to show a person.
#[derive(Debug, Default)]
struct Record {
    /// 0 if `has_joined` is not set: an `Option` would take half as much again.
    joined: i64,
    has_joined: bool,
    verified: Option<bool>,
    settings: Option<PrintSettings>,
}

/// The values of the sort columns without a text, apart from the records so that reading those of all people
/// stays cheap.
#[derive(Debug, Default, Clone, Copy)]
struct Facts {
    origin: u32,
    groups: u32,
    role: Role,
    state: UserState,
}

impl People {
    /// Stores all people, with the slots of their groups. Each id must occur once.
    pub fn build(collation: Collation, people: impl Iterator<Item = (Person, Vec<u32>)>) -> Self {
        let mut this = Self::filled(collation, people);
        // The search index and the orders are independent of each other.
        (this.by_name, this.by_email) = std::thread::scope(|scope| {
            scope.spawn(|| this.prepare_search());
            this.orders()
        });
        this
    }

    /// Stores all people with the orders by name and by address, which must match; sorts if there are none.
    /// `None` if an id occurs twice.
    pub fn restored(
        collation: Collation,
        people: Vec<(Person, Vec<u32>)>,
        orders: Option<(Vec<u32>, Vec<u32>)>,
    ) -> Option<Self> {
        let count = people.len();
        let mut this = Self::filled(collation, people.into_iter());
        match orders {
            Some((by_name, by_email)) => {
                (this.by_name, this.by_email) = (Order::sorted(by_name), Order::sorted(by_email));
            }
            None => (this.by_name, this.by_email) = this.orders(),
        }
        (this.ids.len() == count).then_some(this)
    }

    /// All people, the first of those with the same id, unsorted.
    fn filled(collation: Collation, people: impl Iterator<Item = (Person, Vec<u32>)>) -> Self {
        let mut this = Self {
            collation,
            free: Vec::new(),
            ids: IdIndex::default(),
            names: Packed::default(),
            emails: Packed::default(),
            groups: Packed::default(),
            records: Vec::new(),
            facts: Vec::new(),
            flags: Flags::default(),
            origins: Interner::default(),
            searchable: OnceLock::new(),
            by_name: Order::default(),
            by_email: Order::default(),
        };
        let count = people.size_hint().0;
        this.ids.reserve(count);
        this.names.reserve(count);
        this.emails.reserve(count);
        this.groups.reserve(count);
        this.records.reserve_exact(count);
        this.facts.reserve_exact(count);
        for (person, groups) in people {
            if this.slot(&person.id).is_some() {
                continue;
            }
            let slot = this.take_slot(&person.id);
            this.write(slot, person);
            this.set_groups(slot, &groups);
        }
        this.ids.shrink();
        this.names.shrink();
        this.emails.shrink();
        this.groups.shrink();
        this.records.shrink_to_fit();
        this.facts.shrink_to_fit();
        this
    }

    /// Sorts by keys that are made once for each text. Later changes compare text by text with a few
    /// neighbours, so the keys are not stored: they would be a third of all memory.
    fn orders(&self) -> (Order, Order) {
        let email = |slot: u32| self.collation.key(self.email(slot));
        let count = self.records.len() as u32;
        let (mut slots, emails) = std::thread::scope(|scope| {
            let emails = scope.spawn(|| (0..count).map(email).collect::<Vec<_>>());
            let mut slots: Vec<u32> = (0..count).collect();
            slots.sort_unstable_by(|a, b| self.id(*a).cmp(self.id(*b)));
            slots.sort_by_cached_key(|slot| {
                let (blank, key) = self.collation.key(self.name(*slot));
                (blank, if blank { email(*slot) } else { (false, key) })
            });
            let emails = emails
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            (slots, emails)
        });
        let by_name = Order::sorted(slots.clone());
        slots.sort_by(|a, b| emails[*a as usize].cmp(&emails[*b as usize]));
        (by_name, Order::sorted(slots))
    }

    /// Number of people.
    pub fn len(&self) -> u32 {
        self.ids.len() as u32
    }

    /// The order of the texts.
    pub fn collation(&self) -> &Collation {
        &self.collation
    }

    /// All slots by name.
    pub fn in_name_order(&self) -> &[u32] {
        self.by_name.slots()
    }

    /// All slots by address.
    pub fn in_email_order(&self) -> &[u32] {
        self.by_email.slots()
    }

    /// The slot of a person.
    pub fn slot(&self, id: &UserId) -> Option<u32> {
        self.ids.slot(id.as_str())
    }

    /// The id in a slot in use.
    pub fn id(&self, slot: u32) -> &str {
        self.ids.get(slot)
    }

    fn name(&self, slot: u32) -> &str {
        self.names.get(slot)
    }

    fn email(&self, slot: u32) -> &str {
        self.emails.get(slot)
    }

    /// The displayed name of a person in a list: the name, or the address.
    pub fn called(&self, slot: u32) -> &str {
        let name = self.name(slot);
        if is_blank(name) { self.email(slot) } else { name }
    }

    /// The groups of a person, in the given order.
    pub fn groups(&self, slot: u32) -> &[u32] {
        self.groups.get(slot)
    }

    /// Builds the search index if it was not needed yet.
    pub fn prepare_search(&self) {
        self.searchable();
    }

    /// Removes those who don't match; an empty search matches all.
    pub fn search(&self, slots: &mut FixedBitSet, search: &str) {
        if !search.trim().is_empty() {
            self.searchable().narrow(slots, search, self.ids.texts());
        }
    }

    fn searchable(&self) -> &Searchable {
        self.searchable.get_or_init(|| {
            let mut searchable = Searchable::default();
            searchable.reserve(self.records.len());
            for slot in self.flags.people(LIVE).ones() {
                let slot = slot as u32;
                searchable.set_id(slot, "", self.id(slot));
                searchable.set_name_and_email(slot, self.name(slot), self.email(slot));
            }
            searchable.shrink();
            searchable
        })
    }

    /// A person with their groups, given the id of each group.
    pub fn person(&self, slot: u32, group: impl Fn(u32) -> GroupId) -> Person {
        Person {
            groups: self.groups(slot).iter().map(|slot| group(*slot)).collect(),
            ..self.person_without_groups(slot)
        }
    }

    /// A person without their groups.
    pub fn person_without_groups(&self, slot: u32) -> Person {
        let (record, facts) = (&self.records[slot as usize], &self.facts[slot as usize]);
        Person {
            id: UserId::from_checked(self.id(slot)),
            name: self.name(slot).to_owned(),
            email: self.email(slot).to_owned(),
            role: facts.role,
            state: facts.state,
            origin: self.origins.values()[facts.origin as usize].clone(),
            joined: record.has_joined.then_some(record.joined),
            verified: record.verified,
            settings: record.settings,
            groups: Vec::new(),
        }
    }

    // ---- changes
    // -------------------------------------------------------------------------------------------------

    /// Writes a person, new or known, except the groups. Returns the slot.
    pub fn upsert(&mut self, person: Person) -> u32 {
        let known = self.slot(&person.id);
        let slot = known.unwrap_or_else(|| self.take_slot(&person.id));
        let moves = known.is_none() || self.name(slot) != person.name || self.email(slot) != person.email;
        self.write(slot, person);
        if moves {
            let mut order = std::mem::take(&mut self.by_name);
            order.put(slot, |other| self.compare_names(other, slot).is_lt());
            self.by_name = order;
            let mut order = std::mem::take(&mut self.by_email);
            order.put(slot, |other| self.compare_emails(other, slot).is_lt());
            self.by_email = order;
        }
        slot
    }

    /// Removes a person, whose groups must have been set to none before.
    pub fn remove(&mut self, slot: u32) {
        self.by_name.remove(slot);
        self.by_email.remove(slot);
        if let Some(searchable) = self.searchable.get_mut() {
            searchable.set_id(slot, self.ids.get(slot), "");
            searchable.set_name_and_email(slot, "", "");
        }
        let facts = std::mem::take(&mut self.facts[slot as usize]);
        self.origins.give_back(facts.origin);
        self.flags.clear(slot);
        self.records[slot as usize] = Record::default();
        self.names.set(slot, "");
        self.emails.set(slot, "");
        self.ids.remove(slot);
        self.free.push(slot);
    }

    /// Replaces the groups, each of which must occur once.
    pub fn set_groups(&mut self, slot: u32, groups: &[u32]) {
        let facts = &mut self.facts[slot as usize];
        facts.groups = groups.len() as u32;
        let known = !is_half_read(facts.state, self.records[slot as usize].settings);
        self.flags.set(slot, NO_GROUP, known && groups.is_empty());
        self.groups.set(slot, groups);
    }

    /// Adds a person to a group that they are not in.
    pub fn join(&mut self, slot: u32, group: u32) {
        let groups = [self.groups(slot), &[group]].concat();
        self.set_groups(slot, &groups);
    }

    /// Removes a person from a group.
    pub fn leave(&mut self, slot: u32, group: u32) {
        let mut groups = self.groups(slot).to_vec();
        groups.retain(|other| *other != group);
        self.set_groups(slot, &groups);
    }

    fn take_slot(&mut self, id: &UserId) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.records.push(Record::default());
            self.facts.push(Facts::default());
            self.records.len() as u32 - 1
        });
        self.ids.insert(slot, id.as_str());
        if let Some(searchable) = self.searchable.get_mut() {
            searchable.set_id(slot, "", id.as_str());
        }
        slot
    }

    /// Writes everything except the groups and the two orders.
    fn write(&mut self, slot: u32, person: Person) {
        self.flags.write(slot, &person);
        if self.name(slot) != person.name || self.email(slot) != person.email {
            if let Some(searchable) = self.searchable.get_mut() {
                searchable.set_name_and_email(slot, &person.name, &person.email);
            }
            self.names.set(slot, &person.name);
            self.emails.set(slot, &person.email);
        }
        self.records[slot as usize] = Record {
            joined: person.joined.unwrap_or_default(),
            has_joined: person.joined.is_some(),
            verified: person.verified,
            settings: person.settings,
        };
        let facts = &mut self.facts[slot as usize];
        facts.role = person.role;
        facts.state = person.state;
        let origin = self.origins.take(person.origin);
        let before = std::mem::replace(&mut facts.origin, origin);
        self.origins.give_back(before);
    }

    // ---- questions
    // -----------------------------------------------------------------------------------------------

    /// The people who pass the filters of a scope and match its search.
    pub fn select(&self, scope: &UserScope, passing: &FilterSets) -> FixedBitSet {
        let mut slots = self.flags.people(LIVE).clone();
        passing.narrow(&mut slots);
        self.search(&mut slots, &scope.search);
        slots
    }

    /// The filters of a scope. `within` are the people in one of its groups.
    pub fn passing(&self, scope: &UserScope, within: impl Iterator<Item = u32>) -> FilterSets {
        let mut passing = FilterSets::default();
        let mut set = |filter, people: Option<FixedBitSet>| {
            if let Some(people) = people {
                passing.set(filter, people);
            }
        };
        let roles = scope.roles.iter().copied().map(role_flag);
        set(Filter::Role, self.flags.any(roles));
        let states = scope.states.iter().copied().map(state_flag);
        set(Filter::State, self.flags.any(states));
        for setting in PrintSetting::ALL {
            let wanted = scope.settings.iter().filter(|(which, _)| *which == setting);
            let flags = wanted.map(|(which, on)| setting_flag(*which, *on));
            set(Filter::Setting(setting), self.flags.any(flags));
        }
        if !scope.origins.is_empty() {
            let wanted = |origin: &Origin| scope.origins.contains(origin);
            let wanted: Vec<bool> = self.origins.values().iter().map(wanted).collect();
            let mut people = FixedBitSet::with_capacity(self.facts.len());
            for (slot, facts) in self.facts.iter().enumerate() {
                people.set(slot, wanted[facts.origin as usize]);
            }
            set(Filter::Origin, Some(people));
        }
        if !scope.groups.is_empty() || scope.no_group {
            let mut people = if scope.no_group {
                self.flags.people(NO_GROUP).clone()
            } else {
                FixedBitSet::with_capacity(self.records.len())
            };
            within.for_each(|slot| people.insert(slot as usize));
            set(Filter::Groups, Some(people));
        }
        passing
    }

    /// The sets of people for the values that are stored as one bit.
    pub fn flags(&self) -> &Flags {
        &self.flags
    }

    /// The number of people of a set from each origin: ezeep and Azure always, others if any person has them,
    /// sorted.
    pub fn count_origins(&self, among: &FixedBitSet) -> Vec<(Origin, u32)> {
        let mut counts = vec![(0, 0); self.origins.values().len()];
        for slot in self.flags.people(LIVE).ones() {
            let (all, here) = &mut counts[self.facts[slot].origin as usize];
            *all += 1;
            *here += u32::from(among.contains(slot));
        }
        let known = self.origins.values().iter().zip(counts);
        let mut counted: Vec<(Origin, u32)> = known
            .filter(|(_, (all, _))| *all > 0)
            .map(|(origin, (_, here))| (origin.clone(), here))
            .collect();
        for always in [Origin::Ezeep, Origin::Azure] {
            if counted.iter().all(|(origin, _)| *origin != always) {
                counted.push((always, 0));
            }
        }
        counted.sort_by(|(a, _), (b, _)| self.collation.compare_origins(a, b));
        counted
    }

    /// Those of the given people who match a search.
    pub fn select_among(&self, people: &[u32], search: &str) -> FixedBitSet {
        let mut slots = FixedBitSet::with_capacity(self.records.len());
        people.iter().for_each(|slot| slots.insert(*slot as usize));
        self.search(&mut slots, search);
        slots
    }

    /// The people of a set by name.
    pub fn by_name(&self, set: &FixedBitSet) -> Vec<u32> {
        self.by_name.select(set)
    }

    /// The people of a set, sorted.
    pub fn sorted(&self, set: &FixedBitSet, sort: Sort<UserColumn>) -> Sorted {
        let blank_from =
            |slots: &[u32], texts: &Packed<String>| slots.partition_point(|slot| !is_blank(texts.get(*slot)));
        match sort.column {
            UserColumn::Name => {
                let slots = self.by_name.select(set);
                Sorted {
                    blank_from: blank_from(&slots, &self.names),
                    slots,
                }
            }
            UserColumn::Email => {
                let slots = self.by_email.select(set);
                Sorted {
                    blank_from: blank_from(&slots, &self.emails),
                    slots,
                }
            }
            column => {
                let key = self.number_key(column);
                let by_name = self.by_name.select(set);
                let mut keyed: Vec<(u32, u32)> = by_name.into_iter().map(|slot| (key(slot), slot)).collect();
                keyed.sort_by_key(|(key, _)| *key);
                let slots: Vec<u32> = keyed.into_iter().map(|(_, slot)| slot).collect();
                Sorted {
                    blank_from: slots.len(),
                    slots,
                }
            }
        }
    }

    /// Whether two people are equal in a column.
    pub fn same(&self, column: UserColumn) -> Box<dyn Fn(u32, u32) -> bool + '_> {
        let same_text = |a: &str, b: &str| a == b || self.collation.compare(a, b).is_eq();
        match column {
            UserColumn::Name => Box::new(move |a, b| same_text(self.name(a), self.name(b))),
            UserColumn::Email => Box::new(move |a, b| same_text(self.email(a), self.email(b))),
            column => {
                let key = self.number_key(column);
                Box::new(move |a, b| key(a) == key(b))
            }
        }
    }

    /// The sort value of a column without a text.
    fn number_key(&self, column: UserColumn) -> impl Fn(u32) -> u32 + '_ {
        let origins = self.origins.values();
        let mut sorted: Vec<usize> = (0..origins.len()).collect();
        sorted.sort_by(|a, b| self.collation.compare_origins(&origins[*a], &origins[*b]));
        let mut ranks = vec![0; sorted.len()];
        for (rank, number) in sorted.into_iter().enumerate() {
            ranks[number] = rank as u32;
        }
        move |slot| {
            let facts = &self.facts[slot as usize];
            match column {
                UserColumn::Role => facts.role as u32,
                UserColumn::State => facts.state as u32,
                UserColumn::Origin => ranks[facts.origin as usize],
                UserColumn::Groups | UserColumn::Name | UserColumn::Email => facts.groups,
            }
        }
    }

    fn compare_names(&self, a: u32, b: u32) -> Ordering {
        let names = self.collation.compare(self.name(a), self.name(b));
        names
            .then_with(|| match is_blank(self.name(a)) {
                true => self.collation.compare(self.email(a), self.email(b)),
                false => Ordering::Equal,
            })
            .then_with(|| self.id(a).cmp(self.id(b)))
    }

    fn compare_emails(&self, a: u32, b: u32) -> Ordering {
        let emails = self.collation.compare(self.email(a), self.email(b));
        emails.then_with(|| self.compare_names(a, b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn somebody(number: u32) -> Person {
        Person {
            origin: Origin::Other(format!("origin {number}")),
            ..Person::new(
                UserId::try_from(format!("u-{}", number % 4)).unwrap(),
                "Anna",
                format!("anna@{number}.example"),
            )
        }
    }

    #[test]
    fn an_origin_that_nobody_has_any_more_takes_no_room() {
        let mut people = People::build(Collation::of(""), std::iter::empty());
        for number in 0..5_000 {
            let slot = people.upsert(somebody(number));
            if number % 3 == 0 {
                people.remove(slot);
            }
        }
        assert!(people.len() <= 4);
        let origins = people.origins.values().len();
        assert!(origins <= 6, "{origins} origins");
    }
}
