//! The children's tests. Each needs the environment that its parent makes.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ezeep_auth::{ClientId, OsStore, Record, RecordName, SecretStore, StoreError};
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use vault::FileKey;

use super::CANARY;

fn name() -> RecordName {
    let client = ClientId::try_from("client").unwrap();
    RecordName::new(
        &Url::parse("https://account.example").unwrap(),
        &client,
        "person",
        "/data".as_ref(),
    )
}

fn record(token: &str, generation: u64) -> Record {
    Record {
        grant: "grant".into(),
        refresh_token: SecretString::from(token),
        organization: Some("Größe \"GmbH\"".into()),
        person: Some("person".into()),
        generation,
    }
}

async fn expect(store: &OsStore, token: &str, generation: u64) {
    let record = store.read(&name()).await.unwrap().unwrap();
    assert_eq!(record.refresh_token.expose_secret(), token);
    assert_eq!((record.generation, record.grant.as_str()), (generation, "grant"));
    assert_eq!(record.organization.as_deref(), Some("Größe \"GmbH\""));
}

#[tokio::test]
#[ignore = "runs as a child of another test"]
async fn writes() {
    let store = OsStore::new();
    store.probe().await.unwrap();
    assert!(store.read(&name()).await.unwrap().is_none());
    store.write(&name(), &record(CANARY, 1)).await.unwrap();
    expect(&store, CANARY, 1).await;
    assert!(matches!(
        store.write(&name(), &record(&"x".repeat(2600), 2)).await,
        Err(StoreError::TooLarge { .. })
    ));
    expect(&store, CANARY, 1).await;
}

/// The key of a holder's files, beside the record of its sign-in: a change of one does not affect the
/// other.
#[tokio::test]
#[ignore = "runs as a child of another test"]
async fn writes_a_key_beside_the_record() {
    let (store, key_name) = (OsStore::new(), RecordName::file_key("account"));
    assert!(store.read_key(&key_name).await.unwrap().is_none());
    store.write(&name(), &record(CANARY, 1)).await.unwrap();
    let key = FileKey::random();
    store.write_key(&key_name, &key).await.unwrap();
    let back = OsStore::new().read_key(&key_name).await.unwrap().unwrap();
    assert_eq!(back.expose(), key.expose());
    store.delete(&name()).await.unwrap();
    let back = store.read_key(&key_name).await.unwrap().unwrap();
    assert_eq!(back.expose(), key.expose());
}

#[tokio::test]
#[ignore = "runs as a child of another test"]
async fn finds_the_key_and_deletes_it() {
    let (store, key_name) = (OsStore::new(), RecordName::file_key("account"));
    assert!(store.read_key(&key_name).await.unwrap().is_some());
    store.delete_key(&key_name).await.unwrap();
    assert!(store.read_key(&key_name).await.unwrap().is_none());
    store.delete_key(&key_name).await.unwrap();
}

#[tokio::test]
#[ignore = "runs as a child of another test"]
async fn reads_and_replaces() {
    let store = OsStore::new();
    expect(&store, CANARY, 1).await;
    store.write(&name(), &record("second", 2)).await.unwrap();
    expect(&OsStore::new(), "second", 2).await;
}

#[tokio::test]
#[ignore = "runs as a child of another test"]
async fn waits_for_a_slow_keychain() {
    let (store, name) = (OsStore::new(), name());
    let mut read = std::pin::pin!(store.read(&name));
    tokio::select! {
        biased;
        early = &mut read => panic!("it answered although it stands still: {:?}", early.err()),
        () = std::future::ready(()) => {}
    }
    let home = PathBuf::from(std::env::var_os("HOME").unwrap());
    std::fs::write(home.join("waiting"), "").unwrap();
    let record = read.await.unwrap().unwrap();
    assert_eq!(record.refresh_token.expose_secret(), CANARY);
}

#[tokio::test]
#[ignore = "runs as a child of another test"]
async fn reads_the_replacement_and_deletes_it() {
    let store = OsStore::new();
    expect(&store, "second", 2).await;
    store.delete(&name()).await.unwrap();
    assert!(store.read(&name()).await.unwrap().is_none());
    store.delete(&name()).await.unwrap();
}

#[tokio::test]
#[ignore = "runs as a child of another test"]
async fn finds_nothing() {
    assert!(OsStore::new().read(&name()).await.unwrap().is_none());
}

