//! The cache on a real disk, with a keychain that does as it is told.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use directory::Person as Someone;
use ezeep_auth::{MemoryStore, Record, StoreKind};

use super::*;

/// A keychain that can be shut.
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
    fn kind(&self) -> StoreKind {
        StoreKind::Keychain
    }
}

struct Here {
    dir: tempfile::TempDir,
    keychain: Arc<Keychain>,
    cache: Cache,
}

fn id<T: TryFrom<String>>(text: &str) -> T
where
    T::Error: std::fmt::Debug,
{
    T::try_from(text.to_owned()).unwrap()
}

impl Here {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let keychain = Arc::new(Keychain::default());
        let cache = Cache::new(dir.path(), keychain.clone(), Notices::new(|| {}));
        Self { dir, keychain, cache }
    }

    fn slot(&self, account: &str, organization: &str) -> Slot {
        self.cache.slot(&id(account), &id(organization))
    }

    async fn save(&self, account: &str, organization: &str) {
        let directory = Directory::build(vec![Someone::new("u", "Zoe Canary", "zoe@x.example")], vec![]);
        let header = Header {
            at: 7,
            person: Person {
                id: id("p"),
                email: "admin-canary@x.example".into(),
                name: String::new(),
            },
            organization: Organization {
                id: id(organization),
                name: "School Canary".into(),
                admin: true,
                private: false,
                color: 1,
            },
        };
        let slot = self.slot(account, organization);
        slot.save(header, directory.snapshot(), || true).await;
    }

    fn file(&self, account: &str, organization: &str) -> PathBuf {
        self.slot(account, organization).path()
    }

    async fn found(&self, account: &str, organization: &str) -> Option<u32> {
        match self.slot(account, organization).load().await {
            Found::Directory(found) => Some(found.directory.totals().0),
            Found::Nothing | Found::Dropped => None,
        }
    }

    async fn dropped(&self, account: &str, organization: &str) -> bool {
        matches!(self.slot(account, organization).load().await, Found::Dropped)
            && !self.file(account, organization).exists()
    }
}

#[tokio::test]
async fn what_was_kept_is_found_with_whose_and_how_old_it_is() {
    let here = Here::new();
    assert!(matches!(here.slot("a", "o").load().await, Found::Nothing));
    here.save("a", "o").await;
    let Found::Directory(found) = here.slot("a", "o").load().await else {
        panic!("not found");
    };
    assert_eq!((found.header.at, found.header.organization.id), (7, id("o")));
    assert_eq!(found.directory.totals(), (1, 0));
}

/// security.md 43: copied into the place of another account or organization, a file opens as little as a damaged one.
#[tokio::test]
async fn a_damaged_cut_foreign_or_other_versions_file_is_removed_and_never_shown() {
    let here = Here::new();
    type Change = fn(&mut Vec<u8>);
    let cases: [(&str, Change); 4] = [
        ("damaged", |file| file[seal::HEAD + 9] ^= 1),
        ("cut", |file| file.truncate(file.len() / 2)),
        ("empty", Vec::clear),
        ("another version", |file| file[8] += 1),
    ];
    for (what, change) in cases {
        here.save("a", "o").await;
        let path = here.file("a", "o");
        let mut file = std::fs::read(&path).unwrap();
        change(&mut file);
        std::fs::write(&path, file).unwrap();
        assert!(here.dropped("a", "o").await, "{what}");
    }
    here.save("a", "o").await;
    here.save("b", "o").await;
    std::fs::copy(here.file("a", "o"), here.file("b", "o")).unwrap();
    assert!(here.dropped("b", "o").await, "another account's");
    std::fs::copy(here.file("a", "o"), here.file("a", "o2")).unwrap();
    assert!(here.dropped("a", "o2").await, "another organization's");
    let gone = RecordName::file_key("a");
    here.keychain.delete_key(&gone).await.unwrap();
    assert!(here.dropped("a", "o").await, "its key is gone");
}

#[tokio::test]
async fn a_keychain_that_does_not_answer_costs_no_file() {
    let here = Here::new();
    here.save("a", "o").await;
    here.keychain.shut.store(true, Ordering::SeqCst);
    assert_eq!(here.found("a", "o").await, None);
    here.save("a", "o2").await;
    assert!(!here.file("a", "o2").exists(), "nothing is kept without a key");
    here.keychain.shut.store(false, Ordering::SeqCst);
    assert_eq!(here.found("a", "o").await, Some(1));
}

/// security.md 25.
#[tokio::test]
async fn no_name_no_address_and_no_key_can_be_read_in_any_file() {
    let here = Here::new();
    here.save("a", "o").await;
    let key = here
        .keychain
        .read_key(&RecordName::file_key("a"))
        .await
        .unwrap()
        .unwrap();
    let file = std::fs::read(here.file("a", "o")).unwrap();
    for secret in [b"anary".as_slice(), b"x.example", key.expose()] {
        assert!(!file.windows(secret.len()).any(|part| part == secret));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_on_the_computer_can_read_a_kept_list() {
    use std::os::unix::fs::PermissionsExt as _;
    let here = Here::new();
    here.save("a", "o").await;
    let file = here.file("a", "o");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
}

/// security.md 41: of the account, and of no other.
#[tokio::test]
async fn a_sign_out_removes_the_files_and_the_key_and_no_late_save_brings_them_back() {
    let here = Here::new();
    here.save("a", "o").await;
    here.save("a", "o2").await;
    here.save("b", "o").await;
    here.cache.forget(&id("a")).await;
    assert!(!here.dir.path().join("cache/a").exists());
    let key = here.keychain.read_key(&RecordName::file_key("a")).await;
    assert!(matches!(key, Ok(None)));
    assert_eq!(here.found("b", "o").await, Some(1));
    let Found::Directory(found) = here.slot("b", "o").load().await else {
        panic!("not found");
    };
    let late = here.slot("a", "o");
    late.save(found.header, found.directory.snapshot(), || false)
        .await;
    assert!(!here.dir.path().join("cache/a").exists());
}

#[tokio::test]
async fn what_a_sign_out_could_not_remove_is_removed_at_the_next_start() {
    let here = Here::new();
    here.save("a", "o").await;
    here.save("b", "o").await;
    here.keychain.shut.store(true, Ordering::SeqCst);
    here.cache.forget(&id("a")).await;
    assert!(!here.file("a", "o").exists(), "the files go in any case");
    here.keychain.shut.store(false, Ordering::SeqCst);
    here.cache.sweep(|| vec![id("b")]).await;
    assert!(!here.dir.path().join("cache/a").exists());
    let key = here.keychain.read_key(&RecordName::file_key("a")).await;
    assert!(matches!(key, Ok(None)));
    assert_eq!(here.found("b", "o").await, Some(1));
}

#[tokio::test]
async fn what_is_kept_of_an_organization_that_the_account_has_left_is_removed() {
    let here = Here::new();
    for (account, organization) in [("a", "o"), ("a", "o2"), ("b", "o")] {
        here.save(account, organization).await;
    }
    here.cache.keep_only(&id("a"), &[id("o2"), id("o3")]).await;
    assert!(!here.file("a", "o").exists());
    assert_eq!(here.found("a", "o2").await, Some(1));
    assert_eq!(here.found("b", "o").await, Some(1), "another account's");
    here.cache.keep_only(&id("c"), &[id("o")]).await;
}
