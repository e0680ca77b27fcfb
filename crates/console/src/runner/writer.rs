//! Connects a run to an open organization: client, directory, plan store. Owns no state.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use changes::{BlockedReason, Delta, GroupRef};
use directory as dir;
use ezeep_api::Client;
use ids::{GroupId, PlanId, UserId};
use tokio_util::sync::CancellationToken;

use super::run::{MembershipPage, Writer};
use crate::convert;
use crate::faults::is_gone;
use crate::organization::{Edited, OrganizationContext, UserLock, refresh_user};
use crate::plan_store::{PlanStore, Records};
use crate::wire::AppEvent;
use crate::writers::membership::{self, Scope, Sent, WriteError, Written};

/// Page size asked for.
const PAGE: u32 = 100;
/// The longest `Retry-After` that the client waits for itself. A longer one is waited for by the run, which
/// shows it and can be stopped or paused meanwhile.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// An open organization, for a run.
pub struct OrganizationWriter {
    context: Arc<OrganizationContext>,
    store: Option<PlanStore>,
    api: Client,
}

impl OrganizationWriter {
    /// A writer to this organization, which records results in `store`.
    pub fn new(context: Arc<OrganizationContext>, store: Option<PlanStore>) -> Self {
        Self {
            api: context.api.waiting_at_most(LONGEST_WAIT),
            context,
            store,
        }
    }

    /// Updates the lists with the server's last record of a user.
    fn show(&self, user: &UserId, written: &Written) {
        self.context.store.edit_silently(Edited::User(user.clone()), |d| {
            d.set_groups(user, &written.now.groups)
        });
    }
}

#[async_trait]
impl Writer for OrganizationWriter {
    type Lock = UserLock;

    async fn lock(&self, user: &UserId) -> Result<UserLock, WriteError> {
        self.context
            .lock_user(user)
            .await
            .map_err(|error| WriteError::unsent(error, Scope::Person))
    }

    async fn write(&self, user: &UserId, delta: &Delta) -> Result<Written, WriteError> {
        let written = membership::write(&self.api, user, delta).await;
        let replied = match &written {
            Ok(_) => None,
            Err(error) => error.sent.as_ref().and_then(Sent::as_replied),
        };
        if let Some(written) = written.as_ref().ok().or(replied.as_ref()) {
            self.show(user, written);
        }
        written
    }

    async fn read_back(&self, user: &UserId, delta: &Delta, sent: &Sent) -> Result<Written, WriteError> {
        let written = membership::read_back(&self.api, user, delta, sent).await?;
        self.show(user, &written);
        Ok(written)
    }

    async fn look_again(&self, user: &UserId) {
        let known = self.context.store.read(|directory| directory.person(user));
        if known
            .ok()
            .flatten()
            .is_some_and(|person| person.state != dir::UserState::AccountOnly)
            && let Err(error) = refresh_user(&self.context, user).await
        {
            tracing::debug!(?error, "a user who is gone could not be read");
        }
    }

    async fn reachable(&self) -> Result<(), WriteError> {
        membership::reachable(&self.api).await
    }

    async fn group_blocked(&self, group: &GroupId) -> Result<Option<BlockedReason>, WriteError> {
        match self.api.group(group).await {
            Ok(group) => Ok((convert::group(&group).origin == dir::Origin::Azure)
                .then_some(BlockedReason::SyncedFromAzure)),
            Err(error) if is_gone(&error) => Ok(Some(BlockedReason::GroupGone)),
            Err(error) => Err(error.into()),
        }
    }

    async fn page(&self, offset: u64) -> Result<MembershipPage, WriteError> {
        let page = self.api.print_users_page(offset, PAGE).await?;
        let people = page.results.into_iter();
        Ok(MembershipPage {
            count: page.count,
            people: people
                .map(|user| (user.id.as_str().to_owned(), user.groups))
                .collect(),
        })
    }

    fn named(&self, groups: &[GroupId]) -> Vec<GroupRef> {
        let named =
            |directory: &dir::Directory| groups.iter().map(|id| GroupRef::of(directory, id)).collect();
        self.context.store.read(named).unwrap_or_default()
    }

    async fn record(&self, plan: &PlanId, records: &Records) {
        if let Some(store) = &self.store {
            store.record(plan, records).await;
        }
    }

    fn emit_progress(&self, plan: &PlanId) {
        self.context.host.emit(AppEvent::Plan { id: plan.clone() });
        self.context.host.emit(AppEvent::Directory);
    }

    fn emit_plans(&self) {
        self.context.host.emit(AppEvent::Plans);
    }

    fn left(&self) -> &CancellationToken {
        &self.context.left
    }
}
