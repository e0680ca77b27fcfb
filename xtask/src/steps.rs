//! Steps run one after the other, each with a heading, and a table at the end. Must never continue after a
//! step that failed, nor count one that did not run as passed.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::times::{self, Times};

/// One step of a command.
pub struct Step {
    /// Its name for `--only`.
    pub name: &'static str,
    /// What it checks.
    pub about: &'static str,
    /// Runs it.
    pub run: fn() -> Result<()>,
}

enum Outcome {
    Passed(Duration),
    Failed(Duration),
    NotRun,
}

/// The steps that `only` names, in the order of `steps`; all of them if it is empty.
///
/// # Errors
/// `only` names a step that is not in `steps`.
pub fn choose<'a>(steps: &'a [Step], only: &[String]) -> Result<Vec<&'a Step>> {
    if let Some(unknown) = only
        .iter()
        .find(|name| !steps.iter().any(|step| step.name == name.as_str()))
    {
        let names: Vec<_> = steps.iter().map(|step| step.name).collect();
        bail!(
            "there is no step `{unknown}`; the steps are: {}",
            names.join(", ")
        );
    }
    let is_chosen = |step: &&Step| only.is_empty() || only.iter().any(|name| name == step.name);
    Ok(steps.iter().filter(is_chosen).collect())
}

/// Runs the steps in order until one fails. Prints their times against the `accepted` ones. Returns the
/// times.
///
/// # Errors
/// A step failed; the error contains the command that repeats it, which `repeat` returns for the step's name.
pub fn run(chosen: &[&Step], accepted: &Times, repeat: impl Fn(&str) -> String) -> Result<Times> {
    let mut failure = None;
    let mut outcomes = Vec::new();
    for (index, step) in chosen.iter().enumerate() {
        if failure.is_some() {
            outcomes.push(Outcome::NotRun);
            continue;
        }
        println!(
            "\n==== {}/{} {}: {} ====",
            index + 1,
            chosen.len(),
            step.name,
            step.about
        );
        let started = Instant::now();
        outcomes.push(match (step.run)() {
            Ok(()) => Outcome::Passed(started.elapsed()),
            Err(error) => {
                failure = Some((step.name, error));
                Outcome::Failed(started.elapsed())
            }
        });
    }

    println!("\n==== summary ====");
    let mut times = Times::new();
    for (step, outcome) in chosen.iter().zip(&outcomes) {
        let (word, took, compared) = match outcome {
            Outcome::Passed(took) => {
                let seconds = took.as_secs_f64();
                times.insert(step.name.to_owned(), seconds);
                let compared = times::compare(seconds, accepted.get(step.name).copied());
                ("passed", format!("{seconds:.1} s"), compared)
            }
            Outcome::Failed(took) => ("FAILED", format!("{:.1} s", took.as_secs_f64()), String::new()),
            Outcome::NotRun => ("not run", String::new(), String::new()),
        };
        println!(
            "{:10} {word:8} {took:>8}  {compared:20}  {}",
            step.name, step.about
        );
    }
    match failure {
        Some((name, error)) => {
            Err(error.context(format!("step `{name}` failed; repeat it with `{}`", repeat(name))))
        }
        None => Ok(times),
    }
}
