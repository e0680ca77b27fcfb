//! Checks of pairing replies: a table of what is accepted and what is not.

use std::time::UNIX_EPOCH;

use proptest::prelude::*;
use reqwest::StatusCode;

use super::*;

const ACCOUNT: &str = "https://account.example";

fn judged(status: u16, body: &str) -> Result<Offer, TokenError> {
    judged_at(ACCOUNT, status, body)
}

fn judged_at(account: &str, status: u16, body: &str) -> Result<Offer, TokenError> {
    let reply = RawReply {
        status: StatusCode::from_u16(status).unwrap(),
        content_type: Some("application/json"),
        retry_after: None,
        date: None,
        body: body.as_bytes(),
    };
    judge(&reply, UNIX_EPOCH, &Url::parse(account).unwrap())
}

fn offer(rest: &str) -> String {
    format!(r#"{{"pairing_code":"ABCD-1234","auth_url":"{ACCOUNT}/pair/?code=ABCD-1234"{rest}}}"#)
}

#[test]
fn the_documented_reply_is_taken_and_what_it_leaves_out_has_the_contracts_values() {
    let taken = judged(200, &offer("")).ok().unwrap();
    assert_eq!(taken.code.expose_secret(), "ABCD-1234");
    assert_eq!(taken.url.as_str(), "https://account.example/pair/?code=ABCD-1234");
    assert_eq!((taken.interval, taken.expires_in), (INTERVAL, LIFE));
    let taken = judged(200, &offer(r#","interval":7,"expires_in":"900","x":[]"#));
    let taken = taken.ok().unwrap();
    assert_eq!((taken.interval.as_secs(), taken.expires_in.as_secs()), (7, 900));
}

/// security.md 23: no server makes the app poll too often, or wait forever.
#[test]
fn an_interval_and_a_life_are_kept_within_sense() {
    for (interval, seconds) in [
        ("0", 1),
        ("1", 1),
        ("3600", 60),
        ("null", 5),
        ("-1", 5),
        ("\"soon\"", 5),
        ("\"10\"", 10),
    ] {
        let taken = judged(200, &offer(&format!(r#","interval":{interval}"#)));
        assert_eq!(taken.ok().unwrap().interval.as_secs(), seconds, "{interval}");
    }
    let long = judged(200, &offer(r#","expires_in":9999999"#)).ok().unwrap();
    assert_eq!(long.expires_in, LONGEST_LIFE);
    for life in ["0", "-1", "\"soon\"", "{}"] {
        let error = judged(200, &offer(&format!(r#","expires_in":{life}"#))).err();
        let why = MalformedReply::ExpiresIn;
        assert_eq!(error, Some(TokenError::Malformed { why }), "{life}");
    }
}

/// The user signs in on this page: it must be on the account server.
#[test]
fn a_page_of_another_server_or_another_scheme_is_refused() {
    let with = |account: &str, url: &str| {
        let url = serde_json::to_string(url).unwrap();
        judged_at(
            account,
            200,
            &format!(r#"{{"pairing_code":"A","auth_url":{url}}}"#),
        )
    };
    let long = format!("{ACCOUNT}/{}", "x".repeat(URL_BYTES));
    for url in [
        "http://account.example/pair/",
        "https://account.example:8443/pair/",
        "https://evil.example/pair/",
        "https://account.example.evil.example/pair/",
        "https://account.example@evil.example/pair/",
        "https://me@account.example/pair/",
        "//account.example/pair/",
        "/pair/",
        "javascript:alert(1)",
        "",
        &long,
    ] {
        let why = MalformedReply::PairingUrl;
        assert_eq!(
            with(ACCOUNT, url).err(),
            Some(TokenError::Malformed { why }),
            "{url}"
        );
    }
    assert!(with("http://127.0.0.1:8000", "http://127.0.0.1:8000/pair/?code=A").is_ok());
    assert!(with("http://127.0.0.1:8000", "http://localhost:8000/pair/").is_err());
    assert!(with(ACCOUNT, "HTTPS://Account.Example:443/pair/").is_ok());
}

#[test]
fn a_code_that_can_not_be_shown_or_typed_is_refused() {
    let with = |code: &str| {
        let code = serde_json::to_string(code).unwrap();
        judged(
            200,
            &format!(r#"{{"pairing_code":{code},"auth_url":"{ACCOUNT}/pair/"}}"#),
        )
    };
    for good in ["A", "ABCD 1234", &"x".repeat(64)] {
        assert_eq!(with(good).ok().unwrap().code.expose_secret(), good);
    }
    for bad in [
        "",
        " ",
        " A",
        "A\n",
        "A\u{0}B",
        "\u{202e}A",
        "caf\u{e9}",
        &"x".repeat(65),
    ] {
        let why = MalformedReply::PairingCode;
        assert_eq!(with(bad).err(), Some(TokenError::Malformed { why }), "{bad:?}");
    }
    let without = format!(r#"{{"auth_url":"{ACCOUNT}/pair/"}}"#);
    assert!(judged(200, &without).is_err());
}

#[test]
fn an_error_is_told_as_at_the_token_endpoint() {
    for (status, body, error) in [
        (401, r#"{"error":"invalid_client"}"#, TokenError::InvalidClient),
        (200, r#"{"error":"invalid_scope"}"#, TokenError::InvalidScope),
        (404, "<html>", TokenError::Refused { status: 404 }),
        (429, "{}", TokenError::RateLimited { retry_after: None }),
        (500, "{}", TokenError::Server { status: 500 }),
        (302, "", TokenError::Redirected),
        (
            200,
            "[]",
            TokenError::Malformed {
                why: MalformedReply::Shape,
            },
        ),
    ] {
        assert_eq!(judged(status, body).err(), Some(error), "{status} {body}");
    }
}

const WORDS: &[&str] = &[
    "\"pairing_code\":",
    "\"auth_url\":",
    "\"interval\":",
    "\"expires_in\":",
    "\"error\":",
    "https://",
    "http://",
    "account.example",
    "evil.example",
    "@",
    ":443",
    "\"",
    "null",
    "-1",
    "0",
    "1e99",
    "\\u202e",
    "\\n",
    "CANARY",
];

/// security.md 22, 23: an accepted offer has a code that can be displayed, a page of the account server, and
/// a limited lifetime; no error repeats the code.
#[test]
fn fuzz_pairing_reply() {
    let statuses = prop_oneof![4 => Just(200u16), 1 => 100u16..600];
    testing::fuzz::run(
        testing::corpus!("pairing_reply"),
        WORDS,
        &200,
        statuses,
        |body, status| {
            let raw = RawReply {
                status: StatusCode::from_u16(*status).unwrap(),
                content_type: Some("application/json"),
                retry_after: None,
                date: None,
                body,
            };
            let account = Url::parse(ACCOUNT).unwrap();
            // Fields that the client does not need may be invalid without failing the whole reply.
            let Ok(said) = serde_json::from_slice::<Value>(body) else {
                prop_assert!(judge(&raw, UNIX_EPOCH, &account).is_err() || *status == 200);
                return Ok(());
            };
            match judge(&raw, UNIX_EPOCH, &account) {
                Ok(offer) => {
                    prop_assert_eq!(*status, 200);
                    let code = offer.code.expose_secret();
                    prop_assert_eq!(said["pairing_code"].as_str(), Some(code));
                    prop_assert!(presentable(code) && code.chars().all(|c| !c.is_control() && c.is_ascii()));
                    prop_assert_eq!(offer.url.scheme(), "https");
                    prop_assert_eq!(offer.url.host_str(), Some("account.example"));
                    prop_assert_eq!(offer.url.port(), None);
                    prop_assert!(offer.url.username().is_empty() && offer.url.password().is_none());
                    prop_assert!((SHORTEST_INTERVAL..=LONGEST_INTERVAL).contains(&offer.interval));
                    prop_assert!(!offer.expires_in.is_zero() && offer.expires_in <= LONGEST_LIFE);
                }
                Err(error) => {
                    let own = [&said["error"], &said["error_description"]];
                    if !own
                        .iter()
                        .any(|text| text.as_str().is_some_and(|text| text.contains("CANARY")))
                    {
                        let words = format!("{error} {error:?}");
                        prop_assert!(!words.contains("CANARY"), "{}", words);
                    }
                }
            }
            Ok(())
        },
    );
}
