//! Stores unfinished plans, so that neither a restart nor an expired session loses them, sealed by the
//! holder's key (docs/security.md). Owns the files, in one folder for each holder and organization. Must
//! never store a token, delete what it can't read, nor decide a write: a loaded plan is applied after each
//! user was read again.

mod stored;

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use changes::{ChangeSet, Outcomes};
use ids::PlanId;
use tokio::task::spawn_blocking;
use vault::lock::{FileLock, LockError, lock, try_lock};
use vault::seal::{self, SealError};
use vault::{FileKey, OnDisk, Unreadable, atomic, folder, log};

use crate::account_files::{FileKind, FilesError, Slot, WritePermission};
use crate::error::{AppError, ErrorCode};
use crate::wire::{DiskProblem, DiskThing};
use stored::{OutcomeRecord, StoredPlan, StoringPlan};

/// File extensions: a plan, its results.
const PLAN: &str = "plan";
const NOTES: &str = "notes";
/// How long another program is waited for that reads or removes a plan. One that runs it takes longer.
const CLAIM_LIMIT: Duration = Duration::from_secs(1);
/// Largest accepted file: a plan of 200,000 lines and as many users takes a tenth of it.
const MOST_BYTES: u64 = 256 << 20;

/// Where the plans of one holder in one organization are stored (security.md 43). Clones share the state.
#[derive(Clone)]
pub struct PlanStore(Arc<Inner>);

struct Inner {
    slot: Slot,
    folder: PathBuf,
    permission: WritePermission,
    /// A plan and its results are sealed by one key, whatever the keychain contains later.
    keys: Mutex<HashMap<PlanId, Arc<FileKey>>>,
}

/// The results of some changes of a plan.
pub type Records = changes::Records<AppError>;

/// A plan as read from disk.
pub struct LoadedPlan {
    /// Its id.
    pub id: PlanId,
    /// When it was made, in milliseconds since 1970 (UTC).
    pub made_at: i64,
    /// The requested changes.
    pub set: ChangeSet,
    /// The recorded results.
    pub outcomes: Outcomes<AppError>,
}

impl LoadedPlan {
    fn is_unfinished(&self) -> bool {
        self.outcomes.counts().left(self.set.predicted().checked) > 0
    }
}

/// A stored plan that no other program runs or closes until this is dropped.
#[must_use = "the plan is released when this is dropped"]
pub struct Claim {
    /// `None` where the lock can't be had.
    _lock: Option<FileLock>,
    /// What is recorded on disk, also by other programs.
    pub outcomes: Outcomes<AppError>,
}

/// Why a plan was not opened.
enum NotOpened {
    /// The file can't be read.
    Unreadable(Unreadable),
    /// Sealed by another version.
    OtherVersion,
}

impl PlanStore {
    /// The store of a holder's organization, which writes while it has the permission. Does no I/O yet.
    pub fn new(slot: Slot, permission: WritePermission) -> Self {
        Self(Arc::new(Inner {
            folder: slot.plans(),
            slot,
            permission,
            keys: Mutex::default(),
        }))
    }

    /// Stores a plan before anything of it is written to a server. Returns whether it is on disk: if not, the
    /// plan exists only in memory, no results are recorded, and a notice tells it, unless there is no
    /// permission. `made_at` is in milliseconds since 1970 (UTC).
    pub async fn save(&self, id: &PlanId, made_at: i64, set: &Arc<ChangeSet>) -> bool {
        match self.put(id, made_at, set).await {
            Ok(stored) => stored,
            Err(error) => {
                tracing::warn!(%error, "a plan could not be stored");
                self.say_not_written(id, PLAN, &error);
                false
            }
        }
    }

    /// Returns whether the plan is stored; false without the permission.
    async fn put(&self, id: &PlanId, made_at: i64, set: &Arc<ChangeSet>) -> Result<bool, FilesError> {
        let guard = self.0.slot.lock_plans().await;
        if !self.0.permission.is_given() {
            return Ok(false);
        }
        let key = self.0.slot.key().await?;
        self.0.keys().insert(id.clone(), Arc::clone(&key));
        let (inner, set, id) = (Arc::clone(&self.0), Arc::clone(set), id.clone());
        spawn_blocking(move || {
            // Runs to the end of the write, even if the caller is dropped: a sign-out waits for it.
            let _guard = guard;
            if !inner.permission.is_given() {
                return Ok(false);
            }
            let storing = StoringPlan::new(id.as_str(), made_at, &set);
            let text = serde_json::to_vec(&storing)?;
            let data = inner.slot.place(FileKind::Plan(&id)).data();
            let sealed = seal::seal(&text, &key, &data)?;
            atomic::replace(&inner.path(&id, PLAN), &sealed)?;
            Ok(true)
        })
        .await?
    }

    /// Whether plans are written to disk.
    pub fn permission(&self) -> &WritePermission {
        &self.0.permission
    }

