//! Values that many people share, each stored once under a number while it is in use.
//! Does not count the users of a value itself: the owner reports each use and each release.

use std::collections::HashMap;
use std::hash::Hash;

/// Numbers for values. The default value is number 0 permanently, used or not.
#[derive(Debug)]
pub struct Interner<T> {
    /// By number; a free number holds the default value.
    values: Vec<T>,
    /// Number of uses of each value.
    uses: Vec<u32>,
    numbers: HashMap<T, u32>,
    free: Vec<u32>,
}

impl<T: Clone + Default + Eq + Hash> Default for Interner<T> {
    fn default() -> Self {
        Self {
            values: vec![T::default()],
            uses: vec![0],
            numbers: HashMap::from([(T::default(), 0)]),
            free: Vec::new(),
        }
    }
}

impl<T: Clone + Default + Eq + Hash> Interner<T> {
    /// Counts a use of a value. Returns its number.
    pub fn take(&mut self, value: T) -> u32 {
        if let Some(number) = self.numbers.get(&value) {
            self.uses[*number as usize] += 1;
            return *number;
        }
        let number = self.free.pop().unwrap_or_else(|| {
            self.values.push(T::default());
            self.uses.push(0);
            self.values.len() as u32 - 1
        });
        self.values[number as usize] = value.clone();
        self.uses[number as usize] = 1;
        self.numbers.insert(value, number);
        number
    }

    /// Counts a release.
    pub fn give_back(&mut self, number: u32) {
        if number == 0 {
            return;
        }
        let uses = &mut self.uses[number as usize];
        *uses -= 1;
        if *uses > 0 {
            return;
        }
        let value = std::mem::take(&mut self.values[number as usize]);
        self.numbers.remove(&value);
        self.free.push(number);
    }

    /// The values by number; free numbers hold the default value.
    pub fn values(&self) -> &[T] {
        &self.values
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_number_holds_its_value_as_long_as_somebody_has_it_and_is_given_again_after(
            changes in prop::collection::vec((0..6_usize, "[abc]?"), 0..60),
        ) {
            let mut interner = Interner::<String>::default();
            let mut holders: Vec<(u32, String)> = vec![(0, String::new()); 6];
            for (holder, value) in changes {
                let number = interner.take(value.clone());
                let before = std::mem::replace(&mut holders[holder], (number, value));
                interner.give_back(before.0);
                for (number, value) in &holders {
                    prop_assert_eq!(&interner.values()[*number as usize], value);
                }
                // Number 0, the three values, and no others.
                prop_assert!(interner.values().len() <= 4);
            }
        }
    }
}
