//! Which slots contain which letters and pairs of letters, as one set of slots each, so that a search reads
//! only the texts that can match, and none at all for one letter or a frequent pair. Letters are bytes of
//! UTF-8 here; letters and pairs are grams. Must never miss a slot whose text contains a gram; if it reports
//! too many, it says so. See docs/decisions/0021.

use fixedbitset::FixedBitSet;

/// The letters and pairs of one text per slot.
#[derive(Debug)]
pub struct Grams {
    /// One more than the number of each gram's row; 0 if no text ever contained the gram.
    row_of: Vec<u16>,
    /// The slots that contain the row's gram, or one of them. The shared rows come first.
    rows: Vec<FixedBitSet>,
    budget: RowBudget,
    /// Slots that a new row reserves.
    capacity: usize,
}

/// How many rows there may be. Each takes an eighth of a byte per slot.
#[derive(Debug, Clone, Copy)]
pub struct RowBudget {
    /// Rows for one gram each: for the grams that come first, which mostly are the frequent ones.
    pub dedicated: usize,
    /// Rows, at least one, that later grams share.
    pub shared: usize,
    /// Rows, at least one, that the pairs share in which not both are indexable: most texts contain several.
    pub mixed: usize,
    /// The letters whose pairs may have a row of their own.
    pub is_indexable: fn(u8) -> bool,
}

/// The number of the first letter's gram, after those of all pairs.
const LETTERS: usize = 256 * 256;
const KINDS: usize = LETTERS + 256;

impl Grams {
    /// An empty index.
    pub fn new(budget: RowBudget) -> Self {
        Self {
            row_of: vec![0; KINDS],
            rows: vec![FixedBitSet::new(); budget.mixed + budget.shared],
            budget,
            capacity: 0,
        }
    }

    /// Reserves memory for this many slots.
    pub fn reserve(&mut self, slots: usize) {
        self.capacity = slots;
    }

    /// Replaces the text of a slot.
    pub fn replace(&mut self, slot: u32, before: &str, now: &str) {
        // Removed first: a gram of both texts, or a row that they share, must stay.
        for gram in letters_and_pairs(before.as_bytes()) {
            let row = usize::from(self.row_of[gram]) - 1;
            self.rows[row].remove(slot as usize);
        }
        for gram in letters_and_pairs(now.as_bytes()) {
            let row = self.row(gram);
            let capacity = self.capacity;
            let row = &mut self.rows[row];
            if row.len() <= slot as usize {
                row.grow(capacity.max(slot as usize + 1));
            }
            row.insert(slot as usize);
        }
    }

    fn row(&mut self, gram: usize) -> usize {
        if let Some(known) = usize::from(self.row_of[gram]).checked_sub(1) {
            return known;
        }
        let RowBudget {
            dedicated,
            shared,
            mixed,
            is_indexable,
        } = self.budget;
        let is_letter = gram >= LETTERS;
        let frequent = is_letter || gram.to_le_bytes()[..2].iter().all(|letter| is_indexable(*letter));
        // Multiplied, so that pairs with the same end get different rows.
        let spread = (gram * 0x9e37) >> 8;
        let row = match frequent {
            true if self.rows.len() < mixed + shared + dedicated => {
                self.rows.push(FixedBitSet::new());
                self.rows.len() - 1
            }
            true => mixed + spread % shared,
            false => spread % mixed,
        };
        self.row_of[gram] = row as u16 + 1;
        row
    }

    /// Frees memory that growing has left over.
    pub fn shrink(&mut self) {
        // A clone has no spare memory.
        self.rows.iter_mut().for_each(|row| *row = row.clone());
    }

    /// Where a word without white space can be; `None` if it is nowhere.
    ///
    /// A pair without a row of its own is narrowed by its letters, which mostly have one.
    pub fn candidates(&self, word: &str) -> Option<Candidates<'_>> {
        let known = |gram: usize| usize::from(self.row_of[gram]).checked_sub(1);
        let is_dedicated = |row: usize| row >= self.budget.mixed + self.budget.shared;
        let mut rows = Vec::new();
        let word = word.as_bytes();
        for letters in word.windows(2) {
            let row = known(pair(letters))?;
            rows.push(row);
            if !is_dedicated(row) {
                for letter in letters {
                    rows.push(known(LETTERS + usize::from(*letter))?);
                }
            }
        }
        if let [letter] = word {
            rows.push(known(LETTERS + usize::from(*letter))?);
        }
        let exact = matches!(rows[..], [row] if is_dedicated(row));
        rows.sort_unstable();
        rows.dedup();
        Some(Candidates {
            rows: rows.into_iter().map(|row| &self.rows[row]).collect(),
            exact,
        })
    }
}

/// The slots that contain all grams of a word.
pub struct Candidates<'a> {
    rows: Vec<&'a FixedBitSet>,
    /// Whether each of these slots contains the word. If not, only the others certainly don't.
    pub exact: bool,
}

impl Candidates<'_> {
    /// Those of the slots that can contain the word.
    pub fn among(&self, slots: &FixedBitSet) -> FixedBitSet {
        let mut left = slots.clone();
        self.rows.iter().for_each(|row| left.intersect_with(row));
        left
    }
}

/// The grams of a text that a word can contain: a word has no white space.
fn letters_and_pairs(text: &[u8]) -> impl Iterator<Item = usize> {
    let in_word = |letter: &u8| !matches!(letter, b' ' | b'\n');
    let letters = text.iter().filter(move |letter| in_word(letter));
    let pairs = text.windows(2).filter(move |pair| pair.iter().all(in_word));
    letters
        .map(|letter| LETTERS + usize::from(*letter))
        .chain(pairs.map(pair))
}

fn pair(letters: &[u8]) -> usize {
    usize::from(letters[0]) * 256 + usize::from(letters[1])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_slot_whose_latest_text_holds_the_word_is_missed_and_none_is_too_many_where_it_says_so(
            writes in prop::collection::vec((0..200_u32, "[abc ]{0,4}\n|[ab]{9,12}\n"), 0..300),
            reserved in 0..200_usize,
            word in "[abcd]{1,3}|[ab]{8,10}",
        ) {
            // So few rows that letters and pairs share some, too.
            let budget = RowBudget { dedicated: 3, shared: 2, mixed: 1, is_indexable: |letter| letter != b'c' };
            let mut grams = Grams::new(budget);
            grams.reserve(reserved);
            let mut texts = vec![String::new(); 200];
            for (number, (slot, text)) in writes.into_iter().enumerate() {
                if number == 100 {
                    grams.shrink();
                }
                grams.replace(slot, &texts[slot as usize], &text);
                texts[slot as usize] = text;
            }
            let mut all = FixedBitSet::with_capacity(200);
            all.insert_range(..);
            let found = grams.candidates(&word);
            let exact = found.as_ref().is_some_and(|found| found.exact);
            let found = found.map(|found| found.among(&all)).unwrap_or_default();
            for (slot, text) in texts.iter().enumerate() {
                if text.contains(&word) {
                    prop_assert!(found.contains(slot));
                } else if exact {
                    prop_assert!(!found.contains(slot));
                }
            }
        }
    }
}