    /// Claims a stored plan of `changes` changes among programs, for a run or for its end. Where the lock
    /// can't be had the plan is claimed without it, as users are written without theirs.
    ///
    /// # Errors
    /// [`ErrorCode::PlanBusy`] if another program has claimed it for longer than a second;
    /// [`ErrorCode::PlanGone`] if it is no longer on disk: another program closed it, or wrote all of it.
    pub async fn claim(&self, id: &PlanId, changes: usize) -> Result<Claim, AppError> {
        let path = self.0.path(id, PLAN);
        if is_absent(path.clone()).await {
            return Err(ErrorCode::PlanGone.into());
        }
        let lock = match lock(&self.0.slot.plan_lock(id), CLAIM_LIMIT).await {
            Ok(lock) => Some(lock),
            Err(LockError::Busy) => return Err(ErrorCode::PlanBusy.into()),
            Err(error) => {
                tracing::warn!(%error, "a plan is written without a lock between programs");
                None
            }
        };
        // Asked again: the lock file goes with its plan, and one that was removed excludes nobody.
        if is_absent(path).await {
            return Err(ErrorCode::PlanGone.into());
        }
        let mut outcomes = Outcomes::new(changes);
        if let Some(key) = self.key_of(id) {
            let (store, id) = (self.clone(), id.clone());
            let read = spawn_blocking(move || {
                store.read_notes(&id, &key, &mut outcomes);
                outcomes
            });
            let read = read.await;
            outcomes =
                read.map_err(|error| AppError::new(ErrorCode::Internal).with_detail(error.to_string()))?;
        }
        Ok(Claim {
            _lock: lock,
            outcomes,
        })
    }

    /// Records the results of some lines of a stored plan. Not flushed with fsync: a lost record costs one
    /// read, not a membership.
    pub async fn record(&self, id: &PlanId, records: &Records) {
        if let Err(error) = self.add(id.clone(), records).await {
            tracing::warn!(%error, "a result could not be recorded on disk");
            self.say_not_written(id, NOTES, &error);
        }
    }

    fn say_not_written(&self, id: &PlanId, kind: &str, error: &FilesError) {
        let path = self.0.path(id, kind);
        let notices = self.0.slot.notices();
        match error {
            FilesError::File(error) => notices.not_written(DiskThing::Plan, &path, error),
            other => {
                let why = other.to_string();
                notices.add(DiskThing::Plan, DiskProblem::NotWritten, &path, None, &why);
            }
        }
    }

    async fn add(&self, id: PlanId, records: &Records) -> Result<(), FilesError> {
        let texts = records.iter().filter(|(lines, _)| !lines.is_empty());
        let texts = texts.map(|(lines, outcome)| {
            serde_json::to_vec(&OutcomeRecord {
                lines: lines.clone(),
                outcome: outcome.into(),
            })
        });
        let texts = texts.collect::<Result<Vec<_>, _>>()?;
        let guard = self.0.slot.lock_plans().await;
        let Some(key) = self.key_of(&id).filter(|_| self.0.permission.is_given()) else {
            return Ok(());
        };
        let inner = Arc::clone(&self.0);
        spawn_blocking(move || {
            let _guard = guard;
            if atomic::is_absent(&inner.path(&id, PLAN)) {
                // A sign-out removed the plan: its results would be left.
                return Ok(());
            }
            let data = inner.slot.place(FileKind::PlanResult(&id)).data();
            Ok(log::append(&inner.path(&id, NOTES), &texts, &key, &data)?)
        })
        .await?
    }

    /// Removes a plan, which the caller has claimed.
    pub fn remove(&self, id: &PlanId) {
        for kind in [PLAN, NOTES] {
            folder::remove_file(&self.0.path(id, kind));
        }
        folder::remove_file(&self.0.slot.plan_lock(id));
        self.0.keys().remove(id);
    }

    /// Removes a finished plan, unless another program has claimed it: a later start does it then.
    fn remove_finished(&self, id: &PlanId) {
        let lock = try_lock(&self.0.slot.plan_lock(id));
        if !matches!(lock, Ok(None)) {
            self.remove(id);
        }
    }

    /// The unfinished plans. An unreadable file is set aside by the owner if it is damaged, otherwise left in
    /// place; both add a notice, as does a folder that can't be listed. Empty if the keychain does not answer
    /// or has no key: the plans are loaded at the next opening.
    pub async fn plans(&self) -> Vec<LoadedPlan> {
        let own = self.0.folder.clone();
        let paths = spawn_blocking(move || folder::list(&own)).await;
        let paths = paths
            .unwrap_or_else(|panic| Err(panic.into()))
            .unwrap_or_else(|error| {
                let why = Unreadable::from(error);
                let notices = self.0.slot.notices();
                notices.add(
                    DiskThing::Plan,
                    why.problem.into(),
                    &self.0.folder,
                    None,
                    &why.detail,
                );
                Vec::new()
            });
        let is_plan = |path: &PathBuf| path.extension() == Some(OsStr::new(PLAN));
        let paths: Vec<_> = paths.into_iter().filter(is_plan).collect();
        if paths.is_empty() {
            return Vec::new();
        }
        let key = match self.0.slot.key_if_any().await {
            Ok(Some(key)) => key,
            Ok(None) => {
                let why = "the plans are left where they are";
                let notices = self.0.slot.notices();
                let place = self.0.slot.key_place();
                notices.add(DiskThing::DataKey, DiskProblem::Missing, &place, None, why);
                return Vec::new();
            }
            Err(error) => {
                tracing::warn!(%error, "plans on disk can't be opened now");
                return Vec::new();
            }
        };
        let store = self.clone();
        // Plans may be large: read on a blocking thread, so that other commands don't wait.
        let read = move || paths.iter().filter_map(|path| store.read(path, &key)).collect();
        spawn_blocking(read).await.unwrap_or_default()
    }

