//! The groups and their members. A group is a slot; one that people name but that was not described is kept
//! too, with its id as its name, as long as it has a member. People are slots that [`crate::people`] owns;
//! this part only stores their numbers.

use std::cmp::Ordering;
use std::collections::HashMap;

use fixedbitset::FixedBitSet;
use ids::GroupId;
use memchr::memmem::Finder;

use crate::collation::{Collation, is_blank};
use crate::fold;
use crate::model::{Group, GroupColumn, GroupInfo, Origin, Sort};
use crate::order::{Order, Sorted};
use crate::packed::Packed;

/// All groups.
#[derive(Debug)]
pub struct Groups {
    collation: Collation,
    slots: HashMap<GroupId, u32>,
    free: Vec<u32>,
    records: Vec<Record>,
    /// Number of described groups.
    described: u32,
    /// Name, description and id of the described groups.
    texts: Packed<String>,
    by_name: Order,
    by_description: Order,
}

#[derive(Debug)]
struct Record {
    /// Outdated in a free slot.
    id: GroupId,
    /// `None` if people name the group and the server did not describe it.
    group: Option<Group>,
    /// Ascending.
    members: Vec<u32>,
}

impl Record {
    fn name(&self) -> &str {
        self.group.as_ref().map_or(self.id.as_str(), |group| &group.name)
    }

    fn description(&self) -> &str {
        self.group.as_ref().map_or("", |group| &group.description)
    }

    fn origin(&self) -> &Origin {
        const UNKNOWN: &Origin = &Origin::Other(String::new());
        self.group.as_ref().map_or(UNKNOWN, |group| &group.origin)
    }

    fn printers(&self) -> u32 {
        self.group.as_ref().map_or(0, |group| group.printers)
    }
}

