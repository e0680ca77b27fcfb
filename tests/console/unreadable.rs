//! What can't be read is not gone (docs/adr/0001): each file and keychain record of the app, absent, readable
//! and unreadable in every way, and the result. One test for each cell of the table in docs/security.md; each
//! is named after its cell.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use console::error::ErrorCode;
use console::wire::*;
use console::{MemoryStore, SecretStore};
use ezeep_auth::{FileKey, Record, RecordName, StoreError, StoreKind};

use crate::support::*;

const VIEW: &str = "Canary view";

/// A keychain's answers that differ from its contents.
#[derive(Clone, PartialEq)]
enum Says {
    Nothing,
    Fails(StoreError),
}

/// A keychain whose sign-in records and keys can each be made to fail.
#[derive(Default)]
struct Keychain {
    inside: MemoryStore,
    record: Mutex<Option<Says>>,
    key: Mutex<Option<Says>>,
}

fn said<T>(says: &Mutex<Option<Says>>) -> Option<Result<Option<T>, StoreError>> {
    says.lock().unwrap().clone().map(|says| match says {
        Says::Nothing => Ok(None),
        Says::Fails(error) => Err(error),
    })
}

#[async_trait]
impl SecretStore for Keychain {
    async fn read(&self, name: &RecordName) -> Result<Option<Record>, StoreError> {
        match said(&self.record) {
            Some(says) => says,
            None => self.inside.read(name).await,
        }
    }
    async fn write(&self, name: &RecordName, record: &Record) -> Result<(), StoreError> {
        // New writes are kept.
        *self.record.lock().unwrap() = None;
        self.inside.write(name, record).await
    }
    async fn delete(&self, name: &RecordName) -> Result<(), StoreError> {
        self.inside.delete(name).await
    }
    async fn read_key(&self, name: &RecordName) -> Result<Option<FileKey>, StoreError> {
        match said(&self.key) {
            Some(says) => says,
            None => self.inside.read_key(name).await,
        }
    }
    async fn write_key(&self, name: &RecordName, key: &FileKey) -> Result<(), StoreError> {
        *self.key.lock().unwrap() = None;
        self.inside.write_key(name, key).await
    }
    async fn delete_key(&self, name: &RecordName) -> Result<(), StoreError> {
        self.inside.delete_key(name).await
    }
    async fn probe(&self) -> Result<(), StoreError> {
        Ok(())
    }
    fn kind(&self) -> StoreKind {
        StoreKind::Keychain
    }
}

/// A computer that has been in use: settings, a saved copy, a saved view and a plan that was not applied.
struct Used {
    world: World,
    keychain: Arc<Keychain>,
    account: AccountId,
    /// Every file, byte for byte.
    files: BTreeMap<PathBuf, Vec<u8>>,
}

fn files_below(folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            files_below(&path, found);
        } else if let Ok(bytes) = std::fs::read(&path) {
            found.insert(path, bytes);
        }
    }
}

fn form_of(world: &World, main: &WorkspaceId, name: &str) -> ViewForm {
    let group = world.groups(main, "").rows.remove(0);
    ViewForm {
        name: name.into(),
        search: "canary-search".into(),
        groups: vec![GroupRef {
            id: group.id,
            name: group.name,
        }],
        no_group: false,
        roles: vec![Role::Admin],
        states: Vec::new(),
        origins: Vec::new(),
        settings: Vec::new(),
        sort: UserColumn::Email,
        descending: true,
        columns: Vec::new(),
    }
}

impl Used {
    async fn new() -> Self {
        let mut world = World::new(small()).await;
        let keychain = Arc::new(Keychain::default());
        world.keychain = keychain.clone();
        world.restart();
        world.form().await;
        world.sign_in(Visitor::Allows(ADMIN)).await;
        let main = world.choose("Nordhafen Schulen").await;
        world.read().await;
        let form = form_of(&world, &main, VIEW);
        world.console.view_save(&main, None, form).await.unwrap();
        let request = add_to_a_group(&world, &main).await;
        world.console.plan_make(&main, &request).await.unwrap();
        world.console.keep_now().await;
        let account = world.console.accounts()[0].id.clone();
        let mut files = BTreeMap::new();
        files_below(world.dir.path(), &mut files);
        Self {
            world,
            keychain,
            account,
            files,
        }
    }

