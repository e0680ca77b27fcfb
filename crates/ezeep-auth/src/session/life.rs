//! How old a token is: two clocks, because one stops while the computer sleeps and the other can be set.
//! Must never say "fresh" on the word of one of them alone.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// A token is taken for expired this long before it is, or a tenth of its life where that is less: the time for a
/// request to arrive.
const MARGIN: Duration = Duration::from_secs(60);

/// The wall clock, so that tests can set it.
pub(crate) trait WallClock: Send + Sync + 'static {
    fn now(&self) -> SystemTime;
}

/// The computer's own.
pub(crate) struct SystemClock;

impl WallClock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// A moment by both clocks.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    wall: SystemTime,
    steady: Instant,
}

impl Moment {
    pub(crate) fn now(clock: &dyn WallClock) -> Self {
        Self {
            wall: clock.now(),
            steady: Instant::now(),
        }
    }

    /// Time since `earlier`: by the clock that went further. A wall clock that was set back says nothing, one that
    /// went ahead (sleep, or set) makes the token look older than it may be, which costs one refresh.
    pub(crate) fn since(&self, earlier: &Self) -> Duration {
        let wall = self.wall.duration_since(earlier.wall).unwrap_or_default();
        wall.max(self.steady.duration_since(earlier.steady))
    }
}

/// A token's life, from the moment it was asked for.
#[derive(Clone, Copy)]
pub(crate) struct Lifetime {
    pub(crate) asked: Moment,
    pub(crate) lasts: Duration,
}

impl Lifetime {
    /// Whether a request may still be sent with it (security.md 39).
    pub(crate) fn fresh(&self, now: &Moment) -> bool {
        now.since(&self.asked) + MARGIN.min(self.lasts / 10) < self.lasts
    }

    /// How long until half of it is over; zero when it is.
    pub(crate) fn until_half(&self, now: &Moment) -> Duration {
        (self.lasts / 2).saturating_sub(now.since(&self.asked))
    }
}
