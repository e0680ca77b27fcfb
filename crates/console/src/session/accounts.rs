//! Several accounts side by side: the list, going from one to another, adding and forgetting one.
//! Must never show or write anything of one account in another (security.md 43).

use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard, PoisonError};

use ezeep_auth::{ClientId, RecordName};
use ids::AccountId;

use super::{Held, Over, Phase, SignedIn, Step};
use crate::error::{AppError, ErrorCode, Result};
use crate::profile::{Kept, SigningIn};
use crate::stored;
use crate::wire::{Account, AccountState, AppEvent, Person, SignInReason};
use crate::workspace::Workspace;
use crate::{Console, Inner};
use vault::atomic as private;

impl Console {
    /// The accounts on this computer: those in the keychain, and those in memory.
    pub fn accounts(&self) -> Vec<Account> {
        let current = self.0.current();
        self.0.accounts_with(current.as_ref())
    }

    /// Goes over to another account. Where that fails, everything stays as it was; where the server no longer takes it,
    /// its person is asked to sign in.
    ///
    /// Fails with [`ErrorCode::AccountGone`], and with [`ErrorCode::ChangesRunning`] while a plan is being written.
    pub async fn account_choose(&self, id: &AccountId) -> Result<()> {
        let inner = &self.0;
        let _alone = inner.moving.lock().await;
        if inner.current().as_ref() == Some(id) {
            return Ok(());
        }
        if self.is_writing() {
            return Err(ErrorCode::ChangesRunning.into());
        }
        let epoch = inner.epoch();
        if inner.kept(id).is_some_and(|kept| kept.expired) {
            return self.ask_again(epoch);
        }
        let arrived = match self.hold(id).await {
            Ok(held) => self.arrive(epoch, &held).await,
            Err(error) => Err(error),
        };
        match arrived {
            Err(error) if error.code == ErrorCode::SessionEnded => {
                inner.mark_expired(id);
                self.ask_again(epoch)
            }
            other => other,
        }
    }

    fn ask_again(&self, epoch: u64) -> Result<()> {
        let inner = &self.0;
        let problem: Option<AppError> = Some(ErrorCode::SessionEnded.into());
        if let Phase::In(_, _, over @ None) = &mut *inner.phase() {
            *over = Some(Over::form(SignInReason::AddAccount, None));
        }
        inner.go_step(epoch, Step::Form(problem));
        Ok(())
    }

    /// Shows the sign-in in front of the open organization, for another account.
    ///
    /// Fails with [`ErrorCode::ChangesRunning`] while a plan is being written, and with [`ErrorCode::SignedOut`] where
    /// no organization is open.
    pub fn account_add(&self) -> Result<()> {
        if self.is_writing() {
            return Err(ErrorCode::ChangesRunning.into());
        }
        match &mut *self.0.phase() {
            Phase::In(_, _, over @ None) => *over = Some(Over::form(SignInReason::AddAccount, None)),
            Phase::In(_, _, Some(_)) => {}
            _ => return Err(ErrorCode::SignedOut.into()),
        }
        self.0.host.emit(AppEvent::Session);
        Ok(())
    }

    /// Takes the sign-in for another account away; the organization behind it is as it was.
    pub async fn sign_in_close(&self) {
        let inner = &self.0;
        let closed = match &*inner.phase() {
            Phase::In(_, _, Some(over)) => over.step.waiting().map(super::Waiting::end),
            _ => return,
        };
        inner.begin_epoch();
        if let Some(closed) = closed {
            closed.cancelled().await;
        }
        if let Phase::In(signed_in, _, over) = &mut *inner.phase() {
            let expired = !signed_in.held.live();
            *over = expired.then(|| Over::form(SignInReason::Expired, Some(ErrorCode::SessionEnded.into())));
        }
        inner.host.emit(AppEvent::Session);
    }
}

impl Inner {
    /// The sessions that are alive in this process.
    pub(super) fn live(&self) -> MutexGuard<'_, BTreeMap<AccountId, Arc<Held>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The account in front.
    pub(super) fn current(&self) -> Option<AccountId> {
        match &*self.phase() {
            Phase::In(signed_in, ..) | Phase::Choosing(signed_in, _) => Some(signed_in.held.id.clone()),
            _ => None,
        }
    }

    /// The open organization of an account, where it is in front.
    pub(super) fn open_of(&self, held: &Arc<Held>) -> Option<(Arc<SignedIn>, Arc<Workspace>)> {
        match &*self.phase() {
            Phase::In(signed_in, workspace, _) if signed_in.held.id == held.id => {
                Some((Arc::clone(signed_in), Arc::clone(workspace)))
            }
            _ => None,
        }
    }

    pub(super) fn accounts_with(&self, current: Option<&AccountId>) -> Vec<Account> {
        let live = self.live().clone();
        let mut accounts: Vec<Account> = Vec::new();
        for kept in self.profile.get().accounts {
            if !self.is_ours(&kept) {
                continue;
            }
            let Some(id) = self.id_of(&kept) else { continue };
            if kept.signing_in == Some(SigningIn::First) && !live.contains_key(&id) {
                continue;
            }
            let state = if kept.expired && !live.get(&id).is_some_and(|held| held.live()) {
                AccountState::Expired
            } else {
                AccountState::Ready
            };
            accounts.push(Account {
                current: current == Some(&id),
                email: if kept.email.is_empty() {
                    kept.person
                } else {
                    kept.email
                },
                name: kept.name,
                organization: kept.organization,
                state,
                id,
            });
        }
        for (id, held) in live {
            let known = held.known();
            let Some(person) = known.person.filter(|_| accounts.iter().all(|a| a.id != id)) else {
                continue;
            };
            accounts.push(Account {
                current: current == Some(&id),
                email: person.email,
                name: person.name,
                organization: known.organization,
                state: if held.live() {
                    AccountState::Ready
                } else {
                    AccountState::Expired
                },
                id,
            });
        }
        accounts
    }

