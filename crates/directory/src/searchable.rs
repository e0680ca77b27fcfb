//! The searched texts of people: name, address and id. The domain of an address is stored once for all who
//! share it: otherwise most short words would be found, one by one, in all addresses. Must answer exactly as
//! if each person's whole name, address and id were searched.

use std::collections::HashMap;
use std::sync::Arc;

use crate::bits::Bits;
use crate::fold;
use crate::grams::{Grams, Room};
use crate::interner::Interner;
use crate::packed::Packed;
use crate::texts::{self, Step, Texts, Way};

/// The searched texts of all people.
#[derive(Debug)]
pub struct Searchable {
    /// Name, and the address up to its last "@", with [`JOINT`] in place of the rest.
    own: Texts,
    /// Apart from the names, because most words contain a letter that no id has: half of the bytes need not
    /// be read then.
    ids: Grams,
    /// The ids that folding changes. All others are searched where they are stored.
    folded_ids: HashMap<u32, Box<str>>,
    /// The number of each slot's domain; 0 for none.
    domain_of: Vec<u32>,
    /// Each domain, beginning with "@".
    domains: Texts,
    numbers: Interner<Arc<str>>,
}

/// Stands for the domain of an address. Folding removes this character, so no other text and no word contains
/// it.
const JOINT: char = '\u{1}';

/// Rows for single letters and the pairs that most names consist of. Other characters of addresses share
/// rows: they are not searched for alone.
const OWN: Room = Room {
    own: 150,
    shared: 40,
    mixed: 8,
    letters: |letter| letter.is_ascii_alphabetic() || !letter.is_ascii(),
};

/// Rows for all characters of a UUID.
const IDS: Room = Room {
    own: 16 * 16 + 17,
    shared: 4,
    mixed: 4,
    letters: |letter| letter.is_ascii_alphanumeric(),
};

/// There are few domains.
const DOMAINS: Room = Room {
    own: 0,
    shared: 32,
    mixed: 8,
    letters: |_| false,
};

impl Default for Searchable {
    fn default() -> Self {
        Self {
            own: Texts::new(OWN),
            ids: Grams::new(IDS),
            folded_ids: HashMap::new(),
            domain_of: Vec::new(),
            domains: Texts::new(DOMAINS),
            numbers: Interner::default(),
        }
    }
}

impl Searchable {
    /// Reserves memory for this many people.
    pub fn reserve(&mut self, people: usize) {
        self.own.reserve(people);
        self.ids.reserve(people);
    }

    /// Replaces a person's id; "" for none.
    pub fn set_id(&mut self, slot: u32, before: &str, id: &str) {
        let (before, folded) = (fold::id_haystack(before), fold::id_haystack(id));
        self.ids.replace(slot, &before, &folded);
        if folded.trim_end_matches('\n') == id {
            self.folded_ids.remove(&slot);
        } else {
            self.folded_ids.insert(slot, folded.into());
        }
    }

    /// Replaces a person's name and address.
    pub fn set_name_and_email(&mut self, slot: u32, name: &str, email: &str) {
        let (mut own, mut domain) = (fold::haystack([name]), String::new());
        for spelling in fold::spellings(email) {
            match spelling.rfind('@') {
                Some(at) => {
                    own.push_str(&spelling[..at]);
                    own.extend([JOINT, '\n']);
                    domain.extend([&spelling[at..], "\n"]);
                }
                None => own.extend([spelling.as_str(), "\n"]),
            }
        }
        self.own.set(slot, &own);
        let slot = slot as usize;
        if self.domain_of.len() <= slot {
            self.domain_of.resize(slot + 1, 0);
        }
        let (number, is_new) = self.numbers.take(domain.as_str().into());
        if is_new {
            self.domains.set(number, &domain);
        }
        let before = std::mem::replace(&mut self.domain_of[slot], number);
        if self.numbers.give_back(before) {
            self.domains.set(before, "");
        }
    }

    /// Number of stored domains, including the empty one.
    #[cfg(test)]
    pub fn domains_known(&self) -> usize {
        self.numbers.values().len()
    }

    /// Frees memory that growing has left over.
    pub fn shrink(&mut self) {
        self.own.shrink();
        self.ids.shrink();
        self.domains.shrink();
        self.domain_of.shrink_to_fit();
    }

    /// Removes those who don't match a search. `ids` are the ids of all people.
    pub fn narrow(&self, slots: &mut Bits, search: &str, ids: &Packed<String>) {
        let folded = |slot| {
            let changed = match self.folded_ids.is_empty() {
                true => None,
                false => self.folded_ids.get(&slot),
            };
            match changed {
                Some(folded) => folded,
                None => ids.get(slot),
            }
        };
        let words = fold::words(search);
        let across: Vec<Vec<Across<'_>>> = words
            .iter()
            .map(|word| word.in_texts.iter().filter_map(|word| Across::of(word)).collect())
            .collect();
        let ways: Vec<Vec<Way<'_>>> = words
            .iter()
            .zip(&across)
            .map(|(word, across)| {
                let domains = word.in_texts.iter().filter_map(|word| self.in_domain(word));
                let own = word.in_texts.iter().filter_map(|word| self.own.way(word));
                let ids = word
                    .in_ids
                    .iter()
                    .filter_map(|word| texts::way(&self.ids, word, folded));
                // The domains first: they cost least and often leave nothing to search.
                domains
                    .chain(own)
                    .chain(ids)
                    .chain(across.iter().filter_map(|across| self.across(across)))
                    .collect()
            })
            .collect();
        texts::narrow(slots, &ways);
    }

    /// Finds a word within a domain.
    fn in_domain(&self, word: &str) -> Option<Way<'_>> {
        let mut domains = Bits::none(self.numbers.values().len());
        (0..self.numbers.values().len() as u32).for_each(|number| domains.insert(number));
        texts::narrow(&mut domains, &[self.domains.way(word).into_iter().collect()]);
        let some = domains.count() > 0;
        let possible: Step<'_> = Box::new(move |block, among| {
            let numbers = self.domain_of.iter().skip(block * 64).take(64);
            let found = |(item, number): (usize, &u32)| u64::from(domains.contains(*number)) << item;
            numbers.enumerate().map(found).fold(0, |all, one| all | one) & among
        });
        some.then_some(Way {
            possible,
            certain: None,
        })
    }

    /// Finds a word that begins before the "@" and ends in the domain.
    fn across<'a>(&'a self, across: &'a Across<'_>) -> Option<Way<'a>> {
        let domain = self.in_domain(across.domain)?.possible;
        let Way { possible, certain } = self.own.way(&across.own)?;
        Some(Way {
            possible: Box::new(move |block, among| match possible(block, among) {
                0 => 0,
                among => domain(block, among),
            }),
            certain,
        })
    }
}

/// A word cut at its last "@".
struct Across<'a> {
    own: String,
    domain: &'a str,
}

impl<'a> Across<'a> {
    fn of(word: &'a str) -> Option<Self> {
        let at = word.rfind('@').filter(|at| *at > 0)?;
        let mut own = word[..at].to_owned();
        own.push(JOINT);
        Some(Self {
            own,
            domain: &word[at..],
        })
    }
}
