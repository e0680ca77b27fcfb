//! From new tokens to an account of this computer. Must never leave an unused grant alive (security.md 41).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use ezeep_api::{BearerToken, TokenSource, TokenUnavailable};
use ezeep_auth::{EndReason, Session, SessionState, TokenSet};
use ids::AccountId;
use secrecy::SecretString;

use super::super::context::Context;
use super::super::controller_channel::AttemptReport;
use super::super::live_account::LiveAccount;
use super::super::organizations::switch_error;
use super::super::setup::{Setup, account_of};
use super::super::sign_out::end;
use super::job::SignInJob;
use crate::error::{ErrorCode, Result};
use crate::profile::RememberedAccount;
use crate::wire::{AppEvent, TokenStorage};
use crate::workspace::OpenOrganization;

/// Pauses between attempts at revoking a replaced grant.
const REVOKE_PAUSES: [Duration; 4] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(120),
    Duration::from_secs(600),
];

impl SignInJob {
    /// Stores the tokens and hands their account to the controller. If the person is signed in here already,
    /// they continue in what is open.
    pub async fn complete(&self, setup: Setup, tokens: TokenSet) -> Result<()> {
        let (context, services) = (&self.context, &self.context.services);
        let person = context.subject(&setup, &tokens).await?;
        if self.cancel.is_cancelled() {
            end_unused(&setup, &tokens).await;
            return Err(ErrorCode::Cancelled.into());
        }
        let name = services.record(&setup.wanted, &person);
        let id = account_of(&name)?;
        let remembered = RememberedAccount {
            client_id: setup.wanted.client_id.as_str().to_owned(),
            issuer: setup.wanted.endpoints.account().as_str().to_owned(),
            person,
            fewer_rights: setup.wanted.fewer_rights,
            email: String::new(),
            name: String::new(),
            organization: None,
            place: None,
            expired: false,
            signing_in: None,
        };
        let storage = setup.storage;
        // An earlier sign-out's removal is finished first, so that it can't remove the new files.
        let holder = services.holder(setup.wanted.endpoints.account(), &remembered.person)?;
        let stays = services.holder_has_another(&holder, &id).await;
        services.account_files.finish_removal(&holder, stays).await;
        // Until the session exists, nothing else may use the record: two sessions of one record would end
        // each other.
        let record = context.records.lock(&id).await;
        // Remembered first: a record that the settings do not name would be a grant that nothing uses or
        // ends.
        let before = services.remembered(&id);
        if storage == TokenStorage::Keychain {
            context.remember_signing_in(&id, &remembered).await;
        }
        let session = match Session::establish(setup.oauth, setup.store, name, tokens).await {
            Ok(session) => session,
            Err(error) => {
                context.remember_as_before(&id, before).await;
                return Err(error.into());
            }
        };
        if storage == TokenStorage::Keychain {
            context.remember_signed_in(&id, remembered).await;
        }
        let known = context.live(&id);
        let for_this_run = storage == TokenStorage::Memory && setup.wanted.demo.is_none();
        if for_this_run && known.is_none() {
            context.end_unrestored(&id).await;
        }
        let Some(account) = known else {
            let wanted = setup.wanted;
            let account = LiveAccount::new(id, holder, session, wanted.endpoints, storage, wanted.demo);
            context.register(&account).await;
            drop(record);
            let new = before.is_none();
            let report = AttemptReport::Established {
                account: Arc::clone(&account),
                new,
            };
            let established = self.report(report).await;
            if established.is_err() && new {
                context.undo_sign_in(&account).await;
            }
            return established;
        };
        if !for_this_run {
            account.update_info(|info| info.storage = storage);
        }
        drop(record);
        let state = context.controller.state();
        let open = state.open_of(&account.id).map(|(_, workspace)| workspace);
        let stays = match open {
            Some(workspace) => stays_in(&session, workspace).await,
            None => Ok(false),
        };
        // Not during or after the account's sign-out: nothing would end the new session then.
        let record = context.records.lock(&account.id).await;
        if *account.session().state().borrow() == SessionState::Ended(EndReason::SignedOut) {
            if let Some(problem) = end(&session).await {
                tracing::warn!(error = %problem, "a sign-in that a sign-out has overtaken could not be ended");
            }
            return Err(ErrorCode::Cancelled.into());
        }
        let by = session.clone();
        let before = account.replace(session, storage);
        if for_this_run {
            if let Some(workspace) = open {
                workspace.permission.revoke();
            }
            if !services.holder_may_have_another(&holder, &account.id).await {
                services.account_files.forget(&holder).await;
            }
        }
        // The old grant is revoked at the server.
        let (ends, of) = (context.clone(), Arc::clone(&account));
        tokio::spawn(async move { ends.end_replaced(&of, before, by).await });
        context.register(&account).await;
        drop(record);
        let report = match open {
            Some(_) if stays? => AttemptReport::SignedInAgain(account),
            _ => AttemptReport::Established { account, new: false },
        };
        self.report(report).await
    }
}

