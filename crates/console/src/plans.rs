//! Membership changes as plans: made, reviewed, applied with progress, a result for each line (product.md, "A change of membership").
//! Must never write a person by any other way than [`crate::memberships`], and never two tasks at one person.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use directory as dir;
use futures::StreamExt as _;
use tokio::sync::watch;

use crate::awake::{self, Need};
use crate::error::{AppError, ErrorCode, Result};
use crate::memberships::{self, Delta, Written};
use crate::people::MAX_SELECTED;
use crate::wire::{
    AppEvent, BlockedReason, GroupId, GroupRef, MembershipRequest, Organization, Outcome, PlanId, PlanLine,
    PlanProgress, PlanState, PlanSummary, PlanVerb, PlanView, PlanWindow, Planned, Selection, UserId,
};
use crate::workspace::{Touched, Workspace};
use crate::{convert, ids, sync};

/// People written at the same time. Each is one read, one write and one read-back.
const AT_ONCE: usize = 4;
/// The UI is told of progress at most this often.
const TELL_EVERY: Duration = Duration::from_millis(100);
/// Most groups in one request.
const MAX_GROUPS: usize = 1_000;

/// A plan, from its review to its results.
pub struct Plan {
    view: PlanView,
    lines: Mutex<Vec<PlanLine>>,
    gate: watch::Sender<Gate>,
    told: Mutex<Instant>,
    made_at: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gate {
    Ready,
    Open,
    Held,
    Stopping,
    Finished,
}

/// Makes a plan out of what the directory knows; nothing is written.
///
/// Fails with [`ErrorCode::DirectoryNotRead`], and with [`ErrorCode::ArgumentInvalid`] for too many ids or no group.
pub async fn make(workspace: &Workspace, request: &MembershipRequest) -> Result<PlanView> {
    let (verb, users, add, remove): (_, _, &[GroupId], &[GroupId]) = match request {
        MembershipRequest::Add { users, groups } => (PlanVerb::Add, users.clone(), groups, &[]),
        MembershipRequest::Remove { users, groups } => (PlanVerb::Remove, users.clone(), &[], groups),
        MembershipRequest::Edit { user, add, remove } => (
            PlanVerb::Edit,
            Selection::Ids {
                ids: vec![user.clone()],
            },
            add,
            remove,
        ),
    };
    if (add.is_empty() && remove.is_empty()) || add.len() + remove.len() > MAX_GROUPS {
        return Err(ErrorCode::ArgumentInvalid {
            field: "groups".into(),
        }
        .into());
    }
    let mut lines = workspace.read(|directory| {
        let mut lines = Vec::new();
        for user in resolve(directory, &users)? {
            let person = directory.person(&dir::UserId::from(user.as_str()));
            let reference = convert::user_ref(directory, &user);
            for (groups, adding) in [(add, true), (remove, false)] {
                for group in groups {
                    lines.push(PlanLine {
                        user: reference.clone(),
                        group: convert::group_ref(directory, group),
                        planned: planned(directory, person.as_ref(), group, adding),
                        outcome: None,
                    });
                }
            }
        }
        Ok::<_, AppError>(lines)
    })??;
    lines.sort_by_key(|line| match line.planned {
        Planned::Add => 0,
        Planned::Remove => 1,
        Planned::Unchanged => 2,
        Planned::Blocked { .. } => 3,
    });
    let count = |want: fn(&Planned) -> bool| {
        u32::try_from(lines.iter().filter(|line| want(&line.planned)).count()).unwrap_or(u32::MAX)
    };
    let user = match (&verb, lines.first()) {
        (PlanVerb::Edit, Some(line)) => Some(line.user.clone()),
        _ => None,
    };
    let view = PlanView {
        id: PlanId::try_from(format!("plan-{:016x}", rand::random::<u64>()))
            .map_err(|_| AppError::new(ErrorCode::Internal))?,
        organization: workspace.organization.clone(),
        verb,
        groups: workspace.read(|directory| {
            add.iter()
                .chain(remove)
                .map(|group| convert::group_ref(directory, group))
                .collect()
        })?,
        user,
        adds: count(|p| matches!(p, Planned::Add)),
        removes: count(|p| matches!(p, Planned::Remove)),
        unchanged: count(|p| matches!(p, Planned::Unchanged)),
        blocked: count(|p| matches!(p, Planned::Blocked { .. })),
        lines: u32::try_from(lines.len()).unwrap_or(u32::MAX),
    };
    let made_at = sync::now();
    if let Some(journal) = &workspace.journal
        && view.adds + view.removes > 0
    {
        journal.keep(made_at, &view, &lines).await;
    }
    let plan = Plan::new(view.clone(), lines, made_at, Gate::Ready);
    workspace.plans().insert(view.id.clone(), Arc::new(plan));
    workspace.host.emit(AppEvent::Plans);
    Ok(view)
}

/// The plans that are not done with, newest first.
pub fn unfinished(workspace: &Workspace) -> Vec<PlanSummary> {
    let mut plans: Vec<_> = workspace
        .plans()
        .values()
        .map(|plan| (plan, plan.progress()))
        .filter(|(_, progress)| !is_done(progress))
        .map(|(plan, progress)| PlanSummary {
            plan: plan.view.clone(),
            progress,
            made_at: plan.made_at,
        })
        .collect();
    plans.sort_by(|a, b| b.made_at.cmp(&a.made_at).then_with(|| a.plan.id.cmp(&b.plan.id)));
    plans
}

/// The people of a selection, in the order of their names; unknown ones at the end.
fn resolve(directory: &dir::Directory, selection: &Selection) -> Result<Vec<UserId>> {
    match selection {
        Selection::Matching { scope, except } => {
            let except: HashSet<&str> = except.iter().map(UserId::as_str).collect();
            directory
                .matching(&convert::scope(scope)?)
                .iter()
                .filter(|id| !except.contains(id.as_str()))
                .map(|id| ids::wire_user(id.as_str()))
                .collect()
        }
        Selection::Ids { ids } if ids.len() > MAX_SELECTED => Err(ErrorCode::ArgumentInvalid {
            field: "users".into(),
        }
        .into()),
        Selection::Ids { ids } => {
            let mut left: HashSet<&str> = ids.iter().map(UserId::as_str).collect();
            let mut ordered = Vec::with_capacity(ids.len());
            for id in directory.matching(&dir::UserScope::default()) {
                if left.remove(id.as_str()) {
                    ordered.push(ids::wire_user(id.as_str())?);
                }
            }
            let unknown = ids.iter().filter(|id| left.remove(id.as_str())).cloned();
            ordered.extend(unknown);
            Ok(ordered)
        }
    }
}

fn planned(
    directory: &dir::Directory,
    person: Option<&dir::Person>,
    group: &GroupId,
    adding: bool,
) -> Planned {
    let id = dir::GroupId::from(group.as_str());
    let Some(person) = person else {
        return Planned::Blocked {
            reason: BlockedReason::UserGone,
        };
    };
    let member = person.groups.contains(&id);
    let known = directory.group(&id);
    if member == adding {
        return Planned::Unchanged;
    }
    match known {
        // Whom a group lists that is itself not listed can still be taken out of it.
        None if adding => Planned::Blocked {
            reason: BlockedReason::GroupGone,
        },
        Some(info) if info.group.origin == dir::Origin::Azure => Planned::Blocked {
            reason: BlockedReason::SyncedFromAzure,
        },
        _ if person.state == dir::UserState::AccountOnly => Planned::Blocked {
            reason: BlockedReason::NotOnPrintingServer,
        },
        _ if adding => Planned::Add,
        _ => Planned::Remove,
    }
}

fn is_done(progress: &PlanProgress) -> bool {
    progress.applied >= progress.total
}

impl Plan {
    fn new(view: PlanView, lines: Vec<PlanLine>, made_at: i64, gate: Gate) -> Self {
        Self {
            view,
            lines: Mutex::new(lines),
            gate: watch::Sender::new(gate),
            told: Mutex::new(Instant::now()),
            made_at,
        }
    }

