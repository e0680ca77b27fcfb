//! `cargo xtask soak`: repeats the tests that find more in thousands of runs, in turn for the given time, and
//! adds a row to docs/soak.md. Must never count a failed round, nor continue after one.

use std::fs;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};

use crate::sh::{self, Run, say};
use crate::{app, nextest};

/// What is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// SIGKILL at every step of a refresh, a switch, a sign-in, a sign-out and a plan.
    Kills,
    /// Two processes on one data directory, forged callbacks, bad networks.
    Races,
    /// Every parser of untrusted input.
    Fuzz,
    /// Memberships written while a second admin writes.
    Memberships,
}

const KINDS: [Kind; 4] = [Kind::Kills, Kind::Races, Kind::Fuzz, Kind::Memberships];
/// Cases of one property in one round, which takes well under a minute unoptimized.
const FUZZ_CASES: u64 = 4_000;
const MEMBERSHIP_CASES: u64 = 300;

/// The command's options.
pub struct Options {
    /// No round starts after this many minutes.
    pub minutes: u64,
    /// The seed of the first round; it is increased by one for each further round.
    pub seed: Option<u64>,
    /// Only this kind.
    pub kind: Option<Kind>,
}

/// Builds the tests, runs the kinds in turn until the time is over, and adds a row to docs/soak.md.
///
/// # Errors
/// The first failed round, with the command that repeats it; the row contains it too.
pub fn run(options: &Options) -> Result<()> {
    app::build_all()?;
    let kinds = match options.kind {
        Some(kind) => vec![kind],
        None => KINDS.to_vec(),
    };
    let first = options.seed.unwrap_or_else(fresh_seed);
    say(format!("soak: seed {first}, {} minutes", options.minutes));
    let (began, limit) = (Instant::now(), Duration::from_secs(options.minutes * 60));
    let mut counts = [0_u64; KINDS.len()];
    let mut failed = None;
    for (round, kind) in (0_u64..).zip(kinds.iter().copied().cycle()) {
        // Each kind runs once, even if the time is very short.
        if round >= kinds.len() as u64 && began.elapsed() >= limit {
            break;
        }
        let seed = first.wrapping_add(round);
        match kind.round(seed) {
            Ok(count) => counts[kind as usize] += count,
            Err(error) => {
                failed = Some((kind, seed, error));
                break;
            }
        }
    }
    let failure = failed
        .as_ref()
        .map(|(kind, seed, _)| format!("{} {seed}", kind.name()));
    add_row(
        began.elapsed(),
        first,
        &counts,
        failure.as_deref().unwrap_or("none"),
    )?;
    match failed {
        None => Ok(()),
        Some((kind, seed, error)) => Err(error.context(format!(
            "repeat it with: cargo xtask soak --minutes 0 --kind {} --seed {seed}",
            kind.name()
        ))),
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Kills => "kills",
            Self::Races => "races",
            Self::Fuzz => "fuzz",
            Self::Memberships => "memberships",
        }
    }

    /// Runs it once. Returns its count.
    fn round(self, seed: u64) -> Result<u64> {
        say(format!("soak: {} with seed {seed}", self.name()));
        let tests: &[&str] = match self {
            Self::Kills => &["--test", "kill"],
            Self::Races => &["--test", "race", "--test", "two_processes"],
            Self::Fuzz => &["--lib", "fuzz_"],
            Self::Memberships => &[
                "--test",
                "console",
                "a_second_admin_committed_before_our_last_read",
            ],
        };
        let cases = match self {
            Self::Memberships => MEMBERSHIP_CASES,
            _ => FUZZ_CASES,
        };
        let passed = nextest::run("soak", |run| {
            run.arg("--workspace")
                .args(tests)
                .env("PRESSROOM_SOAK_SEED", seed.to_string())
                .env("PROPTEST_RNG_SEED", seed.to_string())
                .env("PROPTEST_CASES", cases.to_string())
        })?;
        let tests = passed.len() as u64;
        let count = match self {
            Self::Kills => passed.iter().map(|test| counted(&test.output)).sum(),
            Self::Races => tests,
            Self::Fuzz => tests * cases,
            Self::Memberships => cases,
        };
        ensure!(count > 0, "the tests counted nothing");
        Ok(count)
    }
}

/// The sum of the lines `counted N` in a test's output.
fn counted(output: &str) -> u64 {
    let counts = output
        .lines()
        .filter_map(|line| line.trim().strip_prefix("counted "));
    counts.filter_map(|count| count.parse::<u64>().ok()).sum()
}

/// The date, UTC, in ISO 8601 format.
fn today() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let (year, month, day) = civil(i64::try_from(now.as_secs() / 86_400).unwrap_or_default());
    format!("{year}-{month:02}-{day:02}")
}

/// Year, month and day of a day number since 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date
/// algorithms").
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// A new seed; small enough to be typed.
fn fresh_seed() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::from(now.subsec_nanos()) ^ (now.as_secs() & 0xffff)
}

fn add_row(took: Duration, seed: u64, counts: &[u64], failure: &str) -> Result<()> {
    let path = sh::root().join("docs/soak.md");
    let mut text = fs::read_to_string(&path).with_context(|| format!("there is no {}", path.display()))?;
    let commit = Run::new("git").args(["rev-parse", "--short", "HEAD"]).output()?;
    let counts: String = counts.iter().map(|count| format!(" {count} |")).collect();
    let row = format!(
        "| {} | {} | {} | {seed} |{counts} {failure} |\n",
        today(),
        commit.trim(),
        took.as_secs().div_ceil(60),
    );
    text.push_str(&row);
    fs::write(&path, text)?;
    say(format!("docs/soak.md: {}", row.trim_end()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{civil, counted};

    #[test]
    fn a_date_is_the_calendars() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(11_016), (2000, 2, 29));
        assert_eq!(civil(20_454), (2026, 1, 1));
    }

    #[test]
    fn what_a_test_did_is_read_from_the_lines_in_which_it_says_so() {
        let output = "running 1 test\n\ncounted 40\n  counted 13\nhas counted 7\n";
        assert_eq!(counted(output), 53);
    }
}