impl Context {
    /// Ends the account of a sign-in that was cancelled after its session was stored.
    pub async fn undo_sign_in(&self, account: &LiveAccount) {
        if let Some(problem) = self.end_account(&account.id).await {
            tracing::warn!(error = %problem, "a sign-in that was cancelled could not be ended");
        }
        self.services.host.emit(AppEvent::Session);
    }

    /// Revokes the grant of a session that another sign-in of its person has replaced. If the new session is
    /// not stored, nothing of the account stays stored.
    async fn end_replaced(&self, account: &LiveAccount, before: Session, by: Session) {
        let mut pauses = REVOKE_PAUSES.into_iter();
        loop {
            let report = before.end_replaced(&by).await;
            if report.deleted.is_ok() {
                let _record = self.records.lock(&account.id).await;
                if account.info().storage == TokenStorage::Memory {
                    self.forget_sign_in(&account.id).await;
                }
            }
            let Err(error) = report.revoked else { return };
            let Some(pause) = pauses.next() else {
                tracing::warn!(%error, "a replaced grant lives at the server until it expires");
                return;
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Ends the stored session of a person who has signed in for this run only, if it was not restored.
    async fn end_unrestored(&self, id: &AccountId) {
        match self.end_stored_session(id).await {
            None => {}
            Some(error) if error.code == ErrorCode::SignOutNotConfirmed => {
                tracing::warn!(%error, "a replaced grant lives at the server until it expires");
            }
            // The record may still be there: the account stays remembered.
            Some(error) => {
                tracing::warn!(%error, "the session that was kept could not be ended");
                return;
            }
        }
        self.forget_sign_in(id).await;
    }

    /// The user whom the tokens belong to, from the token or else from the account server.
    ///
    /// # Errors
    /// The account server's error. The grant is then revoked: nothing else would use or end it.
    async fn subject(&self, setup: &Setup, tokens: &TokenSet) -> Result<String> {
        if let Some(subject) = &tokens.claims.sub {
            return Ok(subject.clone());
        }
        let source = Arc::new(FirstToken(tokens.access.clone()));
        let api = self.services.client_with(setup.wanted.endpoints.clone(), source);
        match api.me().await {
            Ok(me) => Ok(me.id.as_str().to_owned()),
            Err(error) => {
                end_unused(setup, tokens).await;
                Err(error.into())
            }
        }
    }
}

/// Whether the new session continues in the open organization. True also if the servers can't be asked now,
/// so that a bad network costs no sign-in: the next call asks again. False if the server refuses the
/// organization.
async fn stays_in(session: &Session, workspace: &OpenOrganization) -> Result<bool> {
    let organization = &workspace.context.organization.id;
    let Err(error) = session.switch(organization).await.map_err(switch_error) else {
        return Ok(true);
    };
    match error.code {
        // The person is no longer a member: the sign-in continues with the choice of an organization.
        ErrorCode::SwitchRefused | ErrorCode::SignInRefused => Ok(false),
        ErrorCode::SessionEnded => Err(error),
        _ => {
            tracing::warn!(%error, "the organization is asked for again with the next call");
            session.bind_to(Some(organization.clone()));
            Ok(true)
        }
    }
}

/// Revokes a grant that nothing would use.
async fn end_unused(setup: &Setup, tokens: &TokenSet) {
    if let Some(refresh) = &tokens.refresh
        && let Err(error) = setup.oauth.revoke(refresh).await
    {
        tracing::warn!(%error, "a sign-in that came to nothing could not be ended at the server");
    }
}

/// The access token of a sign-in that has no session yet.
struct FirstToken(SecretString);

#[async_trait]
impl TokenSource for FirstToken {
    async fn token(&self) -> std::result::Result<BearerToken, TokenUnavailable> {
        Ok(BearerToken::new(self.0.clone(), 1))
    }

    async fn renew(&self, _refused: u64) -> std::result::Result<BearerToken, TokenUnavailable> {
        self.token().await
    }
}
