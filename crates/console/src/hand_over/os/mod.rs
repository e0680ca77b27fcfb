//! The part that depends on the system: a Unix domain socket, or a named pipe. Each accepts and connects only
//! programs of this user.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::{Accepted, Listener, Place, connect, remove_left};
#[cfg(windows)]
pub use windows::{Accepted, Listener, Place, connect, remove_left};
