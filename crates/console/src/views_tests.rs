//! Saved views on a real disk, with a keychain in memory.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use ezeep_auth::{MemoryStore, Record, RecordName, SecretStore, StoreError};
use tokio_util::sync::CancellationToken;
use vault::FileKey;

use super::*;
use crate::account_files::test_files::{TestFiles, TestFilesWith};
use crate::runner::sample::id;
use crate::wire::{ColumnChoice, DiskNotice, UserColumn};

impl TestFiles {
    async fn views_of(&self, account: &str, organization: &str) -> Views {
        let slot = self.files.slot(&id(account), &id(organization));
        Views::open(slot, WritePermission::new(CancellationToken::new())).await
    }

    /// A new store on the same folder, as after a restart.
    async fn views(&self) -> Views {
        self.views_of("a", "o").await
    }

    /// Another program on this data directory and keychain.
    async fn other_program(&self) -> Views {
        let (files, _) = self.guest();
        Views::open(
            files.slot(&id("a"), &id("o")),
            WritePermission::new(CancellationToken::new()),
        )
        .await
    }

    fn views_path(&self) -> PathBuf {
        self.files.slot(&id("a"), &id("o")).views()
    }

    async fn key(&self) -> FileKey {
        let name = RecordName::file_key("a");
        self.keychain.read_key(&name).await.unwrap().unwrap()
    }

    /// Changes the contents of the file and seals it again.
    async fn rewrite(&self, change: impl FnOnce(&mut Value)) {
        let (slot, key) = (self.files.slot(&id("a"), &id("o")), self.key().await);
        let mut file = std::fs::read(self.views_path()).unwrap();
        let text = seal::open(&mut file, &key, &slot.place(FileKind::Views).data()).unwrap();
        let mut value = serde_json::from_slice(text).unwrap();
        change(&mut value);
        let text = value.to_string();
        let file = seal::seal(text.as_bytes(), &key, &slot.place(FileKind::Views).data()).unwrap();
        std::fs::write(self.views_path(), file).unwrap();
    }

    fn told(&self) -> Vec<DiskNotice> {
        self.notices.open()
    }
}

fn form(name: &str) -> ViewForm {
    ViewForm {
        name: name.to_owned(),
        search: "mül".to_owned(),
        groups: vec![GroupRef {
            id: id("g-1"),
            name: "Haus \u{202e}A".to_owned(),
        }],
        no_group: false,
        roles: vec![Role::Admin],
        states: Vec::new(),
        origins: vec![crate::wire::Origin::Azure],
        settings: Vec::new(),
        sort: UserColumn::Email,
        descending: true,
        columns: vec![ColumnChoice {
            name: "email".to_owned(),
            shown: Some(true),
            width: Some(300),
        }],
    }
}

fn names(views: &Views) -> Vec<String> {
    views
        .shown()
        .views
        .into_iter()
        .map(|view| view.form.name)
        .collect()
}

fn code<T>(result: Result<T>) -> ErrorCode {
    result.map(drop).unwrap_err().code
}

#[tokio::test]
async fn a_saved_view_and_the_one_chosen_are_there_at_the_next_start() {
    let test = TestFiles::new();
    let saved = test.views().await.save(None, form("  Admins ")).await.unwrap();
    assert_eq!(saved.form.name, "Admins", "trimmed");
    let again = test.views().await.shown();
    assert_eq!(again.views, vec![saved.clone()]);
    assert_eq!((again.chosen, again.persisted), (Some(saved.id), true));
    test.views().await.choose(None).await.unwrap();
    assert_eq!(test.views().await.shown().chosen, None);
}

#[tokio::test]
async fn each_account_and_organization_has_its_own() {
    let test = TestFiles::new();
    test.views().await.save(None, form("Admins")).await.unwrap();
    for other in [test.views_of("a", "p").await, test.views_of("b", "o").await] {
        assert!(other.shown().views.is_empty());
    }
    test.files.forget(&id("b")).await;
    assert_eq!(names(&test.views().await), ["Admins"]);
    test.files.forget(&id("a")).await;
    assert!(names(&test.views().await).is_empty(), "signed out: nothing stays");
}

