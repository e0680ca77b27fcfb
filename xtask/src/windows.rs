//! The step `windows`: everything below the window, linted and built for Windows, and its tests run by wine
//! (docs/decisions/0020). Must never pass where a program of tests did not run, or ran no test.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::sh::Run;
use crate::wine::Wine;
use crate::{nextest, ran};

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

/// What has no test for Windows, as [`nextest::Passed::target`] has it: what these need is Linux's as a whole
/// (gnome-keyring, OpenSSL's trust store, an account server in Python), and the library of `resilience` has
/// none at all.
const WITHOUT_TESTS: [&str; 6] = [
    "resilience",
    "tests/certificates",
    "tests/keychain",
    "tests/peer",
    "tests/private_ca",
    "tests/two_processes",
];

/// Runs the step.
///
/// # Errors
/// Something is missing or does not build, a lint or a test fails, or a program ran no test.
pub fn check() -> Result<()> {
    ensure_target()?;
    for_windows(Run::cargo().arg("clippy"))
        .args(["--lib", "--bins", "--tests", "--", "--deny", "warnings"])
        .run()?;
    let wine = Wine::new()?;
    let passed = nextest::run("windows", |run| {
        wine.environment(for_windows(run).args(["--lib", "--test", "*"]))
            .arg(nextest::many_at_once())
            .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", wine.program())
            // The prefix's Credential Manager is a test's own.
            .env("PRESSROOM_TEST_RECORDS", "1")
            // What a property says of pure code is Linux's to show.
            .env("PROPTEST_CASES", "16")
    })?;
    let metadata = Run::cargo()
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output()?;
    let wanted = targets(&serde_json::from_str(&metadata)?)?;
    let ran: BTreeSet<_> = passed.iter().map(|test| test.target.clone()).collect();
    let differ: Vec<_> = wanted.symmetric_difference(&ran).cloned().collect();
    ensure!(
        differ.is_empty(),
        "these ran no test and should, or ran one and should not: {}",
        differ.join(", ")
    );
    ran::record(
        "windows",
        passed.iter().map(|test| format!("windows/{}", test.name())),
    )
}

/// Cargo's arguments for the packages and the target.
fn for_windows(run: Run) -> Run {
    let packages = PACKAGES.iter().flat_map(|package| ["--package", package]);
    run.args(["--target", TARGET])
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

/// What must have tests for Windows, by cargo's metadata of the workspace.
fn targets(metadata: &Value) -> Result<BTreeSet<String>> {
    let list = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    let mut targets = BTreeSet::new();
    for name in PACKAGES {
        let packages = list(metadata, "packages");
        let package = packages.iter().find(|package| package["name"] == name);
        let package = package.with_context(|| format!("there is no package {name}"))?;
        for target in list(package, "targets") {
            let name = target["name"].as_str().unwrap_or_default();
            let target = match target["kind"][0].as_str() {
                Some("lib") => name.to_owned(),
                Some("test") => format!("tests/{name}"),
                _ => continue,
            };
            ensure!(
                !targets.contains(&target),
                "two packages have {target}: one would stand for the other"
            );
            targets.insert(target);
        }
    }
    for name in WITHOUT_TESTS {
        ensure!(
            targets.remove(name),
            "there is no {name}, which should have no tests"
        );
    }
    Ok(targets)
}

#[cfg(test)]
mod tests {
    use super::{PACKAGES, WITHOUT_TESTS, targets};

    #[test]
    fn a_new_program_of_tests_must_have_some_for_windows() {
        let package = |name: &str| {
            let mut targets = vec![serde_json::json!({ "name": name.replace('-', "_"), "kind": ["lib"] })];
            if name == "resilience" {
                let tests = WITHOUT_TESTS.iter().filter_map(|it| it.strip_prefix("tests/"));
                targets.extend(tests.map(|it| serde_json::json!({ "name": it, "kind": ["test"] })));
            }
            if name == "vault" {
                targets.push(serde_json::json!({ "name": "new", "kind": ["test"] }));
                targets.push(serde_json::json!({ "name": "a_tool", "kind": ["bin"] }));
            }
            serde_json::json!({ "name": name, "targets": targets })
        };
        let metadata = serde_json::json!({ "packages": PACKAGES.map(package) });
        let targets = targets(&metadata).unwrap();
        assert!(
            targets.contains("tests/new") && targets.contains("ezeep_auth"),
            "{targets:?}"
        );
        assert_eq!(targets.len(), PACKAGES.len(), "{targets:?}");
    }
}
