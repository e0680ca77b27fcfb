//! `settings.v1.lock`. Held by another process: `settings::busy`.

use super::*;

async fn check(state: &str) {
    let mut used = Used::new().await;
    let dir = used.world.dir.path().to_owned();
    let (lock, file) = (dir.join("settings.v1.lock"), used.path_of("settings"));
    used.world.restart();
    used.is_whole(1, 1).await;
    used.world.read().await;
    match state {
        "absent" => std::fs::remove_file(&lock).unwrap(),
        "readable" => std::fs::write(&lock, "whatever").unwrap(),
        "denied" => permit(&lock, 0o000),
        "disk_full" => {
            std::fs::remove_file(&lock).unwrap();
            resilience::ordinary::limit_files(Some(0));
        }
        other => panic!("no cell: {other}"),
    }
    settings::keep_column(&used, "groups").unwrap();
    resilience::ordinary::limit_files(None);
    let mut told = used.world.console.disk_notices();
    told.retain(|notice| notice.path == lock.display().to_string());
    let told: Vec<_> = told.iter().map(|notice| notice.problem).collect();
    let written = settings::has_column(&file, "groups");
    assert_eq!(written, state != "disk_full");
    if state == "denied" {
        assert_eq!(told, [DiskProblem::Denied]);
        permit(&lock, 0o600);
    } else {
        assert_eq!(told, []);
        assert!(lock.exists());
    }
    used.others_are_untouched(&[]);
}

cells!(absent, readable, denied, disk_full);
