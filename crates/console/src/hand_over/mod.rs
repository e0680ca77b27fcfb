//! One window for each data directory: a later start hands its link over to the first window and ends
//! (docs/decisions/0019). Must never become a second owner, wait without a limit, nor accept a link from
//! another user of the computer (security.md 13).

mod client;
mod first;
mod message;
mod os;
mod owner_file;
mod server;
mod start;
#[cfg(test)]
mod tests;

pub use first::First;
pub use server::FirstWindow;
pub use start::{Start, start};
