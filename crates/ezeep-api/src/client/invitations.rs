//! Invitations, on the account server.

use std::sync::atomic::Ordering;

use futures::FutureExt;
use http::Method;
use ids::InvitationId;
use serde::Deserialize;
use serde_json::json;

use crate::error::Result;
use crate::identified::Identified;
use crate::model::{Invitation, NewInvitation};
use crate::pagination::Pages;
use crate::route::{self, Route};

use super::Client;
use super::lists::Listing;

impl Client {
    /// The invitations.
    pub fn invitations(&self, page_size: u32) -> Pages<Invitation> {
        let client = self.clone();
        let fetch = move |offset, page_size| {
            let client = client.clone();
            async move {
                let client = &client;
                let page = |route| client.page(Listing::all(route), offset, page_size);
                client.invitations_somewhere(page).await
            }
            .boxed()
        };
        Pages::new(page_size, &self.inner.transport.limits, Box::new(fetch), None)
    }

    /// Creates an invitation; the server sends a mail.
    ///
    /// # Errors
    /// [Call errors](Client#call-errors); after [`crate::Error::OutcomeUnknown`] read the invitations to find
    /// it.
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
    /// [Call errors](Client#call-errors); [`crate::Error::OutcomeUnknown`] if a mail may have been sent.
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
        if self.inner.uses_second_invitations_path.load(Ordering::Relaxed) {
            return call(route::INVITATIONS_SECOND_PATH).await;
        }
        let first = call(route::INVITATIONS).await;
        if !absent(&first) {
            return first;
        }
        let other = call(route::INVITATIONS_SECOND_PATH).await;
        if other.is_ok() {
            self.inner
                .uses_second_invitations_path
                .store(true, Ordering::Relaxed);
        }
        other
    }
}
