//! Lock files, as seen by two who want the same one. Another process counts like another file handle
//! (ezeep-auth/tests/two_processes.rs).

use std::fs;

use super::*;

const SHORT: Duration = Duration::from_millis(60);
const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn one_has_it_the_other_waits_and_gets_it_afterwards() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("made/when needed/a.lock");
    let held = lock(&path, SHORT).await.unwrap();
    assert!(matches!(lock(&path, SHORT).await, Err(LockError::Busy)));
    let _other = lock(&path.with_file_name("b.lock"), SHORT).await.unwrap();
    let (got, ()) = tokio::join!(lock(&path, LONG), async {
        // The other task asks first, and again after this.
        tokio::task::yield_now().await;
        drop(held);
    });
    assert!(got.is_ok());
}

#[test]
fn a_thread_waits_for_a_lock_and_not_longer_than_its_limit() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("a.lock");
    let held = lock_blocking(&path, SHORT).unwrap();
    assert!(matches!(lock_blocking(&path, SHORT), Err(LockError::Busy)));
    assert!(try_lock(&path).unwrap().is_none());
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| lock_blocking(&path, LONG));
        drop(held);
        assert!(waiting.join().unwrap().is_ok());
    });
}

/// A cancelled wait does not hold a lock that it gets later.
#[tokio::test]
async fn a_wait_that_is_given_up_holds_nothing() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("a.lock");
    for _ in 0..20 {
        let _ = tokio::time::timeout(Duration::ZERO, lock(&path, SHORT)).await;
    }
    assert!(lock(&path, LONG).await.is_ok());
}

#[test]
fn a_folder_that_can_not_be_made_is_an_error_and_no_lock() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("a file");
    fs::write(&file, "").unwrap();
    assert!(matches!(
        try_lock(&file.join("locks/a.lock")),
        Err(LockError::Open(_))
    ));
}

/// Opening a pipe for writing waits for a reader.
#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_a_lock_is_an_error() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("a.lock");
    let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    assert!(matches!(try_lock(&path), Err(LockError::Open(_))));
}

/// security.md 63: also files and folders that another program or an earlier version created for everybody.
#[cfg(unix)]
#[test]
fn a_lock_file_is_empty_and_it_and_its_folder_are_closed_to_others_also_where_they_were_open() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().unwrap();
    let (dir, file) = (home.path().join("locks"), home.path().join("locks/a.lock"));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for _ in 0..2 {
        drop(try_lock(&file).unwrap().unwrap());
        assert_eq!((mode(&dir), mode(&file)), (0o700, 0o600));
        assert_eq!(fs::metadata(&file).unwrap().len(), 0);
        for (path, mode) in [(&dir, 0o755), (&file, 0o644)] {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
    }
}
