//! Limits of a question that more than one room asks.

/// Most rows in a window.
pub const MAX_ROWS: u32 = 500;
/// Most people named one by one in a selection.
pub const MAX_SELECTED: usize = 100_000;
