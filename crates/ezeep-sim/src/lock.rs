//! Locking that a panic does not end.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks a mutex even after a panic: a panicking handler must not make the whole cloud fail.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
