//! The start: restores the sessions stored in the keychain, the account in front first, then the others. Must
//! never delay the first paint, nor treat an unreachable server as a sign-out (security.md 37).

use std::path::Path;
use std::sync::Arc;

use ezeep_auth::{RecordName, Session, SessionError, StoreError};
use ids::AccountId;

use super::context::Context;
use super::controller_channel::OpeningReport;
use super::live_account::LiveAccount;
use super::opening::OpeningJob;
use crate::error::{AppError, ErrorCode, Result};
use crate::profile::{RememberedAccount, SigningIn};
use crate::wire::{AppEvent, DiskProblem, DiskThing, KeychainState, TokenStorage};

impl OpeningJob {
    /// Restores the account that was in front. Reports the result itself.
    ///
    /// # Errors
    /// [`ErrorCode::Cancelled`] if it was overtaken.
    pub async fn restore(&self, stale_link: bool) -> Result<()> {
        let (context, services) = (&self.context, &self.context.services);
        let look = || {
            services
                .account_to_show()
                .map(|id| context.search_saved_copy(&id))
        };
        // In parallel to the keychain probe: the saved copy is to be shown first.
        let mut saved = look();
        let keychain = self.droppable(async { Ok(services.probe().await) }).await?;
        if keychain_problem(keychain).is_none()
            && services.account_files.is_owner()
            && context.finish_cut_short_sign_ins().await
        {
            saved = look();
        }
        let form = |problem| self.report(OpeningReport::ShowForm(problem));
        let Some(id) = services.account_to_resume() else {
            if !stale_link
                && let (Some(id), Some(saved)) = (services.account_to_show(), saved)
                && self.show_ended(&id, saved).await
            {
                return Ok(());
            }
            return form(stale_link.then(|| ErrorCode::SignInStale.into())).await;
        };
        if let Some(problem) = keychain_problem(keychain) {
            return form(Some(problem)).await;
        }
        let account = match self.droppable(context.restore_account(&id)).await {
            Ok(account) => account,
            Err(error) if error.code == ErrorCode::AccountGone => return form(None).await,
            // The keychain has no record of it: the user signs in again, over the saved copy.
            Err(error) if error.code == ErrorCode::SessionEnded => {
                if let Some(saved) = saved
                    && self.show_ended(&id, saved).await
                {
                    return Ok(());
                }
                return form(Some(error)).await;
            }
            Err(error) => return form(Some(error)).await,
        };
        self.report(OpeningReport::Finishing(id.clone())).await?;
        let shown = self.droppable(async {
            if let Some(saved) = saved {
                self.show_saved(&account, saved).await;
            }
            Ok(())
        });
        let (opened, _) = futures::join!(self.resolve_organization(&account), shown);
        match opened {
            Ok(()) => Ok(()),
            Err(error) => self.failed(&id, error).await,
        }
    }
}

impl Context {
    /// The live session of an account, or the one stored in the keychain.
    ///
    /// # Errors
    /// [`ErrorCode::AccountGone`] if the account is not remembered; [`ErrorCode::SessionEnded`] if the
    /// keychain has no readable record of it (the account stays and has to sign in again); the keychain's
    /// errors.
    pub async fn restore_account(&self, id: &AccountId) -> Result<Arc<LiveAccount>> {
        let services = &self.services;
        let _record = self.records.lock(id).await;
        if let Some(account) = self.live(id).filter(|account| account.live()) {
            return Ok(account);
        }
        let remembered = services.remembered(id).ok_or(ErrorCode::AccountGone)?;
        let setup = services.setup_of(&remembered)?;
        let name = services.record(&setup.wanted, &remembered.person);
        let problem = match Session::restore(setup.oauth, setup.store, name).await {
            Ok(Some(session)) => {
                let account = LiveAccount::new(
                    id.clone(),
                    services.holder(setup.wanted.endpoints.account(), &remembered.person)?,
                    session,
                    setup.wanted.endpoints,
                    TokenStorage::Keychain,
                    None,
                );
                account.update_info(|info| info.organization = remembered.organization);
                self.register(&account).await;
                return Ok(account);
            }
            Ok(None) => DiskProblem::Missing,
            Err(SessionError::Store(StoreError::Damaged)) => DiskProblem::Damaged,
            Err(error) => return Err(error.into()),
        };
        // Its sign-in may be under way in another program.
        if remembered.signing_in.is_some() {
            return Err(ErrorCode::SessionEnded.into());
        }
        // A different keychain may answer today: this is no sign-out, and nothing is removed
        // (docs/decisions/0001).
        let record = format!("{}: #{}", RecordName::SERVICE, id.as_str());
        services
            .notices
            .add(DiskThing::SignIn, problem, Path::new(&record), None, "");
        self.mark_expired(id).await;
        services.host.emit(AppEvent::Session);
        Err(ErrorCode::SessionEnded.into())
    }

