//! The domain of a change: a request is compiled against the lists into a [`ChangeSet`] for the review, and
//! each change gets an [`Outcome`] when the set is applied. Pure: no async, no locks, no I/O beyond bytes.
//! Must never decide by the lists that a change is done: a prediction is for the review, and only what was
//! read of the server gives an outcome.

mod change;
mod change_set;
mod compile;
mod delta;
mod outcome;
mod outcomes;
mod reference;
pub mod report;
#[cfg(test)]
mod sample;
mod user_table;

pub use change::{BlockedReason, Change, Membership, Origin, Prediction};
pub use change_set::{ChangeSet, Predicted, Source, Title, UserChanges};
pub use compile::{CompileError, Compiler, Lists, MAX_CHANGES, MAX_GROUPS, MAX_USERS, Request, Selection};
pub use delta::Delta;
pub use outcome::{Outcome, Records};
pub use outcomes::{Counts, Outcomes};
pub use reference::{GroupRef, UserRef};
pub use user_table::UserTable;
