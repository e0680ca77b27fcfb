//! A D-Bus session with an unlocked gnome-keyring of a test's own, in a home of its own, gone with the test.
//! Must never reach the keychain of the person who runs the tests: the bus activates nothing.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;

const CONFIG: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

const NEEDS: &str = "these tests need the packages dbus and gnome-keyring";

/// The bus and the keyring. Both end with it.
pub struct Keyring {
    home: TempDir,
    address: String,
    daemon: Daemon,
    _bus: Running,
}

/// A process that ends with its owner.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Keyring {
    /// Starts both and waits until the keychain answers.
    ///
    /// # Errors
    /// Where the programs are missing or don't come up.
    pub fn start() -> anyhow::Result<Self> {
        let home = tempfile::tempdir()?;
        let config = home.path().join("bus.conf");
        std::fs::write(&config, CONFIG)?;
        let mut child = Command::new("dbus-daemon")
            .arg("--nofork")
            .arg("--print-address")
            .arg(format!("--config-file={}", config.display()))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context(NEEDS)?;
        let output = child.stdout.take().context("the bus has no output")?;
        let bus = Running(child);
        let mut address = String::new();
        BufReader::new(output).read_line(&mut address)?;
        let address = address.trim().to_owned();

        let daemon = Daemon::start(home.path(), &address)?;
        await_owner(&address)?;
        Ok(Self {
            home,
            address,
            daemon,
            _bus: bus,
        })
    }

    /// How often the daemon ended by itself. It is old, and now and then falls over where clients are killed
    /// in the middle of a call; a desktop starts it again, and so does this.
    #[must_use]
    pub fn deaths(&self) -> usize {
        self.daemon.deaths.load(Ordering::SeqCst)
    }

    /// What a process needs to find it.
    #[must_use]
    pub fn env(&self) -> Vec<(String, String)> {
        environment(self.home.path(), &self.address)
    }
}

/// A keyring that is started again where it ends by itself; what it keeps is on its disk.
struct Daemon {
    stop: Arc<AtomicBool>,
    deaths: Arc<AtomicUsize>,
    watcher: Option<JoinHandle<()>>,
}

impl Daemon {
    fn start(home: &Path, address: &str) -> anyhow::Result<Self> {
        let (home, address): (PathBuf, String) = (home.to_owned(), address.to_owned());
        let mut running = daemon(&home, &address)?;
        let stop = Arc::new(AtomicBool::new(false));
        let deaths = Arc::new(AtomicUsize::new(0));
        let (stopped, died) = (Arc::clone(&stop), Arc::clone(&deaths));
        let watcher = std::thread::spawn(move || {
            while !stopped.load(Ordering::SeqCst) {
                if !matches!(running.0.try_wait(), Ok(None)) {
                    died.fetch_add(1, Ordering::SeqCst);
                    match daemon(&home, &address) {
                        Ok(again) => running = again,
                        Err(_) => return,
                    }
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        Ok(Self {
            stop,
            deaths,
            watcher: Some(watcher),
        })
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(watcher) = self.watcher.take() {
            let _ = watcher.join();
        }
    }
}

fn daemon(home: &Path, address: &str) -> anyhow::Result<Running> {
    let mut command = Command::new("gnome-keyring-daemon");
    command
        .args(["--foreground", "--components=secrets", "--unlock"])
        .arg(format!("--control-directory={}", home.join("control").display()))
        .envs(environment(home, address))
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("GNOME_KEYRING_CONTROL")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().context(NEEDS)?;
    let mut input = child.stdin.take().context("the keyring has no input")?;
    let keyring = Running(child);
    // The password; the end of the input ends it.
    input.write_all(b"test")?;
    Ok(keyring)
}

fn environment(home: &Path, address: &str) -> Vec<(String, String)> {
    let below = |name: &str| home.join(name).display().to_string();
    vec![
        ("DBUS_SESSION_BUS_ADDRESS".into(), address.to_owned()),
        ("HOME".into(), home.display().to_string()),
        ("XDG_DATA_HOME".into(), below("data")),
        ("XDG_CONFIG_HOME".into(), below("config")),
        ("XDG_CACHE_HOME".into(), below("cache")),
        ("XDG_RUNTIME_DIR".into(), home.display().to_string()),
    ]
}

fn await_owner(address: &str) -> anyhow::Result<()> {
    let connection = zbus::blocking::connection::Builder::address(address)?.build()?;
    let bus = zbus::blocking::fdo::DBusProxy::new(&connection)?;
    let deadline = Instant::now() + Duration::from_secs(30);
    while !bus.name_has_owner("org.freedesktop.secrets".try_into()?)? {
        ensure!(Instant::now() < deadline, "gnome-keyring did not come up");
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
