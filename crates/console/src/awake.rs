//! Keeps the computer awake during a run, however the run ends.

use std::sync::Arc;

use tokio::sync::watch;

use crate::host::Host;

/// What a run's state requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Running: sleep is blocked.
    Awake,
    /// Paused by a person, possibly over night: sleep is allowed.
    Rest,
    /// Ended.
    Ended,
}

/// Keeps the computer awake while `need` asks for it, until `need` reports the end or the sender of `state`
/// is dropped. Returns at once. Needs a Tokio runtime.
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
                Need::Ended => return,
            }
            if state.changed().await.is_err() {
                return;
            }
        }
    });
}
