//! The ids of people, each stored once, and the map from an id to its slot. Must never have two slots for one
//! id.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use crate::packed::Packed;

/// Ids by slot and slots by id.
#[derive(Debug, Default)]
pub struct IdIndex {
    texts: Packed<String>,
    slots: HashTable<u32>,
    hasher: RandomState,
}

impl IdIndex {
    /// Reserves memory for this many ids.
    pub fn reserve(&mut self, ids: usize) {
        self.texts.reserve(ids);
        let (texts, hasher) = (&self.texts, &self.hasher);
        self.slots.reserve(ids, |slot| hasher.hash_one(texts.get(*slot)));
    }

    /// Number of ids.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// The id in a slot, "" if there is none.
    pub fn get(&self, slot: u32) -> &str {
        self.texts.get(slot)
    }

    /// All ids.
    pub fn texts(&self) -> &Packed<String> {
        &self.texts
    }

    /// The slot of an id.
    pub fn slot(&self, id: &str) -> Option<u32> {
        let is = |slot: &u32| self.texts.get(*slot) == id;
        self.slots.find(self.hasher.hash_one(id), is).copied()
    }

    /// Puts an id that has no slot yet into a free slot.
    pub fn insert(&mut self, slot: u32, id: &str) {
        self.texts.set(slot, id);
        let (texts, hasher) = (&self.texts, &self.hasher);
        let hash = |slot: &u32| hasher.hash_one(texts.get(*slot));
        self.slots.insert_unique(hash(&slot), slot, hash);
    }

    /// Frees a slot.
    pub fn remove(&mut self, slot: u32) {
        let hash = self.hasher.hash_one(self.texts.get(slot));
        if let Ok(found) = self.slots.find_entry(hash, |other| *other == slot) {
            found.remove();
        }
        self.texts.set(slot, "");
    }

    /// Frees memory that growing has left over.
    pub fn shrink(&mut self) {
        self.texts.shrink();
    }
}
