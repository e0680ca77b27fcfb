//! A session bus of its own with GNOME's keyring on it, unlocked: the keychain that the app finds.

use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use super::eventually;
use super::process::{Environment, Process};

/// The name under which the app keeps its records.
const SERVICE: &str = "dev.pressroom.console";

pub struct Keychain {
    env: Environment,
    daemon: Process,
    _bus: Process,
}

impl Keychain {
    /// Starts the bus, tells `env` its address, and starts the keyring on it.
    pub async fn start(env: &mut Environment, logs: &Path) -> Result<Self> {
        let mut command = env.command("dbus-daemon");
        command.args(["--session", "--nofork", "--nopidfile", "--print-address"]);
        let (bus, output) = Process::start_listening("dbus-daemon", &mut command, logs)?;
        let mut address = String::new();
        BufReader::new(output).read_line(&mut address)?;
        ensure!(!address.trim().is_empty(), "the message bus gave no address");
        env.set("DBUS_SESSION_BUS_ADDRESS", address.trim());

        let mut command = env.command("gnome-keyring-daemon");
        command.args(["--foreground", "--unlock", "--components=secrets"]);
        let daemon = Process::start_telling("gnome-keyring-daemon", &mut command, logs, b"test")?;
        let keychain = Self {
            env: env.clone(),
            daemon,
            _bus: bus,
        };
        eventually("the keyring on the bus", async || {
            let output = keychain
                .env
                .command("dbus-send")
                .args([
                    "--session",
                    "--print-reply",
                    "--dest=org.freedesktop.DBus",
                    "/org/freedesktop/DBus",
                ])
                .args([
                    "org.freedesktop.DBus.NameHasOwner",
                    "string:org.freedesktop.secrets",
                ])
                .output()?;
            Ok(String::from_utf8_lossy(&output.stdout)
                .contains("boolean true")
                .then_some(()))
        })
        .await?;
        Ok(keychain)
    }

    /// Makes it hang: it keeps its name on the bus and answers nothing.
    pub fn stop(&self) -> Result<()> {
        self.signal("STOP")
    }

    /// Lets it answer again.
    pub fn go_on(&self) -> Result<()> {
        self.signal("CONT")
    }

    fn signal(&self, name: &str) -> Result<()> {
        let status = std::process::Command::new("kill")
            .args([format!("-{name}"), self.daemon.id().to_string()])
            .status()?;
        ensure!(status.success(), "the keyring daemon can't be told to {name}");
        Ok(())
    }

    /// How many records of the app the keychain holds: sign-ins, and the keys of lists on disk.
    pub fn records(&self) -> Result<usize> {
        self.count("secret = ")
    }

    /// How many sign-ins of the app the keychain holds.
    pub fn sign_ins(&self) -> Result<usize> {
        self.count("label = Pressroom sign-in: ")
    }

    fn count(&self, beginning: &str) -> Result<usize> {
        let output = self
            .env
            .command("secret-tool")
            .args(["search", "--all", "service", SERVICE])
            .output()
            .context("secret-tool can't be started")?;
        let said = String::from_utf8_lossy(&output.stderr);
        if said.contains("rror") {
            bail!("the keychain could not be searched: {said}");
        }
        Ok(String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter(|line| line.starts_with(beginning))
            .count())
    }
}
