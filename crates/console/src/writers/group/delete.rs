//! Deletes a group.

use directory as dir;
use ezeep_api::Error as ApiError;
use ids::GroupId;

use super::server::{forget, learn, synced};
use crate::convert;
use crate::error::{ErrorCode, Result};
use crate::faults::{gone, is_gone};
use crate::organization::OrganizationContext;

/// Deletes a group. If it has members, `confirmation` must look the same as its name.
///
/// # Errors
/// [`ErrorCode::ConfirmationMismatch`]; [`ErrorCode::GroupGone`] if another admin has deleted it;
/// [`ErrorCode::SyncedFromAzure`]; [`ErrorCode::OutcomeUnknown`] if the reply was lost and the group is still
/// there.
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
    let known = context.store.read(|directory| {
        directory
            .group(id)
            .map_or(0, |info| convert::group_row(&info).members)
    });
    let members = known.map_or(0, u64::from).max(now.num_members);
    let confirms = |typed| dir::looks_the_same(typed, &now.name);
    if members > 0 && !confirmation.is_some_and(confirms) {
        // It may have been renamed: the confirmation must be compared with the shown name.
        learn(context, &now)?;
        return Err(ErrorCode::ConfirmationMismatch.into());
    }
    match context.api.delete_group(id).await {
        Ok(()) => {}
        Err(ApiError::OutcomeUnknown { .. }) => match context.api.group(id).await {
            Err(error) if is_gone(&error) => {}
            _ => return Err(ErrorCode::OutcomeUnknown.into()),
        },
        Err(error) => {
            let error = synced(gone(error, ErrorCode::GroupGone), &now.origin);
            if error.code == ErrorCode::GroupGone {
                forget(context, id);
            }
            return Err(error);
        }
    }
    forget(context, id);
    Ok(())
}
