//! Groups: lists, one group read again with its members, create, edit and delete.
//! Must never repeat a create blindly: a lost reply is found out by reading (security.md 49).

use std::collections::{HashMap, HashSet};

use directory as dir;
use ezeep_api::{Error as ApiError, GroupPatch, NewGroup};
use futures::StreamExt as _;

use crate::error::{AppError, ErrorCode, Result};
use crate::memberships::gone;
use crate::people::{self, MAX_ROWS};
use crate::wire::{GroupForm, GroupId, GroupQuery, GroupRow, GroupWindow, MemberQuery, UserWindow};
use crate::workspace::{Touched, Workspace};
use crate::{convert, ids};

/// Characters a name or a description may have (contract, createGroup).
const MAX_TEXT: u32 = 255;
/// Rows asked for at a time.
const PAGE: u32 = 100;
/// People unknown to the directory whose names are read at once with a group.
const MAX_NEW: usize = 50;

/// The rows of a window.
pub fn list(workspace: &Workspace, query: &GroupQuery) -> Result<GroupWindow> {
    let search = convert::search(&query.search)?;
    let sort = convert::group_sort(query.sort, query.descending);
    let limit = query.limit.min(MAX_ROWS);
    workspace.read(|directory| {
        let person = query
            .first_of
            .as_ref()
            .and_then(|id| directory.person(&dir::UserId::from(id.as_str())));
        let window = match person {
            None => directory.groups(&search, sort, query.offset, limit),
            Some(person) => {
                let mut all = directory.groups(&search, sort, 0, u32::MAX);
                all.rows
                    .sort_by_key(|info| !person.groups.contains(&info.group.id));
                let from = (query.offset as usize).min(all.rows.len());
                let to = from.saturating_add(limit as usize).min(all.rows.len());
                dir::Window {
                    rows: all.rows.drain(from..to).collect(),
                    offset: query.offset,
                    ..all
                }
            }
        };
        Ok(GroupWindow {
            total: window.total,
            matched: window.matched,
            offset: window.offset,
            rows: window
                .rows
                .iter()
                .map(convert::group_row)
                .collect::<Result<_>>()?,
        })
    })?
}

/// What the directory knows of a group. Fails with [`ErrorCode::GroupGone`].
pub fn detail(workspace: &Workspace, id: &GroupId) -> Result<GroupRow> {
    workspace.read(|directory| {
        let info = directory
            .group(&dir::GroupId::from(id.as_str()))
            .ok_or(ErrorCode::GroupGone)?;
        convert::group_row(&info)
    })?
}

/// The members of a group, out of the directory.
pub fn members(workspace: &Workspace, query: &MemberQuery) -> Result<UserWindow> {
    let search = convert::search(&query.search)?;
    let sort = convert::user_sort(query.sort, query.descending);
    let whole = workspace.is_whole();
    workspace.read(|directory| {
        let group = dir::GroupId::from(query.group.as_str());
        let found = directory.members(&group, &search, sort, query.offset, query.limit.min(MAX_ROWS));
        people::window(directory, found, whole)
    })?
}

/// Reads a group and its members again and puts them into the directory.
/// Fails with [`ErrorCode::GroupGone`] where it is there no more; it leaves the directory then.
pub async fn read(workspace: &Workspace, id: &GroupId) -> Result<GroupRow> {
    let api_id = ids::api_group(id.as_str())?;
    let group = match workspace.api.group(&api_id).await {
        Ok(group) => group,
        Err(error) => {
            let error = gone(error, ErrorCode::GroupGone);
            if error.code == ErrorCode::GroupGone {
                forget(workspace, id);
            }
            return Err(error);
        }
    };
    let group_id = dir::GroupId::from(id.as_str());
    workspace.change_untold(Touched::Group(group_id.clone()), |d| {
        d.upsert_group(convert::group(&group))
    });

    // The filter is a body on a GET, which a proxy may drop: whoever comes is looked at (contract, listPrintUsers).
    let mut members: HashMap<String, ezeep_api::PrintUser> = HashMap::new();
    let mut pages = workspace.api.print_users_in(&api_id, PAGE);
    while let Some(page) = pages.next().await {
        for user in page?.items {
            if user.groups.contains(&api_id) {
                members.insert(user.id.as_str().to_owned(), user);
            }
        }
    }
    let known: HashSet<String> = workspace.read(|directory| {
        members
            .keys()
            .filter(|id| directory.person(&dir::UserId::from(id.as_str())).is_some())
            .cloned()
            .collect()
    })?;
    let mut accounts = HashMap::new();
    for user in members
        .values()
        .filter(|user| !known.contains(user.id.as_str()))
        .take(MAX_NEW)
    {
        if let Ok(account) = workspace.api.account(&user.id).await {
            accounts.insert(user.id.as_str().to_owned(), account);
        }
    }
    let now: Vec<_> = members.keys().map(|id| dir::UserId::from(id.as_str())).collect();
    workspace.change(Touched::Group(group_id.clone()), |directory| {
        for (id, user) in &members {
            if known.contains(id) {
                let groups: Vec<_> = user
                    .groups
                    .iter()
                    .map(|g| dir::GroupId::from(g.as_str()))
                    .collect();
                directory.set_groups(&dir::UserId::from(id.as_str()), &groups);
            } else {
                directory.upsert_person(convert::person(id, accounts.get(id), Some(user)));
            }
        }
        directory.set_members(&group_id, &now);
    });
    detail(workspace, id)
}

