//! All calls of the contract: below `/v1` on the account server, and on the printing server. Owns the bodies
//! and the workarounds for the contradictions in the vendor's documents. Must never store data of the
//! organization between two calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use futures::FutureExt;
use http::Method;
use ids::{GroupId, InvitationId, PrinterId, UserId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::endpoints::{Endpoints, Server};
use crate::error::{Error, Fault, Result};
use crate::identified::Identified;
use crate::model::{
    Account, AccountPatch, Group, GroupPatch, Invitation, NewAssignment, NewGroup, NewInvitation,
    Organization, PrintSettingsPatch, PrintUser, PrintUserBody, PrinterAssignment,
};
use crate::net::Limits;
use crate::pages::{self, Belongs, Fetch, Page, Pages};
use crate::reply::Reply;
use crate::route::{self, Route};
use crate::token::TokenSource;
use crate::tolerant::GroupRef;
use crate::transport::{Call, Repeat, Transport};
use crate::whole::{self, Pass, Reading};

/// The client of both servers, for one sign-in in one organization. Clones share the limit of requests in
/// flight and what was learned about the servers in this session.
///
/// A call is cancelled by dropping its future. A write that was cancelled may have happened.
///
/// # Call errors
/// Any call can fail with [`Error::Token`], [`Error::Unsendable`], [`Error::Connect`], [`Error::Timeout`],
/// [`Error::Certificate`], [`Error::ProxyAuth`], [`Error::Status`], [`Error::Redirect`]. A read also with
/// [`Error::Interrupted`], [`Error::TooLarge`] and [`Error::Malformed`]; a write whose reply is lost or
/// unreadable with [`Error::OutcomeUnknown`] instead (security.md 49).
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    longest_wait: Duration,
}

struct Inner {
    transport: Transport,
    /// The printing server refused PATCH for a user with 405: PUT is used from then on (contract).
    put_groups: AtomicBool,
    /// The account server has the invitations at the second of the two documented paths.
    invitations_too: AtomicBool,
    /// The largest page that each server was seen to send.
    largest_account_page: AtomicU32,
    largest_printing_page: AtomicU32,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("endpoints", self.endpoints())
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A client of the two servers. `http` comes from [`crate::http_client`].
    pub fn new(
        http: impl Into<ezeep_http::HttpClient>,
        endpoints: Endpoints,
        tokens: Arc<dyn TokenSource>,
        limits: Limits,
    ) -> Self {
        let transport = Transport::new(http.into(), endpoints, tokens, limits);
        let inner = Inner {
            transport,
            put_groups: AtomicBool::new(false),
            invitations_too: AtomicBool::new(false),
            largest_account_page: AtomicU32::new(u32::MAX),
            largest_printing_page: AtomicU32::new(u32::MAX),
        };
        Self {
            inner: Arc::new(inner),
            longest_wait: Duration::MAX,
        }
    }

    /// The same client, for a caller that does longer waits itself: if a server asks for a longer wait than
    /// this (`Retry-After`), a call fails at once, with the 429 or 503 itself or with [`Error::HeldBack`].
    #[must_use]
    pub fn waiting_at_most(&self, longest_wait: Duration) -> Self {
        Self {
            longest_wait,
            ..self.clone()
        }
    }

    /// The URLs of both servers.
    pub fn endpoints(&self) -> &Endpoints {
        &self.inner.transport.endpoints
    }

    // -- account server

    /// The organizations of the signed-in user, with the user's roles in each. `limit` is the wanted page
    /// size, here and below.
    pub fn organizations(&self, limit: u32) -> Pages<Organization> {
        self.list(Listing::all(route::ORGANIZATIONS), limit, None)
    }

    /// The organization's users with name and address. A user who is no admin gets only their own entry.
    pub fn accounts(&self, limit: u32) -> Pages<Account> {
        self.list(Listing::all(route::ACCOUNTS), limit, None)
    }

    /// One page of [`Client::accounts`], with at most `limit` items from `offset` on.
    ///
    /// # Errors
    /// [Call errors](Client#call-errors); [`Error::Malformed`] if the reply is no page.
    pub async fn accounts_page(&self, offset: u64, limit: u32) -> Result<Page<Account>> {
        pages::single(offset, limit, &self.fetch(Listing::all(route::ACCOUNTS))).await
    }

