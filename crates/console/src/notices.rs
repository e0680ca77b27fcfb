//! What was found on this computer that can't be read or written, for the window to say. Owns the list of this run, and when a file is
//! set aside. Must never move a file that may be readable at the next try, nor hold a name or an address of the directory.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::private::{self, Unreadable};
use crate::wire::{DiskNotice, DiskProblem, DiskThing};

/// More were never seen; what comes after is in the log alone.
const MAX_NOTICES: usize = 50;

/// The notices of this run. Clones are one.
#[derive(Clone)]
pub struct Notices(Arc<Inner>);

struct Inner {
    changed: Box<dyn Fn() + Send + Sync>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    last: u32,
    open: Vec<DiskNotice>,
    /// What was said already, closed or not: nobody is told twice of the same in one run.
    said: Vec<(DiskThing, DiskProblem, String)>,
}

impl Notices {
    /// None yet. `changed` is called after each change, and must return at once.
    pub fn new(changed: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner {
            changed: Box::new(changed),
            state: Mutex::default(),
        }))
    }

    /// Something can't be read: where that will not change, the file is set aside. Gives whether its place is free now.
    ///
    /// Where it gives false the file is where it was and must not be written over.
    pub fn unreadable(&self, what: DiskThing, path: &Path, why: &Unreadable) -> bool {
        let mut why = why.clone();
        let set_aside = if why.is_lasting() {
            private::set_aside(path)
                .inspect_err(|error| {
                    why.detail = format!("{}; it could not be set aside: {error}", why.detail);
                })
                .ok()
        } else {
            None
        };
        self.add(what, why.problem, path, set_aside.as_deref(), &why.detail);
        set_aside.is_some()
    }

    /// Something can't be written; what was there before is untouched.
    pub fn not_written(&self, what: DiskThing, path: &Path, error: &io::Error) {
        let problem = match private::problem(error) {
            DiskProblem::Damaged | DiskProblem::Failed => DiskProblem::NotWritten,
            problem => problem,
        };
        self.add(what, problem, path, None, &error.to_string());
    }

    /// Says something of a file or a keychain record. `path` names no person.
    pub fn add(
        &self,
        what: DiskThing,
        problem: DiskProblem,
        path: &Path,
        set_aside: Option<&Path>,
        detail: &str,
    ) {
        tracing::warn!(?what, ?problem, path = %path.display(), set_aside = ?set_aside, detail, "on disk");
        let mut state = self.state();
        let key = (what, problem, path.display().to_string());
        // Each file that was set aside is told: it is another one.
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

    /// Says what others found too.
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

    /// Those that were not closed, oldest first.
    pub fn open(&self) -> Vec<DiskNotice> {
        self.state().open.clone()
    }

    /// The person has seen it.
    pub fn close(&self, id: u32) {
        self.state().open.retain(|notice| notice.id != id);
        (self.0.changed)();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
