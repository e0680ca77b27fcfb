//! The directory of an open organization: what was read, and the edits of single users and groups since,
//! which are newer than any read that began before them. Must never present a part as the whole, nor undo an
//! edit by an older read.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};

use directory::Directory;
use ids::{GroupId, UserId};
use tokio::sync::Notify;

use crate::error::{ErrorCode, Result};
use crate::host::Host;
use crate::wire::{AppEvent, ListsView};

/// The subject of an edit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Edited {
    /// A user.
    User(UserId),
    /// A group and its members.
    Group(GroupId),
}

/// A difference that a full read found.
#[derive(Debug, Clone)]
pub enum Difference {
    /// A user who is new or changed.
    User(directory::Person),
    /// A user who no longer exists.
    UserGone(UserId),
    /// A group that is new or changed.
    Group(directory::Group),
    /// A group that no longer exists.
    GroupGone(GroupId),
}

/// The edits since the read under way began: newer than anything that read brings.
#[derive(Debug, Clone, Default)]
pub struct LocalEdits {
    /// Users.
    pub users: HashSet<UserId>,
    /// Groups.
    pub groups: HashSet<GroupId>,
    /// Users who were written to the server while the directory did not contain them: they must be read
    /// again.
    pub unseen: HashSet<UserId>,
}

/// The ids of single edits since [`DirectoryStore::watch_edits`], collected as long as the watch lives.
pub struct EditWatch(Arc<Mutex<EditedIds>>);

/// Users and groups that were edited.
#[derive(Debug, Default)]
pub struct EditedIds {
    /// Users.
    pub users: HashSet<UserId>,
    /// Groups.
    pub groups: HashSet<GroupId>,
}

impl EditedIds {
    fn insert(&mut self, of: &Edited) {
        match of {
            Edited::User(id) => self.users.insert(id.clone()),
            Edited::Group(id) => self.groups.insert(id.clone()),
        };
    }
}

impl EditWatch {
    /// The edits so far. While [`DirectoryStore::edit_found`] runs none is added: both need the directory's
    /// lock.
    pub fn edited(&self) -> MutexGuard<'_, EditedIds> {
        lock(&self.0)
    }
}

/// Where the lists come from, and the edits since.
struct Origin {
    lists: ListsView,
    edits: LocalEdits,
}

