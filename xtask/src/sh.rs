//! Starts other programs: prints the command, and turns a failure into an error that repeats the command
//! line. Must never use a shell.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};

/// The repository's root folder.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Cargo's target folder, as set by `CARGO_TARGET_DIR`.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// Whether standard output is reserved for results.
static ON_STDERR: AtomicBool = AtomicBool::new(false);

/// Prints messages, also those of programs, on standard error from now on.
pub fn talk_on_stderr() {
    ON_STDERR.store(true, Ordering::Relaxed);
}

/// Prints a line.
pub fn say(line: impl std::fmt::Display) {
    if ON_STDERR.load(Ordering::Relaxed) {
        eprintln!("{line}");
    } else {
        println!("{line}");
    }
}

/// A program to run, with its arguments, folder and environment.
pub struct Run {
    program: OsString,
    args: Vec<OsString>,
    dir: PathBuf,
    env: Vec<(OsString, OsString)>,
}

impl Run {
    /// `program`, found on `PATH` or given by its path, run in the repository's root.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            program: program.as_ref().into(),
            args: Vec::new(),
            dir: root(),
            env: Vec::new(),
        }
    }

    /// The cargo that started this program.
    pub fn cargo() -> Self {
        Self::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().into());
        self
    }

    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args
            .extend(args.into_iter().map(|arg| arg.as_ref().to_os_string()));
        self
    }

    pub fn dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.dir = dir.into();
        self
    }

    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env.push((name.as_ref().into(), value.as_ref().into()));
        self
    }

    /// Runs it with this terminal's input and output.
    ///
    /// # Errors
    /// It can't be started or fails.
    pub fn run(self) -> Result<()> {
        let line = self.announce();
        let status = self.command().status().with_context(|| self.not_started())?;
        if !status.success() {
            bail!("`{line}` failed ({status})");
        }
        Ok(())
    }

    /// Runs it like [`run`](Self::run). Returns its standard output, which is not shown.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_for_output(self) -> Result<String> {
        let line = self.announce();
        let mut command = self.command();
        command.stdout(Stdio::piped()).stderr(Stdio::inherit());
        let output = command.output().with_context(|| self.not_started())?;
        if !output.status.success() {
            bail!("`{line}` failed ({})", output.status);
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs it without output on the terminal. Returns what it printed.
    ///
    /// # Errors
    /// It can't be started or fails; the error contains its standard error.
    pub fn output(self) -> Result<String> {
        let output = self
            .command()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .output()
            .with_context(|| self.not_started())?;
        if !output.status.success() {
            bail!(
                "`{}` failed: {}",
                self.line(),
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs it without output on the terminal. Returns whether it succeeded, and what it printed in any case.
    /// A program that doesn't exist counts as a failure that printed nothing.
    pub fn probe(self) -> (bool, String) {
        let mut command = self.command();
        match command.stdin(Stdio::null()).stdout(Stdio::piped()).output() {
            Ok(output) => (
                output.status.success(),
                String::from_utf8_lossy(&output.stdout).into_owned(),
            ),
            Err(_) => (false, String::new()),
        }
    }

    fn announce(&self) -> String {
        let line = self.line();
        say(format_args!("$ {line}"));
        line
    }

    fn line(&self) -> String {
        let words = std::iter::once(&self.program).chain(&self.args);
        words
            .map(|word| word.to_string_lossy().into_owned())
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn not_started(&self) -> String {
        format!("`{}` can't be started", self.program.to_string_lossy())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.args)
            .current_dir(&self.dir)
            .envs(self.env.iter().map(|(n, v)| (n, v)));
        if ON_STDERR.load(Ordering::Relaxed) {
            command.stdout(std::io::stderr());
        }
        command
    }
}

/// The path of `program` on `PATH`, if it is there.
pub fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join(program))
        .find(|file| file.is_file())
}
