//! Groups: list rows and delete. The submodules read one group with its members, create and edit.
//! Must never write a value that was not compared with the server's present one.

mod create;
mod edit;
mod names;
mod read;

use std::collections::HashMap;

use directory as dir;
use ezeep_api::{Error as ApiError, Group};
use ids::GroupId;

use crate::convert;
use crate::error::{AppError, ErrorCode, Result};
use crate::faults::gone;
use crate::limits::MAX_ROWS;
use crate::organization::{Edited, OrganizationContext};
use crate::wire::{GroupQuery, GroupRow, GroupWindow, MemberQuery, UserWindow};

pub use create::create;
pub use edit::update;
pub use read::read;

/// Page size asked for; the first page tells the size that the server uses.
const PAGE: u32 = 1_000;
/// Attempts at reading a list that changes meanwhile.
const PASSES: usize = 3;

/// The rows of a window.
pub fn list(context: &OrganizationContext, query: &GroupQuery) -> Result<GroupWindow> {
    let search = convert::search(&query.search)?;
    let sort = convert::group_sort(query.sort, query.descending);
    let limit = query.limit.min(MAX_ROWS);
    context.store.read(|directory| {
        let person = query.first_of.as_ref().and_then(|id| directory.person(id));
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
        GroupWindow {
            total: window.total,
            matched: window.matched,
            offset: window.offset,
            rows: window.rows.iter().map(convert::group_row).collect(),
        }
    })
}

/// What the directory knows of a group. Fails with [`ErrorCode::GroupGone`].
pub fn detail(context: &OrganizationContext, id: &GroupId) -> Result<GroupRow> {
    context.store.read(|directory| {
        let info = directory.group(id).ok_or(ErrorCode::GroupGone)?;
        Ok(convert::group_row(&info))
    })?
}

/// The members of a group, out of the directory.
pub fn members(context: &OrganizationContext, query: &MemberQuery) -> Result<UserWindow> {
    let search = convert::search(&query.search)?;
    let sort = convert::user_sort(query.sort, query.descending);
    let whole = context.store.is_complete();
    context.store.read(|directory| {
        let found = directory.members(
            &query.group,
            &search,
            sort,
            query.offset,
            query.limit.min(MAX_ROWS),
        );
        convert::user_window(directory, &found, whole)
    })
}

fn forget(context: &OrganizationContext, id: &GroupId) {
    context
        .store
        .edit(Edited::Group(id.clone()), |directory| directory.remove_group(id));
}

fn learn(context: &OrganizationContext, group: &Group) -> Result<GroupRow> {
    let known = convert::group(group);
    context.store.edit(Edited::Group(known.id.clone()), |directory| {
        directory.upsert_group(known)
    });
    detail(context, &group.id)
}

/// A refused name that another group has, told by the server's own list rather than by its words.
async fn name_refusal(
    context: &OrganizationContext,
    error: ApiError,
    name: &str,
    own: Option<&str>,
) -> AppError {
    let refused = matches!(&error, ApiError::Status(s) if s.status == 409 || (s.status == 400 && s.fields.contains_key("name")));
    let error: AppError = gone(error, ErrorCode::GroupGone);
    if !refused {
        return error;
    }
    let name = dir::NameKey::of(name);
    let taken = read_all(context).await.is_ok_and(|all| {
        let mut others = all.iter().filter(|group| Some(group.id.as_str()) != own);
        others.any(|group| dir::NameKey::of(&group.name) == name)
    });
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

/// All groups, read from the server now.
async fn read_all(context: &OrganizationContext) -> Result<Vec<Group>> {
    let mut all: HashMap<GroupId, Group> = HashMap::new();
    for _ in 0..PASSES {
        let mut reading = context.api.reading_printing(PAGE);
        let take = |groups: Vec<Group>, _: &_| {
            all.extend(groups.into_iter().map(|group| (group.id.clone(), group)));
        };
        context.api.read_groups(&mut reading, take).await?;
        if reading.pass().is_whole() {
            break;
        }
    }
    Ok(all.into_values().collect())
}

/// Deletes a group. If it has members, `confirmation` must look the same as its name.
///
/// Fails with [`ErrorCode::ConfirmationMismatch`], and with [`ErrorCode::GroupGone`] if another admin has
/// deleted it.
pub async fn delete(context: &OrganizationContext, id: &GroupId, confirmation: Option<&str>) -> Result<()> {
    let now = context
        .api
        .group(id)
        .await
        .map_err(|error| gone(error, ErrorCode::GroupGone));
    let now = now.inspect_err(|error| {
        if error.code == ErrorCode::GroupGone {
            forget(context, id);
        }
    })?;
    let members = detail(context, id)
        .map_or(0, |row| u64::from(row.members))
        .max(now.num_members);
    let confirms = |typed| dir::looks_the_same(typed, &now.name);
    if members > 0 && !confirmation.is_some_and(confirms) {
        // Somebody may have renamed it: the name that counts must be the one that is shown.
        learn(context, &now)?;
        return Err(ErrorCode::ConfirmationMismatch.into());
    }
    match context.api.delete_group(id).await {
        Ok(()) => {}
        Err(ApiError::OutcomeUnknown { .. }) => match context.api.group(id).await {
            Err(ApiError::Status(status)) if status.status == 404 => {}
            _ => return Err(ErrorCode::OutcomeUnknown.into()),
        },
        Err(error) => return Err(synced(gone(error, ErrorCode::GroupGone), &now.origin)),
    }
    forget(context, id);
    Ok(())
}