    /// The state of a read of [`Client::accounts`], before its beginning. Its pages have at most `limit`
    /// items, or as many as this server was seen to send. If the server refuses a page of that size, 100
    /// items are requested.
    pub fn reading_accounts(&self, limit: u32) -> Reading {
        self.reading(Server::Account, limit)
    }

    /// Reads [`Client::accounts`] to the end, several pages at a time. All calls of the client share
    /// [`Limits::in_flight`] and its reduction after a 429. `take` gets the new users of each page, in order,
    /// and what the pass has seen. Cancelled by dropping; the next call with the same `reading` continues.
    ///
    /// # Errors
    /// [Call errors](Client#call-errors), and [`Error::Paging`] if the pages do not make up a list.
    pub async fn read_accounts(
        &self,
        reading: &mut Reading,
        take: impl FnMut(Vec<Account>, &Pass) + Send,
    ) -> Result<()> {
        self.whole(route::ACCOUNTS, reading, take).await
    }

    /// The signed-in user.
    ///
    /// # Errors
    /// [Call errors](Client#call-errors).
    pub async fn me(&self) -> Result<Account> {
        self.make(&self.call(Method::GET, route::ME, "")).await
    }

    /// One user.
    ///
    /// # Errors
    /// [Call errors](Client#call-errors); [`Error::Status`] with 404 if the account server doesn't know the
    /// user.
    pub async fn account(&self, id: &UserId) -> Result<Account> {
        self.one(&self.call(Method::GET, route::ACCOUNT, id.as_str()), id.as_str())
            .await
    }

    /// Changes a user. Roles are sent as a list; if the server refuses that (400 naming `roles`) and there is
    /// only one role, it is sent once as a plain string (contract).
    ///
    /// # Errors
    /// [Call errors](Client#call-errors); [`Error::OutcomeUnknown`] if the user may have been changed.
    pub async fn update_account(&self, id: &UserId, patch: &AccountPatch) -> Result<Account> {
        let call = self.call(Method::PATCH, route::ACCOUNT, id.as_str());
        match self.one(&call.clone().json(patch)?, id.as_str()).await {
            Err(error) if names_roles(&error) => {
                let Some([role]) = patch.roles.as_deref() else {
                    return Err(error);
                };
                let mut plain =
                    serde_json::to_value(patch).map_err(|e| Error::Unsendable { source: e.into() })?;
                plain["roles"] = role.as_str().into();
                self.one(&call.json(&plain)?, id.as_str()).await
            }
            result => result,
        }
    }

    /// Removes a user from the organization, with all their data. Can't be undone.
    ///
    /// # Errors
    /// [Call errors](Client#call-errors); [`Error::OutcomeUnknown`] if the user may have been removed.
    pub async fn delete_account(&self, id: &UserId) -> Result<()> {
        self.done(&self.call(Method::DELETE, route::ACCOUNT, id.as_str()))
            .await
    }

    /// The invitations.
    pub fn invitations(&self, limit: u32) -> Pages<Invitation> {
        let client = self.clone();
        let fetch = move |offset, limit| {
            let client = client.clone();
            async move {
                let client = &client;
                let page = |route| client.page(Listing::all(route), offset, limit);
                client.invitations_somewhere(page).await
            }
            .boxed()
        };
        Pages::new(limit, &self.inner.transport.limits, Box::new(fetch), None)
    }

    /// Creates an invitation; the server sends a mail.
    ///
    /// # Errors
    /// [Call errors](Client#call-errors); after [`Error::OutcomeUnknown`] read the invitations to find it.
    pub async fn invite(&self, invitation: &NewInvitation) -> Result<Invitation> {
        self.invitations_somewhere(|route| async move {
            self.make(&self.call(Method::POST, route, "").json(invitation)?)
                .await
        })
        .await
    }

    /// Sends an invitation again. Takes the invitation's id, not the user's.
    ///
    /// # Errors
    /// [Call errors](Client#call-errors); [`Error::OutcomeUnknown`] if a mail may have been sent.
    pub async fn resend_invitation(&self, id: &InvitationId) -> Result<InvitationId> {
        #[derive(Deserialize)]
        struct Sent {
            id: InvitationId,
        }
        impl Identified for Sent {
            fn id(&self) -> &str {
                self.id.as_str()
            }
        }
        let call = self
            .call(Method::PATCH, route::INVITATION, id.as_str())
            .json(&json!({}))?;
        self.one(&call, id.as_str()).await.map(|sent: Sent| sent.id)
    }

