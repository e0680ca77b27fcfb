//! A screen of the test's own, and what a person does to a window from outside of it: closing it by the
//! button that the desktop draws around it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    AtomEnum, CLIENT_MESSAGE_EVENT, ClientMessageEvent, ConnectionExt as _, EventMask, Window,
};
use x11rb::rust_connection::RustConnection;

use super::process::{Environment, Process};

/// A running X server.
pub struct Screen {
    server: Process,
}

impl Screen {
    /// Starts it with a number that no other one has, which it tells `env`.
    pub fn start(env: &mut Environment, logs: &Path) -> Result<Self> {
        let mut command = env.command("Xvfb");
        // The number comes on standard output, once it can be connected to.
        command.args(["-displayfd", "1", "-noreset", "-screen", "0", "1600x1000x24"]);
        let (server, output) = Process::start_listening("Xvfb", &mut command, logs)?;
        let mut number = String::new();
        BufReader::new(output).read_line(&mut number)?;
        let number = number.trim();
        ensure!(
            !number.is_empty(),
            "Xvfb did not start: see {}",
            server.log().display()
        );
        env.set("DISPLAY", format!(":{number}"));
        Ok(Self { server })
    }
}

impl Drop for Screen {
    /// Asks it to end, because its lock and its socket are left where it is killed.
    fn drop(&mut self) {
        let id = self.server.id().to_string();
        let _ = std::process::Command::new("kill").args(["-TERM", &id]).status();
        for _ in 0..200 {
            if matches!(self.server.exit_code(), Ok(Some(_)) | Err(_)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Asks every window of these programs to close (ICCCM, `WM_DELETE_WINDOW`). Gives how many there are.
pub fn close_windows_of(programs: &[u32], display: &str) -> Result<usize> {
    let (x, screen) = x11rb::connect(Some(display)).context("there is no screen")?;
    let root = x.setup().roots.get(screen).context("no such screen")?.root;
    let atom = |name: &str| -> Result<u32> { Ok(x.intern_atom(false, name.as_bytes())?.reply()?.atom) };
    let (pid, protocols, delete) = (
        atom("_NET_WM_PID")?,
        atom("WM_PROTOCOLS")?,
        atom("WM_DELETE_WINDOW")?,
    );
    let mut closed = 0;
    for window in below(&x, root)? {
        let owner = x
            .get_property(false, window, pid, AtomEnum::CARDINAL, 0, 1)?
            .reply()
            .ok();
        let owner = owner.and_then(|reply| reply.value32()?.next());
        let asks = x
            .get_property(false, window, protocols, AtomEnum::ATOM, 0, 16)?
            .reply()
            .ok();
        let takes_it = asks.is_some_and(|reply| {
            reply
                .value32()
                .is_some_and(|mut all| all.any(|one| one == delete))
        });
        if takes_it && owner.is_some_and(|owner| programs.contains(&owner)) {
            let event = ClientMessageEvent {
                response_type: CLIENT_MESSAGE_EVENT,
                format: 32,
                sequence: 0,
                window,
                type_: protocols,
                data: [delete, x11rb::CURRENT_TIME, 0, 0, 0].into(),
            };
            x.send_event(false, window, EventMask::NO_EVENT, event)?;
            closed += 1;
        }
    }
    x.flush()?;
    Ok(closed)
}

fn below(x: &RustConnection, window: Window) -> Result<Vec<Window>> {
    let mut found = vec![window];
    for child in x.query_tree(window)?.reply()?.children {
        // One that is gone by now.
        found.extend(below(x, child).unwrap_or_default());
    }
    Ok(found)
}
