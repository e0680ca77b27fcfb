//! What is to change for one user, against the groups that the server has.

use std::collections::HashSet;

use ids::GroupId;

/// What is to change for one user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delta {
    /// Groups to be in.
    pub add: Vec<GroupId>,
    /// Groups to be out of.
    pub remove: Vec<GroupId>,
}

impl Delta {
    /// The groups to write: those that the server has, without the removed, with the added at the end. No
    /// group is named twice.
    pub fn applied_to(&self, has: &[GroupId]) -> Vec<GroupId> {
        let remove: HashSet<&GroupId> = self.remove.iter().collect();
        let mut seen = HashSet::new();
        has.iter()
            .filter(|group| !remove.contains(group))
            .chain(&self.add)
            .filter(|group| seen.insert(*group))
            .cloned()
            .collect()
    }

    /// Whether a user with these groups is as the delta asks.
    pub fn is_met_by(&self, groups: &[GroupId]) -> bool {
        self.add.iter().all(|group| groups.contains(group))
            && !self.remove.iter().any(|group| groups.contains(group))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ids::GroupId;
    use proptest::prelude::*;

    use super::Delta;

    fn group(n: u8) -> GroupId {
        GroupId::try_from(format!("g{n}")).unwrap()
    }

    fn groups(ns: &BTreeSet<u8>) -> Vec<GroupId> {
        ns.iter().map(|n| group(*n)).collect()
    }

    proptest! {
        #[test]
        fn nothing_but_the_delta_changes(
            has in prop::collection::btree_set(0u8..12, 0..8),
            add in prop::collection::btree_set(0u8..12, 0..4),
            remove in prop::collection::btree_set(0u8..12, 0..4),
        ) {
            let remove: BTreeSet<u8> = remove.difference(&add).copied().collect();
            let delta = Delta { add: groups(&add), remove: groups(&remove) };
            let written = delta.applied_to(&groups(&has));
            prop_assert!(delta.is_met_by(&written));
            let got: BTreeSet<_> = written.into_iter().collect();
            let kept = has.difference(&remove).copied().collect::<BTreeSet<_>>();
            let want: BTreeSet<_> = kept.union(&add).map(|n| group(*n)).collect();
            prop_assert_eq!(got, want);
        }
    }

    #[test]
    fn a_group_named_twice_is_written_once() {
        let delta = Delta {
            add: vec![group(1), group(1)],
            remove: vec![],
        };
        assert_eq!(delta.applied_to(&[group(1), group(2)]), vec![group(1), group(2)]);
    }
}
