//! Programs for Windows, run by wine in a prefix of the target folder: its files, its registry and its
//! Credential Manager are this one's alone. Must never touch the prefix of the person who runs the tests.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::sh::{self, Run};

/// Where Debian has the program of the package wine64; elsewhere it is on `PATH`.
const DEBIAN: &str = "/usr/lib/wine/wine64";

/// A prefix.
pub struct Wine {
    program: PathBuf,
    prefix: PathBuf,
}

impl Wine {
    /// Makes a prefix anew: what an earlier run left in it would be found by the tests.
    ///
    /// # Errors
    /// There is no wine, or it can't make a prefix.
    pub fn new() -> Result<Self> {
        let found = ["wine64", "wine"].into_iter().find_map(sh::which);
        let debian = Path::new(DEBIAN);
        let wine = Self {
            program: match found {
                _ if debian.is_file() => debian.to_owned(),
                Some(program) => program,
                None => anyhow::bail!("there is no wine64"),
            },
            prefix: sh::target().join("wine"),
        };
        if wine.prefix.exists() {
            fs::remove_dir_all(&wine.prefix)?;
        }
        wine.run("wineboot", ["-i"]).run()?;
        // Otherwise wine 8 says that it is Windows 7.
        wine.run(
            "reg",
            ["add", r"HKCU\Software\Wine", "/v", "Version", "/d", "win10", "/f"],
        )
        .run()?;
        wine.ensure_random_numbers()?;
        Ok(wine)
    }

    /// A program in this prefix.
    pub fn run<S: AsRef<std::ffi::OsStr>>(
        &self,
        program: impl AsRef<std::ffi::OsStr>,
        args: impl IntoIterator<Item = S>,
    ) -> Run {
        Run::new(&self.program)
            .arg(program)
            .args(args)
            .env("WINEPREFIX", &self.prefix)
            .env("WINEDEBUG", "-all")
            // No questions about .NET and an HTML engine.
            .env("WINEDLLOVERRIDES", "mscoree,mshtml=")
    }

    fn ensure_random_numbers(&self) -> Result<()> {
        let library = self.prefix.join("drive_c/windows/system32/bcryptprimitives.dll");
        if library.exists() {
            return Ok(());
        }
        Run::new("x86_64-w64-mingw32-gcc")
            .args(["-O2", "-shared", "-o"])
            .arg(&library)
            .arg(sh::root().join("xtask/tools/wine/bcryptprimitives.c"))
            .arg("-ladvapi32")
            .run()
            .context("wine before 8.13 needs a library that this builds")
    }
}
