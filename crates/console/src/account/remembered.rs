//! The accounts remembered on this computer: what is known of each, and how it changes. A change waits for
//! the settings file outside of the async threads; a read does not wait. Must never show or write anything of
//! one account in another (security.md 43).

use std::collections::BTreeMap;
use std::sync::Arc;

use ezeep_auth::{ClientId, RecordName};
use ids::{AccountId, HolderId};
use url::Url;

use super::context::Context;
use super::live_account::LiveAccount;
use super::setup::account_of;
use crate::profile::{RememberedAccount, SigningIn};
use crate::services::Services;
use crate::stored;
use crate::wire::{Account, AccountState, Person};

impl Services {
    /// The accounts on this computer: those stored in the keychain and those in memory only.
    pub fn accounts(
        &self,
        live: &BTreeMap<AccountId, Arc<LiveAccount>>,
        current: Option<&AccountId>,
    ) -> Vec<Account> {
        let mut accounts: Vec<Account> = Vec::new();
        for remembered in self.profile.get().accounts {
            let Some(id) = self.id_of(&remembered) else {
                continue;
            };
            if remembered.signing_in == Some(SigningIn::First) && !live.contains_key(&id) {
                continue;
            }
            let expired = remembered.expired && !live.get(&id).is_some_and(|account| account.live());
            accounts.push(Account {
                current: current == Some(&id),
                email: if remembered.email.is_empty() {
                    remembered.person
                } else {
                    remembered.email
                },
                name: remembered.name,
                organization: remembered.organization,
                state: state_of(expired),
                id,
            });
        }
        for (id, account) in live {
            let info = account.info();
            let Some(person) = info.person.filter(|_| accounts.iter().all(|a| a.id != *id)) else {
                continue;
            };
            accounts.push(Account {
                current: current == Some(id),
                email: person.email,
                name: person.name,
                organization: info.organization,
                state: state_of(!account.live()),
                id: id.clone(),
            });
        }
        accounts
    }

    /// The id of a remembered account, if it belongs to the servers and the client of this run.
    pub fn id_of(&self, remembered: &RememberedAccount) -> Option<AccountId> {
        if self.is_ours(remembered) {
            self.any_id_of(remembered)
        } else {
            None
        }
    }

    /// The id of an account of any server and client.
    pub fn any_id_of(&self, remembered: &RememberedAccount) -> Option<AccountId> {
        let client_id = ClientId::try_from(remembered.client_id.clone()).ok()?;
        let issuer = Url::parse(&remembered.issuer).ok()?;
        let name = RecordName::new(&issuer, &client_id, &remembered.person, &self.settings.data_dir);
        account_of(&name).ok()
    }

    /// The holder of an account's files, for any server and client. `None` if its issuer is no URL.
    pub fn holder_of(&self, remembered: &RememberedAccount) -> Option<HolderId> {
        let issuer = Url::parse(&remembered.issuer).ok()?;
        self.holder(&issuer, &remembered.person).ok()
    }

    /// Whether a remembered account other than `but` has the holder's files, which then stay. Reads the
    /// settings again: another program may have signed one in. An account whose first sign-in is not finished
    /// does not count: it has no files yet.
    pub async fn holder_has_another(self: &Arc<Self>, holder: &HolderId, but: &AccountId) -> bool {
        self.reread_settings().await;
        self.is_holder_of_another(&self.profile.get().accounts, holder, but)
    }

    fn is_holder_of_another(
        &self,
        accounts: &[RememberedAccount],
        holder: &HolderId,
        but: &AccountId,
    ) -> bool {
        let mut others = accounts.iter().filter(|remembered| {
            remembered.signing_in != Some(SigningIn::First)
                && self.any_id_of(remembered).as_ref() != Some(but)
        });
        others.any(|remembered| self.holder_of(remembered).as_ref() == Some(holder))
    }

    /// As [`Services::holder_has_another`], for what no sign-out asked to remove: settings that can't be read
    /// may name another account.
    pub async fn holder_may_have_another(self: &Arc<Self>, holder: &HolderId, but: &AccountId) -> bool {
        self.holder_has_another(holder, but).await || !self.profile.is_known()
    }

    /// What is remembered of an account.
    pub fn remembered(&self, id: &AccountId) -> Option<RememberedAccount> {
        let accounts = self.profile.get().accounts;
        accounts
            .into_iter()
            .find(|remembered| self.id_of(remembered).as_ref() == Some(id))
    }

    fn find<'a>(
        &self,
        accounts: &'a mut [RememberedAccount],
        id: &AccountId,
    ) -> Option<&'a mut RememberedAccount> {
        accounts
            .iter_mut()
            .find(|remembered| self.id_of(remembered).as_ref() == Some(id))
    }

    /// The account that was in front, or the first that has not expired.
    pub fn account_to_resume(&self) -> Option<AccountId> {
        let remembered = self.profile.get();
        let usable = remembered
            .accounts
            .iter()
            .filter(|remembered| !remembered.expired);
        let ids: Vec<_> = usable.filter_map(|remembered| self.id_of(remembered)).collect();
        let current = remembered.current.as_deref();
        let in_front = ids.iter().find(|id| current == Some(id.as_str()));
        in_front.or(ids.first()).cloned()
    }

    /// The account whose lists are shown at the start: the one whose session is restored, otherwise the one
    /// in front whose session has ended.
    pub fn account_to_show(&self) -> Option<AccountId> {
        self.account_to_resume().or_else(|| {
            let remembered = self.profile.get();
            let mut ids = remembered
                .accounts
                .iter()
                .filter_map(|remembered| self.id_of(remembered));
            ids.find(|id| remembered.current.as_deref() == Some(id.as_str()))
        })
    }
}

