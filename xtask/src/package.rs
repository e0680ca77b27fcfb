//! Installers: made with the Tauri tools from an app that cargo has built, then opened again and inspected.
//! Must never build the app in a second way: the tested build is the packaged one.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::app;
use crate::sh::{self, Run};
use crate::system::{self, Consent};
use crate::ui;
use crate::window;

/// The Tauri command line program, installed into `packaging/` where it isn't yet.
///
/// # Errors
/// When npm can't install it.
pub fn tauri_cli() -> Result<PathBuf> {
    let dir = sh::root().join("packaging");
    ui::install_into(&dir)?;
    Ok(dir
        .join("node_modules/.bin")
        .join(if cfg!(windows) { "tauri.cmd" } else { "tauri" }))
}

/// Builds the app and makes this platform's installers.
///
/// # Errors
/// When something doesn't build or can't be packaged.
pub fn bundle(debug: bool) -> Result<()> {
    ui::build()?;
    let mut cargo = Run::cargo().args(["build", "--package", "pressroom"]);
    if !debug {
        cargo = cargo.arg("--release");
    }
    cargo.run()?;
    make(debug)?;
    println!("The installers are in {}.", folder(debug).display());
    Ok(())
}

/// The step `bundle` of the tests: the .deb and the .rpm of the debug build that the other steps test.
///
/// # Errors
/// When one of them can't be made.
pub fn bundle_tested_build() -> Result<()> {
    app::build_all()?;
    make(true)?;
    deb()?;
    let rpm = only_file(&folder(true).join("rpm"), "rpm")?;
    let files = Run::new("rpm")
        .args(["--query", "--list", "--package"])
        .arg(&rpm)
        .output()?;
    for wanted in ["/usr/bin/pressroom-desktop", ".desktop", ".png"] {
        ensure!(
            files.lines().any(|file| file.ends_with(wanted)),
            "{} has no {wanted}",
            rpm.display()
        );
    }
    Ok(())
}

/// The step `package`: the app out of the .deb opens its window. As root in CI the package is installed,
/// which also proves that what it depends on can be had; elsewhere it is unpacked into the target folder.
///
/// # Errors
/// When the package lacks something or the app out of it doesn't open.
pub fn check() -> Result<()> {
    let deb = deb()?;
    let unpacked = sh::target().join("package-check");
    if unpacked.exists() {
        fs::remove_dir_all(&unpacked)?;
    }
    Run::new("dpkg-deb")
        .arg("--extract")
        .arg(&deb)
        .arg(&unpacked)
        .run()?;
    let entry = only_file(&unpacked.join("usr/share/applications"), "desktop")?;
    Run::new("desktop-file-validate").arg(&entry).run()?;
    let text = fs::read_to_string(&entry)?;
    for line in [
        "Exec=pressroom-desktop %u",
        "MimeType=x-scheme-handler/dev.pressroom.console;",
    ] {
        ensure!(
            text.lines().any(|one| one == line),
            "{} has no line {line} (security.md 14)",
            entry.display()
        );
    }
    for icon in ["32x32", "128x128", "512x512"] {
        let file = unpacked.join(format!(
            "usr/share/icons/hicolor/{icon}/apps/pressroom-desktop.png"
        ));
        ensure!(file.is_file(), "the package has no {icon} icon");
    }

    if system::is_root() && matches!(Consent::from_flag(false), Consent::Given) {
        let install = [
            "apt-get",
            "install",
            "--yes",
            "--no-install-recommends",
            "--reinstall",
        ];
        // An installation of the time when the program of the window had the name of the package.
        let earlier = Path::new("/usr/bin/pressroom");
        system::privileged(&["dpkg", "--install"])?
            .arg(earlier_package()?)
            .run()?;
        ensure!(earlier.is_file(), "{} was not installed", earlier.display());
        system::privileged(&install)?.arg(&deb).run()?;
        ensure!(!earlier.exists(), "{} was left by the update", earlier.display());
        let opened = open(Path::new("/usr/bin/pressroom-desktop"));
        let removed = system::privileged(&["apt-get", "remove", "--yes", "pressroom"])?.run();
        opened.and(removed)
    } else {
        // As during an installation: the desktop learns which program opens our links.
        Run::new("update-desktop-database")
            .arg(unpacked.join("usr/share/applications"))
            .run()?;
        open(&unpacked.join("usr/bin/pressroom-desktop"))
    }
}

/// A package of our name and an earlier version, with the file that the window's program was then.
fn earlier_package() -> Result<PathBuf> {
    let root = sh::target().join("package-earlier");
    if root.exists() {
        fs::remove_dir_all(&root)?;
    }
    for (file, text) in [
        (
            "DEBIAN/control",
            "Package: pressroom\nVersion: 0.0.1\nArchitecture: all\nMaintainer: The Pressroom maintainers\n\
             Description: An earlier version\n",
        ),
        ("usr/bin/pressroom", "#!/bin/sh\n"),
    ] {
        let path = root.join(file);
        fs::create_dir_all(path.parent().unwrap_or(&root))?;
        fs::write(path, text)?;
    }
    let deb = sh::target().join("package-earlier.deb");
    Run::new("dpkg-deb")
        .args(["--root-owner-group", "--build"])
        .arg(&root)
        .arg(&deb)
        .run()?;
    Ok(deb)
}

fn open(app: &Path) -> Result<()> {
    ensure!(app.is_file(), "the package has no {}", app.display());
    window::run(
        "package",
        "packaged::",
        &[("PRESSROOM_PACKAGED_APP", app.as_os_str())],
    )
}

fn make(debug: bool) -> Result<()> {
    let out = folder(debug);
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    let mut tauri = Run::new(tauri_cli()?)
        .arg("bundle")
        .env("TAURI_FRONTEND_PATH", sh::root().join("ui"));
    if debug {
        // The mark of the bundle's kind, which only an updater reads, would be written into the file that the
        // tests use.
        tauri = tauri.args(["--debug", "--no-binary-patching"]);
    }
    if cfg!(target_os = "linux") {
        tauri = tauri.args(["--bundles", "deb,rpm"]);
    }
    tauri.run()
}

fn folder(debug: bool) -> PathBuf {
    sh::target()
        .join(if debug { "debug" } else { "release" })
        .join("bundle")
}

fn deb() -> Result<PathBuf> {
    only_file(&folder(true).join("deb"), "deb")
}

fn only_file(dir: &Path, extension: &str) -> Result<PathBuf> {
    let entries = fs::read_dir(dir).with_context(|| format!("there is no {}", dir.display()))?;
    let files = entries.filter_map(Result::ok).map(|entry| entry.path());
    let mut found: Vec<_> = files
        .filter(|file| file.extension().is_some_and(|e| e == extension))
        .collect();
    ensure!(
        found.len() == 1,
        "{} should hold one .{extension} and holds {}",
        dir.display(),
        found.len()
    );
    Ok(found.remove(0))
}
