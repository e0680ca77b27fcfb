//! `logs/`: a file a day. That lines are appended to whatever is there is a test of `console::logs`: a
//! process has one log only.

use super::*;

/// The folder is not writable, or the disk is full: reported, and the app continues.
async fn check(state: &str) {
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
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    }
}

cells!(absent, denied, disk_full);
