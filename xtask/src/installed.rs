//! The contents of an installed app: no crate that is for tests only. Part of the `lint` step. One build of
//! the workspace unifies features, so only a crate that the app does not depend on is certainly not in it.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::sh::Run;

/// The app's package.
const APP: &str = "pressroom";
/// The crates for tests only.
const FOR_TESTS: [&str; 3] = ["ezeep-sim-faults", "resilience", "testing"];

/// Fails if the app depends on a crate for tests, directly or through another crate, on any system.
///
/// # Errors
/// There is such a dependency, or cargo fails.
pub fn check() -> Result<()> {
    let told = Run::cargo().args(["metadata", "--no-deps", "--format-version", "1"]);
    let metadata = serde_json::from_str(&told.output()?).context("cargo metadata")?;
    let crates = dependencies(&metadata);
    let found: Vec<_> = FOR_TESTS
        .into_iter()
        .filter(|name| crates.iter().any(|other| other == name))
        .collect();
    ensure!(
        found.is_empty(),
        "{APP} depends on what is for tests alone: {}",
        found.join(", ")
    );
    Ok(())
}

/// The app's dependencies by name, without those for tests. Those of crates outside of the workspace are left
/// out.
fn dependencies(metadata: &Value) -> Vec<String> {
    let mut found = vec![APP.to_owned()];
    let mut at = 0;
    while let Some(name) = found.get(at).cloned() {
        let packages = metadata["packages"].as_array().into_iter().flatten();
        let package = packages.filter(|package| package["name"] == name.as_str());
        let entries = package.filter_map(|package| package["dependencies"].as_array());
        for entry in entries.flatten().filter(|entry| entry["kind"] != "dev") {
            if let Some(name) = entry["name"].as_str()
                && !found.iter().any(|other| other == name)
            {
                found.push(name.to_owned());
            }
        }
        at += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::dependencies;

    #[test]
    fn what_the_app_depends_on_by_another_crate_is_found_and_what_tests_need_is_not() {
        let metadata = json!({ "packages": [
            { "name": "pressroom", "dependencies": [
                { "name": "demo", "kind": null },
                { "name": "testing", "kind": "dev" },
            ]},
            { "name": "demo", "dependencies": [
                { "name": "faults", "kind": null },
                { "name": "pressroom", "kind": "dev" },
            ]},
        ]});
        assert_eq!(dependencies(&metadata), ["pressroom", "demo", "faults"]);
    }
}
