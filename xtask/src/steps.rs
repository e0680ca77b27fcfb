//! Steps run one after the other, with a heading each and a table at the end.
//! Must never go on after a step that failed, nor count one that did not run as passed.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// One step of a command.
pub struct Step {
    /// How `--only` names it.
    pub name: &'static str,
    /// What it shows.
    pub about: &'static str,
    /// Does it.
    pub run: fn() -> Result<()>,
}

enum Outcome {
    Passed(Duration),
    Failed(Duration),
    NotRun,
}

/// Runs the steps that `only` names, or all where it is empty.
///
/// # Errors
/// When `only` names a step that isn't there, or a step failed; the error says how to repeat it.
pub fn run(steps: &[Step], only: &[String]) -> Result<()> {
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
    let chosen: Vec<_> = steps
        .iter()
        .filter(|step| only.is_empty() || only.iter().any(|name| name == step.name))
        .collect();

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
    for (step, outcome) in chosen.iter().zip(&outcomes) {
        let (word, took) = match outcome {
            Outcome::Passed(took) => ("passed", seconds(*took)),
            Outcome::Failed(took) => ("FAILED", seconds(*took)),
            Outcome::NotRun => ("not run", String::new()),
        };
        println!("{:10} {word:8} {took:>8}  {}", step.name, step.about);
    }
    match failure {
        Some((name, error)) => Err(error.context(format!(
            "step `{name}` failed; repeat it with `cargo xtask test --only {name}`"
        ))),
        None => Ok(()),
    }
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}