#[tokio::test(flavor = "current_thread")]
#[ignore = "runs as a child of another test"]
async fn times_out_while_the_async_thread_goes_on() {
    let store = Arc::new(OsStore::with_limit(Duration::from_millis(300)));
    let ticks = Arc::new(AtomicUsize::new(0));
    let ticking = tokio::spawn({
        let ticks = ticks.clone();
        async move {
            loop {
                ticks.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    });
    assert_eq!(store.read(&name()).await.err(), Some(StoreError::TimedOut));
    assert_eq!(
        store.write(&name(), &record(CANARY, 1)).await.err(),
        Some(StoreError::TimedOut)
    );
    assert_eq!(store.probe().await.err(), Some(StoreError::TimedOut));
    assert!(ticks.load(Ordering::SeqCst) > 3);
    ticking.abort();
}

#[tokio::test]
#[ignore = "runs as a child of another test"]
async fn times_out_and_then_writes() {
    let store = OsStore::with_limit(Duration::from_millis(500));
    // The first is under way when its caller gives up, the second still waits.
    for _ in 0..2 {
        assert_eq!(
            store.write(&name(), &record("given up", 9)).await.err(),
            Some(StoreError::TimedOut)
        );
    }
    std::fs::write(
        PathBuf::from(std::env::var_os("HOME").unwrap()).join("timed-out"),
        "",
    )
    .unwrap();
    let found = loop {
        match store.read(&name()).await {
            Ok(found) => break found,
            Err(StoreError::TimedOut | StoreError::Absent { .. } | StoreError::Locked { .. }) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(other) => panic!("{other:?}"),
        }
    };
    assert!(found.is_none(), "a write that was given up must not happen later");
    store.write(&name(), &record(CANARY, 1)).await.unwrap();
    expect(&store, CANARY, 1).await;
}

#[tokio::test]
#[ignore = "runs as a child of another test"]
async fn writes_and_reads_again_after_a_restart() {
    let home = PathBuf::from(std::env::var_os("HOME").unwrap());
    let store = OsStore::new();
    store.write(&name(), &record(CANARY, 1)).await.unwrap();
    std::fs::write(home.join("written"), "").unwrap();
    super::wait_for(&home.join("restarted"));
    expect(&store, CANARY, 1).await;
}

#[tokio::test]
#[ignore = "runs as a child of another test"]
async fn is_unavailable() {
    let store = OsStore::new();
    for error in [
        store.probe().await.err(),
        store.read(&name()).await.err(),
        store.delete(&name()).await.err(),
    ] {
        assert!(matches!(error, Some(StoreError::Absent { .. })), "{error:?}");
    }
    let error = store.write(&name(), &record(CANARY, 1)).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains(CANARY));
}

#[tokio::test]
#[ignore = "runs as a child of another test"]
async fn has_no_keyring() {
    let store = OsStore::new();
    for error in [
        store.probe().await.err(),
        store.write(&name(), &record(CANARY, 1)).await.err(),
    ] {
        assert_eq!(error, Some(StoreError::NoKeyring));
    }
    assert!(store.read(&name()).await.unwrap().is_none());
}

#[tokio::test]
#[ignore = "runs as a child of another test"]
async fn is_locked() {
    let store = OsStore::new();
    for error in [store.probe().await.err(), store.read(&name()).await.err()] {
        assert!(matches!(error, Some(StoreError::Locked { .. })), "{error:?}");
    }
}

#[tokio::test]
#[ignore = "runs as a child of another test"]
async fn times_out_and_works_when_unlocked() {
    let home = PathBuf::from(std::env::var_os("HOME").unwrap());
    let store = OsStore::with_limit(Duration::from_secs(2));
    for call in [
        store.read(&name()).await.err(),
        store.write(&name(), &record("given up", 9)).await.err(),
        store.probe().await.err(),
    ] {
        assert_eq!(call, Some(StoreError::TimedOut));
    }
    std::fs::write(home.join("timed-out"), "").unwrap();
    super::wait_for(&home.join("unlocked"));
    store.probe().await.unwrap();
    expect(&store, CANARY, 1).await;
}

#[tokio::test]
#[ignore = "runs as a child of another test"]
async fn is_locked_and_works_when_unlocked() {
    let home = PathBuf::from(std::env::var_os("HOME").unwrap());
    let store = OsStore::new();
    for error in [store.probe().await.err(), store.read(&name()).await.err()] {
        assert!(matches!(error, Some(StoreError::Locked { .. })), "{error:?}");
    }
    std::fs::write(home.join("locked"), "").unwrap();
    super::wait_for(&home.join("unlocked"));
    store.probe().await.unwrap();
    expect(&store, CANARY, 1).await;
}

#[tokio::test]
#[ignore = "runs as a child of another test"]
async fn is_dismissed() {
    let store = OsStore::new();
    assert!(store.read(&name()).await.unwrap().is_none());
    let error = store.write(&name(), &record(CANARY, 1)).await.err();
    assert!(matches!(error, Some(StoreError::Locked { .. })), "{error:?}");
}

#[tokio::test]
#[ignore = "runs as a child of another test"]
async fn keeps_nothing() {
    assert_eq!(OsStore::new().probe().await.err(), Some(StoreError::NotKept));
}

#[tokio::test]
#[ignore = "runs as a child of another test"]
async fn is_refused() {
    let store = OsStore::new();
    for error in [
        store.write(&name(), &record(CANARY, 1)).await.err(),
        store.probe().await.err(),
    ] {
        assert!(matches!(error, Some(StoreError::Refused { .. })), "{error:?}");
        assert!(!format!("{error:?}").contains(CANARY));
    }
    assert!(store.read(&name()).await.unwrap().is_none());
}

#[tokio::test]
#[ignore = "runs as a child of another test"]
async fn writes_hangs_and_goes_on() {
    let home = PathBuf::from(std::env::var_os("HOME").unwrap());
    let store = OsStore::with_limit(Duration::from_secs(1));
    store.write(&name(), &record(CANARY, 1)).await.unwrap();
    std::fs::write(home.join("written"), "").unwrap();
    super::wait_for(&home.join("paused"));
    for error in [
        store.write(&name(), &record("given up", 9)).await.err(),
        store.read(&name()).await.err(),
        store.write(&name(), &record("given up", 9)).await.err(),
    ] {
        assert_eq!(error, Some(StoreError::TimedOut));
    }
    std::fs::write(home.join("timed-out"), "").unwrap();
    super::wait_for(&home.join("resumed"));
    store.probe().await.unwrap();
    // The keychain answers in order: a call that was given up but sent would have been done before one of
    // these.
    for _ in 0..20 {
        expect(&store, CANARY, 1).await;
    }
    store.write(&name(), &record("second", 2)).await.unwrap();
    expect(&store, "second", 2).await;
}

/// Changes the bytes of a record in the keychain, as another program may.
fn change(name: &RecordName, change: impl FnOnce(Vec<u8>) -> Vec<u8> + Send + 'static) {
    use keyring_core::api::CredentialStoreApi as _;
    let user = name.user().to_owned();
    std::thread::spawn(move || {
        let other = zbus_secret_service_keyring_store::Store::new().unwrap();
        let entry = other.build(RecordName::SERVICE, &user, None).unwrap();
        let bytes = entry.get_secret().unwrap();
        entry.set_secret(&change(bytes)).unwrap();
    })
    .join()
    .unwrap();
}

#[tokio::test]
#[ignore = "runs as a child of another test"]
async fn is_damaged() {
    fn half(mut bytes: Vec<u8>) -> Vec<u8> {
        bytes.truncate(bytes.len() / 2);
        bytes
    }
    fn empty(_: Vec<u8>) -> Vec<u8> {
        Vec::new()
    }
    fn later_record(bytes: Vec<u8>) -> Vec<u8> {
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains(r#""v":1"#), "{text}");
        text.replace(r#""v":1"#, r#""v":2"#).into_bytes()
    }
    fn later_key(mut bytes: Vec<u8>) -> Vec<u8> {
        bytes[0] += 1;
        bytes
    }
    let (store, key_name) = (OsStore::new(), RecordName::file_key("account"));
    for damage in [half, empty, later_record] {
        store.write(&name(), &record(CANARY, 1)).await.unwrap();
        change(&name(), damage);
        assert_eq!(store.read(&name()).await.err(), Some(StoreError::Damaged));
        // A sign-in writes it again.
        store.write(&name(), &record(CANARY, 1)).await.unwrap();
        expect(&store, CANARY, 1).await;
    }
    for damage in [half, empty, later_key] {
        store.write_key(&key_name, &FileKey::random()).await.unwrap();
        change(&key_name, damage);
        assert_eq!(store.read_key(&key_name).await.err(), Some(StoreError::Damaged));
    }
}

#[tokio::test]
#[ignore = "runs as a child of another test"]
async fn is_ambiguous() {
    use keyring_core::api::CredentialStoreApi as _;
    let store = OsStore::new();
    store.write(&name(), &record(CANARY, 1)).await.unwrap();
    // The same service and user with one attribute more, as another program might leave it.
    std::thread::spawn(|| {
        let other = zbus_secret_service_keyring_store::Store::new().unwrap();
        let target = [("target", "default")].into_iter().collect();
        let entry = other
            .build(RecordName::SERVICE, name().user(), Some(&target))
            .unwrap();
        entry.set_secret(b"x").unwrap();
    })
    .join()
    .unwrap();
    assert_eq!(store.read(&name()).await.err(), Some(StoreError::Ambiguous));
    assert_eq!(
        store.write(&name(), &record(CANARY, 2)).await.err(),
        Some(StoreError::Ambiguous)
    );
    assert_eq!(store.delete(&name()).await.err(), Some(StoreError::Ambiguous));
}
