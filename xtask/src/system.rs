//! System packages: which ones building and testing need, which are missing, and how to install them. Must
//! never install anything without naming it and getting consent.

use std::io::{IsTerminal, Write};

use anyhow::{Context, Result, bail};

use crate::sh::{self, Run};

/// The purpose of the packages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To build, run and package the app.
    Build,
    /// To run the checks that need no window.
    Check,
    /// To drive the real window, its browser and its keychain.
    Window,
    /// To test everything, also as programs for Windows.
    Test,
}

/// Whether system packages may be installed.
#[derive(Clone, Copy)]
pub enum Consent {
    /// By the flag, or because this is CI.
    Given,
    /// The user is asked.
    Ask,
}

impl Consent {
    /// The consent by `--yes` or the variable `CI`.
    pub fn from_flag(yes: bool) -> Self {
        let ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false");
        if yes || ci { Self::Given } else { Self::Ask }
    }

    /// The answer; asks if it is not known yet.
    ///
    /// # Errors
    /// Asking fails.
    pub fn given(self, ask: impl FnOnce() -> Result<bool>) -> Result<bool> {
        match self {
            Self::Given => Ok(true),
            Self::Ask => ask(),
        }
    }
}

/// What a build links against.
const BUILD: Names = Names {
    apt: &[
        "build-essential",
        "pkg-config",
        "libwebkit2gtk-4.1-dev",
        "libdbus-1-dev",
    ],
    dnf: &[
        "gcc",
        "gcc-c++",
        "make",
        "pkgconf-pkg-config",
        "webkit2gtk4.1-devel",
        "dbus-devel",
    ],
    pacman: &["base-devel", "webkit2gtk-4.1", "dbus"],
};

/// For the tools that check and test.
const CHECK: Names = Names {
    apt: &["python3-venv"],
    dnf: &["python3"],
    pacman: &["python"],
};

/// For driving the real window, its browser and its keychain.
const WINDOW: Names = Names {
    apt: &[
        "xvfb",
        "webkit2gtk-driver",
        "dbus",
        "at-spi2-core",
        "gnome-keyring",
        "libsecret-tools",
        "chromium",
        "chromium-driver",
        "xdg-utils",
        "desktop-file-utils",
        "locales",
    ],
    dnf: &[
        "/usr/bin/Xvfb",
        "/usr/bin/WebKitWebDriver",
        "/usr/bin/dbus-daemon",
        "at-spi2-core",
        "gnome-keyring",
        "/usr/bin/secret-tool",
        "chromium",
        "chromedriver",
        "xdg-utils",
        "desktop-file-utils",
    ],
    pacman: &[
        "xorg-server-xvfb",
        "at-spi2-core",
        "gnome-keyring",
        "libsecret",
        "chromium",
        "xdg-utils",
        "desktop-file-utils",
    ],
};

/// For inspecting the packages, and for building and running programs for Windows.
const TEST: Names = Names {
    apt: &["rpm", "gcc-mingw-w64-x86-64", "wine64"],
    dnf: &["dpkg", "mingw64-gcc", "wine-core"],
    pacman: &["rpm-tools", "dpkg", "mingw-w64-gcc", "wine"],
};

struct Names {
    apt: &'static [&'static str],
    dnf: &'static [&'static str],
    pacman: &'static [&'static str],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Manager {
    Apt,
    Dnf,
    Pacman,
}

impl Manager {
    fn of_this_system() -> Option<Self> {
        let known = [
            ("apt-get", Self::Apt),
            ("dnf", Self::Dnf),
            ("pacman", Self::Pacman),
        ];
        known
            .into_iter()
            .find(|(program, _)| sh::which(program).is_some())
            .map(|(_, manager)| manager)
    }

