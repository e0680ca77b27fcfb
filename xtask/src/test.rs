//! The checks of `cargo xtask test`, `cargo xtask check` and `cargo xtask lint`, in the order in which a
//! failure is found soonest. Must never count a step that ran no test as passed.

use anyhow::Result;

use crate::nextest::{self, Passed};
use crate::sh::{self, Run};
use crate::steps::{self, Step};
use crate::system::{Consent, Purpose};
use crate::times::{self, Times};
use crate::tools::Tools;
use crate::{app, imports, installed, package, ran, security, setup, ui, window, windows};

static STEPS: [Step; 12] = [
    Step {
        name: "format",
        about: "formatting of the Rust code",
        run: format,
    },
    Step {
        name: "ui-lint",
        about: "formatting, lints and types of the UI",
        run: ui::lint,
    },
    Step {
        name: "ui-test",
        about: "the UI's own tests",
        run: ui::test,
    },
    Step {
        name: "ui-build",
        about: "the UI as the app embeds it",
        run: ui::build,
    },
    Step {
        name: "lint",
        about: "clippy, documentation, dependencies, workflows, circles of files",
        run: lint_code,
    },
    Step {
        name: "rust",
        about: "unit, property and integration tests",
        run: rust,
    },
    Step {
        name: "contract",
        about: "the simulated cloud against openapi.yaml",
        run: contract,
    },
    Step {
        name: "windows",
        about: "lints and tests of all but the window, for Windows, under wine",
        run: windows::check,
    },
    Step {
        name: "bundle",
        about: "the .deb and the .rpm",
        run: package::bundle_tested_build,
    },
    Step {
        name: "package",
        about: "the app out of the .deb opens its window",
        run: package::check,
    },
    Step {
        name: "e2e",
        about: "the real window, browser and keychain",
        run: e2e,
    },
    Step {
        name: "security",
        about: "every number of docs/security.md has a test that ran",
        run: security::check,
    },
];

/// The steps that need no browser, no keychain and no wine.
const SMALL: [&str; 6] = ["format", "ui-lint", "ui-test", "ui-build", "lint", "security"];

/// The step that `cargo xtask check` has in place of `rust`.
static UNIT: Step = Step {
    name: "unit",
    about: "unit tests of the Rust code",
    run: unit,
};

/// Prints the steps.
pub fn list() {
    for step in &STEPS {
        println!("{:10} {}", step.name, step.about);
    }
}

/// Makes the machine ready and runs the steps that `only` names, or all.
///
/// # Errors
/// When something is missing or a step fails.
pub fn run(only: &[String], consent: Consent) -> Result<()> {
    let is_small = !only.is_empty() && only.iter().all(|step| SMALL.contains(&step.as_str()));
    let purpose = match is_small || (!cfg!(target_os = "linux") && !only.is_empty()) {
        true => Purpose::Check,
        false => Purpose::Test,
    };
    setup::prepare(purpose, consent)?;
    if only.is_empty() {
        ran::forget_all()?;
    }
    let chosen = steps::choose(&STEPS, only)?;
    let accepted = times::accepted()?;
    let took = steps::run(&chosen, &accepted, |step| {
        format!("cargo xtask test --only {step}")
    })?;
    if only.is_empty() {
        times::write(&took)?;
    }
    Ok(())
}

/// The checks that run nothing of the app.
///
/// # Errors
/// When something is missing or a check fails.
pub fn lint(consent: Consent) -> Result<()> {
    setup::prepare(Purpose::Check, consent)?;
    quick(&static_checks()?, "cargo xtask lint")
}

/// The quick part of `cargo xtask test`: the checks of [`lint`] and the Rust unit tests, which need no
/// screen, no session bus, and no network but the loopback interface.
///
/// # Errors
/// When something is missing or a check fails.
pub fn check(consent: Consent) -> Result<()> {
    setup::prepare(Purpose::Check, consent)?;
    let mut steps = static_checks()?;
    steps.push(&UNIT);
    quick(&steps, "cargo xtask check")
}

/// Runs steps whose times depend on the last build: none is accepted.
fn quick(steps: &[&Step], command: &str) -> Result<()> {
    steps::run(steps, &Times::new(), |_| command.to_owned())?;
    Ok(())
}

fn static_checks() -> Result<Vec<&'static Step>> {
    steps::choose(&STEPS, &["format", "ui-lint", "lint"].map(String::from))
}

fn format() -> Result<()> {
    Run::cargo().args(["fmt", "--all", "--check"]).run()
}

fn lint_code() -> Result<()> {
    imports::check()?;
    installed::check()?;
    // The root package embeds ui/dist when it is compiled.
    ui::ensure_built()?;
    let clippy = Run::cargo().args(["clippy", "--workspace", "--all-targets", "--test", "e2e"]);
    clippy.args(["--", "--deny", "warnings"]).run()?;
    Run::cargo()
        .args(["doc", "--workspace", "--no-deps", "--document-private-items"])
        .env("RUSTDOCFLAGS", "--deny warnings")
        .run()?;
    let tools = Tools::install()?;
    tools.dependencies()?;
    tools.workflows()
}

fn unit() -> Result<()> {
    ui::ensure_built()?;
    nextest::run("unit", |run| run.args(["--workspace", "--lib", "--bins"]))?;
    Ok(())
}

fn rust() -> Result<()> {
    app::build_all()?;
    // An account server that is not ours, for the tests in tests/resilience.
    let peer = sh::target().join("peer-venv");
    Run::new("bash")
        .arg("tests/resilience/peer/setup.sh")
        .arg(peer)
        .run()?;
    let passed = nextest::run("rust", |run| run.arg("--workspace").arg(nextest::many_at_once()))?;
    ran::record("rust", passed.iter().map(Passed::name))?;
    Run::cargo().args(["test", "--workspace", "--doc"]).run()
}

fn contract() -> Result<()> {
    app::build_all()?;
    let target = sh::target();
    let check = Run::new("bash").arg("crates/ezeep-sim/contract/check.sh");
    check
        .arg(target.join("debug/ezeep-sim"))
        .arg(target.join("schemathesis-venv"))
        .run()
}

fn e2e() -> Result<()> {
    app::build_all()?;
    window::run("e2e", "window::", &[])
}

#[cfg(test)]
mod tests {
    use super::{STEPS, times};

    #[test]
    fn each_step_has_an_accepted_time_and_no_other_has() {
        let mut steps: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        steps.sort_unstable();
        let accepted = times::accepted().unwrap();
        let named: Vec<_> = accepted.keys().map(String::as_str).collect();
        assert_eq!(named, steps);
    }
}
