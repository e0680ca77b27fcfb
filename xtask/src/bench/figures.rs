//! The options and the results of a run of the measures. Must never lose a figure because another one is
//! missing.

use serde::{Deserialize, Serialize};

use crate::system::Consent;

/// The command's options.
pub struct Options {
    /// Only these measures; all if it is empty.
    pub only: Vec<String>,
    /// Less of everything, to test the measures. Nothing is written.
    pub quick: bool,
    /// Compare the ratios with those of the last accepted run instead of writing the report.
    pub check: bool,
    /// Whether missing packages may be installed.
    pub consent: Consent,
}

/// A figure, as it is printed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Name of the measure.
    pub name: String,
    /// The figure.
    pub value: f64,
    /// Its unit.
    pub unit: String,
    /// The baseline of the same run.
    pub baseline: f64,
    /// The value divided by the baseline.
    pub ratio: f64,
    /// Number of measured items.
    pub n: u64,
}

/// The cost of a measure at a size.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    pub name: String,
    pub size: u32,
    pub value: f64,
    pub unit: String,
}

/// The results of a run.
#[derive(Debug, Default)]
pub struct Run {
    pub figures: Vec<Figure>,
    pub points: Vec<Point>,
    /// Measures without a figure, and the reason.
    pub failures: Vec<(String, String)>,
}

impl Run {
    /// Prints a figure and stores it.
    #[allow(clippy::print_stdout)]
    pub fn tell(&mut self, figure: Figure) {
        match serde_json::to_string(&figure) {
            Ok(line) => println!("{line}"),
            Err(error) => return self.fail(&figure.name, &error.to_string()),
        }
        self.figures.push(figure);
    }

    /// Stores why there is no figure.
    pub fn fail(&mut self, name: &str, why: &str) {
        let known = self.failures.iter().any(|(known, _)| known == name);
        if !known {
            eprintln!("bench: {name} has no figure: {why}");
            self.failures.push((name.to_owned(), why.to_owned()));
        }
    }
}
