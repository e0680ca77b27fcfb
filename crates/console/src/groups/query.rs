//! Groups and their members in the directory. Asks no server.

use directory as dir;
use ids::GroupId;

use crate::convert;
use crate::error::{ErrorCode, Result};
use crate::limits::MAX_ROWS;
use crate::organization::OrganizationContext;
use crate::wire::{GroupQuery, GroupRow, GroupWindow, MemberQuery, UserWindow};

/// A window of groups, at most 500 rows.
///
/// # Errors
/// [`ErrorCode::ArgumentInvalid`] for a search of more than 200 characters; [`ErrorCode::DirectoryNotRead`]
/// before the first sync.
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

/// A group's row.
///
/// # Errors
/// [`ErrorCode::GroupGone`]; [`ErrorCode::DirectoryNotRead`] before the first sync.
pub fn detail(context: &OrganizationContext, id: &GroupId) -> Result<GroupRow> {
    context.store.read(|directory| {
        let info = directory.group(id).ok_or(ErrorCode::GroupGone)?;
        Ok(convert::group_row(&info))
    })?
}

/// A window of a group's members, at most 500 rows.
///
/// # Errors
/// As [`list`].
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
