//! One window a data directory: a second start with the same one brings the first to the front, and hands its link over.
//! Must never hold up the first paint: a bus that does not answer means no guard, not no window.

use std::hash::Hasher as _;
use std::path::Path;

use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Wry};

/// The guard's name among the plugins, in errors.
const PLUGIN: &str = "single-instance";
/// Counts the starts that found a first window on its way out; it is only ever set by ourselves.
const STARTS: &str = "PRESSROOM_STARTS";
/// More than any window takes to go.
const MOST_STARTS: u32 = 5;

/// The guard for this profile, where the desktop can carry one. A link among the arguments goes to the first window by the
/// deep-link plugin (security.md 13).
pub fn single(data_dir: &Path) -> Option<TauriPlugin<Wry>> {
    if !bus_answers() {
        tracing::warn!("no session bus answers: a second start with this data directory will not be noticed");
        return None;
    }
    let plugin = tauri_plugin_single_instance::Builder::new()
        .callback(|app, _arguments, _directory| crate::window::raise(app))
        .dbus_id(format!("dev.pressroom.console.p{:016x}", profile(data_dir)))
        .build();
    Some(plugin)
}

/// Gives the guard back as soon as the window goes: whoever starts from now on gets a window of their own.
pub fn release(app: &AppHandle) {
    tauri_plugin_single_instance::destroy(app);
}

/// The first window went away while this start was talking to it. Starts the program anew, in place of this one where the
/// system can; gives the reason where it can't be helped.
pub fn start_again(error: tauri::Error) -> tauri::Error {
    let starts = std::env::var(STARTS)
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(0);
    let leaving = matches!(&error, tauri::Error::PluginInitialization(name, _) if name == PLUGIN);
    if !leaving || starts >= MOST_STARTS {
        return error;
    }
    tracing::info!(%error, "the window of this data directory is going; starting anew");
    std::thread::sleep(std::time::Duration::from_millis(200));
    replace_process(starts + 1);
    error
}

#[cfg(unix)]
fn replace_process(starts: u32) {
    use std::os::unix::process::CommandExt as _;
    let Ok(program) = std::env::current_exe() else {
        return;
    };
    let failed = std::process::Command::new(program)
        .args(std::env::args_os().skip(1))
        .env(STARTS, starts.to_string())
        .exec();
    tracing::warn!(error = %failed, "the program could not be started anew");
}

/// On Windows the guard is a mutex, which vanishes with its owner: there is nothing to talk to that could be going.
#[cfg(not(unix))]
fn replace_process(_: u32) {}

/// FNV-1a of the path: two profiles never meet on the bus.
fn profile(data_dir: &Path) -> u64 {
    struct Fnv(u64);
    impl std::hash::Hasher for Fnv {
        fn finish(&self) -> u64 {
            self.0
        }
        fn write(&mut self, bytes: &[u8]) {
            for byte in bytes {
                self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
    }
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    hasher.write(data_dir.as_os_str().as_encoded_bytes());
    hasher.finish()
}

/// Whether the session bus says hello within two seconds; the plugin itself would wait for ever.
#[cfg(target_os = "linux")]
fn bus_answers() -> bool {
    let (sender, receiver) = std::sync::mpsc::channel();
    let probe = std::thread::Builder::new()
        .name("bus-probe".into())
        .spawn(move || {
            let _ = sender.send(zbus::blocking::Connection::session().is_ok());
        });
    probe.is_ok()
        && receiver
            .recv_timeout(std::time::Duration::from_secs(2))
            .unwrap_or(false)
}

#[cfg(not(target_os = "linux"))]
fn bus_answers() -> bool {
    true
}
