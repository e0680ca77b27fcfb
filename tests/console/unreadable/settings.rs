//! `settings.v1.json`: accounts, the organization used last, columns.

use console::error::AppError;

use super::*;

/// Keeps a column of the user list, which is written to the settings.
pub fn keep_column(used: &Used, name: &str) -> Result<(), AppError> {
    let column = ColumnChoice {
        name: name.into(),
        shown: Some(true),
        width: None,
    };
    used.world.console.columns_save(ListName::Users, vec![column])
}

/// Whether a column is in the file.
pub fn has_column(settings: &Path, name: &str) -> bool {
    let text = std::fs::read_to_string(settings).unwrap();
    text.contains(&format!(r#""name": "{name}""#))
}

async fn check(state: &str) {
    if state == "disk_full" {
        return full_disk().await;
    }
    let mut used = Used::new().await;
    let path = used.path_of("settings");
    let later = used.world.dir.path().join("settings.v2.json");
    let lock = used.world.dir.path().join("settings.v1.lock");
    match state {
        "other_version" => std::fs::write(&later, r#"{"accounts":7}"#).unwrap(),
        "busy" => {}
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
            if state == "empty" {
                assert!(sentinel.exists(), "nothing is swept in this run");
            }
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
            keep_column(&used, "email").unwrap();
            assert_eq!(used.told(), [(DiskThing::Settings, DiskProblem::Busy, false)]);
            assert_eq!(std::fs::read(&path).unwrap(), was, "written without its lock");
            drop(held);
            keep_column(&used, "groups").unwrap();
            assert!(has_column(&path, "groups"));
        }
        other => panic!("no cell: {other}"),
    }
}

cells!();
