//! Queries about users, and a single user's refresh. Must never remove what is shown because a read failed.

use ids::{GroupId, UserId};

use crate::convert;
use crate::error::{ErrorCode, Result};
use crate::limits::{MAX_ROWS, MAX_SELECTED};
use crate::organization::{OrganizationContext, refresh_user};
use crate::wire::{Facets, UserDetail, UserQuery, UserScope, UserWindow};

/// A window of users, at most 500 rows.
///
/// # Errors
/// [`ErrorCode::ArgumentInvalid`] for a search of more than 200 characters; [`ErrorCode::DirectoryNotRead`]
/// before the first sync.
pub fn list(context: &OrganizationContext, query: &UserQuery) -> Result<UserWindow> {
    let scope = convert::scope(&query.scope)?;
    let sort = convert::user_sort(query.sort, query.descending);
    let whole = context.store.is_complete();
    context.store.read(|directory| {
        let found = directory.users(&scope, sort, query.offset, query.limit.min(MAX_ROWS));
        convert::user_window(directory, &found, whole)
    })
}

/// The ids of a window of users, at most [`MAX_SELECTED`].
///
/// # Errors
/// As [`list`].
pub fn ids(context: &OrganizationContext, query: &UserQuery) -> Result<Vec<UserId>> {
    let scope = convert::scope(&query.scope)?;
    let sort = convert::user_sort(query.sort, query.descending);
    let limit = query.limit.min(MAX_SELECTED as u32);
    context
        .store
        .read(|directory| directory.user_ids(&scope, sort, query.offset, limit))
}

/// Those of the ids that don't match.
///
/// # Errors
/// [`ErrorCode::ArgumentInvalid`] for more than [`MAX_SELECTED`] ids; otherwise as [`list`].
pub fn not_matching(context: &OrganizationContext, scope: &UserScope, ids: &[UserId]) -> Result<Vec<UserId>> {
    if ids.len() > MAX_SELECTED {
        let field = "ids".into();
        return Err(ErrorCode::ArgumentInvalid { field }.into());
    }
    let scope = convert::scope(scope)?;
    context
        .store
        .read(|directory| directory.not_matching(&scope, ids))
}

/// The counts beside the filters, and those of the given groups.
///
/// # Errors
/// [`ErrorCode::ArgumentInvalid`] for more than [`MAX_ROWS`] groups; otherwise as [`list`].
pub fn facets(context: &OrganizationContext, scope: &UserScope, groups: &[GroupId]) -> Result<Facets> {
    if groups.len() > MAX_ROWS as usize {
        let field = "groups".into();
        return Err(ErrorCode::ArgumentInvalid { field }.into());
    }
    let scope = convert::scope(scope)?;
    Ok(convert::facets(
        context.store.read(|directory| directory.facets(&scope, groups))?,
    ))
}

/// A user's details from the directory.
///
/// # Errors
/// [`ErrorCode::UserGone`]; [`ErrorCode::DirectoryNotRead`] before the first sync.
pub fn detail(context: &OrganizationContext, id: &UserId) -> Result<UserDetail> {
    let whole = context.store.is_complete();
    context.store.read(|directory| {
        let person = directory.person(id).ok_or(ErrorCode::UserGone)?;
        let mut groups = directory.groups_of(&person.id);
        let all = groups.len();
        groups.retain(|info| whole || directory.group(&info.group.id).is_some());
        Ok(UserDetail {
            row: convert::user_row(directory, &person, whole),
            unread_groups: u32::try_from(all - groups.len()).unwrap_or(u32::MAX),
            groups: groups.iter().map(convert::group_row).collect(),
            joined: person.joined,
            verified: person.verified,
        })
    })?
}

/// Reads a user again from both servers.
///
/// # Errors
/// What [`refresh_user`] fails with.
pub async fn read(context: &OrganizationContext, id: &UserId) -> Result<UserDetail> {
    refresh_user(context, id).await?;
    detail(context, id)
}
