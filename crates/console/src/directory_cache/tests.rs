//! Saved copies and the files of holders on a real disk, with a keychain that the test controls.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use directory::Person as Someone;
use ezeep_auth::{MemoryStore, Record, RecordName, SecretStore, StoreError};

use super::*;
use crate::account_files::test_files::TestFilesWith;
use crate::runner::sample::id;
use crate::wire::DiskProblem;

/// A keychain that can be made to fail.
#[derive(Default)]
struct Keychain {
    inside: MemoryStore,
    shut: AtomicBool,
}

impl Keychain {
    fn open(&self) -> Result<(), StoreError> {
        if self.shut.load(Ordering::SeqCst) {
            Err(StoreError::TimedOut)
        } else {
            Ok(())
        }
    }
}

#[async_trait]
impl SecretStore for Keychain {
    async fn read(&self, name: &RecordName) -> Result<Option<Record>, StoreError> {
        self.inside.read(name).await
    }
    async fn write(&self, name: &RecordName, record: &Record) -> Result<(), StoreError> {
        self.inside.write(name, record).await
    }
    async fn delete(&self, name: &RecordName) -> Result<(), StoreError> {
        self.inside.delete(name).await
    }
    async fn read_key(&self, name: &RecordName) -> Result<Option<FileKey>, StoreError> {
        self.open()?;
        self.inside.read_key(name).await
    }
    async fn write_key(&self, name: &RecordName, key: &FileKey) -> Result<(), StoreError> {
        self.open()?;
        self.inside.write_key(name, key).await
    }
    async fn delete_key(&self, name: &RecordName) -> Result<(), StoreError> {
        self.open()?;
        self.inside.delete_key(name).await
    }
    async fn probe(&self) -> Result<(), StoreError> {
        self.open()
    }
}

type TestFiles = TestFilesWith<Keychain>;

/// Saves a directory of one user. Returns whether it was saved.
async fn save(slot: &Slot) -> bool {
    let user = Someone::new("u".parse().unwrap(), "Zoe Canary", "zoe@x.example");
    let directory = Directory::build(vec![user], vec![]);
    let header = Header {
        at: 7,
        person: Person {
            id: id("p"),
            email: "admin-canary@x.example".into(),
            name: String::new(),
        },
        organization: Organization {
            id: slot.organization().clone(),
            name: "School Canary".into(),
            admin: true,
            private: false,
            color: 1,
        },
    };
    slot.save(header, directory.snapshot(), || true).await
}

impl TestFiles {
    fn slot(&self, account: &str, organization: &str) -> Slot {
        self.files.slot(&id(account), &id(organization))
    }

    async fn save(&self, account: &str, organization: &str) {
        save(&self.slot(account, organization)).await;
    }

    fn file(&self, account: &str, organization: &str) -> PathBuf {
        self.slot(account, organization).saved_copy()
    }

    async fn found(&self, account: &str, organization: &str) -> Option<u32> {
        let found = self.slot(account, organization).load().await;
        found.map(|found| found.directory.totals().0)
    }

    /// Whether the file is not shown and is set aside unchanged, byte for byte.
    async fn set_aside(&self, account: &str, organization: &str) -> bool {
        let path = self.file(account, organization);
        let bytes = std::fs::read(&path).unwrap();
        let shown = self.slot(account, organization).load().await.is_some();
        let told = self.notices.open().pop();
        let aside = told.and_then(|notice| notice.set_aside);
        !shown && !path.exists() && aside.is_some_and(|aside| std::fs::read(aside).unwrap() == bytes)
    }

    fn folder(&self, account: &str) -> PathBuf {
        self.dir.path().join("cache.v2").join(account)
    }
}

#[tokio::test]
async fn what_was_kept_is_found_with_whose_and_how_old_it_is() {
    let test = TestFiles::new();
    assert!(test.slot("a", "o").load().await.is_none());
    test.save("a", "o").await;
    let Some(found) = test.slot("a", "o").load().await else {
        panic!("not found");
    };
    assert_eq!((found.header.at, found.header.organization.id), (7, id("o")));
    assert_eq!(found.directory.totals(), (1, 0));
}

