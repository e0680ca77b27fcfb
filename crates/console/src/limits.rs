//! Limits of a question that more than one room asks.

/// Most rows in a window.
pub const MAX_ROWS: u32 = 500;
/// Most users named one by one in a selection.
pub const MAX_SELECTED: usize = changes::MAX_USERS;
