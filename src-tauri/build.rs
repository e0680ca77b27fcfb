//! Makes a permission for each command, so that each must be allowed by name, and the capability that allows
//! the main window all of them and to listen to our event: nothing else, and nothing remote (security.md 55).

use std::path::Path;
use std::{env, fs, io, process};

use tauri_build::{AppManifest, Attributes};

include!("../crates/console/src/commands.rs");

fn main() {
    let pattern = match write_capability() {
        Ok(pattern) => pattern,
        Err(error) => fail(&error.to_string()),
    };
    let attributes = Attributes::new()
        .capabilities_path_pattern(pattern.leak())
        .app_manifest(AppManifest::new().commands(NAMES));
    if let Err(error) = tauri_build::try_build(attributes) {
        fail(&format!("{error:#}"));
    }
}

/// Writes the capability. Returns a pattern that matches its file alone.
fn write_capability() -> io::Result<String> {
    let mut permissions = vec![
        "core:event:allow-listen".to_owned(),
        "core:event:allow-unlisten".to_owned(),
    ];
    permissions.extend(
        NAMES
            .iter()
            .map(|name| format!("allow-{}", name.replace('_', "-"))),
    );
    // For these names Rust's debug format of a list is valid JSON.
    let capability =
        format!(r#"{{"identifier": "main", "windows": ["main"], "permissions": {permissions:?}}}"#);
    let out_dir = env::var_os("OUT_DIR").unwrap_or_default();
    let file = Path::new(&out_dir).join("main-window.json");
    fs::write(&file, capability)?;
    let mut pattern = String::new();
    for c in file.to_string_lossy().chars() {
        match c {
            '*' | '?' | '[' | ']' => pattern.extend(['[', c, ']']),
            _ => pattern.push(c),
        }
    }
    Ok(pattern)
}

fn fail(problem: &str) -> ! {
    println!("cargo::error={problem}");
    process::exit(1);
}
