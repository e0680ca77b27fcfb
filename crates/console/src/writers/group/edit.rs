//! Edits a group that another admin may edit at the same time: only touched fields are written, and only over
//! the value that the form was opened with. Must never write a field that the user did not touch.

use ezeep_api::{Error as ApiError, Group, GroupPatch};
use ids::GroupId;

use super::names;
use super::server::{forget, learn, name_refusal, read_all, synced};
use crate::error::{AppError, ErrorCode, Result};
use crate::faults::gone;
use crate::organization::OrganizationContext;
use crate::wire::{FieldConflict, FieldEdit, GroupEdit, GroupField, GroupSaved};

/// Attempts at read, compare and write while the server is too busy to process the write.
const TRIES: usize = 3;

/// Changes the touched fields of a group: read, compare, write, read back. Nothing is written if the server
/// already has these values.
///
/// Another admin's write to the same field between this read and this write is overwritten and can't be
/// detected afterwards. That window is one round trip.
///
/// # Errors
/// [`ErrorCode::GroupChangedMeanwhile`], which needs a choice; those of [`super::create()`] for a touched
/// name or description; [`ErrorCode::GroupGone`]; [`ErrorCode::SyncedFromAzure`];
/// [`ErrorCode::OutcomeUnknown`] if the reply was lost and the read-back does not show the change.
pub async fn update(context: &OrganizationContext, id: &GroupId, edit: &GroupEdit) -> Result<GroupSaved> {
    let touched = Touches::of(edit)?;
    // Before the group is read: no other request may come between that read and the write.
    let others = match &touched.name {
        Some(_) => read_all(context).await?,
        None => Vec::new(),
    };
    let mut tries = 0;
    let (before, patch, reply) = loop {
        tries += 1;
        let before = read_one(context, id).await?;
        let patch = match touched.compare(&before) {
            Ok(patch) => patch,
            Err(conflicts) => {
                learn(context, &before)?;
                return Err(ErrorCode::GroupChangedMeanwhile { conflicts }.into());
            }
        };
        if patch == GroupPatch::default() {
            let group = learn(context, &before)?;
            return Ok(GroupSaved {
                group,
                changed_meanwhile: Vec::new(),
            });
        }
        if let Some(name) = &patch.name {
            names::ask_about_lookalikes(&others, name, Some(id), &edit.confirmed_lookalikes)?;
        }
        match context.api.update_group(id, &patch).await {
            Ok(reply) => break (before, patch, Some(reply)),
            // Setting a value twice is harmless, but only the server's record tells whether it was set.
            Err(ApiError::OutcomeUnknown { .. }) => break (before, patch, None),
            // A delayed write would be compared with an old read. The group is read again, and that read
            // waits for the server's `Retry-After`.
            Err(error) if error.is_transient() && tries < TRIES => {}
            Err(error) => {
                let name = patch.name.as_deref().unwrap_or(&before.name);
                let error = name_refusal(context, error, name, Some(id.as_str())).await;
                if error.code == ErrorCode::GroupGone {
                    forget(context, id);
                }
                return Err(synced(error, &before.origin));
            }
        }
    };
    let after = match (read_one(context, id).await, reply) {
        (Ok(after), None) if !holds_any(&patch, &after) => {
            learn(context, &after)?;
            return Err(ErrorCode::OutcomeUnknown.into());
        }
        (Ok(after), _) => after,
        (Err(error), _) if error.code == ErrorCode::GroupGone => return Err(error),
        (Err(_), Some(reply)) => reply,
        (Err(error), None) => {
            return Err(AppError::new(ErrorCode::OutcomeUnknown).with_detail(error.to_string()));
        }
    };
    let changed_meanwhile = differences(&before, &patch, &after);
    let group = learn(context, &after)?;
    Ok(GroupSaved {
        group,
        changed_meanwhile,
    })
}

