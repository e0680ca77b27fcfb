//! Certificates of the account server, checked against the operating system's trust store (security.md 52):
//! each cause of a refusal is reported separately, as by the API's client.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use ezeep_auth::TokenError;
use secrecy::SecretString;
use url::Url;

mod support;
#[path = "../../ezeep-api/tests/common/tls.rs"]
mod tls;

use support::oauth_at;
use tls::{Authority, GOOD, Leaf, SERVER, child};

/// Revokes twice, as a child with the parent's trust store.
#[tokio::test]
#[ignore = "runs in a child process, started by the test below"]
async fn child_asks_the_server() {
    let oauth = oauth_at(&Url::parse(&std::env::var(SERVER).unwrap()).unwrap());
    for _ in 0..2 {
        match oauth.revoke(&SecretString::from("r1")).await {
            Ok(()) => println!("told: trusted"),
            Err(TokenError::Certificate { fault, .. }) => println!("told: {fault:?}"),
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_cause_of_a_refused_certificate_is_told_apart() {
    let authority = Authority::new("Nordhafen CA");
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store.pem");
    authority.save(&store);
    let leaf = |name, years| Leaf { name, years };
    let stranger = Authority::new("Stranger CA");
    let later = "date: Tue, 01 Feb 2095 12:00:00 GMT\r\n";
    for (issuer, leaves, headers, first, second) in [
        (&authority, vec![GOOD], "", "trusted", "trusted"),
        (&stranger, vec![GOOD], "", "Untrusted", "Untrusted"),
        (
            &authority,
            vec![leaf("localhost", (2020, 2021))],
            "",
            "Expired { until: Some",
            "Expired",
        ),
        (
            &authority,
            vec![leaf("localhost", (2090, 2099))],
            "",
            "NotYetValid { from: Some",
            "NotYetValid",
        ),
        (
            &authority,
            vec![leaf("other.example", GOOD.years)],
            "",
            "OtherName",
            "OtherName",
        ),
        (
            &authority,
            vec![GOOD, leaf("localhost", (2090, 2099))],
            later,
            "trusted",
            "ClockWrong",
        ),
    ] {
        let server = issuer.serve(&leaves, headers, "").await;
        let output = child("child_asks_the_server", &server, &store).await;
        let told: Vec<&str> = output
            .lines()
            .filter_map(|line| Some(line.split_once("told: ")?.1))
            .collect();
        assert!(
            told[0].starts_with(first) && told[1].starts_with(second),
            "{told:?}"
        );
    }
}
