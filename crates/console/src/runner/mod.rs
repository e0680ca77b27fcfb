//! Membership changes as plans: made, reviewed, applied with progress, with a result for each line. The
//! review predicts from the lists; "no change needed" is decided only by what the run reads from the server.
//! Must never write a person except through [`crate::writers::membership`], nor one person from two tasks.

mod book;
mod compile;
pub mod plan;
mod report;
mod run;
#[cfg(test)]
pub mod sample;
mod writer;

pub use book::PlanBook;
