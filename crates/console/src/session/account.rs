//! What the signed-in person does with the session: wait for the browser or not, go to another organization, sign out.
//! Must never leave a grant alive that the person meant to end (security.md 41).

use std::sync::Arc;

use ezeep_api::Client;
use ezeep_auth::{ClientId, Session};
use futures::StreamExt as _;
use url::Url;

use super::{Phase, SignedIn, Wanted, record_name};
use crate::error::{AppError, ErrorCode, Result};
use crate::wire::{Organization, OrganizationId};
use crate::workspace::Workspace;
use crate::{Console, convert};

/// Organizations asked for at a time.
const PAGE: u32 = 100;

impl Console {
    pub(super) fn leave(&self) {
        if let Phase::In(_, workspace) = &*self.0.phase() {
            workspace.leave();
        }
    }

    /// Opens the browser again at the same link.
    pub fn sign_in_open_again(&self) -> Result<()> {
        let link = self.link()?;
        self.0
            .host
            .open_browser(&link)
            .map_err(|error| AppError::new(ErrorCode::BrowserFailed).with_detail(error.to_string()))
    }

    /// Puts the link on the clipboard.
    pub fn sign_in_copy_link(&self) -> Result<()> {
        let link = self.link()?;
        self.0
            .host
            .copy(link.as_str())
            .map_err(|error| AppError::new(ErrorCode::Internal).with_detail(error.to_string()))
    }

    fn link(&self) -> Result<Url> {
        match &*self.0.phase() {
            Phase::Waiting(waiting) => Ok(waiting.link.clone()),
            _ => Err(ErrorCode::Cancelled.into()),
        }
    }

    /// Stops waiting for the browser. The listener is closed when it returns; a late redirect finds nobody.
    pub async fn sign_in_cancel(&self) {
        let closed = match &*self.0.phase() {
            Phase::Waiting(waiting) => Some(waiting.end()),
            Phase::Finishing { .. } => None,
            _ => return,
        };
        let epoch = self.0.begin_epoch();
        if let Some(closed) = closed {
            closed.cancelled().await;
        }
        self.0.go(epoch, Phase::SignedOut(None));
    }

    /// The organizations of the signed-in person, asked again.
    pub async fn organizations(&self) -> Result<Vec<Organization>> {
        let signed_in = self.signed_in()?;
        let api = self.0.client(&signed_in.endpoints, &signed_in.session, None);
        let now = list_organizations(&api).await?;
        let mut known = signed_in
            .organizations
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        known.clone_from(&now);
        Ok(now)
    }

    /// Goes to an organization. A failed switch leaves the one before as it was (security.md 44).
    ///
    /// Fails with [`ErrorCode::ChangesRunning`] while a plan is being written.
    pub async fn organization_choose(&self, organization: &OrganizationId) -> Result<()> {
        let signed_in = self.signed_in()?;
        let known = signed_in.organizations();
        let chosen = match known.iter().find(|o| o.id == *organization) {
            Some(found) => found.clone(),
            None => self
                .organizations()
                .await?
                .into_iter()
                .find(|o| o.id == *organization)
                .ok_or(ErrorCode::SwitchRefused)?,
        };
        if let Phase::In(_, workspace) = &*self.0.phase() {
            if workspace.organization.id == chosen.id {
                return Ok(());
            }
            if workspace.plans().values().any(|plan| plan.running()) {
                return Err(ErrorCode::ChangesRunning.into());
            }
        }
        let epoch = self.0.epoch();
        self.enter(epoch, &signed_in, chosen).await
    }

    /// Signs out: plans stop after the people being written, the grant is revoked, the record deleted whatever the server
    /// says (security.md 41, 42). The state says where the server could not be told.
    pub async fn sign_out(&self) -> Result<()> {
        let inner = &self.0;
        let signed_in = match &*inner.phase() {
            Phase::In(signed_in, _) | Phase::Choosing(signed_in, _) => Some(Arc::clone(signed_in)),
            Phase::Unreachable(_) => None,
            _ => return Err(ErrorCode::SignedOut.into()),
        };
        self.quiesce().await;
        self.leave();
        let epoch = inner.begin_epoch();
        let problem = match signed_in {
            Some(signed_in) => end(&signed_in.session).await,
            None => self.forget_kept().await,
        };
        inner.profile.change(|now| now.kept = None);
        inner.go(epoch, Phase::SignedOut(problem));
        Ok(())
    }

    /// Signs out a session that was never taken up, because no server answered.
    async fn forget_kept(&self) -> Option<AppError> {
        let inner = &self.0;
        let kept = inner.profile.get().kept?;
        let client_id = ClientId::try_from(kept.client_id).ok()?;
        let endpoints = inner.settings.endpoints.clone();
        let name = record_name(&endpoints, &client_id, &kept.person, &inner.settings.data_dir);
        let setup = inner
            .setup(Wanted {
                endpoints,
                client_id,
                redirect: inner.settings.redirect_uri.clone(),
                keep: true,
                fewer_rights: kept.fewer_rights,
                demo: None,
            })
            .ok()?;
        match Session::restore(setup.oauth, setup.store, name).await {
            Ok(Some(session)) => end(&session).await,
            Ok(None) => None,
            Err(error) => Some(error.into()),
        }
    }

    /// Who is signed in. Fails with [`ErrorCode::SignedOut`].
    pub(crate) fn signed_in(&self) -> Result<Arc<SignedIn>> {
        match &*self.0.phase() {
            Phase::In(signed_in, _) | Phase::Choosing(signed_in, _) => Ok(Arc::clone(signed_in)),
            _ => Err(ErrorCode::SignedOut.into()),
        }
    }

    /// The open organization, whichever it is.
    pub(crate) fn any_workspace(&self) -> Result<Arc<Workspace>> {
        match &*self.0.phase() {
            Phase::In(_, workspace) => Ok(Arc::clone(workspace)),
            _ => Err(ErrorCode::SignedOut.into()),
        }
    }

    /// The open organization, where it is the one asked for; [`ErrorCode::OrganizationChanged`] otherwise (security.md 43).
    pub(crate) fn workspace(&self, organization: &OrganizationId) -> Result<Arc<Workspace>> {
        let workspace = self.any_workspace()?;
        if workspace.organization.id == *organization {
            Ok(workspace)
        } else {
            Err(ErrorCode::OrganizationChanged.into())
        }
    }
}

/// Ends a session; what the person must know of it, if anything.
async fn end(session: &Session) -> Option<AppError> {
    let report = session.end().await;
    match (report.deleted, report.revoked) {
        (Err(error), _) => Some(error.into()),
        (Ok(()), Err(error)) => {
            Some(AppError::new(ErrorCode::SignOutNotConfirmed).with_detail(error.to_string()))
        }
        (Ok(()), Ok(())) => None,
    }
}

/// Every organization, Private last.
pub(super) async fn list_organizations(api: &Client) -> Result<Vec<Organization>> {
    let mut organizations = Vec::new();
    let mut pages = api.organizations(PAGE);
    while let Some(page) = pages.next().await {
        organizations.extend(page?.items);
    }
    convert::organizations(&organizations)
}