    fn of_kind(&self, kind: &str) -> PathBuf {
        let is = |path: &&PathBuf| path.extension().is_some_and(|of| of == kind);
        let mut found: Vec<_> = self.files.keys().filter(is).cloned().collect();
        assert_eq!(found.len(), 1, "{kind}");
        found.remove(0)
    }

    fn path_of(&self, thing: &str) -> PathBuf {
        match thing {
            "settings" => self.world.dir.path().join("settings.v1.json"),
            "saved_copy" => self.of_kind("dir"),
            "views" => self.of_kind("views"),
            other => panic!("no file: {other}"),
        }
    }

    fn now(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        files_below(self.world.dir.path(), &mut files);
        files
    }

    /// Whether a file's earlier bytes still exist, in place or set aside.
    fn is_somewhere(&self, path: &Path) -> bool {
        self.now().values().any(|bytes| *bytes == self.files[path])
    }

    /// All other files are unchanged, byte for byte.
    fn others_are_untouched(&self, but: &[&Path]) {
        let now = self.now();
        for (path, bytes) in &self.files {
            // The settings record the organization, and the saved copy is written after each sync.
            let rewritten =
                path.ends_with("settings.v1.json") || path.extension().is_some_and(|of| of == "dir");
            if but.contains(&path.as_path()) || path.extension().is_some_and(|of| of == "lock") {
                continue;
            }
            let is = now.get(path);
            assert!(is.is_some(), "{path:?} is gone");
            assert!(rewritten || is == Some(bytes), "{path:?} was written over");
        }
    }

    async fn has_its_key(&self) {
        let name = RecordName::file_key(self.account.as_str());
        assert!(self.keychain.inside.read_key(&name).await.unwrap().is_some());
    }

    fn told(&self) -> Vec<(DiskThing, DiskProblem, bool)> {
        let told = self.world.console.disk_notices();
        told.into_iter()
            .map(|notice| (notice.what, notice.problem, notice.set_aside.is_some()))
            .collect()
    }

    /// A file that a start removes for its age: when it is gone, that start's sweep has only the accounts
    /// left.
    fn sentinel(&self) -> PathBuf {
        let path = self.world.dir.path().join(".new-killed");
        std::fs::write(&path, "").unwrap();
        let then = SystemTime::now() - Duration::from_secs(2 * 24 * 60 * 60);
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(then).unwrap();
        path
    }

    async fn is_swept(&self, sentinel: &Path) {
        self.world
            .until("swept", |_| (!sentinel.exists()).then_some(()))
            .await;
    }

    /// In the organization again, with everything that was there before.
    async fn is_whole(&self, views: usize, plans: usize) -> WorkspaceId {
        let (main, _) = self.world.inside().await;
        let looks = self.world.console.list_looks(&main).unwrap();
        assert_eq!(looks.views.len(), views, "views");
        assert_eq!(self.world.console.plans(&main).unwrap().len(), plans, "plans");
        main
    }
}

/// Brings a file into the cell's state. Returns what must be dropped later.
fn make(used: &Used, path: &Path, state: &str) -> Option<std::fs::File> {
    let bytes = &used.files[path];
    match state {
        "absent" => std::fs::remove_file(path).unwrap(),
        "readable" => {}
        "cut" => std::fs::write(path, &bytes[..bytes.len() / 2]).unwrap(),
        "empty" => std::fs::write(path, "").unwrap(),
        "denied" => permit(path, 0o000),
        "busy" => {
            let file = std::fs::File::open(path).unwrap();
            file.try_lock().unwrap();
            return Some(file);
        }
        other => panic!("no state of a file: {other}"),
    }
    None
}

