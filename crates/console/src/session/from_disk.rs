//! An organization shown from this computer's disk: at once at the start, before a server has answered, and where none answers or
//! the session has ended. Owns the way from there to the organization as the server opens it.
//! Must never show what was kept for another account or organization (security.md 43), nor take it for a sign-in.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ezeep_auth::{ClientId, RecordName, Session};
use ids::{AccountId, OrganizationId};
use tokio::task::JoinHandle;
use url::Url;

use super::{Held, Over, Phase, SignedIn};
use crate::directory_cache::{Autosave, FromDisk};
use crate::error::{AppError, ErrorCode};
use crate::profile::Kept;
use crate::wire::{AppEvent, Organization, SignInReason, TokenStorage};
use crate::workspace::Workspace;
use crate::{Console, Inner};

/// A list that was just shown is drawn before what a search needs is made.
const DRAWING: Duration = Duration::from_millis(500);

/// What is being looked for on disk.
pub(super) type Looking = JoinHandle<Option<Box<FromDisk>>>;

impl Console {
    /// Begins to look for the organization that an account was in last.
    pub(super) fn look_on_disk(&self, id: &AccountId) -> Looking {
        let (cache, id) = (self.0.cache.clone(), id.clone());
        let place = self
            .0
            .kept(&id)
            .and_then(|kept| kept.place)
            .and_then(|place| OrganizationId::try_from(place).ok());
        tokio::spawn(async move {
            match place {
                Some(place) => cache.slot(&id, &place).load().await,
                None => None,
            }
        })
    }

    /// Shows the saved copy, unless the server's lists are already there.
    pub(super) async fn show_kept(&self, epoch: u64, held: &Arc<Held>, kept: Looking) {
        let Ok(Some(found)) = kept.await else { return };
        match self.0.open_of(held) {
            Some((signed_in, workspace)) => show(*found, &signed_in, &workspace),
            None => {
                self.open_from_disk(epoch, held, *found, None).await;
            }
        }
    }

    /// Shows the organization of an account whose session has ended before this start, with a sign-in in front.
    pub(super) async fn show_ended(&self, epoch: u64, id: &AccountId, kept: Looking) -> bool {
        let inner = &self.0;
        let Ok(Some(found)) = kept.await else {
            return false;
        };
        let Some((kept, setup)) = inner
            .kept(id)
            .and_then(|kept| inner.setup_of(&kept).ok().map(|setup| (kept, setup)))
        else {
            return false;
        };
        let name = inner.record(&setup.wanted, &kept.person);
        let session = Session::ended(setup.oauth, setup.store, name);
        let held = Held::new(
            id.clone(),
            session,
            setup.wanted.endpoints,
            TokenStorage::Keychain,
            None,
        );
        let over = Over::form(SignInReason::Expired, Some(ErrorCode::SessionEnded.into()));
        let shown = self.open_from_disk(epoch, &held, *found, Some(over)).await;
        if shown {
            inner.live().insert(id.clone(), held);
        }
        shown
    }

    async fn open_from_disk(
        &self,
        epoch: u64,
        held: &Arc<Held>,
        found: FromDisk,
        over: Option<Over>,
    ) -> bool {
        let header = found.header.clone();
        held.learn(|known| {
            known.person = Some(header.person.clone());
            known.organization = Some(header.organization.name.clone());
        });
        let signed_in = Arc::new(SignedIn {
            held: Arc::clone(held),
            person: header.person,
            organizations: Mutex::new(vec![header.organization.clone()]),
            from_disk: true,
        });
        let Ok(workspace) = self.open(held, header.organization).await else {
            return false;
        };
        // While the plans were looked for the server may have opened it.
        if let Some((signed_in, open)) = self.0.open_of(held) {
            show(found, &signed_in, &open);
            return false;
        }
        // Or it has asked which one, and this may be none of them.
        if matches!(&*self.0.phase(), Phase::Choosing(signed_in, _) if signed_in.held.id == held.id) {
            return false;
        }
        workspace.context.store.show_saved(found.directory, header.at);
        if !self.0.go(
            epoch,
            Phase::In(Arc::clone(&signed_in), Arc::clone(&workspace), over),
        ) {
            return false;
        }
        prepare_search(&workspace);
        self.keep_on_disk(&signed_in, &workspace);
        true
    }

    /// What the disk said of the signed-in person, the server has confirmed. What is in front of the organization stays.
    pub(super) fn confirm(&self, epoch: u64, confirmed: &Arc<SignedIn>) -> bool {
        let inner = &self.0;
        {
            let mut phase = inner.phase();
            match &mut *phase {
                Phase::In(signed_in, ..) if inner.epoch() == epoch => *signed_in = Arc::clone(confirmed),
                _ => return false,
            }
        }
        inner.host.emit(AppEvent::Session);
        true
    }

    /// The opening from disk, where it is of the very organization that the server is about to open.
    pub(super) fn opened_before(
        &self,
        held: &Arc<Held>,
        organization: &Organization,
    ) -> Option<Arc<Workspace>> {
        let (signed_in, workspace) = self.0.open_of(held)?;
        (signed_in.from_disk && workspace.context.organization == *organization).then_some(workspace)
    }

