//! Memberships and print settings, on the printing server.

use std::sync::atomic::Ordering;

use http::Method;
use ids::{GroupId, UserId};
use serde_json::json;

use crate::error::Result;
use crate::model::{PrintSettingsPatch, PrintUser, PrintUserBody};
use crate::pagination::{Page, Pages, Pass, Reading};
use crate::route;
use crate::tolerant::GroupRef;

use super::Client;
use super::lists::Listing;

impl Client {
    /// The memberships and print settings of all users, without names.
    pub fn print_users(&self, page_size: u32) -> Pages<PrintUser> {
        self.list(Listing::all(route::PRINT_USERS), page_size, None)
    }

    /// One page of [`Client::print_users`], with at most `page_size` items from `offset` on.
    ///
    /// # Errors
    /// [Call errors](Client#call-errors); [`crate::Error::Malformed`] if the reply is no page.
    pub async fn print_users_page(&self, offset: u64, page_size: u32) -> Result<Page<PrintUser>> {
        self.single(route::PRINT_USERS, offset, page_size).await
    }

    /// Reads [`Client::print_users`] to the end, as [`Client::read_accounts`].
    ///
    /// # Errors
    /// As [`Client::read_accounts`].
    pub async fn read_print_users(
        &self,
        reading: &mut Reading,
        mut take: impl FnMut(Vec<PrintUser>, &Pass) + Send,
    ) -> Result<()> {
        let take = |items, pass: &_| {
            take(items, pass);
            Ok(())
        };
        self.read(route::PRINT_USERS, reading, take).await
    }

    /// The users of a group by the documented filter, a GET with a JSON body. A proxy may drop that body, and
    /// the server may then answer with all users: these are left in the page and counted in
    /// [`Page::filter_violations`](crate::Page::filter_violations). If that is not 0, the server did not
    /// apply the filter: filter the items yourself, and ignore `count`. A gateway may also refuse such a GET
    /// (400, 403).
    pub fn print_users_in(&self, group: &GroupId, page_size: u32) -> Pages<PrintUser> {
        let mut listing = Listing::all(route::PRINT_USERS);
        listing.body = Some(json!({ "groups": GroupRef::all(std::slice::from_ref(group)) }));
        let group = group.clone();
        self.list(
            listing,
            page_size,
            Some(Box::new(move |user: &PrintUser| user.groups.contains(&group))),
        )
    }

    /// One user's memberships and print settings.
    ///
    /// # Errors
    /// [Call errors](Client#call-errors); [`crate::Error::Status`] with 404 if the printing server doesn't
    /// know the user.
    pub async fn print_user(&self, id: &UserId) -> Result<PrintUser> {
        self.one(
            &self.call(Method::GET, route::PRINT_USER, id.as_str()),
            id.as_str(),
        )
        .await
    }

    /// Replaces the whole list of a user's groups: a group that is left out is a lost membership. Read the
    /// user just before, change only what is to change, and compare the answer (contract; security.md 50).
    ///
    /// The list becomes outdated, so this call never waits and is not repeated: after
    /// [`crate::Error::is_transient`] (no connection, 429, [`crate::Error::HeldBack`]) read the user again,
    /// which waits as long as the server asked, and then write. Only a refused token (401) is renewed and the
    /// write repeated at once. After a 405 the server gets PUT.
    ///
    /// # Errors
    /// [Call errors](Client#call-errors); [`crate::Error::HeldBack`]; [`crate::Error::OutcomeUnknown`] if the
    /// list may have been replaced.
    pub async fn replace_groups(&self, id: &UserId, groups: &[GroupId]) -> Result<PrintUser> {
        let body = PrintUserBody::new(groups, PrintSettingsPatch::default());
        self.write_print_user(id, &body, &body).await
    }

    /// Changes a user's print settings. `read` is the user as just read: the groups are sent along, because
    /// the API does not document whether a write without them keeps them (contract; security.md 80). A group
    /// added by another admin after that read is lost, as with [`Client::replace_groups`].
    ///
    /// Neither waits nor is repeated, like [`Client::replace_groups`]. Compare the answer and a read after it
    /// with the requested settings: a server may answer 200 and ignore a setting.
    ///
    /// # Errors
    /// As [`Client::replace_groups`]; after [`crate::Error::OutcomeUnknown`] read the user.
    pub async fn write_print_settings(
        &self,
        read: &PrintUser,
        change: &PrintSettingsPatch,
    ) -> Result<PrintUser> {
        let patch = PrintUserBody::new(&read.groups, *change);
        // A PUT may reset fields that are left out.
        let whole = PrintSettingsPatch {
            local_printing_enabled: change
                .local_printing_enabled
                .or(Some(read.local_printing_enabled)),
            self_service_enabled: change.self_service_enabled.or(Some(read.self_service_enabled)),
            myprinters_enabled: change.myprinters_enabled.or(Some(read.myprinters_enabled)),
        };
        let put = PrintUserBody::new(&read.groups, whole);
        self.write_print_user(&read.id, &patch, &put).await
    }

    /// The only call that writes a user's record.
    async fn write_print_user(
        &self,
        id: &UserId,
        patch: &PrintUserBody<'_>,
        put: &PrintUserBody<'_>,
    ) -> Result<PrintUser> {
        if !self.inner.put_groups.load(Ordering::Relaxed) {
            let result = self
                .replace(Method::PATCH, route::PRINT_USER, id.as_str(), patch)
                .await;
            if !result.as_ref().is_err_and(|error| error.is_status(405)) {
                return result;
            }
            self.inner.put_groups.store(true, Ordering::Relaxed);
        }
        self.replace(Method::PUT, route::PRINT_USER, id.as_str(), put)
            .await
    }
}
