//! `views.v1/`: saved views.

use super::*;

async fn check(state: &str) {
    if state == "disk_full" {
        return full_disk().await;
    }
    let mut used = Used::new().await;
    let path = used.path_of("views");
    let held = make(&used, &path, state);
    let was = std::fs::read(&path).unwrap_or_default();
    used.world.restart();
    let found = matches!(state, "readable" | "busy");
    let main = used.is_whole(usize::from(found), 1).await;
    used.world.read().await;
    // Not every file system of Windows replaces what another program has open.
    let held = held.filter(|_| cfg!(unix));
    let form = form_of(&used.world, &main, "Another view");
    used.world.at(&main).view_save(None, form).await.unwrap();
    let kept = used.world.at(&main).list_settings().persisted;
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

cells!();
