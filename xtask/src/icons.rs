//! The icons of all platforms, made from `icons/pressroom.svg`. Must never be needed for a build: its results
//! are committed.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::package;
use crate::sh::{self, Run};

/// The icons for the desktops of Linux, macOS and Windows; those for phones and the store are left out.
const KEPT: [&str; 3] = ["icon.png", "icon.ico", "icon.icns"];
const SIZES: [u32; 9] = [16, 24, 32, 48, 64, 96, 128, 256, 512];

/// Makes the icons anew.
///
/// # Errors
/// When the SVG can't be read or the maker fails.
pub fn make() -> Result<()> {
    let icons = sh::root().join("icons");
    let work = sh::target().join("icons");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    fs::create_dir_all(&work)?;

    let source = icons.join("pressroom.svg");
    render(&source, &work.join("all"), &[])?;
    render(&source, &work.join("png"), &SIZES)?;
    // macOS expects a margin around the shape, a tenth of the canvas on every side; the other platforms
    // expect none.
    let drawing = fs::read_to_string(&source).context("icons/pressroom.svg can't be read")?;
    let padded = work.join("padded.svg");
    fs::write(
        &padded,
        drawing.replacen("viewBox=\"0 0 32 32\"", "viewBox=\"-4 -4 40 40\"", 1),
    )?;
    render(&padded, &work.join("macos"), &[])?;

    for name in KEPT {
        let from = if name.ends_with("icns") { "macos" } else { "all" };
        fs::copy(work.join(from).join(name), icons.join(name))?;
    }
    for size in SIZES {
        fs::copy(
            work.join(format!("png/{size}x{size}.png")),
            icons.join(format!("{size}x{size}.png")),
        )?;
    }
    fs::copy(work.join("all/128x128@2x.png"), icons.join("128x128@2x.png"))?;
    println!("The icons are in {}.", icons.display());
    Ok(())
}

fn render(svg: &Path, to: &Path, sizes: &[u32]) -> Result<()> {
    let mut run = Run::new(package::tauri_cli()?)
        .arg("icon")
        .arg(svg)
        .arg("--output")
        .arg(to);
    if !sizes.is_empty() {
        run = run
            .arg("--png")
            .arg(sizes.iter().map(u32::to_string).collect::<Vec<_>>().join(","));
    }
    run.run()
}