#[tokio::test]
async fn a_name_is_told_apart_whatever_its_case_and_has_its_bounds() {
    let test = TestFiles::new();
    let views = test.views().await;
    let first = views.save(None, form("Ärzte")).await.unwrap();
    assert_eq!(
        code(views.save(None, form(" äRZTE")).await),
        ErrorCode::ViewNameTaken
    );
    views.save(None, form("Büro-Team 1")).await.unwrap();
    for alike in ["BÜRO‑TEAM\u{a0}1", "Bu\u{308}ro-Te\u{200b}am  1", "Büro－Team １"] {
        assert_eq!(
            code(views.save(None, form(alike)).await),
            ErrorCode::ViewNameTaken,
            "{alike:?}"
        );
    }
    assert_eq!(
        code(views.save(None, form("\u{200b}\u{3164}")).await),
        ErrorCode::ViewNameEmpty
    );
    assert_eq!(
        code(views.save(None, form(" \t")).await),
        ErrorCode::ViewNameEmpty
    );
    let long = "ü".repeat(61);
    let too_long = ErrorCode::ViewNameTooLong { max: 60, length: 61 };
    assert_eq!(code(views.save(None, form(&long)).await), too_long);
    views.save(None, form(&long[2..])).await.unwrap();
    let renamed = views.save(Some(&first.id), form("ÄRZTE")).await.unwrap();
    assert_eq!((renamed.id, names(&views)[0].as_str()), (first.id, "ÄRZTE"));
}

#[tokio::test]
async fn there_are_a_hundred_at_most() {
    let test = TestFiles::new();
    let views = test.views().await;
    for n in 0..MAX_VIEWS {
        views.save(None, form(&format!("{n}"))).await.unwrap();
    }
    assert_eq!(
        code(views.save(None, form("one more")).await),
        ErrorCode::ViewsFull { max: 100 }
    );
    let first = views.shown().views[0].clone();
    views.save(Some(&first.id), form("in its place")).await.unwrap();
}

#[tokio::test]
async fn a_deleted_view_comes_back_to_its_place_until_another_is_deleted() {
    let test = TestFiles::new();
    let views = test.views().await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        ids.push(views.save(None, form(name)).await.unwrap().id);
    }
    let [a, b, c] = <[ViewId; 3]>::try_from(ids).unwrap();
    views.delete(&c).await.unwrap();
    assert_eq!(
        views.shown().chosen,
        None,
        "a view that is gone is chosen no more"
    );
    views.delete(&b).await.unwrap();
    assert_eq!(code(views.delete(&b).await), ErrorCode::ViewGone);
    assert_eq!(code(views.restore(&c).await), ErrorCode::ViewGone);
    views.delete(&a).await.unwrap();
    views.restore(&a).await.unwrap();
    assert_eq!(code(views.restore(&a).await), ErrorCode::ViewGone);
    assert_eq!(names(&views), ["a"]);
    assert_eq!(names(&test.views().await), ["a"]);
}

#[tokio::test]
async fn a_restored_view_takes_nobodys_name() {
    let test = TestFiles::new();
    let views = test.views().await;
    let gone = views.save(None, form("a")).await.unwrap().id;
    views.delete(&gone).await.unwrap();
    views.save(None, form("A")).await.unwrap();
    assert_eq!(code(views.restore(&gone).await), ErrorCode::ViewNameTaken);
}

#[tokio::test]
async fn a_view_of_a_later_version_is_not_shown_and_stays_in_the_file() {
    let test = TestFiles::new();
    let saved = test.views().await.save(None, form("good")).await.unwrap();
    test.rewrite(|file| {
        let good = file["views"][0].clone();
        let changed = |field: &str, value: Value| {
            let mut view = good.clone();
            view["id"] = format!("v-{field}").into();
            view["name"] = format!("with another {field}").into();
            view[field] = value;
            view
        };
        let mut later = changed("name", "later field".into());
        later["field"] = 7.into();
        file["views"] = serde_json::json!([
            changed("name", "".into()),
            changed("sort", "shoeSize".into()),
            changed("roles", serde_json::json!(["owner"])),
            good,
            changed("name", "GOOD".into()),
            later,
            7,
        ]);
    })
    .await;
    let views = test.views().await;
    assert_eq!(names(&views), ["good", "later field"]);
    assert_eq!(views.shown().views[0], saved);
    assert_eq!(test.told()[0].problem, DiskProblem::Partly);
    views.save(None, form("new")).await.unwrap();
    test.rewrite(|file| {
        assert_eq!(file["views"].as_array().unwrap().len(), 8, "nothing is lost");
        for view in file["views"].as_array_mut().unwrap() {
            if view["sort"] == "shoeSize" {
                view["sort"] = "name".into();
            }
        }
    })
    .await;
    assert!(names(&test.views().await).contains(&"with another sort".to_owned()));
}

