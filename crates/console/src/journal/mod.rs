//! Plans that are not done with, kept on disk so that neither a restart nor an expired session loses them, sealed by the key of
//! the account (docs/security.md). Owns the files, one folder an account and organization. Must never hold a token, write where
//! there is no key, nor be what a write is decided by: a plan that comes back is applied from a fresh read of each person, so a
//! result that was not noted is found "already so".

mod files;
mod plain;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ezeep_auth::FileKey;
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use crate::cache::{CacheError, Slot};
use crate::plans::Plan;
use crate::private::{self, Unreadable};
use crate::seal::What;
use crate::wire::{AccountId, DiskThing, Outcome, PlanId, PlanLine, PlanView};

/// Raised when the text changes its meaning; another version is dropped with a note.
const VERSION: u32 = 1;
/// The folder in the data directory.
const FOLDER: &str = "plans";
/// How the names of the files end: a plan, its results.
const PLAN: &str = "plan";
const NOTES: &str = "notes";

/// Where the plans of one account in one organization are kept (security.md 43). Clones are one.
#[derive(Clone)]
pub struct Journal(Arc<Inner>);

struct Inner {
    slot: Slot,
    folder: PathBuf,
    left: CancellationToken,
    /// Asked for when there is something to open or to seal.
    key: OnceCell<Arc<FileKey>>,
}

#[derive(Deserialize)]
struct Stored {
    version: u32,
    made_at: i64,
    view: PlanView,
    lines: Vec<PlanLine>,
}

#[derive(Serialize)]
struct Storing<'a> {
    version: u32,
    made_at: i64,
    view: &'a PlanView,
    lines: &'a [PlanLine],
}

/// One noted result: which lines, and what came of them.
#[derive(Serialize, Deserialize)]
struct Note {
    lines: Vec<usize>,
    outcome: Outcome,
}

/// The folder of all plans in a data directory.
pub fn folder(data_dir: &Path) -> PathBuf {
    data_dir.join(FOLDER)
}

/// Forgets every plan of an account: it was signed out, or is kept no more.
pub fn forget(data_dir: &Path, account: &AccountId) {
    files::remove_all(&folder(data_dir).join(account.as_str()));
}

impl Journal {
    /// The journal of an account's organization, until it has `left`. Touches nothing yet.
    pub fn new(slot: Slot, left: CancellationToken) -> Self {
        Self(Arc::new(Inner {
            folder: slot.plans(),
            slot,
            left,
            key: OnceCell::new(),
        }))
    }

    /// Keeps a plan before anything of it is written. A failure is in the log: the plan then lives in memory alone.
    pub async fn keep(&self, made_at: i64, view: &PlanView, lines: &[PlanLine]) {
        let storing = Storing {
            version: VERSION,
            made_at,
            view,
            lines,
        };
        if let Err(error) = self.put(&storing).await {
            tracing::warn!(%error, "a plan could not be kept on disk");
        }
    }

    /// Gives whether it is kept: not where the organization has been left.
    async fn put(&self, storing: &Storing<'_>) -> Result<bool, CacheError> {
        let text = serde_json::to_vec(storing)?;
        let id = storing.view.id.clone();
        let _alone = self.0.slot.plans_alone().await;
        if self.0.left.is_cancelled() {
            return Ok(false);
        }
        let key = self.key().await?;
        let inner = Arc::clone(&self.0);
        spawn_blocking(move || {
            let place = inner.slot.place(What::Plan(&id));
            let sealed = files::sealed(&text, &key, &place)?;
            private::replace(&inner.path(&id, PLAN), &sealed)?;
            Ok(true)
        })
        .await?
    }

    /// Notes what came of some lines. Not flushed to the disk's platter: a lost note costs one read, not a membership.
    pub async fn note(&self, id: &PlanId, lines: &[usize], outcome: &Outcome) {
        let note = Note {
            lines: lines.to_vec(),
            outcome: outcome.clone(),
        };
        if let Err(error) = self.add(id.clone(), note).await {
            tracing::warn!(%error, "a result could not be noted on disk");
        }
    }

    async fn add(&self, id: PlanId, note: Note) -> Result<(), CacheError> {
        let text = serde_json::to_vec(&note)?;
        let _alone = self.0.slot.plans_alone().await;
        // Without a key the plan itself is not on disk.
        let Some(key) = self.0.key.get().cloned().filter(|_| !self.0.left.is_cancelled()) else {
            return Ok(());
        };
        let inner = Arc::clone(&self.0);
        spawn_blocking(move || {
            let place = inner.slot.place(What::Note(&id));
            let sealed = files::sealed(&text, &key, &place)?;
            Ok(files::append(&inner.path(&id, NOTES), &sealed)?)
        })
        .await?
    }

    /// Forgets a plan.
    pub fn remove(&self, id: &PlanId) {
        for kind in [PLAN, NOTES] {
            files::remove(&self.0.path(id, kind));
        }
    }

