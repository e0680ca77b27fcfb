//! The search of people: the words of a search in name, address and id. Must answer exactly as if each
//! person's name, address and id were read from end to end.

use std::collections::HashMap;

use fixedbitset::FixedBitSet;
use memchr::memmem::Finder;

use crate::fold;
use crate::grams::{Candidates, Grams, RowBudget};
use crate::packed::Packed;

/// The searched texts of all people.
#[derive(Debug)]
pub struct Searchable {
    /// Name and address.
    texts: Packed<String>,
    text_grams: Grams,
    /// Apart from the texts, because most words contain a letter that no id has: half of the bytes need not
    /// be read then.
    id_grams: Grams,
    /// The ids that folding changes. All others are searched where they are stored.
    folded_ids: HashMap<u32, Box<str>>,
}

/// Rows for single letters and the pairs that most names consist of. Other characters of addresses share
/// rows: they are not searched for alone.
const TEXTS: RowBudget = RowBudget {
    dedicated: 150,
    shared: 40,
    mixed: 8,
    is_indexable: |letter| letter.is_ascii_alphabetic() || !letter.is_ascii(),
};

/// Rows for all characters of a UUID.
const IDS: RowBudget = RowBudget {
    dedicated: 16 * 16 + 17,
    shared: 4,
    mixed: 4,
    is_indexable: |letter| letter.is_ascii_alphanumeric(),
};

impl Default for Searchable {
    fn default() -> Self {
        Self {
            texts: Packed::default(),
            text_grams: Grams::new(TEXTS),
            id_grams: Grams::new(IDS),
            folded_ids: HashMap::new(),
        }
    }
}

impl Searchable {
    /// Reserves memory for this many people.
    pub fn reserve(&mut self, people: usize) {
        self.texts.reserve(people);
        self.text_grams.reserve(people);
        self.id_grams.reserve(people);
    }

    /// Replaces a person's id; "" for none.
    pub fn set_id(&mut self, slot: u32, before: &str, id: &str) {
        let (before, folded) = (fold::id_haystack(before), fold::id_haystack(id));
        self.id_grams.replace(slot, &before, &folded);
        if folded.trim_end_matches('\n') == id {
            self.folded_ids.remove(&slot);
        } else {
            self.folded_ids.insert(slot, folded.into());
        }
    }

    /// Replaces a person's name and address; "" for none.
    pub fn set_name_and_email(&mut self, slot: u32, name: &str, email: &str) {
        let text = fold::haystack([name, email]);
        self.text_grams.replace(slot, self.texts.get(slot), &text);
        self.texts.set(slot, &text);
    }

    /// Frees memory that growing has left over.
    pub fn shrink(&mut self) {
        self.texts.shrink();
        self.text_grams.shrink();
        self.id_grams.shrink();
    }

    /// Removes those who don't match a search. `ids` are the ids of all people.
    pub fn narrow(&self, slots: &mut FixedBitSet, search: &str, ids: &Packed<String>) {
        let text = |slot| self.texts.get(slot);
        let id = |slot| match self.folded_ids.get(&slot) {
            Some(folded) => folded,
            None => ids.get(slot),
        };
        let words = fold::words(search);
        let words: Vec<Vec<Matcher<'_>>> = words
            .iter()
            .map(|word| {
                let in_texts = word.in_texts.iter();
                let in_texts = in_texts.filter_map(|word| Matcher::new(word, &self.text_grams, &text));
                let in_ids = word.in_ids.iter();
                let in_ids = in_ids.filter_map(|word| Matcher::new(word, &self.id_grams, &id));
                let mut matchers: Vec<_> = in_texts.chain(in_ids).collect();
                // Those that read no text first: they leave less to the others.
                matchers.sort_by_key(|matcher| !matcher.candidates.exact);
                matchers
            })
            .collect();
        // The bitmaps of all words first: no text is read where another word can't be.
        for matchers in &words {
            let mut open = slots.clone();
            for matcher in matchers {
                open.difference_with(&matcher.candidates.among(&open));
            }
            slots.difference_with(&open);
        }
        for matchers in &words {
            let mut open = slots.clone();
            for matcher in matchers {
                open.difference_with(&matcher.found(&open));
            }
            slots.difference_with(&open);
        }
    }
}

/// One spelling of a word, searched in texts or in ids.
struct Matcher<'a> {
    candidates: Candidates<'a>,
    word: Finder<'a>,
    text: &'a dyn Fn(u32) -> &'a str,
}

impl<'a> Matcher<'a> {
    /// `None` if no text contains the word.
    fn new(word: &'a str, grams: &'a Grams, text: &'a dyn Fn(u32) -> &'a str) -> Option<Self> {
        Some(Self {
            candidates: grams.candidates(word)?,
            word: Finder::new(word),
            text,
        })
    }

    /// Those of the slots that contain the word.
    fn found(&self, among: &FixedBitSet) -> FixedBitSet {
        let candidates = self.candidates.among(among);
        if self.candidates.exact {
            return candidates;
        }
        let mut found = candidates.clone();
        for slot in candidates.ones() {
            let text = (self.text)(slot as u32).as_bytes();
            if self.word.find(text).is_none() {
                found.remove(slot);
            }
        }
        found
    }
}