/// security.md 43: a file opens only at its own path.
#[tokio::test]
async fn a_file_of_another_account_or_organization_is_set_aside() {
    let test = TestFiles::new();
    test.views().await.save(None, form("a")).await.unwrap();
    let elsewhere = test.files.slot(&id("a"), &id("p")).views();
    std::fs::copy(test.views_path(), &elsewhere).unwrap();
    assert!(test.views_of("a", "p").await.shown().views.is_empty());
    assert!(!elsewhere.exists() && test.told()[0].set_aside.is_some());
}

/// A late save must not restore views that a sign-out has removed.
#[tokio::test]
async fn no_view_comes_back_after_the_organization_was_left_and_forgotten() {
    let test = TestFiles::new();
    let left = CancellationToken::new();
    let views = Views::open(
        test.files.slot(&id("a"), &id("o")),
        WritePermission::new(left.clone()),
    )
    .await;
    let saved = views.save(None, form("a")).await.unwrap();
    left.cancel();
    test.files.forget(&id("a")).await;
    assert_eq!(code(views.choose(None).await), ErrorCode::OrganizationChanged);
    assert_eq!(
        code(views.save(None, form("b")).await),
        ErrorCode::OrganizationChanged
    );
    assert_eq!(views.shown().chosen, Some(saved.id), "nothing is changed then");
    assert!(!test.views_path().exists());
}

#[tokio::test]
async fn what_can_not_be_kept_is_not_said_to_be_kept() {
    let test = TestFiles::new();
    std::fs::write(
        test.dir.path().join("views.v1"),
        b"a file where the folder should be",
    )
    .unwrap();
    let views = test.views().await;
    assert!(
        !views.shown().persisted,
        "it can't be read, so it is not written over"
    );
    views.save(None, form("a")).await.unwrap();
    assert_eq!(test.told()[0].problem, DiskProblem::Failed);
}

#[tokio::test]
async fn where_nothing_of_a_sign_in_is_kept_its_views_are_in_memory_alone() {
    let views = Views::default();
    views.save(None, form("a")).await.unwrap();
    let shown = views.shown();
    assert_eq!((shown.views.len(), shown.persisted), (1, false));
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_for_its_person_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let test = TestFiles::new();
    test.views().await.save(None, form("a")).await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let path = test.views_path();
    let folder = path.parent().unwrap();
    assert_eq!(
        (mode(&path), mode(folder), mode(folder.parent().unwrap())),
        (0o600, 0o700, 0o700)
    );
}

/// Two programs on one data directory.
#[tokio::test]
async fn what_another_program_has_saved_is_not_undone() {
    let test = TestFiles::new();
    let (ours, theirs) = (test.views().await, test.views().await);
    theirs.save(None, form("Theirs")).await.unwrap();
    ours.save(None, form("Ours")).await.unwrap();
    assert_eq!(names(&test.views().await), ["Theirs", "Ours"]);
}

/// Locked from the read to the write: otherwise a change saved in between would be lost.
#[tokio::test]
async fn two_programs_that_save_at_the_same_time_lose_nothing() {
    let test = TestFiles::new();
    let ours = test.views().await;
    ours.save(None, form("first")).await.unwrap();
    let theirs = test.other_program().await;
    let save = async |views: &Views, whose: &str| {
        for n in 0..5 {
            views.save(None, form(&format!("{whose} {n}"))).await.unwrap();
        }
    };
    tokio::join!(save(&ours, "ours"), save(&theirs, "theirs"));
    assert_eq!(names(&test.views().await).len(), 11);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_another_program_holds_up_too_long_is_refused_and_changes_nothing() {
    let test = TestFiles::new();
    let views = test.views().await;
    views.save(None, form("a")).await.unwrap();
    let held = vault::lock::try_lock(&test.dir.path().join("locks/views.lock")).unwrap();
    assert!(held.is_some());
    assert!(matches!(
        code(views.save(None, form("b")).await),
        ErrorCode::FileNotWritten { .. }
    ));
    assert_eq!(names(&views), ["a"]);
    drop(held);
    views.save(None, form("b")).await.unwrap();
    assert_eq!(names(&test.views().await), ["a", "b"]);
}

/// Views are saved even on a disk without locks, or if the locks' folder can't be made.
#[cfg_attr(
    windows,
    ignore = "Windows removes no folder with an open file in it, such as the owner's lock"
)]
#[tokio::test]
async fn without_a_folder_for_locks_views_are_saved_all_the_same() {
    let test = TestFiles::new();
    let locks = test.dir.path().join("locks");
    std::fs::remove_dir_all(&locks).unwrap();
    std::fs::write(&locks, "").unwrap();
    test.views().await.save(None, form("a")).await.unwrap();
    assert_eq!(names(&test.views().await), ["a"]);
}

