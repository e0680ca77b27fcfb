//! The tests of the real window, on a screen of their own.
//! Must never count a run without a test as passed.

use std::ffi::OsStr;

use anyhow::{Result, ensure};

use crate::ran;
use crate::sh::Run;

/// Runs the tests of `tests/e2e` whose names start with `group`, one after the other, on a screen of their
/// own.
///
/// # Errors
/// When there is no such test, or one fails.
pub fn run(group: &str, env: &[(&str, &OsStr)]) -> Result<()> {
    let tests = Run::cargo().args(["test", "--workspace", "--test", "e2e", "--", group]);
    let listed = tests.arg("--list").output()?;
    ensure!(
        listed.lines().any(|line| line.ends_with(": test")),
        "tests/e2e has no test named {group}…"
    );

    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let screen = Run::new("xvfb-run")
        .args(["--auto-servernum", "--server-args=-screen 0 1600x1000x24"])
        .arg(cargo);
    let run = screen.args([
        "test",
        "--workspace",
        "--test",
        "e2e",
        "--",
        group,
        "--test-threads=1",
    ]);
    let run = env.iter().fold(run, |run, (name, value)| run.env(name, value));
    ran::cargo(group.trim_end_matches(':'), run)
}
