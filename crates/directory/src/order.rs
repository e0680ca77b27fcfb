//! A sequence of slots that stays sorted through changes, and a window of a sorted list in either direction.
//! Does not compare: the owner does.

use fixedbitset::FixedBitSet;

use crate::model::Window;

/// Slots in their order.
#[derive(Debug, Default)]
pub struct Order {
    slots: Vec<u32>,
    /// The index of each slot in `slots`, [`ABSENT`] if it is not in it.
    places: Vec<u32>,
}

const ABSENT: u32 = u32::MAX;

impl Order {
    /// Takes slots that are sorted already.
    pub fn sorted(slots: Vec<u32>) -> Self {
        let mut this = Self {
            places: vec![ABSENT; slots.len()],
            slots,
        };
        this.renumber(0, this.slots.len());
        this
    }

    /// All slots, in order.
    pub fn slots(&self) -> &[u32] {
        &self.slots
    }

    /// The index of a slot.
    pub fn place(&self, slot: u32) -> u32 {
        self.places[slot as usize]
    }

    /// Those of the slots that are in the set.
    pub fn select(&self, set: &FixedBitSet) -> Vec<u32> {
        /// Below this share of all slots, marking their places costs less than walking through all.
        const FEW: usize = 8;
        let count = set.count_ones(..);
        if count < self.slots.len() / FEW {
            let mut places = FixedBitSet::with_capacity(self.slots.len());
            set.ones()
                .for_each(|slot| places.insert(self.places[slot] as usize));
            return places.ones().map(|place| self.slots[place]).collect();
        }
        // Written in any case, and kept if it is in the set: a branch would be mispredicted half of the time.
        let mut selected = vec![0; count + 1];
        let mut len = 0;
        for slot in &self.slots {
            selected[len] = *slot;
            len += usize::from(set.contains(*slot as usize));
        }
        selected.truncate(len);
        selected
    }

    /// Puts a slot, new or known, behind all others that `precede` it.
    pub fn put(&mut self, slot: u32, precedes: impl Fn(u32) -> bool) {
        if self.places.len() <= slot as usize {
            self.places.resize(slot as usize + 1, ABSENT);
        }
        let before = self.take(slot);
        let after = self.slots.partition_point(|other| precedes(*other));
        self.slots.insert(after, slot);
        let last = before.unwrap_or(self.slots.len() - 1);
        self.renumber(after.min(last), after.max(last) + 1);
    }

    /// Removes a slot.
    pub fn remove(&mut self, slot: u32) {
        if let Some(place) = self.take(slot) {
            self.renumber(place, self.slots.len());
        }
    }

    /// Removes a slot without renumbering those behind it.
    fn take(&mut self, slot: u32) -> Option<usize> {
        let place = std::mem::replace(&mut self.places[slot as usize], ABSENT);
        (place != ABSENT).then(|| {
            self.slots.remove(place as usize);
            place as usize
        })
    }

    fn renumber(&mut self, from: usize, to: usize) {
        for (place, slot) in self.slots[from..to].iter().enumerate() {
            self.places[*slot as usize] = (from + place) as u32;
        }
    }
}

/// A list that is sorted ascending, the rows without a value in the sorted column last.
pub struct Sorted {
    /// The whole list.
    pub slots: Vec<u32>,
    /// The index of the first row without a value, which stays last in either direction.
    pub blank_from: usize,
}

impl Sorted {
    /// Cuts a window. Descending reverses the runs of rows that are the `same` in the sorted column, never
    /// the rows inside a run.
    pub fn window<T>(
        &self,
        total: u32,
        (offset, limit): (u32, u32),
        descending: bool,
        same: impl Fn(u32, u32) -> bool,
        row: impl Fn(u32) -> T,
    ) -> Window<T> {
        let start = (offset as usize).min(self.slots.len());
        let end = start.saturating_add(limit as usize).min(self.slots.len());
        let rows = if descending {
            self.descending(start, end, same).into_iter().map(row).collect()
        } else {
            self.slots[start..end].iter().map(|slot| row(*slot)).collect()
        };
        Window {
            total,
            matched: self.slots.len() as u32,
            offset,
            rows,
        }
    }

    fn descending(&self, start: usize, end: usize, same: impl Fn(u32, u32) -> bool) -> Vec<u32> {
        let (filled, blank) = self.slots.split_at(self.blank_from);
        let (first, last) = (start.min(filled.len()), end.min(filled.len()));
        // The same rows counted from the other end, widened to complete runs.
        let (mut low, mut high) = (filled.len() - last, filled.len() - first);
        let wanted_high = high;
        while low > 0 && low < high && same(filled[low - 1], filled[low]) {
            low -= 1;
        }
        while low < high && high < filled.len() && same(filled[high - 1], filled[high]) {
            high += 1;
        }
        let runs = filled[low..high]
            .chunk_by(|a, b| same(*a, *b))
            .rev()
            .flatten()
            .copied();
        let turned = runs.skip(high - wanted_high).take(last - first);
        turned
            .chain(blank[start - first..end - last].iter().copied())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_descending_window_is_a_part_of_the_whole_list_turned_run_by_run(
            mut keys in prop::collection::vec(0..5_u32, 0..20),
            blanks in 0..4_usize,
            offset in 0..30_u32,
            limit in 0..30_u32,
        ) {
            keys.sort();
            let blank_from = keys.len();
            let slots: Vec<u32> = (0..(keys.len() + blanks) as u32).collect();
            let mut whole: Vec<u32> = slots[..blank_from].to_vec();
            whole.sort_by_key(|slot| std::cmp::Reverse(keys[*slot as usize]));
            whole.extend(&slots[blank_from..]);
            let expected: Vec<u32> = whole.into_iter().skip(offset as usize).take(limit as usize).collect();

            let sorted = Sorted { slots, blank_from };
            let same = |a: u32, b: u32| keys[a as usize] == keys[b as usize];
            let window = sorted.window(0, (offset, limit), true, same, |slot| slot);
            prop_assert_eq!(window.rows, expected);
        }
    }
}
