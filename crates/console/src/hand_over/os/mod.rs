//! What is the system's: a Unix domain socket, or a named pipe. Each accepts and connects programs of this
//! user alone.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::{Accepted, Listener, Place, connect, remove_left};
#[cfg(windows)]
pub use windows::{Accepted, Listener, Place, connect, remove_left};
