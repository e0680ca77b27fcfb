//! The position of a row in a list of users or groups. Owns the limits of the query, nothing else. Must never
//! return rows: these are queried by window.

use directory as dir;
use ids::{GroupId, UserId};

use crate::convert;
use crate::error::{AppError, ErrorCode, Result};
use crate::organization::OrganizationContext;
use crate::wire::{GroupSeekQuery, Place, Seek, UserSeekQuery};

/// Most ids in one query.
const MAX_IDS: usize = 500;

fn bounded<T>(ids: &[T]) -> Result<()> {
    if ids.len() > MAX_IDS {
        return Err(AppError::new(ErrorCode::ArgumentInvalid {
            field: "ids".to_owned(),
        }));
    }
    Ok(())
}

/// The position of a user among those who match; `None` if none of the asked ones matches.
///
/// # Errors
/// [`ErrorCode::ArgumentInvalid`] for more than 500 ids, or a search or prefix of more than 200 characters;
/// [`ErrorCode::DirectoryNotRead`] before the first sync.
pub fn user(context: &OrganizationContext, query: &UserSeekQuery) -> Result<Option<Place<UserId>>> {
    let scope = convert::scope(&query.scope)?;
    let sort = convert::user_sort(query.sort, query.descending);
    let place = match &query.seek {
        Seek::Ids { ids } => {
            bounded(ids)?;
            context
                .store
                .read(|directory| directory.user_place(&scope, sort, ids))?
        }
        Seek::Starting { prefix, from } => {
            let prefix = convert::search(prefix)?;
            context
                .store
                .read(|directory| directory.user_starting(&scope, sort, &prefix, *from))?
        }
    };
    Ok(place.map(|dir::Place { index, id }| Place { index, id }))
}

/// The position of a group among those that match; `None` if none of the asked ones matches.
///
/// # Errors
/// As [`user`].
pub fn group(context: &OrganizationContext, query: &GroupSeekQuery) -> Result<Option<Place<GroupId>>> {
    let search = convert::search(&query.search)?;
    let sort = convert::group_sort(query.sort, query.descending);
    let place = match &query.seek {
        Seek::Ids { ids } => {
            bounded(ids)?;
            context
                .store
                .read(|directory| directory.group_place(&search, sort, ids))?
        }
        Seek::Starting { prefix, from } => {
            let prefix = convert::search(prefix)?;
            context
                .store
                .read(|directory| directory.group_starting(&search, sort, &prefix, *from))?
        }
    };
    Ok(place.map(|dir::Place { index, id }| Place { index, id }))
}
