//! What a person does to a window from outside of it: closing it by the button that the desktop draws around
//! it.

use std::path::Path;

use anyhow::{Context, Result};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    AtomEnum, CLIENT_MESSAGE_EVENT, ClientMessageEvent, ConnectionExt as _, EventMask, Window,
};
use x11rb::rust_connection::RustConnection;

/// Asks every window of these programs to close (ICCCM, `WM_DELETE_WINDOW`). Gives how many there are.
pub fn close_windows_of(programs: &[u32], display: &Path) -> Result<usize> {
    let (x, screen) = x11rb::connect(display.to_str()).context("there is no screen")?;
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
