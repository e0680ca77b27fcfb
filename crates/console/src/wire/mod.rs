//! The types that cross to the UI, in both directions. Owns their shape and the TypeScript made from it. Must
//! never contain a token, a key or another secret (security.md 53), nor decide anything.

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
