//! cargo-nextest, which runs each Rust test in a process of its own and writes a JUnit report
//! (docs/decisions/0023). Must never take an earlier run's report for this one's.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use quick_junit::{Report, TestCaseStatus};

use crate::ran;
use crate::sh::{self, Run};
use crate::tools::Tools;

/// A test that passed.
pub struct Passed {
    /// The crate of a unit test, `tests/` and the file of an integration test, the name of a program.
    target: String,
    /// With its modules.
    test: String,
    /// What it printed, where the profile keeps it.
    pub output: String,
}

/// Runs the tests that the arguments added by `choose` name, under the profile of .config/nextest.toml with
/// this name. Returns those that passed, which are all that ran.
///
/// # Errors
/// A test failed or none ran; the tool can't be installed; the build fails.
pub fn run(profile: &str, choose: impl FnOnce(Run) -> Run) -> Result<Vec<Passed>> {
    ran::forget(profile)?;
    let report = report_of(profile);
    match fs::remove_file(&report) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let nextest = Tools::install()?.nextest();
    // An environment variable would override the profile's retries.
    let arguments = [
        "run",
        "--no-tests",
        "fail",
        "--retries",
        "0",
        "--profile",
        profile,
    ];
    choose(nextest.args(arguments)).run()?;
    let text = fs::read_to_string(&report).with_context(|| format!("there is no {}", report.display()))?;
    let passed = passed(&text)?;
    ensure!(!passed.is_empty(), "{} names no test", report.display());
    Ok(passed)
}

/// The argument for tests most of which wait most of the time: for a limit, for another process, for a server
/// that is held back. Otherwise as many run at once as there are cores.
pub fn many_at_once() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("--test-threads={}", 4 * cores)
}

/// nextest's `store.dir` is below the root, wherever cargo's target folder is.
fn report_of(profile: &str) -> PathBuf {
    sh::root().join("target/nextest").join(profile).join("junit.xml")
}

impl Passed {
    /// Its target and name: `crate::module::test`, `tests/file::module::test`.
    pub fn name(&self) -> String {
        format!("{}::{}", self.target, self.test)
    }
}

/// The tests that passed in a report.
fn passed(report: &str) -> Result<Vec<Passed>> {
    let report = Report::deserialize_from_str(report)?;
    let suites = report.test_suites.into_iter().flat_map(|suite| {
        let target = target(&suite.name);
        // One that failed first has not.
        let has_passed = |status: &TestCaseStatus| matches!(status, TestCaseStatus::Success { flaky_runs } if flaky_runs.is_empty());
        let cases = suite.test_cases.into_iter();
        cases
            .filter(move |case| has_passed(&case.status))
            .map(move |case| Passed {
                target: target.clone(),
                test: case.name.into_string(),
                output: case.system_out.map(String::from).unwrap_or_default(),
            })
    });
    Ok(suites.collect())
}

/// From nextest's id of a program of tests: `package`, `package::file` or `package::kind/program`.
fn target(id: &str) -> String {
    match id.split_once("::") {
        None => id.replace('-', "_"),
        Some((_, rest)) => match rest.split_once('/') {
            None => format!("tests/{rest}"),
            Some((_, program)) => program.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::passed;

    const REPORT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="nextest-run" tests="5" failures="1" errors="0" time="1.5">
    <testsuite name="ezeep-auth" tests="3" disabled="0" errors="0" failures="1">
        <testcase name="callback::tests::a_wrong_state" classname="ezeep-auth" time="0.1"></testcase>
        <testcase name="callback::tests::a_flaky_one" classname="ezeep-auth" time="0.1">
            <flakyFailure type="test failure">why</flakyFailure>
        </testcase>
        <testcase name="callback::tests::a_failed_one" classname="ezeep-auth" time="0.1">
            <failure type="test failure">why</failure>
        </testcase>
    </testsuite>
    <testsuite name="pressroom::e2e" tests="1" disabled="0" errors="0" failures="0">
        <testcase name="window::main_job" classname="pressroom::e2e" time="1.2">
            <system-out>counted 40</system-out>
        </testcase>
    </testsuite>
    <testsuite name="xtask::bin/xtask" tests="1" disabled="0" errors="0" failures="0">
        <testcase name="soak::tests::a_date" classname="xtask::bin/xtask" time="0.1"></testcase>
    </testsuite>
</testsuites>
"#;

    #[test]
    fn what_passed_is_known_by_its_target_and_its_name() {
        let passed = passed(REPORT).unwrap();
        let names: Vec<_> = passed.iter().map(super::Passed::name).collect();
        assert_eq!(
            names,
            [
                "ezeep_auth::callback::tests::a_wrong_state",
                "tests/e2e::window::main_job",
                "xtask::soak::tests::a_date",
            ]
        );
        assert_eq!(passed[1].output, "counted 40");
    }
}
