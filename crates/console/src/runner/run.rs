//! Applies a plan: reads all of its users, writes where needed, records a result for each line, and waits
//! while the servers can't be reached or ask for a pause. Must never record "failed" for a user who was not
//! tried, nor write one user from two tasks or without holding their lock.

use std::collections::{BTreeSet, HashMap};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use changes::{BlockedReason, Delta, GroupRef, Outcome, Prediction, UserChanges};
use futures::{FutureExt as _, StreamExt as _};
use ids::{GroupId, PlanId, UserId};
use tokio_util::sync::CancellationToken;

use super::plan::{Plan, RunState};
use crate::error::{AppError, ErrorCode};
use crate::plan_store::{Claim, Records};
use crate::writers::membership::{Scope, Sent, WriteError, Written};

/// Users processed at the same time. Each takes one read, one write and one read-back.
const AT_ONCE: usize = 4;
/// Attempts for a user who can't be read or written although the servers answer.
const TRIES: u32 = 2;
/// First wait before the servers are asked again; it doubles with each attempt.
const RETRY_FIRST: Duration = Duration::from_secs(1);
/// Longest wait, unless the server asks for a longer one.
const RETRY_MOST: Duration = Duration::from_secs(30);
/// The wait for a sign-in: checking for one costs no request.
const RETRY_SIGN_IN: Duration = Duration::from_secs(2);
/// Longest wait that a server may ask for.
const RETRY_ASKED: Duration = Duration::from_secs(300);
/// How long a stop waits for the users being written. Two requests at their time limit (`Limits::total`) take
/// longer and are abandoned.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// A page of all users with their memberships.
pub struct MembershipPage {
    /// Total number of users that the server reports.
    pub count: u64,
    /// Each user with their groups.
    pub people: Vec<(String, Vec<GroupId>)>,
}

/// What a run needs from the organization that it writes to.
#[async_trait]
pub trait Writer: Send + Sync + 'static {
    /// The lock of a user, held until it is dropped.
    type Lock: Send;
    /// Waits until no task reads or writes this user for the lists, and no other program writes them.
    ///
    /// Fails if another program holds the user for too long.
    async fn lock(&self, user: &UserId) -> Result<Self::Lock, WriteError>;
    /// Reads a user, and writes if the delta needs it. The caller holds the user's lock.
    async fn write(&self, user: &UserId, delta: &Delta) -> Result<Written, WriteError>;
    /// Reads back a user whose write was not read back. The caller holds the user's lock.
    async fn read_back(&self, user: &UserId, delta: &Delta, sent: &Sent) -> Result<Written, WriteError>;
    /// Asks both servers about a user whom the printing server does not know, and updates the lists.
    async fn look_again(&self, user: &UserId);
    /// Whether the servers answer a request that is about no user.
    async fn reachable(&self) -> Result<(), WriteError>;
    /// Why no membership in a group can be changed, as the server tells now; `None` if it can.
    async fn group_blocked(&self, group: &GroupId) -> Result<Option<BlockedReason>, WriteError>;
    /// A page of all users with their memberships.
    async fn page(&self, offset: u64) -> Result<MembershipPage, WriteError>;
    /// Groups by id and name.
    fn named(&self, groups: &[GroupId]) -> Vec<GroupRef>;
    /// Records results on disk.
    async fn record(&self, plan: &PlanId, records: &Records);
    /// Tells the UI about a plan's progress.
    fn emit_progress(&self, plan: &PlanId);
    /// Tells the UI that the list of plans has changed.
    fn emit_plans(&self);
    /// Cancelled when the organization is left.
    fn left(&self) -> &CancellationToken;
}

