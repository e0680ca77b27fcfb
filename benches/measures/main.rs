//! What `cargo xtask bench` runs: the measures that need a server, a window or a second process. One JSON
//! object a line on standard output, everything else on standard error. Must never judge a figure: the
//! targets are xtask's.

#![allow(clippy::print_stdout, clippy::print_stderr)] // its lines are its product

mod figure;

#[cfg(target_os = "linux")]
mod cloud;
#[cfg(target_os = "linux")]
#[allow(dead_code, unused_imports)] // what the window tests need is more than what measuring needs
#[path = "../../tests/e2e/harness/mod.rs"]
mod harness;
#[cfg(target_os = "linux")]
mod process;
#[cfg(target_os = "linux")]
mod review;
#[cfg(target_os = "linux")]
mod sync;
#[cfg(target_os = "linux")]
mod window;

use std::process::ExitCode;

/// Which measures run, and how thoroughly.
pub struct Wanted {
    names: Vec<String>,
    /// Fewer repetitions and a smaller organization: to see that the measures work.
    pub quick: bool,
}

impl Wanted {
    /// Whether a measure was asked for.
    pub fn has(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|wanted| wanted == name)
    }
}

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let what = words.next();
    let (options, names): (Vec<_>, Vec<_>) = words.partition(|word| word.starts_with("--"));
    let wanted = Wanted {
        names,
        quick: options.iter().any(|option| option == "--quick"),
    };
    match what.as_deref() {
        Some(what @ ("sync" | "window")) => run(what, &wanted),
        _ => {
            // So comes `cargo bench`, and a test of all targets.
            eprintln!("the measures are run by `cargo xtask bench`");
            ExitCode::SUCCESS
        }
    }
}

#[cfg(target_os = "linux")]
fn run(what: &str, wanted: &Wanted) -> ExitCode {
    let work = async {
        match what {
            "sync" => {
                review::measure(wanted).await;
                sync::measure(wanted).await
            }
            _ => window::measure(wanted).await,
        }
    };
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(work));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn run(_: &str, _: &Wanted) -> ExitCode {
    eprintln!("the window and its helpers are measured on Linux alone");
    ExitCode::FAILURE
}
