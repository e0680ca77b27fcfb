//! The file that tells how to reach the owner of a data directory. Must never be taken for the lock: it may
//! be an earlier owner's.

use std::io::{self, Write as _};
use std::path::Path;

use vault::{OnDisk, access, atomic, folder};

use crate::stored::{OWNER, StoredOwner};

/// Larger than the file with any address.
const MAX_BYTES: u64 = 64 << 10;

/// The file's content. `None` if it is missing, is a copy from another directory, or can't be read, for
/// example because it is being written.
pub fn read(data_dir: &Path) -> Option<StoredOwner> {
    let owner: StoredOwner = match atomic::read(&data_dir.join(OWNER), MAX_BYTES) {
        OnDisk::Readable(bytes) => serde_json::from_slice(&bytes).ok()?,
        OnDisk::Absent | OnDisk::Unreadable(_) => return None,
    };
    (owner.directory == name(data_dir)).then_some(owner)
}

/// The name of a directory in its file, whatever path leads to it.
pub fn name(data_dir: &Path) -> Option<String> {
    let path = std::fs::canonicalize(data_dir).ok()?;
    Some(path.to_string_lossy().into_owned())
}

/// Writes the file. Without fsync, which would delay the start: after a crash its content is useless.
///
/// # Errors
/// The file system's.
pub fn write(data_dir: &Path, owner: &StoredOwner) -> io::Result<()> {
    let path = data_dir.join(OWNER);
    let mut options = access::options();
    let mut file = atomic::open_to_write(&path, options.create(true).truncate(true).write(true))?;
    file.write_all(&serde_json::to_vec(owner)?)
}

/// Removes the file of the owner with this address. Another owner's stays: where a directory can't be locked,
/// there may be a second one.
pub fn remove(data_dir: &Path, address: &str) {
    let is_ours = read(data_dir).is_some_and(|owner| owner.address.as_deref() == Some(address));
    if is_ours {
        folder::remove_file(&data_dir.join(OWNER));
    }
}