/// Starts a run; results are recorded line by line. Also tries the lines again that failed or were not tried
/// in an earlier run, of this program or another one. Waits for `claim` first, and holds it until the run
/// ends.
///
/// # Errors
/// [`ErrorCode::PlanEmpty`] if no line is left to try, [`ErrorCode::ChangesRunning`] if a run is under way,
/// [`ErrorCode::PlanGone`] if the plan was closed, [`ErrorCode::OrganizationChanged`] if the organization is
/// left meanwhile, and what `claim` fails with.
pub async fn apply<W: Writer>(
    writer: Arc<W>,
    plan: &Arc<Plan>,
    claim: impl Future<Output = Result<Option<Claim>, AppError>>,
) -> Result<(), AppError> {
    if plan.is_running() {
        return Err(ErrorCode::ChangesRunning.into());
    }
    if !plan.is_unfinished() {
        return Err(ErrorCode::PlanEmpty.into());
    }
    let Some(before) = plan.start() else {
        return Err(match plan.is_closed() {
            true => ErrorCode::PlanGone.into(),
            false => ErrorCode::ChangesRunning.into(),
        });
    };
    let mut started = Started {
        plan,
        before: Some(before),
    };
    let claim = claim.await?;
    if let Some(claim) = &claim {
        plan.fill_from(&claim.outcomes);
    }
    if writer.left().is_cancelled() {
        return Err(ErrorCode::OrganizationChanged.into());
    }
    if !plan.is_unfinished() {
        started.before = Some(RunState::Finished);
        drop(started);
        writer.emit_progress(plan.id());
        writer.emit_plans();
        return Err(ErrorCode::PlanEmpty.into());
    }
    started.before = None;
    let run = Run {
        writer,
        plan: Arc::clone(plan),
        gone: Mutex::default(),
    };
    // From here on the guard ends the run on every path.
    let mut finish = FinishOnDrop {
        plan: Arc::clone(plan),
        earlier: Records::new(),
        claim,
    };
    let (pending, earlier) = plan.take_pending();
    finish.earlier = earlier;
    run.emit_progress(true);
    tokio::spawn(async move {
        run.all(pending).await;
        drop(finish);
        run.emit_progress(true);
        run.writer.emit_plans();
    });
    Ok(())
}

/// A started run that is taken back when this is dropped, unless it goes on.
struct Started<'a> {
    plan: &'a Plan,
    /// `None` if it goes on.
    before: Option<RunState>,
}

impl Drop for Started<'_> {
    fn drop(&mut self) {
        if let Some(before) = self.before.take() {
            self.plan.take_back(before);
        }
    }
}

/// Stops runs after the users being written now, and waits at most 30 s for these.
pub async fn stop_runs(plans: Vec<Arc<Plan>>) {
    for plan in &plans {
        plan.stop();
    }
    let ended = futures::future::join_all(plans.iter().map(|plan| plan.ended()));
    if tokio::time::timeout(STOP_LIMIT, ended).await.is_err() {
        tracing::warn!("a run did not end in time and is abandoned");
    }
}

/// Ends a run when it is dropped, also by a panic.
struct FinishOnDrop {
    plan: Arc<Plan>,
    /// The results before the run of the changes that it tries again.
    earlier: Records,
    claim: Option<Claim>,
}

impl Drop for FinishOnDrop {
    fn drop(&mut self) {
        // Before the run counts as ended: the next one would find the plan claimed.
        self.claim = None;
        self.plan.finish(&self.earlier);
    }
}

/// Continues a run that waits for the servers when it is dropped, also by a panic: the tasks that wait for
/// this do not ask the servers themselves.
struct EndWaitOnDrop<'a>(&'a Plan);

impl Drop for EndWaitOnDrop<'_> {
    fn drop(&mut self) {
        self.0.end_wait();
    }
}

struct Run<W> {
    writer: Arc<W>,
    plan: Arc<Plan>,
    /// Groups of the plan that the server no longer has, by their indexes.
    gone: Mutex<BTreeSet<u16>>,
}

/// Result of a wait for the servers.
enum Waited {
    /// They answered at once.
    Answered,
    /// They answer again after a wait.
    Again,
    /// The run was stopped, or the organization was left.
    Stopped,
}

impl<W: Writer> Run<W> {
    async fn all(&self, pending: Vec<UserChanges>) {
        let pending = self.check_groups(pending).await;
        let pending = self.check_pages(pending).await;
        futures::stream::iter(pending)
            .for_each_concurrent(AT_ONCE, |(person, lines)| async move {
                let tried = AssertUnwindSafe(self.person(person, &lines)).catch_unwind().await;
                if tried.is_err() {
                    tracing::error!("the write of a person panicked");
                    let lines = self.plan.unrecorded(&lines);
                    let error = ErrorCode::OutcomeUnknown.into();
                    self.record_outcome(&vec![(lines, Outcome::Failed { error })])
                        .await;
                }
            })
            .await;
    }

