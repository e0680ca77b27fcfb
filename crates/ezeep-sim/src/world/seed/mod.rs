//! Makes the world out of a seed: the same numbers give the same people, groups, memberships, printers and
//! invitations for good. Work grows with the number of people; the clock is never read.

mod build;
mod dice;
mod memberships;
mod people;
mod plan;

pub(crate) use build::build;
