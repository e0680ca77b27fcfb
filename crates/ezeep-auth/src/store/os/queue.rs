//! The calls that wait for the keychain's thread, and the life of that thread. Must never make a call that
//! its caller has given up, nor let an abandoned thread change anything.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::store::error::StoreError;
use crate::store::lock::RecordLock;
use crate::store::record::RecordName;

/// Threads that may hang at the same time; with this many, calls time out without another thread.
const LEFT_BEHIND: usize = 3;

/// The value that a call reads, if there is one.
pub(super) type Bytes = Option<Zeroizing<Vec<u8>>>;

pub(super) struct Job {
    pub(super) call: Call,
    pub(super) done: oneshot::Sender<Result<Bytes, StoreError>>,
}

pub(super) enum Call {
    Read(RecordName),
    Write(RecordName, Zeroizing<Vec<u8>>),
    Delete(RecordName),
    /// With the lock on its name, which is released when the thread is done, not when the caller gives up.
    Probe(RecordName, Option<RecordLock>),
}

/// The jobs and the thread that does them. Dropping it ends the thread.
#[derive(Default)]
pub(super) struct Queue {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    news: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    /// The current thread; all others are abandoned.
    thread: Option<u64>,
    threads: u64,
    left_behind: usize,
    stage: Stage,
    closed: bool,
}

/// What the thread is doing.
#[derive(Default)]
enum Stage {
    #[default]
    Waiting,
    /// A call that changes nothing, and its beginning: opening, searching, asking the user for a password,
    /// reading.
    Asking(Instant),
    /// Writing or deleting.
    Changing,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // After a panic under this lock no value is half written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// Queues a job. Starts a thread that runs `work` if there is none, or if the current one has hung longer
    /// than `limit` in a call that changes nothing.
    pub(super) fn push(
        &self,
        job: Job,
        limit: Duration,
        work: fn(&mut dyn Iterator<Item = ActiveJob>),
    ) -> Result<(), StoreError> {
        let mut state = self.shared.state();
        state.jobs.push_back(job);
        let hangs = matches!(state.stage, Stage::Asking(since) if since.elapsed() >= limit);
        if hangs && state.left_behind < LEFT_BEHIND {
            state.left_behind += 1;
            state.thread = None;
        }
        if state.thread.is_some() {
            self.shared.news.notify_all();
            return Ok(());
        }
        state.threads += 1;
        let me = state.threads;
        let shared = self.shared.clone();
        std::thread::Builder::new()
            .name("keychain".into())
            .spawn(move || {
                let mut jobs = JobIter { shared, me };
                work(&mut jobs);
            })
            .map_err(|error| StoreError::Unavailable {
                reason: error.kind().to_string(),
            })?;
        state.thread = Some(me);
        state.stage = Stage::Waiting;
        Ok(())
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.shared.state().closed = true;
        self.shared.news.notify_all();
    }
}

/// The thread's end of the queue.
struct JobIter {
    shared: Arc<Shared>,
    me: u64,
}

impl Iterator for JobIter {
    type Item = ActiveJob;

    fn next(&mut self) -> Option<ActiveJob> {
        let mut state = self.shared.state();
        loop {
            if state.closed || state.thread != Some(self.me) {
                return None;
            }
            state.stage = Stage::Waiting;
            match state.jobs.pop_front() {
                // A caller that gave up before its call began must not see the call executed later.
                Some(job) if job.done.is_closed() => {}
                Some(job) => {
                    state.stage = Stage::Asking(Instant::now());
                    return Some(ActiveJob {
                        shared: self.shared.clone(),
                        me: self.me,
                        job,
                    });
                }
                None => {
                    state = self
                        .shared
                        .news
                        .wait(state)
                        .unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }
}

/// On all paths out of the thread, also by a panic.
impl Drop for JobIter {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        if state.thread == Some(self.me) {
            state.thread = None;
            state.stage = Stage::Waiting;
            // No thread is left to do them: their callers get an error at once, and the next call starts
            // another thread.
            state.jobs.clear();
        } else {
            state.left_behind -= 1;
        }
    }
}

/// The job that the thread is doing.
pub(super) struct ActiveJob {
    shared: Arc<Shared>,
    me: u64,
    job: Job,
}

impl ActiveJob {
    pub(super) fn call(&self) -> &Call {
        &self.job.call
    }

    /// Runs a change of the keychain, unless the caller has given up meanwhile or this thread was abandoned.
    pub(super) fn change<T>(&self, change: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        if self.job.done.is_closed() {
            return Err(StoreError::TimedOut);
        }
        self.tidy(change)
    }

    /// Removes this job's own record, even if the caller has given up meanwhile; not on an abandoned thread.
    pub(super) fn tidy<T>(&self, change: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        {
            let mut state = self.shared.state();
            if state.thread != Some(self.me) {
                return Err(StoreError::TimedOut);
            }
            state.stage = Stage::Changing;
        }
        let outcome = change();
        let mut state = self.shared.state();
        if state.thread == Some(self.me) {
            state.stage = Stage::Asking(Instant::now());
        }
        outcome
    }

    pub(super) fn done(self, outcome: Result<Bytes, StoreError>) {
        let _ = self.job.done.send(outcome);
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