    /// Asks the server for groups that the lists do not contain. Lines whose group can't be changed get that
    /// result and are left out.
    async fn check_groups(&self, mut pending: Vec<UserChanges>) -> Vec<UserChanges> {
        let set = self.plan.set();
        for at in set.unknown_groups(&pending) {
            let Some(group) = set.groups.get(usize::from(at)) else {
                continue;
            };
            let asked = self.ask(|| self.writer.group_blocked(&group.id)).await;
            let Some(reason) = asked.flatten() else { continue };
            let mut blocked = Vec::new();
            for (_, lines) in &mut pending {
                lines.retain(|line| {
                    let about = set.change(*line).is_some_and(|change| change.group == at);
                    if about {
                        blocked.push(*line);
                    }
                    !about
                });
            }
            self.record_outcome(&vec![(blocked, Outcome::Blocked { reason })])
                .await;
        }
        pending.retain(|(_, lines)| !lines.is_empty());
        pending
    }

    /// Reads all users by pages if that takes fewer requests than reading each user who needs no change.
    /// Returns the users that are left: those to write, and those in no page.
    async fn check_pages(&self, pending: Vec<UserChanges>) -> Vec<UserChanges> {
        let set = self.plan.set();
        let is_change = |line: &u32| {
            set.change(*line)
                .is_some_and(|change| change.prediction() == Prediction::Change)
        };
        let only_read = pending
            .iter()
            .filter(|(_, lines)| !lines.iter().any(is_change))
            .count() as u64;
        if only_read < 2 {
            return pending;
        }
        let Some(first) = self.ask(|| self.writer.page(0)).await else {
            return pending;
        };
        let stride = (first.people.len() as u64).max(1);
        if first.count.div_ceil(stride) >= only_read {
            return pending;
        }
        let mut left: HashMap<&str, UserChanges> = HashMap::with_capacity(pending.len());
        let mut order = Vec::with_capacity(pending.len());
        for (person, lines) in pending {
            let [id, ..] = set.users.get(person);
            order.push(id);
            left.insert(id, (person, lines));
        }
        let offsets = (1..first.count.div_ceil(stride)).map(|page| page * stride);
        let others = futures::stream::iter(offsets)
            .map(|offset| self.ask(move || self.writer.page(offset)))
            .buffer_unordered(AT_ONCE);
        let mut pages = std::pin::pin!(futures::stream::iter([Some(first)]).chain(others));
        while let Some(page) = pages.next().await {
            // The users of a page that failed are read one by one.
            let Some(page) = page else { continue };
            let mut unchanged = Vec::new();
            for (id, groups) in &page.people {
                let as_asked = left
                    .get(id.as_str())
                    .is_some_and(|(_, lines)| set.is_met_by(lines, groups));
                if as_asked && let Some((_, lines)) = left.remove(id.as_str()) {
                    unchanged.extend(lines);
                }
            }
            self.record_outcome(&vec![(unchanged, Outcome::Unchanged)]).await;
        }
        order.into_iter().filter_map(|id| left.remove(id)).collect()
    }

    /// Repeats `ask` until there is an answer or the run is stopped. `None` also for an answer that is of no
    /// use.
    async fn ask<T, F>(&self, ask: impl Fn() -> F) -> Option<T>
    where
        F: Future<Output = Result<T, WriteError>>,
    {
        let mut tries = 0;
        while self.may_go_on().await {
            let outages = self.plan.outages();
            match self.unless_stopped(ask()).await? {
                Ok(answer) => return Some(answer),
                Err(error) => match self.after(&error, outages).await {
                    Some(Waited::Again) => {}
                    Some(Waited::Answered) if tries + 1 < TRIES => tries += 1,
                    _ => return None,
                },
            }
        }
        None
    }

