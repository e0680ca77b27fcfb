//! A change set: users, groups, and each wanted membership with the lists' prediction. Must never store a
//! text per change: a change is a few numbers, and a set has up to `MAX_CHANGES` of them.

use ids::{GroupId, OrganizationId};

use crate::change::{BlockedReason, Change, Prediction};
use crate::delta::Delta;
use crate::outcome::{Outcome, Records};
use crate::reference::{GroupRef, UserRef};
use crate::user_table::UserTable;

/// What a change set does, for its heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Title {
    /// Adds users to groups.
    AddToGroups,
    /// Removes users from groups.
    RemoveFromGroups,
    /// Edits the groups of one user.
    EditGroupsOfUser,
}

/// What a change set was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Users who were chosen one by one.
    Chosen,
    /// All users who matched a search and filters.
    Matching,
    /// The same, from lists in which users may have been missing.
    MatchingIncomplete,
}

/// What is asked for, and the prediction for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSet {
    /// What it does.
    pub title: Title,
    /// What it was made from.
    pub source: Source,
    /// When the lists were synced that it was compared with, in milliseconds since 1970 (UTC); `None` while
    /// they were partial.
    pub as_of: Option<i64>,
    /// The organization that it is for (security.md 43).
    pub organization: OrganizationId,
    /// The users.
    pub users: UserTable,
    /// The groups.
    pub groups: Vec<GroupRef>,
    /// Expected changes first, then those without a change, then those that can't be made.
    pub changes: Vec<Change>,
}

/// Number of changes of each prediction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Predicted {
    /// To be added.
    pub adds: u32,
    /// To be removed.
    pub removes: u32,
    /// No change expected.
    pub unchanged: u32,
    /// Can't be changed.
    pub blocked: u32,
    /// Changes that the run reads: all except those that can't be made whatever the server answers.
    pub checked: u32,
}

/// The index of a user, and the indexes of their changes that are still to be checked and written.
pub type UserChanges = (u32, Vec<u32>);

impl ChangeSet {
    /// Sorts the changes in their display order.
    pub fn sort(&mut self) {
        self.changes.sort_by_key(|change| match change.prediction() {
            Prediction::Change if change.is_adding() => 0,
            Prediction::Change => 1,
            Prediction::Unchanged => 2,
            Prediction::Blocked(_) => 3,
        });
    }

