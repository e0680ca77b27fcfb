//! What can go wrong with the files of a holder.

use directory::SnapshotError;
use ezeep_auth::StoreError;
use vault::Unreadable;
use vault::log::AppendError;
use vault::seal::SealError;

/// Why nothing was kept or found; only for the log.
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
    /// It does not open, or can't be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// What is in it makes no directory.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// What is in it can't be read.
    #[error("its text: {0}")]
    Text(#[from] serde_json::Error),
    /// It is not what its place says.
    #[error("its header is cut off or of another place")]
    Foreign,
    /// There is no key for it any more.
    #[error("its key is gone")]
    NoKey,
    /// A task fell over.
    #[error("the work broke off")]
    Broke(#[from] tokio::task::JoinError),
}

impl FilesError {
    /// Whether the file itself is damaged for good and is set aside. A key that is missing in the keychain
    /// today may be there tomorrow.
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
