//! A field that two admins have changed.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

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

/// A touched field that another admin changed since the form was opened. Only a text can conflict: a switch
/// that both have changed has the same value for both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FieldConflict {
    /// The field.
    pub field: GroupField,
    /// The server's present value.
    pub theirs: String,
    /// The value that would have been written.
    pub mine: String,
}
