//! Whether an open organization may write its files. Must never allow it without asking: the same person may
//! sign in again for this run alone.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

/// Whether the files of an open organization may be written now. Clones share the state.
#[derive(Clone)]
pub struct WritePermission {
    left: CancellationToken,
    is_stored: Arc<dyn Fn() -> bool + Send + Sync>,
}

impl WritePermission {
    /// It ends when `left` is cancelled; until then it is given while the session `is_stored`.
    pub fn new(left: CancellationToken, is_stored: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self {
            left,
            is_stored: Arc::new(is_stored),
        }
    }

    /// Whether the organization has been left.
    pub fn has_left(&self) -> bool {
        self.left.is_cancelled()
    }

    /// Whether the session is stored: otherwise nothing of it is written.
    pub fn is_stored(&self) -> bool {
        (self.is_stored)()
    }

    /// Whether files may be written.
    pub fn is_given(&self) -> bool {
        !self.has_left() && self.is_stored()
    }
}

/// Always given, for tests.
#[cfg(test)]
pub fn permission() -> WritePermission {
    WritePermission::new(CancellationToken::new(), || true)
}
