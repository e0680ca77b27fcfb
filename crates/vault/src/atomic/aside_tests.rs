//! Files on a real disk.

use std::fs::File;

use super::*;
use crate::atomic::replace;
use crate::folder::files_below;

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
    assert_eq!(files_below(dir.path()).unwrap(), Vec::<PathBuf>::new());
}
