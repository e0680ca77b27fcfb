//! The saved views of an organization. Owns their files, one for each holder and organization. They are
//! sealed: views contain group names and searches (security.md 61). Must never store a view of a session that
//! is not stored, nor of an organization that has been left.

mod stored;

use std::fmt::Display;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use directory::NameKey;
use ids::ViewId;
use serde::Deserialize as _;
use serde_json::Value;
use tokio::task::spawn_blocking;
use vault::lock::QueuedGuard;
use vault::{OnDisk, Unreadable, atomic, seal};

use crate::account_files::{FileKind, FilesError, Slot, WritePermission};
use crate::columns::{self, from_stored, to_stored};
use crate::convert;
use crate::error::{AppError, ErrorCode, Result};
use crate::stored::{
    StoredGroup, StoredOrigin, StoredRole, StoredSettingFilter, StoredState, StoredView, StoredViews,
};
use crate::wire::{DiskProblem, DiskThing, GroupRef, Origin, Role, SettingFilter, UserState, View, ViewForm};

/// Most views of an organization.
pub const MAX_VIEWS: usize = 100;
/// Most characters of a view's name.
const MAX_NAME: usize = 60;
/// Most groups of a view.
const MAX_GROUPS: usize = 200;
/// A file that is larger was not written by this app.
const MAX_BYTES: u64 = 8 << 20;

/// The views of one holder in one organization.
#[derive(Default)]
pub struct Views {
    /// `None` if nothing is stored: the views end when the organization is left.
    file: Option<ViewsFile>,
    /// Held during a change.
    changing: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

struct ViewsFile {
    slot: Slot,
    permission: WritePermission,
}

#[derive(Clone, Default)]
struct State {
    views: Vec<View>,
    /// Views unknown to this version: not shown, and left unchanged in the file.
    unknown: Vec<Value>,
    chosen: Option<ViewId>,
    /// The view deleted last, and its position.
    deleted: Option<(usize, View)>,
}

/// The views to show.
pub struct Shown {
    /// In their order.
    pub views: Vec<View>,
    /// The view chosen last.
    pub chosen: Option<ViewId>,
    /// Whether they are stored for the next start.
    pub persisted: bool,
}

impl Views {
    /// Reads the views of a holder's organization, which are written with the permission. The owner sets a
    /// damaged file aside; otherwise an unreadable file stays, and the views of this run exist in memory
    /// only. Both add a notice.
    pub async fn open(slot: Slot, permission: WritePermission) -> Self {
        // If one organization is opened twice at once, the second opening must not read the file while the
        // first sets it aside.
        let guard = slot.lock_plans().await;
        let (state, may_write) = match read(&slot).await {
            Ok(state) => (state.unwrap_or_default(), true),
            Err(error) => {
                let free = slot
                    .report_unreadable(DiskThing::Views, slot.views(), error)
                    .await;
                (State::default(), free)
            }
        };
        drop(guard);
        if !state.unknown.is_empty() {
            let notices = slot.notices();
            let why = format!("{} of them are left as they are", state.unknown.len());
            notices.add(DiskThing::Views, DiskProblem::Partly, &slot.views(), None, &why);
        }
        Self {
            file: may_write.then_some(ViewsFile { slot, permission }),
            changing: tokio::sync::Mutex::default(),
            state: Mutex::new(state),
        }
    }

    /// The views to show.
    pub fn shown(&self) -> Shown {
        let state = self.state();
        Shown {
            views: state.views.clone(),
            chosen: state.chosen.clone(),
            persisted: self.file().is_some(),
        }
    }