fn forget(workspace: &Workspace, id: &GroupId) {
    let id = dir::GroupId::from(id.as_str());
    workspace.change(Touched::Group(id.clone()), |directory| {
        directory.remove_group(&id)
    });
}

fn learn(workspace: &Workspace, group: &ezeep_api::Group) -> Result<GroupRow> {
    let known = convert::group(group);
    workspace.change(Touched::Group(known.id.clone()), |directory| {
        directory.upsert_group(known)
    });
    detail(workspace, &ids::wire_group(group.id.as_str())?)
}

struct Checked {
    name: String,
    description: String,
}

fn check(form: &GroupForm) -> Result<Checked> {
    let count = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let (name, description) = (form.name.trim().to_owned(), form.description.trim().to_owned());
    match (count(&name), count(&description)) {
        (0, _) => Err(ErrorCode::GroupNameEmpty.into()),
        (length, _) if length > MAX_TEXT => Err(ErrorCode::GroupNameTooLong {
            max: MAX_TEXT,
            length,
        }
        .into()),
        (_, length) if length > MAX_TEXT => Err(ErrorCode::GroupDescriptionTooLong {
            max: MAX_TEXT,
            length,
        }
        .into()),
        _ => Ok(Checked { name, description }),
    }
}

/// A refused name that another group has, told by the server's own list rather than by its words.
async fn name_refusal(workspace: &Workspace, error: ApiError, name: &str, own: Option<&str>) -> AppError {
    let refused = matches!(&error, ApiError::Status(s) if s.status == 409 || (s.status == 400 && s.fields.contains_key("name")));
    let error: AppError = gone(error, ErrorCode::GroupGone);
    if !refused {
        return error;
    }
    let taken = find_by_name(workspace, name)
        .await
        .is_ok_and(|found| found.iter().any(|g| Some(g.id.as_str()) != own));
    if taken {
        AppError {
            code: ErrorCode::GroupNameTaken,
            ..error
        }
    } else {
        error
    }
}

/// A group of Azure's that the server will not change from here: the person is told where it is changed.
fn synced(error: AppError, origin: &ezeep_api::Origin) -> AppError {
    let refused = matches!(
        error.code,
        ErrorCode::ValueRefused { .. } | ErrorCode::ChangeRefused { .. }
    );
    match origin {
        ezeep_api::Origin::Azure { .. } if refused => AppError {
            code: ErrorCode::SyncedFromAzure,
            ..error
        },
        _ => error,
    }
}

async fn find_by_name(workspace: &Workspace, name: &str) -> Result<Vec<ezeep_api::Group>> {
    let mut found = Vec::new();
    let mut pages = workspace.api.groups(PAGE);
    while let Some(page) = pages.next().await {
        found.extend(
            page?
                .items
                .into_iter()
                .filter(|g| g.name.to_lowercase() == name.to_lowercase()),
        );
    }
    Ok(found)
}

