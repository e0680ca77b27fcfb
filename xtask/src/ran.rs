//! Which tests ran, by step: recorded for the step `security`. Must never count a test that was ignored,
//! filtered out or only listed.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::sh;

/// The folder for the names of the tests, one file per step.
fn folder() -> PathBuf {
    sh::target().join("ran")
}

/// Removes the results of all steps: a full run counts only its own.
///
/// # Errors
/// The folder can't be removed.
pub fn forget_all() -> Result<()> {
    unless_absent(fs::remove_dir_all(folder()))
}

/// Removes the results of a step that begins.
///
/// # Errors
/// The file can't be removed.
pub fn forget(step: &str) -> Result<()> {
    unless_absent(fs::remove_file(file(step)))
}

fn file(step: &str) -> PathBuf {
    folder().join(format!("{step}.txt"))
}

fn unless_absent(removed: std::io::Result<()>) -> Result<()> {
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// The names of all tests that the steps have recorded.
///
/// # Errors
/// No step has recorded any.
pub fn all() -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder()).context("no step has run a test yet")? {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| kind == "txt") {
            names.extend(fs::read_to_string(path)?.lines().map(str::to_owned));
        }
    }
    Ok(names)
}

/// Records what passed in a step: `crate::module::test` for a unit test, `tests/file::module::test` for an
/// integration test, with `windows/` before it for one of a program for Windows.
///
/// # Errors
/// There is none; the file can't be written.
pub fn record(step: &str, names: impl IntoIterator<Item = String>) -> Result<()> {
    let names: BTreeSet<_> = names.into_iter().collect();
    ensure!(!names.is_empty(), "the step `{step}` ran no test");
    fs::create_dir_all(folder())?;
    let text: String = names.iter().map(|name| format!("{name}\n")).collect();
    Ok(fs::write(file(step), text)?)
}

/// Records the tests in Vitest's JSON report.
///
/// # Errors
/// There is no such report.
pub fn vitest(step: &str, report: &Path) -> Result<()> {
    let text = fs::read_to_string(report).with_context(|| format!("there is no {}", report.display()))?;
    record(step, of_vitest(&serde_json::from_str(&text)?))
}

/// The path for Vitest's report.
///
/// # Errors
/// The folder can't be made.
pub fn vitest_report() -> Result<PathBuf> {
    fs::create_dir_all(folder())?;
    Ok(folder().join("vitest.json"))
}

/// `ui/file: describe name`.
fn of_vitest(report: &serde_json::Value) -> BTreeSet<String> {
    let list = |value: &serde_json::Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    let mut names = BTreeSet::new();
    for file in list(report, "testResults") {
        let path = file["name"].as_str().unwrap_or_default();
        let file_name = path.rsplit(['/', '\\']).next().unwrap_or_default();
        for test in list(&file, "assertionResults") {
            if test["status"] == "passed" {
                let name = test["fullName"].as_str().unwrap_or_default().trim();
                names.insert(format!("ui/{file_name}: {name}"));
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::of_vitest;

    #[test]
    fn a_ui_test_is_known_by_its_file_and_its_sentence() {
        let report = serde_json::json!({"testResults": [{
            "name": "/x/ui/src/features/session/session.test.tsx",
            "assertionResults": [
                {"status": "passed", "fullName": "the sign-in has names"},
                {"status": "skipped", "fullName": "the sign-in later"}
            ]
        }]});
        let names: Vec<_> = of_vitest(&report).into_iter().collect();
        assert_eq!(names, ["ui/session.test.tsx: the sign-in has names"]);
    }
}