    fn read(&self, path: &Path, key: &Arc<FileKey>) -> Option<LoadedPlan> {
        let notices = self.0.slot.notices();
        match self.open(path, key) {
            Ok(Some(plan)) if plan.is_unfinished() => {
                self.0.keys().insert(plan.id.clone(), Arc::clone(key));
                return Some(plan);
            }
            Ok(Some(plan)) if self.0.slot.files().is_owner() => self.remove_finished(&plan.id),
            Ok(Some(_)) => {}
            Ok(None) => {}
            Err(NotOpened::Unreadable(why)) => {
                let notes = path.with_extension(NOTES);
                if notices.unreadable(DiskThing::Plan, path, &why) && notes.exists() {
                    // The results are set aside together with their plan.
                    if let Err(error) = atomic::set_aside(&notes) {
                        tracing::warn!(%error, "the results of a plan could not be set aside with it");
                    }
                }
            }
            Err(NotOpened::OtherVersion) => {
                let why = "it is of another version, and is left where it is";
                notices.add(DiskThing::Plan, DiskProblem::Damaged, path, None, why);
            }
        }
        None
    }

    fn open(&self, path: &Path, key: &FileKey) -> Result<Option<LoadedPlan>, NotOpened> {
        let mut bytes = match atomic::read(path, MOST_BYTES) {
            OnDisk::Absent => return Ok(None),
            OnDisk::Readable(bytes) => bytes,
            OnDisk::Unreadable(why) => return Err(NotOpened::Unreadable(why)),
        };
        let damaged = |why: &dyn std::fmt::Display| NotOpened::Unreadable(Unreadable::damaged(why));
        let name = path.file_stem().and_then(OsStr::to_str).unwrap_or_default();
        let id = PlanId::try_from(name.to_owned()).map_err(|error| damaged(&error))?;
        let data = self.0.slot.place(FileKind::Plan(&id)).data();
        let text = seal::open(&mut bytes, key, &data).map_err(|error| match error {
            SealError::OtherVersion => NotOpened::OtherVersion,
            error => damaged(&error),
        })?;
        let stored: StoredPlan = serde_json::from_slice(text).map_err(|error| damaged(&error))?;
        drop(bytes);
        if stored.id != id.as_str() {
            return Err(damaged(&stored::Contradiction));
        }
        let made_at = stored.made_at;
        let set = stored.into_set().map_err(|error| damaged(&error))?;
        if set.organization != *self.0.slot.organization() {
            return Err(damaged(&stored::Contradiction));
        }
        let mut outcomes = Outcomes::new(set.changes.len());
        self.read_notes(&id, key, &mut outcomes);
        Ok(Some(LoadedPlan {
            id,
            made_at,
            set,
            outcomes,
        }))
    }

    /// Reads the recorded results of a plan. A line whose record can't be read counts as not recorded: the
    /// run reads the user again.
    fn read_notes(&self, id: &PlanId, key: &FileKey, outcomes: &mut Outcomes<AppError>) {
        let path = self.0.path(id, NOTES);
        let bytes = match atomic::read(&path, MOST_BYTES) {
            OnDisk::Absent => return,
            OnDisk::Readable(bytes) => bytes,
            OnDisk::Unreadable(why) => {
                self.0.slot.notices().unreadable(DiskThing::Plan, &path, &why);
                return;
            }
        };
        let data = self.0.slot.place(FileKind::PlanResult(id)).data();
        let records = log::records(&bytes, key, &data);
        let mut unreadable = records.unreadable;
        for text in records.texts {
            match serde_json::from_slice::<OutcomeRecord>(&text) {
                Ok(record) => outcomes.record(&record.lines, &record.outcome.into()),
                Err(_) => unreadable += 1,
            }
        }
        if unreadable > 0 {
            tracing::warn!(
                unreadable,
                "results of a plan can't be read; their lines are read again"
            );
        }
    }

    fn key_of(&self, id: &PlanId) -> Option<Arc<FileKey>> {
        self.0.keys().get(id).cloned()
    }
}

impl Inner {
    fn keys(&self) -> MutexGuard<'_, HashMap<PlanId, Arc<FileKey>>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, id: &PlanId, kind: &str) -> PathBuf {
        self.folder.join(format!("{}.{kind}", id.as_str()))
    }
}

/// Whether there is certainly no such file.
async fn is_absent(path: PathBuf) -> bool {
    let asked = spawn_blocking(move || atomic::is_absent(&path));
    asked.await.unwrap_or(false)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
