//! The tests of the real window, on a screen of their own.

use std::ffi::OsStr;

use anyhow::Result;

use crate::nextest::{self, Passed};
use crate::ran;

/// Runs the tests of `tests/e2e` whose names start with `group`, as the step `step`.
///
/// # Errors
/// There is no such test, or one fails.
pub fn run(step: &str, group: &str, env: &[(&str, &OsStr)]) -> Result<()> {
    let passed = nextest::run(step, |run| {
        let run = run
            .args(["--workspace", "--test", "e2e", "--filterset"])
            .arg(format!("test(/^{group}/)"));
        env.iter().fold(run, |run, (name, value)| run.env(name, value))
    })?;
    ran::record(step, passed.iter().map(Passed::name))
}