    pub(super) fn id_of(&self, kept: &Kept) -> Option<AccountId> {
        if !self.is_ours(kept) {
            return None;
        }
        let client_id = ClientId::try_from(kept.client_id.clone()).ok()?;
        let (issuer, data_dir) = (self.settings.endpoints.account(), &self.settings.data_dir);
        super::account_of(&RecordName::new(issuer, &client_id, &kept.person, data_dir)).ok()
    }

    /// What is remembered of an account.
    pub(super) fn kept(&self, id: &AccountId) -> Option<Kept> {
        let accounts = self.profile.get().accounts;
        accounts
            .into_iter()
            .find(|kept| self.id_of(kept).as_ref() == Some(id))
    }

    pub(super) fn change_kept(&self, id: &AccountId, change: impl FnOnce(&mut Kept)) {
        self.profile.change(|now| {
            if let Some(kept) = self.find_kept(&mut now.accounts, id) {
                change(kept);
            }
        });
    }

    fn find_kept<'a>(&self, accounts: &'a mut [Kept], id: &AccountId) -> Option<&'a mut Kept> {
        accounts
            .iter_mut()
            .find(|kept| self.id_of(kept).as_ref() == Some(id))
    }

    /// Remembers that a sign-in has begun whose record is about to be written; an account that was known stays what it was.
    pub(super) fn remember_signing_in(&self, id: &AccountId, fresh: &Kept) {
        self.profile
            .change(|now| match self.find_kept(&mut now.accounts, id) {
                Some(kept) => {
                    kept.signing_in.get_or_insert(SigningIn::Again);
                }
                None => now.accounts.push(Kept {
                    signing_in: Some(SigningIn::First),
                    ..fresh.clone()
                }),
            });
    }

    /// Remembers a sign-in whose record is in the keychain; what was known of the same account's person stays.
    pub(super) fn remember_signed_in(&self, id: &AccountId, fresh: Kept) {
        self.profile
            .change(|now| match self.find_kept(&mut now.accounts, id) {
                Some(kept) => {
                    kept.signing_in = None;
                    kept.expired = false;
                    kept.fewer_rights = fresh.fewer_rights;
                }
                // Another program may have found no record of it a moment ago, and dropped it.
                None => now.accounts.push(fresh),
            });
    }

    /// Takes back what [`Inner::remember_signing_in`] did, where the sign-in could not be kept.
    pub(super) fn remember_as_before(&self, id: &AccountId, before: Option<Kept>) {
        match before {
            Some(before) => self.change_kept(id, |kept| *kept = before),
            None => {
                let gone = self.kept(id);
                self.profile
                    .change(|now| now.accounts.retain(|kept| Some(kept) != gone.as_ref()));
            }
        }
    }

    pub(super) fn remember_person(&self, id: &AccountId, person: &Person) {
        self.change_kept(id, |kept| {
            kept.email.clone_from(&person.email);
            kept.name.clone_from(&person.name);
            kept.expired = false;
        });
    }

    pub(super) fn remember_place(&self, signed_in: &SignedIn, organization: &str) {
        let held = &signed_in.held;
        let known = held.known();
        self.profile.change(|now| {
            if let Some(kept) = self.find_kept(&mut now.accounts, &held.id) {
                kept.organization = known.organization;
                kept.place = Some(organization.to_owned());
            }
            now.organizations
                .insert(held.id.as_str().to_owned(), organization.to_owned());
            now.current = Some(held.id.as_str().to_owned());
        });
    }

    /// The server no longer takes it. Its plans stay, for the person who signs in again.
    pub(super) fn mark_expired(&self, id: &AccountId) {
        self.change_kept(id, |kept| kept.expired = true);
    }

    /// Whether a sign-in of it was cut short before its record is known to be there.
    pub(super) fn is_signing_in(&self, id: &AccountId) -> bool {
        self.kept(id).is_some_and(|kept| kept.signing_in.is_some())
    }

    /// There is no record of it any more; who signed in for this run alone goes on.
    pub(super) fn keep_no_more(&self, id: &AccountId) {
        self.profile.change(|now| {
            now.accounts.retain(|kept| self.id_of(kept).as_ref() != Some(id));
        });
    }

    /// Nothing of it stays on this computer but what is sealed, which the cache forgets.
    pub(super) fn forget(&self, id: &AccountId) {
        self.live().remove(id);
        let gone = self.kept(id);
        self.profile.change(|now| {
            now.accounts.retain(|kept| Some(kept) != gone.as_ref());
            now.forget_organizations(id.as_str());
            if now.current.as_deref() == Some(id.as_str()) {
                now.current = None;
            }
        });
        // Settings that were set aside name accounts too.
        if self.profile.get().accounts.is_empty() && self.profile.is_known() {
            private::remove_set_aside(&self.settings.data_dir.join(stored::SETTINGS));
        }
    }
}
