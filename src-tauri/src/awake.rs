//! Keeping the computer awake: a block of the system's sleep, in a thread of its own, since the system may
//! take its time or never answer. Must never fail a run: without the block the run goes on as well.

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
            // Fails as soon as the sender is gone, which is what it waits for.
            let _ = dropped.recv();
        });
        if let Err(error) = spawned {
            tracing::warn!(%error, "the computer may go to sleep while people are changed");
        }
        Self {
            _ends_the_thread: sender,
        }
    }
}

/// Sleep of every kind, or where the system allows no program that, at least the sleep of a computer that
/// nobody uses.
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
            tracing::warn!(%error, "the computer may go to sleep while people are changed");
            None
        }
    }
}

/// What a desktop shows beside the name of the program.
fn reason() -> &'static str {
    if crate::frozen::is_german(&sys_locale::get_locale().unwrap_or_default()) {
        "Gruppenmitgliedschaften werden geändert"
    } else {
        "Memberships are being changed"
    }
}
