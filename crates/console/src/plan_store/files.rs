//! The files of the plans: sealed, replaced as a whole, or grown by sealed records. Owns their bytes.
//! Must never take a torn record for a whole one, nor lose a whole one to a torn one.

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

/// The files of a folder; none where there is no such folder.
pub fn list(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| !private::is_set_aside(path) && !private::is_unfinished(path))
        .collect()
}

/// Adds records, each behind its length (four bytes, the high one first).
///
/// # Errors
/// What the disk says. A part of the records may be there then.
pub fn append(path: &Path, records: &[Vec<u8>]) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(records.iter().map(|record| record.len() + 4).sum());
    for record in records {
        let length = u32::try_from(record.len()).map_err(io::Error::other)?;
        bytes.extend(length.to_be_bytes());
        bytes.extend(record);
    }
    // One write, so that a record is there whole or torn at the end.
    private::file()
        .create(true)
        .append(true)
        .open(path)?
        .write_all(&bytes)
}

/// What is in a file of records.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// Those that open.
    pub texts: Vec<Vec<u8>>,
    /// How many do not: torn by a kill or a full disk, or changed since.
    pub unreadable: usize,
}

/// The records that `open`. One that does not costs itself alone: what follows is found by how a sealed text
/// begins.
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

/// From the length before the next sealed text on; nothing where there is none.
fn next_record(rest: &[u8]) -> &[u8] {
    const LENGTH: usize = 4;
    // Not the text of this record, which begins behind its length.
    let from = LENGTH + 1;
    let after = rest.get(from..).unwrap_or_default();
    let magic = after
        .windows(seal::MAGIC.len())
        .position(|window| window == seal::MAGIC);
    magic.map_or(&[], |at| &rest[from + at - LENGTH..])
}

/// Removes a file. That it can't be is in the log.
pub fn remove(path: &Path) {
    gone(fs::remove_file(path));
}

/// Removes a folder with all that is in it.
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
