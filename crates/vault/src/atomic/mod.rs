//! Whole files: read with three results, replaced atomically, and set aside where they can't be read.

mod aside;
mod file;

pub use aside::{is_set_aside, remove_set_aside, set_aside, was_set_aside};
pub use file::{is_absent, is_unfinished, open_to_write, read, replace};
