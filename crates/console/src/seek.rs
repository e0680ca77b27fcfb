//! Where a row stands in a list of people or groups. Owns the bounds of the question, nothing else.
//! Must never answer with rows: those are asked for by window.

use directory as dir;
use ids::{GroupId, UserId};

use crate::convert;
use crate::error::{AppError, ErrorCode, Result};
use crate::organization::OrganizationContext;
use crate::wire::{GroupSeekQuery, Place, Seek, UserSeekQuery};

/// Most ids looked for at once.
const MAX_IDS: usize = 500;

fn bounded<T>(ids: &[T]) -> Result<()> {
    if ids.len() > MAX_IDS {
        return Err(AppError::new(ErrorCode::ArgumentInvalid {
            field: "ids".to_owned(),
        }));
    }
    Ok(())
}

/// Where somebody stands among the people who match; none where nobody of those asked for does.
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

/// Where a group stands among those that match.
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
