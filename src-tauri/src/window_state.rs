//! The file of the window's position, which the window-state plugin reads and writes. Ensures that it is
//! valid before the plugin reads it, and restricted to this user. Must never let the plugin overwrite a file
//! that could not be read.

use std::collections::HashMap;
use std::path::Path;

use console::notices::Notices;
use console::wire::DiskThing;
use vault::{OnDisk, access, atomic};

/// The file's name in the data directory.
pub const NAME: &str = "window.json";
/// Largest accepted file: more than a window takes.
const MAX_BYTES: u64 = 64 << 10;

/// One window, in version 2 of the plugin's format.
#[derive(serde::Deserialize)]
#[allow(dead_code, reason = "only whether it can be read counts")]
struct Window {
    width: u32,
    height: u32,
    x: i32,
    y: i32,
    prev_x: i32,
    prev_y: i32,
    maximized: bool,
    visible: bool,
    decorated: bool,
    fullscreen: bool,
}

/// Sets a damaged file aside, and creates one that others can't read. Returns what it found.
pub fn prepare(data_dir: &Path, notices: &Notices) {
    let path = data_dir.join(NAME);
    let found = atomic::read(&path, MAX_BYTES)
        .and_then(|bytes| serde_json::from_slice::<HashMap<String, Window>>(&bytes));
    let free = match &found {
        OnDisk::Absent => true,
        OnDisk::Readable(_) => false,
        OnDisk::Unreadable(why) => notices.unreadable(DiskThing::WindowState, &path, why),
    };
    let done = if free {
        atomic::replace(&path, b"{}")
    } else {
        access::restrict(&path)
    };
    if let Err(error) = done {
        notices.not_written(DiskThing::WindowState, &path, &error);
    }
}

#[cfg(test)]
mod tests {
    use console::wire::DiskProblem;

    use super::*;

    const WHOLE: &str = r#"{"main":{"width":800,"height":600,"x":1,"y":-2,"prev_x":0,"prev_y":0,"maximized":false,
        "visible":true,"decorated":true,"fullscreen":false}}"#;

    #[test]
    fn a_file_that_is_whole_stays_and_one_that_is_not_is_set_aside_and_told() {
        for (text, stays) in [
            (WHOLE, true),
            (&WHOLE[..40], false),
            ("", false),
            (r#"{"main":7}"#, false),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join(NAME);
            std::fs::write(&path, text).unwrap();
            let notices = Notices::new(|| {});
            prepare(dir.path(), &notices);
            let now = std::fs::read_to_string(&path).unwrap();
            assert_eq!(now, if stays { text } else { "{}" });
            let told = notices.open();
            assert_eq!(told.is_empty(), stays, "{text}");
            for notice in told {
                assert_eq!(notice.problem, DiskProblem::Damaged);
                assert_eq!(std::fs::read_to_string(notice.set_aside.unwrap()).unwrap(), text);
            }
        }
    }

    #[test]
    fn absent() {
        let dir = tempfile::tempdir().unwrap();
        let notices = Notices::new(|| {});
        prepare(dir.path(), &notices);
        assert_eq!(notices.open(), []);
        assert_eq!(std::fs::read_to_string(dir.path().join(NAME)).unwrap(), "{}");
    }

    #[cfg(unix)]
    #[test]
    fn busy() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(NAME);
        std::fs::write(&path, WHOLE).unwrap();
        let held = std::fs::File::open(&path).unwrap();
        held.lock().unwrap();
        let notices = Notices::new(|| {});
        prepare(dir.path(), &notices);
        assert_eq!(notices.open(), []);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), WHOLE);
    }

    /// Its own file can't be written, which adds a notice, and the plugin's write is truncated: it is set
    /// aside at the next start.
    #[cfg(unix)]
    #[test]
    fn disk_full() {
        use resilience::ordinary;
        if !ordinary::is_child() {
            return ordinary::run_again("window_state::tests::disk_full");
        }
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(NAME);
        let notices = Notices::new(|| {});
        ordinary::limit_files(Some(1));
        prepare(dir.path(), &notices);
        assert!(!path.exists());
        let written = std::fs::write(&path, WHOLE);
        ordinary::limit_files(None);
        assert_eq!(notices.open()[0].problem, DiskProblem::DiskFull);
        assert!(written.is_err());
        let notices = Notices::new(|| {});
        prepare(dir.path(), &notices);
        let told = notices.open();
        let aside = told[0].set_aside.as_deref().unwrap();
        assert_eq!(std::fs::read_to_string(aside).unwrap(), WHOLE[..1]);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{}");
    }

    /// The file is restricted to its owner (security.md 63).
    #[cfg(unix)]
    #[test]
    fn the_file_is_closed_to_others_before_the_plugin_writes_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(NAME);
        for _ in 0..2 {
            prepare(dir.path(), &Notices::new(|| {}));
            std::fs::write(&path, WHOLE).unwrap();
            assert_eq!(
                std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600
            );
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        }
    }

    /// Root can read every file, so the test runs again as an ordinary user's process.
    #[cfg(unix)]
    #[test]
    fn denied() {
        use std::os::unix::fs::PermissionsExt as _;
        if resilience::ordinary::is_root() && !resilience::ordinary::is_child() {
            return resilience::ordinary::run_again("window_state::tests::denied");
        }
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(NAME);
        let permit = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        std::fs::write(&path, WHOLE).unwrap();
        permit(0o000);
        let notices = Notices::new(|| {});
        prepare(dir.path(), &notices);
        let told = notices.open();
        assert_eq!(
            (told.len(), told[0].problem, told[0].set_aside.is_none()),
            (1, DiskProblem::Denied, true)
        );
        permit(0o600);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), WHOLE);
    }
}