    /// Reads one user, and writes if needed.
    async fn person(&self, person: u32, lines: &[u32]) {
        let set = self.plan.set();
        let Some(user) = set.users.id(person) else {
            return;
        };
        let mut lines = self.without_gone_groups(lines).await;
        if lines.is_empty() {
            return;
        }
        let mut delta = set.delta(&lines);
        let mut tries = 0;
        let mut anew = false;
        let mut unread: Option<Sent> = None;
        while self.may_go_on().await {
            let outages = self.plan.outages();
            let written = {
                let _in_flight = self.plan.count_in_flight();
                // Another read of the user may hold the lock as long as the server asks to wait.
                let Some(lock) = self.unless_stopped(self.writer.lock(&user)).await else {
                    break;
                };
                match (lock, &unread) {
                    (Err(error), _) => Err(error),
                    (Ok(_lock), None) => self.writer.write(&user, &delta).await,
                    (Ok(_lock), Some(sent)) => self.writer.read_back(&user, &delta, sent).await,
                }
            };
            let error = match written {
                Ok(written) => return self.record_written(&lines, &written).await,
                Err(error) => error,
            };
            tracing::warn!(error = ?error.error, "a person's groups could not be written");
            // The server refuses the whole list if one of its groups no longer exists: nothing was written.
            if !error.gone_groups.is_empty() {
                self.learn_gone_groups(&error.gone_groups);
                let left = self.without_gone_groups(&lines).await;
                if left.is_empty() {
                    return;
                }
                if left.len() < lines.len() {
                    lines = left;
                    delta = set.delta(&lines);
                    continue;
                }
            }
            if unread.is_some() && error.error.code == ErrorCode::OutcomeUnknown && !anew {
                // The lost write was not made. A new read decides again.
                anew = true;
                unread = None;
                continue;
            }
            if error.sent.is_some() {
                unread.clone_from(&error.sent);
            }
            let failed = match self.after(&error, outages).await {
                None => true,
                Some(Waited::Answered) => {
                    tries += 1;
                    tries >= TRIES
                }
                Some(Waited::Again | Waited::Stopped) => false,
            };
            if !failed {
                continue;
            }
            let gone = error.error.code == ErrorCode::UserGone;
            match &unread {
                // The sent write may have been made: a refused later read does not say that it was not.
                Some(sent) if !gone => self.record_unread(&lines, sent, &unknown(&error.error)).await,
                _ => {
                    let before = error.before.as_deref();
                    let records = set.failures(&lines, error.error.clone(), gone, before);
                    self.record_outcome(&records).await;
                }
            }
            if gone {
                self.unless_stopped(self.writer.look_again(&user)).await;
            }
            return;
        }
        // The run was stopped. Users to whom nothing was sent stay "not tried".
        if let Some(sent) = &unread {
            self.record_unread(&lines, sent, &ErrorCode::OutcomeUnknown.into())
                .await;
        }
    }

    fn learn_gone_groups(&self, ids: &[GroupId]) {
        let groups = (0_u16..).zip(&self.plan.set().groups);
        let gone = groups.filter(|(_, group)| ids.contains(&group.id));
        self.gone().extend(gone.map(|(at, _)| at));
    }

    /// The lines except those that add to a group that no longer exists: these can't be changed.
    async fn without_gone_groups(&self, lines: &[u32]) -> Vec<u32> {
        let set = self.plan.set();
        let (blocked, left): (Vec<u32>, Vec<u32>) = {
            let gone = self.gone();
            let is_gone = |line: &u32| {
                let change = set.change(*line);
                change.is_some_and(|change| change.is_adding() && gone.contains(&change.group))
            };
            lines.iter().partition(|line| is_gone(line))
        };
        let reason = BlockedReason::GroupGone;
        self.record_outcome(&vec![(blocked, Outcome::Blocked { reason })])
            .await;
        left
    }

