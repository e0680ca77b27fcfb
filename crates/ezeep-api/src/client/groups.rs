//! Groups, on the printing server.

use http::Method;
use ids::GroupId;

use crate::error::Result;
use crate::model::{Group, GroupPatch, NewGroup};
use crate::pagination::{Page, Pages, Pass, Reading};
use crate::route;

use super::Client;
use super::lists::Listing;

impl Client {
    /// The groups.
    pub fn groups(&self, page_size: u32) -> Pages<Group> {
        let client = self.clone();
        let pages: Pages<Group> = self.list(Listing::all(route::GROUPS), page_size, None);
        pages.checked(move |group| client.expected(group))
    }

    /// One page of [`Client::groups`], with at most `page_size` items from `offset` on.
    ///
    /// # Errors
    /// [Call errors](Client#call-errors); [`crate::Error::Malformed`] if the reply is no page.
    pub async fn groups_page(&self, offset: u64, page_size: u32) -> Result<Page<Group>> {
        let page: Page<Group> = self.single(route::GROUPS, offset, page_size).await?;
        page.results.iter().try_for_each(|group| self.expected(group))?;
        Ok(page)
    }

    /// Reads [`Client::groups`] to the end, as [`Client::read_accounts`].
    ///
    /// # Errors
    /// As [`Client::read_accounts`].
    pub async fn read_groups(
        &self,
        reading: &mut Reading,
        mut take: impl FnMut(Vec<Group>, &Pass) + Send,
    ) -> Result<()> {
        let take = |groups: Vec<Group>, pass: &_| {
            groups.iter().try_for_each(|group| self.expected(group))?;
            take(groups, pass);
            Ok(())
        };
        self.read(route::GROUPS, reading, take).await
    }

    /// One group.
    ///
    /// # Errors
    /// [Call errors](Client#call-errors); [`crate::Error::Status`] with 404 if there is no such group.
    pub async fn group(&self, id: &GroupId) -> Result<Group> {
        let group = self
            .one(&self.call(Method::GET, route::GROUP, id.as_str()), id.as_str())
            .await?;
        self.expected(&group)?;
        Ok(group)
    }

    /// Creates a group. Not idempotent: after [`crate::Error::OutcomeUnknown`] read the groups to find it.
    ///
    /// # Errors
    /// [Call errors](Client#call-errors); [`crate::Error::OutcomeUnknown`] if the group may have been
    /// created.
    pub async fn create_group(&self, group: &NewGroup) -> Result<Group> {
        let made = self
            .make(&self.call(Method::POST, route::GROUPS, "").json(group)?)
            .await?;
        self.expected(&made)?;
        Ok(made)
    }

    /// Changes a group. Read it just before and send only the fields to change: there is no ETag, so each
    /// sent field overwrites what another admin has written since. Neither waits nor is repeated, like
    /// [`Client::replace_groups`], because a wait would widen that window.
    ///
    /// # Errors
    /// [Call errors](Client#call-errors); [`crate::Error::HeldBack`]. After [`crate::Error::is_transient`]
    /// read the group again and compare before the next attempt.
    pub async fn update_group(&self, id: &GroupId, patch: &GroupPatch) -> Result<Group> {
        let changed = self
            .replace(Method::PATCH, route::GROUP, id.as_str(), patch)
            .await?;
        self.expected(&changed)?;
        Ok(changed)
    }

    /// Deletes a group.
    ///
    /// # Errors
    /// [Call errors](Client#call-errors); [`crate::Error::OutcomeUnknown`] if the group may have been
    /// deleted.
    pub async fn delete_group(&self, id: &GroupId) -> Result<()> {
        self.done(&self.call(Method::DELETE, route::GROUP, id.as_str()))
            .await
    }

    /// Reports the organization of a group to the token source.
    fn expected(&self, group: &Group) -> Result<()> {
        let tokens = &self.inner.transport.tokens;
        Ok(tokens.answered_for(&group.organization_id)?)
    }
}
