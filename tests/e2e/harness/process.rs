//! Programs that a test starts. Each gets a process group of its own, which ends with it: a test leaves
//! nothing behind.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, Result};

/// The environment of everything that belongs to one test; nothing else of the caller's environment is passed
/// on.
#[derive(Clone, Default)]
pub struct Environment(Vec<(OsString, OsString)>);

impl Environment {
    pub fn set(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) {
        let name = name.as_ref().to_os_string();
        self.0.retain(|(known, _)| *known != name);
        self.0.push((name, value.as_ref().to_os_string()));
    }

    /// The screen that it names.
    pub fn display(&self) -> Result<&str> {
        let found = self.0.iter().find(|(name, _)| name == "DISPLAY");
        found
            .and_then(|(_, value)| value.to_str())
            .context("there is no screen")
    }

    pub fn with(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.set(name, value);
        self
    }

    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(self.0.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }
}

/// A running program; dropping it ends its whole process group.
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts it with its output going to `logs/NAME.log`.
    pub fn start(name: &str, command: &mut Command, logs: &Path) -> Result<Self> {
        let log = logs.join(format!("{name}.log"));
        let file = File::options().create(true).append(true).open(&log);
        let file = file.with_context(|| format!("{name} has no place for its log"))?;
        command.stdout(file.try_clone()?).stderr(file);
        Self::spawn(name, command, log)
    }

    /// The same, but its standard output comes to the caller.
    pub fn start_listening(name: &str, command: &mut Command, logs: &Path) -> Result<(Self, ChildStdout)> {
        let log = logs.join(format!("{name}.log"));
        command
            .stdout(Stdio::piped())
            .stderr(File::options().create(true).append(true).open(&log)?);
        let mut process = Self::spawn(name, command, log)?;
        let out = process.child.stdout.take().context("no standard output")?;
        Ok((process, out))
    }

    /// The same as [`Process::start`], with `input` on its standard input, which is closed after it.
    pub fn start_telling(name: &str, command: &mut Command, logs: &Path, input: &[u8]) -> Result<Self> {
        let mut process = Self::start(name, command.stdin(Stdio::piped()), logs)?;
        process
            .child
            .stdin
            .take()
            .context("no standard input")?
            .write_all(input)?;
        Ok(process)
    }

    fn spawn(name: &str, command: &mut Command, log: PathBuf) -> Result<Self> {
        let child = command
            .process_group(0)
            .spawn()
            .with_context(|| format!("{name} can't be started"))?;
        Ok(Self { child, log })
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Ends it and everything it started, at once.
    pub fn end(&self) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill")
            .args(["-KILL", "--", &group])
            .stderr(Stdio::null())
            .status();
    }

    /// Its exit code, once it has ended; for a signal its number, negative.
    pub fn exit_code(&mut self) -> Result<Option<i32>> {
        use std::os::unix::process::ExitStatusExt as _;
        let status = self.child.try_wait()?;
        Ok(status.map(|status| {
            let signal = status.signal().map_or(-1, |signal| -signal);
            status.code().unwrap_or(signal)
        }))
    }

    /// The ids of the programs that it started itself and that have not wholly ended: one whose threads are
    /// still ending counts, for it still holds its files and its place on the bus.
    pub fn children(&self) -> Result<Vec<u32>> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir("/proc")?.filter_map(Result::ok) {
            let Ok(id) = entry.file_name().to_string_lossy().parse::<u32>() else {
                continue;
            };
            // "ID (NAME) STATE PARENT …", where NAME may hold anything, a bracket included.
            let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else {
                continue;
            };
            let Some((_, rest)) = stat.rsplit_once(") ") else {
                continue;
            };
            if rest.split(' ').nth(1) == Some(&self.id().to_string()) {
                found.push(id);
            }
        }
        Ok(found)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
        let _ = self.child.wait();
    }
}
