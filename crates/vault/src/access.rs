//! Permissions: files and folders that only this user can open (0600, 0700; security.md 63). On Windows the
//! permissions of the folder above apply: the data directory lies in the user's own profile. Must never
//! change what a link leads to.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// Options for a file that nobody else can read once it is made.
#[cfg(unix)]
pub fn options() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// Options for a file.
#[cfg(not(unix))]
pub fn options() -> OpenOptions {
    OpenOptions::new()
}

/// Makes a folder that only this user can enter, with its parents. An existing one is restricted to this
/// user.
///
/// # Errors
/// The I/O error, for example where another user owns the folder.
#[cfg(unix)]
pub fn make_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    restrict(folder)
}

/// Makes a folder with its parents.
///
/// # Errors
/// The I/O error.
#[cfg(not(unix))]
pub fn make_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// Removes others' access to a file or folder. A folder that everybody may write to (sticky, such as /tmp)
/// was chosen by the user and is left as it is.
///
/// # Errors
/// The I/O error, for example where another user owns the file.
#[cfg(unix)]
pub fn restrict(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut permissions = fs::metadata(path)?.permissions();
    let mode = permissions.mode();
    if mode & 0o077 != 0 && mode & 0o1000 == 0 {
        permissions.set_mode(mode & !0o077);
        fs::set_permissions(path, permissions)?;
    }
    Ok(())
}

/// Does nothing.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn restrict(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Removes others' access to a data directory and to what is the app's in it, which an earlier version may
/// have left open: what has a name that begins with one of `prefixes`, and everything below; of the folders
/// named in `closed` only the folder itself. A failure is logged.
pub fn restrict_all(data_dir: &Path, prefixes: &[&str], closed: &[&str]) {
    let mut paths = vec![data_dir.to_owned()];
    for entry in fs::read_dir(data_dir).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_closed = closed.contains(&&*name);
        if is_link(&entry) || !(is_closed || prefixes.iter().any(|prefix| name.starts_with(prefix))) {
            continue;
        }
        paths.push(entry.path());
        if !is_closed {
            paths.extend(all_below(&entry.path()));
        }
    }
    for path in paths.into_iter().filter(|path| path.exists()) {
        if let Err(error) = restrict(&path) {
            tracing::warn!(%error, path = %path.display(), "others can read a file or folder of the app");
        }
    }
}

fn is_link(entry: &fs::DirEntry) -> bool {
    entry.file_type().is_ok_and(|kind| kind.is_symlink())
}

/// Every file and folder below a folder, but for links.
fn all_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| !is_link(entry)) {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            found.extend(all_below(&entry.path()));
        }
        found.push(entry.path());
    }
    found
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn open_to_all(path: &Path) {
        fs::create_dir_all(path).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The folder may be a link to where the person wants the files; what a link inside points to is not
    /// ours.
    #[test]
    fn what_a_link_points_to_is_not_closed_to_others() {
        let dir = tempfile::tempdir().unwrap();
        let theirs = dir.path().join("theirs");
        open_to_all(&theirs);
        let data = dir.path().join("data");
        let copies = data.join("copies.v1");
        open_to_all(&copies);
        std::os::unix::fs::symlink(&theirs, copies.join("link")).unwrap();
        std::os::unix::fs::symlink(&theirs, data.join("logs")).unwrap();
        restrict_all(&data, &["copies.", "logs"], &[]);
        assert_eq!((mode(&theirs), mode(&copies), mode(&data)), (0o755, 0o700, 0o700));
    }

    #[test]
    fn what_is_not_the_apps_is_left_and_a_closed_folder_is_not_looked_through() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        for folder in ["views.v1/a", "webview/a", "another"] {
            open_to_all(&data.join(folder));
        }
        restrict_all(&data, &["views."], &["webview"]);
        let modes = ["views.v1/a", "webview", "webview/a", "another"].map(|name| mode(&data.join(name)));
        assert_eq!(modes, [0o700, 0o700, 0o755, 0o755]);
    }
}
