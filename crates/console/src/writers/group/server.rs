//! The server's groups, and what its replies mean for the directory and the user.

use std::collections::HashMap;

use directory as dir;
use ezeep_api::{Error as ApiError, Group};
use ids::GroupId;

use crate::convert;
use crate::error::{AppError, ErrorCode, Result};
use crate::faults::gone;
use crate::organization::{Edited, OrganizationContext};
use crate::wire::GroupRow;

/// Page size asked for; the first page tells the size that the server uses.
const PAGE: u32 = 1_000;
/// Attempts at reading a list that changes meanwhile.
const PASSES: usize = 3;

/// Removes a group that is gone on the server.
pub fn forget(context: &OrganizationContext, id: &GroupId) {
    context
        .store
        .edit(Edited::Group(id.clone()), |directory| directory.remove_group(id));
}

/// Puts the server's record of a group into the directory. Returns its row.
///
/// # Errors
/// [`ErrorCode::DirectoryNotRead`] before the first sync; [`ErrorCode::GroupGone`] if it was removed meanwhile.
pub fn learn(context: &OrganizationContext, group: &Group) -> Result<GroupRow> {
    let known = convert::group(group);
    context.store.edit(Edited::Group(known.id.clone()), |directory| {
        directory.upsert_group(known)
    });
    context.store.read(|directory| {
        let info = directory.group(&group.id).ok_or(ErrorCode::GroupGone)?;
        Ok(convert::group_row(&info))
    })?
}

/// The error for a refused name: [`ErrorCode::GroupNameTaken`] if the server lists another group with that
/// name. The text of the reply is not used.
pub async fn name_refusal(
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

/// The error for a refused change: [`ErrorCode::SyncedFromAzure`] if the group can only be changed there.
pub fn synced(error: AppError, origin: &ezeep_api::Origin) -> AppError {
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

/// Reads all groups from the server.
///
/// # Errors
/// What the server fails with.
pub async fn read_all(context: &OrganizationContext) -> Result<Vec<Group>> {
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
