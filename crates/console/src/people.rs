//! One person: what the directory knows, and what both servers say now.
//! Must never forget what is shown because a read failed.

use directory as dir;
use ezeep_api::Error as ApiError;
use ids::{GroupId, UserId};

use crate::error::{ErrorCode, Result};
use crate::limits::{MAX_ROWS, MAX_SELECTED};
use crate::wire::{Facets, UserDetail, UserQuery, UserScope, UserWindow};
use crate::workspace::{Touched, Workspace};
use crate::{convert, memberships};

/// The rows of a window.
pub fn list(workspace: &Workspace, query: &UserQuery) -> Result<UserWindow> {
    let scope = convert::scope(&query.scope)?;
    let sort = convert::user_sort(query.sort, query.descending);
    let whole = workspace.is_whole();
    workspace.read(|directory| {
        let found = directory.users(&scope, sort, query.offset, query.limit.min(MAX_ROWS));
        window(directory, found, whole)
    })
}

/// The ids alone of the rows of a window, which may be as large as a selection.
pub fn ids(workspace: &Workspace, query: &UserQuery) -> Result<Vec<UserId>> {
    let scope = convert::scope(&query.scope)?;
    let sort = convert::user_sort(query.sort, query.descending);
    let limit = query.limit.min(MAX_SELECTED as u32);
    workspace.read(|directory| directory.user_ids(&scope, sort, query.offset, limit))
}

/// Those of the ids that are nobody's who matches. Fails where there are more than [`MAX_SELECTED`] of them.
pub fn not_matching(workspace: &Workspace, scope: &UserScope, ids: &[UserId]) -> Result<Vec<UserId>> {
    if ids.len() > MAX_SELECTED {
        let field = "ids".into();
        return Err(ErrorCode::ArgumentInvalid { field }.into());
    }
    let scope = convert::scope(scope)?;
    workspace.read(|directory| directory.not_matching(&scope, ids))
}

/// The counts beside the filters, of these groups too. Fails where there are more than [`MAX_ROWS`] of them.
pub fn facets(workspace: &Workspace, scope: &UserScope, groups: &[GroupId]) -> Result<Facets> {
    if groups.len() > MAX_ROWS as usize {
        let field = "groups".into();
        return Err(ErrorCode::ArgumentInvalid { field }.into());
    }
    let scope = convert::scope(scope)?;
    let groups = dir::CountGroups::These(groups);
    Ok(convert::facets(
        workspace.read(|directory| directory.facets(&scope, groups))?,
    ))
}

/// People as the UI shows them; `whole` as in [`convert::user_row`].
pub fn window(directory: &dir::Directory, window: dir::Window<dir::Person>, whole: bool) -> UserWindow {
    let rows = window.rows.iter();
    UserWindow {
        total: window.total,
        matched: window.matched,
        offset: window.offset,
        rows: rows
            .map(|person| convert::user_row(directory, person, whole))
            .collect(),
    }
}

/// What the directory knows of a person. Fails with [`ErrorCode::UserGone`].
pub fn detail(workspace: &Workspace, id: &UserId) -> Result<UserDetail> {
    let whole = workspace.is_whole();
    workspace.read(|directory| {
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

/// Reads a person again on both servers, puts them into the directory and shows them.
/// Fails with [`ErrorCode::UserGone`] where neither server knows them any more; they leave the directory then.
pub async fn read(workspace: &Workspace, id: &UserId) -> Result<UserDetail> {
    // Not while a plan writes them: an older reply must not overwrite a newer one.
    let lock = workspace.person_lock(id);
    let alone = lock.lock().await;
    let (account, print) = futures::join!(workspace.api.account(id), workspace.api.print_user(id));
    let (account, print) = (known(account)?, known(print)?);
    if account.is_none() && print.is_none() {
        workspace.change(Touched::Person(id.clone()), |directory| {
            directory.remove_person(id)
        });
        return Err(ErrorCode::UserGone.into());
    }
    let person = convert::person(id, account.as_ref(), print.as_ref());
    let changed = workspace.read(|directory| directory.person(&person.id).as_ref() != Some(&person))?;
    if changed {
        workspace.change(Touched::Person(person.id.clone()), |directory| {
            directory.upsert_person(person)
        });
    }
    drop(alone);
    detail(workspace, id)
}

/// "Not there" is an answer.
fn known<T>(answer: std::result::Result<T, ApiError>) -> Result<Option<T>> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if memberships::is_gone(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