    fn gone(&self) -> std::sync::MutexGuard<'_, BTreeSet<u16>> {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn record_written(&self, lines: &[u32], written: &Written) {
        let appeared = self.writer.named(&written.appeared);
        let vanished = self.writer.named(&written.vanished);
        let set = self.plan.set();
        let records = set.outcomes(lines, &written.before, appeared, vanished);
        self.record_outcome(&records).await;
    }

    /// Records a write that was sent and is not read back any more: by its reply, or as `unknown`.
    async fn record_unread(&self, lines: &[u32], sent: &Sent, unknown: &AppError) {
        match sent.as_replied() {
            Some(written) => self.record_written(lines, &written).await,
            None => {
                let set = self.plan.set();
                let records = set.failures(lines, unknown.clone(), false, Some(&sent.before));
                self.record_outcome(&records).await;
            }
        }
    }

    /// What a failure means for the run; `None` if it concerns this user only. `outages` is [`Plan::outages`]
    /// as it was before the failed request.
    async fn after(&self, error: &WriteError, outages: u64) -> Option<Waited> {
        match error.scope {
            Scope::Person => None,
            Scope::Organization => {
                self.plan.stop_because(&error.error);
                Some(Waited::Stopped)
            }
            Scope::Everybody => Some(self.wait_until_reachable(outages).await),
        }
    }

    /// Waits while the run is paused. Returns false if it was stopped or the organization was left.
    async fn may_go_on(&self) -> bool {
        let mut state = self.plan.state();
        tokio::select! {
            // Checked first: after the organization was left, no user is begun in any state.
            biased;
            () = self.writer.left().cancelled() => false,
            state = state.wait_for(|state| !matches!(state, RunState::Paused { .. })) => {
                state.is_ok_and(|state| *state == RunState::Running)
            }
        }
    }

    /// The answer of a read; `None` if the run is stopped or the organization is left before it comes.
    async fn unless_stopped<T>(&self, read: impl Future<Output = T>) -> Option<T> {
        let mut state = self.plan.state();
        let stopped = |state: &RunState| matches!(state, RunState::Stopping | RunState::Finished);
        tokio::select! {
            biased;
            () = self.writer.left().cancelled() => None,
            _ = state.wait_for(stopped) => None,
            answer = read => Some(answer),
        }
    }

    /// Pauses the run until the servers answer, unless they do at once.
    async fn wait_until_reachable(&self, outages: u64) -> Waited {
        let _alone = self.plan.probing.lock().await;
        if self.plan.outages() != outages {
            // Another task has waited for the end of this outage.
            return Waited::Again;
        }
        let end_wait = EndWaitOnDrop(&self.plan);
        let mut state = self.plan.state();
        let mut wait = RETRY_FIRST;
        let mut waited = false;
        loop {
            let error = match self.unless_stopped(self.writer.reachable()).await {
                None => return Waited::Stopped,
                Some(Ok(())) => break,
                Some(Err(now)) if now.scope == Scope::Organization => {
                    self.plan.stop_because(&now.error);
                    return Waited::Stopped;
                }
                Some(Err(now)) => now.error,
            };
            if !waited {
                tracing::warn!(?error, "the run waits for the servers");
            }
            waited = true;
            self.plan.wait_for(&error);
            self.emit_progress(true);
            let by_itself = |state: &RunState| matches!(state, RunState::Paused { waiting: Some(_) });
            tokio::select! {
                biased;
                () = self.writer.left().cancelled() => return Waited::Stopped,
                _ = state.wait_for(|state| !by_itself(state)) => {}
                () = tokio::time::sleep(wait_before(&error, wait)) => {}
            }
            wait = (wait * 2).min(RETRY_MOST);
            if !self.may_try(&mut state).await {
                return Waited::Stopped;
            }
        }
        if !waited {
            return Waited::Answered;
        }
        tracing::info!("the servers answer again");
        self.plan.count_outage();
        drop(end_wait);
        self.emit_progress(true);
        Waited::Again
    }

    /// Waits while a person has paused the run. Returns false if it was stopped or the organization was left.
    async fn may_try(&self, state: &mut tokio::sync::watch::Receiver<RunState>) -> bool {
        tokio::select! {
            biased;
            () = self.writer.left().cancelled() => false,
            state = state.wait_for(|state| *state != RunState::Paused { waiting: None }) => {
                state.is_ok_and(|state| !matches!(*state, RunState::Stopping | RunState::Finished))
            }
        }
    }

    async fn record_outcome(&self, records: &Records) {
        if records.iter().all(|(lines, _)| lines.is_empty()) {
            return;
        }
        self.plan.record_outcome(records);
        if self.plan.has_file() {
            self.writer.record(self.plan.id(), records).await;
        }
        self.emit_progress(false);
    }

    fn emit_progress(&self, always: bool) {
        if self.plan.is_due(always) {
            self.writer.emit_progress(self.plan.id());
        }
    }
}

/// The error for a write of unknown outcome, with the error of the read that was to tell it.
fn unknown(read: &AppError) -> AppError {
    AppError {
        code: ErrorCode::OutcomeUnknown,
        ..read.clone()
    }
}

fn wait_before(error: &AppError, wait: Duration) -> Duration {
    match error.code {
        ErrorCode::RateLimited {
            seconds: Some(seconds),
        } => wait.max(Duration::from_secs(seconds.into())).min(RETRY_ASKED),
        ErrorCode::SessionEnded => wait.min(RETRY_SIGN_IN),
        _ => wait,
    }
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
