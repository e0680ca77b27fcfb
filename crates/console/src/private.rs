//! Files for this person's eyes alone: they hold names and addresses. Owns how each system says so.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;

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
