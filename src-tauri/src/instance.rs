//! One window a data directory: a second start with the same one brings the first to the front, and hands its link over.
//! Must never delay the first paint: without an answer of the bus there is no guard, but a window. Must never
//! wait without a limit for the first window: an unresponsive one is reported.

use std::hash::Hasher as _;
use std::path::Path;

use console::settings::SCHEME;
use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Wry};

use crate::frozen::Frozen;

/// The guard's name among the plugins, in errors.
const PLUGIN: &str = "single-instance";
/// Counts the starts that found a first window on its way out; it is only ever set by ourselves.
const STARTS: &str = "PRESSROOM_STARTS";
/// More than any window takes to go.
const MOST_STARTS: u32 = 5;

/// What this start is.
pub enum Start {
    /// The first with its data directory, with the guard where the desktop can carry one.
    First(Option<Box<TauriPlugin<Wry>>>),
    /// A later one: the first has taken its arguments, and there is nothing left to do.
    HandedOver,
    /// A later start: there is a first one, and it does not answer.
    Frozen(Frozen),
}

/// Hands this start over to the window of the same data directory, or gives the guard that makes it the first. A link among
/// the arguments goes to the first window by the deep-link plugin (security.md 13).
///
/// The guard would hand over too, but out of a program whose toolkit is up: ending that one early can crash in the
/// destructors of its libraries while their threads run, which the desktop takes for "nobody opens this link". So it is
/// asked here, before there is a toolkit; the guard itself is for two starts at the same moment.
pub fn single(data_dir: &Path) -> Start {
    let id = format!("dev.pressroom.console.p{:016x}", profile(data_dir));
    match bus::ask_first(&id) {
        bus::Answer::Taken => return Start::HandedOver,
        bus::Answer::Silence { process } => {
            let link = std::env::args().skip(1).any(|argument| is_link(&argument));
            return Start::Frozen(Frozen { process, link });
        }
        bus::Answer::NoBus => {
            tracing::warn!(
                "no session bus answers: a second start with this data directory will not be noticed"
            );
            return Start::First(None);
        }
        bus::Answer::Nobody => {}
    }
    let plugin = tauri_plugin_single_instance::Builder::new()
        .callback(|app, _arguments, _directory| raise_and_wait(app))
        .dbus_id(id)
        .build();
    Start::First(Some(Box::new(plugin)))
}

fn is_link(argument: &str) -> bool {
    argument
        .split_once(':')
        .is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case(SCHEME))
}

/// Brings the window to the front and returns when it is there. Only then the later start gets its answer: an
/// answer of the bus alone would end that start as a success although the window's thread hangs.
fn raise_and_wait(app: &AppHandle) {
    let (raised, waiting) = std::sync::mpsc::channel();
    let handle = app.clone();
    let asked = app.run_on_main_thread(move || {
        crate::window::raise(&handle);
        // No caller waits any more if the app is ending.
        let _ = raised.send(());
    });
    match asked {
        Ok(()) => drop(waiting.recv()),
        Err(error) => tracing::warn!(%error, "the window could not be asked to come to the front"),
    }
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

mod bus {
    //! The guard's own way of handing over, as tauri-plugin-single-instance 2 speaks it on the session bus.

    pub enum Answer {
        /// A first window has the arguments now.
        Taken,
        /// There is no first window, or it was just going.
        Nobody,
        /// There is a first process, but it has not answered in time. The message is in its queue: it
        /// receives the arguments when it continues.
        #[cfg_attr(
            not(target_os = "linux"),
            expect(dead_code, reason = "other systems need no bus")
        )]
        Silence { process: Option<u32> },
        /// Nothing to ask; the plugin itself would wait for it for ever.
        #[cfg_attr(
            not(target_os = "linux"),
            expect(dead_code, reason = "other systems need no bus")
        )]
        NoBus,
    }

    #[cfg(target_os = "linux")]
    pub fn ask_first(id: &str) -> Answer {
        use std::io::ErrorKind;
        use std::time::Duration;

        use zbus::blocking::{Connection, connection::Builder, fdo::DBusProxy};

        /// How long a bus may take to say hello.
        const HELLO: Duration = Duration::from_secs(2);
        /// Time limit for the first window's answer, and the bus's about it. Together with [`HELLO`] it is
        /// below 5 seconds, after which a user takes the start for lost.
        const REPLY: Duration = Duration::from_millis(2_500);

        let (sender, receiver) = std::sync::mpsc::channel();
        let probe = std::thread::Builder::new()
            .name("bus-probe".into())
            .spawn(move || {
                let connection = Builder::session().and_then(|bus| bus.method_timeout(REPLY).build());
                let _ = sender.send(connection);
            });
        let Some(connection) = probe.ok().and_then(|_| receiver.recv_timeout(HELLO).ok()?.ok()) else {
            return Answer::NoBus;
        };
        let name = format!("{id}.SingleInstance");
        let path = format!("/{}", name.replace('.', "/").replace('-', "_"));
        let arguments: Vec<String> = std::env::args_os()
            .map(|argument| argument.to_string_lossy().into_owned())
            .collect();
        let directory = std::env::current_dir().unwrap_or_default();
        let taken = connection.call_method(
            Some(name.as_str()),
            path.as_str(),
            Some("org.SingleInstance.DBus"),
            "ExecuteCallback",
            &(arguments, directory.to_string_lossy().as_ref()),
        );
        let process = |connection: &Connection| {
            let bus = DBusProxy::new(connection).ok()?;
            bus.get_connection_unix_process_id(name.as_str().try_into().ok()?)
                .ok()
        };
        match taken {
            Ok(_) => Answer::Taken,
            Err(zbus::Error::InputOutput(error)) if error.kind() == ErrorKind::TimedOut => Answer::Silence {
                process: process(&connection),
            },
            Err(_) => Answer::Nobody,
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub fn ask_first(_: &str) -> Answer {
        Answer::Nobody
    }
}
