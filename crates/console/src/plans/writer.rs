//! Connects a run to an open organization: client, directory, plan store. Owns no state.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use directory as dir;
use ezeep_api::Client;
use ids::{GroupId, PlanId, UserId};
use tokio::sync::OwnedMutexGuard;
use tokio_util::sync::CancellationToken;

use super::run::{MembershipPage, Records, Writer};
use crate::memberships::{self, Delta, Sent, WriteError, Written};
use crate::wire::{AppEvent, BlockedReason, GroupRef};
use crate::workspace::{Touched, Workspace};
use crate::{convert, people};

/// Page size asked for.
const PAGE: u32 = 100;
/// The longest `Retry-After` that the client waits for itself. Longer ones are waited for by the run, where
/// they are shown and end with a stop, a pause or the organization's being left.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// An open organization, for a run.
pub struct WorkspaceWriter {
    workspace: Arc<Workspace>,
    api: Client,
}

impl WorkspaceWriter {
    /// A writer to this organization.
    pub fn new(workspace: &Arc<Workspace>) -> Self {
        Self {
            workspace: Arc::clone(workspace),
            api: workspace.api.waiting_at_most(LONGEST_WAIT),
        }
    }

    /// Updates the lists with the server's last answer about a person.
    fn show(&self, user: &UserId, written: &Written) {
        self.workspace.change_untold(Touched::Person(user.clone()), |d| {
            d.set_groups(user, &written.now.groups)
        });
    }
}

#[async_trait]
impl Writer for WorkspaceWriter {
    async fn alone(&self, user: &UserId) -> OwnedMutexGuard<()> {
        self.workspace.person_lock(user).lock_owned().await
    }

    async fn write(&self, user: &UserId, delta: &Delta) -> Result<Written, WriteError> {
        let written = memberships::write(&self.api, user, delta).await;
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
        let written = memberships::read_back(&self.api, user, delta, sent).await?;
        self.show(user, &written);
        Ok(written)
    }

    async fn look_again(&self, user: &UserId) {
        let known = self.workspace.read(|directory| directory.person(user));
        if known
            .ok()
            .flatten()
            .is_some_and(|person| person.state != dir::UserState::AccountOnly)
            && let Err(error) = people::read(&self.workspace, user).await
        {
            tracing::debug!(?error, "a user who is gone could not be read");
        }
    }

    async fn reachable(&self) -> Result<(), WriteError> {
        memberships::reachable(&self.api).await
    }

    async fn group_blocked(&self, group: &GroupId) -> Result<Option<BlockedReason>, WriteError> {
        match self.api.group(group).await {
            Ok(group) => Ok((convert::group(&group).origin == dir::Origin::Azure)
                .then_some(BlockedReason::SyncedFromAzure)),
            Err(error) if memberships::is_gone(&error) => Ok(Some(BlockedReason::GroupGone)),
            Err(error) => Err(error.into()),
        }
    }

    async fn page(&self, offset: u64) -> Result<MembershipPage, WriteError> {
        let page = self.api.print_users_page(offset, PAGE).await?;
        let people = page.items.into_iter();
        Ok(MembershipPage {
            count: page.count,
            people: people
                .map(|user| (user.id.as_str().to_owned(), user.groups))
                .collect(),
        })
    }

    fn named(&self, groups: &[GroupId]) -> Vec<GroupRef> {
        self.workspace
            .read(|directory| {
                groups
                    .iter()
                    .map(|id| convert::group_ref(directory, id))
                    .collect()
            })
            .unwrap_or_default()
    }

    async fn record(&self, plan: &PlanId, records: &Records) {
        if let Some(store) = &self.workspace.plan_store {
            store.record(plan, records).await;
        }
    }

    fn emit_progress(&self, plan: &PlanId) {
        self.workspace.host.emit(AppEvent::Plan { id: plan.clone() });
        self.workspace.host.emit(AppEvent::Directory);
    }

    fn emit_plans(&self) {
        self.workspace.host.emit(AppEvent::Plans);
    }

    fn left(&self) -> &CancellationToken {
        &self.workspace.left
    }
}
