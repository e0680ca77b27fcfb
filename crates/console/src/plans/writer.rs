//! Connects a run to an open organization: client, directory, plan store. Owns no state.
//! Must never write a person without holding their lock.

use std::sync::Arc;

use async_trait::async_trait;
use directory as dir;
use ezeep_api::GroupId as ApiGroupId;
use tokio_util::sync::CancellationToken;

use super::run::{MembershipPage, Records, Writer};
use crate::error::{AppError, ErrorCode};
use crate::memberships::{self, Delta, WriteError, Written};
use crate::wire::{AppEvent, BlockedReason, GroupId, GroupRef, PlanId, UserId};
use crate::workspace::{Touched, Workspace};
use crate::{convert, ids, people};

/// Page size asked for.
const PAGE: u32 = 100;

/// An open organization, for a run.
pub struct WorkspaceWriter(pub Arc<Workspace>);

impl WorkspaceWriter {
    /// Updates the lists with the server's last answer about a person.
    fn show(&self, user: &UserId, written: &Written) {
        let id = dir::UserId::from(user.as_str());
        let groups = written.now.groups.iter();
        let groups: Vec<_> = groups.map(|group| dir::GroupId::from(group.as_str())).collect();
        self.0
            .change_untold(Touched::Person(id.clone()), |d| d.set_groups(&id, &groups));
    }

    /// The printing server does not know a person whom the lists show as known to it: both servers are asked.
    async fn look_again(&self, user: &UserId, error: &WriteError) {
        if error.error.code != ErrorCode::UserGone {
            return;
        }
        let id = dir::UserId::from(user.as_str());
        let known = self.0.read(|directory| directory.person(&id)).ok().flatten();
        if known.is_some_and(|person| person.state != dir::UserState::AccountOnly)
            && let Err(error) = people::read(&self.0, user).await
        {
            tracing::debug!(?error, "a user who is gone could not be read");
        }
    }
}

fn refused(error: AppError) -> WriteError {
    WriteError {
        error,
        scope: memberships::Scope::Person,
        before: None,
        unanswered: None,
    }
}

#[async_trait]
impl Writer for WorkspaceWriter {
    async fn write(&self, user: &UserId, delta: &Delta) -> Result<Written, WriteError> {
        let id = ids::api_user(user.as_str()).map_err(refused)?;
        let lock = self.0.person_lock(user);
        let alone = lock.lock().await;
        let written = memberships::write(&self.0.api, &id, delta).await;
        if let Ok(written) = &written {
            self.show(user, written);
        }
        drop(alone);
        if let Err(error) = &written {
            self.look_again(user, error).await;
        }
        written
    }

    async fn read_back(
        &self,
        user: &UserId,
        delta: &Delta,
        before: &[ApiGroupId],
        sent: &[ApiGroupId],
    ) -> Result<Written, WriteError> {
        let id = ids::api_user(user.as_str()).map_err(refused)?;
        let lock = self.0.person_lock(user);
        let alone = lock.lock().await;
        let written = memberships::read_back(&self.0.api, &id, delta, before, sent).await;
        if let Ok(written) = &written {
            self.show(user, written);
        }
        drop(alone);
        if let Err(error) = &written {
            self.look_again(user, error).await;
        }
        written
    }

    async fn reachable(&self) -> Result<(), WriteError> {
        memberships::reachable(&self.0.api).await
    }

    async fn group_blocked(&self, group: &GroupId) -> Result<Option<BlockedReason>, WriteError> {
        let id = ids::api_group(group.as_str()).map_err(refused)?;
        match self.0.api.group(&id).await {
            Ok(group) => Ok((convert::group(&group).origin == dir::Origin::Azure)
                .then_some(BlockedReason::SyncedFromAzure)),
            Err(error) if memberships::is_gone(&error) => Ok(Some(BlockedReason::GroupGone)),
            Err(error) => Err(error.into()),
        }
    }

    async fn page(&self, offset: u64) -> Result<MembershipPage, WriteError> {
        let page = self.0.api.print_users_page(offset, PAGE).await?;
        let people = page.items.into_iter();
        Ok(MembershipPage {
            count: page.count,
            people: people
                .map(|user| (user.id.as_str().to_owned(), user.groups))
                .collect(),
        })
    }

    fn named(&self, groups: &[ApiGroupId]) -> Vec<GroupRef> {
        let ids: Vec<GroupId> = groups
            .iter()
            .filter_map(|group| ids::wire_group(group.as_str()).ok())
            .collect();
        self.0
            .read(|directory| ids.iter().map(|id| convert::group_ref(directory, id)).collect())
            .unwrap_or_default()
    }

    async fn record(&self, plan: &PlanId, records: &Records) {
        if let Some(store) = &self.0.plan_store {
            store.record(plan, records).await;
        }
    }

    fn emit_progress(&self, plan: &PlanId) {
        self.0.host.emit(AppEvent::Plan { id: plan.clone() });
        self.0.host.emit(AppEvent::Directory);
    }

    fn emit_plans(&self) {
        self.0.host.emit(AppEvent::Plans);
    }

    fn left(&self) -> &CancellationToken {
        &self.0.left
    }
}
