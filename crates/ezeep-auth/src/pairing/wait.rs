//! The interval of the polls and what each answer means (RFC 8628 section 3.5). Owns no socket, so that a
//! test with its own clock sees each poll's time. Must never poll sooner than the server allows, or after the
//! code has expired.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::clock::{Moment, WallClock};
use crate::error::{PairingError, TokenError};
use crate::reply::TokenSet;

/// RFC 8628 section 3.5, `slow_down`.
const SLOWER: Duration = Duration::from_secs(5);
/// Longest pause after lost replies; pauses double up to it.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How often the wall clock is checked: it shows that the computer has slept.
const CLOCK_CHECK: Duration = Duration::from_secs(5);

/// The pause before the next poll.
pub(super) struct PollInterval {
    interval: Duration,
    pause: Duration,
}

impl PollInterval {
    pub(super) fn new(interval: Duration) -> Self {
        Self {
            interval,
            pause: interval,
        }
    }

    /// The server has answered: the pause is the interval again.
    fn reset(&mut self) {
        self.pause = self.interval;
    }

    fn slow_down(&mut self) {
        self.interval += SLOWER;
        self.pause = self.interval;
    }

    fn back_off(&mut self) {
        self.pause = (self.pause * 2).min(LONGEST_PAUSE.max(self.interval));
    }
}

/// The lifetime of the code.
pub(super) struct Life<'a> {
    pub(super) asked: Moment,
    pub(super) lasts: Duration,
    pub(super) clock: &'a dyn WallClock,
}

impl Life<'_> {
    fn left(&self) -> Duration {
        self.lasts
            .saturating_sub(Moment::now(self.clock).since(&self.asked))
    }
}

/// Polls until there is a result. The first poll comes one interval after the start.
pub(super) async fn poll_until_decided<F>(
    mut poll: impl FnMut() -> F,
    mut interval: PollInterval,
    life: &Life<'_>,
    cancel: &CancellationToken,
) -> Result<TokenSet, PairingError>
where
    F: Future<Output = Result<TokenSet, TokenError>>,
{
    // A lost reply, with which the server may have handed out the tokens.
    let mut lost = None;
    loop {
        tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(PairingError::Cancelled),
            expired = pause(interval.pause, life) => expired?,
        }
        let outcome = tokio::select! {
            biased;
            outcome = poll() => outcome,
            () = cancel.cancelled() => return Err(PairingError::Cancelled),
        };
        let error = match outcome {
            Ok(tokens) => return Ok(tokens),
            Err(error) => error,
        };
        match &error {
            TokenError::OAuth { error: code, .. } => match code.as_str() {
                "authorization_pending" => interval.reset(),
                "slow_down" => interval.slow_down(),
                "access_denied" => return Err(PairingError::Refused),
                "expired_token" => return Err(PairingError::Expired),
                _ => return Err(error.into()),
            },
            // The server does not know the code: the tokens were in the lost reply, or the code is forgotten.
            TokenError::InvalidGrant => {
                return Err(lost.map_or(PairingError::Expired, PairingError::Token));
            }
            TokenError::LostReply { .. } | TokenError::Server { .. } => {
                lost = Some(error);
                interval.back_off();
            }
            TokenError::Connect { .. } | TokenError::Timeout { .. } => interval.back_off(),
            TokenError::RateLimited { retry_after } => {
                interval.back_off();
                interval.pause = retry_after.map_or(interval.pause, |asked| asked.max(interval.interval));
            }
            _ => return Err(error.into()),
        }
    }
}

/// Waits this long. Fails at the end of the code's lifetime.
async fn pause(long: Duration, life: &Life<'_>) -> Result<(), PairingError> {
    let until = Instant::now() + long;
    loop {
        let left = life.left();
        if left.is_zero() {
            return Err(PairingError::Expired);
        }
        let rest = until.saturating_duration_since(Instant::now());
        if rest.is_zero() {
            return Ok(());
        }
        sleep(rest.min(left).min(CLOCK_CHECK)).await;
    }
}

#[cfg(test)]
#[path = "wait_tests.rs"]
mod tests;
