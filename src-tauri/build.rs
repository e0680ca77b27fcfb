//! Makes a permission for each command, so that each must be allowed by name (security.md 55).

use tauri_build::{AppManifest, Attributes};

const COMMANDS: &[&str] = include!("src/commands/names.rs");

fn main() {
    println!("cargo::rerun-if-changed=src-tauri/src/commands/names.rs");
    let attributes = Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*")
        .app_manifest(AppManifest::new().commands(COMMANDS));
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error={error:#}");
        std::process::exit(1);
    }
}
