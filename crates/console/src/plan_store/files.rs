//! The files of the plans: sealed, replaced as a whole or appended to as sealed records.
//! Must never accept a torn record, nor lose a complete one because of a torn one.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use ezeep_auth::FileKey;

use crate::private;
use crate::seal::{self, Place, SealError};

/// Seals a text.
///
/// # Errors
/// [`SealError::Cipher`].
pub fn sealed(text: &[u8], key: &FileKey, place: &Place<'_>) -> Result<Vec<u8>, SealError> {
    let mut file = seal::head(text.len());
    file.extend_from_slice(text);
    seal::seal(file, key, place)
}

/// Opens what was sealed.
///
/// # Errors
/// What [`seal::open`] fails with.
pub fn opened(mut file: Vec<u8>, key: &FileKey, place: &Place<'_>) -> Result<Vec<u8>, SealError> {
    Ok(seal::open(&mut file, key, place)?.to_vec())
}

/// The files of a folder; empty if there is no such folder.
///
/// # Errors
/// The folder can't be listed.
pub fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if !private::is_set_aside(&path) && !private::is_unfinished(&path) {
            paths.push(path);
        }
    }
    Ok(paths)
}

/// Appends records, each preceded by its length (four bytes, big-endian).
///
/// # Errors
/// The write's I/O error; a part of the records may have been written.
pub fn append(path: &Path, records: &[Vec<u8>]) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(records.iter().map(|record| record.len() + 4).sum());
    for record in records {
        let length = u32::try_from(record.len()).map_err(io::Error::other)?;
        bytes.extend(length.to_be_bytes());
        bytes.extend(record);
    }
    // One write, so that a crash leaves only a truncated end.
    private::open_to_write(path, private::file().create(true).append(true))?.write_all(&bytes)
}

/// The contents of a record file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// The records that open.
    pub texts: Vec<Vec<u8>>,
    /// Number of records that do not open: truncated by a kill or a full disk, or changed since.
    pub unreadable: usize,
}

/// The records that `open`. An unreadable record costs only itself: the next one is found by the first bytes
/// of a sealed text.
pub fn records(bytes: &[u8], open: impl Fn(Vec<u8>) -> Option<Vec<u8>>) -> Records {
    let mut found = Records::default();
    let mut rest = bytes;
    while !rest.is_empty() {
        let whole = seal::part(rest).and_then(|(record, after)| Some((open(record.to_vec())?, after)));
        rest = match whole {
            Some((text, after)) => {
                found.texts.push(text);
                after
            }
            None => {
                found.unreadable += 1;
                next_record(rest)
            }
        };
    }
    found
}

/// The rest from the length before the next sealed text on; empty if there is none.
fn next_record(rest: &[u8]) -> &[u8] {
    const LENGTH: usize = 4;
    // Skips this record's own text, which begins after its length.
    let from = LENGTH + 1;
    let after = rest.get(from..).unwrap_or_default();
    let magic = after
        .windows(seal::MAGIC.len())
        .position(|window| window == seal::MAGIC);
    magic.map_or(&[], |at| &rest[from + at - LENGTH..])
}

/// Removes a file. A failure is logged.
pub fn remove(path: &Path) {
    gone(fs::remove_file(path));
}

/// Removes a folder with its contents.
pub fn remove_all(folder: &Path) {
    gone(fs::remove_dir_all(folder));
}

fn gone(removed: io::Result<()>) {
    if let Err(error) = removed
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "a plan's file could not be removed");
    }
}
