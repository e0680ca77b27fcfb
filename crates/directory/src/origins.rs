//! The different origins of people, of which there are few, so that a person keeps a number.
//! A number is never given to another origin, also when nobody has it any more.

use std::collections::HashMap;

use crate::collation::Collation;
use crate::model::Origin;

/// Every origin there has been.
#[derive(Debug, Default)]
pub struct Origins {
    pub all: Vec<Origin>,
    numbers: HashMap<Origin, u32>,
}

impl Origins {
    /// The number of an origin.
    pub fn number(&mut self, origin: Origin) -> u32 {
        if let Some(number) = self.numbers.get(&origin) {
            return *number;
        }
        let number = self.all.len() as u32;
        self.all.push(origin.clone());
        self.numbers.insert(origin, number);
        number
    }

    /// The rank of each origin by its number.
    pub fn ranks(&self, collation: &Collation) -> Vec<u32> {
        let mut sorted: Vec<usize> = (0..self.all.len()).collect();
        sorted.sort_by(|a, b| collation.compare_origins(&self.all[*a], &self.all[*b]));
        let mut ranks = vec![0; sorted.len()];
        for (rank, number) in sorted.into_iter().enumerate() {
            ranks[number] = rank as u32;
        }
        ranks
    }
}
