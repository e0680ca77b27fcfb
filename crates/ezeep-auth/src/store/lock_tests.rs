//! Lock files of records. The waiting and releasing of locks is tested in `vault/src/lock/file_tests.rs`;
//! other processes, and the release by their end, in `tests/two_processes.rs`.

use std::fs;

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
async fn one_has_a_record_the_other_is_told_that_it_is_busy_and_another_record_is_free() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("made/when needed");
    let held = impatient(&dir).take(&name("person")).await.unwrap();
    assert_eq!(
        impatient(&dir).take(&name("person")).await.err(),
        Some(StoreError::Busy)
    );
    let _other = impatient(&dir).take(&name("another")).await.unwrap();
    drop(held);
    assert!(impatient(&dir).take(&name("person")).await.is_ok());
}

/// security.md 25, 32: the file's name and contents don't tell whose record it is.
#[tokio::test]
async fn a_lock_file_is_empty_and_named_by_a_digest() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("locks");
    drop(impatient(&dir).take(&name("person")).await.unwrap());
    let entries: Vec<_> = fs::read_dir(&dir).unwrap().map(Result::unwrap).collect();
    assert_eq!(entries.len(), 1);
    let file = entries[0].file_name().into_string().unwrap();
    assert!(!file.contains("person") && !file.contains("account"), "{file}");
    assert_eq!(entries[0].metadata().unwrap().len(), 0);
}

/// security.md 32: a folder that can't be made is named, and no lock is reported.
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
