//! Locks between processes.

mod file;
mod table;

pub use file::{FileLock, LockError, lock, lock_blocking, try_lock};
pub use table::{LockTable, NameLock};