    /// Saves a view, as a new one or in place of the one with `id`, and chooses it. Nothing changes on
    /// failure.
    ///
    /// # Errors
    /// [`ErrorCode::ViewNameEmpty`], [`ErrorCode::ViewNameTooLong`], [`ErrorCode::ViewNameTaken`],
    /// [`ErrorCode::ViewsFull`], [`ErrorCode::ViewGone`], [`ErrorCode::ArgumentInvalid`],
    /// [`ErrorCode::FileNotWritten`], [`ErrorCode::OrganizationChanged`] if the organization has been left,
    /// and the keychain's errors.
    pub async fn save(&self, id: Option<&ViewId>, form: ViewForm) -> Result<View> {
        let form = checked(form)?;
        let _turn = self.changing.lock().await;
        let (state, lock) = self.current().await?;
        let at = match id {
            Some(id) => Some(state.at(id).ok_or(ErrorCode::ViewGone)?),
            None => None,
        };
        let name = NameKey::of(&form.name);
        let taken = |(index, view): (usize, &View)| Some(index) != at && NameKey::of(&view.form.name) == name;
        if state.views.iter().enumerate().any(taken) {
            return Err(ErrorCode::ViewNameTaken.into());
        }
        let mut views = state.views.clone();
        let view = View {
            id: match id {
                Some(id) => id.clone(),
                None => new_id()?,
            },
            form,
        };
        match at {
            Some(index) => views[index] = view.clone(),
            None if views.len() >= MAX_VIEWS => {
                return Err(ErrorCode::ViewsFull {
                    max: MAX_VIEWS as u32,
                }
                .into());
            }
            None => views.push(view.clone()),
        }
        let chosen = Some(view.id.clone());
        self.put(state, views, chosen, lock).await?;
        Ok(view)
    }

    /// Deletes a view. [`Views::restore`] restores the one deleted last.
    ///
    /// # Errors
    /// [`ErrorCode::ViewGone`]; those of the file as for [`Views::save`].
    pub async fn delete(&self, id: &ViewId) -> Result<()> {
        let _turn = self.changing.lock().await;
        let (state, lock) = self.current().await?;
        let index = state.at(id).ok_or(ErrorCode::ViewGone)?;
        let mut views = state.views.clone();
        let view = views.remove(index);
        let chosen = state.chosen.clone().filter(|chosen| chosen != id);
        self.put(state, views, chosen, lock).await?;
        self.state().deleted = Some((index, view));
        Ok(())
    }

    /// Restores the view deleted last to its position.
    ///
    /// # Errors
    /// [`ErrorCode::ViewGone`] if another one was deleted last; [`ErrorCode::ViewNameTaken`] if its name was
    /// given to another view meanwhile; [`ErrorCode::ViewsFull`]; those of the file as for [`Views::save`].
    pub async fn restore(&self, id: &ViewId) -> Result<View> {
        let _turn = self.changing.lock().await;
        let (state, lock) = self.current().await?;
        let (index, view) = state
            .deleted
            .clone()
            .filter(|(_, view)| view.id == *id)
            .ok_or(ErrorCode::ViewGone)?;
        let name = NameKey::of(&view.form.name);
        if state
            .views
            .iter()
            .any(|other| NameKey::of(&other.form.name) == name)
        {
            return Err(ErrorCode::ViewNameTaken.into());
        }
        if state.views.len() >= MAX_VIEWS {
            return Err(ErrorCode::ViewsFull {
                max: MAX_VIEWS as u32,
            }
            .into());
        }
        let mut views = state.views.clone();
        views.insert(index.min(views.len()), view.clone());
        let chosen = state.chosen.clone();
        self.put(state, views, chosen, lock).await?;
        self.state().deleted = None;
        Ok(view)
    }

    /// Remembers the chosen view for the next start; `None` stands for all users.
    ///
    /// # Errors
    /// [`ErrorCode::ViewGone`]; those of the file as for [`Views::save`].
    pub async fn choose(&self, id: Option<&ViewId>) -> Result<()> {
        let _turn = self.changing.lock().await;
        let (state, lock) = self.current().await?;
        if let Some(id) = id {
            state.at(id).ok_or(ErrorCode::ViewGone)?;
        }
        if self.state().chosen.as_ref() == id {
            return Ok(());
        }
        let views = state.views.clone();
        self.put(state, views, id.cloned(), lock).await
    }

    /// The present views: another program may have changed the file. It can't change it again before the
    /// returned lock is dropped. If the file is missing, the views are those of this run.
    ///
    /// # Errors
    /// [`ErrorCode::FileNotWritten`] if the file exists and can't be read now, or if another program holds
    /// its lock for too long; the keychain's.
    async fn current(&self) -> Result<(State, Option<QueuedGuard>)> {
        let mut state = self.state().clone();
        let Some(file) = self.file() else {
            return Ok((state, None));
        };
        let lock = file.lock().await?;
        if let Some(State { views, unknown, .. }) = file.read().await? {
            (state.views, state.unknown) = (views, unknown);
            let chosen = state.chosen.take();
            state.chosen = chosen.filter(|id| state.at(id).is_some());
        }
        Ok((state, lock))
    }

