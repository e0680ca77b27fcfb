//! The plans of one open organization: made, stored, listed, applied, reported, closed.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use changes::Outcomes;
use ids::PlanId;
use tokio::task::spawn_blocking;

use super::compile::compile;
use super::plan::{Plan, RunState};
use super::report;
use super::run;
use super::writer::OrganizationWriter;
use crate::awake::{self, Need};
use crate::clock;
use crate::error::{AppError, ErrorCode, Result};
use crate::organization::OrganizationContext;
use crate::plan_store::{Claim, PlanStore};
use crate::wire::{AppEvent, MembershipRequest, PlanSummary, PlanView};

/// The plans of an open organization.
pub struct PlanBook {
    context: Arc<OrganizationContext>,
    /// `None` if nothing of the sign-in is saved.
    store: Option<PlanStore>,
    plans: Mutex<HashMap<PlanId, Arc<Plan>>>,
}

impl PlanBook {
    /// The plans of an organization, with the unfinished ones of its store. An unreadable plan is left out
    /// and reported ([`PlanStore::plans`]).
    pub async fn open(context: Arc<OrganizationContext>, store: Option<PlanStore>) -> Self {
        let stored = match &store {
            Some(store) => store.plans().await,
            None => Vec::new(),
        };
        let permission = store.as_ref().map(|store| store.permission().clone());
        let plans = stored.into_iter().map(|stored| {
            let organization = context.organization.clone();
            let set = Arc::new(stored.set);
            let id = stored.id.clone();
            let plan = Plan::new(
                stored.id,
                organization,
                set,
                stored.outcomes,
                stored.made_at,
                permission.clone(),
            );
            (id, Arc::new(plan))
        });
        let plans = plans.collect();
        Self {
            context,
            store,
            plans: Mutex::new(plans),
        }
    }

    fn plans(&self) -> MutexGuard<'_, HashMap<PlanId, Arc<Plan>>> {
        self.plans.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A plan.
    ///
    /// # Errors
    /// [`ErrorCode::PlanGone`].
    pub fn get(&self, id: &PlanId) -> Result<Arc<Plan>> {
        let plan = self.plans().get(id).cloned();
        plan.ok_or_else(|| ErrorCode::PlanGone.into())
    }

    /// Makes a plan from the directory; writes nothing to a server.
    ///
    /// # Errors
    /// What [`compile`] fails with.
    pub async fn make(&self, request: MembershipRequest) -> Result<PlanView> {
        let context = Arc::clone(&self.context);
        let compiled = spawn_blocking(move || compile(&context, request)).await;
        let set =
            compiled.map_err(|error| AppError::new(ErrorCode::Internal).with_detail(error.to_string()))??;
        let id = PlanId::try_from(format!("plan-{:016x}", rand::random::<u64>()))
            .map_err(|_| AppError::new(ErrorCode::Internal))?;
        let (set, made_at) = (Arc::new(set), clock::unix_millis());
        let file = match &self.store {
            Some(store) if set.predicted().checked > 0 && store.save(&id, made_at, &set).await => {
                Some(store.permission().clone())
            }
            _ => None,
        };
        let outcomes = Outcomes::new(set.changes.len());
        let organization = self.context.organization.clone();
        let plan = Plan::new(id.clone(), organization, set, outcomes, made_at, file);
        let view = plan.view().clone();
        self.plans().insert(id, Arc::new(plan));
        self.context.host.emit(AppEvent::Plans);
        Ok(view)
    }

