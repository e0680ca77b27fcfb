//! An organization shown from this computer's disk: at the start before a server has answered, and while no
//! server answers or after the session has ended. Owns the transition from there to the confirmed
//! organization. Must never show the copy of another account or organization (security.md 43), nor treat it
//! as a sign-in.

use std::sync::Arc;
use std::time::Duration;

use ezeep_auth::Session;
use ids::{AccountId, OrganizationId};
use tokio::task::JoinHandle;

use super::context::Context;
use super::controller_channel::{OpeningReport, SavedCopy};
use super::live_account::LiveAccount;
use super::opening::OpeningJob;
use super::state::SignedIn;
use crate::directory_cache::{Autosave, FromDisk};
use crate::error::Result;
use crate::services::Services;
use crate::wire::TokenStorage;
use crate::workspace::OpenOrganization;

/// The index for searches is built after the list has been drawn.
const INDEX_DELAY: Duration = Duration::from_millis(500);

/// A search for a saved copy under way.
pub type Search = JoinHandle<Option<Box<FromDisk>>>;

impl Context {
    /// Begins to look for the saved copy of the organization that the account used last.
    pub fn search_saved_copy(&self, id: &AccountId) -> Search {
        let files = self.services.account_files.clone();
        let place = self.services.remembered(id).and_then(|remembered| {
            let holder = self.services.holder_of(&remembered)?;
            let place = OrganizationId::try_from(remembered.place?).ok()?;
            Some(files.slot(&holder, &place))
        });
        tokio::spawn(async move {
            match place {
                Some(place) => place.load().await,
                None => None,
            }
        })
    }
}

impl OpeningJob {
    /// Shows the saved copy, unless the server's lists are there already.
    pub async fn show_saved(&self, account: &Arc<LiveAccount>, search: Search) {
        let Ok(Some(found)) = search.await else { return };
        if let Err(error) = self.show(account, *found, false).await {
            tracing::info!(%error, "the saved copy is not shown");
        }
    }

    /// Shows the saved copy of an account whose session had ended before this start, with a sign-in in front.
    /// Returns false if there is nothing to show.
    pub async fn show_ended(&self, id: &AccountId, search: Search) -> bool {
        let services = &self.context.services;
        let Ok(Some(found)) = search.await else {
            return false;
        };
        let Some((remembered, setup)) = services.remembered(id).and_then(|remembered| {
            services
                .setup_of(&remembered)
                .ok()
                .map(|setup| (remembered, setup))
        }) else {
            return false;
        };
        let Ok(holder) = services.holder(setup.wanted.endpoints.account(), &remembered.person) else {
            return false;
        };
        let name = services.record(&setup.wanted, &remembered.person);
        let session = Session::ended(setup.oauth, setup.store, name);
        let account = LiveAccount::new(
            id.clone(),
            holder,
            session,
            setup.wanted.endpoints,
            TokenStorage::Keychain,
            None,
        );
        self.show(&account, *found, true).await.is_ok()
    }

    async fn show(&self, account: &Arc<LiveAccount>, found: FromDisk, ended: bool) -> Result<()> {
        let header = found.header.clone();
        account.update_info(|info| {
            info.person = Some(header.person.clone());
            info.organization = Some(header.organization.name.clone());
        });
        let signed_in = Arc::new(SignedIn {
            account: Arc::clone(account),
            person: header.person,
            organizations: vec![header.organization.clone()],
            from_disk: true,
        });
        let workspace = self.context.prepare(account, header.organization).await?;
        let copy = SavedCopy {
            signed_in,
            workspace,
            found,
            ended,
        };
        self.report(OpeningReport::ShowSaved(Box::new(copy))).await
    }
}

/// Saves copies of an open organization from now on, and shows the saved one until the lists are synced. If
/// the session is not stored, no copies are saved, and the holder's files are removed unless another account
/// has them.
pub fn save_copies(services: &Arc<Services>, signed_in: &Arc<SignedIn>, workspace: &Arc<OpenOrganization>) {
    let (files, account) = (services.account_files.clone(), &signed_in.account);
    if account.demo.is_some() {
        return;
    }
    if account.info().storage == TokenStorage::Memory {
        workspace.permission.revoke();
        let (services, account) = (Arc::clone(services), Arc::clone(account));
        tokio::spawn(async move {
            if !services
                .holder_may_have_another(&account.holder, &account.id)
                .await
            {
                services.account_files.forget(&account.holder).await;
            }
        });
    }
    let slot = files.slot(&account.holder, &workspace.context.organization.id);
    // The same person may sign in again with another choice of storage.
    let of = Arc::clone(account);
    let allowed = move || of.info().storage == TokenStorage::Keychain;
    let person = signed_in.person.clone();
    workspace.start_autosave(Autosave::new(&workspace.context, slot.clone(), person, allowed));
    if account.info().storage == TokenStorage::Memory || workspace.context.store.is_complete() {
        return;
    }
    let (signed_in, workspace) = (Arc::clone(signed_in), Arc::downgrade(workspace));
    tokio::spawn(async move {
        let found = slot.load().await;
        if let (Some(found), Some(workspace)) = (found, workspace.upgrade()) {
            show_saved_copy(*found, &signed_in, &workspace);
        }
    });
}

/// Shows a saved copy in an open organization, if it is of the same person and organization.
pub fn show_saved_copy(found: FromDisk, signed_in: &SignedIn, workspace: &Arc<OpenOrganization>) {
    let FromDisk { header, directory } = found;
    let same = header.person.id == signed_in.person.id
        && header.organization.id == workspace.context.organization.id;
    if same && workspace.context.store.show_saved(directory, header.at) {
        prepare_search(workspace);
    }
}

/// Builds the search index early, so that the first search does not wait for it.
fn prepare_search(workspace: &Arc<OpenOrganization>) {
    let workspace = Arc::downgrade(workspace);
    tokio::spawn(async move {
        tokio::time::sleep(INDEX_DELAY).await;
        let Some(workspace) = workspace.upgrade() else {
            return;
        };
        let made = tokio::task::spawn_blocking(move || {
            workspace.context.store.read(directory::Directory::prepare_search)
        });
        if let Err(error) = made.await {
            tracing::error!(%error, "the search could not be made ready");
        }
    });
}
