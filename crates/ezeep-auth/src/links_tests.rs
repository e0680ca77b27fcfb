//! The hub of links: which one is the answer, that it is accepted once, and that no other text changes
//! anything.

use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::*;
use crate::redirect::RedirectUri;

const REDIRECT: &str = "dev.pressroom.console://oauth/callback";
const STATE: &str = "Zm9vYmFy-_state";

fn expecting(links: &Links, redirect: &str, state: &str) -> LinkReceiver {
    let RedirectUri::Scheme(scheme) = RedirectUri::try_from(redirect).unwrap() else {
        panic!("a scheme")
    };
    let expected = Expected {
        state: SecretString::from(state),
        issuer: "https://account.example".into(),
    };
    links.expect(scheme, expected, NoticeSender::default())
}

fn answer(receiver: &mut LinkReceiver) -> Option<Result<String, CallbackError>> {
    let outcome = receiver.answer.try_recv().ok()?;
    Some(outcome.map(|code| code.expose_secret().to_owned()))
}

/// security.md 15.
#[test]
fn a_link_to_the_redirect_with_the_state_is_the_answer() {
    for link in [
        "dev.pressroom.console://oauth/callback?code=abc&state=Zm9vYmFy-_state",
        "dev.pressroom.console://oauth/callback/?state=Zm9vYmFy-_state&code=abc",
        "DEV.Pressroom.Console://oauth/callback?state=Zm9vYmFy-_state&code=%61bc&unknown",
        "dev.pressroom.console://oauth/callback?code=abc&state=Zm9vYmFy-_state&iss=https%3A%2F%2Faccount.example",
    ] {
        let links = Links::default();
        let mut receiver = expecting(&links, REDIRECT, STATE);
        assert_eq!(links.clone().deliver(link), Delivery::Taken, "{link}");
        assert_eq!(answer(&mut receiver), Some(Ok("abc".into())), "{link}");
    }
    let links = Links::default();
    let mut receiver = expecting(&links, "dev.pressroom.console:/oauth/callback/", STATE);
    let short = format!("dev.pressroom.console:/oauth/callback?code=abc&state={STATE}");
    assert_eq!(links.deliver(&short), Delivery::Taken);
    assert_eq!(answer(&mut receiver), Some(Ok("abc".into())));
}

/// security.md 15: exactly this scheme, authority and path; no fragment, no user name, no other spelling.
#[test]
fn a_link_to_anywhere_else_changes_nothing_although_it_knows_the_state() {
    let links = Links::default();
    let mut receiver = expecting(&links, REDIRECT, STATE);
    let answer_of = format!("code=abc&state={STATE}");
    for place in [
        "dev.pressroom.console://oauth/callback//",
        "dev.pressroom.console://oauth/Callback",
        "dev.pressroom.console://OAuth/callback",
        "dev.pressroom.console://oauth/callback/x",
        "dev.pressroom.console://oauth/x/../callback",
        "dev.pressroom.console://oauth/%63allback",
        "dev.pressroom.console://oauth:80/callback",
        "dev.pressroom.console://me@oauth/callback",
        "dev.pressroom.console://oauth",
        "dev.pressroom.console:/oauth/callback",
        "dev.pressroom.console:///oauth/callback",
        "dev.pressroom.console:oauth/callback",
        "dev.pressroom.other://oauth/callback",
        "dev.pressroom.console.evil://oauth/callback",
        "http://oauth/callback",
        "oauth/callback",
        " dev.pressroom.console://oauth/callback",
        "dev.pressroom.console://oauth/call\nback",
        "",
    ] {
        let link = format!("{place}?{answer_of}");
        assert_eq!(links.deliver(&link), Delivery::NotOurs, "{link}");
    }
    for link in [
        format!("{REDIRECT}#{answer_of}"),
        format!("{REDIRECT}?{answer_of}#"),
        format!("{REDIRECT}?state={STATE}&code=abc#x"),
        format!("{REDIRECT}#x?{answer_of}"),
        format!("{REDIRECT}&{answer_of}"),
        format!("{REDIRECT}?{answer_of}&x=\u{e9}"),
        format!("{REDIRECT}?{answer_of}&x=\u{0}"),
        format!("{REDIRECT}?{answer_of}&x={}", "x".repeat(LINK_BYTES)),
        REDIRECT.to_owned(),
    ] {
        assert_eq!(links.deliver(&link), Delivery::NotOurs, "{link}");
    }
    assert_eq!(answer(&mut receiver), None);
    assert_eq!(links.deliver(&format!("{REDIRECT}?{answer_of}")), Delivery::Taken);
    assert_eq!(answer(&mut receiver), Some(Ok("abc".into())));
}

