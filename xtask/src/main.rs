//! The project's own commands. Installs what is missing, builds, starts, tests and packages.
//! Must never pass by leaving something out: what can't be done is an error that names the way out.

#![allow(clippy::print_stdout, clippy::print_stderr)] // what a command says on the terminal is its product

mod app;
mod bench;
mod icons;
mod imports;
mod installed;
mod nextest;
mod package;
mod ran;
mod security;
mod setup;
mod sh;
mod soak;
mod steps;
mod system;
mod test;
mod times;
mod tools;
mod ui;
mod window;
mod windows;
mod wine;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::system::{Consent, Purpose};

/// The project's own commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what is missing, build the app and start it.
    Run {
        /// Install missing system packages without asking.
        #[arg(long, short)]
        yes: bool,
        /// Build with the optimizations of an installed app.
        #[arg(long)]
        release: bool,
        /// Arguments for the app.
        #[arg(last = true)]
        args: Vec<String>,
    },
    /// Install what is missing and run every check, from formatting to the real window.
    Test {
        /// Install missing system packages without asking.
        #[arg(long, short)]
        yes: bool,
        /// Run these steps only (see --list), in their usual order.
        #[arg(long, value_name = "STEP", num_args = 1..)]
        only: Vec<String>,
        /// Print the steps and stop.
        #[arg(long)]
        list: bool,
    },
    /// Repeat the tests that find more in thousands of runs (kills, races, fuzz cases, memberships), and add
    /// the counts to docs/soak.md.
    Soak {
        /// Install missing system packages without asking.
        #[arg(long, short)]
        yes: bool,
        /// No round starts after this many minutes; each kind runs at least once.
        #[arg(long, default_value_t = 3)]
        minutes: u64,
        /// The seed of the first round; it is increased by one for each further round.
        #[arg(long)]
        seed: Option<u64>,
        /// Only this kind.
        #[arg(long, value_enum)]
        kind: Option<soak::Kind>,
    },
    /// Measure how fast the app is with 100,000 people; one JSON object a line.
    Bench {
        /// Install missing system packages without asking.
        #[arg(long, short)]
        yes: bool,
        /// Run these measures only; the report is left as it is.
        #[arg(long, value_name = "NAME", num_args = 1..)]
        only: Vec<String>,
        /// Less of everything, to see that the measures work; the report is left as it is.
        #[arg(long)]
        quick: bool,
        /// Fail where a ratio got worse since the last accepted run; the report is left as it is.
        #[arg(long)]
        check: bool,
    },
    /// Run the checks that take a minute or two: formatting, lints, types and the Rust unit tests.
    Check {
        /// Install missing system packages without asking.
        #[arg(long, short)]
        yes: bool,
    },
    /// Check formatting, types and lints, without running a test.
    Lint {
        /// Install missing system packages without asking.
        #[arg(long, short)]
        yes: bool,
    },
    /// Build the app and make this platform's installers of it.
    Bundle {
        /// Install missing system packages without asking.
        #[arg(long, short)]
        yes: bool,
        /// Package the debug build.
        #[arg(long)]
        debug: bool,
    },
    /// Write the TypeScript types that are made from the Rust ones.
    Bindings,
    /// Make every icon from icons/pressroom.svg.
    Icons,
    /// Start the simulated ezeep cloud on its own; what follows `--` goes to it.
    Sim {
        /// Arguments for the simulated cloud; none means 2,000 people and 60 groups on a free port.
        #[arg(last = true)]
        args: Vec<String>,
    },
}

fn main() -> ExitCode {
    match dispatch(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command) -> Result<()> {
    match command {
        Command::Run { yes, release, args } => {
            app::ensure_screen()?;
            setup::prepare(Purpose::Build, Consent::from_flag(yes))?;
            app::run(release, &args)
        }
        Command::Test { list: true, .. } => {
            test::list();
            Ok(())
        }
        Command::Test { yes, only, .. } => test::run(&only, Consent::from_flag(yes)),
        Command::Soak {
            yes,
            minutes,
            seed,
            kind,
        } => {
            setup::prepare(Purpose::Window, Consent::from_flag(yes))?;
            soak::run(&soak::Options { minutes, seed, kind })
        }
        Command::Bench {
            yes,
            only,
            quick,
            check,
        } => bench::run(&bench::Options {
            only,
            quick,
            check,
            consent: Consent::from_flag(yes),
        }),
        Command::Check { yes } => test::check(Consent::from_flag(yes)),
        Command::Lint { yes } => test::lint(Consent::from_flag(yes)),
        Command::Bundle { yes, debug } => {
            setup::prepare(Purpose::Build, Consent::from_flag(yes))?;
            package::bundle(debug)
        }
        Command::Bindings => app::bindings(),
        Command::Icons => icons::make(),
        Command::Sim { args } => app::sim(&args),
    }
}