fn state_of(expired: bool) -> AccountState {
    if expired {
        AccountState::Expired
    } else {
        AccountState::Ready
    }
}

impl Context {
    /// Changes a remembered account, if it is there.
    pub async fn change_remembered(
        &self,
        id: &AccountId,
        change: impl FnOnce(&mut RememberedAccount) + Send + 'static,
    ) {
        let id = id.clone();
        let changed = self.services.remember(move |services, now| {
            if let Some(remembered) = services.find(&mut now.accounts, &id) {
                change(remembered);
            }
        });
        changed.await;
    }

    /// Remembers a sign-in before its record is written. An account that was known before keeps its other
    /// values.
    pub async fn remember_signing_in(&self, id: &AccountId, fresh: &RememberedAccount) {
        let (id, fresh) = (id.clone(), fresh.clone());
        let changed =
            self.services
                .remember(move |services, now| match services.find(&mut now.accounts, &id) {
                    Some(remembered) => {
                        remembered.signing_in.get_or_insert(SigningIn::Again);
                    }
                    None => now.accounts.push(RememberedAccount {
                        signing_in: Some(SigningIn::First),
                        ..fresh
                    }),
                });
        changed.await;
    }

    /// Remembers a sign-in whose record is in the keychain. What was known of the same person stays.
    pub async fn remember_signed_in(&self, id: &AccountId, fresh: RememberedAccount) {
        let id = id.clone();
        let changed =
            self.services
                .remember(move |services, now| match services.find(&mut now.accounts, &id) {
                    Some(remembered) => {
                        remembered.signing_in = None;
                        remembered.expired = false;
                        remembered.fewer_rights = fresh.fewer_rights;
                    }
                    // Another program may have found no record of it just before, and removed it.
                    None => now.accounts.push(fresh),
                });
        changed.await;
    }

    /// Undoes [`Context::remember_signing_in`] if the sign-in could not be stored.
    pub async fn remember_as_before(&self, id: &AccountId, before: Option<RememberedAccount>) {
        match before {
            Some(before) => {
                self.change_remembered(id, |remembered| *remembered = before)
                    .await
            }
            None => self.forget_sign_in(id).await,
        }
    }

    /// Remembers the account's person as the server has named them.
    pub async fn remember_person(&self, id: &AccountId, person: &Person) {
        let (email, name) = (person.email.clone(), person.name.clone());
        let changed = self.change_remembered(id, move |remembered| {
            remembered.email = email;
            remembered.name = name;
            remembered.expired = false;
        });
        changed.await;
    }

    /// Remembers the organization opened last, for the next start.
    pub async fn remember_opened(&self, account: &LiveAccount, organization: &str) {
        let (id, organization) = (account.id.clone(), organization.to_owned());
        let name = account.info().organization;
        let changed = self.services.remember(move |services, now| {
            if let Some(remembered) = services.find(&mut now.accounts, &id) {
                remembered.organization = name;
                remembered.place = Some(organization.clone());
            }
            now.organizations.insert(id.as_str().to_owned(), organization);
            now.current = Some(id.as_str().to_owned());
        });
        changed.await;
    }

    /// Marks an account whose session the server no longer accepts. Its plans stay for the next sign-in. Does
    /// nothing if the account has another session by now.
    pub async fn mark_expired(&self, id: &AccountId) {
        let (controller, account) = (self.controller.clone(), id.clone());
        let changed = self.change_remembered(id, move |remembered| {
            let live = controller
                .state()
                .live
                .get(&account)
                .is_some_and(|account| account.live());
            remembered.expired = !live;
        });
        changed.await;
    }

    /// Forgets an account that has no keychain record any more. A sign-in for this run only stays signed in.
    pub async fn forget_sign_in(&self, id: &AccountId) {
        let id = id.clone();
        let changed = self.services.remember(move |services, now| {
            now.accounts
                .retain(|remembered| services.id_of(remembered).as_ref() != Some(&id));
        });
        changed.await;
    }

    /// Removes an account from the settings. Its sealed files are removed by `AccountFiles::forget`.
    pub async fn forget_remembered(&self, id: &AccountId, holder: Option<&HolderId>) {
        let (of, holder) = (id.clone(), holder.cloned());
        let changed = self.services.remember(move |services, now| {
            // With the settings' lock: of two sign-outs of one holder, one sees that it is the last.
            if let Some(holder) = holder
                && !services.is_holder_of_another(&now.accounts, &holder, &of)
            {
                services.account_files.mark_blocking(&holder);
            }
            now.accounts
                .retain(|remembered| services.id_of(remembered).as_ref() != Some(&of));
            now.forget_organizations(of.as_str());
            if now.current.as_deref() == Some(of.as_str()) {
                now.current = None;
            }
        });
        changed.await;
        let profile = &self.services.profile;
        // Settings that were set aside name accounts too.
        if profile.get().accounts.is_empty() && profile.is_known() {
            vault::atomic::remove_set_aside(&self.services.settings.data_dir.join(stored::SETTINGS));
        }
    }
}
