//! The one writer of groups. Must never write a value that was not compared with the server's present one.

mod create;
mod delete;
mod edit;
mod names;
mod server;

pub use create::create;
pub use delete::delete;
pub use edit::update;
pub use server::forget;
