//! Every call of the contract below `/v1` (account server) and on the printing server. Owns paths, bodies and the ways around
//! the documents' contradictions; must never hold a fact about the organization between two calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::FutureExt;
use http::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::endpoints::{Endpoints, Server};
use crate::error::{Error, Fault, Result};
use crate::ids::{GroupId, InvitationId, PrinterId, UserId};
use crate::model::{
    Account, AccountPatch, Group, GroupPatch, Invitation, NewAssignment, NewGroup, NewInvitation,
    Organization, PrintUser, PrintUserPatch, PrinterAssignment,
};
use crate::net::Limits;
use crate::pages::{Belongs, Pages};
use crate::reply::Reply;
use crate::token::TokenSource;
use crate::tolerant::GroupRef;
use crate::transport::{Call, Transport};

const INVITATIONS: &str = "/v1/users/userinvitations/";
const INVITATIONS_TOO: &str = "/v1/userinvitations/";

/// Both servers, for one sign-in in one organization. Cheap to clone; clones share the limits on requests in flight
/// and what was learned about the servers in this session.
///
/// Every call is cancelled by dropping its future. A write so cancelled may have happened.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    transport: Transport,
    /// The printing server refused PATCH on a user with 405: PUT is what it knows (contract).
    put_groups: AtomicBool,
    /// The account server has the invitations at the other of the two documented places.
    invitations_too: AtomicBool,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("endpoints", &self.inner.transport.endpoints)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A client made of [`crate::http_client`], the two servers, and a source of tokens.
    pub fn new(
        http: reqwest::Client,
        endpoints: Endpoints,
        tokens: Arc<dyn TokenSource>,
        limits: Limits,
    ) -> Self {
        let transport = Transport::new(http, endpoints, tokens, limits);
        let inner = Inner {
            transport,
            put_groups: AtomicBool::new(false),
            invitations_too: AtomicBool::new(false),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// The two servers.
    pub fn endpoints(&self) -> &Endpoints {
        &self.inner.transport.endpoints
    }

    // -- account server

    /// The organizations the signed-in person belongs to, with their roles in each. `limit` is the page size wanted, here
    /// and below.
    pub fn organizations(&self, limit: u32) -> Pages<Organization> {
        self.list(Listing::new(Server::Account, "/v1/organizations/"), limit, None)
    }

    /// The organization's people with name and address. Who is no admin gets only their own entry.
    pub fn accounts(&self, limit: u32) -> Pages<Account> {
        self.list(Listing::new(Server::Account, "/v1/users/"), limit, None)
    }

    /// The signed-in person.
    pub async fn me(&self) -> Result<Account> {
        self.read(Server::Account, "/v1/users/me", "").await
    }

    /// One person.
    pub async fn account(&self, id: &UserId) -> Result<Account> {
        let account: Account = self.read(Server::Account, "/v1/users/{id}/", id.as_str()).await?;
        same(id.as_str(), account.id.as_str())?;
        Ok(account)
    }

    /// Changes a person. Roles are sent as a list; a server that refuses that (400 naming `roles`) gets the plain word
    /// once, where there is just one (contract).
    pub async fn update_account(&self, id: &UserId, patch: &AccountPatch) -> Result<Account> {
        let template = "/v1/users/{id}/";
        let result = self
            .write(Method::PATCH, Server::Account, template, id.as_str(), patch)
            .await;
        let account: Account = match (result, patch.roles.as_deref()) {
            (Err(error), Some([role])) if names_roles(&error) => {
                let mut plain =
                    serde_json::to_value(patch).map_err(|e| Error::Unsendable { source: e.into() })?;
                plain["roles"] = role.as_str().into();
                self.write(Method::PATCH, Server::Account, template, id.as_str(), &plain)
                    .await?
            }
            (result, _) => result?,
        };
        same(id.as_str(), account.id.as_str()).map_err(Error::unknown_outcome)?;
        Ok(account)
    }

    /// Removes a person from the organization, with all their data. Cannot be undone.
    pub async fn delete_account(&self, id: &UserId) -> Result<()> {
        self.delete(Server::Account, "/v1/users/{id}/", id.as_str()).await
    }

    /// The invitations.
    pub fn invitations(&self, limit: u32) -> Pages<Invitation> {
        let client = self.clone();
        let fetch = move |offset, limit| {
            let client = client.clone();
            async move {
                let client = &client;
                client
                    .invitations_somewhere(|template| async move {
                        client
                            .page(&Listing::new(Server::Account, template), offset, limit)
                            .await
                    })
                    .await
            }
            .boxed()
        };
        Pages::new(limit, &self.inner.transport.limits, Box::new(fetch), None)
    }

    /// Invites somebody; the server sends a mail.
    pub async fn invite(&self, invitation: &NewInvitation) -> Result<Invitation> {
        self.invitations_somewhere(|template| {
            self.write(Method::POST, Server::Account, template, "", invitation)
        })
        .await
    }

    /// Sends an invitation again. Takes the invitation's id, not the person's.
    pub async fn resend_invitation(&self, id: &InvitationId) -> Result<InvitationId> {
        #[derive(Deserialize)]
        struct Sent {
            id: InvitationId,
        }
        let template = "/v1/userinvitations/{id}/";
        let sent: Sent = self
            .write(Method::PATCH, Server::Account, template, id.as_str(), &json!({}))
            .await?;
        same(id.as_str(), sent.id.as_str()).map_err(Error::unknown_outcome)?;
        Ok(sent.id)
    }

    // -- printing server

    /// The groups.
    pub fn groups(&self, limit: u32) -> Pages<Group> {
        self.list(Listing::new(Server::Printing, "/groups/"), limit, None)
    }

    /// One group.
    pub async fn group(&self, id: &GroupId) -> Result<Group> {
        let group: Group = self.read(Server::Printing, "/groups/{id}/", id.as_str()).await?;
        same(id.as_str(), group.id.as_str())?;
        Ok(group)
    }

    /// Makes a group. After [`Error::OutcomeUnknown`] look for it by reading; this call is not idempotent.
    pub async fn create_group(&self, group: &NewGroup) -> Result<Group> {
        self.write(Method::POST, Server::Printing, "/groups/", "", group)
            .await
    }

    /// Changes a group.
    pub async fn update_group(&self, id: &GroupId, patch: &GroupPatch) -> Result<Group> {
        let group: Group = self
            .write(
                Method::PATCH,
                Server::Printing,
                "/groups/{id}/",
                id.as_str(),
                patch,
            )
            .await?;
        same(id.as_str(), group.id.as_str()).map_err(Error::unknown_outcome)?;
        Ok(group)
    }

    /// Deletes a group.
    pub async fn delete_group(&self, id: &GroupId) -> Result<()> {
        self.delete(Server::Printing, "/groups/{id}/", id.as_str()).await
    }

    /// Everybody's memberships and print settings, without names.
    pub fn print_users(&self, limit: u32) -> Pages<PrintUser> {
        self.list(Listing::new(Server::Printing, "/users/"), limit, None)
    }

    /// The people of a group by the documented filter, a GET with a JSON body. A proxy may drop that body, and the server may
    /// then answer with everybody: such people are left in the page and counted in [`Page::strangers`](crate::Page::strangers).
    /// Where that is not 0, the filter was not honoured: filter yourself, and don't trust `count`.
    pub fn print_users_in(&self, group: &GroupId, limit: u32) -> Pages<PrintUser> {
        let mut listing = Listing::new(Server::Printing, "/users/");
        listing.body = Some(json!({ "groups": [{ "group_id": group }] }));
        let group = group.clone();
        self.list(
            listing,
            limit,
            Some(Box::new(move |user: &PrintUser| user.groups.contains(&group))),
        )
    }

    /// One person's memberships and print settings.
    pub async fn print_user(&self, id: &UserId) -> Result<PrintUser> {
        let user: PrintUser = self.read(Server::Printing, "/users/{id}/", id.as_str()).await?;
        same(id.as_str(), user.id.as_str())?;
        Ok(user)
    }

    /// Replaces the whole list of a person's groups: a group left out is a membership lost. So read just before, change only
    /// what is to change, and compare the answer (contract; security.md 50). A server that answers 405 gets PUT from then on.
    pub async fn replace_groups(&self, id: &UserId, groups: &[GroupId]) -> Result<PrintUser> {
        let template = "/users/{id}/";
        let body = json!({ "groups": group_refs(groups) });
        let put = self.inner.put_groups.load(Ordering::Relaxed);
        let method = if put { Method::PUT } else { Method::PATCH };
        let mut result = self
            .write(method, Server::Printing, template, id.as_str(), &body)
            .await;
        if !put && result.as_ref().is_err_and(|error: &Error| error.is_status(405)) {
            self.inner.put_groups.store(true, Ordering::Relaxed);
            result = self
                .write(Method::PUT, Server::Printing, template, id.as_str(), &body)
                .await;
        }
        let user: PrintUser = result?;
        same(id.as_str(), user.id.as_str()).map_err(Error::unknown_outcome)?;
        Ok(user)
    }

    /// Changes a person's print settings, and never the groups.
    pub async fn update_print_user(&self, id: &UserId, patch: &PrintUserPatch) -> Result<PrintUser> {
        let user: PrintUser = self
            .write(
                Method::PATCH,
                Server::Printing,
                "/users/{id}/",
                id.as_str(),
                patch,
            )
            .await?;
        same(id.as_str(), user.id.as_str()).map_err(Error::unknown_outcome)?;
        Ok(user)
    }

    /// The printers and whom they are assigned to; those of one group, where one is given.
    pub fn assignments(&self, group: Option<&GroupId>, limit: u32) -> Pages<PrinterAssignment> {
        let mut listing = Listing::new(Server::Printing, "/assignments/");
        listing.group = group.cloned();
        let belongs: Option<Belongs<PrinterAssignment>> = group.cloned().map(|group| {
            let has = move |printer: &PrinterAssignment| {
                printer
                    .assignments
                    .iter()
                    .flat_map(|entry| &entry.groups)
                    .any(|assigned| assigned.group_id == group)
            };
            Box::new(has) as Belongs<PrinterAssignment>
        });
        self.list(listing, limit, belongs)
    }

    /// Replaces the whole list of a printer's assignments.
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
        let template = "/assignments/{id}/";
        let printer: PrinterAssignment = self
            .write(Method::PUT, Server::Printing, template, id.as_str(), &body)
            .await?;
        same(id.as_str(), printer.printer_id.as_str()).map_err(Error::unknown_outcome)?;
        Ok(printer)
    }

    // -- common to all

    fn list<T>(&self, listing: Listing, limit: u32, belongs: Option<Belongs<T>>) -> Pages<T>
    where
        T: DeserializeOwned + Send + 'static,
    {
        let client = self.clone();
        let listing = Arc::new(listing);
        let fetch = move |offset, limit| {
            let (client, listing) = (client.clone(), Arc::clone(&listing));
            async move { client.page(&listing, offset, limit).await }.boxed()
        };
        Pages::new(limit, &self.inner.transport.limits, Box::new(fetch), belongs)
    }

    async fn page(&self, listing: &Listing, offset: u64, limit: u32) -> Result<Reply> {
        let mut call = self.call(Method::GET, listing.server, listing.template, "");
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

    async fn read<T: DeserializeOwned>(&self, server: Server, template: &'static str, id: &str) -> Result<T> {
        self.inner
            .transport
            .make(&self.call(Method::GET, server, template, id))
            .await?
            .json()
    }

    async fn write<T, B>(
        &self,
        method: Method,
        server: Server,
        template: &'static str,
        id: &str,
        body: &B,
    ) -> Result<T>
    where
        T: DeserializeOwned,
        B: Serialize + Sync + ?Sized,
    {
        let call = self.call(method, server, template, id).json(body)?;
        // A 2xx that can't be understood: the server did something.
        self.inner
            .transport
            .make(&call)
            .await?
            .json()
            .map_err(Error::unknown_outcome)
    }

    async fn delete(&self, server: Server, template: &'static str, id: &str) -> Result<()> {
        self.inner
            .transport
            .make(&self.call(Method::DELETE, server, template, id))
            .await
            .map(drop)
    }

    /// The invitations are documented at two places. Tries the first; where it is not there (404, or 405 because the server
    /// takes the path for a person's) the other, remembered for the session once it is.
    async fn invitations_somewhere<T, F>(&self, call: impl Fn(&'static str) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let absent = |result: &Result<T>| {
            result
                .as_ref()
                .is_err_and(|e| e.is_status(404) || e.is_status(405))
        };
        if self.inner.invitations_too.load(Ordering::Relaxed) {
            return call(INVITATIONS_TOO).await;
        }
        let first = call(INVITATIONS).await;
        if !absent(&first) {
            return first;
        }
        let other = call(INVITATIONS_TOO).await;
        if !absent(&other) {
            self.inner.invitations_too.store(true, Ordering::Relaxed);
        }
        other
    }

    /// A call to a path as the contract writes it, `{id}` filled in.
    fn call(&self, method: Method, server: Server, template: &'static str, id: &str) -> Call {
        let segments: Vec<&str> = template
            .split('/')
            .skip(1)
            .map(|part| if part == "{id}" { id } else { part })
            .collect();
        let transport = &self.inner.transport;
        let url = transport.endpoints.url(server, &segments);
        Call {
            method,
            server,
            template,
            url,
            body: None,
            cap: transport.limits.object_body,
        }
    }
}

/// A list to read: where, and with what filter.
struct Listing {
    server: Server,
    template: &'static str,
    group: Option<GroupId>,
    body: Option<serde_json::Value>,
}

impl Listing {
    fn new(server: Server, template: &'static str) -> Self {
        Self {
            server,
            template,
            group: None,
            body: None,
        }
    }
}

fn group_refs(groups: &[GroupId]) -> Vec<GroupRef<&GroupId>> {
    groups.iter().map(|group_id| GroupRef { group_id }).collect()
}

/// The answer must tell of the object asked for; a server may write its letters in another case.
fn same(asked: &str, told: &str) -> Result<()> {
    if asked.eq_ignore_ascii_case(told) {
        Ok(())
    } else {
        Err(Error::Malformed {
            why: Fault::OtherObject,
            content_type: None,
        })
    }
}

/// A 400 about the form of `roles`.
fn names_roles(error: &Error) -> bool {
    match error {
        Error::Status(status) if status.status == 400 => status
            .fields
            .keys()
            .any(|field| field == "roles" || field.starts_with("roles")),
        _ => false,
    }
}
