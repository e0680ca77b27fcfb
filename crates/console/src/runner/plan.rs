//! One plan, from its review to its results: the change set, the results and the state of its run. Owns the
//! run's transitions. Must never write to a server: [`super::run`] does.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use changes::{ChangeSet, Outcome, Outcomes, Source, Title, UserChanges};
use ids::PlanId;
use tokio::sync::watch;

use crate::account_files::WritePermission;
use crate::error::{AppError, ErrorCode};
use crate::plan_store::Records;
use crate::wire::{self, Organization, PlanLine, PlanProgress, PlanView, PlanWindow};

/// Most lines in a window.
const MAX_WINDOW: u32 = 500;
/// Shortest time between two progress events to the UI.
const EMIT_EVERY: Duration = Duration::from_millis(100);

/// State of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunState {
    /// Not started.
    Ready,
    /// People are being read and written.
    Running,
    /// Paused: no further person is started.
    Paused {
        /// The reason if the run paused by itself, in which case it also continues by itself; `None` if a
        /// person paused it.
        waiting: Option<AppError>,
    },
    /// Ends after the people being written now.
    Stopping,
    /// Ended, by itself or by "Stop".
    Finished,
}

/// A plan. Shared by its run and the UI's requests.
pub struct Plan {
    view: PlanView,
    set: Arc<ChangeSet>,
    made_at: i64,
    /// Of its file, until it is revoked; without it, results are recorded in memory only.
    file: Option<WritePermission>,
    outcomes: Mutex<Outcomes<AppError>>,
    state: watch::Sender<RunState>,
    /// Set and read by transitions only: no run begins after it is set.
    closed: AtomicBool,
    /// The error for which the run was stopped: the one it waited for, or the one that ended it.
    stopped: Mutex<Option<AppError>>,
    emitted: Mutex<Instant>,
    /// Users being read and written now.
    in_flight: AtomicUsize,
    /// How often the servers were unreachable and answered again.
    outages: AtomicU64,
    /// Held by the task that probes whether the servers answer again.
    pub(super) probing: tokio::sync::Mutex<()>,
}

/// Counts a user as being written until it is dropped.
pub(super) struct InFlight<'a>(&'a AtomicUsize);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Plan {
    /// A new plan or one read from disk, with its results so far. It starts in the review if no change has a
    /// result, otherwise as finished. `made_at` is in milliseconds since 1970 (UTC).
    pub fn new(
        id: PlanId,
        organization: Organization,
        set: Arc<ChangeSet>,
        outcomes: Outcomes<AppError>,
        made_at: i64,
        file: Option<WritePermission>,
    ) -> Self {
        let state = match outcomes.is_empty() {
            true => RunState::Ready,
            false => RunState::Finished,
        };
        Self {
            view: view_of(id, organization, &set),
            set,
            made_at,
            file,
            outcomes: Mutex::new(outcomes),
            state: watch::Sender::new(state),
            closed: AtomicBool::new(false),
            stopped: Mutex::default(),
            emitted: Mutex::new(Instant::now()),
            in_flight: AtomicUsize::new(0),
            outages: AtomicU64::new(0),
            probing: tokio::sync::Mutex::default(),
        }
    }

    /// Its id.
    pub fn id(&self) -> &PlanId {
        &self.view.id
    }

    /// The change set for the review.
    pub fn view(&self) -> &PlanView {
        &self.view
    }

    /// The change set.
    pub fn set(&self) -> &ChangeSet {
        &self.set
    }

    /// When it was made, in milliseconds since 1970 (UTC).
    pub fn made_at(&self) -> i64 {
        self.made_at
    }

    /// Whether its file is on disk: until a sign-in that is not kept removes it.
    pub fn has_file(&self) -> bool {
        self.file.as_ref().is_some_and(WritePermission::is_kept)
    }

    fn outcomes(&self) -> MutexGuard<'_, Outcomes<AppError>> {
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The result of a change.
    pub fn outcome(&self, change: u32) -> Option<Outcome<AppError>> {
        self.outcomes().get(change).cloned()
    }

    /// A window of lines, at most 500; only failed ones if `failed_only`.
    pub fn window(&self, offset: u32, limit: u32, failed_only: bool) -> PlanWindow {
        let limit = limit.min(MAX_WINDOW) as usize;
        let outcomes = self.outcomes();
        let line = |at: u32| PlanLine::of(&self.set, at, outcomes.get(at));
        let count = self.set.len();
        let lines = if failed_only {
            (0..count)
                .filter(|at| matches!(outcomes.get(*at), Some(Outcome::Failed { .. })))
                .skip(offset as usize)
                .take(limit)
                .filter_map(line)
                .collect()
        } else {
            (offset..count).take(limit).filter_map(line).collect()
        };
        PlanWindow { offset, lines }
    }

