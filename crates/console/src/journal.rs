//! Plans that are not done with, kept on disk so that neither a restart nor an expired session loses them. Owns the
//! files, one folder an account and organization. Must never hold a token, nor be what a write is decided by: a plan that
//! comes back is applied from a fresh read of each person, so a result that was not noted is found "already so".

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::plans::Plan;
use crate::private;
use crate::wire::{AccountId, OrganizationId, Outcome, PlanId, PlanLine, PlanView};

/// Raised when the files change their meaning; another version is dropped with a note.
const VERSION: u32 = 1;
/// The folder in the data directory.
const FOLDER: &str = "plans";

/// Where the plans of one account in one organization are kept (security.md 43).
#[derive(Clone)]
pub struct Journal {
    folder: PathBuf,
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

impl Journal {
    /// The journal of an account's organization. Touches nothing yet.
    pub fn of(data_dir: &Path, account: &AccountId, organization: &OrganizationId) -> Self {
        Self {
            folder: data_dir
                .join(FOLDER)
                .join(account.as_str())
                .join(organization.as_str()),
        }
    }

    /// Keeps a plan before anything of it is written. A failure is in the log: the plan then lives in memory alone.
    pub fn keep(&self, made_at: i64, view: &PlanView, lines: &[PlanLine]) {
        let storing = Storing {
            version: VERSION,
            made_at,
            view,
            lines,
        };
        if let Err(error) = self.write(&view.id, &storing) {
            tracing::warn!(%error, "a plan could not be kept on disk");
        }
    }

    fn write(&self, id: &PlanId, storing: &Storing<'_>) -> io::Result<()> {
        private::make_folder(&self.folder)?;
        let next = self.path(id, "new");
        let mut file = io::BufWriter::new(
            private::file()
                .create(true)
                .truncate(true)
                .write(true)
                .open(&next)?,
        );
        serde_json::to_writer(&mut file, storing)?;
        file.into_inner()
            .map_err(io::IntoInnerError::into_error)?
            .sync_all()?;
        fs::rename(next, self.path(id, "json"))
    }

    /// Notes what came of some lines. Not flushed to the disk's platter: a lost note costs one read, not a membership.
    pub fn note(&self, id: &PlanId, lines: &[usize], outcome: &Outcome) {
        let note = Note {
            lines: lines.to_vec(),
            outcome: outcome.clone(),
        };
        let written = serde_json::to_vec(&note)
            .map_err(io::Error::from)
            .and_then(|mut text| {
                text.push(b'\n');
                // One write, so that a note is there whole or torn at the end.
                private::file()
                    .create(true)
                    .append(true)
                    .open(self.path(id, "log"))?
                    .write_all(&text)
            });
        if let Err(error) = written {
            tracing::warn!(%error, "a result could not be noted on disk");
        }
    }

    /// Forgets a plan.
    pub fn remove(&self, id: &PlanId) {
        for kind in ["json", "log", "new"] {
            remove(&self.path(id, kind));
        }
    }

    /// The plans that were not done with. What is damaged, of another version or done is dropped.
    pub fn plans(&self) -> Vec<Arc<Plan>> {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return Vec::new();
        };
        let mut plans = Vec::new();
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.extension().is_none_or(|kind| kind != "json") {
                continue;
            }
            match read(&path) {
                Ok(plan) if plan.unfinished() => plans.push(Arc::new(plan)),
                Ok(plan) => self.remove(plan.id()),
                Err(error) => {
                    tracing::warn!(%error, "a plan on disk can't be read and is dropped");
                    remove(&path);
                    remove(&path.with_extension("log"));
                }
            }
        }
        plans
    }

    fn path(&self, id: &PlanId, kind: &str) -> PathBuf {
        self.folder.join(format!("{}.{kind}", id.as_str()))
    }
}

/// Forgets every plan of an account: it was signed out.
pub fn forget(data_dir: &Path, account: &AccountId) {
    let folder = data_dir.join(FOLDER).join(account.as_str());
    if let Err(error) = fs::remove_dir_all(folder)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "the plans of an account could not be removed");
    }
}

fn read(path: &Path) -> io::Result<Plan> {
    let stored: Stored = serde_json::from_reader(BufReader::new(File::open(path)?))?;
    if stored.version != VERSION {
        return Err(io::Error::other("another version"));
    }
    let mut lines = stored.lines;
    if let Ok(log) = File::open(path.with_extension("log")) {
        for text in BufReader::new(log).lines() {
            // The last one may be torn.
            let Ok(note) = serde_json::from_str::<Note>(&text?) else {
                break;
            };
            for index in note.lines {
                if let Some(line) = lines.get_mut(index) {
                    line.outcome = Some(note.outcome.clone());
                }
            }
        }
    }
    Ok(Plan::restored(stored.view, lines, stored.made_at))
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "a plan's file could not be removed");
    }
}

