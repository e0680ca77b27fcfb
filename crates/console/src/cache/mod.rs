//! The last directory of each organization on disk, sealed by a key of the account in the keychain (docs/security.md).
//! Owns the files, one an account and organization, and the life of the key, which seals the account's plans too.
//! Must never trust a file that does not open, write where nothing of the session is kept, nor leave anything behind a sign-out but
//! what it will try again to remove.

mod files;
mod keep;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use directory::{Directory, SnapshotError};
use ezeep_auth::{FileKey, RecordName, SecretStore, StoreError};
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use crate::journal;
use crate::notices::Notices;
use crate::private;
use crate::seal::{self, Place, SealError, What};
use crate::wire::{AccountId, Organization, OrganizationId, Person};
pub use keep::{Keeper, keep};

/// The folder in the data directory.
const FOLDER: &str = "cache";

/// Every kept directory of this profile. Clones are one.
#[derive(Clone)]
pub struct Cache {
    folder: PathBuf,
    data_dir: PathBuf,
    keychain: Arc<dyn SecretStore>,
    notices: Notices,
    /// One thing at a time: what a sign-out removes is not written again by a save that was under way.
    alone: Arc<tokio::sync::Mutex<()>>,
    /// The same for plans: none waits for a large directory to be written.
    plans_alone: Arc<tokio::sync::Mutex<()>>,
}

/// The place of one account's organization in the cache, and among the plans.
#[derive(Clone)]
pub struct Slot {
    cache: Cache,
    account: AccountId,
    organization: OrganizationId,
}

/// What a directory was read as: enough to show it again without a server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// When it was read as a whole, in milliseconds since 1970 (UTC).
    pub at: i64,
    /// Who read it.
    pub person: Person,
    /// Which organization it is.
    pub organization: Organization,
}

/// A directory from the disk.
pub struct FromDisk {
    /// What it is.
    pub header: Header,
    /// The directory itself.
    pub directory: Directory,
}

/// What was found on disk.
pub enum Found {
    /// Nothing, or nothing that can be opened now: a keychain that does not answer is no reason to drop it.
    Nothing,
    /// A directory.
    Directory(Box<FromDisk>),
    /// A file that could not be used, and was removed.
    Dropped,
}

