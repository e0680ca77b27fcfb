//! The saved views of an organization, and the columns of the lists. Owns the views' files, one an account and organization.
//! Must never keep a view of a sign-in of which nothing is kept: views name groups and hold what was searched for.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::convert;
use crate::error::{AppError, ErrorCode, Result};
use crate::private;
use crate::wire::{AccountId, ColumnChoice, OrganizationId, View, ViewForm, ViewId};

/// Raised when the file changes its meaning; another version is dropped with a note.
const VERSION: u32 = 1;
/// The folder in the data directory.
const FOLDER: &str = "views";
/// Views an organization may have.
pub const MAX_VIEWS: usize = 100;
/// Characters a view's name may have.
const MAX_NAME: usize = 60;
/// Groups a view may name.
const MAX_GROUPS: usize = 200;
/// Columns a list may have.
const MAX_COLUMNS: usize = 32;
/// A file that is larger was not written by this app.
const MAX_BYTES: u64 = 8 << 20;

/// The views of one account in one organization.
#[derive(Default)]
pub struct Views {
    /// None where nothing is kept: they end with the organization's being left.
    path: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    read: bool,
    views: Vec<View>,
    chosen: Option<ViewId>,
    damaged: bool,
    /// The one deleted last, and where it stood.
    deleted: Option<(usize, View)>,
}

#[derive(Deserialize)]
struct Stored {
    version: u32,
    /// Each is looked at by itself: one that is damaged takes no other along.
    views: Vec<serde_json::Value>,
    chosen: Option<ViewId>,
}

#[derive(Serialize)]
struct Storing<'a> {
    version: u32,
    views: &'a [View],
    chosen: Option<&'a ViewId>,
}

/// What there is to show.
pub struct Shown {
    /// In their order.
    pub views: Vec<View>,
    /// The one chosen last.
    pub chosen: Option<ViewId>,
    /// Some on disk could not be read.
    pub damaged: bool,
    /// They are there at the next start.
    pub kept: bool,
}

impl Views {
    /// Those of an account's organization; touches nothing yet.
    pub fn of(data_dir: &Path, account: &AccountId, organization: &OrganizationId) -> Self {
        let mut path = data_dir.join(FOLDER).join(account.as_str());
        path.push(format!("{}.json", organization.as_str()));
        Self {
            path: Some(path),
            state: Mutex::default(),
        }
    }

    /// All of them. A file that is damaged or of another version counts as empty, and is told once.
    pub fn shown(&self) -> Shown {
        let state = self.state();
        Shown {
            views: state.views.clone(),
            chosen: state.chosen.clone(),
            damaged: state.damaged,
            kept: self.path.is_some(),
        }
    }

    /// Saves a view, new or in place of the one with this id, and chooses it.
    ///
    /// Fails with [`ErrorCode::ViewNameEmpty`], [`ErrorCode::ViewNameTooLong`], [`ErrorCode::ViewNameTaken`],
    /// [`ErrorCode::ViewsFull`], [`ErrorCode::ViewGone`], [`ErrorCode::ArgumentInvalid`] and [`ErrorCode::FileNotWritten`];
    /// nothing is changed then.
    pub fn save(&self, id: Option<&ViewId>, form: ViewForm) -> Result<View> {
        let form = checked(form)?;
        let mut state = self.state();
        let at = match id {
            Some(id) => Some(state.at(id).ok_or(ErrorCode::ViewGone)?),
            None => None,
        };
        let lower = form.name.to_lowercase();
        let taken =
            |(index, view): (usize, &View)| Some(index) != at && view.form.name.to_lowercase() == lower;
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
        self.put(&mut state, views, chosen)?;
        Ok(view)
    }

    /// Deletes a view; [`Views::restore`] brings the one deleted last back.
    pub fn delete(&self, id: &ViewId) -> Result<()> {
        let mut state = self.state();
        let index = state.at(id).ok_or(ErrorCode::ViewGone)?;
        let mut views = state.views.clone();
        let view = views.remove(index);
        let chosen = state.chosen.clone().filter(|chosen| chosen != id);
        self.put(&mut state, views, chosen)?;
        state.deleted = Some((index, view));
        Ok(())
    }

    /// Brings the view that was deleted last back to its place. Fails with [`ErrorCode::ViewGone`] where that was another
    /// one, and as [`Views::save`] where its name was given to another view meanwhile.
    pub fn restore(&self, id: &ViewId) -> Result<View> {
        let mut state = self.state();
        let (index, view) = state
            .deleted
            .clone()
            .filter(|(_, view)| view.id == *id)
            .ok_or(ErrorCode::ViewGone)?;
        let lower = view.form.name.to_lowercase();
        if state
            .views
            .iter()
            .any(|other| other.form.name.to_lowercase() == lower)
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
        self.put(&mut state, views, chosen)?;
        state.deleted = None;
        Ok(view)
    }

