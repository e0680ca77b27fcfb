//! The progress of a read and its remaining time. Must never estimate from a single moment.

use std::time::Duration;

/// No estimate is given before this much time was observed.
const EARLIEST: Duration = Duration::from_millis(1_500);
/// Time constant of the smoothing, in seconds: older rates count less and less.
const MEMORY: f64 = 3.0;

/// The rate at which items arrive, smoothed.
#[derive(Debug, Default)]
pub struct Eta {
    first: Option<Duration>,
    last: Option<(Duration, u64)>,
    /// Items per second.
    rate: Option<f64>,
}

impl Eta {
    /// Records that `done` items had arrived at the time `at` since the read began. Items that were there at
    /// the first call come from a stopped read and tell nothing about the rate.
    pub fn record(&mut self, at: Duration, done: u64) {
        let Some((before, had)) = self.last else {
            self.first = Some(at);
            self.last = Some((at, done));
            return;
        };
        let passed = at.saturating_sub(before).as_secs_f64();
        if passed <= 0.0 {
            return;
        }
        let now = done.saturating_sub(had) as f64 / passed;
        let weight = (-passed / MEMORY).exp();
        self.rate = Some(self.rate.map_or(now, |rate| rate * weight + now * (1.0 - weight)));
        self.last = Some((at, done));
    }

    /// Seconds until `total` items have arrived, rounded up; `None` if it is too early to tell, or nothing
    /// arrives.
    pub fn seconds_left(&self, total: u64) -> Option<u32> {
        let ((at, done), first) = (self.last?, self.first?);
        let rate = self.rate.filter(|rate| *rate > 0.0)?;
        if at.saturating_sub(first) < EARLIEST {
            return None;
        }
        let seconds = (total.saturating_sub(done) as f64 / rate).ceil();
        // More than a day is not a useful estimate.
        (seconds <= 86_400.0).then_some(seconds as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::Eta;
    use std::time::Duration;

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn nothing_is_said_in_the_first_moments_and_a_steady_rate_is_told_right() {
        let mut eta = Eta::default();
        for step in 0..=14_u64 {
            eta.record(at(step * 100), step * 100);
            assert_eq!(eta.seconds_left(10_000), None);
        }
        for step in 15..=40_u64 {
            eta.record(at(step * 100), step * 100);
        }
        assert_eq!(eta.seconds_left(10_000), Some(6));
        assert_eq!(eta.seconds_left(4_000), Some(0));
        assert_eq!(eta.seconds_left(10), Some(0), "more came than was told");
    }

    #[test]
    fn what_a_stopped_read_left_behind_is_no_speed() {
        let mut eta = Eta::default();
        for step in 0..=40_u64 {
            eta.record(at(step * 100), 50_000 + step * 10);
        }
        assert_eq!(eta.seconds_left(51_400), Some(10));
    }

    #[test]
    fn a_server_that_slows_down_is_followed_without_jumps() {
        let mut eta = Eta::default();
        for step in 0..=30_u64 {
            eta.record(at(step * 100), step * 100);
        }
        let before = eta.seconds_left(30_000).unwrap();
        eta.record(at(3_100), 3_000);
        let one_later = eta.seconds_left(30_000).unwrap();
        assert!(
            one_later >= before && one_later < before + 4,
            "{before} {one_later}"
        );
        for step in 32..=200_u64 {
            eta.record(at(step * 100), 3_000 + (step - 31) * 10);
        }
        assert!(eta.seconds_left(30_000).unwrap() > 200);
    }

    #[test]
    fn a_read_that_stands_still_and_one_that_would_never_end_tell_nothing() {
        let mut eta = Eta::default();
        eta.record(at(0), 0);
        eta.record(at(5_000), 0);
        assert_eq!(eta.seconds_left(100), None);
        eta.record(at(6_000), 10);
        assert_eq!(eta.seconds_left(u64::MAX), None);
    }
}
