//! Creates groups. Must never repeat a create blindly, nor take another admin's group for the created one:
//! after a lost reply the groups are read (security.md 49).

use std::collections::HashSet;

use ezeep_api::{Error as ApiError, Group, NewGroup};

use super::names;
use super::server::{learn, name_refusal, read_all};
use crate::convert;
use crate::error::{AppError, ErrorCode, Result};
use crate::organization::{Edited, OrganizationContext};
use crate::wire::{GroupForm, GroupRef, GroupRow};

/// Creates a group. Name and description are trimmed.
///
/// # Errors
/// [`ErrorCode::GroupNameEmpty`], [`ErrorCode::GroupNameInvisible`], [`ErrorCode::GroupNameTooLong`],
/// [`ErrorCode::GroupDescriptionTooLong`], [`ErrorCode::GroupNameTaken`]; [`ErrorCode::GroupNameLooksLike`],
/// which needs a confirmation. If the reply was lost: [`ErrorCode::OutcomeUnknown`] if no group has the name
/// or the groups can't be read, [`ErrorCode::CreateUnconfirmed`] if no group with the name is certainly the
/// created one.
pub async fn create(context: &OrganizationContext, form: &GroupForm) -> Result<GroupRow> {
    let name = names::check_name(&form.name)?;
    let description = names::check_description(&form.description)?;
    let new = NewGroup {
        name,
        organization_id: context.organization.id.clone(),
        description: Some(description).filter(|d| !d.is_empty()),
        local_printing_enabled: Some(form.local_printing),
        myprinters_enabled: Some(form.my_printers),
    };
    let before = read_all(context).await?;
    names::ask_about_lookalikes(&before, &new.name, None, &form.confirmed_lookalikes)?;
    let group = match context.api.create_group(&new).await {
        Ok(group) => group,
        Err(ApiError::OutcomeUnknown { .. }) => find_created(context, &new, &before).await?,
        Err(error) => return Err(name_refusal(context, error, &new.name, None).await),
    };
    learn(context, &group)
}

/// Finds the group of a create whose reply was lost.
async fn find_created(context: &OrganizationContext, new: &NewGroup, before: &[Group]) -> Result<Group> {
    let read = read_all(context).await;
    // If the list can't be read either, the outcome of the create is unknown.
    let mut named = read.map_err(|error| AppError {
        code: ErrorCode::OutcomeUnknown,
        ..error
    })?;
    named.retain(|group| group.name == new.name);
    let known: HashSet<_> = before.iter().map(|group| &group.id).collect();
    let is_ours = |group: &&Group| {
        !known.contains(&group.id)
            && group.num_members == 0
            && group.description == new.description.as_deref().unwrap_or_default()
            && Some(group.local_printing_enabled) == new.local_printing_enabled
            && Some(group.myprinters_enabled) == new.myprinters_enabled
    };
    let mut ours = named.iter().filter(is_ours);
    if let (Some(group), None) = (ours.next(), ours.next()) {
        return Ok(group.clone());
    }
    for group in &named {
        let group = convert::group(group);
        context.store.edit(Edited::Group(group.id.clone()), |directory| {
            directory.upsert_group(group)
        });
    }
    if named.is_empty() {
        return Err(ErrorCode::OutcomeUnknown.into());
    }
    let candidates = named
        .into_iter()
        .map(|Group { id, name, .. }| GroupRef { id, name })
        .collect();
    Err(ErrorCode::CreateUnconfirmed { candidates }.into())
}
