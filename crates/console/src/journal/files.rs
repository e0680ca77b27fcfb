//! The journal's files: sealed, replaced as a whole, or grown by one sealed record at a time. Owns their bytes.
//! Must never take a torn record for a whole one.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use ezeep_auth::FileKey;

use crate::private;
use crate::seal::{self, Place, SealError};

/// Seals a text.
pub fn sealed(text: &[u8], key: &FileKey, place: &Place<'_>) -> Result<Vec<u8>, SealError> {
    let mut file = seal::head(text.len());
    file.extend_from_slice(text);
    seal::seal(file, key, place)
}

/// Opens what was sealed.
pub fn opened(mut file: Vec<u8>, key: &FileKey, place: &Place<'_>) -> Result<Vec<u8>, SealError> {
    Ok(seal::open(&mut file, key, place)?.to_vec())
}

/// The files of a folder; none where there is no such folder.
pub fn list(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// Adds a record.
pub fn append(path: &Path, record: &[u8]) -> io::Result<()> {
    let length = u32::try_from(record.len()).map_err(io::Error::other)?;
    let bytes = [&length.to_be_bytes(), record].concat();
    // One write, so that a record is there whole or torn at the end.
    private::file()
        .create(true)
        .append(true)
        .open(path)?
        .write_all(&bytes)
}

/// The records of a file as far as they `open`; what follows, torn by a kill, is cut off, so that it can be gone on with.
pub fn records(path: &Path, open: impl Fn(Vec<u8>) -> Option<Vec<u8>>) -> io::Result<Vec<Vec<u8>>> {
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read?,
    };
    let (mut records, mut rest) = (Vec::new(), bytes.as_slice());
    while let Some((record, after)) = seal::part(rest) {
        let Some(text) = open(record.to_vec()) else { break };
        records.push(text);
        rest = after;
    }
    if !rest.is_empty() {
        let whole = bytes.len() - rest.len();
        File::options().write(true).open(path)?.set_len(whole as u64)?;
    }
    Ok(records)
}

/// Removes a file, and what was to take its place.
pub fn remove(path: &Path) {
    for path in [path.to_owned(), path.with_extension("new")] {
        gone(fs::remove_file(path));
    }
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