    /// Number of changes, which has the bound `MAX_CHANGES`.
    pub fn len(&self) -> u32 {
        u32::try_from(self.changes.len()).unwrap_or(u32::MAX)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// A change by its index.
    pub fn change(&self, at: u32) -> Option<&Change> {
        self.changes.get(at as usize)
    }

    /// The group of a change.
    pub fn group_of(&self, change: &Change) -> Option<&GroupRef> {
        self.groups.get(usize::from(change.group))
    }

    /// The user of a change.
    pub fn user_of(&self, change: &Change) -> Option<UserRef> {
        self.users.user(change.user)
    }

    /// Counts the changes of each prediction.
    pub fn predicted(&self) -> Predicted {
        let mut counts = Predicted::default();
        for change in &self.changes {
            match change.prediction() {
                Prediction::Change if change.is_adding() => counts.adds += 1,
                Prediction::Change => counts.removes += 1,
                Prediction::Unchanged => counts.unchanged += 1,
                Prediction::Blocked(_) => counts.blocked += 1,
            }
            counts.checked += u32::from(change.is_checked());
        }
        counts
    }

    /// The groups of these changes that the lists do not contain.
    pub fn unknown_groups(&self, changes: &[UserChanges]) -> Vec<u16> {
        let mut groups: Vec<u16> = changes
            .iter()
            .flat_map(|(_, changes)| changes)
            .filter_map(|at| self.change(*at))
            .filter(|change| change.prediction() == Prediction::Blocked(BlockedReason::GroupGone))
            .map(|change| change.group)
            .collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }

    /// The delta of a user for these changes.
    pub fn delta(&self, changes: &[u32]) -> Delta {
        let mut delta = Delta::default();
        for change in changes.iter().filter_map(|at| self.change(*at)) {
            if let Some(group) = self.group_of(change) {
                match change.is_adding() {
                    true => delta.add.push(group.id.clone()),
                    false => delta.remove.push(group.id.clone()),
                }
            }
        }
        delta
    }

    /// Whether a user with these groups already has all these changes.
    pub fn is_met_by(&self, changes: &[u32], member_of: &[GroupId]) -> bool {
        changes.iter().filter_map(|at| self.change(*at)).all(|change| {
            self.group_of(change)
                .is_some_and(|group| member_of.contains(&group.id) == change.is_adding())
        })
    }

    /// The outcome of each change of a user who was read, and written where needed. What the server had
    /// before the write is "no change needed". `appeared` and `vanished` are the groups that another admin
    /// changed at the same time.
    pub fn outcomes<E>(
        &self,
        changes: &[u32],
        before: &[GroupId],
        appeared: Vec<GroupRef>,
        vanished: Vec<GroupRef>,
    ) -> Records<E> {
        let (unchanged, changed) = self.split(changes, before);
        let outcome = match appeared.is_empty() && vanished.is_empty() {
            true => Outcome::Applied,
            false => Outcome::ChangedMeanwhile { appeared, vanished },
        };
        without_empty([(unchanged, Outcome::Unchanged), (changed, outcome)])
    }

    /// The outcome of each change of a user who could not be written. `is_gone` says that the printing server
    /// does not know the user; `before` are their groups, if they were read.
    pub fn failures<E>(
        &self,
        changes: &[u32],
        error: E,
        is_gone: bool,
        before: Option<&[GroupId]>,
    ) -> Records<E> {
        let (mut unchanged, left) = match before {
            Some(before) => self.split(changes, before),
            None => (Vec::new(), changes.to_vec()),
        };
        let (mut failed, mut records) = (Vec::new(), Vec::new());
        for at in left {
            let Some(change) = self.change(at) else {
                continue;
            };
            match change.prediction() {
                // A user whom the printing server does not know is in no group.
                Prediction::Unchanged if !change.is_adding() && is_gone => unchanged.push(at),
                Prediction::Blocked(
                    reason @ (BlockedReason::UserGone | BlockedReason::NotOnPrintingServer),
                ) if is_gone => records.push((vec![at], Outcome::Blocked { reason })),
                _ => failed.push(at),
            }
        }
        records.extend(without_empty([
            (unchanged, Outcome::Unchanged),
            (failed, Outcome::Failed { error }),
        ]));
        records
    }

    /// Splits changes into those that a user with these groups already has and the others.
    fn split(&self, changes: &[u32], member_of: &[GroupId]) -> (Vec<u32>, Vec<u32>) {
        changes.iter().partition(|at| self.is_met_by(&[**at], member_of))
    }
}

fn without_empty<E>(records: [(Vec<u32>, Outcome<E>); 2]) -> Records<E> {
    let records = records.into_iter();
    records.filter(|(changes, _)| !changes.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Membership;
    use crate::sample;

    fn set(change: Change) -> ChangeSet {
        ChangeSet {
            changes: vec![change],
            ..sample::set(&["Ines"])
        }
    }

    /// What a 404 of a user says of a group is nothing.
    #[test]
    fn a_user_who_is_gone_is_not_told_as_a_group_that_is_gone() {
        let set = set(Change {
            blocked: Some(BlockedReason::GroupGone),
            ..sample::change(0)
        });
        let records = set.failures(&[0], "gone", true, None);
        assert_eq!(records, [(vec![0], Outcome::Failed { error: "gone" })]);
    }

    #[test]
    fn a_user_who_is_gone_is_in_no_group() {
        let out = Membership::NotMember;
        let set = set(Change {
            before: Some(out),
            after: out,
            ..sample::change(0)
        });
        let records = set.failures(&[0], "gone", true, None);
        assert_eq!(records, [(vec![0], Outcome::Unchanged)]);
        let records = set.failures(&[0], "refused", false, None);
        assert_eq!(records, [(vec![0], Outcome::Failed { error: "refused" })]);
    }
}