/// Why nothing was kept or found; only for the log.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The keychain.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The disk.
    #[error(transparent)]
    File(#[from] std::io::Error),
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

impl CacheError {
    /// Whether the file itself is at fault, and will be tomorrow.
    pub fn is_the_files(&self) -> bool {
        match self {
            Self::Seal(seal) => *seal != SealError::Cipher,
            Self::Snapshot(_) | Self::Text(_) | Self::Foreign | Self::NoKey => true,
            Self::Store(error) => *error == StoreError::Damaged,
            Self::File(_) | Self::Broke(_) => false,
        }
    }
}

impl Cache {
    /// The cache of a data directory. Touches nothing yet.
    pub fn new(data_dir: &Path, keychain: Arc<dyn SecretStore>, notices: Notices) -> Self {
        Self {
            folder: data_dir.join(FOLDER),
            data_dir: data_dir.to_owned(),
            keychain,
            notices,
            alone: Arc::default(),
            plans_alone: Arc::default(),
        }
    }

    /// The place of an account's organization.
    pub fn slot(&self, account: &AccountId, organization: &OrganizationId) -> Slot {
        Slot {
            cache: self.clone(),
            account: account.clone(),
            organization: organization.clone(),
        }
    }

    /// Removes the key, every directory and every plan of an account: it was signed out, or is kept no more. The key goes first:
    /// without it the files are nothing but noise. What could not be removed is tried again by [`Cache::sweep`].
    pub async fn forget(&self, account: &AccountId) {
        let _alone = self.alone.lock().await;
        self.remove(account).await;
    }

    async fn remove(&self, account: &AccountId) {
        let _plans_alone = self.plans_alone.lock().await;
        let folder = self.folder.join(account.as_str());
        let key = self
            .keychain
            .delete_key(&RecordName::file_key(account.as_str()))
            .await;
        if let Err(error) = &key {
            tracing::warn!(%error, "the key of an account's lists could not be removed and will be tried again");
        }
        let (data_dir, account) = (self.data_dir.clone(), account.clone());
        let emptied = spawn_blocking(move || {
            journal::forget(&data_dir, &account);
            files::empty(&folder, key.is_ok())
        });
        let emptied = emptied.await;
        if let Ok(Err(error)) = emptied {
            tracing::warn!(%error, "the lists of an account could not be removed and will be tried again");
        }
    }

    /// Removes the directories of organizations that the account is no longer in: these are all `organizations` that it has.
    pub async fn keep_only(&self, account: &AccountId, organizations: &[OrganizationId]) {
        let paths = organizations
            .iter()
            .map(|of| files::path(&self.folder, account, of));
        let (kept, folder) = (paths.collect::<BTreeSet<_>>(), self.folder.join(account.as_str()));
        let _alone = self.alone.lock().await;
        let removed = spawn_blocking(move || {
            let left = files::names(&folder).into_iter().map(|name| folder.join(name));
            for path in left.filter(|path| files::is_list(path) && !kept.contains(path)) {
                tracing::info!("the list of an organization that the account has left is removed");
                files::remove(&path);
            }
        });
        if let Err(error) = removed.await {
            tracing::error!(%error, "the lists that are kept could not be looked through");
        }
    }

    /// Removes what belongs to none of the accounts that are `kept`: a removal that failed before, or files that somebody copied here.
    pub async fn sweep(&self, kept: impl FnOnce() -> Vec<AccountId>) {
        let _alone = self.alone.lock().await;
        // Asked now: whoever signs in meanwhile is remembered before anything is kept of them.
        let kept = kept();
        let folders = [self.folder.clone(), journal::folder(&self.data_dir)];
        let found = spawn_blocking(move || folders.iter().flat_map(|folder| files::names(folder)).collect())
            .await
            .unwrap_or_else(|_| BTreeSet::new());
        for name in found {
            match AccountId::try_from(name) {
                Ok(account) if kept.contains(&account) => {}
                Ok(account) => self.remove(&account).await,
                Err(_) => {
                    tracing::warn!("something in the cache's folder has no account's name and is left alone")
                }
            }
        }
    }
}

impl Slot {
    /// Looks for the directory that is kept here. What can't be used is removed, with a note in the log.
    pub async fn load(&self) -> Found {
        let _alone = self.cache.alone.lock().await;
        match self.find().await {
            Ok(Some(found)) => Found::Directory(Box::new(found)),
            Ok(None) => Found::Nothing,
            Err(error) if error.is_the_files() => {
                tracing::warn!(%error, "a kept list can't be used and is removed");
                let path = self.path();
                let _ = spawn_blocking(move || files::remove(&path)).await;
                Found::Dropped
            }
            Err(error) => {
                tracing::warn!(%error, "a kept list can't be opened now");
                Found::Nothing
            }
        }
    }

    async fn find(&self) -> Result<Option<FromDisk>, CacheError> {
        let (path, name) = (self.path(), self.key_name());
        // Side by side: the keychain takes as long as the disk.
        let file = spawn_blocking(move || files::read(&path));
        let (file, key) = tokio::join!(file, self.cache.keychain.read_key(&name));
        let Some(file) = file?? else { return Ok(None) };
        let key = key?.ok_or(CacheError::NoKey)?;
        let slot = self.clone();
        let opened = spawn_blocking(move || slot.open(file, &key)).await?;
        opened.map(Some)
    }

    fn open(&self, mut file: Vec<u8>, key: &FileKey) -> Result<FromDisk, CacheError> {
        let text = seal::open(&mut file, key, &self.place(What::Directory))?;
        let (header, snapshot) = seal::part(text).ok_or(CacheError::Foreign)?;
        let header: Header = serde_json::from_slice(header)?;
        if header.organization.id != self.organization {
            return Err(CacheError::Foreign);
        }
        let directory = Directory::restore(snapshot)?;
        Ok(FromDisk { header, directory })
    }

    /// Keeps a directory here, where it still `may` be: a sign-out must not be followed by a new file. Gives whether it is kept; a
    /// failure is in the log, and the file before stays then.
    pub async fn save(&self, header: Header, snapshot: Vec<u8>, may: impl Fn() -> bool) -> bool {
        let _alone = self.cache.alone.lock().await;
        if !may() {
            return false;
        }
        let kept = self.put(header, snapshot).await;
        if let Err(error) = &kept {
            tracing::warn!(%error, "the list could not be kept on disk");
        }
        kept.is_ok()
    }

    async fn put(&self, header: Header, snapshot: Vec<u8>) -> Result<(), CacheError> {
        let key = self.key().await?;
        let slot = self.clone();
        spawn_blocking(move || {
            let header = serde_json::to_vec(&header)?;
            let mut file = seal::head(4 + header.len() + snapshot.len());
            let len = u32::try_from(header.len()).map_err(|_| CacheError::Foreign)?;
            file.extend(len.to_be_bytes());
            file.extend(header);
            file.extend_from_slice(&snapshot);
            drop(snapshot);
            let file = seal::seal(file, &key, &slot.place(What::Directory))?;
            Ok(private::replace(&slot.path(), &file)?)
        })
        .await?
    }

    /// Nobody else writes plans, and none are removed, until this is dropped.
    pub async fn plans_alone(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.cache.plans_alone.lock().await
    }

    /// Where is said what can't be read here.
    pub fn notices(&self) -> &Notices {
        &self.cache.notices
    }

    /// The folder of the account's plans in this organization.
    pub fn plans(&self) -> PathBuf {
        journal::folder(&self.cache.data_dir)
            .join(self.account.as_str())
            .join(self.organization.as_str())
    }

    /// The account's key, where there is one.
    pub async fn key_if_any(&self) -> Result<Option<FileKey>, CacheError> {
        Ok(self.cache.keychain.read_key(&self.key_name()).await?)
    }

    /// The account's key, made where there is none.
    pub async fn key(&self) -> Result<FileKey, CacheError> {
        let (keychain, name) = (&self.cache.keychain, self.key_name());
        if let Some(key) = keychain.read_key(&name).await? {
            return Ok(key);
        }
        // Another process may be making one too.
        let _lock = keychain.lock(&name).await?;
        if let Some(key) = keychain.read_key(&name).await? {
            return Ok(key);
        }
        keychain.write_key(&name, &FileKey::random()).await?;
        // What is there is what will be there (security.md 29).
        keychain.read_key(&name).await?.ok_or(CacheError::NoKey)
    }

    fn key_name(&self) -> RecordName {
        RecordName::file_key(self.account.as_str())
    }

    fn path(&self) -> PathBuf {
        files::path(&self.cache.folder, &self.account, &self.organization)
    }

    /// What is sealed here is of this.
    pub fn place<'a>(&'a self, what: What<'a>) -> Place<'a> {
        Place {
            account: &self.account,
            organization: &self.organization,
            what,
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
