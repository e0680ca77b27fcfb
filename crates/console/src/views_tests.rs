use super::*;
use crate::wire::{GroupRef, Role, UserColumn};

fn id<T: TryFrom<String>>(text: &str) -> T
where
    T::Error: std::fmt::Debug,
{
    T::try_from(text.to_owned()).unwrap()
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

fn views(dir: &Path) -> Views {
    Views::of(dir, &id("a"), &id("o"))
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

#[test]
fn a_saved_view_and_the_one_chosen_are_there_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let saved = views(dir.path()).save(None, form("  Admins ")).unwrap();
    assert_eq!(saved.form.name, "Admins", "trimmed");
    let again = views(dir.path()).shown();
    assert_eq!(again.views, vec![saved.clone()]);
    assert_eq!(
        (again.chosen, again.damaged, again.kept),
        (Some(saved.id), false, true)
    );
    views(dir.path()).choose(None).unwrap();
    assert_eq!(views(dir.path()).shown().chosen, None);
}

#[test]
fn each_account_and_organization_has_its_own() {
    let dir = tempfile::tempdir().unwrap();
    views(dir.path()).save(None, form("Admins")).unwrap();
    for other in [
        Views::of(dir.path(), &id("a"), &id("p")),
        Views::of(dir.path(), &id("b"), &id("o")),
    ] {
        assert!(other.shown().views.is_empty());
    }
    forget(dir.path(), &id("b"));
    assert_eq!(names(&views(dir.path())), ["Admins"]);
    forget(dir.path(), &id("a"));
    assert!(names(&views(dir.path())).is_empty(), "signed out: nothing stays");
}

#[test]
fn a_name_is_told_apart_whatever_its_case_and_has_its_bounds() {
    let dir = tempfile::tempdir().unwrap();
    let views = views(dir.path());
    let first = views.save(None, form("Ärzte")).unwrap();
    assert_eq!(code(views.save(None, form(" äRZTE"))), ErrorCode::ViewNameTaken);
    assert_eq!(code(views.save(None, form(" \t"))), ErrorCode::ViewNameEmpty);
    let long = "ü".repeat(61);
    let too_long = ErrorCode::ViewNameTooLong { max: 60, length: 61 };
    assert_eq!(code(views.save(None, form(&long))), too_long);
    views.save(None, form(&long[2..])).unwrap();
    let renamed = views.save(Some(&first.id), form("ÄRZTE")).unwrap();
    assert_eq!((renamed.id, names(&views)[0].as_str()), (first.id, "ÄRZTE"));
}

#[test]
fn there_are_a_hundred_at_most() {
    let dir = tempfile::tempdir().unwrap();
    let views = views(dir.path());
    for n in 0..MAX_VIEWS {
        views.save(None, form(&format!("{n}"))).unwrap();
    }
    assert_eq!(
        code(views.save(None, form("one more"))),
        ErrorCode::ViewsFull { max: 100 }
    );
    let first = views.shown().views[0].clone();
    views.save(Some(&first.id), form("in its place")).unwrap();
}

#[test]
fn a_deleted_view_comes_back_to_its_place_until_another_is_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let views = views(dir.path());
    let [a, b, c] = ["a", "b", "c"].map(|name| views.save(None, form(name)).unwrap().id);
    views.delete(&c).unwrap();
    assert_eq!(
        views.shown().chosen,
        None,
        "a view that is gone is chosen no more"
    );
    views.delete(&b).unwrap();
    assert_eq!(code(views.delete(&b)), ErrorCode::ViewGone);
    assert_eq!(code(views.restore(&c)), ErrorCode::ViewGone);
    views.delete(&a).unwrap();
    views.restore(&a).unwrap();
    assert_eq!(code(views.restore(&a)), ErrorCode::ViewGone);
    assert_eq!(names(&views), ["a"]);
    assert_eq!(names(&super::tests::views(dir.path())), ["a"]);
}

#[test]
fn a_restored_view_takes_nobodys_name() {
    let dir = tempfile::tempdir().unwrap();
    let views = views(dir.path());
    let gone = views.save(None, form("a")).unwrap().id;
    views.delete(&gone).unwrap();
    views.save(None, form("A")).unwrap();
    assert_eq!(code(views.restore(&gone)), ErrorCode::ViewNameTaken);
}

#[test]
fn a_damaged_file_is_dropped_with_a_note_and_written_anew() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("views/a/o.json");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    for bytes in [
        &b"{\"version\":1"[..],
        b"[]",
        b"\xff\xfe",
        b"{\"version\":2,\"views\":[],\"chosen\":null}",
        b"",
    ] {
        std::fs::write(&path, bytes).unwrap();
        let views = views(dir.path());
        let shown = views.shown();
        assert!(shown.views.is_empty() && shown.damaged, "{bytes:?}");
        views.save(None, form("new")).unwrap();
        let again = super::tests::views(dir.path()).shown();
        assert_eq!((again.views.len(), again.damaged), (1, false));
    }
}

#[test]
fn one_damaged_view_takes_no_other_along() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("views/a/o.json");
    let saved = views(dir.path()).save(None, form("good")).unwrap();
    let mut file: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let good = file["views"][0].clone();
    let changed = |field: &str, value: serde_json::Value| {
        let mut view = good.clone();
        view["id"] = format!("v-{field}").into();
        view["form"][field] = value;
        view
    };
    file["views"] = serde_json::json!([
        changed("name", "".into()),
        changed("sort", "shoeSize".into()),
        changed(
            "columns",
            serde_json::json!([{"name": "../x", "shown": null, "width": null}])
        ),
        good,
        changed("search", "twice by name".into()),
        7,
    ]);
    std::fs::write(&path, file.to_string()).unwrap();
    let shown = views(dir.path()).shown();
    assert_eq!(shown.views, vec![saved]);
    assert!(shown.damaged);
}

#[test]
fn what_can_not_be_written_is_not_said_to_be_saved() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("views"), b"a file where the folder should be").unwrap();
    let views = views(dir.path());
    assert!(matches!(
        code(views.save(None, form("a"))),
        ErrorCode::FileNotWritten { .. }
    ));
    assert!(views.shown().views.is_empty());
}

#[test]
fn where_nothing_of_a_sign_in_is_kept_its_views_are_in_memory_alone() {
    let views = Views::default();
    views.save(None, form("a")).unwrap();
    let shown = views.shown();
    assert_eq!((shown.views.len(), shown.kept), (1, false));
}

#[cfg(unix)]
#[test]
fn the_file_is_for_its_person_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    views(dir.path()).save(None, form("a")).unwrap();
    let mode = |path: &str| {
        std::fs::metadata(dir.path().join(path))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(
        (mode("views/a/o.json"), mode("views/a"), mode("views")),
        (0o600, 0o700, 0o700)
    );
}

#[test]
fn columns_are_made_sound() {
    let column = |name: &str, width| ColumnChoice {
        name: name.to_owned(),
        shown: None,
        width,
    };
    let sound = columns(vec![
        column("a", Some(9)),
        column("b", Some(60_000)),
        column("a", None),
    ])
    .unwrap();
    assert_eq!(sound, [column("a", Some(40)), column("b", Some(2_000))]);
    for name in ["", "a b", "<b>", "name\n", &"a".repeat(33)] {
        assert!(columns(vec![column(name, None)]).is_err(), "{name:?}");
    }
    assert!(columns((0..33).map(|n| column(&format!("c{n}"), None)).collect()).is_err());
}