    /// Remembers which one was chosen last; none for all users.
    pub fn choose(&self, id: Option<&ViewId>) -> Result<()> {
        let mut state = self.state();
        if let Some(id) = id {
            state.at(id).ok_or(ErrorCode::ViewGone)?;
        }
        if state.chosen.as_ref() == id {
            return Ok(());
        }
        let views = state.views.clone();
        self.put(&mut state, views, id.cloned())
    }

    fn put(&self, state: &mut State, views: Vec<View>, chosen: Option<ViewId>) -> Result<()> {
        if let Some(path) = &self.path {
            write(path, &views, chosen.as_ref()).map_err(|error| {
                let folder = path.parent().unwrap_or(path).display().to_string();
                AppError::new(ErrorCode::FileNotWritten { folder }).with_detail(error.to_string())
            })?;
        }
        state.views = views;
        state.chosen = chosen;
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.read {
            state.read = true;
            if let Some(path) = &self.path {
                match read(path) {
                    Ok((views, chosen, damaged)) => {
                        state.chosen = chosen.filter(|id| views.iter().any(|view| view.id == *id));
                        state.views = views;
                        state.damaged = damaged;
                    }
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => {
                        tracing::warn!(%error, "the saved views can't be read and are dropped");
                        state.damaged = true;
                    }
                }
            }
        }
        state
    }
}

impl State {
    fn at(&self, id: &ViewId) -> Option<usize> {
        self.views.iter().position(|view| view.id == *id)
    }
}

/// Forgets every view of an account: it was signed out, and nothing of it stays on this computer.
pub fn forget(data_dir: &Path, account: &AccountId) {
    if let Err(error) = fs::remove_dir_all(data_dir.join(FOLDER).join(account.as_str()))
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "the saved views of an account could not be removed");
    }
}

/// The columns of a list, made sound: each name once, widths within their bounds.
///
/// Fails with [`ErrorCode::ArgumentInvalid`] for what can't be a column's name, or too many of them.
pub fn columns(columns: Vec<ColumnChoice>) -> Result<Vec<ColumnChoice>> {
    let named =
        |name: &str| (1..=32).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if columns.len() > MAX_COLUMNS || !columns.iter().all(|column| named(&column.name)) {
        return Err(refused("columns"));
    }
    let mut sound: Vec<ColumnChoice> = Vec::with_capacity(columns.len());
    for mut column in columns {
        if sound.iter().any(|other| other.name == column.name) {
            continue;
        }
        column.width = column.width.map(|width| width.clamp(40, 2_000));
        sound.push(column);
    }
    Ok(sound)
}

fn refused(field: &str) -> AppError {
    AppError::new(ErrorCode::ArgumentInvalid {
        field: field.to_owned(),
    })
}

fn checked(mut form: ViewForm) -> Result<ViewForm> {
    let name = form.name.trim();
    let length = name.chars().count();
    if length == 0 {
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
        // As long as the contract lets a group's name be; it only names a group that is gone.
        group.name = group.name.chars().take(255).collect();
    }
    // There are three roles, five states, three settings and few origins.
    if form.roles.len() > 8 || form.states.len() > 8 || form.settings.len() > 8 || form.origins.len() > 100 {
        return Err(refused("filters"));
    }
    form.columns = columns(form.columns)?;
    Ok(form)
}

fn new_id() -> Result<ViewId> {
    Ok(ViewId::try_from(format!("v-{:016x}", rand::random::<u64>())).map_err(|_| ErrorCode::Internal)?)
}

fn read(path: &Path) -> io::Result<(Vec<View>, Option<ViewId>, bool)> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(MAX_BYTES).read_to_end(&mut bytes)?;
    let stored: Stored = serde_json::from_slice(&bytes)?;
    if stored.version != VERSION {
        return Err(io::Error::other("another version"));
    }
    let mut damaged = stored.views.len() > MAX_VIEWS;
    let mut views: Vec<View> = Vec::new();
    for value in stored.views.into_iter().take(MAX_VIEWS) {
        let view = serde_json::from_value::<View>(value).map_err(|error| error.to_string());
        let sound = view.and_then(|view| {
            let form = checked(view.form).map_err(|error| error.to_string())?;
            let lower = form.name.to_lowercase();
            let known = |other: &View| other.id == view.id || other.form.name.to_lowercase() == lower;
            if views.iter().any(known) {
                return Err("a view is there twice".to_owned());
            }
            Ok(View { id: view.id, form })
        });
        match sound {
            Ok(view) => views.push(view),
            Err(error) => {
                tracing::warn!(%error, "a saved view can't be read and is dropped");
                damaged = true;
            }
        }
    }
    Ok((views, stored.chosen, damaged))
}

fn write(path: &Path, views: &[View], chosen: Option<&ViewId>) -> io::Result<()> {
    let text = serde_json::to_vec(&Storing {
        version: VERSION,
        views,
        chosen,
    })?;
    private::replace(path, &text)
}

#[cfg(test)]
#[path = "views_tests.rs"]
mod tests;
