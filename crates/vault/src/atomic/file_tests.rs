//! Files on a real disk.

use super::*;
#[cfg(unix)]
use crate::atomic::set_aside;
use crate::folder::files_below;

#[test]
fn a_file_is_absent_readable_or_unreadable() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a");
    assert!(matches!(read(&path, 10), OnDisk::Absent));
    replace(&path, b"0123456789").unwrap();
    assert!(matches!(read(&path, 10), OnDisk::Readable(bytes) if bytes == b"0123456789"));
    let OnDisk::Unreadable(why) = read(&path, 9) else {
        panic!("too large");
    };
    assert!(why.is_lasting());
    let OnDisk::Unreadable(why) = read(&path.join("below"), 9) else {
        panic!("a file where a folder should be");
    };
    assert!(!why.is_lasting(), "{why}");
}

/// A pipe that nobody writes to must hold up no start.
#[cfg(unix)]
#[test]
fn a_folder_or_a_pipe_in_the_place_of_a_file_is_damage_that_is_set_aside_and_holds_nobody_up() {
    for kind in ["mkfifo", "mkdir"] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("settings.v1.json");
        let made = std::process::Command::new(kind).arg(&path).status().unwrap();
        assert!(made.success());
        let (done, ended) = std::sync::mpsc::channel();
        let there = path.clone();
        std::thread::spawn(move || {
            let found = read(&there, 10);
            assert!(open_to_write(&there, access::options().create(true).append(true)).is_err());
            done.send((found, replace(&there, b"new"))).ok();
        });
        let (found, written) = ended.recv_timeout(std::time::Duration::from_secs(60)).unwrap();
        let OnDisk::Unreadable(why) = found else {
            panic!("{kind}");
        };
        assert!(why.is_lasting(), "{kind}: {why}");
        assert!(written.is_err(), "{kind}: nothing is written over it");
        let aside = set_aside(&path).unwrap();
        assert!(aside.exists() && !path.exists(), "{kind}");
        replace(&path, b"new").unwrap();
        assert!(matches!(read(&path, 10), OnDisk::Readable(bytes) if bytes == b"new"));
    }
}

/// With one fixed temporary name, the contents of two processes' writes mixed.
#[test]
fn writers_at_once_never_mix_and_leave_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a");
    std::thread::scope(|scope| {
        for writer in 0..4_u8 {
            let path = &path;
            scope.spawn(move || {
                for _ in 0..25 {
                    replace(path, &vec![writer; 20_000 + usize::from(writer)]).unwrap();
                }
            });
        }
    });
    let bytes = fs::read(&path).unwrap();
    assert!(bytes.iter().all(|byte| *byte == bytes[0]));
    assert_eq!(bytes.len(), 20_000 + usize::from(bytes[0]));
    assert_eq!(files_below(dir.path()).unwrap(), vec![path]);
}

/// As another of our programs does; not every file system of Windows replaces a file meanwhile.
#[test]
fn a_file_that_is_being_read_is_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a");
    replace(&path, &[0; 20_000]).unwrap();
    let (begin, begun) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        let path = &path;
        scope.spawn(move || {
            for () in begun {
                if let OnDisk::Readable(bytes) = read(path, 20_000) {
                    assert!(bytes.len() == 20_000 && bytes.iter().all(|byte| *byte == bytes[0]));
                }
            }
        });
        for n in 1..100_u8 {
            begin.send(()).unwrap();
            replace(path, &[n; 20_000]).unwrap();
        }
        drop(begin);
    });
    assert_eq!(fs::read(&path).unwrap(), [99; 20_000]);
    assert_eq!(files_below(dir.path()).unwrap(), vec![path]);
}

/// Windows lets a program keep all others from a file.
#[cfg(windows)]
#[test]
fn a_file_that_another_program_keeps_for_itself_is_busy_and_stays() {
    use std::os::windows::fs::OpenOptionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a");
    replace(&path, b"old").unwrap();
    let kept = File::options().read(true).share_mode(0).open(&path).unwrap();
    assert!(matches!(read(&path, 10), OnDisk::Unreadable(why) if why.problem == crate::Problem::Busy));
    assert!(replace(&path, b"new").is_err());
    drop(kept);
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(files_below(dir.path()).unwrap(), vec![path]);
}

/// Files and folders are restricted to their owner (security.md 63).
#[cfg(unix)]
#[test]
fn files_and_folders_are_closed_to_others_also_those_that_were_open() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("open");
    let path = folder.join("a");
    fs::create_dir(&folder).unwrap();
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    replace(&path, b"new").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(&folder)), (0o600, 0o700));
    assert_eq!(mode(&set_aside(&path).unwrap()), 0o600);
}

#[test]
fn only_what_is_certainly_not_there_is_absent() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("a file");
    assert!(is_absent(&file) && is_absent(&home.path().join("no folder/a file")));
    fs::write(&file, "").unwrap();
    assert!(!is_absent(&file) && !is_absent(home.path()));
    assert!(!is_absent(&file.join("below")), "nobody can tell");
}
