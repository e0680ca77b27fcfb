//! What came of the changes of a set so far.

use std::collections::BTreeMap;

use crate::change_set::{ChangeSet, UserChanges};
use crate::outcome::{Outcome, Records};

/// The outcomes so far.
#[derive(Debug)]
pub struct Outcomes<E> {
    /// For each change 0, or its index in `kinds` plus one.
    of: Vec<u32>,
    kinds: Vec<Outcome<E>>,
    counts: Counts,
}

/// Number of changes of each outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Written.
    pub applied: u32,
    /// No change needed, as read from the server.
    pub unchanged: u32,
    /// Can't be changed, as the server says.
    pub blocked: u32,
    /// Not written, or unknown.
    pub failed: u32,
    /// Of those written, changed by another admin at the same time.
    pub changed_meanwhile: u32,
    /// Recorded by another version of the app, unknown to this one.
    pub unknown: u32,
}

impl Counts {
    fn of<E>(&mut self, outcome: &Outcome<E>) -> [Option<&mut u32>; 2] {
        match outcome {
            Outcome::Applied => [Some(&mut self.applied), None],
            Outcome::ChangedMeanwhile { .. } => [Some(&mut self.applied), Some(&mut self.changed_meanwhile)],
            Outcome::Unchanged => [Some(&mut self.unchanged), None],
            Outcome::Blocked { .. } => [Some(&mut self.blocked), None],
            Outcome::Failed { .. } => [Some(&mut self.failed), None],
            Outcome::Unknown => [Some(&mut self.unknown), None],
        }
    }

    /// Changes that were tried, with an outcome known to this version.
    pub fn done(&self) -> u32 {
        self.applied + self.unchanged + self.blocked + self.failed
    }

    /// What a run would try of `checked` changes: without an outcome, failed, or with an unknown one.
    pub fn left(&self, checked: u32) -> u32 {
        checked.saturating_sub(self.done()) + self.failed
    }
}

impl<E: Clone + PartialEq> Outcomes<E> {
    /// No outcomes, for this number of changes.
    pub fn new(changes: usize) -> Self {
        Self {
            of: vec![0; changes],
            kinds: Vec::new(),
            counts: Counts::default(),
        }
    }

    /// Whether no change has an outcome.
    pub fn is_empty(&self) -> bool {
        self.counts == Counts::default()
    }

    /// The outcome of a change.
    pub fn get(&self, change: u32) -> Option<&Outcome<E>> {
        let kind = *self.of.get(change as usize)?;
        self.kinds.get((kind as usize).checked_sub(1)?)
    }

    /// Number of changes of each outcome.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Records the outcome of some changes. Unknown indexes are ignored.
    pub fn record(&mut self, changes: &[u32], outcome: &Outcome<E>) {
        // Most outcomes are equal, and equal failures usually follow each other.
        let recent = self.kinds.iter().rev().take(8).position(|kind| kind == outcome);
        let kind = match recent {
            Some(back) => self.kinds.len() - back,
            None => {
                self.kinds.push(outcome.clone());
                self.kinds.len()
            }
        };
        for change in changes {
            self.forget(*change);
            if let Some(of) = self.of.get_mut(*change as usize) {
                *of = u32::try_from(kind).unwrap_or_default();
                for count in self.counts.of(outcome).into_iter().flatten() {
                    *count += 1;
                }
            }
        }
    }

    /// Takes the outcomes of `other` for the changes that a run would try.
    pub fn fill_from(&mut self, other: &Self) {
        for change in 0..u32::try_from(self.of.len()).unwrap_or(u32::MAX) {
            if self.is_left(change)
                && let Some(outcome) = other.get(change)
            {
                self.record(&[change], outcome);
            }
        }
    }

    /// Removes the outcome of a change, which is tried again.
    fn forget(&mut self, change: u32) {
        if let Some(before) = self.get(change).cloned() {
            for count in self.counts.of(&before).into_iter().flatten() {
                *count = count.saturating_sub(1);
            }
            if let Some(of) = self.of.get_mut(change as usize) {
                *of = 0;
            }
        }
    }

    /// Releases outcomes that no change has any more.
    fn compact(&mut self) {
        let mut places = vec![0_u32; self.kinds.len()];
        let mut kinds = Vec::new();
        for of in self.of.iter_mut().filter(|of| **of > 0) {
            let before = *of as usize - 1;
            if let (Some(place), Some(kind)) = (places.get_mut(before), self.kinds.get(before)) {
                if *place == 0 {
                    kinds.push(kind.clone());
                    *place = u32::try_from(kinds.len()).unwrap_or_default();
                }
                *of = *place;
            }
        }
        self.kinds = kinds;
    }

