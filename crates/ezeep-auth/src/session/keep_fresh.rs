//! The background refresh: at half of a token's lifetime, as long as the guard exists (security.md 39). Must
//! never outlive its guard, spin on an error, or refresh outside of the session's single refresh.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::handle::Session;
use super::outcome::{SessionError, SessionState};
use crate::error::TokenError;

/// How often the wall clock is checked: it shows that the computer has slept.
const POLL_INTERVAL: Duration = Duration::from_secs(15);
/// Shortest time between two refreshes, however short the tokens' lifetime.
const SHORTEST: Duration = Duration::from_millis(200);
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// Keeps a session's access token fresh while it exists. A refresh that has begun continues when it is
/// dropped.
#[must_use = "the background refresh stops when this is dropped"]
pub struct KeepFresh(JoinHandle<()>);

impl Drop for KeepFresh {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Session {
    /// Refreshes in the background at half of each token's lifetime, until the guard is dropped or the
    /// session ends. A restored session without an access token is refreshed at once. Needs a Tokio runtime.
    pub fn keep_fresh(&self) -> KeepFresh {
        self.keep_fresh_polling_every(POLL_INTERVAL)
    }

    pub(super) fn keep_fresh_polling_every(&self, poll_interval: Duration) -> KeepFresh {
        let session = self.clone();
        KeepFresh(tokio::spawn(
            async move { session.refresh_loop(poll_interval).await },
        ))
    }

    async fn refresh_loop(&self, poll_interval: Duration) {
        let mut pause = FIRST_PAUSE;
        while *self.state().borrow() == SessionState::Live {
            let (generation, due) = self.next_refresh();
            if !due.is_zero() {
                sleep(due.min(poll_interval)).await;
                continue;
            }
            match self.renew(generation).await {
                Ok(_) => {
                    pause = FIRST_PAUSE;
                    sleep(SHORTEST).await;
                }
                Err(SessionError::Ended(_)) => return,
                Err(error) => {
                    let asked = match &error {
                        SessionError::Token(TokenError::RateLimited { retry_after }) => *retry_after,
                        _ => None,
                    };
                    tracing::warn!(%error, "background refresh failed, the session is kept");
                    self.sleep_wall_clock(asked.unwrap_or_default().max(pause), poll_interval)
                        .await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// Waits this long by the clock that advances further: a sleep of the computer may end the pause.
    async fn sleep_wall_clock(&self, pause: Duration, poll_interval: Duration) {
        let begun = self.core.now();
        loop {
            let left = pause.saturating_sub(self.core.now().since(&begun));
            if left.is_zero() {
                return;
            }
            sleep(left.min(poll_interval)).await;
        }
    }
}
