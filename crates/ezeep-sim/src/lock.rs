//! Locking that a panic does not end.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A handler that panicked must not take the whole cloud with it: what it held is still the best there is.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
