//! What a run of the measures is asked for and gives.
//! Must never lose a figure because another could not be had.

use serde::{Deserialize, Serialize};

use crate::system::Consent;

/// What was asked for on the command line.
pub struct Options {
    /// These measures only; all where it is empty.
    pub only: Vec<String>,
    /// Less of everything, to see that the measures work. Nothing is written.
    pub quick: bool,
    /// Hold the ratios against those of the last accepted run instead of writing the report.
    pub check: bool,
    /// Whether missing packages may be installed.
    pub consent: Consent,
}

/// A figure, as it is printed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Which measure.
    pub name: String,
    /// The figure.
    pub value: f64,
    /// Its unit.
    pub unit: String,
    /// What it is held against, out of the same run.
    pub baseline: f64,
    /// The one by the other.
    pub ratio: f64,
    /// How many things were measured.
    pub n: u64,
}

/// What a measure cost at a size.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    pub name: String,
    pub size: u32,
    pub value: f64,
    pub unit: String,
}

/// What a run gave.
#[derive(Debug, Default)]
pub struct Run {
    pub figures: Vec<Figure>,
    pub points: Vec<Point>,
    /// Measures without a figure, and why.
    pub failures: Vec<(String, String)>,
}

impl Run {
    /// Prints a figure and keeps it.
    #[allow(clippy::print_stdout)]
    pub fn tell(&mut self, figure: Figure) {
        match serde_json::to_string(&figure) {
            Ok(line) => println!("{line}"),
            Err(error) => return self.fail(&figure.name, &error.to_string()),
        }
        self.figures.push(figure);
    }

    /// Keeps why there is no figure.
    pub fn fail(&mut self, name: &str, why: &str) {
        let known = self.failures.iter().any(|(known, _)| known == name);
        if !known {
            eprintln!("bench: {name} has no figure: {why}");
            self.failures.push((name.to_owned(), why.to_owned()));
        }
    }
}
