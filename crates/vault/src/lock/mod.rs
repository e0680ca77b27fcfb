//! Locks between processes.

mod file;

pub use file::{FileLock, LockError, lock, lock_blocking, try_lock};
