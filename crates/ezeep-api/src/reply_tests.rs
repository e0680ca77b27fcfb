//! Replies made safe: errors contain no value and no token, and waits are parsed correctly.

use super::{BODY_CHARS, FIELDS, decode, retry_after, status_error};
use crate::error::Fault;
use crate::token::BearerToken;
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;
use std::time::{Duration, SystemTime};

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap()))
        .collect()
}

/// 21 Oct 2026, 07:28:00 GMT.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_792_567_680)
}

fn wait(pairs: &[(&'static str, &str)]) -> Option<u64> {
    retry_after(&headers(pairs), now()).map(|wait| wait.as_secs())
}

/// security.md 48
#[test]
fn retry_after_is_seconds_or_a_date() {
    assert_eq!(wait(&[("retry-after", "120")]), Some(120));
    assert_eq!(wait(&[("retry-after", " 0 ")]), Some(0));
    assert_eq!(
        wait(&[("retry-after", "Wed, 21 Oct 2026 07:28:30 GMT")]),
        Some(30)
    );
    assert_eq!(wait(&[("retry-after", "Wed, 21 Oct 2015 07:28:30 GMT")]), Some(0));
    assert_eq!(
        wait(&[("retry-after", "99999999999999999999999")]),
        Some(u64::from(u32::MAX))
    );
    for nonsense in ["", "soon", "-5", "1.5", "1e3", "0x10", "2026-10-21T07:28:30Z"] {
        assert_eq!(wait(&[("retry-after", nonsense)]), None, "{nonsense}");
    }
    assert_eq!(wait(&[]), None);
}

#[test]
fn a_date_is_measured_by_the_servers_own_clock() {
    let pairs = [
        ("retry-after", "Mon, 01 Jan 2024 00:00:10 GMT"),
        ("date", "Mon, 01 Jan 2024 00:00:00 GMT"),
    ];
    assert_eq!(wait(&pairs), Some(10));
}

#[test]
fn a_faults_path_is_told_and_its_value_is_not() {
    #[derive(Debug, serde::Deserialize)]
    struct Outer {
        #[allow(dead_code, reason = "only decoded")]
        list: Vec<Inner>,
    }
    #[derive(Debug, serde::Deserialize)]
    struct Inner {
        #[allow(dead_code, reason = "only decoded")]
        n: u8,
    }
    let fault = |json: &str| decode::<Outer>(json.as_bytes()).unwrap_err();
    assert_eq!(
        fault(r#"{"list":[{"n":1},{"n":"secret"}]}"#),
        Fault::Invalid {
            path: "list[1].n".into()
        }
    );
    assert_eq!(
        fault(r#"{"list":[{}]}"#),
        Fault::Missing {
            path: "list[0]".into()
        }
    );
    assert_eq!(fault(r#"{"list":[]} trailing"#), Fault::NotJson);
    assert_eq!(fault(&"[".repeat(10_000)), Fault::NotJson);
}

proptest! {
    #[test]
    fn any_retry_after_is_a_duration_or_nothing(text in "[ -~]{0,40}") {
        let _ = wait(&[("retry-after", text.trim())]);
    }

    #[test]
    fn seconds_are_read_as_they_are(seconds: u32) {
        prop_assert_eq!(wait(&[("retry-after", &seconds.to_string())]), Some(u64::from(seconds)));
    }

    #[test]
    fn any_body_becomes_an_error_with_harmless_short_texts(
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..3_000),
            "\\{\"(detail|error|name|x)\":(\"\\PC{0,900}\"|\\[\"\\PC{0,700}\",1,null\\]|\\{\"y\":\\[\"z\"\\]\\})\\}".prop_map(String::into_bytes),
        ],
        status in 400..600_u16,
    ) {
        let token = BearerToken::new("t0ken".to_owned().into(), 1);
        let error = status_error(status, &HeaderMap::new(), &body, &token, false);
        let texts = error.fields.values().flatten().chain(&error.detail).chain(&error.code).chain([&error.body]);
        for text in texts {
            prop_assert!(text.chars().count() <= 2_000);
            prop_assert!(!text.chars().any(char::is_control));
            prop_assert!(!text.contains("t0ken"));
        }
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
            // HTTP libraries refuse such header values before they get here.
            let Ok(value) = HeaderValue::from_bytes(text) else {
                return Ok(());
            };
            let headers = HeaderMap::from_iter([(http::header::RETRY_AFTER, value)]);
            let wait = retry_after(&headers, now());
            let text = String::from_utf8_lossy(text).trim().to_owned();
            let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            match wait {
                Some(wait) if digits => {
                    let seconds = text.parse().unwrap_or(u64::from(u32::MAX));
                    prop_assert_eq!(wait, Duration::from_secs(seconds));
                }
                Some(_) => prop_assert!(httpdate::parse_http_date(&text).is_ok()),
                None => prop_assert!(!digits),
            }
            Ok(())
        },
    );
}

/// security.md 58: the reported text of any error body is short, harmless and without the token.
#[test]
fn fuzz_error_body() {
    let words = [
        "\"detail\":",
        "\"error\":",
        "\"message\":",
        "\"",
        "{",
        "}",
        "[",
        "]",
        ",",
        "CANARY-token-1",
        "\\u0043ANARY-token-1",
        "\\n",
        "\\u202e",
        "\u{202e}",
        "\u{2028}",
        "null",
    ];
    let token = BearerToken::new("CANARY-token-1".to_owned().into(), 1);
    testing::fuzz::run(
        testing::corpus!("error_body"),
        &words,
        &400,
        400..600_u16,
        |body, status| {
            let error = status_error(*status, &HeaderMap::new(), body, &token, false);
            prop_assert_eq!(error.status, *status);
            prop_assert!(error.fields.len() <= FIELDS);
            let texts = error.fields.values().flatten().chain(error.fields.keys());
            let texts = texts.chain(&error.detail).chain(&error.code).chain([&error.body]);
            for text in texts {
                prop_assert!(text.chars().count() <= BODY_CHARS);
                let turned = text
                    .chars()
                    .any(|c| c.is_control() || c == '\u{202e}' || c == '\u{2028}');
                prop_assert!(!turned, "{:?}", text);
            }
            let shown = format!("{error} {error:?}");
            prop_assert!(!shown.contains("CANARY-token-1"), "{}", shown);
            Ok(())
        },
    );
}