    /// Leaves an opening from disk where it is although the servers were not reached, or the session has ended. False where nothing
    /// is open from disk.
    pub(super) fn stay_on_disk(&self, epoch: u64, held: &Arc<Held>, error: &AppError) -> bool {
        let inner = &self.0;
        let Some((_, workspace)) = inner
            .open_of(held)
            .filter(|(signed_in, _)| signed_in.from_disk && inner.epoch() == epoch)
        else {
            return false;
        };
        if error.code == ErrorCode::SessionEnded {
            inner.mark_expired(&held.id);
            inner.live().insert(held.id.clone(), Arc::clone(held));
            if let Phase::In(_, _, over @ None) = &mut *inner.phase() {
                *over = Some(Over::form(SignInReason::Expired, Some(error.clone())));
            }
            inner.host.emit(AppEvent::Session);
        } else if error.code != ErrorCode::Cancelled {
            workspace.sync.show_failed(error.clone());
        }
        true
    }

    /// Asks the server again, where an opening from disk was all there was. False where the server has opened it.
    pub(crate) fn arrive_again(&self) -> bool {
        let inner = &self.0;
        let Ok(signed_in) = self.signed_in() else {
            return false;
        };
        if !signed_in.from_disk || !signed_in.held.live() {
            return false;
        }
        if let Some((_, workspace)) = inner.open_of(&signed_in.held)
            && !workspace.sync.show_waiting()
        {
            return true;
        }
        let (console, epoch) = (self.clone(), inner.epoch());
        tokio::spawn(async move {
            let held = &signed_in.held;
            // One switch at a time: another switch meanwhile would be undone.
            let _alone = console.0.moving.lock().await;
            let still = console.0.open_of(held).is_some_and(|(now, _)| now.from_disk);
            if still && let Err(error) = console.arrive(epoch, held).await {
                console.stay_on_disk(epoch, held, &error);
            }
        });
        true
    }

    /// Keeps an open organization on disk from now on, and shows what is kept of it until it is read. Where nothing of the session
    /// is kept, nothing is kept of its organizations either.
    pub(super) fn keep_on_disk(&self, signed_in: &Arc<SignedIn>, workspace: &Arc<Workspace>) {
        let (cache, held) = (self.0.cache.clone(), &signed_in.held);
        if held.demo.is_some() {
            return;
        }
        if held.known().storage == TokenStorage::Memory {
            let id = held.id.clone();
            let cache = cache.clone();
            tokio::spawn(async move { cache.forget(&id).await });
        }
        let slot = cache.slot(&held.id, &workspace.context.organization.id);
        // The same person may sign in again in another way.
        let of = Arc::clone(held);
        let may = move || of.known().storage == TokenStorage::Keychain;
        let person = signed_in.person.clone();
        workspace.start_autosave(Autosave::new(&workspace.context, slot.clone(), person, may));
        if held.known().storage == TokenStorage::Memory || workspace.context.store.is_complete() {
            return;
        }
        let (signed_in, workspace) = (Arc::clone(signed_in), Arc::downgrade(workspace));
        tokio::spawn(async move {
            let found = slot.load().await;
            if let (Some(found), Some(workspace)) = (found, workspace.upgrade()) {
                show(*found, &signed_in, &workspace);
            }
        });
    }
}

fn show(found: FromDisk, signed_in: &SignedIn, workspace: &Arc<Workspace>) {
    let FromDisk { header, directory } = found;
    let same = header.person.id == signed_in.person.id
        && header.organization.id == workspace.context.organization.id;
    if same && workspace.context.store.show_saved(directory, header.at) {
        prepare_search(workspace);
    }
}

/// Makes what a search looks through, so that the first one need not wait for it.
fn prepare_search(workspace: &Arc<Workspace>) {
    let workspace = Arc::downgrade(workspace);
    tokio::spawn(async move {
        tokio::time::sleep(DRAWING).await;
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

impl Inner {
    /// The account whose lists are shown at the start: the one whose session is restored, else the one that
    /// was in front and has ended.
    pub(super) fn account_to_show(&self) -> Option<AccountId> {
        self.account_to_resume().or_else(|| {
            let remembered = self.profile.get();
            let ids = remembered.accounts.iter().filter_map(|kept| self.id_of(kept));
            ids.into_iter()
                .find(|id| remembered.current.as_deref() == Some(id.as_str()))
        })
    }

    /// Removes the leftovers of sign-outs, and what is too old. Does nothing if the settings could not be
    /// read: the owner of the files is unknown then.
    pub(super) async fn sweep_disk(&self) {
        if !self.profile.is_known() {
            return;
        }
        let signed_in = || {
            let accounts = self.profile.get().accounts;
            let usable = accounts.iter().filter(|kept| !kept.expired);
            usable.filter_map(|kept| self.any_id_of(kept)).collect()
        };
        self.cache.sweep(signed_in).await;
    }

    /// The id of an account of any server and client.
    fn any_id_of(&self, kept: &Kept) -> Option<AccountId> {
        let client_id = ClientId::try_from(kept.client_id.clone()).ok()?;
        let issuer = Url::parse(&kept.issuer).ok()?;
        let name = RecordName::new(&issuer, &client_id, &kept.person, &self.settings.data_dir);
        super::account_of(&name).ok()
    }
}
