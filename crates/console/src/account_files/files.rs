//! Where the files of accounts and organizations are, and their removal: all files of an account at its
//! sign-out, or after [`REST_LIMIT`]. Must never remove a file because its account is not named or a file
//! could not be read (docs/decisions/0001).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ezeep_auth::{SecretStore, StoreError};
use ids::{AccountId, OrganizationId};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::task::spawn_blocking;
use vault::{Problem, Unreadable, access, atomic, folder};

use super::error::FilesError;
use super::key::Keys;
use super::place::{Place, What};
use crate::notices::Notices;
use crate::stored;
use crate::wire::{DiskProblem, DiskThing};

/// How long the files of an account that is not signed in, and files that were set aside, are kept.
const REST_LIMIT: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// The files of all accounts in a data directory. Clones share the state.
#[derive(Clone)]
pub struct AccountFiles {
    data_dir: PathBuf,
    pub(super) keys: Arc<Keys>,
    pub(super) notices: Notices,
    /// Held while a saved copy is written, so that a save under way can't write again what a sign-out
    /// removes.
    copies_lock: Arc<Mutex<()>>,
    /// The same for plans and views. A lock of its own: they don't wait while a large directory is written.
    plans_lock: Arc<Mutex<()>>,
}

/// The place of one account's files in one organization: saved copy, plans and views.
#[derive(Clone)]
pub struct Slot {
    pub(super) files: AccountFiles,
    pub(super) account: AccountId,
    organization: OrganizationId,
}

impl AccountFiles {
    /// The files in a data directory. Does no I/O yet.
    pub fn new(data_dir: &Path, keychain: Arc<dyn SecretStore>, notices: Notices) -> Self {
        Self {
            data_dir: data_dir.to_owned(),
            keys: Arc::new(Keys::new(keychain)),
            notices,
            copies_lock: Arc::default(),
            plans_lock: Arc::default(),
        }
    }

    /// The place of an account's organization.
    pub fn slot(&self, account: &AccountId, organization: &OrganizationId) -> Slot {
        Slot {
            files: self.clone(),
            account: account.clone(),
            organization: organization.clone(),
        }
    }

    /// The folder of all saved copies.
    pub fn copies(&self) -> PathBuf {
        self.data_dir.join(stored::SAVED_COPIES)
    }

    /// While this guard lives, nothing else writes or removes saved copies.
    pub async fn lock_copies(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.copies_lock).lock_owned().await
    }

    /// The folders of saved copies, plans and views.
    fn folders(&self) -> [PathBuf; 3] {
        [stored::SAVED_COPIES, stored::PLANS, stored::VIEWS].map(|name| self.data_dir.join(name))
    }

    pub(super) fn folders_of(&self, account: &AccountId) -> [PathBuf; 3] {
        self.folders().map(|folder| folder.join(account.as_str()))
    }

    fn marker(&self, account: &AccountId) -> PathBuf {
        self.data_dir.join(stored::REMOVALS).join(account.as_str())
    }

    /// Marks an account's files for removal before anything is removed: an interrupted removal is finished at
    /// the next start.
    pub async fn mark(&self, account: &AccountId) {
        let marker = self.marker(account);
        let marked = spawn_blocking(move || {
            access::make_folder(marker.parent().unwrap_or_else(|| Path::new(".")))?;
            let mut options = access::options();
            atomic::open_to_write(&marker, options.create(true).truncate(true).write(true))
        });
        let marked = marked.await.unwrap_or_else(|panic| Err(panic.into()));
        if let Err(error) = marked {
            tracing::warn!(%error, "a sign-out could not be noted");
        }
    }

    /// Removes the key, every saved copy, every plan and every view of an account at its sign-out or discard.
    /// The key is removed first: without it the files can't be opened. [`Self::sweep`] tries again what
    /// could not be removed.
    pub async fn forget(&self, account: &AccountId) {
        self.mark(account).await;
        let _guard = self.copies_lock.lock().await;
        self.remove(account).await;
    }

    /// Finishes a pending removal before the account is signed in again, so that no file from before the
    /// sign-out returns and no later file is removed.
    pub async fn finish_removal(&self, account: &AccountId) {
        let _guard = self.copies_lock.lock().await;
        let marker = self.marker(account);
        if marker.exists() {
            self.remove(account).await;
            let unmarked = spawn_blocking(move || folder::remove_file(&marker)).await;
            if let Err(error) = unmarked {
                tracing::error!(%error, "a removal could not be finished");
            }
        }
        // Removed by another program's sign-out: the key is not put back.
        if !self.has_files(account).await {
            self.keys.release(account).await;
        }
    }

    async fn remove(&self, account: &AccountId) {
        let guard = Arc::clone(&self.plans_lock).lock_owned().await;
        let key = self.keys.remove(account).await;
        if let Err(error) = &key {
            tracing::warn!(%error, "the key of an account's files could not be removed and will be tried again");
        }
        let (folders, marker) = (self.folders_of(account), self.marker(account));
        let removed = spawn_blocking(move || {
            let _guard = guard;
            if folder::remove_all(&folders) && key.is_ok() {
                folder::remove_file(&marker);
            }
        });
        if let Err(error) = removed.await {
            tracing::error!(%error, "the files of an account could not be removed");
        }
    }

    /// Whether any file of an account exists: a saved copy, a plan or a view.
    pub async fn has_files(&self, account: &AccountId) -> bool {
        let folders = self.folders_of(account);
        let newest = spawn_blocking(move || folder::newest_age(&folders)).await;
        // A folder that can't be read may contain files.
        newest.map_or(true, |newest| newest.is_some())
    }

    /// Finishes interrupted removals, and removes what is too old: all files of an account that is not in
    /// `signed_in` and of which no file was written for [`REST_LIMIT`], and single files that were set aside
    /// that long ago. That the settings do not name an account is no reason: they may have been set aside,
    /// and while set-aside settings exist, no account is too old.
    pub async fn sweep(&self, signed_in: impl FnOnce() -> Vec<AccountId>) {
        let _guard = self.copies_lock.lock().await;
        // Checked under the lock: a sign-in at the same time waits for it (`finish_removal`).
        let signed_in = signed_in();
        let (folders, removals) = (self.folders(), self.data_dir.join(stored::REMOVALS));
        let data_dir = self.data_dir.clone();
        let found = spawn_blocking(move || {
            let tops = folder::names(&data_dir).into_iter();
            let tops = tops.map(|name| data_dir.join(name));
            let mut all: Vec<_> = tops.filter(|path| path.is_file()).collect();
            let below = folders
                .iter()
                .filter_map(|folder| folder::files_below(folder).ok());
            all.extend(below.flatten());
            folder::tidy(&all, REST_LIMIT);
            // Set-aside settings may name accounts that the present settings don't: while they exist, it is
            // unknown whose files are old.
            let names: BTreeSet<_> = if atomic::was_set_aside(&data_dir.join(stored::SETTINGS)) {
                BTreeSet::new()
            } else {
                folders.iter().flat_map(|folder| folder::names(folder)).collect()
            };
            (names, folder::names(&removals))
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
                folder::remove_file(&self.marker(&account));
            } else {
                self.remove(&account).await;
            }
        }
        for account in accounts(names.into_iter().collect()).filter(|account| !signed_in.contains(account)) {
            let folders = self.folders_of(&account);
            let newest = spawn_blocking(move || folder::newest_age(&folders)).await;
            if newest.ok().flatten().is_some_and(|age| age > REST_LIMIT) {
                tracing::info!("removing the files of an account that was not signed in for 90 days");
                self.remove(&account).await;
            }
        }
    }
}

