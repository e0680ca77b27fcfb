//! The handle that tests and the program hold: it looks into a running cloud and changes it as a second
//! admin, a failing network or a clock would. It goes through the same world and the same tokens as the
//! servers do.

mod directory;
mod error;
mod handle;

pub use directory::{GroupChange, GroupView, PersonView};
pub use error::ControlError;
pub use handle::{Control, FamilyView, FaultId, HookId, IssuedTokens};
