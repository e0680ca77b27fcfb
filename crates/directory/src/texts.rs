//! Folded texts of many slots, arranged so that a search reads memory sequentially: blocks of 64 slots, one
//! string per block, so that a block's answer is one word of [`Bits`] and a change moves one block only. Must
//! never contain text that is not folded.

use memchr::memmem::Finder;

use crate::bits::{Bits, ones};
use crate::grams::{Grams, Room};
use crate::packed::Packed;

/// One text per slot.
#[derive(Debug)]
pub struct Texts {
    texts: Packed<String>,
    grams: Grams,
}

impl Texts {
    /// No texts.
    pub fn new(room: Room) -> Self {
        Self {
            texts: Packed::default(),
            grams: Grams::new(room),
        }
    }

    /// Reserves memory for this many slots.
    pub fn reserve(&mut self, slots: usize) {
        self.texts.reserve(slots);
        self.grams.reserve(slots);
    }

    /// Replaces the text of a slot, made by [`crate::fold::haystack`].
    pub fn set(&mut self, slot: u32, text: &str) {
        self.grams.replace(slot, self.texts.get(slot), text);
        self.texts.set(slot, text);
    }

    /// Frees memory that growing has left over.
    pub fn shrink(&mut self) {
        self.texts.shrink();
        self.grams.shrink();
    }

    /// Searches for a word; `None` if no text can contain it.
    pub fn way<'a>(&'a self, word: &'a str) -> Option<Way<'a>> {
        way(&self.grams, word, |slot| self.texts.get(slot))
    }
}

/// Searches for a word in texts stored elsewhere, with these grams; `None` if no text can contain it.
pub fn way<'a>(grams: &'a Grams, word: &'a str, text: impl Fn(u32) -> &'a str + 'a) -> Option<Way<'a>> {
    let places = grams.places(word)?;
    let exact = places.exact;
    let possible: Step<'a> = Box::new(move |block, among| places.among(block, among));
    let needle = Needle::new(word.as_bytes());
    let certain: Step<'a> = Box::new(move |block, among| {
        let found = ones(among).map(|item| {
            let text = text((block * 64 + item) as u32);
            u64::from(needle.is_in(text.as_bytes())) << item
        });
        found.fold(0, |all, one| all | one)
    });
    Some(Way {
        possible,
        certain: (!exact).then_some(certain),
    })
}

/// A word to find in texts that are mostly as short as a name.
enum Needle<'a> {
    /// At most eight bytes, none of them zero: as one number, the first byte lowest, with the mask of its
    /// bits.
    Short {
        number: u64,
        mask: u64,
    },
    Long(Box<Finder<'a>>),
}

impl<'a> Needle<'a> {
    fn new(word: &'a [u8]) -> Self {
        if word.len() > 8 {
            return Self::Long(Box::new(Finder::new(word)));
        }
        Self::Short {
            number: number(word),
            mask: word.iter().fold(0, |mask, _| (mask << 8) | 0xff),
        }
    }

    fn is_in(&self, text: &[u8]) -> bool {
        match self {
            Self::Long(finder) => finder.find(text).is_some(),
            Self::Short { number: word, mask } => {
                // Eight bytes from each position on, which are independent of each other; at the last
                // positions what is left, and zeros, which no word contains.
                let is_at = |window: u64| window & mask == *word;
                let end = number(&text[text.len().saturating_sub(8)..]);
                text.windows(8).any(|window| is_at(number(window)))
                    || (0..8).any(|place| is_at(end >> (8 * place)))
            }
        }
    }
}

/// At most eight bytes as a number, the first lowest.
fn number(bytes: &[u8]) -> u64 {
    match <[u8; 8]>::try_from(bytes) {
        Ok(bytes) => u64::from_le_bytes(bytes),
        Err(_) => bytes
            .iter()
            .rev()
            .fold(0, |number, byte| (number << 8) | u64::from(*byte)),
    }
}

/// Takes the number of a block and some of its slots; returns some of these.
pub type Step<'a> = Box<dyn Fn(usize, u64) -> u64 + 'a>;

/// One way to find a word.
pub struct Way<'a> {
    /// The slots that can contain the word. Cheap.
    pub possible: Step<'a>,
    /// Those of them that contain it; `None` if all of them do.
    pub certain: Option<Step<'a>>,
}

impl Way<'_> {
    fn is_exact(&self) -> bool {
        self.certain.is_none()
    }

    fn possible(&self, block: usize, among: u64) -> u64 {
        (self.possible)(block, among)
    }

    fn certain(&self, block: usize, among: u64) -> u64 {
        match (&self.certain, self.possible(block, among)) {
            (_, 0) => 0,
            (Some(certain), among) => certain(block, among),
            (None, among) => among,
        }
    }
}

/// Removes the slots in which some word is not found in any of its ways.
pub fn narrow(slots: &mut Bits, words: &[Vec<Way<'_>>]) {
    if words.is_empty() {
        return;
    }
    // Where each word certainly is, in the present block.
    let mut sure = vec![0; words.len()];
    slots.narrow(|block, mut among| {
        // First the cheap steps of all words: no text is read where another word can't be.
        for (ways, sure) in words.iter().zip(&mut sure) {
            let (exact, others) = (ways.iter(), ways.iter());
            *sure = any(exact.filter(|way| way.is_exact()), among, |way, open| {
                way.possible(block, open)
            });
            let open = among & !*sure;
            among &= *sure
                | any(others.filter(|way| !way.is_exact()), open, |way, open| {
                    way.possible(block, open)
                });
        }
        for (ways, sure) in words.iter().zip(&sure) {
            let others = ways.iter().filter(|way| !way.is_exact());
            among &= sure | any(others, among & !sure, |way, open| way.certain(block, open));
        }
        among
    });
}

/// Those of the slots that are found in one of the ways; each way is asked only for what the previous ones
/// left open.
fn any<W>(ways: impl Iterator<Item = W>, among: u64, find: impl Fn(W, u64) -> u64) -> u64 {
    let missing = ways.fold(among, |open, way| match open {
        0 => 0,
        _ => open & !find(way, open),
    });
    among & !missing
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_search_finds_exactly_the_slots_whose_latest_text_holds_every_word(
            writes in prop::collection::vec((0..200_u32, "[abc ]{0,4}\n|[ab]{9,12}\n"), 0..300),
            reserved in 0..200_usize,
            words in prop::collection::vec("[abcd]{1,3}|[ab]{8,10}", 1..4),
        ) {
            // So few rows that letters and pairs share some, too.
            let mut texts = Texts::new(Room { own: 3, shared: 2, mixed: 1, letters: |letter| letter != b'c' });
            texts.reserve(reserved);
            let mut model = vec![String::new(); 200];
            for (number, (slot, text)) in writes.into_iter().enumerate() {
                if number == 100 {
                    texts.shrink();
                }
                texts.set(slot, &text);
                model[slot as usize] = text;
            }
            let mut found = Bits::of(&model, |_| true);
            let ways: Vec<Vec<Way<'_>>> = words.iter().map(|word| texts.way(word).into_iter().collect()).collect();
            narrow(&mut found, &ways);
            prop_assert_eq!(found, Bits::of(&model, |text| words.iter().all(|word| text.contains(word))));
        }
    }
}
