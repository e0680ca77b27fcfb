//! What group forms send and what saving returns. A new group is sent completely; an edit only with its
//! touched fields.

use ids::GroupId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::conflict::GroupField;
use super::directory::GroupRow;

/// The fields of "New group".
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupForm {
    /// 1 to 255 characters after trimming, at least one of them visible.
    pub name: String,
    /// At most 255 characters after trimming.
    pub description: String,
    /// Local printing.
    pub local_printing: bool,
    /// MyPrinters.
    pub my_printers: bool,
    /// Groups with a similar name that the user was shown and accepted.
    #[serde(default)]
    pub confirmed_lookalikes: Vec<GroupId>,
}

/// A field that the user touched.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FieldEdit<T> {
    /// The form's initial value or, after a conflict, the other admin's value that was shown.
    pub opened_with: T,
    /// The value to save.
    pub value: T,
}

/// The fields of "Edit group". A field that is left out, or equal to its initial value, counts as untouched:
/// it is neither written nor checked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct GroupEdit {
    /// 1 to 255 characters after trimming, at least one of them visible.
    pub name: Option<FieldEdit<String>>,
    /// At most 255 characters after trimming.
    pub description: Option<FieldEdit<String>>,
    /// Local printing.
    pub local_printing: Option<FieldEdit<bool>>,
    /// MyPrinters.
    pub my_printers: Option<FieldEdit<bool>>,
    /// As [`GroupForm::confirmed_lookalikes`].
    pub confirmed_lookalikes: Vec<GroupId>,
}

/// A group that was saved.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct GroupSaved {
    /// The group as read back after the write.
    pub group: GroupRow,
    /// Fields for which the read-back shows neither the written value nor the one before.
    pub changed_meanwhile: Vec<GroupField>,
}
