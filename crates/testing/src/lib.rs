//! For tests alone: [`Port`], a loopback port that no other test has, and [`fuzz`], inputs made out of a corpus.
//! Must never be a dependency of anything but tests and benches.

// A test fails by panicking, its helpers too.
#![allow(clippy::unwrap_used)]

pub mod fuzz;
mod port;

pub use port::Port;
