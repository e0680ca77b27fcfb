//! Locks between processes.

mod file;
mod queued;
mod table;

pub use file::{FileLock, LockError, is_locked, lock, lock_blocking, try_lock};
pub use queued::{QueuedGuard, QueuedLock};
pub use table::LockTable;
