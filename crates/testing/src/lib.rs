//! Only for tests: [`Port`], a loopback port that no other test has, [`fuzz`], inputs derived from a corpus,
//! and [`soak`], parameters of a soak run. Must only be a dependency of tests and benches.

// A test fails by panicking, its helpers too.
#![allow(clippy::unwrap_used)]

pub mod fuzz;
mod port;
pub mod soak;

pub use port::Port;
