//! The full read of an organization: groups, print users and accounts in parallel, shown from their first
//! pages on. Must never present a partial read as complete, nor lose what was read by a cancel or a failure.

mod accumulator;
mod apply_diff;
mod completeness;
mod engine;
mod eta;
mod full_read;

pub use engine::Engine;