/// The directory, its origin, and the receiver of events. The directory's lock is taken before the origin's.
pub struct DirectoryStore {
    host: Arc<dyn Host>,
    directory: RwLock<Option<Directory>>,
    origin: Mutex<Origin>,
    changed: Arc<Notify>,
    /// Counts edits and full reads: tells whether the saved copy is up to date.
    version: AtomicU64,
    watches: Mutex<Vec<Weak<Mutex<EditedIds>>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl DirectoryStore {
    /// An empty store. `host` receives its events.
    pub fn new(host: Arc<dyn Host>) -> Self {
        Self {
            host,
            directory: RwLock::new(None),
            origin: Mutex::new(Origin {
                lists: ListsView::Nothing,
                edits: LocalEdits::default(),
            }),
            changed: Arc::default(),
            version: AtomicU64::new(0),
            watches: Mutex::default(),
        }
    }

    fn write(&self) -> RwLockWriteGuard<'_, Option<Directory>> {
        self.directory.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the directory.
    ///
    /// # Errors
    /// [`ErrorCode::DirectoryNotRead`] before the first read.
    pub fn read<T>(&self, ask: impl FnOnce(&Directory) -> T) -> Result<T> {
        let guard: RwLockReadGuard<'_, _> = self.directory.read().unwrap_or_else(PoisonError::into_inner);
        guard
            .as_ref()
            .map(ask)
            .ok_or_else(|| ErrorCode::DirectoryNotRead.into())
    }

    /// Where the lists come from. Does not change within [`DirectoryStore::read`].
    pub fn lists(&self) -> ListsView {
        lock(&self.origin).lists
    }

    /// Whether the lists come from a full read or a saved copy of one.
    pub fn is_complete(&self) -> bool {
        self.lists().at().is_some()
    }

    /// The single edits since the read under way began.
    pub fn edits(&self) -> LocalEdits {
        lock(&self.origin).edits.clone()
    }

    /// Forgets the edits: a read that begins now is newer than they are.
    pub fn forget_edits(&self) {
        lock(&self.origin).edits = LocalEdits::default();
    }

    /// Takes the users of [`LocalEdits::unseen`].
    pub fn take_unseen(&self) -> HashSet<UserId> {
        std::mem::take(&mut lock(&self.origin).edits.unseen)
    }

    /// Edits one user or group, and emits [`AppEvent::Directory`]. Returns the result of `edit`; `None`
    /// before the first read.
    pub fn edit<T>(&self, of: Edited, edit: impl FnOnce(&mut Directory) -> T) -> Option<T> {
        let edited = self.edit_silently(of, edit);
        self.host.emit(AppEvent::Directory);
        edited
    }

    /// [`DirectoryStore::edit`] for a caller that emits the event itself, once for many edits.
    pub fn edit_silently<T>(&self, of: Edited, edit: impl FnOnce(&mut Directory) -> T) -> Option<T> {
        let mut guard = self.write();
        let Some(directory) = guard.as_mut() else {
            // The read under way may have read them before this edit.
            if let Edited::User(id) = of {
                lock(&self.origin).edits.unseen.insert(id);
            }
            return None;
        };
        let knows = |directory: &Directory| match &of {
            Edited::User(id) => directory.person(id).is_some(),
            Edited::Group(id) => directory.group(id).is_some(),
        };
        let before = knows(directory);
        let edited = edit(directory);
        let seen = before || knows(directory);
        self.notify_watches(std::slice::from_ref(&of));
        let edits = &mut lock(&self.origin).edits;
        match of {
            Edited::User(id) if seen => edits.users.insert(id),
            Edited::User(id) => edits.unseen.insert(id),
            Edited::Group(id) => edits.groups.insert(id),
        };
        // Before the lock is released: an autosave that sees the edit must see the new version.
        self.version.fetch_add(1, Ordering::SeqCst);
        drop(guard);
        self.changed.notify_one();
        Some(edited)
    }

    /// An edit that determines the affected users and groups itself. All of them must be in the directory
    /// afterwards.
    pub fn edit_found(&self, edit: impl FnOnce(&mut Directory) -> Vec<Edited>) {
        let mut guard = self.write();
        let Some(directory) = guard.as_mut() else { return };
        let found = edit(directory);
        if found.is_empty() {
            return;
        }
        self.notify_watches(&found);
        {
            let edits = &mut lock(&self.origin).edits;
            for of in found {
                match of {
                    Edited::User(id) => edits.users.insert(id),
                    Edited::Group(id) => edits.groups.insert(id),
                };
            }
        }
        self.version.fetch_add(1, Ordering::SeqCst);
        drop(guard);
        self.changed.notify_one();
        self.host.emit(AppEvent::Directory);
    }

    /// Begins to collect the ids of edits, for a reader whose reply may be older than they are.
    pub fn watch_edits(&self) -> EditWatch {
        let edited = Arc::default();
        lock(&self.watches).push(Arc::downgrade(&edited));
        EditWatch(edited)
    }

    fn notify_watches(&self, of: &[Edited]) {
        lock(&self.watches).retain(|watch| {
            let Some(watch) = watch.upgrade() else {
                return false;
            };
            let mut edited = lock(&watch);
            of.iter().for_each(|one| edited.insert(one));
            true
        });
    }

    /// Replaces the directory by a full read. Edits since that read began are carried over.
    pub fn replace(&self, directory: Directory, from: ListsView) {
        self.put(directory, from, |_| true);
    }

    /// Shows a saved copy that was read at `at` (milliseconds since 1970, UTC). Returns whether it is shown:
    /// not if a complete directory is there already.
    pub fn show_saved(&self, directory: Directory, at: i64) -> bool {
        self.put(directory, ListsView::Saved { at }, |lists| lists.at().is_none())
    }

    /// Shows the first pages of a read. Returns whether they are shown: not if a complete directory is there,
    /// nor if an earlier read shows more.
    pub fn show_partial(&self, directory: Directory) -> bool {
        let (people, _) = directory.totals();
        if self.read(|shown| shown.totals().0 > people).unwrap_or_default() {
            return false;
        }
        self.put(directory, ListsView::Partial, |lists| lists.at().is_none())
    }

    fn put(&self, mut directory: Directory, from: ListsView, over: impl FnOnce(&ListsView) -> bool) -> bool {
        let before;
        {
            let mut guard = self.write();
            let mut origin = lock(&self.origin);
            if !over(&origin.lists) {
                return false;
            }
            if let Some(before) = guard.as_ref() {
                let whole = from.at().is_some();
                let unseen = carry_over(before, &mut directory, &origin.edits, whole);
                origin.edits.unseen.extend(unseen);
            }
            origin.lists = from;
            if matches!(from, ListsView::Read { .. }) {
                self.count_full_read(&mut origin);
            }
            before = guard.replace(directory);
        }
        self.host.emit(AppEvent::Sync);
        self.host.emit(AppEvent::Directory);
        // Dropping a large one takes time: not under the lock.
        drop(before);
        true
    }

    /// Applies differences that a full read found, except to users and groups edited meanwhile. Emits
    /// nothing.
    pub fn apply(&self, differences: &[Difference]) {
        let mut guard = self.write();
        let Some(directory) = guard.as_mut() else { return };
        let origin = lock(&self.origin);
        let (users, groups) = (&origin.edits.users, &origin.edits.groups);
        for difference in differences {
            match difference {
                Difference::User(person) if !users.contains(&person.id) => {
                    directory.upsert_person(person.clone());
                }
                Difference::UserGone(id) if !users.contains(id) => {
                    directory.remove_person(id);
                }
                Difference::Group(group) if !groups.contains(&group.id) => {
                    directory.upsert_group(group.clone());
                }
                Difference::GroupGone(id) if !groups.contains(id) => {
                    directory.remove_group(id);
                }
                Difference::User(_)
                | Difference::UserGone(_)
                | Difference::Group(_)
                | Difference::GroupGone(_) => {}
            }
        }
    }

    /// Sets where the lists come from after the last [`DirectoryStore::apply`], and emits what changed.
    pub fn applied(&self, from: ListsView, different: bool) {
        {
            let mut origin = lock(&self.origin);
            origin.lists = from;
            self.count_full_read(&mut origin);
        }
        self.host.emit(AppEvent::Sync);
        if different {
            self.host.emit(AppEvent::Directory);
        }
    }

    /// Counts a full read like an edit, so that it is saved. Before it is shown: an autosave that sees it
    /// must see the new version.
    fn count_full_read(&self, origin: &mut Origin) {
        origin.edits.users.clear();
        origin.edits.groups.clear();
        self.version.fetch_add(1, Ordering::SeqCst);
        self.changed.notify_one();
    }

    /// Notified of each edit and each full read.
    pub fn changed(&self) -> Arc<Notify> {
        Arc::clone(&self.changed)
    }

    /// A number that changes with each edit and each full read.
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::SeqCst)
    }
}

/// Carries the edits in `before` over to `after`. Returns the users for whom it could not.
fn carry_over(before: &Directory, after: &mut Directory, edits: &LocalEdits, complete: bool) -> Vec<UserId> {
    let mut unseen = Vec::new();
    for id in &edits.users {
        let Some(person) = before.person(id) else {
            after.remove_person(id);
            continue;
        };
        if person.state != directory::UserState::Unsettled {
            after.upsert_person(person);
        } else if !after.set_groups(id, &person.groups) {
            // Known in part, and only the memberships were changed here: a complete read knows the rest.
            if complete {
                unseen.push(id.clone());
            } else {
                after.upsert_person(person);
            }
        }
    }
    for id in &edits.groups {
        match before.group(id) {
            Some(info) => after.upsert_group(info.group),
            None => {
                after.remove_group(id);
            }
        }
    }
    unseen
}
