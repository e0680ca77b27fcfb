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

    use super::retry_after;

    fn wait(header: &str, date: Option<&str>) -> Option<u64> {
        // Tue, 24 Nov 2026 10:00:00 GMT
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_514_400);
        retry_after(Some(header), date, now).map(|wait| wait.as_secs())
    }

    /// security.md 48
    #[test]
    fn it_is_seconds_or_a_date() {
        assert_eq!(wait(" 120 ", None), Some(120));
        assert_eq!(wait("Tue, 24 Nov 2026 10:00:30 GMT", None), Some(30));
        assert_eq!(wait("Tue, 24 Nov 2015 10:00:30 GMT", None), Some(0));
        for nonsense in ["", "soon", "-5", "1.5", "2026-11-24T10:00:30Z"] {
            assert_eq!(wait(nonsense, None), None, "{nonsense}");
        }
        assert_eq!(retry_after(None, None, SystemTime::UNIX_EPOCH), None);
    }

    #[test]
    fn a_date_is_measured_by_the_servers_own_clock() {
        let date = Some("Mon, 01 Jan 2024 00:00:00 GMT");
        assert_eq!(wait("Mon, 01 Jan 2024 00:00:10 GMT", date), Some(10));
    }
}