    /// The plans that were not done with. What is damaged, of another version or done is dropped; what the first version of the
    /// app kept in plain text is sealed. None where the keychain does not answer: they are there the next time.
    pub async fn plans(&self) -> Vec<Arc<Plan>> {
        let folder = self.0.folder.clone();
        let paths = spawn_blocking(move || files::list(&folder))
            .await
            .unwrap_or_default();
        let of = |kind: &str| {
            let is = |path: &&PathBuf| path.extension() == Some(OsStr::new(kind));
            paths.iter().filter(is).cloned().collect::<Vec<_>>()
        };
        let mut plans = self.read_sealed(of(PLAN)).await;
        plans.extend(self.take_over(of(plain::KIND)).await);
        plans
    }

    async fn read_sealed(&self, paths: Vec<PathBuf>) -> Vec<Arc<Plan>> {
        if paths.is_empty() {
            return Vec::new();
        }
        let key = match self.0.slot.key_if_any().await {
            Ok(key) => key.map(Arc::new),
            Err(error) if error.is_the_files() => None,
            Err(error) => {
                tracing::warn!(%error, "plans on disk can't be opened now");
                return Vec::new();
            }
        };
        if let Some(key) = &key {
            // Where it is set already, it is the same one.
            self.0.key.set(Arc::clone(key)).ok();
        }
        let journal = self.clone();
        let read = move || {
            let plans = paths.iter().map(|path| match &key {
                Some(key) => journal.open(path, key),
                None => Err(CacheError::NoKey),
            });
            let mut unfinished = Vec::new();
            for (plan, path) in plans.zip(&paths) {
                match plan {
                    Ok(plan) if plan.unfinished() => unfinished.push(Arc::new(plan)),
                    Ok(plan) => journal.remove(plan.id()),
                    Err(error) if error.is_the_files() => {
                        let why = Unreadable::damaged(&error);
                        journal.0.slot.notices().unreadable(DiskThing::Plan, path, &why);
                        let notes = path.with_extension(NOTES);
                        if notes.exists() {
                            journal.0.slot.notices().unreadable(DiskThing::Plan, &notes, &why);
                        }
                    }
                    Err(error) => tracing::warn!(%error, "a plan on disk can't be read now"),
                }
            }
            unfinished
        };
        // They may be large, and other windows' questions must not wait for them.
        spawn_blocking(read).await.unwrap_or_default()
    }

    fn open(&self, path: &Path, key: &FileKey) -> Result<Plan, CacheError> {
        let name = path.file_stem().and_then(OsStr::to_str).unwrap_or_default();
        let id = PlanId::try_from(name.to_owned()).map_err(|_| CacheError::Foreign)?;
        let place = self.0.slot.place(What::Plan(&id));
        let text = files::opened(fs::read(path)?, key, &place)?;
        let stored: Stored = serde_json::from_slice(&text)?;
        if stored.version != VERSION || stored.view.id != id {
            return Err(CacheError::Foreign);
        }
        let mut lines = stored.lines;
        let place = self.0.slot.place(What::Note(&id));
        for text in files::records(&path.with_extension(NOTES), |sealed| {
            files::opened(sealed, key, &place).ok()
        })? {
            serde_json::from_slice::<Note>(&text)?.settle(&mut lines);
        }
        Ok(Plan::restored(stored.view, lines, stored.made_at))
    }

    /// Plans in plain text are sealed, with their results; where that fails they stay as they are until the next time.
    async fn take_over(&self, paths: Vec<PathBuf>) -> Vec<Arc<Plan>> {
        let mut plans = Vec::new();
        for path in paths {
            let from = path.clone();
            let read = spawn_blocking(move || plain::read(&from)).await;
            let sealed = match read {
                Ok(Ok(stored)) => {
                    let storing = Storing {
                        version: VERSION,
                        made_at: stored.made_at,
                        view: &stored.view,
                        lines: &stored.lines,
                    };
                    let sealed = self.put(&storing).await;
                    let plan = Plan::restored(stored.view, stored.lines, stored.made_at);
                    if plan.unfinished() {
                        plans.push(Arc::new(plan));
                    } else {
                        self.remove(plan.id());
                    }
                    sealed
                }
                Ok(Err(error)) => {
                    tracing::warn!(%error, "a plan on disk can't be read and is dropped");
                    Ok(true)
                }
                Err(error) => Err(error.into()),
            };
            match sealed {
                Ok(true) => plain::remove(&path),
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "a plan in plain text could not be sealed"),
            }
        }
        plans
    }

    async fn key(&self) -> Result<Arc<FileKey>, CacheError> {
        let made = async { self.0.slot.key().await.map(Arc::new) };
        self.0.key.get_or_try_init(|| made).await.cloned()
    }
}

impl Inner {
    fn path(&self, id: &PlanId, kind: &str) -> PathBuf {
        self.folder.join(format!("{}.{kind}", id.as_str()))
    }
}

impl Note {
    fn settle(self, lines: &mut [PlanLine]) {
        for index in self.lines {
            if let Some(line) = lines.get_mut(index) {
                line.outcome = Some(self.outcome.clone());
            }
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
