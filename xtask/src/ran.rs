//! Which tests ran: read from the output of cargo and Vitest as it is printed, and compared with
//! docs/security.md. Must never count a test that was ignored, filtered out or only listed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::sh::{self, Run};

/// The folder for the names of the tests, one file per step.
fn folder() -> PathBuf {
    sh::target().join("ran")
}

/// Removes the results of earlier runs: a full run counts only its own.
///
/// # Errors
/// The folder can't be removed.
pub fn forget() -> Result<()> {
    match fs::remove_dir_all(folder()) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Runs `cargo test …` as [`Run::run`] does, and records which tests ran, under the step's name.
///
/// # Errors
/// As [`Run::run`].
pub fn cargo(step: &str, run: Run) -> Result<()> {
    let output = run.run_heard()?;
    write(step, &of_cargo(&output))
}

/// Records the tests that ran for Windows, from the outputs of their programs: each name begins with
/// `windows/`.
///
/// # Errors
/// No test ran.
pub fn windows(outputs: &str) -> Result<()> {
    let names = of_cargo(outputs);
    write(
        "windows",
        &names.iter().map(|name| format!("windows/{name}")).collect(),
    )
}

/// Records the tests in Vitest's JSON report.
///
/// # Errors
/// There is no such report.
pub fn vitest(step: &str, report: &Path) -> Result<()> {
    let text = fs::read_to_string(report).with_context(|| format!("there is no {}", report.display()))?;
    write(step, &of_vitest(&serde_json::from_str(&text)?))
}

/// The path for Vitest's report.
///
/// # Errors
/// The folder can't be made.
pub fn vitest_report() -> Result<PathBuf> {
    fs::create_dir_all(folder())?;
    Ok(folder().join("vitest.json"))
}

fn write(step: &str, names: &BTreeSet<String>) -> Result<()> {
    ensure!(!names.is_empty(), "the step `{step}` ran no test");
    fs::create_dir_all(folder())?;
    let text: String = names.iter().map(|name| format!("{name}\n")).collect();
    Ok(fs::write(folder().join(format!("{step}.txt")), text)?)
}

/// `crate::module::test` for a unit test, `tests/file::module::test` for an integration test.
fn of_cargo(output: &str) -> BTreeSet<String> {
    let mut target = String::new();
    let mut names = BTreeSet::new();
    for line in output.lines() {
        let line = line.trim_start();
        if let Some(running) = line.strip_prefix("Running ") {
            target = target_of(running);
        } else if line.starts_with("Doc-tests ") {
            target.clear();
        } else if let Some((name, outcome)) = line
            .strip_prefix("test ")
            .and_then(|rest| rest.split_once(" ... "))
        {
            // A failed run never gets here; the end of a line after a test's own output is of no use.
            if !target.is_empty() && !outcome.starts_with("ignored") && !name.contains(' ') {
                names.insert(format!("{target}::{name}"));
            }
        }
    }
    names
}

/// From `unittests src/lib.rs (target/debug/deps/console-0123)` or `tests/console.rs (target/…)`.
fn target_of(running: &str) -> String {
    let (what, program) = running.split_once(" (").unwrap_or((running, ""));
    let file = program
        .trim_end_matches(')')
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or("");
    let stem = file.trim_end_matches(".exe");
    let name = stem.rsplit_once('-').map_or(stem, |(name, _)| name);
    if what.starts_with("unittests ") {
        name.to_owned()
    } else {
        format!("tests/{name}")
    }
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

/// The step `security`: each number of the table in docs/security.md names a test that ran, or says why none
/// can.
///
/// # Errors
/// A number is missing, names nothing, or names a test that did not run.
pub fn security() -> Result<()> {
    let table = fs::read_to_string(sh::root().join("docs/security.md"))?;
    let mut ran = BTreeSet::new();
    for entry in fs::read_dir(folder()).context("no step has run a test yet")? {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| kind == "txt") {
            ran.extend(fs::read_to_string(path)?.lines().map(str::to_owned));
        }
    }
    let checked = check(&table, &ran)?;
    ensure!(
        checked.problems.is_empty(),
        "docs/security.md and the tests that ran disagree:\n  {}",
        checked.problems.join("\n  ")
    );
    for later in &checked.later {
        println!("later: {later}");
    }
    println!(
        "docs/security.md names {} tests; every one of them ran ({} tests in all).",
        checked.named,
        ran.len()
    );
    Ok(())
}

/// The sentence that states the range of numbers; the last number follows it.
const RANGE: &str = "The numbers go from 1 to ";

/// The last cell of a row.
#[derive(Debug, PartialEq)]
enum Proof<'a> {
    /// The named tests, in backticks.
    Tests(Vec<&'a str>),
    /// This machine can't test it.
    Unproven,
    /// Not due yet.
    Later,
    /// No rule has this number.
    NeverGiven,
    /// None of these.
    Nothing,
}

/// A row of the table.
#[derive(Debug, PartialEq)]
struct Row<'a> {
    number: u32,
    rule: &'a str,
    proof: Proof<'a>,
}

/// The result of comparing the table with the tests that ran.
#[derive(Debug, Default, PartialEq)]
struct Checked {
    problems: Vec<String>,
    /// Numbers that are not due yet, with their rules.
    later: Vec<String>,
    /// Number of test names in the table.
    named: usize,
}