    /// Run state and lines counted by outcome.
    pub fn progress(&self) -> PlanProgress {
        let counts = self.outcomes().counts();
        let (state, waiting) = match &*self.state.borrow() {
            RunState::Ready => (wire::RunState::Ready, None),
            RunState::Running => (wire::RunState::Running, None),
            RunState::Paused { waiting } => (wire::RunState::Paused, waiting.clone()),
            RunState::Stopping => (wire::RunState::Stopping, None),
            RunState::Finished => (wire::RunState::Finished, None),
        };
        PlanProgress {
            id: self.view.id.clone(),
            state,
            total: self.view.checked,
            done: counts.done(),
            applied: counts.applied,
            unchanged: counts.unchanged,
            blocked: counts.blocked,
            failed: counts.failed,
            left: counts.left(self.view.checked),
            changed_meanwhile: counts.changed_meanwhile,
            waiting,
            stopped: self.stopped_because(),
            stored: self.has_file(),
        }
    }

    /// Whether a change is left to try.
    pub fn is_unfinished(&self) -> bool {
        self.outcomes().counts().left(self.view.checked) > 0
    }

    /// The error for which the run was stopped: the one it waited for, or the one that ended it.
    pub fn stopped_because(&self) -> Option<AppError> {
        self.stopped
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    // ---- the run
    // -------------------------------------------------------------------------------------------------

    /// Whether a run is under way, including a paused one.
    pub fn is_running(&self) -> bool {
        !matches!(*self.state.borrow(), RunState::Ready | RunState::Finished)
    }

    /// Whether a user is being written, or may be at any moment. False while the run waits for a sign-in:
    /// nothing can be sent then.
    pub fn is_writing(&self) -> bool {
        let signed_out = matches!(
            &*self.state.borrow(),
            RunState::Paused { waiting: Some(error) } if error.code == ErrorCode::SessionEnded
        );
        self.is_running() && !(signed_out && self.in_flight.load(Ordering::SeqCst) == 0)
    }

    /// Pauses between two users. A waiting run no longer continues by itself.
    pub fn pause(&self) {
        self.transition(|state| {
            matches!(state, RunState::Running | RunState::Paused { waiting: Some(_) })
                .then_some(RunState::Paused { waiting: None })
        });
    }

    /// Continues. A waiting run tries at once.
    pub fn resume(&self) {
        self.transition(|state| matches!(state, RunState::Paused { .. }).then_some(RunState::Running));
    }

    /// Stops after the users being written now. Written changes stay.
    pub fn stop(&self) {
        self.transition(|state| match state {
            RunState::Paused { waiting: Some(error) } => {
                self.stop_for(error.clone());
                Some(RunState::Stopping)
            }
            RunState::Running | RunState::Paused { .. } => Some(RunState::Stopping),
            _ => None,
        });
    }

    /// Stops by the run itself because of `error`, which replaces an error that the run waited for.
    pub(super) fn stop_because(&self, error: &AppError) {
        self.transition(|state| match state {
            RunState::Running | RunState::Paused { .. } => {
                self.stop_for(error.clone());
                Some(RunState::Stopping)
            }
            _ => None,
        });
    }

    fn stop_for(&self, error: AppError) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    /// Closes the plan: no run can begin any more, because nothing could stop it. Returns false if one is
    /// under way.
    pub fn close(&self) -> bool {
        let mut closed = false;
        self.transition(|state| {
            closed = matches!(state, RunState::Ready | RunState::Finished);
            self.closed.fetch_or(closed, Ordering::SeqCst);
            None
        });
        closed
    }

    /// Whether it was closed.
    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// Begins a run, which counts as writing from now on. Returns the state before; `None` if a run is under
    /// way or the plan was closed.
    pub(super) fn start(&self) -> Option<RunState> {
        let mut before = None;
        self.transition(|state| {
            let may_start = matches!(state, RunState::Ready | RunState::Finished) && !self.is_closed();
            before = may_start.then(|| state.clone());
            may_start.then_some(RunState::Running)
        });
        before
    }

    /// Takes back a start that came to nothing.
    pub(super) fn take_back(&self, before: RunState) {
        self.state.send_replace(before);
    }

    /// Pauses the run until the servers answer; it then continues by itself.
    pub(super) fn wait_for(&self, error: &AppError) {
        self.transition(|state| {
            let waiting = Some(error.clone());
            match state {
                RunState::Running => Some(RunState::Paused { waiting }),
                RunState::Paused {
                    waiting: Some(before),
                } if before != error => Some(RunState::Paused { waiting }),
                _ => None,
            }
        });
    }

    /// The servers answer again: a waiting run continues.
    pub(super) fn end_wait(&self) {
        self.transition(|state| {
            matches!(state, RunState::Paused { waiting: Some(_) }).then_some(RunState::Running)
        });
    }

    /// How often the servers were unreachable and answered again. A request that began before this number
    /// changed may have failed for that reason.
    pub(super) fn outages(&self) -> u64 {
        self.outages.load(Ordering::SeqCst)
    }

    /// Counts an outage that has ended.
    pub(super) fn count_outage(&self) {
        self.outages.fetch_add(1, Ordering::SeqCst);
    }

    /// Marks the run as ended, for whatever reason. Changes that it did not try again get their `earlier`
    /// results back.
    pub(super) fn finish(&self, earlier: &Records) {
        self.outcomes().put_back(earlier);
        self.state.send_replace(RunState::Finished);
    }

    fn transition(&self, next: impl FnOnce(&RunState) -> Option<RunState>) -> bool {
        self.state.send_if_modified(|state| match next(state) {
            Some(next) => {
                *state = next;
                true
            }
            None => false,
        })
    }

    /// The run's state, for watching.
    pub(super) fn state(&self) -> watch::Receiver<RunState> {
        self.state.subscribe()
    }

    /// Waits until no run is under way.
    pub async fn ended(&self) {
        let mut state = self.state.subscribe();
        let _ = state
            .wait_for(|state| matches!(state, RunState::Ready | RunState::Finished))
            .await;
    }

    /// Counts a user as being written.
    pub(super) fn count_in_flight(&self) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::SeqCst);
        InFlight(&self.in_flight)
    }

    /// The changes that a run tries, by user, reset to "not tried"; and their earlier results. The reason for
    /// which an earlier run was stopped is forgotten.
    pub(super) fn take_pending(&self) -> (Vec<UserChanges>, Records) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.outcomes().take_pending(&self.set)
    }

    /// Takes over what another program recorded of the changes that are left to try.
    pub(super) fn fill_from(&self, recorded: &Outcomes<AppError>) {
        self.outcomes().fill_from(recorded);
    }

    /// Records the result of some changes.
    pub(super) fn record_outcome(&self, records: &Records) {
        let mut outcomes = self.outcomes();
        for (changes, outcome) in records {
            outcomes.record(changes, outcome);
        }
    }

    /// The changes of `changes` that have no result.
    pub(super) fn unrecorded(&self, changes: &[u32]) -> Vec<u32> {
        let outcomes = self.outcomes();
        let is_open = |change: &u32| outcomes.get(*change).is_none();
        changes.iter().copied().filter(is_open).collect()
    }

    /// Whether a progress event is due.
    pub(super) fn is_due(&self, always: bool) -> bool {
        let mut emitted = self.emitted.lock().unwrap_or_else(PoisonError::into_inner);
        let due = always || emitted.elapsed() >= EMIT_EVERY;
        if due {
            *emitted = Instant::now();
        }
        due
    }
}

/// What the review shows of a change set.
fn view_of(id: PlanId, organization: Organization, set: &ChangeSet) -> PlanView {
    let predicted = set.predicted();
    // A later version's title is read as this one, and can be about many users.
    let user = match set.title {
        Title::EditGroupsOfUser if set.users.len() == 1 => set.users.user(0),
        Title::EditGroupsOfUser | Title::AddToGroups | Title::RemoveFromGroups => None,
    };
    PlanView {
        id,
        organization,
        verb: set.title.into(),
        groups: set.groups.iter().map(|group| group.clone().into()).collect(),
        user: user.map(Into::into),
        adds: predicted.adds,
        removes: predicted.removes,
        unchanged: predicted.unchanged,
        blocked: predicted.blocked,
        checked: predicted.checked,
        lines: set.len(),
        as_of: set.as_of,
        may_miss_users: set.source == Source::MatchingIncomplete,
    }
}
