//! The web UI and the packaging tools: npm packages and the build of `ui/dist`, which cargo embeds into the
//! app. Must never change a lock file.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail, ensure};

use crate::ran;
use crate::sh::{self, Run};

/// The oldest Node.js that the UI's build tool runs on.
const NODE: (u32, u32) = (20, 19);

fn folder() -> PathBuf {
    sh::root().join("ui")
}

/// npm, under the name that the platform gives it.
fn npm() -> Run {
    Run::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// Says so when Node.js is missing or too old.
///
/// # Errors
/// Then, with where to get it.
pub fn check_node() -> Result<()> {
    let wanted = format!("Node.js {}.{} or newer", NODE.0, NODE.1);
    let from = "install it from nodejs.org (Debian 12's own is older), then run this again";
    let (found, printed) = Run::new("node").arg("--version").probe();
    ensure!(
        found,
        "{wanted} is needed to build the UI, and there is no `node` on PATH: {from}"
    );
    let version = printed.trim().trim_start_matches('v');
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let installed = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    ensure!(
        installed >= NODE,
        "{wanted} is needed to build the UI, and this is {version}: {from}"
    );
    let (npm_found, _) = npm().arg("--version").probe();
    ensure!(
        npm_found,
        "npm is needed beside Node.js and is not on PATH: install your system's npm package"
    );
    Ok(())
}

/// Installs the npm packages of `ui`, where its lock file is newer than what is installed.
///
/// # Errors
/// When npm fails.
pub fn install() -> Result<()> {
    install_into(&folder())
}

/// The same for any folder with a lock file.
///
/// # Errors
/// When there is no lock file, or npm fails.
pub fn install_into(dir: &Path) -> Result<()> {
    let wanted = modified(&dir.join("package-lock.json"))
        .with_context(|| format!("{} has no package-lock.json", dir.display()))?;
    if modified(&dir.join("node_modules/.package-lock.json")).is_some_and(|installed| installed >= wanted) {
        return Ok(());
    }
    npm().args(["ci", "--no-audit", "--no-fund"]).dir(dir).run()
}

/// Builds `ui/dist`.
///
/// # Errors
/// When a type is wrong or the build fails.
pub fn build() -> Result<()> {
    script("build")
}

/// Builds `ui/dist` where a file of the UI is newer. Every build of the root package needs it.
///
/// # Errors
/// As [`build`].
pub fn ensure_built() -> Result<()> {
    let dir = folder();
    let built = modified(&dir.join("dist/index.html"));
    let sources = newest(&dir.join("src"))
        .into_iter()
        .chain(newest(&dir.join("public")));
    let top = fs::read_dir(&dir)?.filter_map(|entry| modified(&entry.ok()?.path()));
    let files = top.chain(sources).max();
    match (built, files) {
        (Some(built), Some(newest)) if built >= newest => Ok(()),
        _ => build(),
    }
}

/// Checks the UI's formatting, lints and types.
///
/// # Errors
/// When one of them is wrong.
pub fn lint() -> Result<()> {
    script("lint")
}

/// Runs the UI's own tests.
///
/// # Errors
/// When one fails.
pub fn test() -> Result<()> {
    ran::forget("ui-test")?;
    let report = ran::vitest_report()?;
    let run = npm().args(["run", "test", "--", "--reporter=default", "--reporter=json"]);
    run.arg(format!("--outputFile.json={}", report.display()))
        .dir(folder())
        .run()?;
    ran::vitest("ui-test", &report)
}

fn script(name: &str) -> Result<()> {
    if !folder().join("node_modules").is_dir() {
        bail!("the UI's packages are not installed");
    }
    npm().args(["run", name]).dir(folder()).run()
}

fn modified(file: &Path) -> Option<SystemTime> {
    let about = fs::metadata(file).ok()?;
    if about.is_file() {
        about.modified().ok()
    } else {
        None
    }
}

/// When the newest file below `dir` was written.
fn newest(dir: &Path) -> Option<SystemTime> {
    let entries = fs::read_dir(dir).ok()?.filter_map(Result::ok);
    entries
        .filter_map(|entry| {
            if entry.path().is_dir() {
                newest(&entry.path())
            } else {
                modified(&entry.path())
            }
        })
        .max()
}
