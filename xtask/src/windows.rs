//! The step `windows`: everything below the window, linted and built for Windows, and its tests run by wine
//! (docs/decisions/0020). Must never pass where a program of tests did not run, or ran no test.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::ran;
use crate::sh::Run;
use crate::wine::Wine;

const TARGET: &str = "x86_64-pc-windows-gnu";

/// The packages whose tests run.
const PACKAGES: [&str; 9] = [
    "ids",
    "vault",
    "changes",
    "directory",
    "ezeep-http",
    "ezeep-api",
    "ezeep-auth",
    "console",
    "resilience",
];

/// Programs that have no test for Windows: what they need is Linux's as a whole (gnome-keyring, OpenSSL's trust
/// store, an account server in Python), and the library of `resilience` has none at all.
const WITHOUT_TESTS: [&str; 6] = [
    "ezeep-api/private_ca",
    "ezeep-auth/certificates",
    "ezeep-auth/keychain",
    "ezeep-auth/two_processes",
    "resilience",
    "resilience/peer",
];

/// A program of tests.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Program {
    package: String,
    name: String,
    /// Whether it has the unit tests of a library.
    is_unit: bool,
    file: PathBuf,
    /// The package's folder, in which the tests expect to run.
    folder: PathBuf,
}

/// Runs the step.
///
/// # Errors
/// Something is missing or does not build, a lint or a test fails, or a program ran no test.
pub fn check() -> Result<()> {
    ensure_target()?;
    cargo("clippy")
        .args(["--lib", "--bins", "--tests", "--", "--deny", "warnings"])
        .run()?;
    let messages = cargo("test")
        .args(["--lib", "--test", "*", "--no-run", "--message-format", "json"])
        .run_for_output()?;
    let programs = programs(&messages)?;
    for package in PACKAGES {
        ensure!(
            programs.iter().any(|program| program.package == package),
            "{package} has no tests for Windows"
        );
    }
    ran::forget("windows")?;
    let wine = Wine::new()?;
    let mut names = Vec::new();
    let mut problems = Vec::new();
    for program in &programs {
        let run = wine.run(&program.file, [""; 0]).dir(&program.folder);
        // The prefix's Credential Manager is a test's own.
        let (has_passed, output) = run
            .env("PRESSROOM_TEST_RECORDS", "1")
            // What a property says of pure code is Linux's to show.
            .env("PROPTEST_CASES", "16")
            .probe();
        let closing = output
            .lines()
            .rev()
            .find(|line| line.starts_with("test result: "));
        let label = program.label();
        println!("{label:32} {}", closing.unwrap_or("ended without a result"));
        let passed = passed(&output);
        let has_none = WITHOUT_TESTS.contains(&label.as_str());
        if !has_passed || closing.is_none() {
            println!("{output}");
            problems.push(format!("{label} failed"));
        } else if passed.is_empty() != has_none {
            problems.push(format!("{label} ran {} tests", passed.len()));
        }
        let target = program.target();
        names.extend(passed.iter().map(|test| format!("windows/{target}::{test}")));
    }
    ensure!(problems.is_empty(), "{}", problems.join(", "));
    println!("{} tests passed on Windows, as wine has it.", names.len());
    ran::record("windows", names)
}

/// Cargo for the packages and the target.
fn cargo(command: &str) -> Run {
    let packages = PACKAGES.iter().flat_map(|package| ["--package", package]);
    Run::cargo()
        .arg(command)
        .args(["--target", TARGET])
        .args(packages)
        // Line tables make these programs, and the time to link them, several times as large.
        .env("CARGO_PROFILE_DEV_DEBUG", "false")
}

fn ensure_target() -> Result<()> {
    let sysroot = Run::new("rustc").args(["--print", "sysroot"]).output()?;
    let library = PathBuf::from(sysroot.trim()).join("lib/rustlib").join(TARGET);
    if library.is_dir() {
        return Ok(());
    }
    Run::new("rustup")
        .args(["target", "add", TARGET])
        .run()
        .with_context(|| format!("Rust's library for {TARGET} is needed"))
}

/// The programs of tests in cargo's messages, in the order of the packages.
fn programs(messages: &str) -> Result<Vec<Program>> {
    let mut found = BTreeSet::new();
    for line in messages.lines() {
        let message: Value = serde_json::from_str(line).with_context(|| format!("no message: {line}"))?;
        let target = &message["target"];
        let is_test = message["profile"]["test"] == true;
        let Some(file) = message["executable"].as_str().filter(|_| is_test) else {
            continue;
        };
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let manifest = text(&message["manifest_path"]).context("a program without a manifest")?;
        let folder = PathBuf::from(manifest);
        let folder = folder.parent().context("a manifest without a folder")?;
        let Some(package) = folder.file_name().and_then(|name| name.to_str()) else {
            bail!("a package without a name: {}", folder.display());
        };
        found.insert(Program {
            package: package.to_owned(),
            name: text(&target["name"]).context("a program without a name")?,
            is_unit: target["kind"][0] == "lib",
            file: file.into(),
            folder: folder.to_owned(),
        });
    }
    Ok(found.into_iter().collect())
}

impl Program {
    fn label(&self) -> String {
        match self.is_unit {
            true => self.package.clone(),
            false => format!("{}/{}", self.package, self.name),
        }
    }

    /// As in the names of tests: the crate, or `tests/` and the file.
    fn target(&self) -> String {
        match self.is_unit {
            true => self.name.clone(),
            false => format!("tests/{}", self.name),
        }
    }
}

/// The tests that passed, by libtest's output.
fn passed(output: &str) -> Vec<&str> {
    let tests = output.lines().filter_map(|line| line.strip_prefix("test "));
    tests.filter_map(|rest| rest.strip_suffix(" ... ok")).collect()
}

#[cfg(test)]
mod tests {
    use super::{passed, programs};

    #[test]
    fn the_programs_are_those_with_tests_and_know_their_folder() {
        let message = |kind: &str, test: bool, executable: Option<&str>| {
            let message = serde_json::json!({
                "reason": "compiler-artifact", "manifest_path": "/x/crates/vault/Cargo.toml",
                "target": { "name": "vault", "kind": [kind] }, "profile": { "test": test },
                "executable": executable,
            });
            message.to_string() + "\n"
        };
        let messages = message("lib", false, None)
            + &message("lib", true, Some("/x/target/vault-1.exe"))
            + &message("bin", false, Some("/x/target/vault.exe"))
            + &message("test", true, Some("/x/target/files-2.exe"))
            + "{\"reason\":\"build-finished\",\"success\":true}\n";
        let found = programs(&messages).unwrap();
        let files: Vec<_> = found
            .iter()
            .map(|program| program.file.to_str().unwrap())
            .collect();
        assert_eq!(files, ["/x/target/files-2.exe", "/x/target/vault-1.exe"]);
        assert!(
            found
                .iter()
                .all(|program| program.folder.ends_with("crates/vault"))
        );
        assert_eq!(found.iter().filter(|program| program.is_unit).count(), 1);
    }

    #[test]
    fn what_passed_is_read_and_nothing_else_counts() {
        let output = "running 4 tests\ntest a::b ... ok\ntest a::c ... ignored, why\ntest a::d ... FAILED\n\
                      test result: ok. 1 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(passed(output), ["a::b"]);
    }
}
