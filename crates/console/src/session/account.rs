//! What the person does with the sign-in: wait for the browser or not, sign out of one account or of all.
//! Must never leave a grant alive that the person meant to end (security.md 41).

use std::collections::BTreeSet;
use std::sync::Arc;

use ezeep_auth::Session;
use ids::{AccountId, WorkspaceId};
use url::Url;

use super::{Over, Phase, SignedIn, Step, Waiting};
use crate::Console;
use crate::error::{AppError, ErrorCode, Result};
use crate::wire::AppEvent;
use crate::workspace::Workspace;

impl Console {
    /// Opens the browser again at the same link, or at the page that takes the pairing code. The state says
    /// whether that failed.
    pub fn sign_in_open_again(&self) -> Result<()> {
        // Before the link is read: a wait that begins in between is not told how the page of the one before
        // opened.
        let epoch = self.0.epoch();
        let link = self.link()?;
        self.0.open_page(epoch, &link);
        Ok(())
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
            Phase::SignIn(step) | Phase::In(_, _, Some(Over { step, .. })) => {
                step.waiting().map(|waiting| waiting.link.clone())
            }
            _ => None,
        }
        .ok_or_else(|| ErrorCode::Cancelled.into())
    }

    /// Stops waiting. The listener is closed when it returns; a late redirect finds nobody.
    pub async fn sign_in_cancel(&self) {
        let closed = match &*self.0.phase() {
            Phase::SignIn(step) | Phase::In(_, _, Some(Over { step, .. })) => match step {
                Step::Waiting(waiting) => Some(waiting.end()),
                Step::Finishing { .. } => None,
                Step::Form(_) => return,
            },
            _ => return,
        };
        let epoch = self.0.begin_epoch();
        if let Some(closed) = closed {
            closed.cancelled().await;
        }
        self.0.go_step(epoch, Step::Form(None));
    }

    /// Signs the account in front out: plans stop after the people being written, the grant is revoked, the record deleted
    /// whatever the server says (security.md 41, 42). The state says where the server could not be told.
    pub async fn sign_out(&self) -> Result<()> {
        let inner = &self.0;
        let id = match &*inner.phase() {
            Phase::In(signed_in, ..) | Phase::Choosing(signed_in, _) => Some(signed_in.held.id.clone()),
            Phase::Unreachable(_) => None,
            _ => return Err(ErrorCode::SignedOut.into()),
        };
        let id = id.or_else(|| inner.account_to_resume());
        let epoch = self.go_out().await;
        let problem = match id {
            Some(id) => self.end_account(&id).await,
            None => None,
        };
        inner.go(epoch, Phase::SignIn(Step::Form(problem)));
        Ok(())
    }

    /// Signs every account on this computer out, and with each all of its organizations.
    pub async fn sign_out_all(&self) -> Result<()> {
        let epoch = self.go_out().await;
        let mut ids: BTreeSet<AccountId> = self.0.live().keys().cloned().collect();
        // Also one whose sign-in was cut short: its record may be in the keychain.
        let kept = self.0.profile.get().accounts;
        ids.extend(kept.iter().filter_map(|kept| self.0.id_of(kept)));
        let ended = futures::future::join_all(ids.iter().map(|id| self.end_account(id))).await;
        let problem = ended.into_iter().flatten().next();
        self.0.go(epoch, Phase::SignIn(Step::Form(problem)));
        Ok(())
    }

    /// Signs one account out and forgets it; the one in front stays where it is, unless it is this one.
    ///
    /// Fails with [`ErrorCode::SignOutNotConfirmed`] where the server could not be told; it is forgotten all the same.
    pub async fn account_forget(&self, id: &AccountId) -> Result<()> {
        if self.0.current().as_ref() == Some(id) {
            return self.sign_out().await;
        }
        let problem = self.end_account(id).await;
        self.0.host.emit(AppEvent::Session);
        problem.map_or(Ok(()), Err)
    }

    /// Ends what is under way: plans, an attempt, the open organization.
    async fn go_out(&self) -> u64 {
        self.quiesce().await;
        let closed = match &*self.0.phase() {
            Phase::In(_, workspace, over) => {
                workspace.leave();
                over.as_ref()
                    .and_then(|over| over.step.waiting())
                    .map(Waiting::end)
            }
            Phase::SignIn(step) => step.waiting().map(Waiting::end),
            _ => None,
        };
        let epoch = self.0.begin_epoch();
        if let Some(closed) = closed {
            closed.cancelled().await;
        }
        epoch
    }

    /// Ends an account's session, in memory or in the keychain, and forgets it; what the person must know of it, if anything.
    async fn end_account(&self, id: &AccountId) -> Option<AppError> {
        let inner = &self.0;
        let live = inner.live().get(id).cloned();
        let problem = match live {
            Some(held) => end(&held.session()).await,
            None => self.end_kept(id).await,
        };
        // Noted first: if the process ends between these two steps, the next start removes the files.
        inner.cache.mark(id).await;
        inner.forget(id);
        inner.cache.forget(id).await;
        problem
    }

    /// Ends a session that was never taken up: no server answered, or its account stayed beside the one in front.
    pub(super) async fn end_kept(&self, id: &AccountId) -> Option<AppError> {
        let kept = self.0.kept(id)?;
        let setup = self.0.setup_of(&kept).ok()?;
        let name = self.0.record(&setup.wanted, &kept.person);
        match Session::restore(setup.oauth, setup.store, name).await {
            Ok(Some(session)) => end(&session).await,
            Ok(None) => None,
            Err(error) => Some(error.into()),
        }
    }

    /// Who is signed in. Fails with [`ErrorCode::SignedOut`].
    pub(crate) fn signed_in(&self) -> Result<Arc<SignedIn>> {
        match &*self.0.phase() {
            Phase::In(signed_in, ..) | Phase::Choosing(signed_in, _) => Ok(Arc::clone(signed_in)),
            _ => Err(ErrorCode::SignedOut.into()),
        }
    }

    /// The open organization, whichever it is.
    pub(crate) fn any_workspace(&self) -> Result<Arc<Workspace>> {
        match &*self.0.phase() {
            Phase::In(_, workspace, _) => Ok(Arc::clone(workspace)),
            _ => Err(ErrorCode::SignedOut.into()),
        }
    }

    /// The open organization, where it is the one asked for; [`ErrorCode::OrganizationChanged`] otherwise (security.md 43).
    pub(crate) fn workspace(&self, id: &WorkspaceId) -> Result<Arc<Workspace>> {
        let workspace = self.any_workspace()?;
        if workspace.context.id == *id {
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
