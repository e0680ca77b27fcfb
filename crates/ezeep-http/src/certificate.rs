//! Why a TLS handshake failed over the server's certificate, found by the types of the errors below a failed request.
//! Must never blame the computer's clock on a guess.

use std::error::Error;
use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::CertificateError;
use rustls::pki_types::UnixTime;

/// 1 January 2026: this program is younger, so a clock that stands before it is wrong.
const WRITTEN: Duration = Duration::from_secs(1_767_225_600);

/// A computer that slept shorter than this may still be right about a date that the server's replies don't know yet.
const LONGEST_SLEEP: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Why a server's certificate was refused. Nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateFault {
    /// By this computer's clock it has run out. Windows says so of one that is not valid yet, too.
    Expired {
        /// Until when it was valid, where the system tells.
        until: Option<SystemTime>,
        /// What this computer's clock says.
        clock: SystemTime,
    },
    /// By this computer's clock it is not valid yet.
    NotYetValid {
        /// From when on it is valid, where the system tells.
        from: Option<SystemTime>,
        /// What this computer's clock says.
        clock: SystemTime,
    },
    /// This computer's clock is wrong for certain, and that explains the refusal.
    ClockWrong {
        /// What this computer's clock says.
        clock: SystemTime,
    },
    /// It was issued for another host's name.
    OtherName,
    /// Nobody whom this computer trusts has issued it, or it was revoked, or can't be read.
    Untrusted,
}

/// The errors below one, itself first.
pub fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| {
        let error: &'a (dyn Error + 'static) = *error;
        // An io::Error gives its inner error's source as its own and leaves out the inner error itself.
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

/// Whether a proxy answered a tunnel's request with 407. The library's type for it is private, so its words are
/// compared; a test in `ezeep-api` holds them.
pub fn proxy_wants_password(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|cause| cause.to_string() == "tunnel error: proxy authorization required")
}

/// Why the server's certificate was refused, where that is what a request failed over. `server` is what the server's
/// own clock says, at the least ([`crate::ServerClock::at_least`]).
pub fn certificate_fault(
    error: &(dyn Error + 'static),
    server: Option<SystemTime>,
) -> Option<CertificateFault> {
    let refused = causes(error).find_map(|cause| match cause.downcast_ref::<rustls::Error>() {
        Some(rustls::Error::InvalidCertificate(why)) => Some(fault(why, SystemTime::now())),
        Some(rustls::Error::NoCertificatesPresented) => Some(CertificateFault::Untrusted),
        _ => None,
    })?;
    Some(held_against(refused, server))
}

fn fault(why: &CertificateError, now: SystemTime) -> CertificateFault {
    match why {
        CertificateError::Expired => CertificateFault::Expired {
            until: None,
            clock: now,
        },
        CertificateError::ExpiredContext { time, not_after } => CertificateFault::Expired {
            until: system_time(*not_after),
            clock: system_time(*time).unwrap_or(now),
        },
        CertificateError::NotValidYet => CertificateFault::NotYetValid {
            from: None,
            clock: now,
        },
        CertificateError::NotValidYetContext { time, not_before } => CertificateFault::NotYetValid {
            from: system_time(*not_before),
            clock: system_time(*time).unwrap_or(now),
        },
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            CertificateFault::OtherName
        }
        _ => CertificateFault::Untrusted,
    }
}

fn system_time(time: UnixTime) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_secs(time.as_secs()))
}

