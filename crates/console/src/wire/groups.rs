//! What the forms of groups send, and what saving one tells. A new group is sent whole; an edit only in what was touched.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{GroupId, GroupRow};

/// What "New group" holds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupForm {
    /// 1 to 255 characters after trimming, one of them visible.
    pub name: String,
    /// At most 255 characters after trimming.
    pub description: String,
    /// Local printing.
    pub local_printing: bool,
    /// MyPrinters.
    pub my_printers: bool,
    /// The groups whose names look like this one, as far as the person was shown them and wants the name all the same.
    #[serde(default)]
    pub confirmed_lookalikes: Vec<GroupId>,
}

/// A field that the person touched.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FieldEdit<T> {
    /// What the form was opened with, or, after a conflict, the other's value as it was shown.
    pub opened_with: T,
    /// What to save.
    pub value: T,
}

/// What "Edit group" sends. A field that is left out, or whose value is what the form was opened with, was not touched: it is
/// neither written nor checked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct GroupEdit {
    /// 1 to 255 characters after trimming, one of them visible.
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

/// A field of a group that can be edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum GroupField {
    /// Name.
    Name,
    /// Description.
    Description,
    /// Local printing.
    LocalPrinting,
    /// MyPrinters.
    MyPrinters,
}

/// A field that was touched here and changed by somebody else since the form was opened. Only a text can be one: a switch that
/// both have flipped has one value for both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FieldConflict {
    /// Which.
    pub field: GroupField,
    /// What the server says now.
    pub theirs: String,
    /// What would have been written.
    pub mine: String,
}

/// A group that was saved.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct GroupSaved {
    /// The group as the server says after the write.
    pub group: GroupRow,
    /// Fields in which the read after the write shows neither what was written nor what was there just before.
    pub changed_meanwhile: Vec<GroupField>,
}