async fn read_one(context: &OrganizationContext, id: &GroupId) -> Result<Group> {
    let group = context.api.group(id).await;
    group
        .map_err(|error| gone(error, ErrorCode::GroupGone))
        .inspect_err(|error| {
            if error.code == ErrorCode::GroupGone {
                forget(context, id);
            }
        })
}

fn touched<T: PartialEq>(edit: Option<&FieldEdit<T>>) -> Option<&FieldEdit<T>> {
    edit.filter(|edit| edit.value != edit.opened_with)
}

fn checked(
    edit: Option<&FieldEdit<String>>,
    check: fn(&str) -> Result<String>,
) -> Result<Option<FieldEdit<String>>> {
    let Some(edit) = touched(edit) else {
        return Ok(None);
    };
    Ok(Some(FieldEdit {
        opened_with: edit.opened_with.clone(),
        value: check(&edit.value)?,
    }))
}

/// The touched fields, validated.
struct Touches {
    name: Option<FieldEdit<String>>,
    description: Option<FieldEdit<String>>,
    local_printing: Option<FieldEdit<bool>>,
    my_printers: Option<FieldEdit<bool>>,
}

impl Touches {
    fn of(edit: &GroupEdit) -> Result<Self> {
        Ok(Self {
            name: checked(edit.name.as_ref(), names::check_name)?,
            description: checked(edit.description.as_ref(), names::check_description)?,
            local_printing: touched(edit.local_printing.as_ref()).cloned(),
            my_printers: touched(edit.my_printers.as_ref()).cloned(),
        })
    }

    /// The fields to write over the server's present values, or the conflicts.
    fn compare(&self, now: &Group) -> std::result::Result<GroupPatch, Vec<FieldConflict>> {
        let mut conflicts = Vec::new();
        let mut text = |edit: &Option<FieldEdit<String>>, field: GroupField, now: &str| {
            let edit = edit.as_ref().filter(|edit| edit.value != now)?;
            if edit.opened_with != now {
                conflicts.push(FieldConflict {
                    field,
                    theirs: now.to_owned(),
                    mine: edit.value.clone(),
                });
            }
            Some(edit.value.clone())
        };
        // A switch has two values: another admin's change already set the wanted one.
        let switch = |edit: &Option<FieldEdit<bool>>, now: bool| {
            edit.as_ref()
                .map(|edit| edit.value)
                .filter(|wanted| *wanted != now)
        };
        let patch = GroupPatch {
            name: text(&self.name, GroupField::Name, &now.name),
            description: text(&self.description, GroupField::Description, &now.description),
            local_printing_enabled: switch(&self.local_printing, now.local_printing_enabled),
            myprinters_enabled: switch(&self.my_printers, now.myprinters_enabled),
        };
        if conflicts.is_empty() {
            Ok(patch)
        } else {
            Err(conflicts)
        }
    }
}

/// Whether a group has one of the written values: none of them was there before the write.
fn holds_any(patch: &GroupPatch, now: &Group) -> bool {
    patch.name.as_ref() == Some(&now.name)
        || patch.description.as_ref() == Some(&now.description)
        || patch.local_printing_enabled == Some(now.local_printing_enabled)
        || patch.myprinters_enabled == Some(now.myprinters_enabled)
}

/// Fields that the read-back shows neither as written nor, for untouched fields, as before.
fn differences(before: &Group, patch: &GroupPatch, after: &Group) -> Vec<GroupField> {
    let name = patch.name.as_ref().unwrap_or(&before.name);
    let description = patch.description.as_ref().unwrap_or(&before.description);
    let local_printing = patch
        .local_printing_enabled
        .unwrap_or(before.local_printing_enabled);
    let my_printers = patch.myprinters_enabled.unwrap_or(before.myprinters_enabled);
    [
        (GroupField::Name, *name != after.name),
        (GroupField::Description, *description != after.description),
        (
            GroupField::LocalPrinting,
            local_printing != after.local_printing_enabled,
        ),
        (GroupField::MyPrinters, my_printers != after.myprinters_enabled),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect()
}
