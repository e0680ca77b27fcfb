//! The paths of the contract, and calls made from them. Owns only where things are.

use std::time::Duration;

use http::Method;

use crate::endpoints::{Endpoints, Server};
use crate::net::Limits;
use crate::transport::{Call, RetryPolicy};

/// A path of the contract at one of the servers; `{id}` stands for an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) server: Server,
    template: &'static str,
}

const fn account(template: &'static str) -> Route {
    Route {
        server: Server::Account,
        template,
    }
}

const fn printing(template: &'static str) -> Route {
    Route {
        server: Server::Printing,
        template,
    }
}

pub(crate) const ORGANIZATIONS: Route = account("/v1/organizations/");
pub(crate) const ACCOUNTS: Route = account("/v1/users/");
pub(crate) const ME: Route = account("/v1/users/me");
pub(crate) const ACCOUNT: Route = account("/v1/users/{id}/");
/// The first of the two documented paths of the invitations.
pub(crate) const INVITATIONS: Route = account("/v1/users/userinvitations/");
/// The second.
pub(crate) const INVITATIONS_SECOND_PATH: Route = account("/v1/userinvitations/");
pub(crate) const INVITATION: Route = account("/v1/userinvitations/{id}/");
pub(crate) const GROUPS: Route = printing("/groups/");
pub(crate) const GROUP: Route = printing("/groups/{id}/");
pub(crate) const PRINT_USERS: Route = printing("/users/");
pub(crate) const PRINT_USER: Route = printing("/users/{id}/");
pub(crate) const ASSIGNMENTS: Route = printing("/assignments/");
pub(crate) const ASSIGNMENT: Route = printing("/assignments/{id}/");

/// Lists that only admins of the organization may read.
const LISTS: [Route; 6] = [
    ACCOUNTS,
    INVITATIONS,
    INVITATIONS_SECOND_PATH,
    GROUPS,
    PRINT_USERS,
    ASSIGNMENTS,
];

impl Route {
    /// A call to this path with the id filled in. A GET is a read; all others are writes that are repeated
    /// only if refused.
    pub(crate) fn call(self, method: Method, id: &str, endpoints: &Endpoints, limits: &Limits) -> Call {
        let parts = self.template.split('/').skip(1);
        let segments: Vec<&str> = parts.map(|part| if part == "{id}" { id } else { part }).collect();
        let retry = if method == Method::GET {
            RetryPolicy::Idempotent
        } else {
            RetryPolicy::OnlyIfNotProcessed
        };
        let lists_organization = method == Method::GET && LISTS.contains(&self);
        Call {
            method,
            server: self.server,
            template: self.template,
            url: endpoints.url(self.server, &segments),
            body: None,
            cap: limits.object_body,
            retry,
            longest_wait: Duration::MAX,
            lists_organization,
        }
    }
}
