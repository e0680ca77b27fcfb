//! One sequence per slot, the sequences of 64 slots side by side in one buffer: 4 bytes per slot of overhead,
//! where a buffer per slot would take 40. A change moves only what lies behind it in its buffer.

use std::ops::Range;

/// A growing buffer and the type of its parts.
pub trait Buffer: Default {
    /// The sequence of one slot.
    type Part: ?Sized + 'static;
    /// The value of a slot that was never written.
    const EMPTY: &Self::Part;

    fn part(&self, range: Range<usize>) -> &Self::Part;
    fn replace(&mut self, range: Range<usize>, part: &Self::Part);
    fn len(part: &Self::Part) -> usize;
    fn shrink(&mut self);
}

impl Buffer for String {
    type Part = str;
    const EMPTY: &str = "";

    fn part(&self, range: Range<usize>) -> &str {
        &self[range]
    }

    fn replace(&mut self, range: Range<usize>, part: &str) {
        self.replace_range(range, part);
    }

    fn len(part: &str) -> usize {
        part.len()
    }

    fn shrink(&mut self) {
        self.shrink_to_fit();
    }
}

impl Buffer for Vec<u32> {
    type Part = [u32];
    const EMPTY: &[u32] = &[];

    fn part(&self, range: Range<usize>) -> &[u32] {
        &self[range]
    }

    fn replace(&mut self, range: Range<usize>, part: &[u32]) {
        self.splice(range, part.iter().copied());
    }

    fn len(part: &[u32]) -> usize {
        part.len()
    }

    fn shrink(&mut self) {
        self.shrink_to_fit();
    }
}

/// One sequence per slot.
#[derive(Debug)]
pub struct Packed<B>(Vec<Block<B>>);

#[derive(Debug)]
struct Block<B> {
    buffer: B,
    /// The end of each slot's part.
    ends: [u32; 64],
}

impl<B> Default for Packed<B> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<B: Buffer> Packed<B> {
    /// Reserves memory for this many slots.
    pub fn reserve(&mut self, slots: usize) {
        self.0.reserve_exact(slots.div_ceil(64));
    }

    /// The value of a slot.
    pub fn get(&self, slot: u32) -> &B::Part {
        let block = self.0.get(slot as usize / 64);
        block.map_or(B::EMPTY, |block| {
            block.buffer.part(block.range(slot as usize % 64))
        })
    }

    /// Replaces the value of a slot.
    pub fn set(&mut self, slot: u32, part: &B::Part) {
        let (number, item) = (slot as usize / 64, slot as usize % 64);
        while self.0.len() <= number {
            self.0.push(Block {
                buffer: B::default(),
                ends: [0; 64],
            });
        }
        let block = &mut self.0[number];
        let range = block.range(item);
        let growth = B::len(part).wrapping_sub(range.len()) as u32;
        block.buffer.replace(range, part);
        for end in &mut block.ends[item..] {
            *end = end.wrapping_add(growth);
        }
    }

    /// Frees memory that growing has left over.
    pub fn shrink(&mut self) {
        self.0.iter_mut().for_each(|block| block.buffer.shrink());
        self.0.shrink_to_fit();
    }
}

impl<B> Block<B> {
    fn range(&self, item: usize) -> Range<usize> {
        let start = item.checked_sub(1).map_or(0, |before| self.ends[before]);
        start as usize..self.ends[item] as usize
    }
}