    // -- printing server

    /// The groups.
    pub fn groups(&self, limit: u32) -> Pages<Group> {
        let client = self.clone();
        let pages: Pages<Group> = self.list(Listing::all(route::GROUPS), limit, None);
        pages.checked(move |group| client.expected(group))
    }

    /// One page of [`Client::groups`], with at most `limit` items from `offset` on.
    ///
    /// # Errors
    /// [Call errors](Client#call-errors); [`Error::Malformed`] if the reply is no page.
    pub async fn groups_page(&self, offset: u64, limit: u32) -> Result<Page<Group>> {
        let page: Page<Group> =
            pages::single(offset, limit, &self.fetch(Listing::all(route::GROUPS))).await?;
        page.items.iter().try_for_each(|group| self.expected(group))?;
        Ok(page)
    }

    /// The state of a read of a list of the printing server, as [`Client::reading_accounts`].
    pub fn reading_printing(&self, limit: u32) -> Reading {
        self.reading(Server::Printing, limit)
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
        let mut unexpected = None;
        let read = self.whole(route::GROUPS, reading, |groups: Vec<Group>, pass| {
            let expected = groups.iter().try_for_each(|group| self.expected(group));
            match (expected, &unexpected) {
                (Ok(()), None) => take(groups, pass),
                (Err(error), None) => unexpected = Some(error),
                (_, Some(_)) => {}
            }
        });
        read.await?;
        unexpected.map_or(Ok(()), Err)
    }

    /// One group.
    ///
    /// # Errors
    /// [Call errors](Client#call-errors); [`Error::Status`] with 404 if there is no such group.
    pub async fn group(&self, id: &GroupId) -> Result<Group> {
        let group = self
            .one(&self.call(Method::GET, route::GROUP, id.as_str()), id.as_str())
            .await?;
        self.expected(&group)?;
        Ok(group)
    }

    /// Creates a group. Not idempotent: after [`Error::OutcomeUnknown`] read the groups to find it.
    ///
    /// # Errors
    /// [Call errors](Client#call-errors); [`Error::OutcomeUnknown`] if the group may have been created.
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
    /// [Call errors](Client#call-errors); [`Error::HeldBack`]. After [`Error::is_transient`] read the group
    /// again and compare before the next attempt.
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
    /// [Call errors](Client#call-errors); [`Error::OutcomeUnknown`] if the group may have been deleted.
    pub async fn delete_group(&self, id: &GroupId) -> Result<()> {
        self.done(&self.call(Method::DELETE, route::GROUP, id.as_str()))
            .await
    }

    /// The memberships and print settings of all users, without names.
    pub fn print_users(&self, limit: u32) -> Pages<PrintUser> {
        self.list(Listing::all(route::PRINT_USERS), limit, None)
    }

    /// One page of [`Client::print_users`], with at most `limit` items from `offset` on.
    ///
    /// # Errors
    /// [Call errors](Client#call-errors); [`Error::Malformed`] if the reply is no page.
    pub async fn print_users_page(&self, offset: u64, limit: u32) -> Result<Page<PrintUser>> {
        pages::single(offset, limit, &self.fetch(Listing::all(route::PRINT_USERS))).await
    }

    /// Reads [`Client::print_users`] to the end, as [`Client::read_accounts`].
    ///
    /// # Errors
    /// As [`Client::read_accounts`].
    pub async fn read_print_users(
        &self,
        reading: &mut Reading,
        take: impl FnMut(Vec<PrintUser>, &Pass) + Send,
    ) -> Result<()> {
        self.whole(route::PRINT_USERS, reading, take).await
    }

    /// The users of a group by the documented filter, a GET with a JSON body. A proxy may drop that body, and
    /// the server may then answer with all users: these are left in the page and counted in
    /// [`Page::strangers`](crate::Page::strangers). If that is not 0, the server did not apply the filter:
    /// filter the items yourself, and ignore `count`. A gateway may also refuse such a GET (400, 403).
    pub fn print_users_in(&self, group: &GroupId, limit: u32) -> Pages<PrintUser> {
        let mut listing = Listing::all(route::PRINT_USERS);
        listing.body = Some(json!({ "groups": group_refs(std::slice::from_ref(group)) }));
        let group = group.clone();
        self.list(
            listing,
            limit,
            Some(Box::new(move |user: &PrintUser| user.groups.contains(&group))),
        )
    }