    /// The unfinished plans, newest first.
    pub fn unfinished(&self) -> Vec<PlanSummary> {
        let plans: Vec<_> = self.plans().values().cloned().collect();
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

    /// Starts a plan's run.
    ///
    /// # Errors
    /// [`ErrorCode::PlanGone`], also if another program closed it or wrote all of it;
    /// [`ErrorCode::PlanBusy`] if another program writes it; otherwise as [`run::apply`].
    pub async fn apply(&self, id: &PlanId) -> Result<()> {
        let plan = self.get(id)?;
        let writer = OrganizationWriter::new(Arc::clone(&self.context), self.store.clone());
        let applied = run::apply(Arc::new(writer), &plan, self.claim(&plan)).await;
        if applied
            .as_ref()
            .is_err_and(|error| error.code == ErrorCode::PlanGone)
        {
            self.forget(&plan);
        }
        applied?;
        awake::while_running(&self.context.host, plan.state(), need);
        Ok(())
    }

    /// Claims a plan among programs; `None` if it is in memory alone.
    async fn claim(&self, plan: &Plan) -> Result<Option<Claim>> {
        let Some(store) = &self.store else {
            return Ok(None);
        };
        match store.claim(plan.id(), plan.set().changes.len()).await {
            Ok(claim) => Ok(Some(claim)),
            Err(error) if error.code == ErrorCode::PlanGone && !plan.has_file() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Takes a plan out of the list. Returns false if a run is under way.
    fn forget(&self, plan: &Plan) -> bool {
        let closed = plan.close();
        if closed {
            self.plans().remove(plan.id());
            self.context.host.emit(AppEvent::Plans);
        }
        closed
    }

    /// Saves a plan's outcomes as a new CSV file in the downloads folder, named after the organization and
    /// the day. Returns its path.
    ///
    /// # Errors
    /// [`ErrorCode::PlanGone`], [`ErrorCode::FileNotWritten`].
    pub fn save_report(&self, id: &PlanId) -> Result<PathBuf> {
        let plan = self.get(id)?;
        let folder = self.context.host.downloads().map_err(|error| {
            let folder = String::new();
            AppError::new(ErrorCode::FileNotWritten { folder }).with_detail(error.to_string())
        })?;
        report::save(&folder, &clock::today().to_string(), &plan)
    }

    /// Removes a plan, from disk too. A plan that is gone already is no error.
    ///
    /// # Errors
    /// [`ErrorCode::ChangesRunning`] while it is being written; [`ErrorCode::PlanBusy`] while another program
    /// writes it.
    pub async fn close(&self, id: &PlanId) -> Result<()> {
        let Ok(plan) = self.get(id) else {
            return Ok(());
        };
        if plan.is_running() {
            return Err(ErrorCode::ChangesRunning.into());
        }
        let claim = match self.claim(&plan).await {
            Ok(claim) => claim,
            Err(error) if error.code == ErrorCode::PlanGone => None,
            Err(error) => return Err(error),
        };
        if !self.forget(&plan) {
            return Err(ErrorCode::ChangesRunning.into());
        }
        // Without a file of its own, what is on disk is another account's of the same person.
        if let Some(store) = self.store.as_ref().filter(|_| claim.is_some() && plan.has_file()) {
            store.remove(id);
        }
        Ok(())
    }

    /// Whether a plan is being written. False while its run waits for a sign-in: nothing can be sent then.
    pub fn is_writing(&self) -> bool {
        self.plans().values().any(|plan| plan.is_writing())
    }

    fn running(&self) -> Vec<Arc<Plan>> {
        let plans = self.plans();
        plans.values().filter(|plan| plan.is_running()).cloned().collect()
    }

    /// Stops all runs after the users being written now, and waits at most 30 s for these.
    pub async fn stop_runs(&self) {
        run::stop_runs(self.running()).await;
    }
}

/// A run keeps the computer awake, also while it waits for the network, because it continues by itself. Not
/// while it waits for a person.
fn need(state: &RunState) -> Need {
    match state {
        RunState::Paused { waiting: Some(error) } if error.code != ErrorCode::SessionEnded => Need::Awake,
        RunState::Running | RunState::Stopping => Need::Awake,
        RunState::Paused { .. } => Need::Rest,
        RunState::Ready | RunState::Finished => Need::Ended,
    }
}