#[cfg(unix)]
fn permit(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

async fn settings(state: &str) {
    let mut used = Used::new().await;
    let path = used.path_of("settings");
    let later = used.world.dir.path().join("settings.v2.json");
    let lock = used.world.dir.path().join("settings.v1.lock");
    match state {
        "other_version" => std::fs::write(&later, r#"{"accounts":7}"#).unwrap(),
        "busy" => {}
        "disk_full" => return full_disk(used).await,
        _ => drop(make(&used, &path, state)),
    }
    let was = std::fs::read(&path).unwrap_or_default();
    let sentinel = used.sentinel();
    used.world.restart();
    match state {
        "cut" | "empty" | "absent" => {
            used.world.form().await;
            if state == "absent" {
                assert_eq!(used.told(), []);
                used.is_swept(&sentinel).await;
            } else {
                assert_eq!(used.told(), [(DiskThing::Settings, DiskProblem::Damaged, true)]);
                let aside = used.world.console.disk_notices()[0].set_aside.clone().unwrap();
                assert_eq!(std::fs::read(aside).unwrap(), was);
                assert!(!path.exists());
            }
            used.others_are_untouched(&[&path]);
            used.has_its_key().await;
            // After the sign-in everything is there, even if an earlier start knew no account.
            if state == "cut" {
                used.world.restart();
                used.world.form().await;
            }
            used.world.sign_in(Visitor::Allows(ADMIN)).await;
            used.world.choose("Nordhafen Schulen").await;
            used.is_whole(1, 1).await;
            used.world.restart();
            used.is_whole(1, 1).await;
        }
        "readable" | "other_version" => {
            used.is_whole(1, 1).await;
            used.is_swept(&sentinel).await;
            assert_eq!(used.told(), []);
            used.others_are_untouched(&[]);
            if state == "other_version" {
                assert_eq!(std::fs::read(&later).unwrap(), br#"{"accounts":7}"#);
            }
        }
        "denied" => {
            used.world.form().await;
            assert_eq!(used.told(), [(DiskThing::Settings, DiskProblem::Denied, false)]);
            // Defaults for this run, in memory; nothing is overwritten, and nothing is swept.
            used.world.sign_in(Visitor::Allows(ADMIN)).await;
            used.world.choose("Nordhafen Schulen").await;
            used.is_whole(1, 1).await;
            permit(&path, 0o600);
            assert_eq!(std::fs::read(&path).unwrap(), used.files[&path]);
            assert!(sentinel.exists());
            used.others_are_untouched(&[]);
            used.world.restart();
            used.is_whole(1, 1).await;
            assert_eq!(used.told(), []);
        }
        "busy" => {
            used.is_whole(1, 1).await;
            used.world.read().await;
            let held = std::fs::File::open(&lock).unwrap();
            held.lock().unwrap();
            let was = std::fs::read(&path).unwrap();
            let column = |name: &str| ColumnChoice {
                name: name.into(),
                shown: Some(true),
                width: None,
            };
            let keep = |name| {
                used.world
                    .console
                    .columns_keep(ListName::Users, vec![column(name)])
            };
            keep("email").unwrap();
            assert_eq!(used.told(), [(DiskThing::Settings, DiskProblem::Busy, false)]);
            assert_eq!(std::fs::read(&path).unwrap(), was, "written without its lock");
            drop(held);
            keep("groups").unwrap();
            assert!(std::fs::read_to_string(&path).unwrap().contains("groups"));
        }
        other => panic!("no cell: {other}"),
    }
}

async fn saved_copy(state: &str) {
    let mut used = Used::new().await;
    let path = used.path_of("saved_copy");
    let later = used.world.dir.path().join("cache.v2");
    let held = match state {
        "other_version" => {
            std::fs::write(&later, "later").unwrap();
            let mut bytes = used.files[&path].clone();
            bytes[8] += 1;
            std::fs::write(&path, bytes).unwrap();
            None
        }
        "disk_full" => return full_disk(used).await,
        _ => make(&used, &path, state),
    };
    let was = std::fs::read(&path).unwrap_or_default();
    used.world.restart();
    let main = used.is_whole(1, 1).await;
    used.world.read().await;
    // Something to write, independent of when the sync was saved.
    used.world
        .console
        .group_create(&main, &form("Mensa"))
        .await
        .unwrap();
    used.world.console.keep_now().await;
    match state {
        "cut" | "empty" | "other_version" => {
            assert_eq!(used.told(), [(DiskThing::SavedCopy, DiskProblem::Damaged, true)]);
            let aside = used.world.console.disk_notices()[0].set_aside.clone().unwrap();
            assert_eq!(std::fs::read(aside).unwrap(), was);
            assert!(path.exists(), "a new one is written");
        }
        "denied" => {
            assert!(
                used.told()
                    .contains(&(DiskThing::SavedCopy, DiskProblem::Denied, false))
            );
            permit(&path, 0o600);
            assert_eq!(std::fs::read(&path).unwrap(), used.files[&path]);
        }
        _ => {
            assert_eq!(used.told(), []);
            assert!(path.exists());
        }
    }
    if state == "other_version" {
        assert_eq!(std::fs::read_to_string(&later).unwrap(), "later");
    }
    used.others_are_untouched(&[&path]);
    used.has_its_key().await;
    drop(held);
}

async fn views(state: &str) {
    let mut used = Used::new().await;
    let path = used.path_of("views");
    let held = match state {
        "other_version" => {
            let mut bytes = used.files[&path].clone();
            bytes[8] += 1;
            std::fs::write(&path, bytes).unwrap();
            None
        }
        "disk_full" => return full_disk(used).await,
        _ => make(&used, &path, state),
    };
    let was = std::fs::read(&path).unwrap_or_default();
    used.world.restart();
    let found = matches!(state, "readable" | "busy");
    let main = used.is_whole(usize::from(found), 1).await;
    used.world.read().await;
    let form = form_of(&used.world, &main, "Another view");
    used.world.console.view_save(&main, None, form).await.unwrap();
    let kept = used.world.console.list_looks(&main).unwrap().kept;
    match state {
        "cut" | "empty" | "other_version" => {
            assert_eq!(used.told(), [(DiskThing::Views, DiskProblem::Damaged, true)]);
            let aside = used.world.console.disk_notices()[0].set_aside.clone().unwrap();
            assert_eq!(std::fs::read(aside).unwrap(), was);
            assert!(kept);
            used.world.restart();
            used.is_whole(1, 1).await;
        }
        "denied" => {
            assert_eq!(used.told(), [(DiskThing::Views, DiskProblem::Denied, false)]);
            assert!(!kept, "in memory for this run");
            permit(&path, 0o600);
            assert_eq!(std::fs::read(&path).unwrap(), used.files[&path]);
            used.world.restart();
            used.is_whole(1, 1).await;
        }
        _ => {
            assert_eq!(used.told(), []);
            assert!(kept);
            used.world.restart();
            used.is_whole(1 + usize::from(found), 1).await;
        }
    }
    used.others_are_untouched(&[&path]);
    used.has_its_key().await;
    drop(held);
}

async fn record(state: &str) {
    let mut used = Used::new().await;
    let says = match state {
        "readable" => None,
        "absent" => Some(Says::Nothing),
        "damaged" => Some(Says::Fails(StoreError::Damaged)),
        "denied" => Some(Says::Fails(StoreError::Locked {
            reason: "locked".into(),
        })),
        "busy" => Some(Says::Fails(StoreError::TimedOut)),
        other => panic!("no cell: {other}"),
    };
    *used.keychain.record.lock().unwrap() = says;
    let sentinel = used.sentinel();
    used.world.restart();
    match state {
        "readable" => {
            used.is_whole(1, 1).await;
            assert_eq!(used.told(), []);
        }
        "denied" | "busy" => {
            let code = used.world.signed_out_with_a_problem().await.code;
            let wanted = if state == "busy" {
                ErrorCode::KeychainUnresponsive
            } else {
                ErrorCode::KeychainLocked
            };
            assert_eq!(code, wanted);
            assert_eq!(used.world.console.accounts()[0].state, AccountState::Ready);
            used.is_swept(&sentinel).await;
            *used.keychain.record.lock().unwrap() = None;
            used.world.restart();
            used.is_whole(1, 1).await;
        }
        _ => {
            let main = used.world.expired().await;
            assert!(used.world.find(&main, "").matched > 0, "what is on disk is shown");
            let problem = if state == "absent" {
                DiskProblem::Missing
            } else {
                DiskProblem::Damaged
            };
            assert_eq!(used.told(), [(DiskThing::SignIn, problem, false)]);
            assert_eq!(used.world.console.accounts()[0].state, AccountState::Expired);
            used.is_swept(&sentinel).await;
            used.others_are_untouched(&[]);
            used.has_its_key().await;
            // Also at the next start, which finds an account that is not signed in.
            let sentinel = used.sentinel();
            used.world.restart();
            used.world.expired().await;
            used.is_swept(&sentinel).await;
            used.world.sign_in(Visitor::Allows(ADMIN)).await;
            used.is_whole(1, 1).await;
        }
    }
    used.has_its_key().await;
}

async fn key(state: &str) {
    let mut used = Used::new().await;
    let (copy, views) = (used.path_of("saved_copy"), used.path_of("views"));
    let plan = used.of_kind("plan");
    let name = RecordName::file_key(used.account.as_str());
    let says = match state {
        "absent" => Some(Says::Nothing),
        "damaged" => Some(Says::Fails(StoreError::Damaged)),
        "denied" => Some(Says::Fails(StoreError::Locked {
            reason: "locked".into(),
        })),
        "busy" => Some(Says::Fails(StoreError::TimedOut)),
        "another" => {
            used.keychain
                .inside
                .write_key(&name, &FileKey::random())
                .await
                .unwrap();
            None
        }
        _ => None,
    };
    *used.keychain.key.lock().unwrap() = says;
    used.world.restart();
    let (main, _) = used.world.inside().await;
    used.world.read().await;
    used.world
        .console
        .group_create(&main, &form("Mensa"))
        .await
        .unwrap();
    used.world.console.keep_now().await;
    match state {
        "readable" => {
            used.is_whole(1, 1).await;
            assert_eq!(used.told(), []);
            used.others_are_untouched(&[]);
        }
        "damaged" | "denied" | "busy" => {
            let problem = match state {
                "damaged" => DiskProblem::Damaged,
                "denied" => DiskProblem::Denied,
                _ => DiskProblem::Busy,
            };
            assert!(
                used.told().contains(&(DiskThing::DataKey, problem, false)),
                "{:?}",
                used.told()
            );
            for path in [&copy, &views, &plan] {
                assert_eq!(
                    std::fs::read(path).unwrap(),
                    used.files[path],
                    "moved or written over"
                );
            }
            *used.keychain.key.lock().unwrap() = None;
            used.world.restart();
            used.is_whole(1, 1).await;
        }
        _ => {
            // A new key was made for this run's saved copy, or there was another one: files that it does not
            // open are set aside.
            let told = used.told();
            let (thing, problem) = match state {
                "absent" => (DiskThing::DataKey, DiskProblem::Missing),
                _ => (DiskThing::Views, DiskProblem::Damaged),
            };
            assert!(
                told.contains(&(thing, problem, true)) || state == "absent",
                "{told:?}"
            );
            assert!(
                told.iter()
                    .any(|(what, why, _)| (*what, *why) == (thing, problem)),
                "{told:?}"
            );
            for path in [&copy, &views, &plan] {
                assert!(used.is_somewhere(path), "{path:?} is lost");
            }
            used.world.restart();
            used.world.inside().await;
        }
    }
    used.has_its_key().await;
}

/// No write succeeds: the app continues and reports it, the previous contents are complete, and the next
/// write after space is freed succeeds.
async fn full_disk(mut used: Used) {
    used.world.restart();
    let main = used.is_whole(1, 1).await;
    used.world.read().await;
    used.world.console.keep_now().await;
    let before = used.now();
    resilience::ordinary::limit_files(Some(16));
    let column = ColumnChoice {
        name: "email".into(),
        shown: Some(true),
        width: None,
    };
    let columns = used.world.console.columns_keep(ListName::Users, vec![column]);
    let view = form_of(&used.world, &main, "Another view");
    let view = used.world.console.view_save(&main, None, view).await;
    let group = used.world.console.group_create(&main, &form("Mensa")).await;
    used.world.console.keep_now().await;
    resilience::ordinary::limit_files(None);
    columns.unwrap();
    group.unwrap();
    assert!(matches!(code(view), ErrorCode::FileNotWritten { .. }));
    let told = used.told();
    for thing in [DiskThing::Settings, DiskThing::SavedCopy] {
        assert!(told.contains(&(thing, DiskProblem::DiskFull, false)), "{told:?}");
    }
    assert_eq!(used.now(), before, "nothing is cut, and nothing is left behind");
    // Space is free again.
    let view = form_of(&used.world, &main, "Another view");
    used.world.console.view_save(&main, None, view).await.unwrap();
    used.world
        .console
        .columns_keep(ListName::Users, Vec::new())
        .unwrap();
    used.world.console.keep_now().await;
    let now = used.now();
    for thing in ["saved_copy", "views"] {
        let path = used.path_of(thing);
        assert_ne!(now[&path], before[&path], "{thing}");
    }
    used.world.restart();
    used.is_whole(2, 1).await;
}

/// The log's folder is not writable, or the disk is full: reported, and the app continues.
async fn log(state: &str) {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("logs");
    let notices = console::notices::Notices::new(|| {});
    match state {
        "denied" => {
            std::fs::create_dir(&folder).unwrap();
            permit(&folder, 0o500);
        }
        "disk_full" => resilience::ordinary::limit_files(Some(0)),
        _ => {}
    }
    let guard = console::logs::start(dir.path(), &console::logs::LogFilter::default(), &notices);
    tracing::info!("a line");
    drop(guard);
    resilience::ordinary::limit_files(None);
    let told = notices.open();
    if state == "denied" {
        permit(&folder, 0o700);
        assert_eq!(
            (told[0].what, told[0].problem),
            (DiskThing::Log, DiskProblem::Denied)
        );
    } else {
        // An empty file needs no space; lines that don't fit are missing.
        assert_eq!(told, []);
    }
}

/// Lock files are empty: their contents don't matter, only whether one can be opened and locked.
async fn lock(state: &str) {
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

/// One cell of the table, in a process of its own if it needs an ordinary user's permissions or a file-size
/// limit.
fn cell(thing: &'static str, state: &'static str) {
    let own_process = state == "disk_full" || (state == "denied" && resilience::ordinary::is_root());
    let keychains = matches!(thing, "record" | "key");
    if own_process && !keychains && !resilience::ordinary::is_child() {
        return resilience::ordinary::run_again(&format!("unreadable::{thing}::{state}"));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        match thing {
            "settings" => settings(state).await,
            "saved_copy" => saved_copy(state).await,
            "views" => views(state).await,
            "record" => record(state).await,
            "key" => key(state).await,
            "log" => log(state).await,
            "lock" => lock(state).await,
            other => panic!("no such thing: {other}"),
        }
    });
}

macro_rules! cells {
    ($($thing:ident: $($state:ident),+;)+) => {$(
        mod $thing {
            $(#[test]
            fn $state() {
                super::cell(stringify!($thing), stringify!($state));
            })+
        }
    )+};
}

cells! {
    settings: absent, readable, cut, empty, other_version, denied, busy, disk_full;
    saved_copy: absent, readable, cut, empty, other_version, denied, busy, disk_full;
    views: absent, readable, cut, empty, other_version, denied, busy, disk_full;
    record: absent, readable, damaged, denied, busy;
    key: absent, readable, another, damaged, denied, busy;
    log: readable, denied, disk_full;
    lock: absent, readable, denied, busy, disk_full;
}

/// security.md 61: views are sealed like the lists.
#[tokio::test]
async fn no_name_and_no_search_of_a_view_can_be_read_in_any_file() {
    let used = Used::new().await;
    for (path, bytes) in used.now() {
        for secret in [VIEW, "canary-search"] {
            let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{path:?} holds {secret}");
        }
    }
}

/// Every file and folder is restricted to its owner (security.md 63).
#[cfg(unix)]
#[tokio::test]
async fn every_file_is_closed_to_others_and_every_folder_also_those_that_were_open() {
    use std::os::unix::fs::PermissionsExt as _;
    fn modes(folder: &Path, found: &mut Vec<(PathBuf, u32)>) {
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        found.push((folder.to_owned(), mode(folder)));
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.file_type().unwrap().is_dir() {
                modes(&entry.path(), found);
            } else {
                found.push((entry.path(), mode(&entry.path())));
            }
        }
    }
    let mut used = Used::new().await;
    let closed = |used: &Used| {
        let mut found = Vec::new();
        modes(used.world.dir.path(), &mut found);
        for (path, mode) in &found {
            let wanted = if path.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(*mode, wanted, "{path:?}");
        }
        found
    };
    for (path, mode) in closed(&used) {
        permit(&path, mode | 0o055);
    }
    used.world.restart();
    used.is_whole(1, 1).await;
    closed(&used);
}

/// After a sign-out the settings contain nothing of the account or its organizations.
#[tokio::test]
async fn a_sign_out_takes_organizations_colors_and_what_was_set_aside_out_of_the_settings() {
    let mut used = Used::new().await;
    let main = used.world.organization("Nordhafen Schulen").await;
    let path = used.path_of("settings");
    assert!(std::fs::read_to_string(&path).unwrap().contains(main.as_str()));
    std::fs::write(&path, "{").unwrap();
    used.world.restart();
    used.world.form().await;
    used.world.sign_in(Visitor::Allows(ADMIN)).await;
    used.world.choose("Nordhafen Schulen").await;
    used.world.restart();
    used.world.inside().await;
    used.world.console.sign_out().await.unwrap();
    used.world.signed_out().await;
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains(main.as_str()), "{text}");
    let left: Vec<_> = used.now().into_keys().collect();
    let settings = |path: &&PathBuf| {
        path.file_name()
            .unwrap()
            .to_string_lossy()
            .starts_with("settings.v1.")
    };
    let others: Vec<_> = left.iter().filter(|path| !settings(path)).collect();
    assert_eq!(others, Vec::<&PathBuf>::new());
    assert_eq!(left.len(), 2, "the settings and their lock: {left:?}");
}

#[tokio::test]
async fn a_notice_that_was_closed_does_not_come_again_in_this_run() {
    let mut used = Used::new().await;
    let path = used.path_of("settings");
    std::fs::write(&path, "").unwrap();
    used.world.restart();
    used.world.form().await;
    let id = used.world.console.disk_notices()[0].id;
    used.world.console.disk_notice_close(id);
    assert_eq!(used.world.console.disk_notices(), []);
    assert!(
        used.world
            .host
            .events
            .lock()
            .unwrap()
            .contains(&AppEvent::Notices)
    );
}
