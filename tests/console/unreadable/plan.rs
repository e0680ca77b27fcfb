//! `plans.v3/…/*.plan`: plans that are not done.

use super::*;

async fn check(state: &str) {
    if state == "disk_full" {
        return without_room().await;
    }
    let mut used = Used::with_results().await;
    let (path, results) = (used.of_kind("plan"), used.of_kind("notes"));
    let later = used.world.dir.path().join("plans.v4");
    std::fs::write(&later, "later").unwrap();
    let held = make(&used, &path, state);
    let was = std::fs::read(&path).unwrap_or_default();
    used.world.restart();
    let found = matches!(state, "readable" | "busy");
    let main = used.is_whole(1, usize::from(found)).await;
    used.world.read().await;
    match state {
        "cut" | "empty" => {
            assert_eq!(used.told(), [(DiskThing::Plan, DiskProblem::Damaged, true)]);
            let aside = used.world.console.disk_notices()[0].set_aside.clone().unwrap();
            assert_eq!(std::fs::read(aside).unwrap(), was);
            assert!(!path.exists() && !results.exists());
            assert!(used.is_somewhere(&results), "its results are set aside with it");
            used.others_are_untouched(&[&path, &results]);
        }
        "other_version" => {
            assert_eq!(used.told(), [(DiskThing::Plan, DiskProblem::Damaged, false)]);
            assert_eq!(std::fs::read(&path).unwrap(), was);
            used.others_are_untouched(&[&path]);
        }
        "denied" => {
            assert_eq!(used.told(), [(DiskThing::Plan, DiskProblem::Denied, false)]);
            permit(&path, 0o600);
            used.others_are_untouched(&[]);
            used.world.restart();
            let main = used.is_whole(1, 1).await;
            let (_, progress) = used.plan(&main);
            assert_eq!((progress.applied, progress.failed), (1, 2), "with its results");
            assert_eq!(used.told(), []);
        }
        "absent" => {
            assert_eq!(used.told(), []);
            used.others_are_untouched(&[&path]);
        }
        _ => {
            let (plan, progress) = used.plan(&main);
            assert_eq!((progress.applied, progress.failed), (1, 2));
            used.others_are_untouched(&[]);
            assert_eq!(used.told(), []);
            used.world.open().plan_apply(&plan).await.unwrap();
            assert_eq!(used.world.finished(&plan).await.applied, 3);
        }
    }
    assert_eq!(std::fs::read_to_string(&later).unwrap(), "later");
    used.has_its_key().await;
    drop(held);
}

/// A plan that finds no room lives in memory: its run goes to its end, and nothing of it is on disk.
async fn without_room() {
    let mut used = Used::new().await;
    used.world.restart();
    let main = used.is_whole(1, 1).await;
    used.world.read().await;
    let group = used.world.at(&main).group_create(&form("Mensa")).await;
    let request = three_into(&used.world, &main, group.unwrap().id);
    used.world.console.save_now().await;
    let before = used.now();
    resilience::ordinary::limit_files(Some(16));
    let plan = used.world.begin(&main, &request).await;
    let progress = used.world.finished(&plan.id).await;
    let told = used.told_of_plans();
    resilience::ordinary::limit_files(None);
    assert_eq!((progress.applied, progress.failed), (3, 0));
    assert_eq!(told, [(DiskThing::Plan, DiskProblem::DiskFull, false)]);
    let mut now = used.now();
    // The locks of the people who were written: empty files, which need no room.
    now.retain(|path, bytes| !(bytes.is_empty() && path.parent().unwrap().ends_with("locks/people")));
    assert!(now == before, "nothing is cut, and nothing is left behind");
    // Space is free again.
    let plan = used.world.at(&main).plan_make(&request).await.unwrap();
    used.world.restart();
    let main = used.is_whole(1, 2).await;
    assert_eq!(used.plan(&main).0, plan.id);
}

cells!();