    /// One user's memberships and print settings.
    ///
    /// # Errors
    /// [Call errors](Client#call-errors); [`Error::Status`] with 404 if the printing server doesn't know the
    /// user.
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
    /// The list becomes outdated, so this call never waits and is not repeated: after [`Error::is_transient`]
    /// (no connection, 429, [`Error::HeldBack`]) read the user again, which waits as long as the server
    /// asked, and then write. Only a refused token (401) is renewed and the write repeated at once. After a
    /// 405 the server gets PUT.
    ///
    /// # Errors
    /// [Call errors](Client#call-errors); [`Error::HeldBack`]; [`Error::OutcomeUnknown`] if the list may have
    /// been replaced.
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
    /// As [`Client::replace_groups`]; after [`Error::OutcomeUnknown`] read the user.
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

    /// The printers and their assignments; those of one group, if one is given. Printers of other groups are
    /// left in the page and counted, as in [`Client::print_users_in`].
    pub fn assignments(&self, group: Option<&GroupId>, limit: u32) -> Pages<PrinterAssignment> {
        let mut listing = Listing::all(route::ASSIGNMENTS);
        listing.group = group.cloned();
        let belongs = group.cloned().map(|group| {
            let has = move |printer: &PrinterAssignment| {
                printer
                    .assignments
                    .iter()
                    .flat_map(|entry| &entry.groups)
                    .any(|entry| entry.group_id == group)
            };
            Box::new(has) as Belongs<PrinterAssignment>
        });
        self.list(listing, limit, belongs)
    }

    /// Replaces all of a printer's assignments: an entry that is left out is lost. No call reads one printer,
    /// so read [`Client::assignments`] first, filtered by group or all pages; send all its entries with the
    /// change applied, and compare the answer and a read after it (contract; security.md 80). Neither waits
    /// nor is repeated, like [`Client::replace_groups`].
    ///
    /// # Errors
    /// As [`Client::replace_groups`].
    pub async fn replace_assignment(
        &self,
        id: &PrinterId,
        entries: &[NewAssignment],
    ) -> Result<PrinterAssignment> {
        let entries: Vec<_> = entries
            .iter()
            .map(|entry| json!({ "groups": group_refs(&entry.groups) }))
            .collect();
        let body = json!({ "assignment": entries });
        self.replace(Method::PUT, route::ASSIGNMENT, id.as_str(), &body)
            .await
    }

    /// Reports the organization of a group to the token source.
    fn expected(&self, group: &Group) -> Result<()> {
        let tokens = &self.inner.transport.tokens;
        Ok(tokens.answered_for(&group.organization_id)?)
    }

    // -- common to all

    fn call(&self, method: Method, route: Route, id: &str) -> Call {
        let transport = &self.inner.transport;
        let mut call = route.call(method, id, &transport.endpoints, &transport.limits);
        call.longest_wait = self.longest_wait;
        call
    }

    /// Makes a call whose answer is an object. If a write gets a 2xx that can't be understood, its outcome is
    /// unknown.
    async fn make<T: DeserializeOwned>(&self, call: &Call) -> Result<T> {
        let object = self.inner.transport.make(call).await?.json();
        if call.is_read() {
            object
        } else {
            object.map_err(Error::unknown_outcome)
        }
    }

    /// The same for an answer that must be the requested object. A server may write the letters of an id in
    /// another case.
    async fn one<T: DeserializeOwned + Identified>(&self, call: &Call, id: &str) -> Result<T> {
        let object: T = self.make(call).await?;
        if object.id().eq_ignore_ascii_case(id) {
            return Ok(object);
        }
        let error = Error::Malformed {
            why: Fault::OtherObject,
            content_type: None,
        };
        Err(if call.is_read() {
            error
        } else {
            error.unknown_outcome()
        })
    }

