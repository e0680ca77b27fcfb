//! The pace of the polls and what each answer means (RFC 8628 section 3.5). Owns no socket, so that a test with a
//! clock of its own sees every poll's time. Must never poll sooner than the server allows, or after the code's end.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::clock::{Moment, WallClock};
use crate::error::{PairingError, TokenError};
use crate::reply::TokenSet;

/// RFC 8628 section 3.5, `slow_down`.
const SLOWER: Duration = Duration::from_secs(5);
/// Pauses after lost replies double up to here.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// After a sleep of the computer the wall clock is looked at again within this time.
const LOOK: Duration = Duration::from_secs(5);

/// How long until the next poll.
pub(super) struct Pace {
    interval: Duration,
    pause: Duration,
}

impl Pace {
    pub(super) fn new(interval: Duration) -> Self {
        Self {
            interval,
            pause: interval,
        }
    }

    /// The server answered in good order.
    fn steady(&mut self) {
        self.pause = self.interval;
    }

    fn slower(&mut self) {
        self.interval += SLOWER;
        self.pause = self.interval;
    }

    fn back_off(&mut self) {
        self.pause = (self.pause * 2).min(LONGEST_PAUSE.max(self.interval));
    }
}

/// How long the code is good.
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

/// Polls until it is decided. The first poll comes one interval after the start.
pub(super) async fn poll_until_decided<F>(
    mut poll: impl FnMut() -> F,
    mut pace: Pace,
    life: &Life<'_>,
    cancel: &CancellationToken,
) -> Result<TokenSet, PairingError>
where
    F: Future<Output = Result<TokenSet, TokenError>>,
{
    // A poll after which the server may have given the tokens away without our seeing them.
    let mut lost = None;
    loop {
        tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(PairingError::Cancelled),
            expired = pause(pace.pause, life) => expired?,
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
                "authorization_pending" => pace.steady(),
                "slow_down" => pace.slower(),
                "access_denied" => return Err(PairingError::Refused),
                "expired_token" => return Err(PairingError::Expired),
                _ => return Err(error.into()),
            },
            // The server does not know the code: it gave the tokens to the reply that was lost, or has forgotten it.
            TokenError::InvalidGrant => {
                return Err(lost.map_or(PairingError::Expired, PairingError::Token));
            }
            TokenError::LostReply { .. } | TokenError::Server { .. } => {
                lost = Some(error);
                pace.back_off();
            }
            TokenError::Connect { .. } | TokenError::Timeout { .. } => pace.back_off(),
            TokenError::RateLimited { retry_after } => {
                pace.back_off();
                pace.pause = retry_after.map_or(pace.pause, |asked| asked.max(pace.interval));
            }
            _ => return Err(error.into()),
        }
    }
}

/// Waits as long as asked, or until the code's end, which is an error.
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
        sleep(rest.min(left).min(LOOK)).await;
    }
}

#[cfg(test)]
#[path = "wait_tests.rs"]
mod tests;
