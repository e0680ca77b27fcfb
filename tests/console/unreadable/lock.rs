//! `locks/`: empty files, one for each keychain record and 256 for people. Their contents don't matter, only
//! whether one can be opened and locked.

use std::time::Duration;

use console::SecretStore as _;
use ezeep_auth::{RecordName, StoreError};

use super::*;

async fn check(state: &str) {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("locks");
    let store = || {
        console::OsStore::new()
            .locking_in(folder.clone())
            .lock_limit(Duration::from_millis(200))
    };
    let name = RecordName::file_key("a");
    drop(store().lock(&name).await.unwrap());
    let path = std::fs::read_dir(&folder)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let mut held = None;
    match state {
        "absent" => std::fs::remove_file(&path).unwrap(),
        "denied" => permit(&path, 0o000),
        "busy" => {
            let file = std::fs::File::options().write(true).open(&path).unwrap();
            file.lock().unwrap();
            held = Some(file);
        }
        "disk_full" => {
            std::fs::remove_file(&path).unwrap();
            resilience::ordinary::limit_files(Some(0));
        }
        _ => std::fs::write(&path, "whatever").unwrap(),
    }
    let locked = store().lock(&name).await;
    match state {
        "denied" => assert!(matches!(locked, Err(StoreError::NoLock { .. }))),
        "busy" => assert!(matches!(locked, Err(StoreError::Busy))),
        _ => assert!(locked.is_ok()),
    }
    drop(held);
}

cells!(absent, readable, denied, busy, disk_full);
