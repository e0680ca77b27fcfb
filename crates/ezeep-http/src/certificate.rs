//! Why a TLS handshake failed over the server's certificate, determined by the error types in a failed
//! request.
//! Must never blame the computer's clock without proof.

use std::error::Error;
use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::CertificateError;
use rustls::pki_types::UnixTime;

/// 1 January 2026: this program is newer, so a clock before that date is wrong.
const WRITTEN: Duration = Duration::from_secs(1_767_225_600);

/// The computer's clock may be ahead of the last known server time by this much and still be right: it may
/// have slept.
const LONGEST_SLEEP: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Why a server's certificate was refused. Nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateFault {
    /// By this computer's clock it has expired. Windows also reports a certificate that is not valid yet like
    /// this.
    Expired {
        /// End of its validity, where the system tells it.
        until: Option<SystemTime>,
        /// This computer's time.
        clock: SystemTime,
    },
    /// By this computer's clock it is not valid yet.
    NotYetValid {
        /// Start of its validity, where the system tells it.
        from: Option<SystemTime>,
        /// This computer's time.
        clock: SystemTime,
    },
    /// This computer's clock is certainly wrong, and that explains the refusal.
    ClockWrong {
        /// This computer's time.
        clock: SystemTime,
    },
    /// It was issued for another host.
    OtherName,
    /// Its issuer is not trusted by this computer, or it was revoked, or can't be read.
    Untrusted,
}

/// The chain of errors, starting with this one.
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

/// Whether a proxy answered a tunnel request with 407. The library's error type is private, so its text is
/// compared; a test in `ezeep-api` detects a changed text.
pub fn proxy_wants_password(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|cause| cause.to_string() == "tunnel error: proxy authorization required")
}

/// Why the server's certificate was refused, if that is why a request failed. `server` is a lower bound of
/// the server's time ([`crate::ServerClock::at_least`]).
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

/// The same, or [`CertificateFault::ClockWrong`] if the clock is certainly wrong and that explains it.
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
        // Hyper wraps it as an io::Error in an io::Error.
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
        // The computer may have slept past the end.
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
