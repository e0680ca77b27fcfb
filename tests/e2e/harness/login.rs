//! A test's own system bus with a login manager that only implements sleep inhibitors
//! (org.freedesktop.login1.Manager.Inhibit).

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::fd::OwnedFd as StdOwnedFd;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, ensure};
use zbus::blocking::connection::{Builder, Connection};
use zbus::zvariant::OwnedFd;

use super::process::{Environment, Process};

/// The active inhibitors: "sleep" or "idle", by the request's number.
type Blocks = Arc<Mutex<BTreeMap<u32, String>>>;

/// The bus and the login manager.
pub struct LoginManager {
    address: String,
    blocks: Blocks,
    _connection: Connection,
    _bus: Process,
}

struct Manager {
    blocks: Blocks,
    asked: u32,
}

#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl Manager {
    /// The inhibitor ends when the other end of the pipe is closed, for any reason.
    fn inhibit(
        &mut self,
        what: String,
        who: String,
        _why: String,
        mode: String,
    ) -> zbus::fdo::Result<OwnedFd> {
        if who != "Pressroom" || mode != "block" {
            return Err(zbus::fdo::Error::InvalidArgs(format!("{who}, {mode}")));
        }
        let failed = |error: std::io::Error| zbus::fdo::Error::IOError(error.to_string());
        let (mut reader, writer) = std::io::pipe().map_err(failed)?;
        self.asked += 1;
        let (blocks, number) = (Arc::clone(&self.blocks), self.asked);
        lock(&blocks).insert(number, what);
        std::thread::spawn(move || {
            // Nothing is ever written: this returns when the last writing end is closed.
            let _ = reader.read(&mut [0]);
            lock(&blocks).remove(&number);
        });
        Ok(OwnedFd::from(StdOwnedFd::from(writer)))
    }
}

fn lock(blocks: &Blocks) -> std::sync::MutexGuard<'_, BTreeMap<u32, String>> {
    blocks.lock().unwrap_or_else(PoisonError::into_inner)
}

impl LoginManager {
    /// Starts both.
    pub fn start(env: &Environment, logs: &Path) -> Result<Self> {
        let mut command = env.command("dbus-daemon");
        command.args(["--session", "--nofork", "--nopidfile", "--print-address"]);
        let (bus, output) = Process::start_listening("system-bus", &mut command, logs)?;
        let mut address = String::new();
        BufReader::new(output).read_line(&mut address)?;
        let address = address.trim().to_owned();
        ensure!(!address.is_empty(), "the system bus gave no address");
        let blocks = Blocks::default();
        let manager = Manager {
            blocks: Arc::clone(&blocks),
            asked: 0,
        };
        let connection = Builder::address(address.as_str())?
            .name("org.freedesktop.login1")?
            .serve_at("/org/freedesktop/login1", manager)?
            .build()?;
        Ok(Self {
            address,
            blocks,
            _connection: connection,
            _bus: bus,
        })
    }

    /// The bus's address, for `DBUS_SYSTEM_BUS_ADDRESS`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The active inhibitors, sorted.
    pub fn blocked(&self) -> Vec<String> {
        let mut blocked: Vec<_> = lock(&self.blocks).values().cloned().collect();
        blocked.sort();
        blocked
    }
}
