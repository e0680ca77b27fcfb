//! The types that cross to the UI, in both directions. Owns their shape and the TypeScript made from it.
//! Must never hold a token, a key or anything else that is secret (security.md 53), and decides nothing.

mod app;
pub(crate) mod conflict;
mod directory;
mod disk;
mod facets;
mod groups;
mod plans;
pub(crate) mod references;
mod session;
mod views;

pub use app::*;
pub use conflict::*;
pub use directory::*;
pub use disk::*;
pub use facets::*;
pub use groups::*;
pub use plans::*;
pub use references::*;
pub use session::*;
pub use views::*;
