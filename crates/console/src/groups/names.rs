//! Which names a group may be given: visible, not too long, and told apart from those of other groups.

use directory::Likeness;
use ezeep_api::Group;

use crate::error::{ErrorCode, Result};
use crate::ids;
use crate::wire::{GroupId, GroupRef};

/// Characters a name or a description may have (contract, createGroup).
const MAX_TEXT: u32 = 255;
/// So many groups that look the same are named at most.
const MAX_LOOKALIKES: usize = 20;

fn length(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

/// A name as it was typed, without white space around it.
///
/// # Errors
/// [`ErrorCode::GroupNameEmpty`], [`ErrorCode::GroupNameInvisible`], [`ErrorCode::GroupNameTooLong`].
pub fn check_name(typed: &str) -> Result<String> {
    let name = typed.trim();
    let length = length(name);
    if typed.chars().all(|c| c.is_ascii_whitespace()) {
        Err(ErrorCode::GroupNameEmpty.into())
    } else if !directory::is_visible(name) {
        Err(ErrorCode::GroupNameInvisible.into())
    } else if length > MAX_TEXT {
        Err(ErrorCode::GroupNameTooLong {
            max: MAX_TEXT,
            length,
        }
        .into())
    } else {
        Ok(name.to_owned())
    }
}

/// A description as it was typed, without white space around it.
///
/// # Errors
/// [`ErrorCode::GroupDescriptionTooLong`].
pub fn check_description(typed: &str) -> Result<String> {
    let description = typed.trim();
    let length = length(description);
    if length > MAX_TEXT {
        return Err(ErrorCode::GroupDescriptionTooLong {
            max: MAX_TEXT,
            length,
        }
        .into());
    }
    Ok(description.to_owned())
}

/// Asks about the groups whose names this one can be mistaken for, but for `own` and those that are `confirmed`. The same name to
/// the letter is the server's to refuse.
///
/// # Errors
/// [`ErrorCode::GroupNameLooksLike`].
pub fn ask_about_lookalikes(
    groups: &[Group],
    name: &str,
    own: Option<&ezeep_api::GroupId>,
    confirmed: &[GroupId],
) -> Result<()> {
    let likeness = Likeness::of(name);
    let mut found: Vec<GroupRef> = groups
        .iter()
        .filter(|group| Some(&group.id) != own && group.name != name)
        .filter(|group| likeness.is_like(&Likeness::of(&group.name)))
        .filter_map(|group| {
            Some(GroupRef {
                id: ids::wire_group(group.id.as_str()).ok()?,
                name: group.name.clone(),
            })
        })
        .filter(|group| !confirmed.contains(&group.id))
        .collect();
    found.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    found.truncate(MAX_LOOKALIKES);
    if found.is_empty() {
        Ok(())
    } else {
        Err(ErrorCode::GroupNameLooksLike { groups: found }.into())
    }
}
