//! What can't be read is not gone (docs/decisions/0001): each file and keychain record of the app, absent,
//! readable and unreadable in every way, and the result. One module for each row of the table in
//! docs/security.md, and one test for each cell.

/// A test for each state, named after it, which runs the module's `check`. Without names: for every state of
/// a file.
macro_rules! cells {
    () => {
        cells!(absent, readable, cut, empty, other_version, denied, busy, disk_full);
    };
    ($($state:ident),+) => { $(cells! { @test $state })+ };
    (@test denied) => {
        cells! { @test denied, cfg_attr(not(unix), ignore = "permissions of files are Unix's") }
    };
    (@test disk_full) => {
        cells! { @test disk_full, cfg_attr(not(unix), ignore = "a limit for the size of files is Unix's") }
    };
    (@test $state:ident $(, $attribute:meta)?) => {
        $(#[$attribute])?
        #[test]
        fn $state() {
            let name = concat!(module_path!(), "::", stringify!($state));
            super::cell(name, check(stringify!($state)));
        }
    };
}

mod key;
mod keychain;
mod lock;
mod log;
mod plan;
mod record;
mod removals;
mod report;
mod results;
mod saved_copy;
mod settings;
mod settings_lock;
mod used;
mod views;

use std::path::{Path, PathBuf};

use console::error::ErrorCode;
use console::wire::*;

use crate::support::*;
use keychain::Says;
use used::{Used, VIEW, form_of};

/// Brings a file into the cell's state. Returns what must be dropped later.
fn make(used: &Used, path: &Path, state: &str) -> Option<std::fs::File> {
    let mut bytes = used.files[path].clone();
    match state {
        "absent" => std::fs::remove_file(path).unwrap(),
        "readable" => {}
        "cut" => std::fs::write(path, &bytes[..bytes.len() / 2]).unwrap(),
        "empty" => std::fs::write(path, "").unwrap(),
        "other_version" => {
            bytes[SEAL_VERSION] += 1;
            std::fs::write(path, bytes).unwrap();
        }
        "denied" => permit(path, 0o000),
        "busy" => {
            let file = std::fs::File::open(path).unwrap();
            // On Windows a lock keeps others from reading; there it is enough that another program has it open.
            if cfg!(unix) {
                file.try_lock().unwrap();
            }
            return Some(file);
        }
        other => panic!("no state of a file: {other}"),
    }
    None
}

/// The position of the version in a sealed text.
const SEAL_VERSION: usize = 8;

#[cfg(unix)]
fn permit(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn permit(path: &Path, _mode: u32) {
    panic!("{} needs Unix", path.display());
}

/// No write of settings, saved copy and views succeeds: the app continues and reports it, the previous
/// contents are complete, and the next write after space is freed succeeds.
async fn full_disk() {
    let mut used = Used::new().await;
    used.world.restart();
    let main = used.is_whole(1, 1).await;
    used.world.read().await;
    used.world.console.save_now().await;
    let before = used.now();
    resilience::ordinary::limit_files(Some(16));
    let columns = settings::keep_column(&used, "email");
    let view = form_of(&used.world, &main, "Another view");
    let view = used.world.at(&main).view_save(None, view).await;
    let group = used.world.at(&main).group_create(&form("Mensa")).await;
    used.world.console.save_now().await;
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
    used.world.at(&main).view_save(None, view).await.unwrap();
    settings::keep_column(&used, "groups").unwrap();
    used.world.console.save_now().await;
    let now = used.now();
    for thing in ["settings", "saved_copy", "views"] {
        let path = used.path_of(thing);
        assert_ne!(now[&path], before[&path], "{thing}");
    }
    used.world.restart();
    used.is_whole(2, 1).await;
}

/// One cell of the table, in a process of its own if it needs an ordinary user's permissions or a file-size
/// limit.
fn cell(name: &str, check: impl Future<Output = ()>) {
    let own_process =
        name.ends_with("::disk_full") || (name.ends_with("::denied") && resilience::ordinary::is_root());
    if own_process && !resilience::ordinary::is_child() {
        let (_, test) = name.split_once("::").unwrap();
        return resilience::ordinary::run_again(test);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(check);
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
    let locks = used.world.dir.path().join("locks");
    let left: Vec<_> = used
        .now()
        .into_keys()
        .filter(|path| !path.starts_with(&locks))
        .collect();
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
