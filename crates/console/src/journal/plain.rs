//! Plans as the first version of the app kept them, in plain text. Owns how these are read, once.
//! Must never write one.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;

use super::{Note, Stored, files};

/// How the name of such a plan ends.
pub const KIND: &str = "json";
const LOG: &str = "log";
/// The version that was kept so.
const VERSION: u32 = 1;

/// A plan with the results that were noted.
pub fn read(path: &Path) -> io::Result<Stored> {
    let mut stored: Stored = serde_json::from_reader(BufReader::new(File::open(path)?))?;
    if stored.version != VERSION {
        return Err(io::Error::other("another version"));
    }
    if let Ok(log) = File::open(path.with_extension(LOG)) {
        for text in BufReader::new(log).lines() {
            // The last one may be torn.
            let Ok(note) = serde_json::from_str::<Note>(&text?) else {
                break;
            };
            note.settle(&mut stored.lines);
        }
    }
    Ok(stored)
}

/// Removes a plan with its results.
pub fn remove(path: &Path) {
    for path in [path.to_owned(), path.with_extension(LOG)] {
        files::remove(&path);
    }
}
