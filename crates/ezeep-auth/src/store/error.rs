//! What can go wrong with a store.

use std::io;
use std::path::PathBuf;

use vault::InvalidKey;

/// Why a store did not do what it was asked. Cheap to clone, so that everyone who waits can be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// This computer has no keychain service, or this session can't reach one. It may come later.
    #[error("there is no keychain: {reason}")]
    Absent {
        /// The system's words.
        reason: String,
    },
    /// The keychain fell over in the middle of it.
    #[error("the keychain failed: {reason}")]
    Unavailable {
        /// The system's words.
        reason: String,
    },
    /// The keychain answered that it won't: read-only, full, not allowed.
    #[error("the keychain refuses: {reason}")]
    Refused {
        /// The system's words.
        reason: String,
    },
    /// The keychain service is there, but no keyring was ever made in it: there is nothing to unlock.
    #[error("the keychain has no keyring yet")]
    NoKeyring,
    /// The keychain is locked and the person did not unlock it.
    #[error("the keychain is locked: {reason}")]
    Locked {
        /// The system's words.
        reason: String,
    },
    /// No answer within the limit: a keychain that hangs, or a question to the person that nobody has answered. What
    /// had not begun will not happen any more; a write that had begun may, in the order of the calls.
    #[error("the keychain did not answer in time")]
    TimedOut,
    /// The record is larger than every system's keychain takes (security.md 27).
    #[error("the record has {bytes} bytes, the keychain takes {most}")]
    TooLarge {
        /// It has.
        bytes: usize,
        /// It may have.
        most: usize,
    },
    /// Two records of the same name: which one is ours can't be told.
    #[error("the keychain holds more than one record of this name")]
    Ambiguous,
    /// What the keychain holds under this name is not a record of this app's making.
    #[error("the record is damaged or of another version")]
    Damaged,
    /// What was read back is not what was written (security.md 29).
    #[error("the keychain did not keep what was written")]
    NotKept,
    /// Another process works on this record, and did not finish within the limit. Nothing was spent.
    #[error("another process is using this record")]
    Busy,
    /// The lock that keeps other processes off can't be made: a read-only folder, or one that knows no locks. Nothing
    /// is spent without it (security.md 32).
    #[error("no lock file can be used in {}: {kind}", folder.display())]
    NoLock {
        /// Where it was tried.
        folder: PathBuf,
        /// The system's reason.
        kind: io::ErrorKind,
    },
}

impl From<InvalidKey> for StoreError {
    fn from(InvalidKey: InvalidKey) -> Self {
        Self::Damaged
    }
}