/// security.md 13.
#[test]
fn the_answer_counts_once_and_without_a_pending_attempt_nothing_counts() {
    let links = Links::default();
    let link = format!("{REDIRECT}?code=abc&state={STATE}");
    assert_eq!(links.deliver(&link), Delivery::AnotherSignIn, "before");
    let mut receiver = expecting(&links, REDIRECT, STATE);
    assert_eq!(links.deliver(&link), Delivery::Taken);
    assert_eq!(links.deliver(&link), Delivery::AnotherSignIn, "twice");
    assert_eq!(answer(&mut receiver), Some(Ok("abc".into())));
    drop(receiver);
    drop(expecting(&links, REDIRECT, STATE));
    assert_eq!(links.deliver(&link), Delivery::AnotherSignIn, "after");
}

#[tokio::test]
async fn a_second_attempt_takes_the_place_of_the_first_and_the_first_ends() {
    let links = Links::default();
    let mut first = expecting(&links, REDIRECT, "first");
    let mut second = expecting(&links, REDIRECT, "second");
    assert_eq!(first.answer().await.err(), Some(CallbackError::Cancelled));
    let late = format!("{REDIRECT}?code=abc&state=first");
    assert_eq!(links.deliver(&late), Delivery::AnotherSignIn);
    // Dropping the first one must not remove the second one.
    drop(first);
    assert_eq!(
        links.deliver(&format!("{REDIRECT}?code=abc&state=second")),
        Delivery::Taken
    );
    assert_eq!(answer(&mut second), Some(Ok("abc".into())));
}

/// security.md 17-19: the rules of a callback hold for a link.
#[test]
fn an_error_ends_the_attempt_only_with_the_right_state() {
    let links = Links::default();
    let mut receiver = expecting(&links, REDIRECT, STATE);
    for (forged, told) in [
        ("error=access_denied", Delivery::NotOurs),
        ("error=access_denied&state=forged", Delivery::AnotherSignIn),
    ] {
        assert_eq!(links.deliver(&format!("{REDIRECT}?{forged}")), told);
    }
    assert_eq!(answer(&mut receiver), None);
    let refusal = format!("{REDIRECT}?error=access_denied&state={STATE}");
    assert_eq!(links.deliver(&refusal), Delivery::Taken);
    let denied = CallbackError::Denied {
        error: "access_denied".into(),
        description: None,
    };
    assert_eq!(answer(&mut receiver), Some(Err(denied)));
}

const WORDS: &[&str] = &[
    REDIRECT,
    STATE,
    "state=",
    "code=",
    "error=",
    "iss=",
    "?",
    "&",
    "#",
    "/",
    "//",
    ":",
    "@",
    "%2F",
    "%00",
    "\0",
    " ",
    "dev.pressroom.console:",
];

/// security.md 15: fuzzed links change nothing without a pending attempt or with a wrong state, and the
/// correct one still succeeds afterwards.
#[test]
fn fuzz_link() {
    testing::fuzz::run(testing::corpus!("link"), WORDS, &(), Just(()), |input, ()| {
        let link = String::from_utf8_lossy(input);
        let links = Links::default();
        prop_assert_ne!(links.deliver(&link), Delivery::Taken);

        // Another attempt's: nothing changes, and its own answer is accepted.
        let mut other = expecting(&links, REDIRECT, "another attempt's");
        prop_assert_ne!(links.deliver(&link), Delivery::Taken);
        prop_assert_eq!(answer(&mut other), None);
        let real = format!("{REDIRECT}?state=another%20attempt%27s&code=real");
        prop_assert_eq!(links.deliver(&real), Delivery::Taken);
        prop_assert_eq!(answer(&mut other), Some(Ok("real".into())));

        let mut ours = expecting(&links, REDIRECT, STATE);
        let real = format!("{REDIRECT}?state={STATE}&code=real");
        match links.deliver(&link) {
            Delivery::NotOurs | Delivery::AnotherSignIn => {
                prop_assert_eq!(answer(&mut ours), None);
                prop_assert_eq!(links.deliver(&real), Delivery::Taken);
                prop_assert_eq!(answer(&mut ours), Some(Ok("real".into())));
            }
            Delivery::Taken => {
                let (place, query) = link.split_once('?').unwrap();
                let place = place.to_ascii_lowercase();
                let slash = format!("{REDIRECT}/");
                prop_assert!(place == REDIRECT || place == slash);
                prop_assert!(!link.contains('#') && link.len() <= LINK_BYTES);
                let states =
                    url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "state");
                prop_assert_eq!(
                    states.map(|(_, value)| value.into_owned()).collect::<Vec<_>>(),
                    [STATE]
                );
                let taken = answer(&mut ours).expect("an answer");
                if let Ok(code) = taken {
                    let mut codes =
                        url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "code");
                    prop_assert_eq!(codes.next().unwrap().1.into_owned(), code);
                    prop_assert!(codes.next().is_none());
                }
                prop_assert_eq!(links.deliver(&real), Delivery::AnotherSignIn, "once");
            }
        }
        Ok(())
    });
}
