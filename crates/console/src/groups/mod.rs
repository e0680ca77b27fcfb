//! Groups: queries, and create, edit, delete. Must never write a value that was not compared with the
//! server's present one.

mod create;
mod delete;
mod edit;
mod names;
mod query;
mod read;
mod server;

pub use create::create;
pub use delete::delete;
pub use edit::update;
pub use query::{detail, list, members};
pub use read::read;
