//! One organization while it is open: its directory, its read, its plans, and a client that speaks for it alone.
//! Must never answer for another organization (security.md 43): what was asked of A is A's, or fails.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use async_trait::async_trait;
use directory::Directory;
use ezeep_api::{BearerToken, Client, TokenSource, TokenUnavailable};
use ezeep_auth::AccessToken;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::error::{ErrorCode, Result};
use crate::faults::NoToken;
use crate::host::Host;
use crate::journal::Journal;
use crate::plans::Plan;
use crate::session::SessionSlot;
use crate::views::Views;
use crate::wire::{AppEvent, ListsView, Organization, PlanId, SyncView, UserId, WorkspaceId};

/// Hands the session's tokens to the client, and refuses them once they speak for another organization.
pub struct BoundTokens {
    /// Whose tokens.
    pub session: SessionSlot,
    /// Which organization they must speak for; `None` while none has been chosen.
    pub organization: Option<String>,
}

impl BoundTokens {
    fn check(&self, token: AccessToken) -> std::result::Result<BearerToken, TokenUnavailable> {
        match (&self.organization, &token.organization) {
            (Some(bound), Some(other)) if bound != other => Err(unavailable(NoToken::OtherOrganization)),
            _ => Ok(BearerToken::new(token.secret().clone(), token.generation)),
        }
    }
}

fn unavailable(why: NoToken) -> TokenUnavailable {
    TokenUnavailable(Box::new(why))
}

#[async_trait]
impl TokenSource for BoundTokens {
    async fn token(&self) -> std::result::Result<BearerToken, TokenUnavailable> {
        self.check(
            self.session
                .get()
                .access()
                .await
                .map_err(|e| unavailable(e.into()))?,
        )
    }

    async fn renew(&self, refused: u64) -> std::result::Result<BearerToken, TokenUnavailable> {
        self.check(
            self.session
                .get()
                .renew(refused)
                .await
                .map_err(|e| unavailable(e.into()))?,
        )
    }
}

/// An open organization.
pub struct Workspace {
    /// This opening of it: what was asked of another one is refused (security.md 43).
    pub id: WorkspaceId,
    /// Which.
    pub organization: Organization,
    /// Speaks for this organization alone.
    pub api: Client,
    /// The UI's side.
    pub host: Arc<dyn Host>,
    /// Cancelled when the organization is left: reads and plans end.
    pub left: CancellationToken,
    /// Where plans are kept; `None` where nothing of the session is kept.
    pub journal: Option<Journal>,
    /// Its saved views; in memory alone until they are said to be kept.
    pub views: Views,
    directory: RwLock<Option<Directory>>,
    on_whole: OnceLock<OnWhole>,
    changed: Arc<Notify>,
    sync: Mutex<SyncState>,
    plans: Mutex<HashMap<PlanId, Arc<Plan>>>,
    people: Mutex<HashMap<UserId, Arc<tokio::sync::Mutex<()>>>>,
}

/// What a single change was about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Touched {
    /// A person.
    Person(directory::UserId),
    /// A group, and whoever is in it.
    Group(directory::GroupId),
}

fn carry_over(before: &Directory, after: &mut Directory, touched: Vec<Touched>) {
    for of in touched.into_iter().collect::<HashSet<_>>() {
        match of {
            Touched::Person(id) => match before.person(&id) {
                Some(person) => after.upsert_person(person),
                None => {
                    after.remove_person(&id);
                }
            },
            Touched::Group(id) => match before.group(&id) {
                Some(info) => after.upsert_group(info.group),
                None => {
                    after.remove_group(&id);
                }
            },
        }
    }
}

/// The read under way and what is known of the last one.
pub struct SyncState {
    /// What was changed one by one since the read under way began.
    pub touched: Vec<Touched>,
    /// For the UI.
    pub view: SyncView,
    /// Cancels the read under way.
    pub cancel: Option<CancellationToken>,
}

/// Hears of each whole read, after it is shown, with the time it was read (milliseconds since 1970, UTC). Called on an
/// async thread: must not block.
pub type OnWhole = Box<dyn Fn(&Arc<Workspace>, i64) + Send + Sync>;

