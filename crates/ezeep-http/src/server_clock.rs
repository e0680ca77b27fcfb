//! The time in a server's replies (`Date`, RFC 9110 section 6.6.1), to check the computer's own clock
//! against.
//! Must be used only as a lower bound.

use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime};

/// The newest `Date` from a trusted connection, and its time by the steady clock.
#[derive(Debug, Default)]
pub struct ServerClock(Mutex<Option<(SystemTime, Instant)>>);

impl ServerClock {
    /// Takes the `Date` header of a reply; an invalid one is ignored.
    pub fn observe(&self, date: Option<&str>) {
        let Some(date) = date.and_then(|text| httpdate::parse_http_date(text.trim()).ok()) else {
            return;
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((date, Instant::now()));
    }

    /// Lower bound of the server's present time: sleeps of the computer are not counted. `None` before the
    /// first reply.
    pub fn at_least(&self) -> Option<SystemTime> {
        let (date, seen) = (*self.0.lock().unwrap_or_else(PoisonError::into_inner))?;
        date.checked_add(seen.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::ServerClock;

    #[test]
    fn the_last_date_that_can_be_read_counts_from_when_it_came() {
        let clock = ServerClock::default();
        assert_eq!(clock.at_least(), None);
        clock.observe(Some("Mon, 01 Jan 2024 00:00:00 GMT"));
        clock.observe(Some("yesterday"));
        clock.observe(None);
        let date = SystemTime::UNIX_EPOCH + Duration::from_secs(1_704_067_200);
        assert!(clock.at_least().is_some_and(|now| now >= date));
    }
}
