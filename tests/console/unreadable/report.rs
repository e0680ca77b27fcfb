//! The report of a plan, in the person's downloads. It is written and never read, so that two cells are left.

use super::*;

async fn check(state: &str) {
    let used = Used::with_results().await;
    let (plan, _) = used.plan(&used.world.inside().await.0);
    let downloads = used.world.host.downloads.clone();
    std::fs::create_dir(&downloads).unwrap();
    match state {
        "denied" => permit(&downloads, 0o500),
        _ => resilience::ordinary::limit_files(Some(16)),
    }
    let report = used.world.open().plan_report(&plan);
    permit(&downloads, 0o700);
    resilience::ordinary::limit_files(None);
    assert!(matches!(code(report), ErrorCode::FileNotWritten { .. }));
    assert_eq!(
        std::fs::read_dir(&downloads).unwrap().count(),
        0,
        "no part is left"
    );
    let report = used.world.open().plan_report(&plan).unwrap();
    assert_eq!(std::fs::read_to_string(report).unwrap().lines().count(), 4);
}

cells!(denied, disk_full);
