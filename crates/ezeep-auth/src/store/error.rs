//! The errors of a store.

use std::io;
use std::path::PathBuf;

use vault::InvalidKey;

/// Why a store failed. Cheap to clone, so that all callers get it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// This computer has no keychain service, or this session can't reach one. It may come later.
    #[error("there is no keychain: {reason}")]
    Absent {
        /// The system's message.
        reason: String,
    },
    /// The keychain failed during the call.
    #[error("the keychain failed: {reason}")]
    Unavailable {
        /// The system's message.
        reason: String,
    },
    /// The keychain refused the call: read-only, full, or not allowed.
    #[error("the keychain refuses: {reason}")]
    Refused {
        /// The system's message.
        reason: String,
    },
    /// The keychain service is there, but contains no keyring that could be unlocked.
    #[error("the keychain has no keyring yet")]
    NoKeyring,
    /// The keychain is locked and was not unlocked.
    #[error("the keychain is locked: {reason}")]
    Locked {
        /// The system's message.
        reason: String,
    },
    /// No answer within the limit: the keychain hangs, or its prompt was not answered. A call that had not
    /// begun will not happen any more; a write that had begun may, in the order of the calls.
    #[error("the keychain did not answer in time")]
    TimedOut,
    /// The record is larger than the smallest keychain allows (security.md 27).
    #[error("the record has {bytes} bytes, the keychain takes {most}")]
    TooLarge {
        /// Its size in bytes.
        bytes: usize,
        /// The limit in bytes.
        most: usize,
    },
    /// Two records have the same name: it is unknown which one is ours.
    #[error("the keychain holds more than one record of this name")]
    Ambiguous,
    /// The keychain's value under this name is not a record of this app.
    #[error("the record is damaged or of another version")]
    Damaged,
    /// The value that was read back is not the one that was written (security.md 29).
    #[error("the keychain did not keep what was written")]
    NotKept,
    /// Another process held the lock of this record until the limit. Nothing was spent.
    #[error("another process is using this record")]
    Busy,
    /// The lock against other processes can't be made: a read-only folder, or one without file locks. Nothing
    /// is spent without it (security.md 32).
    #[error("no lock file can be used in {}: {kind}", folder.display())]
    NoLock {
        /// The folder of the lock files.
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
