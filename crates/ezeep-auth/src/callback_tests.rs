//! The callback parser: what ends an attempt, what doesn't, and that no text makes it panic.

use proptest::prelude::*;

use super::*;

const STATE: &str = "Zm9vYmFy-_state";

fn expected() -> Expected {
    Expected {
        state: SecretString::from(STATE),
        issuer: "https://account.example".into(),
    }
}

fn read_with_state(rest: &str) -> Result<String, Rejection> {
    read(&format!("state={STATE}{rest}"), &expected()).map(|code| code.expose_secret().to_owned())
}

fn denied(error: &str, description: Option<&str>) -> Result<String, Rejection> {
    let description = description.map(str::to_owned);
    Err(Rejection::Ends(CallbackError::Denied {
        error: error.to_owned(),
        description,
    }))
}

#[test]
fn one_code_with_the_right_state_is_the_answer() {
    assert_eq!(read_with_state("&code=abc"), Ok("abc".into()));
    assert_eq!(read_with_state("&code=a%2Bb%20c"), Ok("a+b c".into()));
    assert_eq!(
        read_with_state("&session_state=x&code=abc&unknown"),
        Ok("abc".into())
    );
}

/// security.md 10, 17.
#[test]
fn without_exactly_one_right_state_it_is_not_ours_whatever_else_it_says() {
    for query in [
        "",
        "code=abc",
        "state=wrong",
        &format!("state={STATE}&state={STATE}&code=abc"),
        &format!("state=wrong&state={STATE}&code=abc"),
        &format!("state={STATE}&state=wrong&code=abc"),
        &format!("State={STATE}&code=abc"),
        "error=access_denied",
        "iss=https%3A%2F%2Fevil.example&code=abc",
    ] {
        assert_eq!(
            read(query, &expected()).err(),
            Some(Rejection::NotOurs),
            "{query}"
        );
    }
}

/// security.md 10, 19: recognized by its form alone, independent of its values.
#[test]
fn a_whole_answer_with_one_wrong_state_is_another_sign_ins() {
    for query in [
        "state=&code=abc",
        "state=wrong&code=abc",
        "state=wrong&code=a&code=b&error=x",
        "state=wrong&code=abc&iss=https%3A%2F%2Fevil.example",
        "state=wrong&error=access_denied",
        &format!("state={STATE}x&code=abc"),
        &format!("state={}&code=abc", &STATE[1..]),
    ] {
        assert_eq!(
            read(query, &expected()).err(),
            Some(Rejection::AnotherSignIn),
            "{query}"
        );
        assert!(is_an_answer(query));
    }
    for query in ["", "state=x", "code=x", "state=x&state=x&code=x"] {
        assert!(!is_an_answer(query), "{query}");
    }
}

/// security.md 17.
#[test]
fn more_or_less_than_one_usable_code_ends_the_attempt_without_one() {
    for rest in [
        "",
        "&code=",
        "&code=a&code=b",
        "&code=a&error=x",
        "&error=",
        "&error=a&error=b",
        "&code=a%00b",
        "&code=%C3%A9",
    ] {
        assert_eq!(
            read_with_state(rest),
            Err(Rejection::Ends(CallbackError::Malformed)),
            "{rest}"
        );
    }
    let long = "x".repeat(CODE_BYTES + 1);
    assert_eq!(
        read_with_state(&format!("&code={long}")),
        Err(Rejection::Ends(CallbackError::Malformed))
    );
}

/// security.md 18.
#[test]
fn an_issuer_that_is_there_must_be_the_one_asked() {
    assert_eq!(
        read_with_state("&code=abc&iss=https%3A%2F%2Faccount.example"),
        Ok("abc".into())
    );
    assert_eq!(
        read_with_state("&code=abc&iss=https%3A%2F%2Faccount.example%2F"),
        Ok("abc".into())
    );
    for iss in [
        "https://evil.example",
        "",
        "https://account.example.evil",
        "https://ACCOUNT.example",
        "https://account.example//",
    ] {
        let iss: String = form_urlencoded::byte_serialize(iss.as_bytes()).collect();
        let wrong = Err(Rejection::Ends(CallbackError::WrongIssuer));
        assert_eq!(read_with_state(&format!("&code=abc&iss={iss}")), wrong, "{iss}");
        assert_eq!(
            read_with_state(&format!("&error=access_denied&iss={iss}")),
            wrong,
            "{iss}"
        );
    }
    let twice = "&code=abc&iss=https%3A%2F%2Faccount.example&iss=https%3A%2F%2Faccount.example";
    assert_eq!(
        read_with_state(twice),
        Err(Rejection::Ends(CallbackError::WrongIssuer))
    );
}

