//! Whether an open organization may write plans and views. Must never be given again: what was on disk was
//! removed, with its key.

use tokio_util::sync::CancellationToken;

/// Given at the opening of an organization whose session is kept, until it is left, or its person signs in
/// again for this run alone. Clones share the state.
#[derive(Clone)]
pub struct WritePermission {
    left: CancellationToken,
    revoked: CancellationToken,
}

impl WritePermission {
    /// A permission that ends when `left` is cancelled.
    pub fn new(left: CancellationToken) -> Self {
        Self {
            left,
            revoked: CancellationToken::new(),
        }
    }

    /// The session is no longer kept: from now on plans and views are in memory alone.
    pub fn revoke(&self) {
        self.revoked.cancel();
    }

    /// Whether the organization has been left.
    pub fn has_left(&self) -> bool {
        self.left.is_cancelled()
    }

    /// Whether the session has been kept since the opening.
    pub fn is_kept(&self) -> bool {
        !self.revoked.is_cancelled()
    }

    /// Whether files may be written.
    pub fn is_given(&self) -> bool {
        !self.has_left() && self.is_kept()
    }
}
