//! Organizations and users on the account server.

use http::Method;
use ids::UserId;

use crate::error::{Error, Result};
use crate::model::{Account, AccountPatch, Organization};
use crate::pagination::{Pages, Pass, Reading};
use crate::route;

use super::Client;
use super::lists::Listing;

impl Client {
    /// The organizations of the signed-in user, with the user's roles in each. `page_size` is the
    /// wanted one, here and below.
    pub fn organizations(&self, page_size: u32) -> Pages<Organization> {
        self.list(Listing::all(route::ORGANIZATIONS), page_size, None)
    }

    /// The organization's users with name and address. A user who is no admin gets only their own entry.
    pub fn accounts(&self, page_size: u32) -> Pages<Account> {
        self.list(Listing::all(route::ACCOUNTS), page_size, None)
    }

    /// Reads [`Client::accounts`] to the end, several pages at a time. All calls of the client share
    /// [`crate::Limits::in_flight`] and its reduction after a 429. `take` gets the new users of each page, in
    /// order, and what the pass has seen. Cancelled by dropping; the next call with the same `reading`
    /// continues.
    ///
    /// # Errors
    /// [Call errors](Client#call-errors), and [`Error::Paging`] if the pages do not make up a list.
    pub async fn read_accounts(
        &self,
        reading: &mut Reading,
        mut take: impl FnMut(Vec<Account>, &Pass) + Send,
    ) -> Result<()> {
        let take = |items, pass: &_| {
            take(items, pass);
            Ok(())
        };
        self.read(route::ACCOUNTS, reading, take).await
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
