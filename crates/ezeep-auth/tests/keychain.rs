//! The native keychain on Linux: a real gnome-keyring on a bus of the test's own, and services that misbehave.
//! Nothing needs to be set up around `cargo test`; the packages dbus and gnome-keyring must be there.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![cfg(target_os = "linux")]

#[path = "support/keyring.rs"]
mod keyring;

use std::path::Path;

use keyring::{Bus, held, run_without_a_bus};

const CANARY: &str = "canary-refresh-token-7f3a";

/// security.md 29, and that a record outlives the process, the store object and the keychain's daemon.
#[test]
fn a_record_is_written_read_back_by_another_process_replaced_and_deleted() {
    let bus = Bus::start();
    let keyring = bus.keyring(true);
    held(&bus.run("child::writes"));
    held(&bus.run("child::reads_and_replaces"));
    drop(keyring);
    let keyring = bus.keyring(true);
    held(&bus.run("child::reads_the_replacement_and_deletes_it"));
    held(&bus.run("child::finds_nothing"));
    drop(keyring);
}

/// security.md 25.
#[test]
fn the_token_is_nowhere_on_disk_in_plain_text() {
    let bus = Bus::start();
    let _keyring = bus.keyring(true);
    held(&bus.run("child::writes"));
    let mut files = 0;
    search(bus.home(), &mut |bytes| {
        files += 1;
        assert!(
            !bytes
                .windows(CANARY.len())
                .any(|window| window == CANARY.as_bytes())
        );
    });
    assert!(files > 1, "the keyring's own file must be among them");
}

/// security.md 26.
#[test]
fn a_service_that_never_answers_times_out_blocks_nobody_and_lets_the_process_end() {
    let bus = Bus::start();
    let _mute = bus.mute();
    held(&bus.run("child::times_out_while_the_async_thread_goes_on"));
}

/// security.md 26: and works again when the service does, without doing late what was given up.
#[test]
fn a_service_that_comes_back_is_used_again() {
    let bus = Bus::start();
    let mute = bus.mute();
    let flag = bus.home().join("timed-out");
    std::thread::scope(|scope| {
        let child = scope.spawn(|| bus.run("child::times_out_and_then_writes"));
        wait_for(&flag);
        drop(mute);
        let _keyring = bus.keyring(true);
        held(&child.join().unwrap());
    });
}

/// security.md 29: a keychain that was restarted is not a keychain that is gone.
#[test]
fn a_restarted_service_is_not_noticed() {
    let bus = Bus::start();
    let keyring = bus.keyring(true);
    std::thread::scope(|scope| {
        let child = scope.spawn(|| bus.run("child::writes_and_reads_again_after_a_restart"));
        wait_for(&bus.home().join("written"));
        drop(keyring);
        let _keyring = bus.keyring(true);
        std::fs::write(bus.home().join("restarted"), "").unwrap();
        held(&child.join().unwrap());
    });
}

/// security.md 25, 29: no service on the bus, and no bus.
#[test]
fn an_absent_keychain_is_reported() {
    held(&Bus::start().run("child::is_unavailable"));
    held(&run_without_a_bus("child::is_unavailable"));
}

/// security.md 29, 33: locked, and nobody there to ask for the password.
#[test]
fn a_locked_keychain_is_reported_and_keeps_what_it_holds() {
    let bus = Bus::start();
    let keyring = bus.keyring(true);
    held(&bus.run("child::writes"));
    drop(keyring);
    let keyring = bus.keyring(false);
    held(&bus.run("child::is_locked"));
    drop(keyring);
    let _keyring = bus.keyring(true);
    held(&bus.run("child::reads_and_replaces"));
}

/// security.md 29.
#[test]
fn two_records_of_one_name_are_reported() {
    let bus = Bus::start();
    let _keyring = bus.keyring(true);
    held(&bus.run("child::is_ambiguous"));
}

fn wait_for(file: &Path) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !file.exists() && std::time::Instant::now() < deadline {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

fn search(folder: &Path, check: &mut dyn FnMut(&[u8])) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match std::fs::symlink_metadata(&path).unwrap().file_type() {
            kind if kind.is_dir() => search(&path, check),
            kind if kind.is_file() => check(&std::fs::read(&path).unwrap()),
            _ => {}
        }
    }
}

/// What the children do. Each needs the surroundings that its parent makes.
mod child {
    use std::path::PathBuf;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use ezeep_auth::{ClientId, OsStore, Record, RecordName, SecretStore, StoreError, StoreKind};
    use secrecy::{ExposeSecret, SecretString};
    use url::Url;

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
        assert_eq!(store.kind(), StoreKind::Keychain);
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
        // The first is under way when its caller gives up, the second still waits for its turn.
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
                Err(StoreError::TimedOut | StoreError::Unavailable { .. } | StoreError::Locked { .. }) => {
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
            assert!(matches!(error, Some(StoreError::Unavailable { .. })), "{error:?}");
        }
        let error = store.write(&name(), &record(CANARY, 1)).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains(CANARY));
    }

    #[tokio::test]
    #[ignore = "runs as a child of another test"]
    async fn is_locked() {
        let store = OsStore::with_limit(Duration::from_secs(3));
        for error in [store.probe().await.err(), store.read(&name()).await.err()] {
            let named = matches!(error, Some(StoreError::Locked { .. } | StoreError::TimedOut));
            assert!(named, "{error:?}");
            eprintln!("{error:?}");
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
}
