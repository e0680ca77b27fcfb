//! The accepted times of the steps (docs/times.json), in seconds, and those of the last whole run (times.json
//! in the target folder, in the same form). Must never fail a run: a time depends on the machine and on what
//! else it does.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::sh;

/// Seconds by the name of the step.
pub type Times = BTreeMap<String, f64>;

fn file() -> PathBuf {
    sh::root().join("docs/times.json")
}

/// Reads the accepted times.
///
/// # Errors
/// There is no such file, or it is not an object of numbers.
pub fn accepted() -> Result<Times> {
    let text = fs::read_to_string(file()).context("there is no docs/times.json")?;
    serde_json::from_str(&text).context("docs/times.json is not an object of seconds by step")
}

/// Writes the times of a whole run to the target folder. Copied to docs/times.json they are accepted.
///
/// # Errors
/// The file can't be written.
pub fn write(times: &Times) -> Result<()> {
    let rounded: Times = times
        .iter()
        .map(|(step, seconds)| (step.clone(), (seconds * 10.0).round() / 10.0))
        .collect();
    let text = serde_json::to_string_pretty(&rounded)? + "\n";
    Ok(fs::write(sh::target().join("times.json"), text)?)
}

/// How much longer than accepted, in words; nothing if no time is accepted.
pub fn compare(seconds: f64, accepted: Option<f64>) -> String {
    match accepted {
        Some(accepted) if accepted > 0.0 => {
            format!("{:+.0} % of accepted", (seconds / accepted - 1.0) * 100.0)
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::compare;

    #[test]
    fn a_time_is_compared_in_percent_of_the_accepted_one() {
        assert_eq!(compare(112.0, Some(100.0)), "+12 % of accepted");
        assert_eq!(compare(75.0, Some(100.0)), "-25 % of accepted");
        assert_eq!(compare(75.0, None), "");
        assert_eq!(compare(75.0, Some(0.0)), "");
    }
}