    fn names(self, purpose: Purpose) -> Vec<&'static str> {
        let of = |names: &Names| match self {
            Self::Apt => names.apt,
            Self::Dnf => names.dnf,
            Self::Pacman => names.pacman,
        };
        match purpose {
            Purpose::Build => of(&BUILD).to_vec(),
            Purpose::Check => [of(&BUILD), of(&CHECK)].concat(),
            Purpose::Window => [of(&BUILD), of(&CHECK), of(&WINDOW)].concat(),
            Purpose::Test => [of(&BUILD), of(&CHECK), of(&WINDOW), of(&TEST)].concat(),
        }
    }

    fn has(self, name: &str) -> bool {
        match self {
            Self::Apt => {
                let (_, printed) = Run::new("dpkg-query")
                    .args(["-W", "-f=${db:Status-Status}\n", name])
                    .probe();
                printed.lines().any(|status| status == "installed")
            }
            Self::Dnf => Run::new("rpm").args(["-q", "--whatprovides", name]).probe().0,
            Self::Pacman => Run::new("pacman").args(["-T", name]).probe().0,
        }
    }

    fn install_line(self) -> &'static [&'static str] {
        match self {
            Self::Apt => &["apt-get", "install", "--yes", "--no-install-recommends"],
            Self::Dnf => &["dnf", "install", "--assumeyes"],
            Self::Pacman => &["pacman", "-S", "--needed", "--noconfirm"],
        }
    }
}

/// Makes sure that what `purpose` needs is installed, after asking where `consent` asks for that.
///
/// # Errors
/// When something is missing and was refused, or can't be installed. The error says what to do by hand.
pub fn ensure(purpose: Purpose, consent: Consent) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return elsewhere(purpose);
    }
    let Some(manager) = Manager::of_this_system() else {
        sh::say(format_args!(
            "This system's package manager is not known here. Needed, under Debian's names: {}",
            Manager::Apt.names(purpose).join(" ")
        ));
        return Ok(());
    };
    let missing: Vec<_> = manager
        .names(purpose)
        .into_iter()
        .filter(|name| !manager.has(name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    sh::say(format_args!("Missing system packages: {}", missing.join(" ")));
    if !consent.given(|| ask("Install them now?"))? {
        let sudo = if is_root() { "" } else { "sudo " };
        bail!(
            "these packages are needed: `{sudo}{} {}`",
            manager.install_line().join(" "),
            missing.join(" ")
        );
    }
    install(manager, &missing)
}

fn elsewhere(purpose: Purpose) -> Result<()> {
    if matches!(purpose, Purpose::Window | Purpose::Test) {
        bail!(
            "the window tests drive WebKitGTK and gnome-keyring and run on Linux; here, name other steps: \
             `cargo xtask test --only format ui-lint ui-test ui-build lint rust`"
        );
    }
    if cfg!(target_os = "macos") && !Run::new("xcode-select").arg("-p").probe().0 {
        bail!("the command line tools are missing: run `xcode-select --install`, then this again");
    }
    Ok(())
}

fn install(manager: Manager, missing: &[&str]) -> Result<()> {
    if manager == Manager::Apt && !apt_lists_are_there() {
        privileged(&["apt-get", "update"])?.run()?;
    }
    let line = [manager.install_line(), missing].concat();
    let wanted = || privileged(&line);
    match wanted()?.run() {
        // Lists of some days ago name versions that the mirror no longer has.
        Err(_) if manager == Manager::Apt => {
            sh::say("Trying again with fresh package lists.");
            privileged(&["apt-get", "update"])?.run()?;
            wanted()?.run()
        }
        result => result,
    }
    .with_context(|| {
        format!(
            "not every system package could be installed: {}",
            missing.join(" ")
        )
    })
}

fn apt_lists_are_there() -> bool {
    let Ok(lists) = std::fs::read_dir("/var/lib/apt/lists") else {
        return false;
    };
    lists
        .filter_map(Result::ok)
        .any(|file| file.file_name().to_string_lossy().contains("_Packages"))
}

/// The command line, through sudo where this isn't root.
pub fn privileged(line: &[&str]) -> Result<Run> {
    let (program, args) = line.split_first().context("an empty command line")?;
    let run = if is_root() {
        Run::new(program)
    } else if sh::which("sudo").is_some() {
        Run::new("sudo")
            .arg("--preserve-env=DEBIAN_FRONTEND")
            .arg(program)
    } else {
        bail!(
            "this needs root, and there is no sudo: run `{}` as root",
            line.join(" ")
        );
    };
    Ok(run.args(args).env("DEBIAN_FRONTEND", "noninteractive"))
}

/// Whether this is root.
pub fn is_root() -> bool {
    Run::new("id").arg("-u").probe().1.trim() == "0"
}

fn ask(question: &str) -> Result<bool> {
    let input = std::io::stdin();
    if !input.is_terminal() {
        sh::say("Nobody is here to ask: start this again with --yes to have them installed.");
        return Ok(false);
    }
    // Standard output may belong to somebody else.
    eprint!("{question} [Y/n] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    input.read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "" | "y" | "yes"))
}
