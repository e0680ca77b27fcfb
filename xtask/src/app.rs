//! Building and starting the app and the simulated cloud.
//! Must never build the app without an up-to-date UI, which is embedded into it.

use anyhow::{Result, ensure};

use crate::sh::Run;
use crate::ui;

/// Fails if there is no screen to open the window on: better before the build than after it.
///
/// # Errors
/// On Linux, if neither `DISPLAY` nor `WAYLAND_DISPLAY` is set.
pub fn ensure_screen() -> Result<()> {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    ensure!(
        !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY"),
        "there is no screen to open the window on (neither DISPLAY nor WAYLAND_DISPLAY is set): start this in a \
         desktop session, or under `xvfb-run`"
    );
    Ok(())
}

/// Builds the app and starts it with this terminal.
///
/// # Errors
/// When the build fails, or the app ends with an error.
pub fn run(release: bool, args: &[String]) -> Result<()> {
    ui::ensure_built()?;
    let mut cargo = Run::cargo().args(["run", "--package", "pressroom"]);
    if release {
        cargo = cargo.arg("--release");
    }
    cargo.arg("--").args(args).run()
}

/// Builds every target of the workspace with the features that its tests need, once, so that no later step
/// builds anything again: a build of one package alone would choose other features for the libraries that
/// packages share.
///
/// # Errors
/// When something doesn't compile.
pub fn build_all() -> Result<()> {
    ui::ensure_built()?;
    Run::cargo().args(["build", "--workspace", "--all-targets"]).run()
}

/// Writes the TypeScript types made from the Rust ones.
///
/// # Errors
/// When the console doesn't compile.
pub fn bindings() -> Result<()> {
    let cargo = Run::cargo().args(["test", "--package", "console", "bindings"]);
    cargo.env("PRESSROOM_WRITE_BINDINGS", "1").run()
}

/// Starts the simulated cloud.
///
/// # Errors
/// When it doesn't compile or ends with an error.
pub fn sim(args: &[String]) -> Result<()> {
    let cargo = Run::cargo().args(["run", "--package", "ezeep-sim-faults", "--"]);
    if args.is_empty() {
        cargo
            .args(["--people", "2000", "--groups", "60", "--port", "0"])
            .run()
    } else {
        cargo.args(args).run()
    }
}