#[cfg(test)]
mod tests {
    use super::{Journal, forget};
    use crate::wire::*;

    fn id<T: TryFrom<String>>(text: &str) -> T
    where
        T::Error: std::fmt::Debug,
    {
        T::try_from(text.to_owned()).unwrap()
    }

    fn line(user: &str) -> PlanLine {
        PlanLine {
            user: UserRef {
                id: id(user),
                name: "Ä <b>".into(),
                email: String::new(),
            },
            group: GroupRef {
                id: id("g"),
                name: "G".into(),
            },
            planned: Planned::Add,
            outcome: None,
        }
    }

    fn view(plan: &str, adds: u32) -> PlanView {
        PlanView {
            id: id(plan),
            organization: Organization {
                id: id("o"),
                name: "O".into(),
                admin: true,
                private: false,
                color: 1,
            },
            verb: PlanVerb::Add,
            groups: vec![],
            user: None,
            adds,
            removes: 0,
            unchanged: 0,
            blocked: 0,
            lines: adds,
        }
    }

    fn journal(dir: &std::path::Path) -> Journal {
        Journal::of(dir, &id("a"), &id("o"))
    }

    #[test]
    fn a_plan_comes_back_with_the_results_that_were_noted() {
        let dir = tempfile::tempdir().unwrap();
        journal(dir.path()).keep(7, &view("p", 2), &[line("u1"), line("u2")]);
        journal(dir.path()).note(&id("p"), &[1], &Outcome::Applied);
        let plans = journal(dir.path()).plans();
        let lines = plans[0].window(0, 10, false).lines;
        assert_eq!(lines[0].outcome, None);
        assert_eq!(lines[1].outcome, Some(Outcome::Applied));
        assert_eq!(lines[1].user.name, "Ä <b>");
        assert_eq!(plans[0].progress().state, PlanState::Finished);
    }

    #[test]
    fn a_plan_that_is_done_is_not_offered_again() {
        let dir = tempfile::tempdir().unwrap();
        journal(dir.path()).keep(7, &view("p", 1), &[line("u1")]);
        journal(dir.path()).note(&id("p"), &[0], &Outcome::AlreadySo);
        assert!(journal(dir.path()).plans().is_empty());
        assert_eq!(
            std::fs::read_dir(dir.path().join("plans/a/o")).unwrap().count(),
            0
        );
    }

    #[test]
    fn a_torn_note_costs_that_note_alone_and_a_damaged_plan_is_dropped() {
        let dir = tempfile::tempdir().unwrap();
        journal(dir.path()).keep(7, &view("p", 2), &[line("u1"), line("u2")]);
        journal(dir.path()).note(&id("p"), &[0], &Outcome::Applied);
        let log = dir.path().join("plans/a/o/p.log");
        let mut text = std::fs::read(&log).unwrap();
        text.extend(b"{\"lines\":[1],\"outc");
        std::fs::write(&log, text).unwrap();
        std::fs::write(dir.path().join("plans/a/o/q.json"), b"{}").unwrap();
        let plans = journal(dir.path()).plans();
        assert_eq!(plans.len(), 1);
        assert_eq!(plans[0].progress().done, 1);
    }

    /// security.md 43: nothing of one account is offered to another.
    #[test]
    fn each_account_and_organization_has_its_own_plans() {
        let dir = tempfile::tempdir().unwrap();
        journal(dir.path()).keep(7, &view("p", 1), &[line("u1")]);
        assert!(Journal::of(dir.path(), &id("b"), &id("o")).plans().is_empty());
        assert!(Journal::of(dir.path(), &id("a"), &id("o2")).plans().is_empty());
        forget(dir.path(), &id("a"));
        assert!(journal(dir.path()).plans().is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_on_the_computer_can_read_a_plan() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        journal(dir.path()).keep(7, &view("p", 1), &[line("u1")]);
        let mode = |path: &str| {
            std::fs::metadata(dir.path().join(path))
                .unwrap()
                .permissions()
                .mode()
                & 0o777
        };
        assert_eq!((mode("plans/a/o"), mode("plans/a/o/p.json")), (0o700, 0o600));
    }
}
