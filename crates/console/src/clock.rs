//! Elapsed time by two clocks. The steady clock stands still while the computer sleeps (`CLOCK_MONOTONIC` on
//! Linux and macOS); the wall clock can be set. Must never report data as fresh by only one of them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::host::Host;

/// Milliseconds since 1970 (UTC), by the wall clock of this computer.
pub fn unix_millis() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|d| i64::try_from(d.as_millis()).ok())
        .unwrap_or_default()
}

/// Today's date, in this computer's time zone or, if that is unknown, UTC.
pub fn today() -> time::Date {
    time::OffsetDateTime::now_local()
        .unwrap_or_else(|_| time::OffsetDateTime::now_utc())
        .date()
}

/// A moment by both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    wall: SystemTime,
    steady: Instant,
}

impl Moment {
    /// This moment, by the host's wall clock.
    pub fn now(host: &dyn Host) -> Self {
        Self {
            wall: host.wall_clock(),
            steady: Instant::now(),
        }
    }

    /// Time since `earlier`, by the clock that advanced further. A wall clock that was set back is ignored;
    /// one that was set ahead only makes data look older and costs a read.
    pub fn since(&self, earlier: &Self) -> Duration {
        let wall = self.wall.duration_since(earlier.wall).unwrap_or_default();
        wall.max(self.steady.duration_since(earlier.steady))
    }
}