/// security.md 43: copied into the place of another holder or organization, a file opens as little as a
/// damaged one.
#[tokio::test]
async fn a_damaged_cut_foreign_or_other_versions_file_is_set_aside_and_never_shown() {
    let test = TestFiles::new();
    type Change = fn(&mut Vec<u8>);
    let cases: [(&str, Change); 4] = [
        ("damaged", |file| file[seal::HEAD + 9] ^= 1),
        ("cut", |file| file.truncate(file.len() / 2)),
        ("empty", Vec::clear),
        ("another version", |file| file[8] += 1),
    ];
    for (what, change) in cases {
        test.save("a", "o").await;
        let path = test.file("a", "o");
        let mut file = std::fs::read(&path).unwrap();
        change(&mut file);
        std::fs::write(&path, file).unwrap();
        assert!(test.set_aside("a", "o").await, "{what}");
    }
    test.save("a", "o").await;
    test.save("b", "o").await;
    std::fs::copy(test.file("a", "o"), test.file("b", "o")).unwrap();
    assert!(test.set_aside("b", "o").await, "another account's");
    std::fs::copy(test.file("a", "o"), test.file("a", "o2")).unwrap();
    assert!(test.set_aside("a", "o2").await, "another organization's");
    test.keychain
        .write_key(&RecordName::file_key("a"), &FileKey::random())
        .await
        .unwrap();
    assert!(test.set_aside("a", "o").await, "another key");
}

/// A keychain without the key may be another keychain than yesterday's: the files stay.
#[tokio::test]
async fn without_a_key_a_file_stays_until_a_new_key_is_made_and_is_set_aside_then() {
    let mut test = TestFiles::new();
    test.save("a", "o").await;
    test.save("b", "o").await;
    let name = RecordName::file_key("a");
    let key = test.keychain.read_key(&name).await.unwrap().unwrap();
    test.keychain.delete_key(&name).await.unwrap();
    test.restart();
    assert_eq!(test.found("a", "o").await, None);
    let told = test.notices.open();
    assert_eq!(
        (told[0].what, told[0].problem),
        (DiskThing::DataKey, DiskProblem::Missing)
    );
    test.keychain.write_key(&name, &key).await.unwrap();
    assert_eq!(test.found("a", "o").await, Some(1), "the key is back");
    let bytes = std::fs::read(test.file("a", "o")).unwrap();
    test.keychain.delete_key(&name).await.unwrap();
    test.restart();
    test.save("a", "o2").await;
    let told = test.notices.open().pop().unwrap();
    assert_eq!(std::fs::read(told.set_aside.unwrap()).unwrap(), bytes);
    assert!(!test.file("a", "o").exists() && test.file("b", "o").exists());
}

/// With another key in its place, no file that exists could be opened again.
#[tokio::test]
async fn a_key_that_the_keychain_loses_while_the_app_runs_is_put_back_and_not_after_a_sign_out() {
    let mut test = TestFiles::new();
    test.save("a", "o").await;
    let name = RecordName::file_key("a");
    let key = async |test: &TestFiles| *test.keychain.read_key(&name).await.unwrap().unwrap().expose();
    let first = key(&test).await;
    test.keychain.delete_key(&name).await.unwrap();
    test.save("a", "o2").await;
    assert_eq!(key(&test).await, first);
    test.restart();
    for organization in ["o", "o2"] {
        assert_eq!(test.found("a", organization).await, Some(1), "{organization}");
    }
    assert_eq!(test.notices.open(), []);
    test.files.forget(&id("a")).await;
    test.save("a", "o").await;
    assert_ne!(key(&test).await, first);
}

