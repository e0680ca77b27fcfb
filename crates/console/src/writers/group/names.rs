//! Rules for a group's name: visible, not too long, distinguishable from other groups' names.

use directory::Likeness;
use ezeep_api::Group;
use ids::GroupId;

use crate::error::{ErrorCode, Result};
use crate::wire::GroupRef;

/// Most characters of a name or a description (contract, createGroup).
const MAX_TEXT: u32 = 255;
/// Most similar groups that are returned.
const MAX_LOOKALIKES: usize = 20;

fn length(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

/// A name as typed, trimmed.
///
/// # Errors
/// [`ErrorCode::GroupNameEmpty`], [`ErrorCode::GroupNameInvisible`], [`ErrorCode::GroupNameTooLong`].
pub fn check_name(typed: &str) -> Result<String> {
    let name = typed.trim();
    let length = length(name);
    if typed.chars().all(|c| c.is_ascii_whitespace()) {
        Err(ErrorCode::GroupNameEmpty.into())
    } else if length > MAX_TEXT {
        Err(ErrorCode::GroupNameTooLong {
            max: MAX_TEXT,
            length,
        }
        .into())
    } else if !directory::is_visible(name) {
        Err(ErrorCode::GroupNameInvisible.into())
    } else {
        Ok(name.to_owned())
    }
}

/// A description as typed, trimmed.
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

/// Asks for a confirmation of groups with a similar name, except `own` and those in `confirmed`. An identical
/// name is refused by the server.
///
/// # Errors
/// [`ErrorCode::GroupNameLooksLike`].
pub fn ask_about_lookalikes(
    groups: &[Group],
    name: &str,
    own: Option<&GroupId>,
    confirmed: &[GroupId],
) -> Result<()> {
    let likeness = Likeness::of(name);
    let mut found: Vec<GroupRef> = groups
        .iter()
        .filter(|group| Some(&group.id) != own && group.name != name)
        .filter(|group| likeness.is_like(&Likeness::of(&group.name)))
        .map(|group| GroupRef {
            id: group.id.clone(),
            name: group.name.clone(),
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
