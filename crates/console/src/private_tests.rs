//! Files on a real disk.

use super::*;

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
            assert!(open_to_write(&there, file().create(true).append(true)).is_err());
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

/// The folder may be a link to where the person wants the files; what a link inside points to is not ours.
#[cfg(unix)]
#[test]
fn what_a_link_points_to_is_not_closed_to_others() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let theirs = dir.path().join("theirs");
    fs::create_dir_all(&theirs).unwrap();
    fs::set_permissions(&theirs, fs::Permissions::from_mode(0o755)).unwrap();
    let data = dir.path().join("data");
    let copies = data.join("cache.v1");
    fs::create_dir_all(&copies).unwrap();
    std::os::unix::fs::symlink(&theirs, copies.join("link")).unwrap();
    std::os::unix::fs::symlink(&theirs, data.join("logs")).unwrap();
    close_all(&data);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&theirs), mode(&copies), mode(&data)), (0o755, 0o700, 0o700));
}

#[test]
fn a_file_is_as_old_as_its_being_set_aside_and_not_as_its_contents() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a");
    replace(&path, b"old").unwrap();
    let then = std::time::SystemTime::UNIX_EPOCH;
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(then)
        .unwrap();
    let aside = set_aside(&path).unwrap();
    assert!(fs::metadata(aside).unwrap().modified().unwrap() > then);
}

/// A name that is as long as a name may be must not leave an account without a key.
#[test]
fn a_file_with_a_long_name_is_set_aside_too() {
    for letter in ["x", "ü"] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(letter.repeat(255 / letter.len()));
        fs::write(&path, b"old").unwrap();
        let aside = set_aside(&path).unwrap();
        assert!(is_set_aside(&aside));
        assert_eq!(fs::read(aside).unwrap(), b"old");
    }
}

/// A folder names no accounts, and nothing removes it.
#[test]
fn a_folder_that_was_set_aside_counts_for_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("settings.v1.json");
    fs::create_dir(&path).unwrap();
    set_aside(&path).unwrap();
    assert!(!was_set_aside(&path));
    replace(&path, b"{").unwrap();
    set_aside(&path).unwrap();
    assert!(was_set_aside(&path));
}

#[test]
fn two_files_set_aside_in_one_second_both_stay() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("settings.v1.json");
    let mut kept = Vec::new();
    for n in 0..20_u8 {
        replace(&path, &[n]).unwrap();
        let aside = set_aside(&path).unwrap();
        assert!(is_set_aside(&aside) && !path.exists());
        kept.push((aside, n));
    }
    for (aside, n) in kept {
        assert_eq!(fs::read(aside).unwrap(), [n]);
    }
}

#[test]
fn a_file_that_is_not_there_can_not_be_set_aside_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(
        set_aside(&dir.path().join("a")).unwrap_err().kind(),
        ErrorKind::NotFound
    );
    assert_eq!(files_below(dir.path()), Vec::<PathBuf>::new());
}

/// What a file-size limit shows is so on a full disk too.
#[test]
fn a_full_disk_a_quota_and_a_limit_are_one_answer() {
    let kinds = [
        ErrorKind::StorageFull,
        ErrorKind::QuotaExceeded,
        ErrorKind::FileTooLarge,
    ];
    for kind in kinds {
        assert_eq!(problem(&kind.into()), DiskProblem::DiskFull);
    }
    if cfg!(target_os = "linux") {
        let mut full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let error = full.write_all(b"a").unwrap_err();
        assert_eq!(problem(&error), DiskProblem::DiskFull);
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
    assert_eq!(files_below(dir.path()), vec![path]);
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
