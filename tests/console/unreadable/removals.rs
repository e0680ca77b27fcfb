//! `removals.v1/`: an empty file for each holder whose sign-out could not remove everything.

use std::sync::atomic::Ordering;

use console::SecretStore as _;
use ezeep_auth::RecordName;

use super::*;

/// A sign-out that could not delete the key. Returns the path of the holder's marker.
async fn signed_out(used: &mut Used) -> PathBuf {
    used.keychain.keeps_keys.store(true, Ordering::SeqCst);
    used.world.console.sign_out().await.unwrap();
    used.world.signed_out().await;
    used.keychain.keeps_keys.store(false, Ordering::SeqCst);
    used.has_its_key().await;
    let marker = used.world.dir.path().join("removals.v1");
    marker.join(&used.holder)
}

async fn is_removed(used: &Used, marker: &Path) {
    used.world
        .until("removed", |_| (!marker.exists()).then_some(()))
        .await;
    let name = RecordName::file_key(&used.holder);
    let key = used.keychain.inside.read_key(&name).await;
    assert!(matches!(key, Ok(None)));
}

async fn check(state: &str) {
    let mut used = Used::new().await;
    if state == "disk_full" {
        resilience::ordinary::limit_files(Some(0));
    }
    let marker = signed_out(&mut used).await;
    resilience::ordinary::limit_files(None);
    assert_eq!(std::fs::read(&marker).unwrap(), b"");
    let folder = marker.parent().unwrap();
    let later = used.world.dir.path().join("removals.v2");
    let held = match state {
        "readable" | "disk_full" => None,
        "cut" => {
            std::fs::write(&marker, "whatever").unwrap();
            None
        }
        "busy" => {
            let file = std::fs::File::open(&marker).unwrap();
            file.try_lock().unwrap();
            Some(file)
        }
        "absent" => {
            std::fs::remove_file(&marker).unwrap();
            None
        }
        "other_version" => {
            std::fs::rename(folder, &later).unwrap();
            None
        }
        "denied" => {
            permit(folder, 0o000);
            None
        }
        other => panic!("no cell: {other}"),
    };
    let sentinel = used.sentinel();
    used.world.restart();
    used.is_swept(&sentinel).await;
    match state {
        "absent" | "other_version" => {
            // The next sweep begins when this one has ended.
            let sentinel = used.sentinel();
            used.world.restart();
            used.is_swept(&sentinel).await;
            used.has_its_key().await;
            assert_eq!(later.exists(), state == "other_version");
        }
        "denied" => {
            permit(folder, 0o700);
            assert!(marker.exists());
            used.has_its_key().await;
            used.world.restart();
            is_removed(&used, &marker).await;
        }
        _ => {
            // Windows removes a file when the last program has closed it.
            let held = held.filter(|_| cfg!(unix));
            is_removed(&used, &marker).await;
            drop(held);
        }
    }
}

cells!(absent, readable, cut, other_version, denied, busy, disk_full);