/// A sign-out removes the key first: another program that looks for it then finds files without a key.
#[tokio::test]
async fn a_key_is_neither_put_back_nor_made_while_another_program_signs_the_account_out() {
    let test = TestFiles::new();
    test.save("a", "o").await;
    let (theirs, _) = test.guest();
    theirs.mark(&id("a")).await;
    let name = RecordName::file_key("a");
    test.keychain.delete_key(&name).await.unwrap();
    for files in [&test.files, &theirs] {
        assert!(files.slot(&id("a"), &id("o2")).key().await.is_err());
        assert!(matches!(test.keychain.read_key(&name).await, Ok(None)));
    }
    assert!(
        test.file("a", "o").exists(),
        "the sign-out removes it, and nothing is set aside"
    );
    test.files.finish_removal(&id("a"), false).await;
    test.save("a", "o").await;
    assert_eq!(test.found("a", "o").await, Some(1), "signed in again");
}

#[tokio::test]
async fn a_keychain_that_does_not_answer_costs_no_file() {
    let test = TestFiles::new();
    test.save("a", "o").await;
    test.keychain.shut.store(true, Ordering::SeqCst);
    assert_eq!(test.found("a", "o").await, None);
    test.save("a", "o2").await;
    assert!(!test.file("a", "o2").exists(), "nothing is kept without a key");
    test.keychain.shut.store(false, Ordering::SeqCst);
    assert_eq!(test.found("a", "o").await, Some(1));
}

