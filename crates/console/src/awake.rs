//! Keeps the computer from going to sleep by itself while a run goes, however the run ends.

use std::sync::Arc;

use tokio::sync::watch;

use crate::host::Host;

/// What the state of a run asks of the computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It runs: no sleep.
    Awake,
    /// A person holds it, and may do so over night.
    Rest,
    /// It is over.
    Over,
}

/// Keeps the computer awake while `need` says so of `state`, until it says that it is over or nobody can
/// change it any more. Returns at once. Needs a Tokio runtime.
pub fn while_running<S: Send + Sync + 'static>(
    host: &Arc<dyn Host>,
    mut state: watch::Receiver<S>,
    need: impl Fn(&S) -> Need + Send + 'static,
) {
    let host = Arc::clone(host);
    tokio::spawn(async move {
        let mut awake = None;
        loop {
            let now = need(&state.borrow_and_update());
            match now {
                Need::Awake if awake.is_none() => awake = Some(host.stay_awake()),
                Need::Awake => {}
                Need::Rest => awake = None,
                Need::Over => return,
            }
            if state.changed().await.is_err() {
                return;
            }
        }
    });
}