impl Workspace {
    /// Opens an organization, with the plans of its journal that were not done with; nothing is read from a server yet.
    ///
    /// Fails with [`ErrorCode::Internal`], which would be a fault of the app.
    pub fn new(
        organization: Organization,
        api: Client,
        host: Arc<dyn Host>,
        journal: Option<Journal>,
        plans: Vec<Arc<Plan>>,
    ) -> Result<Self> {
        let id = WorkspaceId::try_from(format!("w-{:016x}", rand::random::<u64>()))
            .map_err(|_| ErrorCode::Internal)?;
        Ok(Self {
            id,
            organization,
            api,
            host,
            left: CancellationToken::new(),
            journal,
            views: Views::default(),
            directory: RwLock::new(None),
            on_whole: OnceLock::new(),
            changed: Arc::default(),
            sync: Mutex::new(SyncState {
                touched: Vec::new(),
                view: SyncView::IDLE,
                cancel: None,
            }),
            plans: Mutex::new(plans.into_iter().map(|plan| (plan.id().clone(), plan)).collect()),
            people: Mutex::default(),
        })
    }

    /// Asks the directory. Fails with [`ErrorCode::DirectoryNotRead`] before the first read.
    pub fn read<T>(&self, ask: impl FnOnce(&Directory) -> T) -> Result<T> {
        let guard: RwLockReadGuard<'_, _> = self.directory.read().unwrap_or_else(PoisonError::into_inner);
        guard
            .as_ref()
            .map(ask)
            .ok_or_else(|| ErrorCode::DirectoryNotRead.into())
    }

    /// Changes what is known of one person or group, and says so to the UI.
    pub fn change<T>(&self, of: Touched, change: impl FnOnce(&mut Directory) -> T) -> Option<T> {
        let changed = self.change_untold(of, change);
        self.host.emit(AppEvent::Directory);
        changed
    }

    /// The same for a caller that tells the UI itself, once for many changes.
    pub fn change_untold<T>(&self, of: Touched, change: impl FnOnce(&mut Directory) -> T) -> Option<T> {
        let mut guard: RwLockWriteGuard<'_, _> =
            self.directory.write().unwrap_or_else(PoisonError::into_inner);
        let directory = guard.as_mut()?;
        self.sync().touched.push(of);
        self.changed.notify_one();
        Some(change(directory))
    }

    /// Puts a new directory in place, and says where it comes from. What was changed one by one while it was read is newer, and
    /// is carried over; a whole ends that.
    pub fn replace(&self, mut directory: Directory, from: ListsView) {
        {
            let mut guard = self.directory.write().unwrap_or_else(PoisonError::into_inner);
            let mut sync = self.sync();
            let touched = match from {
                ListsView::Read { .. } => std::mem::take(&mut sync.touched),
                ListsView::Nothing | ListsView::Part | ListsView::Kept { .. } => sync.touched.clone(),
            };
            sync.view.lists = from;
            drop(sync);
            if let Some(before) = guard.as_ref() {
                carry_over(before, &mut directory, touched);
            }
            *guard = Some(directory);
        }
        self.host.emit(AppEvent::Sync);
        self.host.emit(AppEvent::Directory);
    }

    /// Shows the organization as it was read at `at` (milliseconds since 1970, UTC) and kept on disk since. Gives whether it is
    /// shown: not where the servers have already given the whole.
    pub fn show_kept(&self, directory: Directory, at: i64) -> bool {
        if self.sync().view.lists.at().is_some() {
            return false;
        }
        self.replace(directory, ListsView::Kept { at });
        true
    }

    /// Who hears of each whole read; set once, before the first read begins.
    pub fn set_on_whole(&self, hear: OnWhole) {
        if self.on_whole.set(hear).is_err() {
            tracing::error!("two want to hear of a whole read");
        }
    }

    /// Told of each change, and of each whole read.
    pub fn changed(&self) -> Arc<Notify> {
        Arc::clone(&self.changed)
    }

    /// Tells of a whole read.
    pub fn tell_whole(self: &Arc<Self>, at: i64) {
        if let Some(hear) = self.on_whole.get() {
            hear(self, at);
        }
    }

    /// The read's state.
    pub fn sync(&self) -> MutexGuard<'_, SyncState> {
        self.sync.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The plans of this organization.
    pub fn plans(&self) -> MutexGuard<'_, HashMap<PlanId, Arc<Plan>>> {
        self.plans.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lock under which a person's memberships are written: one person is never written by two tasks at once (ezeep-api.md).
    pub fn person_lock(&self, id: &UserId) -> Arc<tokio::sync::Mutex<()>> {
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        people.retain(|_, lock| Arc::strong_count(lock) > 1);
        people.entry(id.clone()).or_default().clone()
    }

    /// Ends reads and plans; called when the organization is left.
    pub fn leave(&self) {
        self.left.cancel();
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        self.left.cancel();
    }
}
