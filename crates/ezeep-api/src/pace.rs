//! How fast requests go out: so many at once, and none to a server that said when to come again. Owns that waiting and
//! its random part; must never decide whether something is tried again.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::endpoints::Server;

pub(crate) struct Pace {
    turns: Semaphore,
    account: Mutex<Option<Hold>>,
    printing: Mutex<Option<Hold>>,
}

#[derive(Clone, Copy)]
struct Hold {
    until: Instant,
    length: Duration,
}

impl Pace {
    pub(crate) fn new(in_flight: usize) -> Self {
        let turns = Semaphore::new(in_flight.clamp(1, Semaphore::MAX_PERMITS));
        Self {
            turns,
            account: Mutex::default(),
            printing: Mutex::default(),
        }
    }

    /// Waits for a turn with this server; the turn ends when the permit is dropped.
    pub(crate) async fn turn(&self, server: Server) -> Option<SemaphorePermit<'_>> {
        loop {
            if let Some(hold) = self.held(server) {
                tokio::time::sleep_until(hold.until + jitter(hold.length)).await;
                continue;
            }
            let permit = self.turns.acquire().await.ok();
            if self.held(server).is_none() {
                return permit;
            }
        }
    }

    /// How long this server still wants to be left alone.
    pub(crate) fn wait_left(&self, server: Server) -> Option<Duration> {
        self.held(server)
            .map(|hold| hold.until.saturating_duration_since(Instant::now()))
    }

    /// Nothing more goes to this server for so long (security.md 48: a 429 holds the other requests back too).
    pub(crate) fn hold(&self, server: Server, length: Duration) {
        let until = Instant::now() + length;
        let mut slot = self.slot(server).lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_none_or(|hold| hold.until < until) {
            *slot = Some(Hold { until, length });
        }
    }

    fn held(&self, server: Server) -> Option<Hold> {
        let slot = self.slot(server).lock().unwrap_or_else(PoisonError::into_inner);
        slot.filter(|hold| hold.until > Instant::now())
    }

    fn slot(&self, server: Server) -> &Mutex<Option<Hold>> {
        match server {
            Server::Account => &self.account,
            Server::Printing => &self.printing,
        }
    }
}

/// Up to a tenth of the wait, so that those who wait don't come back all at once.
fn jitter(length: Duration) -> Duration {
    length.mul_f64(rand::random_range(0.0..0.1))
}

#[cfg(test)]
mod tests {
    use super::Pace;
    use crate::endpoints::Server;
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::time::Instant;

    /// security.md 48
    #[tokio::test(start_paused = true)]
    async fn a_server_that_says_when_to_come_again_is_left_alone_until_then() {
        let pace = Arc::new(Pace::new(4));
        pace.hold(Server::Printing, Duration::from_secs(20));
        pace.hold(Server::Printing, Duration::from_secs(5));
        let before = Instant::now();
        drop(pace.turn(Server::Account).await);
        assert_eq!(before.elapsed(), Duration::ZERO, "the other server is not meant");
        drop(pace.turn(Server::Printing).await);
        let waited = before.elapsed();
        assert!(
            waited >= Duration::from_secs(20) && waited <= Duration::from_millis(22_100),
            "{waited:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_than_allowed_have_a_turn_at_once() {
        let pace = Pace::new(2);
        let first = pace.turn(Server::Account).await;
        let _second = pace.turn(Server::Printing).await;
        let third = tokio::time::timeout(Duration::from_secs(1), pace.turn(Server::Account)).await;
        assert!(third.is_err());
        drop(first);
        assert!(pace.turn(Server::Account).await.is_some());
    }
}
