//! Where the files of holders and organizations are, and their removal: all files of a holder at its
//! sign-out, or after [`REST_LIMIT`]. Must never remove a file because its holder is not named or a file
//! could not be read (docs/decisions/0001), nor sweep as a guest of the data directory (docs/decisions/0019).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ezeep_auth::{SecretStore, StoreError};
use ids::{HolderId, OrganizationId, PlanId};
use tokio::task::spawn_blocking;
use vault::lock::{LockError, QueuedGuard, QueuedLock};
use vault::{DataDirectory, Problem, Unreadable, access, atomic, folder};

use super::error::FilesError;
use super::key::Keys;
use super::place::{FileKind, Place};
use crate::notices::Notices;
use crate::stored;
use crate::wire::{DiskProblem, DiskThing};

/// How long the files of a holder that is not signed in, and files that were set aside, are kept.
const REST_LIMIT: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// How long to wait for another program, which holds a lock for one read or write.
const LOCK_LIMIT: Duration = Duration::from_secs(10);

/// The files of all holders in a data directory. Clones share the state.
#[derive(Clone)]
pub struct AccountFiles {
    directory: DataDirectory,
    pub(super) keys: Arc<Keys>,
    pub(super) notices: Notices,
    locks: Arc<Locks>,
}

/// The locks of the files, between tasks and between programs.
struct Locks {
    /// Held while a saved copy is written, so that a save under way can't write again what a sign-out
    /// removes.
    copies: QueuedLock,
    /// The same for plans and views. A lock of its own: they don't wait while a large directory is written.
    plans: QueuedLock,
    /// Held while views are read, changed and written.
    views: QueuedLock,
}

/// The place of one holder's files in one organization: saved copy, plans and views.
#[derive(Clone)]
pub struct Slot {
    pub(super) files: AccountFiles,
    pub(super) holder: HolderId,
    organization: OrganizationId,
}

impl AccountFiles {
    /// The files in a data directory. Does no I/O yet.
    pub fn new(directory: DataDirectory, keychain: Arc<dyn SecretStore>, notices: Notices) -> Self {
        let lock = |name| QueuedLock::new(directory.path().join("locks").join(name), LOCK_LIMIT);
        let locks = Locks {
            copies: lock("copies.lock"),
            plans: lock("plans.lock"),
            views: lock("views.lock"),
        };
        Self {
            directory,
            keys: Arc::new(Keys::new(keychain)),
            notices,
            locks: Arc::new(locks),
        }
    }

    /// Whether this program owns the data directory. Only the owner sweeps.
    pub fn is_owner(&self) -> bool {
        self.directory.is_owner()
    }

    /// Whether this program may write saved copies now. A guest writes none while there is an owner, which
    /// writes the same files. The caller holds [`Self::lock_copies`].
    pub async fn may_save_copies(&self) -> bool {
        let directory = self.directory.clone();
        let asked = spawn_blocking(move || directory.is_owner() || !directory.has_owner());
        asked.await.unwrap_or(false)
    }

    /// The place of a holder's organization.
    pub fn slot(&self, holder: &HolderId, organization: &OrganizationId) -> Slot {
        Slot {
            files: self.clone(),
            holder: holder.clone(),
            organization: organization.clone(),
        }
    }

    /// The folder of the locks of plans, each of which goes with its plan.
    fn plan_locks(&self) -> PathBuf {
        self.directory.path().join("locks").join("plans")
    }

    /// The folder of all saved copies.
    pub fn copies(&self) -> PathBuf {
        self.directory.path().join(stored::SAVED_COPIES)
    }

    /// While this guard lives, nothing else writes or removes saved copies.
    pub async fn lock_copies(&self) -> QueuedGuard {
        self.locks.copies.lock_anyway().await
    }

    /// The folders of saved copies, plans and views.
    fn folders(&self) -> [PathBuf; 3] {
        [stored::SAVED_COPIES, stored::PLANS, stored::VIEWS].map(|name| self.directory.path().join(name))
    }

    pub(super) fn folders_of(&self, holder: &HolderId) -> [PathBuf; 3] {
        self.folders().map(|folder| folder.join(holder.as_str()))
    }

    fn marker(&self, holder: &HolderId) -> PathBuf {
        let folder = self.directory.path().join(stored::REMOVALS);
        folder.join(holder.as_str())
    }