/// The same, or [`CertificateFault::ClockWrong`] where the clock is known to be wrong and that explains it.
fn held_against(fault: CertificateFault, server: Option<SystemTime>) -> CertificateFault {
    let (clock, explains) = match fault {
        CertificateFault::NotYetValid { from, clock } => {
            let valid_at_the_server = server.zip(from).is_some_and(|(server, from)| server >= from);
            (clock, clock < UNIX_EPOCH + WRITTEN || valid_at_the_server)
        }
        CertificateFault::Expired { until, clock } => {
            let valid_at_the_server = server.zip(until).is_some_and(|(server, until)| {
                server <= until
                    && clock
                        .duration_since(server)
                        .is_ok_and(|ahead| ahead > LONGEST_SLEEP)
            });
            (clock, valid_at_the_server)
        }
        CertificateFault::ClockWrong { .. } | CertificateFault::OtherName | CertificateFault::Untrusted => {
            return fault;
        }
    };
    if explains {
        CertificateFault::ClockWrong { clock }
    } else {
        fault
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 24 * 60 * 60;

    /// Days after [`WRITTEN`].
    fn day(days: u64) -> SystemTime {
        UNIX_EPOCH + WRITTEN + Duration::from_secs(days * DAY)
    }

    fn unix(time: SystemTime) -> UnixTime {
        UnixTime::since_unix_epoch(time.duration_since(UNIX_EPOCH).unwrap())
    }

    fn refused(why: CertificateError, server: Option<SystemTime>) -> Option<CertificateFault> {
        let error = rustls::Error::InvalidCertificate(why);
        // As hyper wraps it: an io::Error in an io::Error.
        let error = io::Error::other(io::Error::other(error));
        certificate_fault(&error, server)
    }

    #[test]
    fn each_cause_is_told_apart_with_its_dates() {
        let (until, clock) = (day(10), day(20));
        let expired = CertificateError::ExpiredContext {
            time: unix(clock),
            not_after: unix(until),
        };
        let until = Some(until);
        assert_eq!(
            refused(expired, None),
            Some(CertificateFault::Expired { until, clock })
        );
        let early = CertificateError::NotValidYetContext {
            time: unix(day(10)),
            not_before: unix(day(20)),
        };
        let (from, clock) = (Some(day(20)), day(10));
        assert_eq!(
            refused(early, None),
            Some(CertificateFault::NotYetValid { from, clock })
        );
        assert_eq!(
            refused(CertificateError::NotValidForName, None),
            Some(CertificateFault::OtherName)
        );
        for why in [
            CertificateError::UnknownIssuer,
            CertificateError::Revoked,
            CertificateError::BadEncoding,
        ] {
            assert_eq!(refused(why, None), Some(CertificateFault::Untrusted));
        }
        assert!(matches!(
            refused(CertificateError::Expired, None),
            Some(CertificateFault::Expired { until: None, .. })
        ));
        assert_eq!(certificate_fault(&io::Error::other("refused"), None), None);
    }

    #[test]
    fn a_clock_before_this_program_was_written_is_wrong() {
        let clock = day(0) - Duration::from_secs(DAY);
        let early = CertificateError::NotValidYetContext {
            time: unix(clock),
            not_before: unix(day(20)),
        };
        assert_eq!(refused(early, None), Some(CertificateFault::ClockWrong { clock }));
    }

    #[test]
    fn a_clock_is_wrong_where_the_certificate_is_valid_by_the_servers_own() {
        let early = |server| {
            let why = CertificateError::NotValidYetContext {
                time: unix(day(10)),
                not_before: unix(day(20)),
            };
            refused(why, Some(server))
        };
        let (from, clock) = (Some(day(20)), day(10));
        assert_eq!(early(day(21)), Some(CertificateFault::ClockWrong { clock }));
        assert_eq!(
            early(day(19)),
            Some(CertificateFault::NotYetValid { from, clock })
        );

        let late = |clock, server| {
            let why = CertificateError::ExpiredContext {
                time: unix(clock),
                not_after: unix(day(20)),
            };
            refused(why, Some(server))
        };
        let clock = day(400);
        assert_eq!(late(clock, day(10)), Some(CertificateFault::ClockWrong { clock }));
        let until = Some(day(20));
        // It may have slept over the end.
        let clock = day(25);
        assert_eq!(
            late(clock, day(10)),
            Some(CertificateFault::Expired { until, clock })
        );
        let clock = day(400);
        assert_eq!(
            late(clock, day(21)),
            Some(CertificateFault::Expired { until, clock })
        );
    }
}
