//! One organization while it is open: its directory, its read, its plans, and a client that speaks for it alone.
//! Must never answer for another organization (security.md 43): what was asked of A is A's, or fails.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{
    Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak,
};

use async_trait::async_trait;
use directory::Directory;
use ezeep_api::{BearerToken, Client, TokenSource, TokenUnavailable};
use ezeep_auth::{AccessToken, SpeaksFor};
use ids::{OrganizationId, PlanId, UserId, WorkspaceId};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::cache::Keeper;
use crate::error::{ErrorCode, Result};
use crate::faults::NoToken;
use crate::host::Host;
use crate::plan_store::PlanStore;
use crate::plans::Plan;
use crate::session::SessionSlot;
use crate::sync::Stopped;
use crate::views::Views;
use crate::wire::{AppEvent, ListsView, Organization, SyncView};

/// Hands the session's tokens to the client, and refuses them once they speak for another organization.
pub struct BoundTokens {
    /// Whose tokens.
    pub session: SessionSlot,
    /// Which organization they must speak for; `None` while none has been chosen.
    pub organization: Option<OrganizationId>,
}

impl BoundTokens {
    fn check(&self, token: AccessToken) -> std::result::Result<BearerToken, TokenUnavailable> {
        let bound = self.organization.as_ref();
        if bound.is_some() && bound != token.speaks_for.organization() {
            return Err(unavailable(NoToken::OtherOrganization));
        }
        Ok(BearerToken::new(token.secret().clone(), token.generation))
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

    fn answered_for(&self, organization: &ids::OrganizationId) -> std::result::Result<(), TokenUnavailable> {
        let Some(bound) = &self.organization else {
            return Ok(());
        };
        // A token that names its organization needs no check.
        let named = self.session.get().speaks_for() == SpeaksFor::Token(bound.clone());
        if named || organization.as_str().eq_ignore_ascii_case(bound.as_str()) {
            Ok(())
        } else {
            Err(unavailable(NoToken::BeliefContradicted))
        }
    }

    async fn refused_again(&self, generation: u64) {
        self.session.get().refused_again(generation).await;
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
    /// Where plans are stored; `None` if nothing of the session is saved.
    pub plan_store: Option<PlanStore>,
    /// Its saved views; in memory alone until they are said to be kept.
    pub views: Views,
    directory: RwLock<Option<Directory>>,
    changed: Arc<Notify>,
    /// Counts changes and whole reads, so that it can be told whether what is kept on disk is what is shown.
    version: AtomicU64,
    /// Keeps it on disk, where it is kept.
    pub keeper: OnceLock<Keeper>,
    sync: Mutex<SyncState>,
    plans: Mutex<HashMap<PlanId, Arc<Plan>>>,
    people: Mutex<HashMap<UserId, Arc<tokio::sync::Mutex<()>>>>,
    watches: Mutex<Vec<Weak<Mutex<Changed>>>>,
}

/// What a single change was about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Touched {
    /// A person.
    Person(ids::UserId),
    /// A group and its members.
    Group(ids::GroupId),
}

/// A difference that a read found.
#[derive(Debug, Clone)]
pub enum Amend {
    /// A person who is new or not the same.
    Person(directory::Person),
    /// A person who is there no more.
    PersonGone(ids::UserId),
    /// A group that is new or not the same.
    Group(directory::Group),
    /// A group that is there no more.
    GroupGone(ids::GroupId),
}

/// What was changed one by one since the read under way began: newer than anything that read brings.
#[derive(Debug, Clone, Default)]
pub struct TouchedSince {
    /// People.
    pub people: HashSet<ids::UserId>,
    /// Groups.
    pub groups: HashSet<ids::GroupId>,
    /// People who were changed on the server while the lists did not hold them: what they are now must be asked.
    pub unseen: HashSet<ids::UserId>,
}

/// Collects the ids of single changes since [`Workspace::watch_changes`], as long as it lives.
pub struct ChangeWatch(Arc<Mutex<Changed>>);

/// People and groups that were changed one by one.
#[derive(Debug, Default)]
pub struct Changed {
    /// People.
    pub people: HashSet<ids::UserId>,
    /// Groups.
    pub groups: HashSet<ids::GroupId>,
}

impl ChangeWatch {
    /// The changes so far. No change is added while a directory change runs: both happen under the
    /// directory's lock.
    pub fn changed(&self) -> MutexGuard<'_, Changed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes into `after` what was changed in `before`; gives whom it could not take.
fn carry_over(
    before: &Directory,
    after: &mut Directory,
    touched: &TouchedSince,
    whole: bool,
) -> Vec<ids::UserId> {
    let mut unseen = Vec::new();
    for id in &touched.people {
        let Some(person) = before.person(id) else {
            after.remove_person(id);
            continue;
        };
        if person.state != directory::UserState::Unsettled {
            after.upsert_person(person);
        } else if !after.set_groups(id, &person.groups) {
            // Half known, and only the memberships were changed here: the rest is the read's to say.
            if whole {
                unseen.push(id.clone());
            } else {
                after.upsert_person(person);
            }
        }
    }
    for id in &touched.groups {
        match before.group(id) {
            Some(info) => after.upsert_group(info.group),
            None => {
                after.remove_group(id);
            }
        }
    }
    unseen
}

/// The read under way and what is known of the last one.
pub struct SyncState {
    /// What was changed one by one since the read under way began.
    pub touched: TouchedSince,
    /// For the UI.
    pub view: SyncView,
    /// Cancels the read under way.
    pub cancel: Option<CancellationToken>,
    /// What a read that was stopped had brought, for the next one to go on from.
    pub stopped: Option<Box<Stopped>>,
}

impl Workspace {
    /// Opens an organization, with its unfinished stored plans; nothing is read from a server yet. `left` is
    /// cancelled when the organization is left.
    ///
    /// Fails with [`ErrorCode::Internal`], which would be a fault of the app.
    pub fn new(
        organization: Organization,
        api: Client,
        host: Arc<dyn Host>,
        left: CancellationToken,
        plan_store: Option<PlanStore>,
        plans: Vec<Arc<Plan>>,
    ) -> Result<Self> {
        let id = WorkspaceId::try_from(format!("w-{:016x}", rand::random::<u64>()))
            .map_err(|_| ErrorCode::Internal)?;
        Ok(Self {
            id,
            organization,
            api,
            host,
            left,
            plan_store,
            views: Views::default(),
            directory: RwLock::new(None),
            changed: Arc::default(),
            version: AtomicU64::new(0),
            keeper: OnceLock::new(),
            sync: Mutex::new(SyncState {
                touched: TouchedSince::default(),
                view: SyncView::IDLE,
                cancel: None,
                stopped: None,
            }),
            plans: Mutex::new(plans.into_iter().map(|plan| (plan.id().clone(), plan)).collect()),
            people: Mutex::default(),
            watches: Mutex::default(),
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

    /// Whether what [`Workspace::read`] asks was read to its end once.
    pub fn is_whole(&self) -> bool {
        self.sync().view.lists.at().is_some()
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
        let Some(directory) = guard.as_mut() else {
            // The read under way may have them as they were before.
            if let Touched::Person(id) = of {
                self.sync().touched.unseen.insert(id);
            }
            return None;
        };
        let knows = |directory: &Directory| match &of {
            Touched::Person(id) => directory.person(id).is_some(),
            Touched::Group(id) => directory.group(id).is_some(),
        };
        let before = knows(directory);
        let changed = change(directory);
        let seen = before || knows(directory);
        self.tell_watches(std::slice::from_ref(&of));
        let touched = &mut self.sync().touched;
        match of {
            Touched::Person(id) if seen => touched.people.insert(id),
            Touched::Person(id) => touched.unseen.insert(id),
            Touched::Group(id) => touched.groups.insert(id),
        };
        // Before anybody can read what was changed: who keeps it takes the number first.
        self.version.fetch_add(1, Ordering::SeqCst);
        drop(guard);
        self.changed.notify_one();
        Some(changed)
    }

    /// The same for a change that determines the affected people itself. All of them are in the directory
    /// afterwards.
    pub fn change_found(&self, change: impl FnOnce(&mut Directory) -> Vec<Touched>) {
        let mut guard = self.directory.write().unwrap_or_else(PoisonError::into_inner);
        let Some(directory) = guard.as_mut() else { return };
        let found = change(directory);
        if found.is_empty() {
            return;
        }
        self.tell_watches(&found);
        let touched = &mut self.sync().touched;
        for of in found {
            match of {
                Touched::Person(id) => touched.people.insert(id),
                Touched::Group(id) => touched.groups.insert(id),
            };
        }
        self.version.fetch_add(1, Ordering::SeqCst);
        drop(guard);
        self.changed.notify_one();
        self.host.emit(AppEvent::Directory);
    }

    /// Starts to collect single changes, for a reader whose answer may be older than they are.
    pub fn watch_changes(&self) -> ChangeWatch {
        let changed = Arc::default();
        let mut watches = self.watches.lock().unwrap_or_else(PoisonError::into_inner);
        watches.push(Arc::downgrade(&changed));
        ChangeWatch(changed)
    }

    fn tell_watches(&self, of: &[Touched]) {
        let mut watches = self.watches.lock().unwrap_or_else(PoisonError::into_inner);
        watches.retain(|watch| {
            let Some(watch) = watch.upgrade() else {
                return false;
            };
            let mut changed = watch.lock().unwrap_or_else(PoisonError::into_inner);
            for one in of {
                match one {
                    Touched::Person(id) => changed.people.insert(id.clone()),
                    Touched::Group(id) => changed.groups.insert(id.clone()),
                };
            }
            true
        });
    }

    /// Puts a new whole in place, and says where it comes from. What was changed one by one while it was read is newer, and
    /// is carried over.
    pub fn replace(&self, directory: Directory, from: ListsView) {
        self.put(directory, from, |_| true);
    }

    /// Shows the organization as it was read at `at` (milliseconds since 1970, UTC) and kept on disk since. Gives whether it is
    /// shown: not where the servers have already given the whole.
    pub fn show_kept(&self, directory: Directory, at: i64) -> bool {
        self.put(directory, ListsView::Kept { at }, |lists| lists.at().is_none())
    }

    /// Shows the first pages of a read. Gives whether they are shown: not where a whole is, nor where more is shown from a
    /// read before.
    pub fn show_part(&self, directory: Directory) -> bool {
        let (people, _) = directory.totals();
        if self.read(|shown| shown.totals().0 > people).unwrap_or_default() {
            return false;
        }
        self.put(directory, ListsView::Part, |lists| lists.at().is_none())
    }

    fn put(&self, mut directory: Directory, from: ListsView, over: impl FnOnce(&ListsView) -> bool) -> bool {
        let before;
        {
            let mut guard = self.directory.write().unwrap_or_else(PoisonError::into_inner);
            let mut sync = self.sync();
            if !over(&sync.view.lists) {
                return false;
            }
            if let Some(before) = guard.as_ref() {
                let whole = from.at().is_some();
                let unseen = carry_over(before, &mut directory, &sync.touched, whole);
                sync.touched.unseen.extend(unseen);
            }
            sync.view.lists = from;
            if matches!(from, ListsView::Read { .. }) {
                sync.touched.people.clear();
                sync.touched.groups.clear();
                self.count_whole();
            }
            before = guard.replace(directory);
        }
        self.host.emit(AppEvent::Sync);
        self.host.emit(AppEvent::Directory);
        // A large one takes its time, and nobody need wait for it.
        drop(before);
        true
    }

    /// Writes what a read found to be different into the lists, but for what was changed here meanwhile; the UI is not told.
    pub fn amend(&self, steps: &[Amend]) {
        let mut guard = self.directory.write().unwrap_or_else(PoisonError::into_inner);
        let Some(directory) = guard.as_mut() else { return };
        let sync = self.sync();
        for step in steps {
            match step {
                Amend::Person(person) if !sync.touched.people.contains(&person.id) => {
                    directory.upsert_person(person.clone());
                }
                Amend::PersonGone(id) if !sync.touched.people.contains(id) => {
                    directory.remove_person(id);
                }
                Amend::Group(group) if !sync.touched.groups.contains(&group.id) => {
                    directory.upsert_group(group.clone());
                }
                Amend::GroupGone(id) if !sync.touched.groups.contains(id) => {
                    directory.remove_group(id);
                }
                Amend::Person(_) | Amend::PersonGone(_) | Amend::Group(_) | Amend::GroupGone(_) => {}
            }
        }
    }

    /// Says where the lists come from after the last [`Workspace::amend`], and tells the UI of it.
    pub fn settled(&self, from: ListsView, different: bool) {
        {
            let mut sync = self.sync();
            sync.view.lists = from;
            sync.touched.people.clear();
            sync.touched.groups.clear();
            self.count_whole();
        }
        self.host.emit(AppEvent::Sync);
        if different {
            self.host.emit(AppEvent::Directory);
        }
    }

    /// What was changed one by one since the read under way began.
    pub fn touched(&self) -> TouchedSince {
        self.sync().touched.clone()
    }

    /// Told of each change, and of each whole read.
    pub fn changed(&self) -> Arc<Notify> {
        Arc::clone(&self.changed)
    }

    /// A whole read is to be kept, as a change is. Before anybody is told that it was read: who keeps it then must find it new.
    fn count_whole(&self) {
        self.version.fetch_add(1, Ordering::SeqCst);
        self.changed.notify_one();
    }

    /// Another number after each change, and after each whole read.
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::SeqCst)
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
