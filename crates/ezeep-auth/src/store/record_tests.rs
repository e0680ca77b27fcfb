//! The record: what is stored is read back, nothing else is accepted as one, and names distinguish sign-ins.

use proptest::prelude::*;

use super::*;

fn record(token: &str) -> Record {
    Record {
        grant: "g".into(),
        refresh_token: SecretString::from(token),
        organization: Some("org".into()),
        person: None,
        generation: 7,
    }
}

fn name(issuer: &str, client: &str, person: &str, dir: &str) -> RecordName {
    RecordName::new(
        &Url::parse(issuer).unwrap(),
        &ClientId::try_from(client).unwrap(),
        person,
        Path::new(dir),
    )
}

#[test]
fn a_record_comes_back_as_it_was_stored() {
    let back = Record::from_bytes(&record("tök\"en").to_bytes().unwrap()).unwrap();
    assert_eq!(back.refresh_token.expose_secret(), "tök\"en");
    assert_eq!(back.organization.as_deref(), Some("org"));
    assert_eq!(
        (back.person, back.generation, back.grant.as_str()),
        (None, 7, "g")
    );
}

/// security.md 27.
#[test]
fn a_record_over_2560_bytes_is_an_error_that_says_so() {
    let empty = record("").to_bytes().unwrap().len();
    assert!(record(&"x".repeat(MOST_BYTES - empty)).to_bytes().is_ok());
    assert_eq!(
        record(&"x".repeat(MOST_BYTES - empty + 1)).to_bytes().err(),
        Some(StoreError::TooLarge {
            bytes: 2561,
            most: 2560
        })
    );
}

#[test]
fn bytes_of_another_version_or_another_app_are_damaged_and_never_guessed_at() {
    for bytes in [
        &b""[..],
        b"secret",
        b"{}",
        br#"{"v":2,"grant":"g","token":"t","generation":1}"#,
        br#"{"v":1,"grant":"g","token":"","generation":1}"#,
        b"\xff\xfe",
    ] {
        assert_eq!(Record::from_bytes(bytes).err(), Some(StoreError::Damaged));
    }
    assert!(Record::from_bytes(br#"{"v":1,"grant":"g","token":"t","generation":1,"later":true}"#).is_ok());
}

/// security.md 43: two profiles, users, clients or servers never share one record.
#[test]
fn a_name_differs_where_issuer_client_person_or_directory_differ() {
    let ours = name("https://a.example", "client", "person", "/data");
    assert_eq!(ours, name("https://a.example/", "client", "person", "/data/"));
    for other in [
        name("https://b.example", "client", "person", "/data"),
        name("https://a.example:8443", "client", "person", "/data"),
        name("https://a.example", "client2", "person", "/data"),
        name("https://a.example", "client", "person2", "/data"),
        name("https://a.example", "client", "person", "/data2"),
        name("https://a.example", "clientp", "erson", "/data"),
    ] {
        assert_ne!(ours, other);
    }
    assert!(ours.user().starts_with("person@a.example#"), "{}", ours.user());
    // `CRED_MAX_USERNAME_LENGTH` is 513.
    assert!(
        name("https://a.example", "client", &"x".repeat(5000), "/data")
            .user()
            .len()
            < 300
    );
}

const WORDS: &[&str] = &[
    "\"v\":1",
    "\"v\":2",
    "\"grant\":",
    "\"token\":",
    "\"org\":",
    "\"sub\":",
    "\"generation\":",
    "\"",
    "{",
    "}",
    ",",
    "null",
    "-1",
    "1.5",
    "18446744073709551616",
    "\\u0000",
    "CANARY",
];

/// The values of a record. No regular expressions: a million of them take a quarter of an hour.
fn any_record() -> impl Strategy<Value = (String, String, Option<String>, Option<String>, u64)> {
    fn text(most: usize) -> impl Strategy<Value = String> {
        prop::collection::vec(any::<u8>(), 0..most)
            .prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }
    let token = prop_oneof![
        6 => text(60).prop_map(|rest| format!("t{rest}")),
        1 => (2300..2700_usize).prop_map(|length| "x".repeat(length)),
    ];
    let some = || prop::option::of(text(20));
    (text(20), token, some(), some(), any::<u64>())
}

/// security.md 25, 27, 58: only a record of ours is read, what is written is read back unchanged, a record
/// over the limit is refused, and no error repeats a token.
#[test]
fn fuzz_record() {
    let plain = ("g".to_owned(), "t".to_owned(), None, None, 1);
    testing::fuzz::run(
        testing::corpus!("record"),
        WORDS,
        &plain,
        any_record(),
        |bytes, parts| {
            match Record::from_bytes(bytes) {
                Ok(record) => {
                    // Fields that the client does not need may be invalid without failing the whole record.
                    if let Ok(said) = serde_json::from_slice::<serde_json::Value>(bytes) {
                        prop_assert_eq!(said["v"].as_u64(), Some(1));
                        let token = record.refresh_token.expose_secret();
                        prop_assert_eq!(said["token"].as_str(), Some(token));
                        prop_assert_eq!(said["generation"].as_u64(), Some(record.generation));
                        prop_assert_eq!(said["org"].as_str(), record.organization.as_deref());
                    }
                    prop_assert!(!record.refresh_token.expose_secret().is_empty());
                    comes_back(&record)?;
                }
                Err(error) => {
                    prop_assert_eq!(&error, &StoreError::Damaged);
                    let words = format!("{error} {error:?}");
                    prop_assert!(!words.contains("CANARY"), "{}", words);
                }
            }
            let (grant, token, organization, person, generation) = parts.clone();
            comes_back(&Record {
                grant,
                refresh_token: SecretString::from(token),
                organization,
                person,
                generation,
            })
        },
    );
}

fn comes_back(record: &Record) -> testing::fuzz::CheckResult {
    match record.to_bytes() {
        Ok(bytes) => {
            prop_assert!(bytes.len() <= MOST_BYTES);
            let back = Record::from_bytes(&bytes).unwrap();
            prop_assert!(back.same_token(record));
            prop_assert_eq!(
                (&back.organization, &back.person),
                (&record.organization, &record.person)
            );
            prop_assert_eq!(back.generation, record.generation);
        }
        Err(error) => {
            let large =
                matches!(error, StoreError::TooLarge { bytes, most: MOST_BYTES } if bytes > MOST_BYTES);
            prop_assert!(large, "{error:?}");
        }
    }
    Ok(())
}

/// security.md 43: different people, servers or data directories never share a key.
#[test]
fn a_holder_differs_where_issuer_person_or_directory_differ() {
    let holder = |issuer: &str, person, dir: &str| {
        RecordName::holder(&Url::parse(issuer).unwrap(), person, Path::new(dir))
    };
    let ours = holder("https://a.example", "person", "/data");
    assert_eq!(ours, holder("https://a.example/", "person", "/data/"));
    assert_eq!(ours.len(), 32);
    for other in [
        holder("https://b.example", "person", "/data"),
        holder("https://a.example:8443", "person", "/data"),
        holder("https://a.example", "person2", "/data"),
        holder("https://a.example", "person", "/data2"),
    ] {
        assert_ne!(ours, other);
    }
}
