//! One window a data directory: a second start with the same one brings the first to the front.
//! Must never hold up the first paint: a bus that does not answer means no guard, not no window.

use std::hash::Hasher as _;
use std::path::Path;

use tauri::Wry;
use tauri::plugin::TauriPlugin;

/// The guard for this profile, where the desktop can carry one.
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
