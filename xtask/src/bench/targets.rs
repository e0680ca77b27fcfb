//! The targets of the measures, for a directory of 100,000 people. Owns the limits and nothing of how they
//! are measured.

use super::figures::Figure;

/// Measured in memory, by the directory's own example.
pub const DIRECTORY: [&str; 8] = [
    "search_p99",
    "search_max",
    "facets_p99",
    "filter_sort_p99",
    "update_one",
    "rename_one",
    "directory_memory",
    "build",
];
/// Measured with the console as a process.
pub const SYNC: [&str; 4] = ["sync_100k", "sync_cpu", "review_200k", "review_memory"];
/// Measured in the real window.
pub const WINDOW: [&str; 7] = [
    "first_rows",
    "start_cached",
    "memory",
    "memory_peak",
    "keystroke_to_paint",
    "scroll",
    "scroll_slow",
];

/// One measure.
pub struct Target {
    pub name: &'static str,
    /// What is measured.
    pub about: &'static str,
    /// The baseline.
    pub against: &'static str,
    /// The limits, all of which must hold.
    pub limits: &'static [Limit],
    /// How many times the ratio of the last accepted run a ratio may be before it counts as worse.
    pub slack: f64,
}

/// A condition on a figure.
pub enum Limit {
    /// The value is at most this, in this unit.
    Value(f64, &'static str),
    /// The value is at most this many times the baseline.
    Ratio(f64),
    /// The value exceeds the baseline by at most this, in this unit.
    Over(f64, &'static str),
}

pub const TARGETS: [Target; 19] = [
    Target {
        name: "search_p99",
        about: "a query to its rows in memory, sorted by name: the 99th of 100",
        against: "one memmem pass for an absent needle over the same bytes",
        limits: &[Limit::Value(2.0, "ms"), Limit::Ratio(1.5)],
        slack: 1.6,
    },
    Target {
        name: "search_max",
        about: "the same, the slowest",
        against: "the same pass",
        limits: &[Limit::Value(5.0, "ms")],
        slack: 2.0,
    },
    Target {
        name: "facets_p99",
        about: "the same query with the count of every filter value",
        against: "the same pass",
        limits: &[Limit::Value(5.0, "ms")],
        slack: 1.6,
    },
    Target {
        name: "filter_sort_p99",
        about: "three filters, sorted by another column",
        against: "going through everyone and sorting who is left",
        limits: &[Limit::Value(4.0, "ms")],
        slack: 1.6,
    },
    Target {
        name: "update_one",
        about: "one change of memberships, visible in the counts",
        against: "the directory made anew",
        limits: &[Limit::Value(20.0, "µs")],
        slack: 2.0,
    },
    Target {
        name: "rename_one",
        about: "one person renamed, every order and search right again",
        against: "the directory made anew",
        limits: &[Limit::Value(300.0, "µs")],
        slack: 2.0,
    },
    Target {
        name: "directory_memory",
        about: "the directory alone, counted by the allocator",
        against: "the bytes of the texts, and four for each membership",
        limits: &[],
        slack: 1.2,
    },
    Target {
        name: "build",
        about: "the directory made anew of everyone",
        against: "sorting their names as bytes, once",
        limits: &[],
        slack: 1.6,
    },
    Target {
        name: "sync_100k",
        about: "the full read at 50 ms a request, pages of 100",
        against: "the same pages one after the other, from 50 of them",
        limits: &[Limit::Value(14.5, "s")],
        slack: 1.2,
    },
    Target {
        name: "sync_cpu",
        about: "processor time of the console during that read",
        against: "the time the read took",
        limits: &[],
        slack: 1.6,
    },
    Target {
        name: "review_200k",
        about: "a plan of 20,000 people and ten groups, from the request to its review, stored",
        against: "the same people and one group",
        limits: &[Limit::Value(2.0, "s")],
        slack: 2.0,
    },
    Target {
        name: "review_memory",
        about: "the most memory of the console while that plan is made, more than before",
        against: "what it held before",
        limits: &[Limit::Value(60.0, "MB")],
        slack: 1.6,
    },
    Target {
        name: "first_rows",
        about: "from the organization's token to the first rows painted, nothing kept",
        against: "one round trip of 50 ms",
        limits: &[Limit::Over(150.0, "ms")],
        slack: 1.6,
    },
    Target {
        name: "start_cached",
        about: "from the start of the process to the kept list painted",
        against: "the same window with an empty page",
        limits: &[Limit::Ratio(1.5), Limit::Over(300.0, "ms")],
        slack: 1.4,
    },
    Target {
        name: "memory",
        about: "resident memory of the Rust process after 10 s of rest, more than with nobody",
        against: "the same app with nobody",
        limits: &[Limit::Value(60.0, "MB")],
        slack: 1.3,
    },
    Target {
        name: "memory_peak",
        about: "the most of it while everything was read, more than with nobody",
        against: "the same app with nobody",
        limits: &[Limit::Value(150.0, "MB")],
        slack: 1.3,
    },
    Target {
        name: "keystroke_to_paint",
        about: "a key in \"Search users\" to the second frame after its rows: the 95th of 100",
        against: "a text field with nothing behind it",
        limits: &[Limit::Value(50.0, "ms")],
        slack: 1.5,
    },
    Target {
        name: "scroll",
        about: "frames in which a slot that can be seen lacks its row, at 5,000 pixels a second",
        against: "the same rows on a page that stands still",
        limits: &[Limit::Value(1.0, "%")],
        slack: 10.0,
    },
    Target {
        name: "scroll_slow",
        about: "frames over 32 ms of that",
        against: "the same rows on a page that stands still",
        limits: &[Limit::Value(2.0, "%")],
        slack: 10.0,
    },
];

/// The target of this name.
pub fn of(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

impl Limit {
    /// Whether a figure meets it.
    pub fn holds(&self, figure: &Figure) -> bool {
        match self {
            Self::Value(most, unit) => {
                in_unit(figure.value, &figure.unit, unit).is_some_and(|value| value <= *most)
            }
            Self::Ratio(most) => figure.ratio <= *most,
            Self::Over(more, unit) => {
                let over = in_unit(figure.value - figure.baseline, &figure.unit, unit);
                over.is_some_and(|over| over <= *more)
            }
        }
    }

    /// As text.
    pub fn words(&self) -> String {
        match self {
            Self::Value(most, unit) => format!("≤ {most} {unit}"),
            Self::Ratio(most) => format!("≤ {most} × the baseline"),
            Self::Over(more, unit) => format!("≤ the baseline + {more} {unit}"),
        }
    }
}

/// A time in another unit; `None` for units that can't be converted.
fn in_unit(value: f64, from: &str, to: &str) -> Option<f64> {
    let seconds = |unit: &str| match unit {
        "s" => Some(1.0),
        "ms" => Some(1e-3),
        "us" | "µs" => Some(1e-6),
        _ => None,
    };
    match (seconds(from), seconds(to)) {
        (Some(from), Some(to)) => Some(value * from / to),
        _ => (from == to).then_some(value),
    }
}

#[cfg(test)]
mod tests {
    use super::{DIRECTORY, Limit, SYNC, TARGETS, WINDOW};
    use crate::bench::figures::Figure;

    fn figure(value: f64, unit: &str, baseline: f64) -> Figure {
        Figure {
            name: String::new(),
            value,
            unit: unit.to_owned(),
            baseline,
            ratio: value / baseline,
            n: 1,
        }
    }

    #[test]
    fn a_limit_holds_in_whatever_unit_of_time_the_figure_is_told() {
        assert!(Limit::Value(2.0, "ms").holds(&figure(1_999.0, "us", 1.0)));
        assert!(!Limit::Value(2.0, "ms").holds(&figure(2_001.0, "us", 1.0)));
        assert!(!Limit::Value(60.0, "MB").holds(&figure(1.0, "ms", 1.0)));
        assert!(Limit::Over(150.0, "ms").holds(&figure(0.199, "s", 0.05)));
        assert!(!Limit::Over(150.0, "ms").holds(&figure(0.21, "s", 0.05)));
        assert!(Limit::Ratio(3.0).holds(&figure(3.0, "ms", 1.0)));
        assert!(!Limit::Ratio(3.0).holds(&figure(f64::NAN, "ms", 1.0)));
    }

    #[test]
    fn every_target_is_measured_by_one_of_the_programs() {
        let measured: Vec<_> = DIRECTORY.iter().chain(&SYNC).chain(&WINDOW).collect();
        for target in &TARGETS {
            assert!(measured.contains(&&target.name), "{}", target.name);
        }
        assert_eq!(measured.len(), TARGETS.len());
    }
}
