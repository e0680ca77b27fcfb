//! Blocks the system's sleep, in its own thread because the system may be slow or never answer. Must never
//! fail a run: without the block the run continues too.

use std::sync::mpsc::{Sender, channel};

use console::host::StayAwake;
use keepawake::{Builder, KeepAwake};

/// Ends the block when it is dropped. Nothing is ever sent.
pub struct Awake {
    _ends_the_thread: Sender<()>,
}

impl StayAwake for Awake {}

impl Awake {
    /// Asks for the block and returns at once.
    pub fn begin() -> Self {
        let (sender, dropped) = channel();
        let thread = std::thread::Builder::new().name("stay-awake".into());
        let spawned = thread.spawn(move || {
            let _block = block();
            // Returns with an error as soon as the sender is dropped.
            let _ = dropped.recv();
        });
        if let Err(error) = spawned {
            tracing::warn!(%error, "the computer may go to sleep while memberships are changed");
        }
        Self {
            _ends_the_thread: sender,
        }
    }
}

/// Blocks every kind of sleep or, if the system does not allow that to a program, at least idle sleep.
fn block() -> Option<KeepAwake> {
    let begin = |sleep| {
        Builder::default()
            .display(false)
            .idle(true)
            .sleep(sleep)
            .app_name("Pressroom")
            .app_reverse_domain("dev.pressroom.console")
            .reason(reason())
            .create()
    };
    let block = begin(true).or_else(|error| {
        tracing::info!(%error, "sleep can't be blocked; trying idle sleep alone");
        begin(false)
    });
    match block {
        Ok(block) => Some(block),
        Err(error) => {
            tracing::warn!(%error, "the computer may go to sleep while memberships are changed");
            None
        }
    }
}

/// The reason that a desktop shows beside the program's name.
fn reason() -> &'static str {
    if crate::frozen::is_german(&sys_locale::get_locale().unwrap_or_default()) {
        "Gruppenmitgliedschaften werden geändert"
    } else {
        "Memberships are being changed"
    }
}