    /// A plan as it was kept: reviewed again where nothing was tried, to be gone on with otherwise.
    pub fn restored(view: PlanView, lines: Vec<PlanLine>, made_at: i64) -> Self {
        let tried = lines.iter().any(|line| line.outcome.is_some());
        Self::new(
            view,
            lines,
            made_at,
            if tried { Gate::Finished } else { Gate::Ready },
        )
    }

    /// Its id.
    pub fn id(&self) -> &PlanId {
        &self.view.id
    }

    /// Whether there is something left to write.
    pub fn unfinished(&self) -> bool {
        !is_done(&self.progress())
    }

    fn lines(&self) -> MutexGuard<'_, Vec<PlanLine>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lines for a window, at most 500; only those that failed where asked.
    pub fn window(&self, offset: u32, limit: u32, failed_only: bool) -> PlanWindow {
        let lines = self
            .lines()
            .iter()
            .filter(|line| !failed_only || matches!(line.outcome, Some(Outcome::Failed { .. })))
            .skip(offset as usize)
            .take(limit.min(500) as usize)
            .cloned()
            .collect();
        PlanWindow { offset, lines }
    }

    /// Where it lands.
    pub fn organization(&self) -> &Organization {
        &self.view.organization
    }

    /// Every line.
    pub fn all(&self) -> Vec<PlanLine> {
        self.lines().clone()
    }