    /// Finishes sign-ins during which an earlier process was killed: if there is a record, it is used; if
    /// not, everything is as before the sign-in (security.md 34). Returns whether there were any. Only the
    /// owner does this: to a guest another program's running sign-in looks the same.
    async fn finish_cut_short_sign_ins(&self) -> bool {
        let services = &self.services;
        let mut accounts = services.profile.get().accounts;
        accounts.retain(|remembered| remembered.signing_in.is_some());
        let mut any = false;
        for remembered in accounts {
            let (Some(id), Ok(setup)) = (services.id_of(&remembered), services.setup_of(&remembered)) else {
                continue;
            };
            any = true;
            let _record = self.records.lock(&id).await;
            let is_signing_in = services
                .remembered(&id)
                .is_some_and(|remembered| remembered.signing_in.is_some());
            // It has begun in this process since.
            if self.live(&id).is_some() || !is_signing_in {
                continue;
            }
            let name = services.record(&setup.wanted, &remembered.person);
            let has_record = match Session::restore(setup.oauth, setup.store, name).await {
                Ok(found) => found.is_some(),
                // There is a record. What is wrong with it is reported when it is restored.
                Err(SessionError::Store(StoreError::Damaged)) => true,
                Err(error) => {
                    tracing::warn!(%error, "whether a sign-in was finished can't be known");
                    continue;
                }
            };
            if has_record {
                let finished = |remembered: &mut RememberedAccount| {
                    (remembered.signing_in, remembered.expired) = (None, false);
                };
                self.change_remembered(&id, finished).await;
            } else if remembered.signing_in == Some(SigningIn::First)
                && !self.has_files(&id, &remembered).await
            {
                self.remember_as_before(&id, None).await;
            } else {
                self.change_remembered(&id, |remembered| remembered.signing_in = None)
                    .await;
            }
        }
        any
    }

    /// Whether files exist that belong to no other account.
    async fn has_files(&self, id: &AccountId, remembered: &RememberedAccount) -> bool {
        let services = &self.services;
        match services.holder_of(remembered) {
            Some(holder) if !services.holder_has_another(&holder, id).await => {
                services.account_files.has_files(&holder).await
            }
            _ => false,
        }
    }

    /// Restores the accounts that are not in front, so that their tokens do not expire unused.
    pub async fn restore_other_accounts(&self) {
        for remembered in self.services.profile.get().accounts {
            if remembered.expired || remembered.signing_in.is_some() {
                continue;
            }
            if let Some(id) = self.services.id_of(&remembered)
                && let Err(error) = self.restore_account(&id).await
            {
                tracing::warn!(%error, "an account could not be restored");
            }
        }
    }

    /// Removes the leftovers of sign-outs, and files that are too old. Does nothing if the settings could not
    /// be read: the owner of the files is unknown then.
    pub async fn sweep_disk(&self) {
        let services = &self.services;
        if !services.profile.is_known() {
            return;
        }
        let signed_in = || {
            let accounts = services.profile.get().accounts;
            let usable = accounts.iter().filter(|remembered| !remembered.expired);
            usable
                .filter_map(|remembered| services.holder_of(remembered))
                .collect()
        };
        services.account_files.sweep(signed_in).await;
    }
}

/// The error of a sign-in stored in a keychain that can't be used; `None` if it can be used.
fn keychain_problem(state: KeychainState) -> Option<AppError> {
    let code = match state {
        KeychainState::Usable | KeychainState::Unknown => return None,
        KeychainState::Locked => ErrorCode::KeychainLocked,
        KeychainState::NoKeyring => ErrorCode::NoKeyring,
        KeychainState::Unresponsive => ErrorCode::KeychainUnresponsive,
        KeychainState::Refusing => ErrorCode::KeychainRefused,
        KeychainState::Unusable => ErrorCode::KeychainUnavailable,
    };
    Some(code.into())
}

/// Whether an error code is about the keychain.
pub fn is_keychain(code: &ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::KeychainLocked
            | ErrorCode::NoKeyring
            | ErrorCode::KeychainUnresponsive
            | ErrorCode::KeychainRefused
            | ErrorCode::KeychainUnavailable
    )
}
