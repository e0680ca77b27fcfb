//! The rate of requests: a limited number in flight, fewer after a 429, and none to a server during its
//! `Retry-After`. Owns these waits and their random part. Must never decide whether a request is repeated.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::endpoints::Server;

/// Answers without a 429 after which one more request may be in flight, if a 429 had reduced the number.
const GROW_AFTER: usize = 32;

pub(crate) struct Pace {
    turns: Semaphore,
    width: Mutex<Width>,
    account: Mutex<Option<Hold>>,
    printing: Mutex<Option<Hold>>,
}

#[derive(Clone, Copy)]
struct Hold {
    until: Instant,
    length: Duration,
}

/// The number of permits.
struct Width {
    most: usize,
    now: usize,
    /// Permits that are removed when they are given back.
    owed: usize,
    /// How often the number was halved: a permit taken before the last time says nothing about the present
    /// number.
    halved: u64,
    /// Answers since the last change.
    answers: usize,
}

/// The permit for one request in flight. Ends when dropped.
pub(crate) struct Turn<'a> {
    pace: &'a Pace,
    permit: Option<SemaphorePermit<'a>>,
    halved: u64,
}

impl Turn<'_> {
    /// Records a 429: half as many permits from now on. Several 429s of requests that were in flight together
    /// count once.
    pub(crate) fn too_many(&self) {
        let mut width = self.pace.width();
        if width.halved != self.halved {
            return;
        }
        width.halved += 1;
        width.answers = 0;
        let less = width.now / 2;
        width.now -= less;
        width.owed += less - self.pace.turns.forget_permits(less);
        tracing::debug!(in_flight = width.now, "slower");
    }

    /// Records another answer: after enough of these, one more permit.
    pub(crate) fn answered(&self) {
        let mut width = self.pace.width();
        if width.now == width.most || width.halved != self.halved {
            return;
        }
        width.answers += 1;
        if width.answers < GROW_AFTER {
            return;
        }
        width.answers = 0;
        width.now += 1;
        if width.owed > 0 {
            width.owed -= 1;
        } else {
            self.pace.turns.add_permits(1);
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut width = self.pace.width();
        if width.owed > 0
            && let Some(permit) = self.permit.take()
        {
            width.owed -= 1;
            permit.forget();
        }
    }
}

impl Pace {
    pub(crate) fn new(in_flight: usize) -> Self {
        let most = in_flight.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            turns: Semaphore::new(most),
            width: Mutex::new(Width {
                most,
                now: most,
                owed: 0,
                halved: 0,
                answers: 0,
            }),
            account: Mutex::default(),
            printing: Mutex::default(),
        }
    }

    /// Waits for a permit for this server. Fails with the remaining time if the server asked for a wait
    /// longer than `longest`.
    pub(crate) async fn turn(&self, server: Server, longest: Duration) -> Result<Option<Turn<'_>>, Duration> {
        loop {
            if let Some(hold) = self.held(server) {
                let left = hold.until.saturating_duration_since(Instant::now());
                if left > longest {
                    return Err(left);
                }
                tokio::time::sleep_until(hold.until + jitter(hold.length)).await;
                continue;
            }
            let Ok(permit) = self.turns.acquire().await else {
                return Ok(None);
            };
            let halved = self.width().halved;
            let turn = Turn {
                pace: self,
                permit: Some(permit),
                halved,
            };
            if self.held(server).is_none() {
                return Ok(Some(turn));
            }
        }
    }

    /// The rest of this server's `Retry-After`.
    pub(crate) fn wait_left(&self, server: Server) -> Option<Duration> {
        self.held(server)
            .map(|hold| hold.until.saturating_duration_since(Instant::now()))
    }

    /// Holds all requests to this server back for this time (security.md 48).
    pub(crate) fn hold(&self, server: Server, length: Duration) {
        let until = Instant::now() + length;
        let mut slot = self.slot(server).lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_none_or(|hold| hold.until < until) {
            *slot = Some(Hold { until, length });
        }
    }

    fn width(&self) -> MutexGuard<'_, Width> {
        self.width.lock().unwrap_or_else(PoisonError::into_inner)
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

/// At most a tenth of the wait, so that the waiting requests don't all continue at once.
fn jitter(length: Duration) -> Duration {
    length.mul_f64(rand::random_range(0.0..0.1))
}

#[cfg(test)]
mod tests {
    use super::{GROW_AFTER, Pace, Turn};
    use crate::endpoints::Server;
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::time::Instant;

    async fn turn(pace: &Pace, server: Server) -> Turn<'_> {
        pace.turn(server, Duration::MAX).await.unwrap().unwrap()
    }

    /// security.md 48
    #[tokio::test(start_paused = true)]
    async fn a_server_that_says_when_to_come_again_is_left_alone_until_then() {
        let pace = Arc::new(Pace::new(4));
        pace.hold(Server::Printing, Duration::from_secs(20));
        pace.hold(Server::Printing, Duration::from_secs(5));
        let before = Instant::now();
        drop(turn(&pace, Server::Account).await);
        assert_eq!(before.elapsed(), Duration::ZERO, "the other server is not meant");
        drop(turn(&pace, Server::Printing).await);
        let waited = before.elapsed();
        assert!(
            waited >= Duration::from_secs(20) && waited <= Duration::from_millis(22_100),
            "{waited:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_than_allowed_have_a_turn_at_once() {
        let pace = Pace::new(2);
        let first = turn(&pace, Server::Account).await;
        let _second = turn(&pace, Server::Printing).await;
        let third = tokio::time::timeout(Duration::from_secs(1), turn(&pace, Server::Account)).await;
        assert!(third.is_err());
        drop(first);
        drop(turn(&pace, Server::Account).await);
    }
    /// How many permits can be taken at once.
    async fn width(pace: &Pace) -> usize {
        let mut turns = Vec::new();
        while let Ok(turn) = tokio::time::timeout(Duration::from_secs(1), turn(pace, Server::Printing)).await
        {
            turns.push(turn);
        }
        turns.len()
    }

    /// security.md 48
    #[tokio::test(start_paused = true)]
    async fn after_too_many_half_as_many_go_out_and_one_more_after_enough_answers() {
        let pace = Pace::new(8);
        let mut turns = Vec::new();
        for _ in 0..8 {
            turns.push(turn(&pace, Server::Printing).await);
        }
        for turn in &turns {
            turn.too_many();
        }
        drop(turns);
        assert_eq!(width(&pace).await, 4, "eight refused together are one refusal");

        for _ in 0..GROW_AFTER {
            turn(&pace, Server::Printing).await.answered();
        }
        assert_eq!(width(&pace).await, 5);

        for _ in 0..10 {
            turn(&pace, Server::Account).await.too_many();
        }
        assert_eq!(width(&pace).await, 1, "one is always allowed");
        for _ in 0..GROW_AFTER * 20 {
            turn(&pace, Server::Printing).await.answered();
        }
        assert_eq!(width(&pace).await, 8, "and never more than at first");
    }
}
