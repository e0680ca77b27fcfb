//! The handle of tests and of the program: it inspects a running cloud and changes it as a second admin, a
//! failing network or a clock would. It uses the same world and the same tokens as the servers.

mod directory;
mod error;
mod handle;

pub use directory::{GroupChange, GroupView, PersonView};
pub use error::ControlError;
pub use handle::{Control, FamilyView, FaultId, HookId, IssuedTokens};