/// Makes a group. Name and description are trimmed.
///
/// Fails with [`ErrorCode::GroupNameEmpty`], [`ErrorCode::GroupNameTooLong`], [`ErrorCode::GroupDescriptionTooLong`],
/// [`ErrorCode::GroupNameTaken`], and with [`ErrorCode::OutcomeUnknown`] where the reply was lost and it can't be found out.
pub async fn create(workspace: &Workspace, form: &GroupForm) -> Result<GroupRow> {
    let checked = check(form)?;
    let new = NewGroup {
        name: checked.name.clone(),
        organization_id: ids::api_organization(workspace.organization.id.as_str())?,
        description: Some(checked.description).filter(|d| !d.is_empty()),
        local_printing_enabled: Some(form.local_printing),
        myprinters_enabled: Some(form.my_printers),
    };
    // Whoever has this name already is not what a lost reply made.
    let before: HashSet<String> = workspace.read(|directory| {
        let all = directory.groups(
            "",
            convert::group_sort(crate::wire::GroupColumn::Name, false),
            0,
            u32::MAX,
        );
        all.rows
            .into_iter()
            .map(|info| info.group.id.as_str().to_owned())
            .collect()
    })?;
    let group = match workspace.api.create_group(&new).await {
        Ok(group) => group,
        Err(ApiError::OutcomeUnknown { .. }) => {
            let mut made = find_by_name(workspace, &checked.name).await?;
            made.retain(|group| !before.contains(group.id.as_str()) && group.name == checked.name);
            match (made.pop(), made.is_empty()) {
                (Some(group), true) => group,
                _ => return Err(ErrorCode::OutcomeUnknown.into()),
            }
        }
        Err(error) => return Err(name_refusal(workspace, error, &checked.name, None).await),
    };
    learn(workspace, &group)
}

/// Changes a group; only what differs from what the server says now is sent.
/// Fails as [`create`] does, and with [`ErrorCode::GroupGone`].
pub async fn update(workspace: &Workspace, id: &GroupId, form: &GroupForm) -> Result<GroupRow> {
    let checked = check(form)?;
    let api_id = ids::api_group(id.as_str())?;
    let now = workspace
        .api
        .group(&api_id)
        .await
        .map_err(|error| gone(error, ErrorCode::GroupGone))?;
    let patch = GroupPatch {
        name: Some(checked.name.clone()).filter(|name| *name != now.name),
        description: Some(checked.description).filter(|description| *description != now.description),
        local_printing_enabled: Some(form.local_printing).filter(|on| *on != now.local_printing_enabled),
        myprinters_enabled: Some(form.my_printers).filter(|on| *on != now.myprinters_enabled),
    };
    let group = if patch == GroupPatch::default() {
        now
    } else {
        match workspace.api.update_group(&api_id, &patch).await {
            Ok(group) => group,
            // Setting a value twice does no harm, but whether it was set is for the server to say.
            Err(ApiError::OutcomeUnknown { .. }) => {
                let after = workspace
                    .api
                    .group(&api_id)
                    .await
                    .map_err(|e| gone(e, ErrorCode::GroupGone))?;
                let done = patch.name.as_ref().is_none_or(|name| *name == after.name)
                    && patch
                        .description
                        .as_ref()
                        .is_none_or(|text| *text == after.description)
                    && patch
                        .local_printing_enabled
                        .is_none_or(|on| on == after.local_printing_enabled)
                    && patch
                        .myprinters_enabled
                        .is_none_or(|on| on == after.myprinters_enabled);
                if !done {
                    return Err(ErrorCode::OutcomeUnknown.into());
                }
                after
            }
            Err(error) => {
                let error = name_refusal(workspace, error, &checked.name, Some(id.as_str())).await;
                return Err(synced(error, &now.origin));
            }
        }
    };
    learn(workspace, &group)
}

/// Deletes a group. Where it has members, `confirmation` must be its name, to the letter.
///
/// Fails with [`ErrorCode::ConfirmationMismatch`], and with [`ErrorCode::GroupGone`] where somebody else has deleted it.
pub async fn delete(workspace: &Workspace, id: &GroupId, confirmation: Option<&str>) -> Result<()> {
    let api_id = ids::api_group(id.as_str())?;
    let now = workspace
        .api
        .group(&api_id)
        .await
        .map_err(|error| gone(error, ErrorCode::GroupGone));
    let now = now.inspect_err(|error| {
        if error.code == ErrorCode::GroupGone {
            forget(workspace, id);
        }
    })?;
    let members = detail(workspace, id)
        .map_or(0, |row| u64::from(row.members))
        .max(now.num_members);
    if members > 0 && confirmation.map(str::trim) != Some(now.name.trim()) {
        return Err(ErrorCode::ConfirmationMismatch.into());
    }
    match workspace.api.delete_group(&api_id).await {
        Ok(()) => {}
        Err(ApiError::OutcomeUnknown { .. }) => match workspace.api.group(&api_id).await {
            Err(ApiError::Status(status)) if status.status == 404 => {}
            _ => return Err(ErrorCode::OutcomeUnknown.into()),
        },
        Err(error) => return Err(synced(gone(error, ErrorCode::GroupGone), &now.origin)),
    }
    forget(workspace, id);
    Ok(())
}