impl Groups {
    /// Stores all groups, the last of those with the same id, and makes a slot for each id in `named`.
    pub fn build<'a>(
        collation: Collation,
        groups: Vec<Group>,
        named: impl Iterator<Item = &'a GroupId>,
    ) -> Self {
        let mut this = Self {
            collation,
            slots: HashMap::new(),
            free: Vec::new(),
            records: Vec::new(),
            described: 0,
            texts: Packed::default(),
            by_name: Order::default(),
            by_description: Order::default(),
        };
        for group in groups {
            let slot = this.slot(&group.id).unwrap_or_else(|| this.take_slot(&group.id));
            this.describe(slot, group);
        }
        for id in named {
            if this.slot(id).is_none() {
                this.take_slot(id);
            }
        }
        this.sort_all();
        this
    }

    /// Stores all groups, described or not, with the orders by name and by description, which must match;
    /// sorts if there are none. `None` if an id occurs twice.
    pub fn restored(
        collation: Collation,
        groups: Vec<(GroupId, Option<Group>)>,
        orders: Option<(Vec<u32>, Vec<u32>)>,
    ) -> Option<Self> {
        let mut this = Self::build(collation, Vec::new(), std::iter::empty());
        for (id, group) in groups {
            if this.slot(&id).is_some() {
                return None;
            }
            let slot = this.take_slot(&id);
            if let Some(group) = group {
                this.describe(slot, group);
            }
        }
        match orders {
            Some((by_name, by_description)) => {
                (this.by_name, this.by_description) = (Order::sorted(by_name), Order::sorted(by_description));
            }
            None => this.sort_all(),
        }
        Some(this)
    }

    fn sort_all(&mut self) {
        let mut slots: Vec<u32> = (0..self.records.len() as u32).collect();
        slots.sort_by(|a, b| self.compare_names(*a, *b));
        self.by_name = Order::sorted(slots.clone());
        slots.sort_by(|a, b| self.compare_descriptions(*a, *b));
        self.by_description = Order::sorted(slots);
    }

    /// Number of described groups.
    pub fn len(&self) -> u32 {
        self.described
    }

    /// The slot of a group, described or not.
    pub fn slot(&self, id: &GroupId) -> Option<u32> {
        self.slots.get(id).copied()
    }

    /// The id in a slot in use.
    pub fn id(&self, slot: u32) -> &GroupId {
        &self.record(slot).id
    }

    /// The name, or the id if the group is not described.
    pub fn name(&self, slot: u32) -> &str {
        self.record(slot).name()
    }

    /// Whether the group is described.
    pub fn is_described(&self, slot: u32) -> bool {
        self.record(slot).group.is_some()
    }

    /// The server's description, if there is one.
    pub fn described(&self, slot: u32) -> Option<&Group> {
        self.record(slot).group.as_ref()
    }

    /// The slots of all groups by name.
    pub fn in_name_order(&self) -> &[u32] {
        self.by_name.slots()
    }

    /// The slots of all groups by description.
    pub fn in_description_order(&self) -> &[u32] {
        self.by_description.slots()
    }

    /// The members, ascending.
    pub fn members(&self, slot: u32) -> &[u32] {
        &self.record(slot).members
    }

    /// A group with its number of members.
    pub fn info(&self, slot: u32) -> GroupInfo {
        let record = self.record(slot);
        let group = record.group.clone().unwrap_or_else(|| Group {
            origin: record.origin().clone(),
            ..Group::new(record.id.clone(), record.id.as_str())
        });
        GroupInfo {
            group,
            members: record.members.len() as u32,
        }
    }

    fn record(&self, slot: u32) -> &Record {
        &self.records[slot as usize]
    }

    // ---- changes
    // -------------------------------------------------------------------------------------------------

    /// Writes a group, new or known.
    pub fn upsert(&mut self, group: Group) {
        let known = self.slot(&group.id);
        let slot = known.unwrap_or_else(|| self.take_slot(&group.id));
        self.describe(slot, group);
        self.put_into_orders(slot);
    }

    /// The slot of a group, made if there is none.
    pub fn slot_or_new(&mut self, id: &GroupId) -> u32 {
        self.slot(id).unwrap_or_else(|| {
            let slot = self.take_slot(id);
            self.put_into_orders(slot);
            slot
        })
    }

    /// Removes a group. Returns its members.
    pub fn remove(&mut self, slot: u32) -> Vec<u32> {
        self.by_name.remove(slot);
        self.by_description.remove(slot);
        self.texts.set(slot, "");
        self.free.push(slot);
        let record = &mut self.records[slot as usize];
        self.described -= u32::from(record.group.take().is_some());
        self.slots.remove(&record.id);
        std::mem::take(&mut record.members)
    }

    /// Adds a person to a group.
    pub fn join(&mut self, slot: u32, person: u32) {
        let members = &mut self.records[slot as usize].members;
        if let Err(place) = members.binary_search(&person) {
            members.insert(place, person);
        }
    }

    /// Removes a person from a group. A group that is not described goes with its last member.
    pub fn leave(&mut self, slot: u32, person: u32) {
        let members = &mut self.records[slot as usize].members;
        if let Ok(place) = members.binary_search(&person) {
            members.remove(place);
        }
        self.remove_if_unused(slot);
    }

    /// Replaces the members, given ascending. Returns the previous ones.
    pub fn set_members(&mut self, slot: u32, members: Vec<u32>) -> Vec<u32> {
        let before = std::mem::replace(&mut self.records[slot as usize].members, members);
        self.remove_if_unused(slot);
        before
    }

    fn remove_if_unused(&mut self, slot: u32) {
        let record = self.record(slot);
        if record.group.is_none() && record.members.is_empty() {
            self.remove(slot);
        }
    }

    fn take_slot(&mut self, id: &GroupId) -> u32 {
        let slot = match self.free.pop() {
            Some(slot) => {
                self.records[slot as usize].id = id.clone();
                slot
            }
            None => {
                self.records.push(Record {
                    id: id.clone(),
                    group: None,
                    members: Vec::new(),
                });
                self.records.len() as u32 - 1
            }
        };
        self.slots.insert(id.clone(), slot);
        slot
    }

    fn describe(&mut self, slot: u32, group: Group) {
        let mut texts = fold::haystack([group.name.as_str(), &group.description]);
        texts.push_str(&fold::id_haystack(group.id.as_str()));
        self.texts.set(slot, &texts);
        let before = self.records[slot as usize].group.replace(group);
        self.described += u32::from(before.is_none());
    }

    fn put_into_orders(&mut self, slot: u32) {
        let mut order = std::mem::take(&mut self.by_name);
        order.put(slot, |other| self.compare_names(other, slot).is_lt());
        self.by_name = order;
        let mut order = std::mem::take(&mut self.by_description);
        order.put(slot, |other| self.compare_descriptions(other, slot).is_lt());
        self.by_description = order;
    }

    // ---- questions
    // -----------------------------------------------------------------------------------------------

    /// One more than the largest slot so far.
    pub fn slots(&self) -> usize {
        self.records.len()
    }

    fn described_where(&self, passes: impl Fn(u32) -> bool) -> FixedBitSet {
        let mut set = FixedBitSet::with_capacity(self.records.len());
        for (slot, record) in self.records.iter().enumerate() {
            set.set(slot, record.group.is_some() && passes(slot as u32));
        }
        set
    }

    /// Sorts groups by name.
    pub fn sort_by_name(&self, slots: &mut [u32]) {
        slots.sort_unstable_by_key(|slot| self.by_name.place(*slot));
    }

    /// The described groups that match a search, sorted.
    pub fn sorted(&self, search: &str, sort: Sort<GroupColumn>) -> Sorted {
        let words = fold::words(search);
        let words: Vec<Vec<Finder<'_>>> = words
            .iter()
            .map(|word| {
                word.in_texts
                    .iter()
                    .chain(&word.in_ids)
                    .map(Finder::new)
                    .collect()
            })
            .collect();
        // There are few groups: their texts are read, without an index.
        let set = self.described_where(|slot| {
            let text = self.texts.get(slot).as_bytes();
            words
                .iter()
                .all(|spellings| spellings.iter().any(|word| word.find(text).is_some()))
        });
        let order = match sort.column {
            GroupColumn::Description => &self.by_description,
            _ => &self.by_name,
        };
        let mut slots = order.select(&set);
        let blank_from = |slots: &[u32], text: fn(&Record) -> &str| {
            slots.partition_point(|slot| !is_blank(text(self.record(*slot))))
        };
        let blank_from = match sort.column {
            GroupColumn::Name => blank_from(&slots, Record::name),
            GroupColumn::Description => blank_from(&slots, Record::description),
            column => {
                slots.sort_by(|a, b| self.compare(column, *a, *b));
                slots.len()
            }
        };
        Sorted { slots, blank_from }
    }

    /// Compares two groups by one column only.
    pub fn compare(&self, column: GroupColumn, a: u32, b: u32) -> Ordering {
        let (a, b) = (self.record(a), self.record(b));
        match column {
            GroupColumn::Name => self.collation.compare(a.name(), b.name()),
            GroupColumn::Description => self.collation.compare(a.description(), b.description()),
            GroupColumn::Origin => self.collation.compare_origins(a.origin(), b.origin()),
            GroupColumn::Members => a.members.len().cmp(&b.members.len()),
            GroupColumn::Printers => a.printers().cmp(&b.printers()),
        }
    }

    fn compare_names(&self, a: u32, b: u32) -> Ordering {
        self.compare(GroupColumn::Name, a, b)
            .then_with(|| self.record(a).id.cmp(&self.record(b).id))
    }

    fn compare_descriptions(&self, a: u32, b: u32) -> Ordering {
        self.compare(GroupColumn::Description, a, b)
            .then_with(|| self.compare_names(a, b))
    }
}
