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

#[test]
fn a_wait_is_read_from_both_headers() {
    let wait = |pairs: &[(&'static str, &str)]| retry_after(&headers(pairs), SystemTime::now());
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    assert_eq!(wait(&[]), None);
    assert_eq!(wait(&[("retry-after", "120")]), seconds(120));
    let pairs = [
        ("retry-after", "Mon, 01 Jan 2024 00:00:10 GMT"),
        ("date", "Mon, 01 Jan 2024 00:00:00 GMT"),
    ];
    assert_eq!(wait(&pairs), seconds(10));
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
                prop_assert_eq!(&ezeep_http::sanitized(text, BODY_CHARS), text);
            }
            let shown = format!("{error} {error:?}");
            prop_assert!(!shown.contains("CANARY-token-1"), "{}", shown);
            Ok(())
        },
    );
}
