//! The last directory of each organization on disk, sealed by a key of the account in the keychain (docs/security.md).
//! Owns the files (one for each account and organization), the life of the key (`key`), which also seals the
//! account's plans and views, and the removal of everything of an account: at a sign-out, or after
//! [`REST_LIMIT`].
//! Must never trust a file that does not open, write where nothing of the session is saved, nor remove a file
//! because its account is not named or a file could not be read (docs/decisions/0001).

mod files;
mod keep;
mod key;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use directory::{Directory, SnapshotError};
use ezeep_auth::{FileKey, SecretStore, StoreError};
use ids::{AccountId, InvalidId, OrganizationId};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::task::spawn_blocking;

use crate::notices::Notices;
use crate::plan_store;
use crate::private::{self, OnDisk, Unreadable};
use crate::seal::{self, Place, SealError, What};
use crate::stored::{self, SavedCopyHeader, StoredOrganization, StoredPerson};
use crate::wire::{DiskProblem, DiskThing, Organization, Person};
pub use keep::Keeper;
use key::Keys;

/// How long the files of an account that is not signed in, and files that were set aside, are kept.
const REST_LIMIT: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// Every kept directory of this profile. Clones are one.
#[derive(Clone)]
pub struct Cache {
    folder: PathBuf,
    data_dir: PathBuf,
    keys: Arc<Keys>,
    notices: Notices,
    /// One thing at a time: what a sign-out removes is not written again by a save that was under way.
    alone: Arc<Mutex<()>>,
    /// The same for plans and views, so that they don't wait while a large directory is written.
    plans_alone: Arc<Mutex<()>>,
}

/// Where one account's organization is stored: saved copy, plans and views.
#[derive(Clone)]
pub struct Slot {
    cache: Cache,
    account: AccountId,
    organization: OrganizationId,
}

/// What a directory was read as: enough to show it again without a server.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// When it was read as a whole, in milliseconds since 1970 (UTC).
    pub at: i64,
    /// Who read it.
    pub person: Person,
    /// Which organization it is.
    pub organization: Organization,
}

impl TryFrom<SavedCopyHeader> for Header {
    type Error = InvalidId;

    fn try_from(stored: SavedCopyHeader) -> Result<Self, InvalidId> {
        let SavedCopyHeader {
            at,
            person,
            organization,
        } = stored;
        Ok(Self {
            at,
            person: Person {
                id: person.id.try_into()?,
                email: person.email,
                name: person.name,
            },
            organization: Organization {
                id: organization.id.try_into()?,
                name: organization.name,
                admin: organization.admin,
                private: organization.private,
                color: organization.color,
            },
        })
    }
}

impl From<Header> for SavedCopyHeader {
    fn from(header: Header) -> Self {
        let Header {
            at,
            person,
            organization,
        } = header;
        Self {
            at,
            person: StoredPerson {
                id: person.id.into(),
                email: person.email,
                name: person.name,
            },
            organization: StoredOrganization {
                id: organization.id.into(),
                name: organization.name,
                admin: organization.admin,
                private: organization.private,
                color: organization.color,
            },
        }
    }
}

