//! Checks of token replies: a table of what is accepted and what is not (security.md 22), and that no reply
//! causes a panic.

use std::time::UNIX_EPOCH;

use proptest::prelude::*;

use super::*;

const GOOD: &str =
    r#"{"access_token":"a","token_type":"Bearer","expires_in":3600,"scope":"printing","refresh_token":"r"}"#;

fn reply(status: u16, body: &str) -> Result<TokenSet, TokenError> {
    reply_of(status, Some("application/json"), None, body)
}

fn reply_of(
    status: u16,
    content_type: Option<&str>,
    retry_after: Option<&str>,
    body: &str,
) -> Result<TokenSet, TokenError> {
    let status = StatusCode::from_u16(status).unwrap();
    // 2015-10-21 07:28:00 UTC.
    let now = UNIX_EPOCH + Duration::from_secs(1_445_412_480);
    judge(
        &RawReply {
            status,
            content_type,
            retry_after,
            date: None,
            body: body.as_bytes(),
        },
        now,
    )
}

fn malformed(why: MalformedReply) -> Option<TokenError> {
    Some(TokenError::Malformed { why })
}

#[test]
fn the_documented_reply_is_taken() {
    let set = reply(200, GOOD).ok().unwrap();
    assert_eq!(set.access.expose_secret(), "a");
    assert_eq!(set.refresh.unwrap().expose_secret(), "r");
    assert_eq!(set.expires_in, Duration::from_secs(3600));
    assert_eq!(set.scope.unwrap().to_string(), "printing");
}

/// Contract: an empty or missing scope means unchanged; security.md 38: so does a missing refresh token.
#[test]
fn what_a_reply_leaves_out_is_unchanged() {
    for body in [
        r#"{"access_token":"a","token_type":"bearer","expires_in":3600}"#,
        r#"{"access_token":"a","token_type":"BEARER","expires_in":3600,"scope":"","refresh_token":""}"#,
        r#"{"access_token":"a","token_type":"Bearer","expires_in":3600,"scope":null,"refresh_token":null,"error":null,"x":[1]}"#,
    ] {
        let set = reply(200, body).ok().unwrap();
        assert!(set.refresh.is_none() && set.scope.is_none(), "{body}");
    }
}

