//! A D-Bus session and a gnome-keyring of the test's own, with their own home, removed with the test. The bus
//! is found through the environment, which a process has only once: so what is to be checked runs in a child,
//! which is this same test program told to run one ignored test.
#![allow(dead_code, reason = "each test file uses a part")]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Activates nothing: only services that the test starts exist.
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

pub struct Bus {
    home: TempDir,
    address: String,
    _daemon: Running,
}

/// A process that ends with its owner.
pub struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }

    /// Stops it in the middle of its work; it hangs until [`resume`](Self::resume).
    pub fn pause(&self) {
        self.signal("-STOP");
    }

    pub fn resume(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let done = Command::new("kill")
            .args([signal, &self.0.id().to_string()])
            .status();
        assert!(done.unwrap().success());
    }
}

impl Bus {
    pub fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("bus.conf");
        std::fs::write(&config, CONFIG).unwrap();
        let mut child = Command::new("dbus-daemon")
            .arg("--nofork")
            .arg("--print-address")
            .arg(format!("--config-file={}", config.display()))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the keychain tests need the packages dbus and gnome-keyring");
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        Self {
            home,
            address: address.trim().to_owned(),
            _daemon: Running(child),
        }
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// A gnome-keyring on this bus: unlocked, or with its login keyring locked.
    pub fn keyring(&self, unlocked: bool) -> Running {
        let mut command = Command::new("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets"]);
        command.arg(format!(
            "--control-directory={}",
            self.home().join("control").display()
        ));
        if unlocked {
            command.arg("--unlock");
        }
        let mut child = self
            .environment(&mut command)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the keychain tests need the packages dbus and gnome-keyring");
        // The password; the end of the input ends it.
        let mut input = child.stdin.take().unwrap();
        if unlocked {
            input.write_all(b"test").unwrap();
        }
        drop(input);
        let running = Running(child);
        let connection = self.connect();
        let deadline = Instant::now() + Duration::from_secs(30);
        while !self.owned(&connection) {
            assert!(Instant::now() < deadline, "gnome-keyring did not come up");
            std::thread::sleep(Duration::from_millis(20));
        }
        running
    }

    /// A service with the keychain's name that never answers.
    pub fn mute(&self) -> zbus::blocking::Connection {
        self.own("org.freedesktop.secrets")
    }

    /// The same with any name.
    pub fn own(&self, name: &str) -> zbus::blocking::Connection {
        let connection = self.connect();
        connection.request_name(name).unwrap();
        connection
    }

    /// Unlocks the running keyring without a prompt, as a keychain app or the sign-in to the desktop does.
    pub fn unlock(&self) {
        use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};
        let connection = self.connect();
        let at = |interface: &'static str| {
            let (service, path) = ("org.freedesktop.secrets", "/org/freedesktop/secrets");
            zbus::blocking::Proxy::new(&connection, service, path, interface).unwrap()
        };
        let (_, session): (OwnedValue, OwnedObjectPath) = at("org.freedesktop.Secret.Service")
            .call("OpenSession", &("plain", Value::from("")))
            .unwrap();
        let login = OwnedObjectPath::try_from("/org/freedesktop/secrets/collection/login").unwrap();
        let password = (&session, Vec::<u8>::new(), b"test".to_vec(), "text/plain");
        let () = at("org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface")
            .call("UnlockWithMasterPassword", &(login, password))
            .unwrap();
    }

    /// Runs the ignored test `case` in its own process on this bus.
    pub fn run(&self, case: &str) -> Output {
        self.run_with(case, &[])
    }

    /// The same with additional environment variables.
    pub fn run_with(&self, case: &str, variables: &[(&str, &str)]) -> Output {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.envs(variables.iter().copied());
        run(self.environment(&mut command), case)
    }

    fn connect(&self) -> zbus::blocking::Connection {
        zbus::blocking::connection::Builder::address(self.address.as_str())
            .unwrap()
            .build()
            .unwrap()
    }

    fn owned(&self, connection: &zbus::blocking::Connection) -> bool {
        let bus = zbus::blocking::fdo::DBusProxy::new(connection).unwrap();
        bus.name_has_owner("org.freedesktop.secrets".try_into().unwrap())
            .unwrap()
    }

    fn environment<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let home = self.home();
        command
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .env("HOME", home)
            .env("XDG_DATA_HOME", home.join("data"))
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_CACHE_HOME", home.join("cache"))
            .env("XDG_RUNTIME_DIR", home)
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("GNOME_KEYRING_CONTROL")
    }
}

/// The same without any bus.
pub fn run_without_a_bus(case: &str) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .env(
            "DBUS_SESSION_BUS_ADDRESS",
            format!("unix:path={}", home.path().join("nothing").display()),
        )
        .env("XDG_RUNTIME_DIR", home.path());
    run(&mut command, case)
}

/// Starts the ignored test `case` in its own process, without a bus; dropping it kills the process.
pub fn begin(case: &str, variables: &[(&str, &str)]) -> Running {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.envs(variables.iter().copied());
    child(&mut command, case)
}

fn child(command: &mut Command, case: &str) -> Running {
    let child = command
        .args(["--exact", case, "--ignored", "--nocapture", "--test-threads=1"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    Running(child)
}

fn run(command: &mut Command, case: &str) -> Output {
    let mut running = child(command, case);
    let deadline = Instant::now() + Duration::from_secs(60);
    while running.0.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "{case} does not end");
        std::thread::sleep(Duration::from_millis(10));
    }
    let mut output = Output {
        status: running.0.wait().unwrap(),
        stdout: Vec::new(),
        stderr: Vec::new(),
    };
    std::io::Read::read_to_end(&mut running.0.stdout.take().unwrap(), &mut output.stdout).unwrap();
    std::io::Read::read_to_end(&mut running.0.stderr.take().unwrap(), &mut output.stderr).unwrap();
    output
}

/// Asserts that the child ran its one test successfully.
pub fn held(output: &Output) {
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && out.contains("1 passed"),
        "{}\n{out}\n{err}",
        output.status
    );
}