#[tokio::test]
async fn a_file_that_was_damaged_since_the_start_is_set_aside_and_the_views_shown_are_kept() {
    let test = TestFiles::new();
    let views = test.views().await;
    views.save(None, form("a")).await.unwrap();
    std::fs::write(test.views_path(), b"cut").unwrap();
    views.save(None, form("b")).await.unwrap();
    let told = test.told().remove(0);
    assert_eq!(
        (told.what, told.problem),
        (DiskThing::Views, DiskProblem::Damaged)
    );
    assert_eq!(std::fs::read(told.set_aside.unwrap()).unwrap(), b"cut");
    assert_eq!(names(&test.views().await), ["a", "b"]);
}

/// A keychain whose key can't be read the next time.
#[derive(Default)]
struct BusyOnce {
    inside: MemoryStore,
    busy: AtomicBool,
}

#[async_trait]
impl SecretStore for BusyOnce {
    async fn read(&self, name: &RecordName) -> std::result::Result<Option<Record>, StoreError> {
        self.inside.read(name).await
    }
    async fn write(&self, name: &RecordName, record: &Record) -> std::result::Result<(), StoreError> {
        self.inside.write(name, record).await
    }
    async fn delete(&self, name: &RecordName) -> std::result::Result<(), StoreError> {
        self.inside.delete(name).await
    }
    async fn read_key(&self, name: &RecordName) -> std::result::Result<Option<FileKey>, StoreError> {
        if self.busy.swap(false, Ordering::SeqCst) {
            return Err(StoreError::Busy);
        }
        self.inside.read_key(name).await
    }
    async fn write_key(&self, name: &RecordName, key: &FileKey) -> std::result::Result<(), StoreError> {
        self.inside.write_key(name, key).await
    }
    async fn delete_key(&self, name: &RecordName) -> std::result::Result<(), StoreError> {
        self.inside.delete_key(name).await
    }
    async fn probe(&self) -> std::result::Result<(), StoreError> {
        Ok(())
    }
}

#[tokio::test]
async fn a_change_whose_file_can_not_be_opened_now_is_refused_and_changes_nothing() {
    let test = TestFilesWith::<BusyOnce>::new();
    let open = async || {
        Views::open(
            test.files.slot(&id("a"), &id("o")),
            WritePermission::new(CancellationToken::new()),
        )
        .await
    };
    let (ours, theirs) = (open().await, open().await);
    theirs.save(None, form("Theirs")).await.unwrap();
    test.keychain.busy.store(true, Ordering::SeqCst);
    assert_eq!(code(ours.save(None, form("Ours")).await), ErrorCode::SessionBusy);
    assert!(names(&ours).is_empty());
    assert_eq!(names(&open().await), ["Theirs"]);
    ours.save(None, form("Ours")).await.unwrap();
    assert_eq!(names(&open().await), ["Theirs", "Ours"]);
}

#[tokio::test]
async fn a_view_that_another_program_has_deleted_is_chosen_no_more() {
    let test = TestFiles::new();
    let ours = test.views().await;
    let [a, b] = ["a", "b"].map(|name| ours.save(None, form(name)));
    let (a, b) = (a.await.unwrap().id, b.await.unwrap().id);
    ours.choose(Some(&a)).await.unwrap();
    test.other_program().await.delete(&a).await.unwrap();
    ours.delete(&b).await.unwrap();
    let shown = ours.shown();
    assert_eq!((shown.views.len(), shown.chosen), (0, None));
}