    /// Marks a holder's files for removal before anything is removed: an interrupted removal is finished at
    /// the next start.
    pub async fn mark(&self, holder: &HolderId) {
        let (files, holder) = (self.clone(), holder.clone());
        if let Err(error) = spawn_blocking(move || files.mark_blocking(&holder)).await {
            tracing::error!(%error, "a sign-out could not be noted");
        }
    }

    /// As [`Self::mark`], on this thread.
    pub fn mark_blocking(&self, holder: &HolderId) {
        let marker = self.marker(holder);
        let marked = access::make_folder(marker.parent().unwrap_or_else(|| Path::new("."))).and_then(|()| {
            let mut options = access::options();
            atomic::open_to_write(&marker, options.create(true).truncate(true).write(true))
        });
        if let Err(error) = marked {
            tracing::warn!(%error, "a sign-out could not be noted");
        }
    }

    /// Takes a mark back: another account has the holder's files.
    pub async fn unmark(&self, holder: &HolderId) {
        let marker = self.marker(holder);
        if let Err(error) = spawn_blocking(move || folder::remove_file(&marker)).await {
            tracing::error!(%error, "a mark could not be taken back");
        }
    }

    /// Removes the key and all saved copies, plans and views of a holder, at the sign-out of its last account
    /// or a discard. The key is removed first: without it the files can't be opened. [`Self::sweep`] tries
    /// again if something could not be removed.
    pub async fn forget(&self, holder: &HolderId) {
        self.mark(holder).await;
        let _guard = self.lock_copies().await;
        self.remove(holder).await;
    }

    /// Finishes a pending removal before the holder is signed in again, so that no file from before the
    /// sign-out returns and no later file is removed. If the holder `stays`, by another account, only the
    /// mark is removed.
    pub async fn finish_removal(&self, holder: &HolderId, stays: bool) {
        let _guard = self.lock_copies().await;
        if self.marker(holder).exists() {
            if !stays {
                self.remove(holder).await;
            }
            self.unmark(holder).await;
        }
        // Removed by another program's sign-out: the key is not put back.
        if !self.has_files(holder).await {
            self.keys.release(holder).await;
        }
    }

    async fn remove(&self, holder: &HolderId) {
        let guard = self.locks.plans.lock_anyway().await;
        let key = self.keys.remove(holder).await;
        if let Err(error) = &key {
            tracing::warn!(%error, "the key of a holder's files could not be removed and will be tried again");
        }
        let (folders, marker) = (self.folders_of(holder), self.marker(holder));
        let removed = spawn_blocking(move || {
            let _guard = guard;
            if folder::remove_all(&folders) && key.is_ok() {
                folder::remove_file(&marker);
            }
        });
        if let Err(error) = removed.await {
            tracing::error!(%error, "the files of a holder could not be removed");
        }
    }

    /// Whether a sign-out, of this program or another, has begun to remove a holder's files.
    pub(super) async fn is_being_removed(&self, holder: &HolderId) -> bool {
        let marker = self.marker(holder);
        spawn_blocking(move || marker.exists()).await.unwrap_or(false)
    }

    /// Whether any file of a holder exists: a saved copy, a plan or a view.
    pub async fn has_files(&self, holder: &HolderId) -> bool {
        let folders = self.folders_of(holder);
        let newest = spawn_blocking(move || folder::newest_age(&folders)).await;
        // A folder that can't be read may contain files.
        newest.map_or(true, |newest| newest.is_some())
    }

