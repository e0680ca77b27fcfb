//! `plans.v3/…/*.notes`: the results of a plan, a sealed record for each.

use super::*;

/// What stands before each record.
const LENGTH: usize = 4;

async fn check(state: &str) {
    if state == "disk_full" {
        return without_room().await;
    }
    let mut used = Used::with_results().await;
    let path = used.of_kind("notes");
    let mut bytes = used.files[&path].clone();
    let mut held = match state {
        // Both cost one record of three.
        "cut" => {
            std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
            None
        }
        "other_version" => {
            bytes[LENGTH + SEAL_VERSION] += 1;
            std::fs::write(&path, &bytes).unwrap();
            None
        }
        _ => make(&used, &path, state),
    };
    used.world.restart();
    let main = used.is_whole(1, 1).await;
    used.world.read().await;
    let (plan, progress) = used.plan(&main);
    let known = match state {
        "readable" | "busy" => 3,
        "cut" | "other_version" => 2,
        _ => 0,
    };
    assert_eq!(progress.done, known);
    let told = match state {
        "denied" => vec![(DiskThing::Plan, DiskProblem::Denied, false)],
        _ => vec![],
    };
    assert_eq!(used.told(), told);
    // Lines without a result are read again: who was added before is not written a second time.
    used.world.open().plan_apply(&plan).await.unwrap();
    let ended = used.world.finished(&plan).await;
    assert_eq!((ended.applied + ended.unchanged, ended.failed), (3, 0));
    match state {
        "readable" | "busy" => assert_eq!(ended.unchanged, 0, "its result is known"),
        "absent" | "empty" | "denied" => assert_eq!(ended.unchanged, 1, "it is read again"),
        _ => {}
    }
    assert_eq!(used.told(), told, "once");
    if state == "denied" {
        permit(&path, 0o600);
        used.others_are_untouched(&[]);
        used.world.restart();
        let main = used.is_whole(1, 1).await;
        let (_, progress) = used.plan(&main);
        assert_eq!((progress.applied, progress.failed), (1, 2), "as it was");
        assert_eq!(used.told(), []);
    } else {
        used.others_are_untouched(&[&path]);
        // With the records after the one that was lost it is done.
        used.world.restart();
        used.is_whole(1, 0).await;
        // Windows removes a file when the last program has closed it.
        held = held.filter(|_| cfg!(unix));
        let is_gone = |_: &SessionView| (!path.exists()).then_some(());
        used.world.until("removed", is_gone).await;
    }
    used.has_its_key().await;
    drop(held);
}

/// The disk is full in the middle of a record: it costs itself, and what was recorded before stays.
async fn without_room() {
    let mut used = Used::with_results().await;
    let path = used.of_kind("notes");
    let whole = used.files[&path].clone();
    used.world.restart();
    let main = used.is_whole(1, 1).await;
    used.world.read().await;
    let (plan, _) = used.plan(&main);
    let room = whole.len() + LENGTH + SEAL_VERSION;
    resilience::ordinary::limit_files(Some(room as u64));
    used.world.open().plan_apply(&plan).await.unwrap();
    let ended = used.world.finished(&plan).await;
    let told = used.told_of_plans();
    resilience::ordinary::limit_files(None);
    assert_eq!((ended.applied, ended.failed), (3, 0));
    assert_eq!(told, [(DiskThing::Plan, DiskProblem::DiskFull, false)], "once");
    let torn = std::fs::read(&path).unwrap();
    assert_eq!(torn.len(), room);
    assert!(torn.starts_with(&whole));
    // Space is free again.
    used.world.restart();
    let main = used.is_whole(1, 1).await;
    used.world.read().await;
    let (_, progress) = used.plan(&main);
    assert_eq!((progress.applied, progress.failed), (1, 2));
    assert_eq!(used.told(), []);
    used.world.open().plan_apply(&plan).await.unwrap();
    let ended = used.world.finished(&plan).await;
    assert_eq!((ended.applied, ended.unchanged, ended.failed), (1, 2, 0));
    used.world.restart();
    used.is_whole(1, 0).await;
}

cells!();
