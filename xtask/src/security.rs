//! The step `security`: docs/security.md against the tests that ran.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context as _, Result, ensure};

use crate::{ran, sh};

/// Runs the step: each number of the table in docs/security.md names a test that ran, or says why none
/// can.
///
/// # Errors
/// A number is missing, names nothing, or names a test that did not run.
pub fn check() -> Result<()> {
    let table = fs::read_to_string(sh::root().join("docs/security.md"))?;
    let ran = ran::all()?;
    let checked = compare(&table, &ran)?;
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
fn compare(table: &str, ran: &BTreeSet<String>) -> Result<Checked> {
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
    use super::{Proof, Row, compare, rows};
    use std::collections::BTreeSet;

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
        let problems = |table: &str| compare(table, &ran).unwrap().problems;
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
        assert!(compare("| 1 | a rule | `a::b` |", &BTreeSet::new()).is_err());
    }

    #[test]
    fn a_number_that_is_not_due_is_listed() {
        let text = table(2, "`a::b`") + "| 2 | Updates are signed | later |\n";
        let checked = compare(&text, &BTreeSet::from(["a::b".to_owned()])).unwrap();
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
