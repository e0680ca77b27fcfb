//! Folded texts of many slots, laid so that a search reads memory from end to end: blocks of 64 slots, one string a block,
//! so that one block answers with one word of [`Bits`] and a change moves one block only.
//! Must never see text that is not folded.

use memchr::memmem::Finder;

use crate::bits::{Bits, ones};

/// One text a slot.
#[derive(Debug)]
pub struct Texts {
    blocks: Vec<Block>,
    /// The bytes that ever stood in a text: a word with another one is nowhere.
    seen: [bool; 256],
}

#[derive(Debug)]
struct Block {
    text: String,
    /// Where each slot's part of `text` ends.
    ends: [u32; 64],
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            blocks: Vec::new(),
            seen: [false; 256],
        }
    }
}

impl Texts {
    /// Replaces the text of a slot, as [`crate::fold::haystack`] made it.
    pub fn set(&mut self, slot: u32, text: &str) {
        let (number, item) = (slot as usize / 64, slot as usize % 64);
        while self.blocks.len() <= number {
            self.blocks.push(Block {
                text: String::new(),
                ends: [0; 64],
            });
        }
        let block = &mut self.blocks[number];
        let part = block.part(item);
        let growth = text.len().wrapping_sub(part.len()) as u32;
        block.text.replace_range(part, text);
        for end in &mut block.ends[item..] {
            *end = end.wrapping_add(growth);
        }
        for byte in text.bytes() {
            self.seen[usize::from(byte)] = true;
        }
    }

    /// Gives back memory that growing has left over.
    pub fn shrink(&mut self) {
        for block in &mut self.blocks {
            block.text.shrink_to_fit();
        }
        self.blocks.shrink_to_fit();
    }

    /// Searches for a word; None where it can't be in any text.
    pub fn way<'a>(&'a self, word: &'a str) -> Option<Way<'a>> {
        let possible = word.bytes().all(|byte| self.seen[usize::from(byte)]);
        let finder = Finder::new(word);
        possible.then(|| Box::new(move |block, among| self.find(block, &finder, among)) as Way<'a>)
    }

    /// Those of the block's slots `among` whose text holds the word.
    fn find(&self, block: usize, word: &Finder<'_>, among: u64) -> u64 {
        /// So many slots are searched one by one; above, the whole block is cheaper.
        const FEW: u32 = 6;
        let Some(block) = self.blocks.get(block) else {
            return 0;
        };
        if among.count_ones() <= FEW {
            return ones(among)
                .filter(|item| word.find(&block.text.as_bytes()[block.part(*item)]).is_some())
                .fold(0, |found, item| found | 1 << item);
        }
        let text = block.text.as_bytes();
        let (mut found, mut item, mut from) = (0, 0, 0);
        while let Some(hit) = word.find(&text[from..]) {
            while block.ends[item] as usize <= from + hit {
                item += 1;
            }
            found |= 1 << item;
            from = block.ends[item] as usize;
        }
        found & among
    }
}

impl Block {
    fn part(&self, item: usize) -> std::ops::Range<usize> {
        let start = item.checked_sub(1).map_or(0, |before| self.ends[before]);
        start as usize..self.ends[item] as usize
    }
}

/// One way in which a word may be found: given the number of a block and some of its slots, those in which it is.
pub type Way<'a> = Box<dyn Fn(usize, u64) -> u64 + 'a>;

/// Keeps the slots in which every word is found in one of its ways.
pub fn narrow(slots: &mut Bits, words: &[Vec<Way<'_>>]) {
    if words.is_empty() {
        return;
    }
    slots.narrow(|block, among| {
        words.iter().fold(among, |among, ways| {
            let missing = ways.iter().fold(among, |missing, way| match missing {
                0 => 0,
                _ => missing & !way(block, missing),
            });
            among & !missing
        })
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_search_finds_exactly_the_slots_whose_latest_text_holds_the_word(
            writes in prop::collection::vec((0..200_u32, "[ab]{0,4}\n"), 0..300),
            word in "[abc]{1,3}",
        ) {
            let mut texts = Texts::default();
            let mut model = vec![String::new(); 200];
            for (slot, text) in writes {
                texts.set(slot, &text);
                model[slot as usize] = text;
            }
            let mut found = Bits::of(&model, |_| true);
            narrow(&mut found, &[texts.way(&word).into_iter().collect()]);
            prop_assert_eq!(found, Bits::of(&model, |text| text.contains(&word)));
        }
    }
}
