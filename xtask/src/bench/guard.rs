//! The guard against slowdowns: compares the ratios of a run with those of the last accepted one, in
//! `docs/performance.json`. Must never compare a time: times of two computers, or of one on two days, are not
//! comparable; ratios are.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::figures::{Figure, Run};
use super::targets;
use crate::sh;

fn file() -> PathBuf {
    sh::root().join("docs/performance.json")
}

/// Stores the figures of this run, for the comparison with later runs.
///
/// # Errors
/// The file can't be written.
pub fn accept(run: &Run) -> Result<()> {
    let mut lines = Vec::new();
    for figure in &run.figures {
        lines.push(format!("  {}", serde_json::to_string(figure)?));
    }
    let text = format!("[\n{}\n]\n", lines.join(",\n"));
    fs::write(file(), text).context("docs/performance.json can't be written")
}

/// Compares a run with the last accepted one.
///
/// # Errors
/// There is none, or a ratio got worse by more than its target allows.
pub fn check(run: &Run) -> Result<()> {
    let text = fs::read_to_string(file()).context("there is no accepted run: docs/performance.json")?;
    let accepted: Vec<Figure> = serde_json::from_str(&text).context("docs/performance.json can't be read")?;
    let worse = worse(&accepted, &run.figures);
    if worse.is_empty() {
        eprintln!("bench: no ratio got worse than its target allows");
        return Ok(());
    }
    bail!("got worse since the accepted run:\n  {}", worse.join("\n  "))
}

/// The measures with a ratio that got worse by more than their slack.
fn worse(accepted: &[Figure], now: &[Figure]) -> Vec<String> {
    let mut found = Vec::new();
    for figure in now {
        let Some(before) = accepted.iter().find(|before| before.name == figure.name) else {
            continue;
        };
        let slack = targets::of(&figure.name).map_or(1.5, |target| target.slack);
        let (was, is) = (before.ratio, figure.ratio);
        if is > was * slack || is.is_nan() {
            found.push(format!(
                "{}: {is:.3} times its baseline, {was:.3} before; {slack} times that is allowed",
                figure.name
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::worse;
    use crate::bench::figures::Figure;

    fn figure(name: &str, value: f64, ratio: f64) -> Figure {
        Figure {
            name: name.to_owned(),
            value,
            unit: "ms".to_owned(),
            baseline: value / ratio,
            ratio,
            n: 1,
        }
    }

    #[test]
    fn a_ratio_is_compared_and_a_time_never() {
        let accepted = [figure("search_p99", 1.0, 2.0)];
        assert!(worse(&accepted, &[figure("search_p99", 100.0, 3.1)]).is_empty());
        assert_eq!(worse(&accepted, &[figure("search_p99", 0.1, 3.3)]).len(), 1);
    }

    #[test]
    fn a_measure_that_nobody_has_accepted_is_not_held_against_anything() {
        assert!(worse(&[], &[figure("search_p99", 1.0, 9.0)]).is_empty());
    }
}
