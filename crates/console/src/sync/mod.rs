//! The full read of an organization: groups, print users and accounts, side by side, shown from their first pages on.
//! Must never show half a read as the whole, nor lose what was read to a cancel or a failure.

mod accumulator;
mod apply_diff;
mod completeness;
mod engine;
mod eta;
mod full_read;

pub use engine::Engine;
