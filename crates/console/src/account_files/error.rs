//! Errors of a holder's files.

use directory::SnapshotError;
use ezeep_auth::StoreError;
use vault::Unreadable;
use vault::log::AppendError;
use vault::seal::SealError;

/// Why a file was not saved or found; for the log only.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The keychain.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The disk.
    #[error(transparent)]
    File(#[from] std::io::Error),
    /// The file can't be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// It can't be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Its contents are no directory.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// Its contents can't be parsed.
    #[error("its text: {0}")]
    Text(#[from] serde_json::Error),
    /// Its header is truncated, or the file belongs to another place.
    #[error("its header is cut off or of another place")]
    Foreign,
    /// Its key is no longer in the keychain.
    #[error("its key is gone")]
    NoKey,
    /// A task panicked.
    #[error("the work broke off")]
    Broke(#[from] tokio::task::JoinError),
}

impl FilesError {
    /// Whether the file itself is damaged, so that it is set aside. A key that is missing in the keychain now
    /// may be there later.
    pub fn is_the_files(&self) -> bool {
        match self {
            Self::Seal(seal) => *seal != SealError::Cipher,
            Self::Unreadable(why) => why.is_lasting(),
            Self::Snapshot(_) | Self::Text(_) | Self::Foreign => true,
            Self::Store(_) | Self::NoKey | Self::File(_) | Self::Broke(_) => false,
        }
    }
}

impl From<AppendError> for FilesError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Seal(error) => error.into(),
            AppendError::File(error) => error.into(),
        }
    }
}