/// security.md 25.
#[tokio::test]
async fn no_name_no_address_and_no_key_can_be_read_in_any_file() {
    let test = TestFiles::new();
    test.save("a", "o").await;
    let key = test
        .keychain
        .read_key(&RecordName::file_key("a"))
        .await
        .unwrap()
        .unwrap();
    let file = std::fs::read(test.file("a", "o")).unwrap();
    for secret in [b"anary".as_slice(), b"x.example", key.expose()] {
        assert!(!file.windows(secret.len()).any(|part| part == secret));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_on_the_computer_can_read_a_kept_list() {
    use std::os::unix::fs::PermissionsExt as _;
    let test = TestFiles::new();
    test.save("a", "o").await;
    let file = test.file("a", "o");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
}

/// security.md 41: of the holder, and of no other.
#[tokio::test]
async fn a_sign_out_removes_the_files_and_the_key_and_no_late_save_brings_them_back() {
    let test = TestFiles::new();
    test.save("a", "o").await;
    test.save("a", "o2").await;
    test.save("b", "o").await;
    test.files.forget(&id("a")).await;
    assert!(!test.folder("a").exists());
    let key = test.keychain.read_key(&RecordName::file_key("a")).await;
    assert!(matches!(key, Ok(None)));
    assert_eq!(test.found("b", "o").await, Some(1));
    let Some(found) = test.slot("b", "o").load().await else {
        panic!("not found");
    };
    let late = test.slot("a", "o");
    late.save(found.header, found.directory.snapshot(), || false)
        .await;
    assert!(!test.folder("a").exists());
}

#[tokio::test]
async fn what_a_sign_out_could_not_remove_is_removed_at_the_next_start() {
    let test = TestFiles::new();
    test.save("a", "o").await;
    test.save("b", "o").await;
    test.keychain.shut.store(true, Ordering::SeqCst);
    test.files.forget(&id("a")).await;
    assert!(!test.file("a", "o").exists(), "the files go in any case");
    test.keychain.shut.store(false, Ordering::SeqCst);
    test.files.sweep(|| vec![id("b")]).await;
    assert!(!test.folder("a").exists());
    let key = test.keychain.read_key(&RecordName::file_key("a")).await;
    assert!(matches!(key, Ok(None)));
    assert_eq!(test.found("b", "o").await, Some(1));
}

#[tokio::test]
async fn what_is_kept_of_an_organization_that_the_account_has_left_is_removed() {
    let test = TestFiles::new();
    for (account, organization) in [("a", "o"), ("a", "o2"), ("b", "o")] {
        test.save(account, organization).await;
    }
    test.files.keep_only(&id("a"), &[id("o2"), id("o3")]).await;
    assert!(!test.file("a", "o").exists());
    assert_eq!(test.found("a", "o2").await, Some(1));
    assert_eq!(test.found("b", "o").await, Some(1), "another account's");
    test.files.keep_only(&id("c"), &[id("o")]).await;
}

fn age(path: &Path, days: u64) {
    let then = std::time::SystemTime::now() - Duration::from_secs(days * 24 * 60 * 60);
    std::fs::File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_modified(then)
        .unwrap();
}

/// Settings that were set aside name no account; that must not remove any holder's files.
#[tokio::test]
async fn an_account_that_is_not_named_keeps_its_files_and_its_key_for_ninety_days() {
    let test = TestFiles::new();
    for account in ["young", "old", "here"] {
        test.save(account, "o").await;
        test.save(account, "o2").await;
    }
    for (account, days) in [("young", 89), ("old", 91), ("here", 91)] {
        age(&test.file(account, "o"), days);
        age(&test.file(account, "o2"), 200);
    }
    test.files.sweep(|| vec![id("here")]).await;
    assert_eq!(test.found("young", "o").await, Some(1));
    assert_eq!(
        test.found("here", "o2").await,
        Some(1),
        "signed in: no age counts"
    );
    assert!(!test.folder("old").exists());
    let key = test.keychain.read_key(&RecordName::file_key("old")).await;
    assert!(matches!(key, Ok(None)));
}

/// Set-aside settings name accounts that the present settings don't: the next start knows only its own
/// settings, and not which files are old.
#[tokio::test]
async fn while_settings_that_were_set_aside_are_there_no_account_is_removed_for_its_age() {
    let test = TestFiles::new();
    test.save("old", "o").await;
    age(&test.file("old", "o"), 91);
    let settings = test.dir.path().join(stored::SETTINGS);
    std::fs::write(&settings, "{").unwrap();
    age(&settings, 91);
    let aside = atomic::set_aside(&settings).unwrap();
    test.files.sweep(Vec::new).await;
    assert!(aside.exists(), "set aside just now");
    assert_eq!(test.found("old", "o").await, Some(1));
    age(&aside, 91);
    test.files.sweep(Vec::new).await;
    assert!(!aside.exists() && !test.folder("old").exists(), "90 days later");
}

#[tokio::test]
async fn what_was_set_aside_goes_after_ninety_days_and_what_was_left_unfinished_after_one() {
    let test = TestFiles::new();
    test.save("a", "o").await;
    let files = [
        ("settings.v1.json.unreadable-20260101T000000Z", 91, false),
        ("settings.v1.json.unreadable-20260101T000001Z", 89, true),
        ("cache.v2/a/x.dir.unreadable-20260101T000000Z", 91, false),
        ("cache.v2/a/.new-a", 2, false),
        ("cache.v2/a/.new-b", 0, true),
        ("somebody-elses.txt", 400, true),
    ];
    for (name, days, _) in files {
        let path = test.dir.path().join(name);
        std::fs::write(&path, "").unwrap();
        age(&path, days);
    }
    test.files.sweep(|| vec![id("a")]).await;
    for (name, _, stays) in files {
        assert_eq!(test.dir.path().join(name).exists(), stays, "{name}");
    }
}

#[tokio::test]
async fn a_sign_in_ends_the_removal_before_it_and_loses_nothing_to_it_later() {
    let test = TestFiles::new();
    test.save("a", "o").await;
    test.keychain.shut.store(true, Ordering::SeqCst);
    test.files.forget(&id("a")).await;
    test.keychain.shut.store(false, Ordering::SeqCst);
    test.files.finish_removal(&id("a"), false).await;
    let key = test.keychain.read_key(&RecordName::file_key("a")).await;
    assert!(matches!(key, Ok(None)), "the key of before");
    test.save("a", "o").await;
    test.files.sweep(Vec::new).await;
    assert_eq!(test.found("a", "o").await, Some(1));
}

/// The write holds its lock to the end even if its caller is dropped.
#[tokio::test]
async fn a_save_that_is_dropped_keeps_the_sign_out_waiting_until_its_file_is_written() {
    let test = TestFiles::new();
    test.save("a", "o").await;
    let found = test.slot("a", "o").load().await.unwrap();
    let slot = test.slot("a", "o2");
    let large = vec![0; 128 << 20];
    let saving = tokio::spawn(async move { slot.save(found.header, large, || true).await });
    // The temporary file is there: the writing is under way.
    let writing = || {
        folder::files_below(&test.folder("a"))
            .unwrap()
            .iter()
            .any(|path| atomic::is_unfinished(path))
    };
    while !writing() && !saving.is_finished() {
        tokio::task::yield_now().await;
    }
    saving.abort();
    test.files.forget(&id("a")).await;
    assert_eq!(
        folder::files_below(&test.folder("a")).unwrap(),
        Vec::<PathBuf>::new()
    );
    // All background work has ended once the lock is acquired.
    drop(test.files.lock_copies().await);
    assert!(!test.folder("a").exists());
}

/// security.md 62.
#[tokio::test]
async fn a_guest_removes_nothing_and_sets_nothing_aside() {
    let test = TestFiles::new();
    test.save("a", "o").await;
    test.save("a", "o2").await;
    age(&test.file("a", "o"), 200);
    test.save("left", "o").await;
    test.files.mark(&id("left")).await;
    test.save("damaged", "o").await;
    std::fs::write(test.file("damaged", "o"), "cut").unwrap();
    let aside = test
        .dir
        .path()
        .join("settings.v1.json.unreadable-20260101T000000Z");
    std::fs::write(&aside, "").unwrap();
    age(&aside, 91);
    let files = || {
        let mut found = folder::files_below(test.dir.path()).unwrap();
        found.sort();
        found
    };
    let before = files();

    let (guest, notices) = test.guest();
    guest.sweep(Vec::new).await;
    guest.keep_only(&id("a"), &[]).await;
    assert!(guest.slot(&id("a"), &id("o")).load().await.is_some(), "it reads");
    assert!(guest.slot(&id("damaged"), &id("o")).load().await.is_none());
    assert_eq!(files(), before);
    let told = notices.open();
    assert_eq!(
        (told[0].problem, told[0].set_aside.as_deref()),
        (DiskProblem::Damaged, None)
    );

    test.files.sweep(Vec::new).await;
    test.files.keep_only(&id("a"), &[id("o2")]).await;
    let removed = [aside, test.file("left", "o"), test.file("a", "o")];
    assert!(removed.iter().all(|path| before.contains(path) && !path.exists()));
}

/// security.md 62.
#[tokio::test]
async fn a_guest_saves_a_copy_only_while_the_directory_has_no_owner() {
    let test = TestFiles::new();
    let (guest, _) = test.guest();
    let slot = guest.slot(&id("a"), &id("o"));
    assert!(!save(&slot).await, "the owner saves it");
    assert!(!slot.saved_copy().exists());
    test.directory.release();
    assert!(save(&slot).await);
    assert!(slot.load().await.is_some());
}

/// A key that is missing in the keychain now may be there later.
#[tokio::test]
async fn a_guest_makes_no_key_in_place_of_one_that_files_are_sealed_with() {
    let test = TestFiles::new();
    test.save("a", "o").await;
    test.keychain
        .inside
        .delete_key(&RecordName::file_key("a"))
        .await
        .unwrap();
    test.directory.release();
    let (guest, _) = test.guest();
    assert!(!save(&guest.slot(&id("a"), &id("o2"))).await);
    assert!(test.file("a", "o").exists());
    assert!(
        save(&guest.slot(&id("b"), &id("o"))).await,
        "there is nothing to lose"
    );
}