impl Slot {
    /// The files of all accounts.
    pub fn files(&self) -> &AccountFiles {
        &self.files
    }

    /// The organization.
    pub fn organization(&self) -> &OrganizationId {
        &self.organization
    }

    /// What a file sealed here is bound to.
    pub fn place<'a>(&'a self, what: What<'a>) -> Place<'a> {
        Place {
            account: &self.account,
            organization: &self.organization,
            what,
        }
    }

    /// The file of the saved copy. Its name contains a digest of the organization's id.
    pub fn saved_copy(&self) -> PathBuf {
        stored::file_of(
            &self.files.copies(),
            &self.account,
            &self.organization,
            stored::SAVED_COPY,
        )
    }

    /// The folder of the account's plans in this organization.
    pub fn plans(&self) -> PathBuf {
        let folder = self.files.data_dir.join(stored::PLANS);
        folder
            .join(self.account.as_str())
            .join(vault::file_name(self.organization.as_str()))
    }

    /// The file of the account's views in this organization.
    pub fn views(&self) -> PathBuf {
        let folder = self.files.data_dir.join(stored::VIEWS);
        stored::file_of(&folder, &self.account, &self.organization, "views")
    }

    /// While this guard lives, nothing else writes or removes plans or views. The guard moves into the
    /// writing task, so that a dropped caller does not release it before the write has ended.
    pub async fn lock_plans(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.files.plans_lock).lock_owned().await
    }

    /// The list for notices about unreadable files.
    pub fn notices(&self) -> &Notices {
        &self.files.notices
    }

    /// Adds a notice about a file that was not opened, and sets the file aside if it is damaged. Returns
    /// whether its path is free, or becomes free when a new key is made.
    pub async fn tell(&self, what: DiskThing, path: PathBuf, error: FilesError) -> bool {
        let problem = match &error {
            FilesError::NoKey => Some(DiskProblem::Missing),
            FilesError::Store(StoreError::Damaged) => Some(DiskProblem::Damaged),
            FilesError::Store(StoreError::TimedOut | StoreError::Busy) => Some(DiskProblem::Busy),
            FilesError::Store(StoreError::Locked { .. }) => Some(DiskProblem::Denied),
            FilesError::Store(_) => Some(DiskProblem::Failed),
            _ => None,
        };
        if let Some(problem) = problem {
            let detail = error.to_string();
            let place = self.key_place();
            self.notices()
                .add(DiskThing::DataKey, problem, &place, None, &detail);
            return matches!(error, FilesError::NoKey);
        }
        let why = match error {
            FilesError::Unreadable(why) => why,
            FilesError::File(error) => error.into(),
            error if error.is_the_files() => Unreadable::damaged(&error),
            error => Unreadable {
                problem: Problem::Failed,
                detail: error.to_string(),
            },
        };
        let notices = self.notices().clone();
        let free = spawn_blocking(move || notices.unreadable(what, &path, &why)).await;
        free.unwrap_or(false)
    }
}
