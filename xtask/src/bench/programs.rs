//! The programs that are measured and those that measure: their build, their paths, and their output. Must
//! never wait for one of them forever.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::figures::{Figure, Options, Point, Run};
use super::targets;
use crate::sh::{self, Run as Cargo};

/// Far longer than one program takes.
const LIMIT: Duration = Duration::from_secs(540);

/// The built programs, in release mode.
pub struct Programs {
    directory: PathBuf,
    measures: PathBuf,
}

impl Programs {
    /// Builds all of them at once, so that none is built twice with other features, and in one run of cargo:
    /// after the first build of a clone, a second run builds the window's program again.
    ///
    /// # Errors
    /// Something doesn't compile.
    pub fn build() -> Result<Self> {
        let told = Cargo::cargo()
            .args(["build", "--release"])
            .args(["--package", "pressroom", "--bins", "--bench", "measures"])
            .args(["--package", "ezeep-sim-faults", "--package", "resilience"])
            .args(["--package", "directory", "--example", "measure"])
            .args(["--message-format", "json-render-diagnostics"])
            .run_for_output()?;
        let place = |kind: &str, name: &str| -> Result<PathBuf> {
            let artifacts = told
                .lines()
                .filter_map(|line| serde_json::from_str::<Value>(line).ok());
            artifacts
                .filter(|artifact| {
                    artifact["target"]["kind"][0] == kind && artifact["target"]["name"] == name
                })
                .find_map(|artifact| artifact["executable"].as_str().map(PathBuf::from))
                .with_context(|| format!("cargo built no {kind} {name}"))
        };
        Ok(Self {
            directory: place("example", "measure")?,
            measures: place("bench", "measures")?,
        })
    }

    /// The directory's own measures for this many people.
    ///
    /// # Errors
    /// The program fails, hangs or prints something else.
    pub fn directory(&self, people: u32) -> Result<Vec<Figure>> {
        eprintln!("bench: {people} people in memory");
        let mut command = Command::new(&self.directory);
        command.arg(people.to_string());
        let mut figures = Vec::new();
        listen(&mut command, |line| {
            figures.push(serde_json::from_value(line).context("a line that is no figure")?);
            Ok(())
        })?;
        ensure!(!figures.is_empty(), "it said nothing");
        Ok(figures)
    }

    /// The measures with a server, or those in the real window.
    pub fn measures(&self, what: &str, options: &Options, run: &mut Run) {
        let mut command = Command::new(&self.measures);
        command.arg(what).args(&options.only);
        if options.quick {
            command.arg("--quick");
        }
        let outcome = listen(&mut command, |line| {
            take(line, run);
            Ok(())
        });
        if let Err(error) = outcome {
            let names: &[&str] = if what == "window" {
                &targets::WINDOW
            } else {
                &targets::SYNC
            };
            let asked = |name: &str| options.only.is_empty() || options.only.iter().any(|only| only == name);
            for name in names.iter().filter(|name| asked(name)) {
                if !run.figures.iter().any(|figure| figure.name == **name) {
                    run.fail(name, &format!("{error:#}"));
                }
            }
        }
    }
}

/// A line of the measures: a figure, a point of the plot, or why there is no figure.
fn take(line: Value, run: &mut Run) {
    let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
    if let Some(name) = line["point"].as_str() {
        run.points.push(Point {
            name: name.to_owned(),
            size: line["size"]
                .as_u64()
                .and_then(|size| u32::try_from(size).ok())
                .unwrap_or_default(),
            value: line["value"].as_f64().unwrap_or(f64::NAN),
            unit: text("unit"),
        });
    } else if let Some(why) = line["failed"].as_str() {
        run.fail(&text("name"), why);
    } else {
        match serde_json::from_value(line.clone()) {
            Ok(figure) => run.tell(figure),
            Err(error) => run.fail(&text("name"), &format!("{error}: {line}")),
        }
    }
}

/// Starts a program and passes on each line of its output; ends it if it takes too long.
fn listen(command: &mut Command, mut heard: impl FnMut(Value) -> Result<()>) -> Result<()> {
    let name = Path::new(command.get_program()).display().to_string();
    command
        .current_dir(sh::root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let mut child = command
        .spawn()
        .with_context(|| format!("{name} can't be started"))?;
    let output = child.stdout.take().context("no standard output")?;
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    let until = Instant::now() + LIMIT;
    let mut outcome = Ok(());
    loop {
        match lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(line) => match serde_json::from_str(&line) {
                Ok(line) => outcome = outcome.and(heard(line)),
                Err(_) => eprintln!("{line}"),
            },
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                end(&mut child);
                bail!("{name} takes longer than {} s", LIMIT.as_secs());
            }
        }
    }
    let status = child.wait()?;
    ensure!(status.success(), "{name} failed ({status})");
    outcome
}

/// Ends a program and, if the system has process groups, everything it started.
fn end(child: &mut Child) {
    if cfg!(unix) {
        let group = format!("-{}", child.id());
        // A process that has ended already is no error.
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
    }
    let _ = child.kill();
    let _ = child.wait();
}
