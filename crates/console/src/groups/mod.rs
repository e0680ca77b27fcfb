//! Queries about groups, and one group read again. Writes nothing to a server.

mod query;
mod read;

pub use query::{detail, list, members};
pub use read::read;