    /// How far it has got.
    pub fn progress(&self) -> PlanProgress {
        let mut progress = PlanProgress {
            id: self.view.id.clone(),
            state: match *self.gate.borrow() {
                Gate::Ready => PlanState::Ready,
                Gate::Open | Gate::Stopping => PlanState::Applying,
                Gate::Held => PlanState::Paused,
                Gate::Finished => PlanState::Finished,
            },
            total: self.view.adds + self.view.removes,
            done: 0,
            applied: 0,
            failed: 0,
            changed_meanwhile: 0,
        };
        for line in self.lines().iter() {
            match &line.outcome {
                None => continue,
                Some(Outcome::Applied | Outcome::AlreadySo) => progress.applied += 1,
                Some(Outcome::ChangedMeanwhile { .. }) => {
                    progress.applied += 1;
                    progress.changed_meanwhile += 1;
                }
                Some(Outcome::Failed { .. }) => progress.failed += 1,
            }
            progress.done += 1;
        }
        progress
    }

    /// Whether people are being written, or are about to be.
    pub fn running(&self) -> bool {
        matches!(*self.gate.borrow(), Gate::Open | Gate::Held | Gate::Stopping)
    }

    /// Halts between two people.
    pub fn pause(&self) {
        self.turn(Gate::Open, Gate::Held);
    }

    /// Goes on.
    pub fn resume(&self) {
        self.turn(Gate::Held, Gate::Open);
    }

    /// Ends after the people being written now. What was written stays.
    pub fn stop(&self) {
        self.turn(Gate::Open, Gate::Stopping);
        self.turn(Gate::Held, Gate::Stopping);
    }

    fn turn(&self, from: Gate, to: Gate) {
        self.gate.send_if_modified(|gate| {
            let turns = *gate == from;
            if turns {
                *gate = to;
            }
            turns
        });
    }

    /// Waits until nothing is being written any more.
    pub async fn ended(&self) {
        let mut gate = self.gate.subscribe();
        let _ = gate
            .wait_for(|gate| matches!(gate, Gate::Ready | Gate::Finished))
            .await;
    }

    fn tell(&self, workspace: &Workspace, always: bool) {
        {
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            if !always && told.elapsed() < TELL_EVERY {
                return;
            }
            *told = Instant::now();
        }
        workspace.host.emit(AppEvent::Plan {
            id: self.view.id.clone(),
        });
        workspace.host.emit(AppEvent::Directory);
    }

    /// What is still to be written, person by person, with the lines it answers for.
    fn work(&self) -> Vec<(UserId, Delta, Vec<usize>)> {
        let lines = self.lines();
        let mut order: Vec<(UserId, Delta, Vec<usize>)> = Vec::new();
        let mut at: HashMap<UserId, usize> = HashMap::new();
        for (index, line) in lines.iter().enumerate() {
            if !matches!(line.outcome, None | Some(Outcome::Failed { .. })) {
                continue;
            }
            let add = match line.planned {
                Planned::Add => true,
                Planned::Remove => false,
                Planned::Unchanged | Planned::Blocked { .. } => continue,
            };
            let Ok(group) = ids::api_group(line.group.id.as_str()) else {
                continue;
            };
            let slot = *at.entry(line.user.id.clone()).or_insert_with(|| {
                order.push((line.user.id.clone(), Delta::default(), Vec::new()));
                order.len() - 1
            });
            if let Some((_, delta, indices)) = order.get_mut(slot) {
                if add {
                    delta.add.push(group)
                } else {
                    delta.remove.push(group)
                }
                indices.push(index);
            }
        }
        order
    }

