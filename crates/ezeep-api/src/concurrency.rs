//! The rate of requests: a limited number in flight, fewer after a 429, and none to a server during its
//! `Retry-After`. Owns these waits and their random part. Must never decide whether a request is repeated.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::endpoints::Server;

/// Answers without a 429 after which one more request may be in flight, if a 429 had reduced the number.
const GROW_AFTER: usize = 32;

pub(crate) struct ConcurrencyLimiter {
    permits: Semaphore,
    window: Mutex<Window>,
    account: Mutex<Option<Hold>>,
    printing: Mutex<Option<Hold>>,
}

#[derive(Clone, Copy)]
struct Hold {
    until: Instant,
    length: Duration,
}

/// The number of permits.
struct Window {
    max: usize,
    current: usize,
    /// Permits that are removed when they are given back.
    debt: usize,
    /// How often the number was halved: a permit taken before the last time says nothing about the present
    /// number.
    epoch: u64,
    /// Answers since the last change.
    answers: usize,
}

/// The permit for one request in flight. Ends when dropped.
pub(crate) struct Permit<'a> {
    limiter: &'a ConcurrencyLimiter,
    semaphore: Option<SemaphorePermit<'a>>,
    /// [`Window::epoch`] when it was taken.
    epoch: u64,
}

impl Permit<'_> {
    /// Records a 429: half as many permits from now on. Several 429s of requests that were in flight together
    /// count once.
    pub(crate) fn too_many(&self) {
        let mut window = self.limiter.window();
        if window.epoch != self.epoch {
            return;
        }
        window.epoch += 1;
        window.answers = 0;
        let less = window.current / 2;
        window.current -= less;
        window.debt += less - self.limiter.permits.forget_permits(less);
        tracing::debug!(in_flight = window.current, "slower");
    }

    /// Records another answer: after enough of these, one more permit.
    pub(crate) fn answered(&self) {
        let mut window = self.limiter.window();
        if window.current == window.max || window.epoch != self.epoch {
            return;
        }
        window.answers += 1;
        if window.answers < GROW_AFTER {
            return;
        }
        window.answers = 0;
        window.current += 1;
        if window.debt > 0 {
            window.debt -= 1;
        } else {
            self.limiter.permits.add_permits(1);
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut window = self.limiter.window();
        if window.debt > 0
            && let Some(permit) = self.semaphore.take()
        {
            window.debt -= 1;
            permit.forget();
        }
    }
}

impl ConcurrencyLimiter {
    pub(crate) fn new(in_flight: usize) -> Self {
        let max = in_flight.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            permits: Semaphore::new(max),
            window: Mutex::new(Window {
                max,
                current: max,
                debt: 0,
                epoch: 0,
                answers: 0,
            }),
            account: Mutex::default(),
            printing: Mutex::default(),
        }
    }

    /// Waits for a permit for this server. Fails with the remaining time if the server asked for a wait
    /// longer than `longest`.
    pub(crate) async fn acquire(
        &self,
        server: Server,
        longest: Duration,
    ) -> Result<Option<Permit<'_>>, Duration> {
        loop {
            if let Some(hold) = self.held(server) {
                let left = hold.until.saturating_duration_since(Instant::now());
                if left > longest {
                    return Err(left);
                }
                tokio::time::sleep_until(hold.until + jitter(hold.length)).await;
                continue;
            }
            let Ok(semaphore) = self.permits.acquire().await else {
                return Ok(None);
            };
            let epoch = self.window().epoch;
            let permit = Permit {
                limiter: self,
                semaphore: Some(semaphore),
                epoch,
            };
            if self.held(server).is_none() {
                return Ok(Some(permit));
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

    fn window(&self) -> MutexGuard<'_, Window> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
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
    use super::{ConcurrencyLimiter, GROW_AFTER, Permit};
    use crate::endpoints::Server;
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::time::Instant;

    async fn acquire(limiter: &ConcurrencyLimiter, server: Server) -> Permit<'_> {
        limiter.acquire(server, Duration::MAX).await.unwrap().unwrap()
    }

    /// security.md 48
    #[tokio::test(start_paused = true)]
    async fn a_server_that_says_when_to_come_again_is_left_alone_until_then() {
        let limiter = Arc::new(ConcurrencyLimiter::new(4));
        limiter.hold(Server::Printing, Duration::from_secs(20));
        limiter.hold(Server::Printing, Duration::from_secs(5));
        let before = Instant::now();
        drop(acquire(&limiter, Server::Account).await);
        assert_eq!(before.elapsed(), Duration::ZERO, "the other server is not meant");
        drop(acquire(&limiter, Server::Printing).await);
        let waited = before.elapsed();
        assert!(
            waited >= Duration::from_secs(20) && waited <= Duration::from_millis(22_100),
            "{waited:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_than_allowed_are_in_flight_at_once() {
        let limiter = ConcurrencyLimiter::new(2);
        let first = acquire(&limiter, Server::Account).await;
        let _second = acquire(&limiter, Server::Printing).await;
        let third = tokio::time::timeout(Duration::from_secs(1), acquire(&limiter, Server::Account)).await;
        assert!(third.is_err());
        drop(first);
        drop(acquire(&limiter, Server::Account).await);
    }
    /// How many permits can be taken at once.
    async fn width(limiter: &ConcurrencyLimiter) -> usize {
        let mut permits = Vec::new();
        while let Ok(permit) =
            tokio::time::timeout(Duration::from_secs(1), acquire(limiter, Server::Printing)).await
        {
            permits.push(permit);
        }
        permits.len()
    }

    /// security.md 48
    #[tokio::test(start_paused = true)]
    async fn after_too_many_half_as_many_go_out_and_one_more_after_enough_answers() {
        let limiter = ConcurrencyLimiter::new(8);
        let mut permits = Vec::new();
        for _ in 0..8 {
            permits.push(acquire(&limiter, Server::Printing).await);
        }
        for permit in &permits {
            permit.too_many();
        }
        drop(permits);
        assert_eq!(width(&limiter).await, 4, "eight refused together are one refusal");

        for _ in 0..GROW_AFTER {
            acquire(&limiter, Server::Printing).await.answered();
        }
        assert_eq!(width(&limiter).await, 5);

        for _ in 0..10 {
            acquire(&limiter, Server::Account).await.too_many();
        }
        assert_eq!(width(&limiter).await, 1, "one is always allowed");
        for _ in 0..GROW_AFTER * 20 {
            acquire(&limiter, Server::Printing).await.answered();
        }
        assert_eq!(width(&limiter).await, 8, "and never more than at first");
    }
}
