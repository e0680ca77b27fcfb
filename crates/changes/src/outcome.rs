//! What came of a change.

use crate::change::BlockedReason;
use crate::reference::GroupRef;

/// What came of a change. `E` is why one failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<E> {
    /// Written, by the read-back or, if that failed, by the reply.
    Applied,
    /// Read from the server: no change was needed.
    Unchanged,
    /// Can't be changed, as the server says.
    Blocked {
        /// Why.
        reason: BlockedReason,
    },
    /// Written, but the read-back shows something else: another admin wrote at the same time.
    ChangedMeanwhile {
        /// Groups of the user that are there now and were not in what was written.
        appeared: Vec<GroupRef>,
        /// Groups that were written and are not there now.
        vanished: Vec<GroupRef>,
    },
    /// Not written, or unknown: a write without a reply may have been made.
    Failed {
        /// Why.
        error: E,
    },
    /// Recorded by another version of the app with a value unknown to this one. A run reads it again.
    Unknown,
}

/// The outcomes of some changes, by their indexes.
pub type Records<E> = Vec<(Vec<u32>, Outcome<E>)>;