    fn settle(&self, indices: &[usize], outcome: &Outcome) {
        let mut lines = self.lines();
        for index in indices {
            if let Some(line) = lines.get_mut(*index) {
                line.outcome = Some(outcome.clone());
            }
        }
    }
}

/// Starts writing; the results come line by line. Also retries what failed or was not tried in an earlier run.
///
/// Fails with [`ErrorCode::PlanEmpty`] where there is nothing to write and [`ErrorCode::ChangesRunning`] where it is being written.
pub fn apply(workspace: &Arc<Workspace>, plan: &Arc<Plan>) -> Result<()> {
    let work = plan.work();
    if work.is_empty() {
        return Err(ErrorCode::PlanEmpty.into());
    }
    let started = plan.gate.send_if_modified(|gate| {
        let idle = matches!(gate, Gate::Ready | Gate::Finished);
        if idle {
            *gate = Gate::Open;
        }
        idle
    });
    if !started {
        return Err(ErrorCode::ChangesRunning.into());
    }
    {
        let mut lines = plan.lines();
        for index in work.iter().flat_map(|(_, _, indices)| indices) {
            if let Some(line) = lines.get_mut(*index) {
                line.outcome = None;
            }
        }
    }
    let (workspace, plan) = (Arc::clone(workspace), Arc::clone(plan));
    plan.tell(&workspace, true);
    awake::while_running(&workspace.host, plan.gate.subscribe(), need);
    tokio::spawn(async move {
        futures::stream::iter(work)
            .for_each_concurrent(AT_ONCE, |(user, delta, indices)| {
                let (workspace, plan) = (&workspace, &plan);
                async move {
                    if !may_go_on(workspace, plan).await {
                        return;
                    }
                    let outcome = write_person(workspace, &user, &delta).await;
                    if needs_a_sign_in(&outcome) {
                        // Nothing was sent: it counts as not tried, and can be gone on with after the sign-in.
                        plan.stop();
                        return;
                    }
                    plan.settle(&indices, &outcome);
                    if let Some(journal) = &workspace.journal {
                        journal.note(plan.id(), &indices, &outcome).await;
                    }
                    plan.tell(workspace, false);
                }
            })
            .await;
        plan.gate.send_replace(Gate::Finished);
        plan.tell(&workspace, true);
        workspace.host.emit(AppEvent::Plans);
    });
    Ok(())
}

fn need(gate: &Gate) -> Need {
    match gate {
        Gate::Open | Gate::Stopping => Need::Awake,
        Gate::Held => Need::Rest,
        Gate::Ready | Gate::Finished => Need::Over,
    }
}

fn needs_a_sign_in(outcome: &Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Failed { error } if matches!(error.code, ErrorCode::SessionEnded | ErrorCode::OrganizationChanged)
    )
}

/// Waits while the plan is held. False where it was stopped or the organization was left.
async fn may_go_on(workspace: &Workspace, plan: &Plan) -> bool {
    let mut gate = plan.gate.subscribe();
    tokio::select! {
        () = workspace.left.cancelled() => false,
        open = gate.wait_for(|gate| *gate != Gate::Held) => open.is_ok_and(|gate| *gate == Gate::Open),
    }
}

async fn write_person(workspace: &Workspace, user: &UserId, delta: &Delta) -> Outcome {
    let lock = workspace.person_lock(user);
    let _alone = lock.lock().await;
    let written = match ids::api_user(user.as_str()) {
        Ok(id) => memberships::write(&workspace.api, &id, delta).await,
        Err(error) => Err(error),
    };
    match written {
        Ok(written) => {
            let now = written.person();
            let groups: Vec<_> = now
                .groups
                .iter()
                .map(|g| dir::GroupId::from(g.as_str()))
                .collect();
            let id = dir::UserId::from(user.as_str());
            workspace.change_untold(Touched::Person(id.clone()), |d| d.set_groups(&id, &groups));
            match &written {
                Written::AlreadySo(_) => Outcome::AlreadySo,
                Written::Applied(_) => Outcome::Applied,
                Written::ChangedMeanwhile {
                    appeared, vanished, ..
                } => Outcome::ChangedMeanwhile {
                    appeared: group_refs(workspace, appeared),
                    vanished: group_refs(workspace, vanished),
                },
            }
        }
        Err(error) => {
            tracing::warn!(?error, "a person's groups could not be written");
            if error.code == ErrorCode::UserGone {
                let id = dir::UserId::from(user.as_str());
                workspace.change_untold(Touched::Person(id.clone()), |d| d.remove_person(&id));
            }
            Outcome::Failed { error }
        }
    }
}

fn group_refs(workspace: &Workspace, groups: &[ezeep_api::GroupId]) -> Vec<GroupRef> {
    let wire: Vec<GroupId> = groups
        .iter()
        .filter_map(|g| ids::wire_group(g.as_str()).ok())
        .collect();
    workspace
        .read(|directory| {
            wire.iter()
                .map(|group| convert::group_ref(directory, group))
                .collect()
        })
        .unwrap_or_default()
}
