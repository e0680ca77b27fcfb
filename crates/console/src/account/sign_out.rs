//! Signing out of one account or of all. Must never leave a grant alive that the person meant to end
//! (security.md 41).

use std::collections::BTreeSet;
use std::sync::Arc;

use ezeep_auth::Session;
use ids::AccountId;

use super::context::Context;
use super::controller_channel::Message;
use crate::error::{AppError, ErrorCode};
use crate::workspace::OpenOrganization;

impl Context {
    /// Signs these accounts out, after the plans of the open organization have stopped. Returns the problem
    /// to show, if any.
    pub async fn sign_out(
        &self,
        ids: BTreeSet<AccountId>,
        workspace: Option<Arc<OpenOrganization>>,
    ) -> Option<AppError> {
        if let Some(workspace) = workspace {
            workspace.plans.stop_runs().await;
            workspace.leave();
        }
        let ended = futures::future::join_all(ids.iter().map(|id| self.end_account(id))).await;
        ended.into_iter().flatten().next()
    }

    /// All accounts on this computer, including those whose sign-in was interrupted: their records may be in
    /// the keychain.
    pub fn all_accounts(&self) -> BTreeSet<AccountId> {
        let mut ids: BTreeSet<AccountId> = self.controller.state().live.into_keys().collect();
        let remembered = self.services.profile.get().accounts;
        ids.extend(
            remembered
                .iter()
                .filter_map(|remembered| self.services.id_of(remembered)),
        );
        ids
    }

    /// Ends an account's session, in memory or in the keychain, and forgets the account and, unless another
    /// account has them, its files. Returns the problem to show, if any.
    pub async fn end_account(&self, id: &AccountId) -> Option<AppError> {
        let _record = self.records.lock(id).await;
        let live = self.live(id);
        let holder = match &live {
            Some(account) => Some(account.holder.clone()),
            None => {
                let remembered = self.services.remembered(id);
                remembered.and_then(|remembered| self.services.holder_of(&remembered))
            }
        };
        let services = &self.services;
        // Marked first: if the process ends after the session and before the files are removed, the next start
        // removes them.
        if let Some(holder) = &holder
            && !services.holder_has_another(holder, id).await
        {
            services.account_files.mark(holder).await;
        }
        let problem = match live {
            Some(account) => end(&account.session()).await,
            None => self.end_stored_session(id).await,
        };
        let forgotten = self
            .controller
            .request(|reply| Message::Forgotten(id.clone(), reply));
        // Fails only while the process ends.
        let _ = forgotten.await;
        self.forget_remembered(id, holder.as_ref()).await;
        // Checked again: another account of the same person may have been signed out or in meanwhile.
        if let Some(holder) = &holder {
            if services.holder_has_another(holder, id).await {
                services.account_files.unmark(holder).await;
            } else {
                services.account_files.forget(holder).await;
            }
        }
        problem
    }

    /// Ends a session that was never restored: no server answered, or its account was not in front. The
    /// caller holds the record's lock.
    pub async fn end_stored_session(&self, id: &AccountId) -> Option<AppError> {
        let services = &self.services;
        let remembered = services.remembered(id)?;
        let setup = services.setup_of(&remembered).ok()?;
        let name = services.record(&setup.wanted, &remembered.person);
        match Session::restore(setup.oauth, setup.store, name).await {
            Ok(Some(session)) => end(&session).await,
            Ok(None) => None,
            Err(error) => Some(error.into()),
        }
    }
}

/// Ends a session. Returns the problem to show, if any.
pub async fn end(session: &Session) -> Option<AppError> {
    let report = session.end().await;
    match (report.deleted, report.revoked) {
        (Err(error), _) => Some(error.into()),
        (Ok(()), Err(error)) => {
            Some(AppError::new(ErrorCode::SignOutNotConfirmed).with_detail(error.to_string()))
        }
        (Ok(()), Ok(())) => None,
    }
}
