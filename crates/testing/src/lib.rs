//! For tests alone: [`Port`], a loopback port that no other test has, [`fuzz`], inputs made out of a corpus,
//! and [`soak`], what a long run tells the tests. Must never be a dependency of anything but tests and
//! benches.

// A test fails by panicking, its helpers too.
#![allow(clippy::unwrap_used)]

pub mod fuzz;
mod port;
pub mod soak;

pub use port::Port;
