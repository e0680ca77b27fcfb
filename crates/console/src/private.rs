//! Files for this person's eyes alone: they hold names and addresses. Owns how each system says so.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// Puts the bytes there in place of another file, durably: whole, or not at all.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    let next = path.with_extension("new");
    let mut file = file().create(true).truncate(true).write(true).open(&next)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(next, path)
}

/// Options for a file that nobody else can read.
#[cfg(unix)]
pub fn file() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// Windows: the data directory lies in the person's own profile.
#[cfg(not(unix))]
pub fn file() -> OpenOptions {
    OpenOptions::new()
}

/// Makes a folder that nobody else can enter, with those above it.
#[cfg(unix)]
pub fn make_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

/// Windows: as the folder above it.
#[cfg(not(unix))]
pub fn make_folder(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)
}
