//! Limits that several rooms share.

/// Most rows in one window of a list.
pub const MAX_ROWS: u32 = 500;
/// Most ids in a selection, or in a question about a selection.
pub const MAX_SELECTED: usize = changes::MAX_USERS;
