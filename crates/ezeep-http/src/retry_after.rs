//! `Retry-After` (RFC 9110 section 10.2.3).

use std::time::{Duration, SystemTime};

/// How long a reply asks to wait, uncapped: whole seconds, or a date. A date is compared with the reply's own
/// `Date`, if present, so that a wrong local clock does not matter; otherwise with `now`. A past date is
/// zero. `None` if the header is absent or invalid.
pub fn retry_after(header: Option<&str>, date: Option<&str>, now: SystemTime) -> Option<Duration> {
    let text = header?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit mean "very long"; the caller caps it.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::from(u32::MAX))));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    let theirs = date.and_then(|date| httpdate::parse_http_date(date.trim()).ok());
    Some(until.duration_since(theirs.unwrap_or(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use proptest::prelude::*;

    use super::retry_after;

    fn wait(header: &str, date: Option<&str>) -> Option<u64> {
        // Wed, 21 Oct 2026 07:28:00 GMT
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_792_567_680);
        retry_after(Some(header), date, now).map(|wait| wait.as_secs())
    }

    /// security.md 48
    #[test]
    fn it_is_seconds_or_a_date() {
        assert_eq!(wait("120", None), Some(120));
        assert_eq!(wait(" 0 ", None), Some(0));
        assert_eq!(wait("Wed, 21 Oct 2026 07:28:30 GMT", None), Some(30));
        assert_eq!(wait("Wed, 21 Oct 2015 07:28:30 GMT", None), Some(0));
        assert_eq!(wait("99999999999999999999999", None), Some(u32::MAX.into()));
        for nonsense in ["", "soon", "-5", "1.5", "1e3", "0x10", "2026-10-21T07:28:30Z"] {
            assert_eq!(wait(nonsense, None), None, "{nonsense}");
        }
        assert_eq!(retry_after(None, None, SystemTime::UNIX_EPOCH), None);
    }

    #[test]
    fn a_date_is_measured_by_the_servers_own_clock() {
        let date = Some("Mon, 01 Jan 2024 00:00:00 GMT");
        assert_eq!(wait("Mon, 01 Jan 2024 00:00:10 GMT", date), Some(10));
    }

    proptest! {
        #[test]
        fn seconds_are_read_as_they_are(seconds: u32) {
            prop_assert_eq!(wait(&seconds.to_string(), None), Some(seconds.into()));
        }
    }

    /// security.md 48: every `Retry-After` is read as seconds, a date, or nothing.
    #[test]
    fn fuzz_retry_after() {
        let words = ["0", "9", "-", ".", " GMT", ", ", ":", "Jan", "2026", "\t"];
        testing::fuzz::run(
            testing::corpus!("retry_after"),
            &words,
            &(),
            Just(()),
            |text, ()| {
                let text = String::from_utf8_lossy(text);
                let wait = wait(&text, None);
                let text = text.trim();
                let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
                match wait {
                    Some(wait) if digits => {
                        prop_assert_eq!(wait, text.parse().unwrap_or(u64::from(u32::MAX)));
                    }
                    Some(_) => prop_assert!(httpdate::parse_http_date(text).is_ok()),
                    None => prop_assert!(!digits),
                }
                Ok(())
            },
        );
    }
}
