//! Server certificates checked against the operating system's trust store (security.md 52): a company's own
//! authority, and each cause of a refusal reported separately.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that stumbles has failed")]

mod common;

use common::tls::{Authority, GOOD, Leaf, SERVER, child};
use ezeep_api::Error;

const ME: &str = r#"{"id":"u-1","email":"ines@nordhafen.example","first_name":"Ines","last_name":"Vogt"}"#;

/// Asks for the signed-in user twice, as a child with the parent's trust store.
#[tokio::test]
#[ignore = "runs in a child process, started by the tests below"]
async fn child_asks_the_server() {
    let client = common::client(&std::env::var(SERVER).unwrap());
    for _ in 0..2 {
        match client.me().await {
            Ok(me) => println!("told: {}", me.email),
            Err(error @ Error::Certificate { .. }) => println!("told: {error}"),
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// The client's results for a server on two connections, if the system trusts `authority`.
async fn told(authority: &Authority, server: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store.pem");
    authority.save(&store);
    let output = child("child_asks_the_server", server, &store).await;
    let told = output.lines().filter_map(|line| line.split_once("told: "));
    told.map(|(_, what)| what.to_owned()).collect()
}

/// security.md 52: an inspecting proxy's certificate is accepted if the system trusts its authority,
/// otherwise not.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_the_companys_own_authority_is_taken_where_the_system_trusts_it() {
    let authority = Authority::new("Nordhafen Inspection CA");
    let stranger = Authority::new("Stranger CA");
    let server = authority.serve(&[GOOD], "", ME).await;
    assert_eq!(told(&authority, &server).await[0], "ines@nordhafen.example");
    let untrusted = told(&stranger, &server).await;
    assert!(
        untrusted[0].ends_with("localhost was refused: Untrusted"),
        "{untrusted:?}"
    );
}

/// security.md 52: a certificate error has its kind, the certificate's date and the computer's.
#[tokio::test(flavor = "multi_thread")]
async fn an_expired_an_early_and_a_foreign_certificate_are_told_apart() {
    let authority = Authority::new("Nordhafen CA");
    let cases = [
        (
            Leaf {
                years: (2020, 2021),
                ..GOOD
            },
            "Expired { until: Some(",
        ),
        (
            Leaf {
                years: (2090, 2099),
                ..GOOD
            },
            "NotYetValid { from: Some(",
        ),
        (
            Leaf {
                name: "other.example",
                ..GOOD
            },
            "OtherName",
        ),
    ];
    for (leaf, fault) in cases {
        let server = authority.serve(&[leaf], "", ME).await;
        let told = told(&authority, &server).await;
        let wanted = format!("the certificate of localhost was refused: {fault}");
        assert!(told[0].starts_with(&wanted), "{told:?}");
    }
}

/// The server's replies give the time (`Date`): if the certificate is valid at that time, the computer's
/// clock is wrong.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_clock_is_named_where_the_servers_own_explains_the_refusal() {
    let authority = Authority::new("Nordhafen CA");
    let early = Leaf {
        years: (2090, 2099),
        ..GOOD
    };
    let expired = Leaf {
        years: (2018, 2021),
        ..GOOD
    };
    for (leaf, date, wrong) in [
        (early, "date: Tue, 01 Feb 2095 12:00:00 GMT\r\n", true),
        (early, "date: Sun, 01 Feb 2026 12:00:00 GMT\r\n", false),
        (expired, "date: Sat, 01 Feb 2020 12:00:00 GMT\r\n", true),
        (expired, "date: Tue, 01 Feb 2022 12:00:00 GMT\r\n", false),
    ] {
        let server = authority.serve(&[GOOD, leaf], date, ME).await;
        let told = told(&authority, &server).await;
        assert_eq!(told[0], "ines@nordhafen.example");
        assert_eq!(told[1].contains("ClockWrong"), wrong, "{told:?}");
    }
}
