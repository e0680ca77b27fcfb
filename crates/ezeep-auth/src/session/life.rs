//! How old a token is: two clocks, because one stops while the computer sleeps and the other can be set.
//! Must never say "fresh" on the word of one of them alone.

use std::time::Duration;

use crate::clock::Moment;

/// A token is taken for expired this long before it is, or a tenth of its life where that is less: the time for a
/// request to arrive.
const MARGIN: Duration = Duration::from_secs(60);

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
