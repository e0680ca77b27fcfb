//! One writer of each kind, for runs and single actions alike: read, compare, write, read back. Must never
//! repeat a write whose outcome is unknown.

pub mod group;
pub mod membership;
pub mod print_settings;