    /// The changes that a run tries, by user, in the set's order: without an outcome, failed or unknown ones.
    /// Their outcomes are removed and returned too, for [`Outcomes::put_back`].
    pub fn take_pending(&mut self, set: &ChangeSet) -> (Vec<UserChanges>, Records<E>) {
        let pending = self.pending(set);
        let mut taken: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for change in pending.iter().flat_map(|(_, changes)| changes) {
            if let Some(kind) = self.of.get(*change as usize).and_then(|of| of.checked_sub(1)) {
                taken.entry(kind).or_default().push(*change);
            }
            self.forget(*change);
        }
        let outcome = |kind: u32| self.kinds.get(kind as usize).cloned();
        let earlier = taken
            .into_iter()
            .filter_map(|(kind, changes)| Some((changes, outcome(kind)?)));
        let earlier = earlier.collect();
        self.compact();
        (pending, earlier)
    }

    /// Gives changes that were not tried again their `earlier` outcome back: a write with an unknown outcome
    /// must not become "not tried".
    pub fn put_back(&mut self, earlier: &Records<E>) {
        for (changes, outcome) in earlier {
            let untried: Vec<u32> = changes
                .iter()
                .copied()
                .filter(|at| self.get(*at).is_none())
                .collect();
            if !untried.is_empty() {
                self.record(&untried, outcome);
            }
        }
    }

    fn is_left(&self, change: u32) -> bool {
        matches!(
            self.get(change),
            None | Some(Outcome::Failed { .. } | Outcome::Unknown)
        )
    }

    fn pending(&self, set: &ChangeSet) -> Vec<UserChanges> {
        let mut place: Vec<u32> = vec![u32::MAX; set.users.len()];
        let mut order: Vec<UserChanges> = Vec::new();
        for (at, change) in (0_u32..).zip(&set.changes) {
            let Some(place) = place
                .get_mut(change.user as usize)
                .filter(|_| self.is_left(at) && change.is_checked())
            else {
                continue;
            };
            if *place == u32::MAX {
                *place = u32::try_from(order.len()).unwrap_or(u32::MAX);
                order.push((change.user, Vec::new()));
            }
            if let Some((_, changes)) = order.get_mut(*place as usize) {
                changes.push(at);
            }
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::set;

    /// B11: each failure has words of its own, and each retry brings others.
    #[test]
    fn failures_that_are_tried_again_do_not_pile_up() {
        let set = set(&[""; 50]);
        let mut outcomes = Outcomes::new(50);
        for retry in 0..5 {
            for change in outcomes
                .take_pending(&set)
                .0
                .into_iter()
                .flat_map(|(_, changes)| changes)
            {
                let error = format!("{retry} {change}");
                outcomes.record(&[change], &Outcome::Failed { error });
            }
        }
        outcomes.record(&[7], &Outcome::Applied);
        outcomes.take_pending(&set);
        assert_eq!(outcomes.kinds, [Outcome::Applied]);
        assert_eq!(outcomes.counts().done(), 1);
        assert_eq!(outcomes.get(7), Some(&Outcome::Applied));
    }

    #[test]
    fn what_another_version_recorded_is_tried_again() {
        let set = set(&[""; 3]);
        let mut outcomes = Outcomes::<String>::new(3);
        outcomes.record(&[0], &Outcome::Applied);
        outcomes.record(&[1], &Outcome::Unknown);
        assert_eq!(outcomes.counts().left(3), 2);
        let (pending, _) = outcomes.take_pending(&set);
        assert_eq!(pending, [(1, vec![1]), (2, vec![2])]);
    }

    #[test]
    fn what_another_program_recorded_fills_what_is_left_and_nothing_else() {
        let failed = |error| Outcome::Failed { error };
        let (mut own, mut other) = (Outcomes::new(4), Outcomes::new(4));
        own.record(&[0], &Outcome::Applied);
        own.record(&[1], &failed("lost"));
        other.record(&[0], &failed("earlier"));
        other.record(&[1, 2], &Outcome::Unchanged);
        own.fill_from(&other);
        let found: Vec<_> = (0..4).map(|change| own.get(change).cloned()).collect();
        let (applied, unchanged) = (Some(Outcome::Applied), Some(Outcome::Unchanged));
        assert_eq!(found, [applied, unchanged.clone(), unchanged, None]);
        assert_eq!((own.counts().done(), own.counts().failed), (3, 0));
    }

    #[test]
    fn what_was_not_tried_again_has_its_earlier_outcome() {
        let set = set(&[""; 4]);
        let mut outcomes = Outcomes::new(4);
        let failed = |error| Outcome::Failed { error };
        outcomes.record(&[0, 2], &failed("lost"));
        outcomes.record(&[1], &Outcome::Unknown);
        let (pending, earlier) = outcomes.take_pending(&set);
        assert_eq!(pending.len(), 4);
        assert!(outcomes.is_empty());
        outcomes.record(&[2], &Outcome::Applied);
        outcomes.put_back(&earlier);
        assert_eq!(outcomes.get(0), Some(&failed("lost")));
        assert_eq!(outcomes.get(1), Some(&Outcome::Unknown));
        assert_eq!(outcomes.get(2), Some(&Outcome::Applied));
        assert_eq!(outcomes.get(3), None);
        let counts = outcomes.counts();
        assert_eq!((counts.applied, counts.failed, counts.unknown), (1, 1, 1));
    }
}
