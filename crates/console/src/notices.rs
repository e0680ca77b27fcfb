//! Notices of this run about files and keychain records that can't be read or written, and the rule when a
//! file is set aside. Must never move a file that may be readable at the next attempt, nor one in a data
//! directory that this program is a guest of, nor contain a name or an address of the directory.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vault::{Problem, Unreadable, atomic};

use crate::wire::{DiskNotice, DiskProblem, DiskThing};

/// Most notices of a run; later ones are only logged.
const MAX_NOTICES: usize = 50;

/// The notices of this run. Clones share the list.
#[derive(Clone)]
pub struct Notices(Arc<Inner>);

struct Inner {
    changed: Box<dyn Fn() + Send + Sync>,
    sets_aside: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    last: u32,
    open: Vec<DiskNotice>,
    /// Notices given in this run, closed or not: each is given once.
    said: Vec<(DiskThing, DiskProblem, String)>,
}

impl Notices {
    /// An empty list. `changed` is called after each change and must return at once.
    pub fn new(changed: impl Fn() + Send + Sync + 'static) -> Self {
        Self::make(true, changed)
    }

    /// As [`Notices::new`], for a guest of the data directory: no file is set aside.
    pub fn for_guest(changed: impl Fn() + Send + Sync + 'static) -> Self {
        Self::make(false, changed)
    }

    fn make(sets_aside: bool, changed: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner {
            changed: Box::new(changed),
            sets_aside,
            state: Mutex::default(),
        }))
    }

    /// Adds a notice about something unreadable; a damaged file is set aside. Returns whether its path is
    /// free now. If not, the file is still there and must not be overwritten.
    pub fn unreadable(&self, what: DiskThing, path: &Path, why: &Unreadable) -> bool {
        let mut why = why.clone();
        let set_aside = if why.is_lasting() && self.0.sets_aside {
            atomic::set_aside(path)
                .inspect_err(|error| {
                    why.detail = format!("{}; it could not be set aside: {error}", why.detail);
                })
                .ok()
        } else {
            None
        };
        self.add(what, why.problem.into(), path, set_aside.as_deref(), &why.detail);
        set_aside.is_some()
    }

    /// Adds a notice about a failed write; the previous contents are untouched.
    pub fn not_written(&self, what: DiskThing, path: &Path, error: &io::Error) {
        let problem = match Problem::from(error) {
            Problem::Damaged | Problem::Failed => DiskProblem::NotWritten,
            problem => problem.into(),
        };
        self.add(what, problem, path, None, &error.to_string());
    }

    /// Adds a notice about a file or a keychain record. `path` must not contain a person's name.
    pub fn add(
        &self,
        what: DiskThing,
        problem: DiskProblem,
        path: &Path,
        set_aside: Option<&Path>,
        detail: &str,
    ) {
        tracing::warn!(?what, ?problem, path = %path.display(), set_aside = ?set_aside, detail, "unusable");
        let mut state = self.state();
        let key = (what, problem, path.display().to_string());
        // Each set-aside file gets its own notice: it is another file.
        if (set_aside.is_none() && state.said.contains(&key)) || state.open.len() >= MAX_NOTICES {
            return;
        }
        state.last += 1;
        let notice = DiskNotice {
            id: state.last,
            what,
            problem,
            path: key.2.clone(),
            set_aside: set_aside.map(|path| path.display().to_string()),
            detail: Some(detail.to_owned()).filter(|detail| !detail.is_empty()),
        };
        state.said.push(key);
        state.open.push(notice);
        drop(state);
        (self.0.changed)();
    }

    /// Adds notices that were collected elsewhere.
    pub fn take_over(&self, others: &Self) {
        for DiskNotice {
            what,
            problem,
            path,
            set_aside,
            detail,
            ..
        } in others.open()
        {
            let aside = set_aside.as_deref().map(Path::new);
            self.add(
                what,
                problem,
                Path::new(&path),
                aside,
                &detail.unwrap_or_default(),
            );
        }
    }

    /// Open notices, oldest first.
    pub fn open(&self) -> Vec<DiskNotice> {
        self.state().open.clone()
    }

    /// Closes a notice.
    pub fn close(&self, id: u32) {
        self.state().open.retain(|notice| notice.id != id);
        (self.0.changed)();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
