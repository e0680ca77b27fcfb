//! The figures: what was found after each kill, as one table and one file.
//! Must never judge: that is the test's.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::step::{Rotation, Step, Window};

/// What the next start finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    SignedIn,
    AskedOnce,
    /// Neither: a session that is gone without a word, or a window that does not know.
    Lost,
}

/// What came of the kills at a step.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    pub kills: usize,
    pub signed_in: usize,
    pub asked: usize,
    pub lost: usize,
    pub plans_kept: usize,
}

/// By kind, grace in seconds, and step.
pub type Tallies = BTreeMap<(Rotation, u64, Step), Tally>;

impl Tally {
    /// Counts one kill.
    pub fn count(&mut self, found: Found, plan_kept: bool) {
        self.kills += 1;
        self.plans_kept += usize::from(plan_kept);
        match found {
            Found::SignedIn => self.signed_in += 1,
            Found::AskedOnce => self.asked += 1,
            Found::Lost => self.lost += 1,
        }
    }

    /// Adds another's.
    pub fn add(&mut self, other: &Self) {
        self.kills += other.kills;
        self.signed_in += other.signed_in;
        self.asked += other.asked;
        self.lost += other.lost;
        self.plans_kept += other.plans_kept;
    }
}

/// Prints the table and writes `artifacts/resilience/kills.json`.
pub fn report(tallies: &Tallies) {
    println!(
        "\n{:8} {:24} {:>6} {:>7} {:>6} {:>10} {:>6} {:>6} {:>6}",
        "rotation", "step", "window", "grace/s", "kills", "signed in", "asked", "lost", "plans"
    );
    let mut rows = Vec::new();
    for ((rotation, grace, step), tally) in tallies {
        let rotation = match rotation {
            Rotation::Refresh => "refresh",
            Rotation::Switch => "switch",
        };
        let window = match step.window() {
            Window::Outside => "out",
            Window::Inside => "in",
            Window::AtItsEnd => "end",
        };
        println!(
            "{rotation:8} {:24} {window:>6} {grace:>7} {:>6} {:>10} {:>6} {:>6} {:>6}",
            step.name(),
            tally.kills,
            tally.signed_in,
            tally.asked,
            tally.lost,
            tally.plans_kept,
        );
        rows.push(json!({
            "rotation": rotation, "step": step.name(), "window": window, "graceSeconds": grace, "kills": tally.kills,
            "signedIn": tally.signed_in, "asked": tally.asked, "lost": tally.lost,
            "plansKept": tally.plans_kept,
        }));
    }
    let sum = |of: fn(&Tally) -> usize, outside: bool| -> usize {
        tallies
            .iter()
            .filter(|((_, _, step), _)| (step.window() == Window::Outside) == outside)
            .map(|(_, tally)| of(tally))
            .sum()
    };
    let summary = json!({
        "kills": sum(|t| t.kills, true) + sum(|t| t.kills, false),
        "killsOutside": sum(|t| t.kills, true),
        "lostOutside": sum(|t| t.lost + t.asked, true),
        "killsInside": sum(|t| t.kills, false),
        "askedInside": sum(|t| t.asked, false),
        "signedInInside": sum(|t| t.signed_in, false),
        "lostInside": sum(|t| t.lost, false),
        "plansKept": sum(|t| t.plans_kept, true) + sum(|t| t.plans_kept, false),
    });
    println!("\n{summary}");
    keep(&json!({ "summary": summary, "steps": rows })).unwrap();
}

fn keep(report: &Value) -> anyhow::Result<()> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../artifacts/resilience");
    std::fs::create_dir_all(&dir)?;
    std::fs::write(dir.join("kills.json"), serde_json::to_vec_pretty(report)?)?;
    Ok(())
}