    /// The same for an answer whose body is not used. A web page is a proxy's answer and tells nothing about
    /// the server.
    async fn done(&self, call: &Call) -> Result<()> {
        let reply = self.inner.transport.make(call).await?;
        if reply.is_page() {
            return Err(reply.malformed(Fault::NotJson).unknown_outcome());
        }
        Ok(())
    }

    /// A write that replaces data that was just read: neither waits nor is repeated.
    async fn replace<T>(&self, method: Method, route: Route, id: &str, body: &impl Serialize) -> Result<T>
    where
        T: DeserializeOwned + Identified,
    {
        let mut call = self.call(method, route, id).json(body)?;
        call.repeat = Repeat::Never;
        self.one(&call, id).await
    }

    fn list<T>(&self, listing: Listing, limit: u32, belongs: Option<Belongs<T>>) -> Pages<T>
    where
        T: DeserializeOwned + Send + 'static,
    {
        Pages::new(limit, &self.inner.transport.limits, self.fetch(listing), belongs)
    }

    fn fetch(&self, listing: Listing) -> Fetch {
        let client = self.clone();
        Box::new(move |offset, limit| {
            let (client, listing) = (client.clone(), listing.clone());
            async move { client.page(listing, offset, limit).await }.boxed()
        })
    }

    fn reading(&self, server: Server, limit: u32) -> Reading {
        let known = self.largest(server).load(Ordering::Relaxed);
        Reading::new(limit.min(known), &self.inner.transport.limits)
    }

    fn largest(&self, server: Server) -> &AtomicU32 {
        match server {
            Server::Account => &self.inner.largest_account_page,
            Server::Printing => &self.inner.largest_printing_page,
        }
    }

    async fn whole<T>(
        &self,
        route: Route,
        reading: &mut Reading,
        take: impl FnMut(Vec<T>, &Pass) + Send,
    ) -> Result<()>
    where
        T: DeserializeOwned + Identified + Send + 'static,
    {
        let fetch = self.fetch(Listing::all(route));
        let result = whole::read(reading, &self.inner.transport.limits, &fetch, take).await;
        if let Some(largest) = reading.largest() {
            self.largest(route.server).store(largest, Ordering::Relaxed);
        }
        result
    }

    async fn page(&self, listing: Listing, offset: u64, limit: u32) -> Result<Reply> {
        let mut call = self.call(Method::GET, listing.route, "");
        call.cap = self.inner.transport.limits.page_body;
        {
            let mut query = call.url.query_pairs_mut();
            if let Some(group) = &listing.group {
                query.append_pair("group", group.as_str());
            }
            query
                .append_pair("limit", &limit.to_string())
                .append_pair("offset", &offset.to_string());
        }
        if let Some(body) = &listing.body {
            call = call.json(body)?;
        }
        self.inner.transport.make(&call).await
    }

    /// The invitations are documented at two paths. Tries the first; if it does not exist (404, or 405
    /// because the server reads the path as a user's) the second, which is remembered for the session once it
    /// has answered: the 404 may have been a proxy's.
    async fn invitations_somewhere<T, F>(&self, call: impl Fn(Route) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let absent = |result: &Result<T>| {
            result
                .as_ref()
                .is_err_and(|e| e.is_status(404) || e.is_status(405))
        };
        if self.inner.invitations_too.load(Ordering::Relaxed) {
            return call(route::INVITATIONS_TOO).await;
        }
        let first = call(route::INVITATIONS).await;
        if !absent(&first) {
            return first;
        }
        let other = call(route::INVITATIONS_TOO).await;
        if other.is_ok() {
            self.inner.invitations_too.store(true, Ordering::Relaxed);
        }
        other
    }
}

/// A list to read: its path and its filter.
#[derive(Clone)]
struct Listing {
    route: Route,
    group: Option<GroupId>,
    body: Option<Value>,
}

impl Listing {
    fn all(route: Route) -> Self {
        Self {
            route,
            group: None,
            body: None,
        }
    }
}

fn group_refs(groups: &[GroupId]) -> Vec<GroupRef<&GroupId>> {
    groups.iter().map(|group_id| GroupRef { group_id }).collect()
}

/// Whether a 400 is about the form of `roles`.
fn names_roles(error: &Error) -> bool {
    match error {
        Error::Status(status) if status.status == 400 => {
            status.fields.keys().any(|field| field.starts_with("roles"))
        }
        _ => false,
    }
}