    /// Finishes interrupted removals, and removes what is too old: all files of a holder that is not in
    /// `signed_in` and of which no file was written for [`REST_LIMIT`], and single files that were set aside
    /// that long ago. That the settings do not name a holder is no reason: they may have been set aside, and
    /// while set-aside settings exist, no holder is too old. A guest sweeps nothing.
    pub async fn sweep(&self, signed_in: impl FnOnce() -> Vec<HolderId>) {
        if !self.is_owner() {
            return;
        }
        let _guard = self.lock_copies().await;
        // Checked under the lock: a sign-in at the same time waits for it (`finish_removal`).
        let signed_in = signed_in();
        let (folders, removals) = (self.folders(), self.directory.path().join(stored::REMOVALS));
        let data_dir = self.directory.path().to_owned();
        let plan_locks = self.plan_locks();
        let found = spawn_blocking(move || {
            remove_locks_without_plan(&plan_locks, &data_dir.join(stored::PLANS));
            let tops = folder::names(&data_dir).into_iter();
            let tops = tops.map(|name| data_dir.join(name));
            let mut all: Vec<_> = tops.filter(|path| path.is_file()).collect();
            let below = folders
                .iter()
                .filter_map(|folder| folder::files_below(folder).ok());
            all.extend(below.flatten());
            folder::tidy(&all, REST_LIMIT);
            // Set-aside settings may name holders that the present settings don't: while they exist, it is
            // unknown whose files are old.
            let names: BTreeSet<_> = if atomic::was_set_aside(&data_dir.join(stored::SETTINGS)) {
                BTreeSet::new()
            } else {
                folders.iter().flat_map(|folder| folder::names(folder)).collect()
            };
            (names, folder::names(&removals))
        });
        let (names, marked) = found.await.unwrap_or_default();
        let holders = |names: Vec<String>| names.into_iter().filter_map(|name| HolderId::try_from(name).ok());
        for holder in holders(marked) {
            if signed_in.contains(&holder) {
                // Its sign-out was interrupted before it ended the session.
                folder::remove_file(&self.marker(&holder));
            } else {
                self.remove(&holder).await;
            }
        }
        for holder in holders(names.into_iter().collect()).filter(|holder| !signed_in.contains(holder)) {
            let folders = self.folders_of(&holder);
            let newest = spawn_blocking(move || folder::newest_age(&folders)).await;
            if newest.ok().flatten().is_some_and(|age| age > REST_LIMIT) {
                tracing::info!("removing the files of a holder that was not signed in for 90 days");
                self.remove(&holder).await;
            }
        }
    }
}

impl Slot {
    /// The files of all holders.
    pub fn files(&self) -> &AccountFiles {
        &self.files
    }

    /// The organization.
    pub fn organization(&self) -> &OrganizationId {
        &self.organization
    }

    /// What a file sealed here is bound to.
    pub fn place<'a>(&'a self, kind: FileKind<'a>) -> Place<'a> {
        Place {
            holder: &self.holder,
            organization: &self.organization,
            kind,
        }
    }

    /// The file of the saved copy. Its name contains a digest of the organization's id.
    pub fn saved_copy(&self) -> PathBuf {
        stored::file_of(
            &self.files.copies(),
            &self.holder,
            &self.organization,
            stored::SAVED_COPY,
        )
    }

    /// The folder of the holder's plans in this organization.
    pub fn plans(&self) -> PathBuf {
        let folder = self.files.directory.path().join(stored::PLANS);
        folder
            .join(self.holder.as_str())
            .join(vault::file_name(self.organization.as_str()))
    }

    /// The lock of a plan, which a program holds while it runs or closes it. Not beside the plan: what lies
    /// there is sealed, and a sign-out removes it.
    pub fn plan_lock(&self, id: &PlanId) -> PathBuf {
        self.files.plan_locks().join(format!("{}.lock", id.as_str()))
    }

    /// The file of the holder's views in this organization.
    pub fn views(&self) -> PathBuf {
        let folder = self.files.directory.path().join(stored::VIEWS);
        stored::file_of(&folder, &self.holder, &self.organization, "views")
    }

    /// While this guard lives, nothing else writes or removes plans or views. The guard moves into the
    /// writing task, so that a dropped caller does not release it before the write has ended.
    pub async fn lock_plans(&self) -> QueuedGuard {
        self.files.locks.plans.lock_anyway().await
    }

    /// While this guard lives, nothing else changes views: another program's change is neither lost nor read
    /// too early. Taken before [`Self::lock_plans`].
    ///
    /// # Errors
    /// [`LockError::Busy`] if another program holds it for longer than [`LOCK_LIMIT`].
    pub async fn lock_views(&self) -> Result<QueuedGuard, LockError> {
        self.files.locks.views.lock_unless_busy().await
    }

    /// The list for notices about unreadable files.
    pub fn notices(&self) -> &Notices {
        &self.files.notices
    }

    /// Adds a notice about a file that was not opened, and sets the file aside if it is damaged. Returns
    /// whether its path is free, or becomes free when a new key is made.
    pub async fn report_unreadable(&self, what: DiskThing, path: PathBuf, error: FilesError) -> bool {
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

/// Removes the locks of plans that a sign-out removed.
fn remove_locks_without_plan(locks: &Path, plans: &Path) {
    // In this order: a plan is stored before it is locked.
    let locks = folder::files_below(locks).unwrap_or_default();
    let Ok(plans) = folder::files_below(plans) else {
        return;
    };
    let plans: BTreeSet<_> = plans.iter().filter_map(|plan| plan.file_stem()).collect();
    for lock in locks {
        if !lock.file_stem().is_some_and(|plan| plans.contains(plan)) {
            folder::remove_file(&lock);
        }
    }
}
