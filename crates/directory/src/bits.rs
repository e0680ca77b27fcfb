//! A set of slots as one bit each, in words of 64: the form in which filters and search combine. Knows
//! nothing of what a slot stands for.

/// A set of slots below a length.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bits(Vec<u64>);

impl Bits {
    /// An empty set with room for `len` slots.
    pub fn none(len: usize) -> Self {
        Self(vec![0; len.div_ceil(64)])
    }

    /// The slots for which `passes` is true.
    pub fn of<T>(items: &[T], passes: impl Fn(&T) -> bool) -> Self {
        let word = |chunk: &[T]| {
            chunk
                .iter()
                .enumerate()
                .fold(0, |word, (bit, item)| word | (u64::from(passes(item)) << bit))
        };
        Self(items.chunks(64).map(word).collect())
    }

    /// Adds a slot, which must be below the length.
    pub fn insert(&mut self, slot: u32) {
        self.0[slot as usize / 64] |= 1 << (slot % 64);
    }

    /// Adds or removes a slot; the length grows if needed.
    pub fn set(&mut self, slot: u32, there: bool) {
        let number = slot as usize / 64;
        if self.0.len() <= number {
            self.0.resize(number + 1, 0);
        }
        self.0[number] = self.0[number] & !(1 << (slot % 64)) | u64::from(there) << (slot % 64);
    }

    /// Whether a slot is in the set.
    pub fn contains(&self, slot: u32) -> bool {
        self.0[slot as usize / 64] >> (slot % 64) & 1 == 1
    }

    /// How many slots are in the set.
    pub fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The slots in the set, ascending.
    pub fn slots(&self) -> impl Iterator<Item = u32> {
        let words = self.0.iter().enumerate();
        words.flat_map(|(number, word)| ones(*word).map(move |bit| (number * 64 + bit) as u32))
    }

    /// Adds the slots of another set of the same length.
    pub fn unite(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word |= other;
        }
    }

    /// Removes the slots that are not in another set of the same length.
    pub fn intersect(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word &= other;
        }
    }

    /// Removes the slots that are in another set of the same length.
    pub fn subtract(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word &= !other;
        }
    }

    /// The number of slots in both sets, which may differ in length.
    pub fn count_common(&self, other: &Self) -> usize {
        let words = self.0.iter().zip(&other.0);
        words.map(|(a, b)| (a & b).count_ones() as usize).sum()
    }

    /// How many of these slots, each below the length, are in the set.
    pub fn count_among(&self, slots: &[u32]) -> usize {
        slots.iter().map(|slot| usize::from(self.contains(*slot))).sum()
    }

    /// Replaces each word that is not 0 by `narrow` of its number and itself.
    pub fn narrow(&mut self, mut narrow: impl FnMut(usize, u64) -> u64) {
        for (number, word) in self.0.iter_mut().enumerate().filter(|(_, word)| **word != 0) {
            *word = narrow(number, *word);
        }
    }
}

/// The set bits of a word, lowest first.
pub fn ones(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = word.trailing_zeros() as usize;
        (word != 0).then(|| {
            word &= word - 1;
            bit
        })
    })
}
