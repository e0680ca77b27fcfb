//! The calls that wait for the keychain's thread, and the thread's life. Must never let a call happen that its caller
//! has given up, nor let a thread change anything that was left behind.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::store::error::StoreError;
use crate::store::lock::RecordLock;
use crate::store::record::RecordName;

/// Threads that hang at the same time; after so many, calls time out without another.
const LEFT_BEHIND: usize = 3;

/// What a call reads, if there is something.
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

/// The jobs and the one thread that does them. Dropping it lets the thread end.
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
    /// The thread whose turn it is; every other one is left behind.
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
    /// Something that changes nothing, since then: opening, searching, asking the person for a password, reading.
    Asking(Instant),
    /// Writing or deleting.
    Changing,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // A panic while it was held leaves plain values; none of them is half written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// Queues a job, and starts a thread that runs `work` where there is none, or where the one there is hangs longer
    /// than `limit` in something that changes nothing.
    pub(super) fn give(
        &self,
        job: Job,
        limit: Duration,
        work: fn(&mut dyn Iterator<Item = Turn>),
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
                let mut turns = Turns { shared, me };
                work(&mut turns);
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
struct Turns {
    shared: Arc<Shared>,
    me: u64,
}

impl Iterator for Turns {
    type Item = Turn;

    fn next(&mut self) -> Option<Turn> {
        let mut state = self.shared.state();
        loop {
            if state.closed || state.thread != Some(self.me) {
                return None;
            }
            state.stage = Stage::Waiting;
            match state.jobs.pop_front() {
                // Whoever gave up on a call that had not begun must not see it happen later.
                Some(job) if job.done.is_closed() => {}
                Some(job) => {
                    state.stage = Stage::Asking(Instant::now());
                    return Some(Turn {
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

/// On every way out of the thread, a panic's too.
impl Drop for Turns {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        if state.thread == Some(self.me) {
            state.thread = None;
            state.stage = Stage::Waiting;
            // Nobody is left to do them: their callers are told at once, and the next call starts another thread.
            state.jobs.clear();
        } else {
            state.left_behind -= 1;
        }
    }
}

/// One job in the thread's hands.
pub(super) struct Turn {
    shared: Arc<Shared>,
    me: u64,
    job: Job,
}

impl Turn {
    pub(super) fn call(&self) -> &Call {
        &self.job.call
    }

    /// Runs what changes the keychain, unless the caller has given up meanwhile or this thread was left behind.
    pub(super) fn change<T>(&self, change: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        if self.job.done.is_closed() {
            return Err(StoreError::TimedOut);
        }
        self.tidy(change)
    }

    /// Removes this job's own record, also if the caller has given up meanwhile; not on a thread that was
    /// abandoned.
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
