//! Membership changes as plans: made, reviewed, applied with progress, with a result for each line. The
//! review predicts from the lists; "no change needed" is decided only by what the run reads from the server.
//! Must never write a person except through [`crate::memberships`], nor one person from two tasks.

mod compile;
mod model;
mod plan;
mod run;
#[cfg(test)]
pub mod sample;
mod writer;

use std::sync::Arc;

use ids::PlanId;
use tokio::task::spawn_blocking;

use crate::awake::{self, Need};
use crate::clock;
use crate::error::{AppError, ErrorCode, Result};
use crate::wire::{AppEvent, MembershipRequest, Organization, PlanSummary, PlanVerb, PlanView};
use crate::workspace::Workspace;
pub use compile::MAX_LINES;
pub use model::{ChangeSet, Line, Outcomes, People, PlanGroup, Prediction};
pub use plan::Plan;
pub use run::quiesce;

/// Makes a plan from the directory; writes nothing to a server.
///
/// # Errors
/// What [`compile::compile`] fails with.
pub async fn make(workspace: &Arc<Workspace>, request: MembershipRequest) -> Result<PlanView> {
    let place = Arc::clone(workspace);
    let compiled = spawn_blocking(move || compile::compile(&place, &request)).await;
    let compile::Compiled { set, as_of } =
        compiled.map_err(|error| AppError::new(ErrorCode::Internal).with_detail(error.to_string()))??;
    let id = PlanId::try_from(format!("plan-{:016x}", rand::random::<u64>()))
        .map_err(|_| AppError::new(ErrorCode::Internal))?;
    let view = view(id, workspace.organization.clone(), &set, as_of);
    let (set, made_at) = (Arc::new(set), clock::unix_millis());
    let stored = match &workspace.plan_store {
        Some(store) if view.checked > 0 => store.save(made_at, &view, &set).await,
        _ => false,
    };
    let outcomes = Outcomes::new(set.lines.len());
    let plan = Plan::new(view.clone(), set, outcomes, made_at, stored);
    workspace.plans().insert(view.id.clone(), Arc::new(plan));
    workspace.host.emit(AppEvent::Plans);
    Ok(view)
}

/// A plan for the review.
pub fn view(id: PlanId, organization: Organization, set: &ChangeSet, as_of: Option<i64>) -> PlanView {
    let predicted = set.predicted();
    let first = match set.verb {
        PlanVerb::Edit => set.lines.first().and_then(|line| set.line(*line, None)),
        PlanVerb::Add | PlanVerb::Remove => None,
    };
    PlanView {
        id,
        organization,
        verb: set.verb,
        groups: set.groups.iter().map(|group| group.group.clone()).collect(),
        user: first.map(|line| line.user),
        adds: predicted.adds,
        removes: predicted.removes,
        unchanged: predicted.unchanged,
        blocked: predicted.blocked,
        checked: predicted.checked,
        lines: u32::try_from(set.lines.len()).unwrap_or(u32::MAX),
        as_of,
    }
}

/// The unfinished plans, newest first.
pub fn unfinished(workspace: &Workspace) -> Vec<PlanSummary> {
    let plans: Vec<_> = workspace.plans().values().cloned().collect();
    let mut plans: Vec<_> = plans
        .iter()
        .filter(|plan| plan.is_unfinished())
        .map(|plan| PlanSummary {
            plan: plan.view().clone(),
            progress: plan.progress(),
            made_at: plan.made_at(),
        })
        .collect();
    plans.sort_by(|a, b| b.made_at.cmp(&a.made_at).then_with(|| a.plan.id.cmp(&b.plan.id)));
    plans
}

/// Starts a plan's run. Also tries the lines again that failed or were not tried in an earlier run.
///
/// # Errors
/// What [`run::apply`] fails with.
pub fn apply(workspace: &Arc<Workspace>, plan: &Arc<Plan>) -> Result<()> {
    run::apply(Arc::new(writer::WorkspaceWriter::new(workspace)), plan)?;
    awake::while_running(&workspace.host, plan.state(), need);
    Ok(())
}

/// A run keeps the computer awake, also while it waits for the network, because it continues by itself. Not
/// while it waits for a person.
fn need(state: &plan::RunState) -> Need {
    use plan::RunState;
    match state {
        RunState::Paused { waiting: Some(error) } if error.code != ErrorCode::SessionEnded => Need::Awake,
        RunState::Running | RunState::Stopping => Need::Awake,
        RunState::Paused { .. } => Need::Rest,
        RunState::Ready | RunState::Finished => Need::Over,
    }
}
