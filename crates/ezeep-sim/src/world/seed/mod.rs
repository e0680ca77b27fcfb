//! Makes the world from a seed: the same numbers always give the same people, groups, memberships, printers
//! and invitations. Work grows with the number of people; the clock is never read.

mod build;
mod dice;
mod memberships;
mod people;
mod plan;

pub(crate) use build::build;
