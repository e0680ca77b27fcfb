//! One change: a membership as the lists have it and as it is wanted.

/// A user's membership in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// In the group.
    Member,
    /// Not in it.
    NotMember,
}

impl Membership {
    /// The membership of a user who is in the group or not.
    pub fn of(is_member: bool) -> Self {
        match is_member {
            true => Self::Member,
            false => Self::NotMember,
        }
    }
}

/// Why a membership can't be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockedReason {
    /// The user is no longer in the organization.
    UserGone,
    /// The printing server doesn't know the user yet.
    NotOnPrintingServer,
    /// The group is no longer there.
    GroupGone,
    /// The group is synced from Microsoft Entra ID: its members are changed there.
    SyncedFromAzure,
}

/// The part of a source that a change comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The selection of users.
    Selection,
    /// A row of an imported list, counted from 1.
    Row(u32),
}

/// The lists' prediction for a change. Only what the run reads decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prediction {
    /// A change is expected.
    Change,
    /// No change is expected.
    Unchanged,
    /// It can't be changed.
    Blocked(BlockedReason),
}

/// One membership: user, group, what the lists have, and what is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Index in `ChangeSet::users`.
    pub user: u32,
    /// Index in `ChangeSet::groups`.
    pub group: u16,
    /// The membership by the lists; `None` where they do not say.
    pub before: Option<Membership>,
    /// The wanted membership.
    pub after: Membership,
    /// Why it can't be changed, by the lists.
    pub blocked: Option<BlockedReason>,
    /// The part of the source that it comes from.
    pub origin: Origin,
}

impl Change {
    /// The lists' prediction. "Unchanged" only where they have the membership as it is wanted.
    pub fn prediction(&self) -> Prediction {
        match self.blocked {
            _ if self.before == Some(self.after) => Prediction::Unchanged,
            Some(reason) => Prediction::Blocked(reason),
            None => Prediction::Change,
        }
    }

    /// Whether it adds a membership.
    pub fn is_adding(&self) -> bool {
        self.after == Membership::Member
    }

    /// Whether a run reads it. A group synced from Microsoft Entra ID is changed there, so a read can't help.
    pub fn is_checked(&self) -> bool {
        self.prediction() != Prediction::Blocked(BlockedReason::SyncedFromAzure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn change(before: Option<Membership>, after: Membership, blocked: Option<BlockedReason>) -> Change {
        Change {
            before,
            after,
            blocked,
            ..sample::change(0)
        }
    }

    #[test]
    fn a_membership_as_it_is_wanted_is_unchanged_also_where_it_could_not_be_changed() {
        for after in [Membership::Member, Membership::NotMember] {
            let synced = Some(BlockedReason::SyncedFromAzure);
            assert_eq!(
                change(Some(after), after, synced).prediction(),
                Prediction::Unchanged
            );
            assert_eq!(
                change(None, after, synced).prediction(),
                Prediction::Blocked(BlockedReason::SyncedFromAzure)
            );
            assert_eq!(change(None, after, None).prediction(), Prediction::Change);
        }
    }

    /// A set of 200,000 changes takes no more than this for each.
    #[test]
    fn a_change_is_a_few_numbers() {
        assert!(std::mem::size_of::<Change>() <= 20);
    }
}
