//! `cargo xtask bench`: builds the programs, runs each measure, prints one JSON object per line on standard
//! output and everything else on standard error. Must never lose a figure because another one is missing, nor
//! pass if one is missing.

mod figures;
mod guard;
mod machine;
mod plot;
mod programs;
mod report;
mod targets;

use anyhow::{Result, bail};

use crate::system::Purpose;
use crate::{setup, sh, ui};
pub use figures::Options;
use figures::{Point, Run};
use programs::Programs;
use targets::TARGETS;

/// Sizes of the plot, in people.
const SIZES: [u32; 4] = [1_000, 10_000, 100_000, 300_000];
/// The size of the targets.
const SIZE: u32 = 100_000;

/// Runs the measures.
///
/// # Errors
/// When something is missing, a measure has no figure, or, with `check`, a ratio got worse.
pub fn run(options: &Options) -> Result<()> {
    known(&options.only)?;
    // Standard output is for the figures.
    sh::talk_on_stderr();
    setup::prepare(
        if cfg!(target_os = "linux") {
            Purpose::Window
        } else {
            Purpose::Build
        },
        options.consent,
    )?;
    ui::ensure_built()?;
    let programs = Programs::build()?;
    let mut run = Run::default();
    let wants = |names: &[&str]| {
        options.only.is_empty() || options.only.iter().any(|name| names.contains(&name.as_str()))
    };
    if wants(&targets::DIRECTORY) {
        directory(&programs, options, &mut run);
    }
    if wants(&targets::SYNC) {
        programs.measures("sync", options, &mut run);
    }
    if wants(&targets::WINDOW) {
        programs.measures("window", options, &mut run);
    }
    for target in TARGETS.iter().filter(|target| wants(&[target.name])) {
        let told = run.figures.iter().any(|figure| figure.name == target.name)
            || run.failures.iter().any(|(name, _)| name == target.name);
        if !told {
            run.failures
                .push((target.name.to_owned(), "it was not told".to_owned()));
        }
    }
    eprint!("\n{}", report::summary(&run));
    if options.check {
        guard::check(&run)?;
    } else if options.only.is_empty() && !options.quick {
        report::write(&run)?;
        if run.failures.is_empty() {
            guard::accept(&run)?;
        }
    }
    if !run.failures.is_empty() {
        let names: Vec<_> = run.failures.iter().map(|(name, _)| name.as_str()).collect();
        bail!("there is no figure for {}", names.join(", "));
    }
    Ok(())
}

fn known(only: &[String]) -> Result<()> {
    let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
    match only.iter().find(|name| !names.contains(&name.as_str())) {
        Some(unknown) => bail!(
            "there is no measure `{unknown}`; the measures are: {}",
            names.join(", ")
        ),
        None => Ok(()),
    }
}

/// The directory in memory: the figures at the size of the targets, and a point of the plot at each size.
fn directory(programs: &Programs, options: &Options, run: &mut Run) {
    let sizes: &[u32] = if options.quick || !options.only.is_empty() {
        &[SIZE]
    } else {
        &SIZES
    };
    for &size in sizes {
        match programs.directory(size) {
            Ok(figures) => {
                for figure in figures {
                    if targets::of(&figure.name).is_none() {
                        continue;
                    }
                    // A maximum of a thousand runs is too noisy for the plot.
                    if !figure.name.ends_with("_max") {
                        run.points.push(Point {
                            name: figure.name.clone(),
                            size,
                            value: figure.value,
                            unit: figure.unit.clone(),
                        });
                    }
                    let asked = options.only.is_empty() || options.only.contains(&figure.name);
                    if size == SIZE && asked {
                        run.tell(figure);
                    }
                }
            }
            Err(error) if size == SIZE => {
                for name in targets::DIRECTORY {
                    run.fail(name, &format!("{error:#}"));
                }
            }
            Err(error) => eprintln!("bench: {size} people in memory could not be measured: {error:#}"),
        }
    }
}
