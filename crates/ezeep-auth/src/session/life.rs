//! The age of a token by two clocks: the steady one stops while the computer sleeps, the wall clock can be
//! set. Must never call a token fresh by one of them alone.

use std::time::Duration;

use crate::clock::Moment;

/// A token counts as expired this long before its expiry, or a tenth of its lifetime if that is less: the
/// time for a request to arrive.
const MARGIN: Duration = Duration::from_secs(60);

/// A token's lifetime, from when it was requested.
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

    /// Time until half of it has passed; zero if it has.
    pub(crate) fn until_half(&self, now: &Moment) -> Duration {
        (self.lasts / 2).saturating_sub(now.since(&self.asked))
    }
}