    async fn put(
        &self,
        state: State,
        views: Vec<View>,
        chosen: Option<ViewId>,
        lock: Option<QueuedGuard>,
    ) -> Result<()> {
        if let Some(file) = self.file() {
            let stored = StoredViews {
                views: views.iter().map(to_value).chain(state.unknown.clone()).collect(),
                chosen: chosen.clone().map(String::from),
            };
            file.write(stored, lock).await?;
        }
        let unknown = state.unknown;
        let mut state = self.state();
        state.unknown = unknown;
        state.views = views;
        state.chosen = chosen;
        Ok(())
    }

    fn file(&self) -> Option<&ViewsFile> {
        self.file.as_ref().filter(|file| file.permission.is_kept())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ViewsFile {
    /// Takes the lock that keeps other programs from changing the file until it is dropped. On a disk without
    /// locks it holds only within this program.
    ///
    /// # Errors
    /// [`ErrorCode::FileNotWritten`] if another program holds the lock for too long.
    async fn lock(&self) -> Result<Option<QueuedGuard>> {
        match self.slot.lock_views().await {
            Ok(lock) => Ok(Some(lock)),
            Err(error) => Err(not_written(&self.slot.views(), &error)),
        }
    }

    /// Reads the file. `None` if there is none, if it was damaged and is set aside with a notice, or if its
    /// key is missing.
    ///
    /// # Errors
    /// [`ErrorCode::FileNotWritten`] if the file can't be read and stays in place; the keychain's.
    async fn read(&self) -> Result<Option<State>> {
        let _guard = self.slot.lock_plans().await;
        let path = self.slot.views();
        let error = match read(&self.slot).await {
            Ok(found) => return Ok(found),
            // The write sets the file aside and makes a new key.
            Err(FilesError::NoKey) => return Ok(None),
            Err(error) if error.is_the_files() => error,
            Err(error) => return Err(refusal(&path, error)),
        };
        let not_written = not_written(&path, &error);
        if self.slot.report_unreadable(DiskThing::Views, path, error).await {
            Ok(None)
        } else {
            Err(not_written)
        }
    }

    async fn write(&self, stored: StoredViews, lock: Option<QueuedGuard>) -> Result<()> {
        let guard = self.slot.lock_plans().await;
        // A sign-out first leaves the organization and then removes its files, under the same lock.
        if self.permission.has_left() {
            return Err(ErrorCode::OrganizationChanged.into());
        }
        if !self.permission.is_kept() {
            return Ok(());
        }
        let path = self.slot.views();
        let slot = self.slot.clone();
        let written = async {
            let key = slot.key().await?;
            let (slot, path) = (slot.clone(), path.clone());
            spawn_blocking(move || {
                let _guards = (guard, lock);
                let text = serde_json::to_vec(&stored)?;
                let file = seal::seal(&text, &key, &slot.place(FileKind::Views).data())?;
                Ok::<_, FilesError>(atomic::replace(&path, &file)?)
            })
            .await?
        };
        written.await.map_err(|error| refusal(&path, error))
    }
}

fn refusal(path: &Path, error: FilesError) -> AppError {
    match error {
        FilesError::Store(error) => error.into(),
        error => not_written(path, &error),
    }
}

fn not_written(path: &Path, error: &dyn Display) -> AppError {
    let folder = path.parent().unwrap_or(path).display().to_string();
    AppError::new(ErrorCode::FileNotWritten { folder }).with_detail(error.to_string())
}

impl State {
    fn at(&self, id: &ViewId) -> Option<usize> {
        self.views.iter().position(|view| view.id == *id)
    }
}

fn refused(field: &str) -> AppError {
    AppError::new(ErrorCode::ArgumentInvalid {
        field: field.to_owned(),
    })
}

fn checked(mut form: ViewForm) -> Result<ViewForm> {
    let name = form.name.trim();
    let length = name.chars().count();
    if !directory::is_visible(name) {
        return Err(ErrorCode::ViewNameEmpty.into());
    }
    if length > MAX_NAME {
        return Err(ErrorCode::ViewNameTooLong {
            max: MAX_NAME as u32,
            length: length as u32,
        }
        .into());
    }
    form.name = name.to_owned();
    form.search = convert::search(&form.search)?;
    if form.groups.len() > MAX_GROUPS {
        return Err(refused("groups"));
    }
    for group in &mut form.groups {
        // The contract's limit for a group's name. It is only shown for a group that no longer exists.
        group.name = group.name.chars().take(255).collect();
    }
    // There are three roles, five states, three settings and few origins.
    if form.roles.len() > 8 || form.states.len() > 8 || form.settings.len() > 8 || form.origins.len() > 100 {
        return Err(refused("filters"));
    }
    form.columns = columns::validated(form.columns)?;
    Ok(form)
}

fn new_id() -> Result<ViewId> {
    Ok(ViewId::try_from(format!("v-{:016x}", rand::random::<u64>())).map_err(|_| ErrorCode::Internal)?)
}

/// `None` if there is no file.
async fn read(slot: &Slot) -> std::result::Result<Option<State>, FilesError> {
    let path = slot.views();
    let mut file = match spawn_blocking(move || atomic::read(&path, MAX_BYTES)).await? {
        OnDisk::Absent => return Ok(None),
        OnDisk::Unreadable(why) => return Err(why.into()),
        OnDisk::Readable(file) => file,
    };
    let key = slot.key_if_any().await?.ok_or(FilesError::NoKey)?;
    let text = seal::open(&mut file, &key, &slot.place(FileKind::Views).data())?;
    let stored: StoredViews = serde_json::from_slice(text)?;
    let mut state = State::default();
    for value in stored.views {
        match from_value(&value, &state.views) {
            Ok(view) if state.views.len() < MAX_VIEWS => state.views.push(view),
            Ok(_) => state.unknown.push(value),
            Err(why) => {
                tracing::warn!(%why, "a saved view is not understood");
                state.unknown.push(value);
            }
        }
    }
    let chosen = stored.chosen.and_then(|id| ViewId::try_from(id).ok());
    state.chosen = chosen.filter(|id| state.at(id).is_some());
    Ok(Some(state))
}

/// A view in its stored form.
fn to_value(view: &View) -> Value {
    let View { id, form } = view.clone();
    let stored = StoredView {
        id: id.into(),
        name: form.name,
        search: form.search,
        groups: form.groups.into_iter().map(StoredGroup::from).collect(),
        no_group: form.no_group,
        roles: form.roles.into_iter().map(StoredRole::from).collect(),
        states: form.states.into_iter().map(StoredState::from).collect(),
        origins: form.origins.into_iter().map(StoredOrigin::from).collect(),
        settings: form.settings.into_iter().map(StoredSettingFilter::from).collect(),
        sort: form.sort.into(),
        descending: form.descending,
        columns: to_stored(form.columns),
    };
    serde_json::to_value(stored).unwrap_or_default()
}

/// A stored view, validated like a new one. It must differ from `others` in id and name.
///
/// # Errors
/// [`Unreadable`], as damaged.
fn from_value(value: &Value, others: &[View]) -> std::result::Result<View, Unreadable> {
    let stored = StoredView::deserialize(value).map_err(|error| Unreadable::damaged(&error))?;
    let groups = stored.groups.into_iter().map(|group| {
        Ok(GroupRef {
            id: group.id.try_into()?,
            name: group.name,
        })
    });
    let groups: std::result::Result<_, ids::InvalidId> = groups.collect();
    let form = ViewForm {
        name: stored.name,
        search: stored.search,
        groups: groups.map_err(|error| Unreadable::damaged(&error))?,
        no_group: stored.no_group,
        roles: stored.roles.into_iter().map(Role::from).collect(),
        states: stored.states.into_iter().map(UserState::from).collect(),
        origins: stored.origins.into_iter().map(Origin::from).collect(),
        settings: stored.settings.into_iter().map(SettingFilter::from).collect(),
        sort: stored.sort.into(),
        descending: stored.descending,
        columns: from_stored(stored.columns),
    };
    let form = checked(form).map_err(|error| Unreadable::damaged(&error))?;
    let id = ViewId::try_from(stored.id).map_err(|error| Unreadable::damaged(&error))?;
    let name = NameKey::of(&form.name);
    if others
        .iter()
        .any(|other| other.id == id || NameKey::of(&other.form.name) == name)
    {
        return Err(Unreadable::damaged(&"it is there twice"));
    }
    Ok(View { id, form })
}

#[cfg(test)]
#[path = "views_tests.rs"]
mod tests;