/// A directory from the disk.
pub struct FromDisk {
    /// What it is.
    pub header: Header,
    /// The directory itself.
    pub directory: Directory,
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

impl CacheError {
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

impl Cache {
    /// The cache of a data directory. Touches nothing yet.
    pub fn new(data_dir: &Path, keychain: Arc<dyn SecretStore>, notices: Notices) -> Self {
        Self {
            folder: data_dir.join(stored::SAVED_COPIES),
            data_dir: data_dir.to_owned(),
            keys: Arc::new(Keys::new(keychain)),
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

    /// The folders of saved copies, plans and views.
    fn folders(&self) -> [PathBuf; 3] {
        [
            self.folder.clone(),
            plan_store::folder(&self.data_dir),
            self.data_dir.join(stored::VIEWS),
        ]
    }

    fn folders_of(&self, account: &AccountId) -> [PathBuf; 3] {
        self.folders().map(|folder| folder.join(account.as_str()))
    }

    fn marker(&self, account: &AccountId) -> PathBuf {
        self.data_dir.join(stored::REMOVALS).join(account.as_str())
    }

    /// Marks everything of an account for removal before anything is removed: an interrupted removal is
    /// finished at the next start.
    pub async fn mark(&self, account: &AccountId) {
        let marker = self.marker(account);
        if let Err(error) = spawn_blocking(move || files::mark(&marker)).await {
            tracing::error!(%error, "a sign-out could not be noted");
        }
    }

    /// Removes the key, every saved copy, every plan and every view of an account at its sign-out or discard.
    /// The key is removed first: without it the files can't be opened. [`Cache::sweep`] tries again what
    /// could not be removed.
    pub async fn forget(&self, account: &AccountId) {
        self.mark(account).await;
        let _alone = self.alone.lock().await;
        self.remove(account).await;
    }

    /// Finishes a pending removal before the account is signed in again, so that no file from before the
    /// sign-out returns and no later file is removed.
    pub async fn finish_removal(&self, account: &AccountId) {
        let _alone = self.alone.lock().await;
        let marker = self.marker(account);
        if marker.exists() {
            self.remove(account).await;
            let unmarked = spawn_blocking(move || files::remove(&marker)).await;
            if let Err(error) = unmarked {
                tracing::error!(%error, "a removal could not be finished");
            }
        }
    }

    async fn remove(&self, account: &AccountId) {
        let plans_alone = Arc::clone(&self.plans_alone).lock_owned().await;
        let key = self.keys.remove(account).await;
        if let Err(error) = &key {
            tracing::warn!(%error, "the key of an account's files could not be removed and will be tried again");
        }
        let (folders, marker) = (self.folders_of(account), self.marker(account));
        let (data_dir, account) = (self.data_dir.clone(), account.clone());
        let removed = spawn_blocking(move || {
            let _alone = plans_alone;
            plan_store::forget(&data_dir, &account);
            if files::remove_all(&folders) && key.is_ok() {
                files::remove(&marker);
            }
        });
        if let Err(error) = removed.await {
            tracing::error!(%error, "the files of an account could not be removed");
        }
    }

    /// Whether anything is kept of an account: a saved copy, a plan or a view.
    pub async fn has_files(&self, account: &AccountId) -> bool {
        let folders = self.folders_of(account);
        let newest = spawn_blocking(move || files::newest(&folders)).await;
        // What can't be known is not taken for nothing.
        newest.map_or(true, |newest| newest.is_some())
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

    /// Goes on with sign-outs that could not remove everything, and removes what is too old: all of an account that is none of the
    /// `signed_in` and of which no file was written for [`REST_LIMIT`], and single files that were set aside so long ago. An account that
    /// the settings do not name is no reason: they may have been set aside, and no account is too old while such settings are there.
    pub async fn sweep(&self, signed_in: impl FnOnce() -> Vec<AccountId>) {
        let _alone = self.alone.lock().await;
        // Checked under the lock: a sign-in at the same time waits for it (finish_removal).
        let signed_in = signed_in();
        let (folders, removals) = (self.folders(), self.data_dir.join(stored::REMOVALS));
        let data_dir = self.data_dir.clone();
        let found = spawn_blocking(move || {
            let tops = files::names(&data_dir).into_iter();
            let tops = tops.map(|name| data_dir.join(name));
            let mut all: Vec<_> = tops.filter(|path| path.is_file()).collect();
            all.extend(folders.iter().flat_map(|folder| private::files_below(folder)));
            files::tidy(&all, REST_LIMIT);
            // Settings that were set aside name accounts that no others do: whose files are old is not known while they are there.
            let names: BTreeSet<_> = if private::was_set_aside(&data_dir.join(stored::SETTINGS)) {
                BTreeSet::new()
            } else {
                folders.iter().flat_map(|folder| files::names(folder)).collect()
            };
            (names, files::names(&removals))
        });
        let (names, marked) = found.await.unwrap_or_default();
        let accounts = |names: Vec<String>| {
            names
                .into_iter()
                .filter_map(|name| AccountId::try_from(name).ok())
        };
        for account in accounts(marked) {
            if signed_in.contains(&account) {
                // Its sign-out was interrupted before it ended the session.
                files::remove(&self.marker(&account));
            } else {
                self.remove(&account).await;
            }
        }
        for account in accounts(names.into_iter().collect()).filter(|account| !signed_in.contains(account)) {
            let folders = self.folders_of(&account);
            let newest = spawn_blocking(move || files::newest(&folders)).await;
            if newest.ok().flatten().is_some_and(|age| age > REST_LIMIT) {
                tracing::info!("removing the files of an account that was not signed in for 90 days");
                self.remove(&account).await;
            }
        }
    }
}

impl Slot {
    /// Looks for a saved copy. One that can't be used is set aside, with a notice.
    pub async fn load(&self) -> Option<Box<FromDisk>> {
        let _alone = self.cache.alone.lock().await;
        let error = match self.find().await {
            Ok(found) => return found.map(Box::new),
            Err(error) => error,
        };
        self.tell(DiskThing::SavedCopy, self.path(), error).await;
        None
    }

    /// Adds a notice about a file that was not opened, and sets the file aside if it is damaged. Returns
    /// whether its path is free, or becomes free when a new key is made.
    pub async fn tell(&self, what: DiskThing, path: PathBuf, error: CacheError) -> bool {
        let problem = match &error {
            CacheError::NoKey => Some((DiskThing::DataKey, DiskProblem::Missing)),
            CacheError::Store(StoreError::Damaged) => Some((DiskThing::DataKey, DiskProblem::Damaged)),
            CacheError::Store(StoreError::TimedOut | StoreError::Busy) => {
                Some((DiskThing::DataKey, DiskProblem::Busy))
            }
            CacheError::Store(StoreError::Locked { .. }) => Some((DiskThing::DataKey, DiskProblem::Denied)),
            CacheError::Store(_) => Some((DiskThing::DataKey, DiskProblem::Failed)),
            _ => None,
        };
        if let Some((thing, problem)) = problem {
            let detail = error.to_string();
            self.cache
                .notices
                .add(thing, problem, &self.key_place(), None, &detail);
            return matches!(error, CacheError::NoKey);
        }
        let why = match error {
            CacheError::Unreadable(why) => why,
            CacheError::File(error) => error.into(),
            error if error.is_the_files() => Unreadable::damaged(&error),
            error => Unreadable {
                problem: DiskProblem::Failed,
                detail: error.to_string(),
            },
        };
        let notices = self.cache.notices.clone();
        let free = spawn_blocking(move || notices.unreadable(what, &path, &why)).await;
        free.unwrap_or(false)
    }

    async fn find(&self) -> Result<Option<FromDisk>, CacheError> {
        let path = self.path();
        // Side by side: the keychain takes as long as the disk.
        let file = spawn_blocking(move || private::read(&path, files::MAX_BYTES));
        let (file, key) = tokio::join!(file, self.key_if_any());
        let file = match file? {
            OnDisk::Absent => return Ok(None),
            OnDisk::Readable(file) => file,
            OnDisk::Unreadable(why) => return Err(why.into()),
        };
        let key = key?.ok_or(CacheError::NoKey)?;
        let slot = self.clone();
        let opened = spawn_blocking(move || slot.open(file, &key)).await?;
        opened.map(Some)
    }

    fn open(&self, mut file: Vec<u8>, key: &FileKey) -> Result<FromDisk, CacheError> {
        let text = seal::open(&mut file, key, &self.place(What::Directory))?;
        let (header, snapshot) = seal::part(text).ok_or(CacheError::Foreign)?;
        let header: SavedCopyHeader = serde_json::from_slice(header)?;
        let header = Header::try_from(header).map_err(|_| CacheError::Foreign)?;
        if header.organization.id != self.organization {
            return Err(CacheError::Foreign);
        }
        let directory = Directory::restore(snapshot)?;
        Ok(FromDisk { header, directory })
    }

    /// Keeps a directory here, where it still `may` be: a sign-out must not be followed by a new file. Gives whether it is kept; a
    /// failure is in the log, and the file before stays then.
    pub async fn save(&self, header: Header, snapshot: Vec<u8>, may: impl Fn() -> bool) -> bool {
        let alone = Arc::clone(&self.cache.alone).lock_owned().await;
        if !may() {
            return false;
        }
        let kept = self.put(header, snapshot, alone).await;
        if let Err(error) = &kept {
            tracing::warn!(%error, "the list could not be kept on disk");
            if let CacheError::File(error) = error {
                self.cache
                    .notices
                    .not_written(DiskThing::SavedCopy, &self.path(), error);
            }
        }
        kept.is_ok()
    }

    async fn put(
        &self,
        header: Header,
        snapshot: Vec<u8>,
        alone: OwnedMutexGuard<()>,
    ) -> Result<(), CacheError> {
        let key = self.key().await?;
        let slot = self.clone();
        spawn_blocking(move || {
            // Runs to the end of the write, even if the caller is dropped.
            let _alone = alone;
            let header = serde_json::to_vec(&SavedCopyHeader::from(header))?;
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

    /// While this guard lives, nobody else writes plans or views and none are removed. The guard moves into
    /// the writing task, so that a dropped caller does not release it before the write has ended.
    pub async fn plans_alone(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.cache.plans_alone).lock_owned().await
    }

    /// Takes the notices about what can't be read here.
    pub fn notices(&self) -> &Notices {
        &self.cache.notices
    }

    /// The folder of the account's plans in this organization.
    pub fn plans(&self) -> PathBuf {
        plan_store::folder(&self.cache.data_dir)
            .join(self.account.as_str())
            .join(stored::digest(self.organization.as_str()))
    }

    /// The file of the account's views in this organization.
    pub fn views(&self) -> PathBuf {
        let folder = self.cache.data_dir.join(stored::VIEWS);
        stored::file_of(&folder, &self.account, &self.organization, "views")
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
pub mod here;
#[cfg(test)]
#[path = "tests.rs"]
mod tests;