fn rows(table: &str) -> impl Iterator<Item = Row<'_>> {
    table.lines().filter_map(|line| {
        let mut cells = line.strip_prefix('|')?.splitn(3, '|').map(str::trim);
        let (number, rule, last) = (cells.next()?.parse().ok()?, cells.next()?, cells.next()?);
        let last = last.trim_end_matches('|').trim_end();
        let tests: Vec<_> = last
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|name| is_test(name))
            .collect();
        let proof = if !tests.is_empty() {
            Proof::Tests(tests)
        } else if last.starts_with("unproven:") {
            Proof::Unproven
        } else if last == "later" {
            Proof::Later
        } else if last == "never given" {
            Proof::NeverGiven
        } else {
            Proof::Nothing
        };
        Some(Row { number, rule, proof })
    })
}

fn is_test(name: &str) -> bool {
    name.starts_with("ui/") || name.contains("::")
}

/// Checks every number of the range against its row.
///
/// # Errors
/// If the text does not state the range.
fn check(table: &str, ran: &BTreeSet<String>) -> Result<Checked> {
    let (_, after) = table
        .split_once(RANGE)
        .with_context(|| format!("docs/security.md does not say \"{RANGE}…\""))?;
    let digits = after.split(|c: char| !c.is_ascii_digit()).next();
    let last: u32 = digits.unwrap_or_default().parse()?;
    let mut checked = Checked::default();
    for number in 1..=last {
        let mut of_number = rows(table).filter(|row| row.number == number);
        let Some(row) = of_number.next() else {
            checked.problems.push(format!("{number} has no row"));
            continue;
        };
        if of_number.next().is_some() {
            checked.problems.push(format!("{number} has two rows"));
        }
        match row.proof {
            Proof::Tests(tests) => {
                checked.named += tests.len();
                let missing = tests.into_iter().filter(|test| !ran.contains(*test));
                checked
                    .problems
                    .extend(missing.map(|test| format!("{number}: `{test}` did not run")));
            }
            Proof::Later => checked.later.push(format!("{number} {}", row.rule)),
            Proof::Unproven | Proof::NeverGiven => {}
            Proof::Nothing => checked.problems.push(format!(
                "{number} names no test, and says neither `unproven: …` nor `later`"
            )),
        }
    }
    Ok(checked)
}

#[cfg(test)]
mod tests {
    use super::{Proof, Row, check, of_cargo, of_vitest, rows};
    use std::collections::BTreeSet;

    const OUTPUT: &str = "\
     Running unittests src/lib.rs (target/debug/deps/ezeep_auth-0123abcd)
running 3 tests
test callback::tests::a_wrong_state ... ok
test later ... ignored
test result: ok. 1 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s
     Running tests/e2e.rs (target/debug/deps/e2e-99)
test window::main_job ... some program said something
ok
   Doc-tests console
test crates/console/src/lib.rs - x (line 1) ... ok
";

    #[test]
    fn what_ran_is_known_by_its_target_and_its_name() {
        let names: Vec<_> = of_cargo(OUTPUT).into_iter().collect();
        assert_eq!(
            names,
            [
                "ezeep_auth::callback::tests::a_wrong_state",
                "tests/e2e::window::main_job"
            ]
        );
    }

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

    /// A table of five numbers, each with these tests, without the number `skip`.
    fn table(skip: u32, tests: &str) -> String {
        let rows: String = (1..=5)
            .filter(|n| *n != skip)
            .map(|n| format!("| {n} | a rule | {tests} |\n"))
            .collect();
        format!("The numbers go from 1 to 5.\n\n{rows}")
    }

    #[test]
    fn a_number_without_a_row_or_a_test_that_ran_is_a_problem() {
        let ran = BTreeSet::from(["a::b".to_owned()]);
        let problems = |table: &str| check(table, &ran).unwrap().problems;
        assert_eq!(problems(&table(0, "`a::b`")), Vec::<String>::new());
        assert_eq!(problems(&table(3, "`a::b`")), ["3 has no row"]);
        assert_eq!(problems(&table(0, "`a::c`")).len(), 5);
        assert_eq!(problems(&table(0, "words")).len(), 5);
        assert_eq!(problems(&table(0, "unproven: Windows")), Vec::<String>::new());
        assert_eq!(problems(&table(0, "never given")), Vec::<String>::new());
        let twice = format!("{}| 4 | again | `a::b` |\n", table(0, "`a::b`"));
        assert_eq!(problems(&twice), ["4 has two rows"]);
    }

    #[test]
    fn how_far_the_numbers_go_is_read_and_not_guessed() {
        assert!(check("| 1 | a rule | `a::b` |", &BTreeSet::new()).is_err());
    }

    #[test]
    fn a_number_that_is_not_due_is_listed() {
        let text = table(2, "`a::b`") + "| 2 | Updates are signed | later |\n";
        let checked = check(&text, &BTreeSet::from(["a::b".to_owned()])).unwrap();
        assert_eq!(checked.problems, Vec::<String>::new());
        assert_eq!(checked.later, ["2 Updates are signed"]);
        assert_eq!(checked.named, 4);
    }

    #[test]
    fn code_that_is_no_test_is_not_taken_for_one() {
        assert_eq!(
            rows("| 4 | `redirect_uri` | `x::y`, `ui/a: b` |").collect::<Vec<_>>(),
            [Row {
                number: 4,
                rule: "`redirect_uri`",
                proof: Proof::Tests(vec!["x::y", "ui/a: b"])
            }]
        );
    }
}
