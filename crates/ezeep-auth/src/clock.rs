//! Two clocks, because the steady one stops while the computer sleeps and the wall clock can be set.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// The wall clock; a trait, so that tests can set it.
pub(crate) trait WallClock: Send + Sync + 'static {
    fn now(&self) -> SystemTime;
}

/// The computer's own wall clock.
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

    /// Time since `earlier`, by the clock that advanced further. A wall clock that was set back is ignored;
    /// one that went ahead (sleep, or set) makes the token look older than it may be, which costs one
    /// refresh.
    pub(crate) fn since(&self, earlier: &Self) -> Duration {
        let wall = self.wall.duration_since(earlier.wall).unwrap_or_default();
        wall.max(self.steady.duration_since(earlier.steady))
    }
}