/// security.md 19.
#[test]
fn an_error_with_the_right_state_is_told_in_clean_words() {
    assert_eq!(
        read_with_state("&error=access_denied"),
        denied("access_denied", None)
    );
    assert_eq!(
        read_with_state("&error=access_denied&error_description=Not%20%0Aallowed%E2%80%AE%20%3Cb%3E"),
        denied("access_denied", Some("Not  allowed  <b>"))
    );
    assert_eq!(
        read_with_state("&error=access_denied&error_description="),
        denied("access_denied", None)
    );
    let long = read_with_state(&format!("&error={0}&error_description={0}", "x".repeat(5000)));
    assert_eq!(long, denied(&"x".repeat(64), Some(&"x".repeat(300))));
}

proptest! {
    #[test]
    fn no_query_without_the_state_is_ever_taken(query in "(state|code|error|iss|[a-z]{1,5}|[=&%+]){0,24}") {
        let nothing = matches!(
            read(&query, &expected()),
            Err(Rejection::NotOurs | Rejection::AnotherSignIn)
        );
        prop_assert!(nothing);
    }

    #[test]
    fn no_text_at_all_makes_the_parser_fall(query in any::<String>()) {
        let _ = read(&query, &expected());
        let _ = read(&format!("state={STATE}&{query}"), &expected());
    }

    #[test]
    fn a_code_comes_through_exactly(code in "[ -~]{1,80}") {
        let encoded: String = form_urlencoded::byte_serialize(code.as_bytes()).collect();
        prop_assert_eq!(read_with_state(&format!("&code={encoded}")), Ok(code));
    }
}

const WORDS: &[&str] = &[
    "state=",
    "code=",
    "error=",
    "iss=",
    "error_description=",
    "&",
    "=",
    "%",
    "%00",
    "%2B",
    "+",
    STATE,
    "\u{202e}",
    "%E2%80%AE",
    "https://account.example",
    "access_denied",
];

/// security.md 10, 12, 17-19: whatever the browser brings, a code is accepted only with exactly one correct
/// state, and is returned unchanged.
#[test]
fn fuzz_callback() {
    testing::fuzz::run(testing::corpus!("callback"), WORDS, &(), Just(()), |input, ()| {
        let query = String::from_utf8_lossy(input);
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let all = |name: &str| -> Vec<&str> {
            let named = pairs.iter().filter(|(key, _)| key == name);
            named.map(|(_, value)| value.as_str()).collect()
        };
        let other = Expected {
            state: SecretString::from("another attempt's"),
            ..expected()
        };
        let told = if all("state").len() == 1 && !(all("code").is_empty() && all("error").is_empty()) {
            Rejection::AnotherSignIn
        } else {
            Rejection::NotOurs
        };
        prop_assert_eq!(read(&query, &other).err(), Some(told));
        let ours = all("state") == [STATE];
        match read(&query, &expected()) {
            Ok(code) => {
                prop_assert!(ours);
                prop_assert_eq!(all("code"), [code.expose_secret()]);
                prop_assert!(all("error").is_empty());
                let issuers = all("iss");
                prop_assert!(issuers.len() <= 1);
                prop_assert!(
                    issuers
                        .iter()
                        .all(|iss| iss.trim_end_matches('/') == "https://account.example")
                );
            }
            Err(Rejection::NotOurs | Rejection::AnotherSignIn) => prop_assert!(!ours),
            Err(Rejection::Ends(error)) => {
                prop_assert!(ours);
                if let CallbackError::Denied { error, description } = &error {
                    let shown = [Some(error), description.as_ref()];
                    for text in shown.into_iter().flatten() {
                        prop_assert!(text.chars().count() <= 300);
                        let hidden = text.chars().any(|c| c.is_control() || c == '\u{202e}');
                        prop_assert!(!hidden);
                    }
                } else {
                    // The texts of a refusal are the server's; no other error may repeat what was sent.
                    let words = format!("{error} {error:?}");
                    prop_assert!(!words.contains("CANARY"), "{}", words);
                }
            }
        }
        Ok(())
    });
}