/// security.md 22.
#[test]
fn a_lifetime_is_read_as_number_or_digits_and_refused_as_anything_else() {
    let with = |value: &str| {
        reply(
            200,
            &format!(r#"{{"access_token":"a","token_type":"Bearer","expires_in":{value}}}"#),
        )
        .map(|set| set.expires_in.as_secs())
    };
    for (value, seconds) in [
        ("3600", 3600),
        ("\"3600\"", 3600),
        ("3600.9", 3600),
        ("1", 1),
        ("null", 3600),
        ("99999999999", 2_592_000),
    ] {
        assert_eq!(with(value), Ok(seconds), "{value}");
    }
    for value in [
        "0", "-1", "\"\"", "\"soon\"", "\"-5\"", "\" 5\"", "true", "[]", "{}", "0.5", "-0.0",
    ] {
        assert_eq!(with(value).err(), malformed(MalformedReply::ExpiresIn), "{value}");
    }
}

#[test]
fn a_lifetime_that_is_left_out_is_read_from_the_token() {
    use base64::Engine as _;
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(r#"{"iat":1000,"exp":1900}"#);
    let body = format!(r#"{{"access_token":"x.{payload}.y","token_type":"Bearer"}}"#);
    assert_eq!(
        reply(200, &body).ok().unwrap().expires_in,
        Duration::from_secs(900)
    );
}

/// security.md 22: the table of malformed replies.
#[test]
fn a_malformed_reply_is_named_and_never_taken() {
    use MalformedReply::*;
    let long = format!(
        r#"{{"access_token":"{}","token_type":"Bearer","expires_in":1}}"#,
        "x".repeat(20_000)
    );
    for (body, why) in [
        ("", Shape),
        ("null", Shape),
        ("\"a\"", Shape),
        (r#"{"access_token":"a""#, Shape),
        (
            r#"{"access_token":1,"token_type":"Bearer","expires_in":1}"#,
            Shape,
        ),
        (
            r#"{"access_token":"a","access_token":"b","token_type":"Bearer","expires_in":1}"#,
            Shape,
        ),
        (
            r#"{"access_token":"a","token_type":"Bearer","expires_in":1,"refresh_token":{}}"#,
            Shape,
        ),
        ("{}", AccessToken),
        (
            r#"{"access_token":"","token_type":"Bearer","expires_in":1}"#,
            AccessToken,
        ),
        (
            r#"{"access_token":"a\nX: y","token_type":"Bearer","expires_in":1}"#,
            AccessToken,
        ),
        (
            r#"{"access_token":"a b","token_type":"Bearer","expires_in":1}"#,
            AccessToken,
        ),
        (
            r#"{"access_token":"ä","token_type":"Bearer","expires_in":1}"#,
            AccessToken,
        ),
        (&long, AccessToken),
        (
            r#"{"access_token":"a","token_type":"Bearer","expires_in":1,"refresh_token":"a b"}"#,
            RefreshToken,
        ),
        (r#"{"access_token":"a","expires_in":1}"#, TokenType),
        (
            r#"{"access_token":"a","token_type":"mac","expires_in":1}"#,
            TokenType,
        ),
        (
            r#"{"access_token":"a","token_type":"Bearer ","expires_in":1}"#,
            TokenType,
        ),
    ] {
        assert_eq!(reply(200, body).err(), malformed(why), "{body}");
    }
    for content_type in [
        None,
        Some("text/html"),
        Some("text/html; application/json"),
        Some("application/jsonx"),
    ] {
        assert_eq!(
            reply_of(200, content_type, None, GOOD).err(),
            malformed(NotJson),
            "{content_type:?}"
        );
    }
    assert!(reply_of(200, Some("Application/JSON; charset=utf-8"), None, GOOD).is_ok());
}

/// security.md 22.
#[test]
fn a_200_that_carries_an_error_is_an_error() {
    for (body, error) in [
        (r#"{"error":"invalid_grant"}"#, TokenError::InvalidGrant),
        (
            r#"{"access_token":"a","token_type":"Bearer","expires_in":1,"error":"x"}"#,
            TokenError::OAuth {
                error: "x".into(),
                description: None,
            },
        ),
        (
            r#"{"error":{"code":1}}"#,
            TokenError::OAuth {
                error: String::new(),
                description: None,
            },
        ),
        (
            r#"{"error":false}"#,
            TokenError::OAuth {
                error: String::new(),
                description: None,
            },
        ),
    ] {
        assert_eq!(reply(200, body).err(), Some(error), "{body}");
    }
}

/// RFC 6749 section 5.2; security.md 37: the status counts before the body.
#[test]
fn every_status_has_its_error() {
    let grant = r#"{"error":"invalid_grant","error_description":"x"}"#;
    for (status, body, error) in [
        (400, grant, TokenError::InvalidGrant),
        (401, r#"{"error":"invalid_client"}"#, TokenError::InvalidClient),
        (400, r#"{"error":"invalid_scope"}"#, TokenError::InvalidScope),
        (
            400,
            r#"{"error":"unauthorized_client","error_description":"no\u202e\nway"}"#,
            TokenError::OAuth {
                error: "unauthorized_client".into(),
                description: Some("no  way".into()),
            },
        ),
        (
            400,
            r#"{"error":"invalid_\u200bgrant"}"#,
            TokenError::OAuth {
                error: "invalid_ grant".into(),
                description: None,
            },
        ),
        (400, "{}", TokenError::Refused { status: 400 }),
        (404, "<html>", TokenError::Refused { status: 404 }),
        (204, "", TokenError::Refused { status: 204 }),
        (301, grant, TokenError::Redirected),
        (307, GOOD, TokenError::Redirected),
        (407, grant, TokenError::ProxyAuth),
        (429, grant, TokenError::RateLimited { retry_after: None }),
        (500, grant, TokenError::Server { status: 500 }),
        (503, GOOD, TokenError::Server { status: 503 }),
    ] {
        assert_eq!(reply(status, body).err(), Some(error), "{status} {body}");
    }
    assert_eq!(reply(201, GOOD).err(), Some(TokenError::Refused { status: 201 }));
}

/// A firewall's page is not the server's answer.
#[test]
fn a_403_in_html_is_somebodys_in_between_and_in_json_the_servers() {
    let judged = |kind: &str, body: &str| reply_of(403, Some(kind), None, body).err();
    let page = TokenError::Malformed {
        why: MalformedReply::NotJson,
    };
    assert_eq!(judged("text/html; charset=utf-8", "<html>"), Some(page.clone()));
    assert_eq!(judged("Text/HTML", ""), Some(page));
    let refused = Some(TokenError::Refused { status: 403 });
    assert_eq!(judged("application/json", "{}"), refused);
}

/// security.md 48.
#[test]
fn retry_after_is_read_in_seconds_and_as_a_date_and_capped() {
    let wait = |text: &str| match reply_of(429, None, Some(text), "").err() {
        Some(TokenError::RateLimited { retry_after }) => retry_after.map(|wait| wait.as_secs()),
        other => panic!("{other:?}"),
    };
    assert_eq!(wait("120"), Some(120));
    assert_eq!(wait(" 0 "), Some(0));
    assert_eq!(wait("Wed, 21 Oct 2015 07:29:00 GMT"), Some(60));
    assert_eq!(wait("Wed, 21 Oct 2015 07:00:00 GMT"), Some(0));
    assert_eq!(wait("99999999999999999999999"), Some(3600));
    for nothing in ["", "-1", "soon", "1.5"] {
        assert_eq!(wait(nothing), None, "{nothing}");
    }
}

/// RFC 7009 section 2.2.
#[test]
fn a_revocation_is_done_with_any_2xx_and_with_nothing_else() {
    let judged = |status, body: &str| {
        let status = StatusCode::from_u16(status).unwrap();
        let reply = RawReply {
            status,
            content_type: None,
            retry_after: None,
            date: None,
            body: body.as_bytes(),
        };
        judge_revocation(&reply, UNIX_EPOCH)
    };
    assert_eq!(judged(200, ""), Ok(()));
    assert_eq!(judged(204, "<html>"), Ok(()));
    assert_eq!(judged(302, ""), Err(TokenError::Redirected));
    assert_eq!(judged(401, ""), Err(TokenError::Refused { status: 401 }));
    assert_eq!(judged(503, ""), Err(TokenError::Server { status: 503 }));
}

fn json() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("null".to_owned()),
        any::<i64>().prop_map(|n| n.to_string()),
        "[a-zA-Z. ]{0,12}".prop_map(|s| format!("{s:?}")),
        Just("\"Bearer\"".to_owned()),
        Just("[]".to_owned()),
    ];
    let name = prop_oneof![
        Just("access_token"),
        Just("token_type"),
        Just("expires_in"),
        Just("refresh_token"),
        Just("error"),
        Just("scope"),
        Just("other"),
    ];
    proptest::collection::vec((name, value), 0..8).prop_map(|fields| {
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        format!("{{{}}}", fields.join(","))
    })
}

proptest! {
    /// security.md 22: an accepted reply has all parts of a token reply.
    #[test]
    fn only_a_whole_token_reply_is_taken(status in prop_oneof![Just(200u16), 100u16..600], body in json()) {
        if let Ok(set) = reply(status, &body) {
            prop_assert_eq!(status, 200);
            prop_assert!(!set.access.expose_secret().is_empty());
            prop_assert!(set.expires_in >= Duration::from_secs(1));
            let parsed: serde_json::Value = serde_json::from_str(&body).unwrap();
            prop_assert_eq!(parsed["token_type"].as_str().map(str::to_lowercase), Some("bearer".to_owned()));
            prop_assert!(parsed.get("error").is_none_or(serde_json::Value::is_null));
        }
    }

    #[test]
    fn no_bytes_make_the_judge_fall(status in 100u16..600, body in any::<String>(), header in any::<String>()) {
        let _ = reply_of(status, Some(&header), Some(&header), &body);
        let _ = reply(status, &body);
    }
}

const WORDS: &[&str] = &[
    "\"access_token\":",
    "\"refresh_token\":",
    "\"expires_in\":",
    "\"token_type\":\"Bearer\"",
    "\"error\":",
    "\"scope\":",
    "\"",
    "{",
    "}",
    ",",
    ":",
    "null",
    "-1",
    "0",
    "1e99",
    "\\u0000",
    "\\n",
    "\\ud800",
    "CANARY",
];

/// The status and the headers of a body.
fn envelope() -> impl Strategy<Value = (u16, Option<String>, Option<String>)> {
    let json = || Just(Some("application/json".to_owned()));
    let content_type = prop_oneof![6 => json(), 1 => any::<Option<String>>()];
    let wait = prop_oneof![2 => Just(None), 1 => any::<Option<String>>(), 1 => "[0-9]{0,30}".prop_map(Some)];
    (
        prop_oneof![4 => Just(200u16), 2 => Just(400), 1 => 100u16..600],
        content_type,
        wait,
    )
}

/// security.md 22, 37, 58: only a complete token reply is accepted, its values are returned unchanged, and no
/// error repeats a token.
#[test]
fn fuzz_token_reply() {
    let plain = (200, Some("application/json".to_owned()), None);
    testing::fuzz::run(
        testing::corpus!("token_reply"),
        WORDS,
        &plain,
        envelope(),
        |body, (status, kind, wait)| {
            let raw = RawReply {
                status: StatusCode::from_u16(*status).unwrap(),
                content_type: kind.as_deref(),
                retry_after: wait.as_deref(),
                date: None,
                body,
            };
            // Fields that are not used may contain values that can't be parsed.
            let Ok(said) = serde_json::from_slice::<serde_json::Value>(body) else {
                let taken = judge(&raw, UNIX_EPOCH);
                prop_assert!(taken.is_err() || *status == 200);
                return Ok(());
            };
            match judge(&raw, UNIX_EPOCH) {
                Ok(set) => {
                    prop_assert_eq!(*status, 200);
                    prop_assert_eq!(said["access_token"].as_str(), Some(set.access.expose_secret()));
                    prop_assert!(usable(&set.access));
                    if let Some(refresh) = &set.refresh {
                        prop_assert_eq!(said["refresh_token"].as_str(), Some(refresh.expose_secret()));
                        prop_assert!(usable(refresh));
                    }
                    prop_assert!(set.expires_in >= Duration::from_secs(1) && set.expires_in <= LONGEST_LIFE);
                    prop_assert!(
                        said["token_type"]
                            .as_str()
                            .unwrap()
                            .eq_ignore_ascii_case("bearer")
                    );
                    prop_assert!(said["error"].is_null());
                }
                Err(error) => {
                    let words = format!("{error} {error:?}");
                    // The server's own messages may be shown; a token may not.
                    let own = [&said["error"], &said["error_description"]];
                    if !own
                        .iter()
                        .any(|text| text.as_str().is_some_and(|text| text.contains("CANARY")))
                    {
                        prop_assert!(!words.contains("CANARY"), "{}", words);
                    }
                    prop_assert!(words.chars().count() < 2000);
                    if error == TokenError::InvalidGrant {
                        prop_assert!(*status < 500 && *status != 429 && *status != 407);
                        prop_assert_eq!(
                            said["error"].as_str().map(|code| sanitized(code, 64)),
                            Some("invalid_grant".into())
                        );
                    }
                    if let TokenError::RateLimited { retry_after } = error {
                        prop_assert_eq!(*status, 429);
                        prop_assert!(retry_after.is_none_or(|wait| wait <= LONGEST_WAIT));
                    }
                }
            }
            Ok(())
        },
    );
}
