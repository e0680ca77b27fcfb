//! Lock files, as seen by two who want the same record. That another process counts like another file handle, and that
//! its end lets go, is shown in tests/two_processes.rs.

use super::*;
use crate::settings::ClientId;

fn name(person: &str) -> RecordName {
    let client = ClientId::try_from("client").unwrap();
    let issuer = url::Url::parse("https://account.example").unwrap();
    RecordName::new(&issuer, &client, person, Path::new("/data"))
}

fn impatient(dir: &Path) -> LockFiles {
    LockFiles::new(dir.to_owned()).with_limit(Duration::from_millis(60))
}

/// security.md 32.
#[tokio::test]
async fn one_has_it_the_other_waits_and_gets_it_afterwards() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("made/when needed");
    let held = impatient(&dir).take(&name("person")).await.unwrap();
    assert_eq!(
        impatient(&dir).take(&name("person")).await.err(),
        Some(StoreError::Busy)
    );
    let _other = impatient(&dir).take(&name("another")).await.unwrap();
    let (patient, ours) = (LockFiles::new(dir), name("person"));
    let (got, ()) = tokio::join!(patient.take(&ours), async {
        // The other task asks first, and again after this.
        tokio::task::yield_now().await;
        drop(held);
    });
    assert!(got.is_ok());
}

/// Whoever stops waiting does not keep what comes later.
#[tokio::test]
async fn a_wait_that_is_given_up_holds_nothing() {
    let home = tempfile::tempdir().unwrap();
    let locks = impatient(home.path());
    for _ in 0..20 {
        let ours = name("person");
        let _ = tokio::time::timeout(Duration::ZERO, locks.take(&ours)).await;
    }
    let patient = LockFiles::new(home.path().to_owned());
    assert!(patient.take(&name("person")).await.is_ok());
}

/// security.md 25, 32: the file says nothing of whose record it is, and nobody else can touch it.
#[tokio::test]
async fn a_lock_file_is_empty_private_and_named_by_a_digest() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("locks");
    drop(impatient(&dir).take(&name("person")).await.unwrap());
    let entries: Vec<_> = fs::read_dir(&dir).unwrap().map(Result::unwrap).collect();
    assert_eq!(entries.len(), 1);
    let file = entries[0].file_name().into_string().unwrap();
    assert!(!file.contains("person") && !file.contains("account"), "{file}");
    let data = entries[0].metadata().unwrap();
    assert_eq!(data.len(), 0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(data.permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(&dir).unwrap().permissions().mode() & 0o777, 0o700);
    }
}

/// security.md 32: a folder that can't be made is named, and no lock is pretended.
#[tokio::test]
async fn a_folder_that_can_not_be_used_is_an_error_that_names_it() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("a file");
    fs::write(&file, "").unwrap();
    let folder = file.join("locks");
    let error = impatient(&folder).take(&name("person")).await.err();
    assert!(
        matches!(&error, Some(StoreError::NoLock { folder: named, .. }) if *named == folder),
        "{error:?}"
    );
}

/// security.md 63: also files and folders that another program or an earlier version created for everybody.
#[cfg(unix)]
#[tokio::test]
async fn a_folder_and_a_file_that_were_open_are_closed_to_others() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("locks");
    let locks = LockFiles::new(dir.clone());
    let name = RecordName::file_key("a");
    drop(locks.take(&name).await.unwrap());
    let file = fs::read_dir(&dir).unwrap().next().unwrap().unwrap().path();
    for (path, mode) in [(&dir, 0o755), (&file, 0o644)] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    drop(locks.take(&name).await.unwrap());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&dir), mode(&file)), (0o700, 0o600));
}
