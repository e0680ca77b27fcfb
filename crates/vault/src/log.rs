//! Append-only files of sealed records, each preceded by its length (four bytes, big-endian).
//! Must never accept a torn record, nor lose a complete one because of a torn one.

use std::io::{self, Write as _};
use std::path::Path;

use crate::key::FileKey;
use crate::seal::{self, AssociatedData, SealError};
use crate::{access, atomic};

/// Why records were not appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// A record can't be sealed; nothing was written.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The write failed; a part of the records may have been written.
    #[error(transparent)]
    File(#[from] io::Error),
}

/// Seals records and appends them. Not flushed with fsync: the last ones may be lost with the computer's
/// power, not with the process.
///
/// # Errors
/// [`AppendError`].
pub fn append(
    path: &Path,
    texts: &[Vec<u8>],
    key: &FileKey,
    data: &AssociatedData,
) -> Result<(), AppendError> {
    let mut bytes = Vec::new();
    for text in texts {
        let record = seal::seal(text, key, data)?;
        let length = u32::try_from(record.len()).map_err(io::Error::other)?;
        bytes.extend(length.to_be_bytes());
        bytes.extend(record);
    }
    let mut options = access::options();
    let mut file = atomic::open_to_write(path, options.create(true).append(true))?;
    // One write, so that a crash leaves only a truncated end.
    Ok(file.write_all(&bytes)?)
}

/// The contents of a file of records.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// The texts of the records that open, in their order.
    pub texts: Vec<Vec<u8>>,
    /// Number of records that do not open: truncated by a kill or a full disk, changed, or of another key.
    pub unreadable: usize,
}

/// The size of a record's length.
const LENGTH: usize = 4;

/// The records in the bytes of a file. An unreadable record costs only itself: the next one is found by the
/// first bytes of a sealed text.
pub fn records(bytes: &[u8], key: &FileKey, data: &AssociatedData) -> Records {
    let mut found = Records::default();
    let mut at = 0;
    while at < bytes.len() {
        let start = completed_by_chance(bytes, at).unwrap_or(at);
        match first(&bytes[start..], key, data) {
            Some((text, after)) => {
                found.texts.push(text);
                at = bytes.len() - after.len();
            }
            None => {
                found.unreadable += 1;
                // Skips this record's own text, which begins after its length.
                let next = next_text(bytes, start + LENGTH + 1);
                at = next.map_or(bytes.len(), |text| text - LENGTH);
            }
        }
    }
    found
}

/// The text of the first record, and what follows it.
fn first<'a>(bytes: &'a [u8], key: &FileKey, data: &AssociatedData) -> Option<(Vec<u8>, &'a [u8])> {
    let (record, after) = seal::part(bytes)?;
    let mut record = record.to_vec();
    let text = seal::open(&mut record, key, data).ok()?;
    Some((text.to_vec(), after))
}

/// The start of the record at `at`, if its length begins before it: the record before is torn, and lacked
/// just the bytes that this one's length begins with.
fn completed_by_chance(bytes: &[u8], at: usize) -> Option<usize> {
    let end = bytes.len().min(at + LENGTH - 1 + seal::MAGIC.len());
    next_text(&bytes[..end], at + 1)?.checked_sub(LENGTH)
}

/// Where the next sealed text begins, from `from` on.
fn next_text(bytes: &[u8], from: usize) -> Option<usize> {
    let magic = bytes
        .get(from..)?
        .windows(seal::MAGIC.len())
        .position(|window| window == seal::MAGIC)?;
    Some(from + magic)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn data() -> AssociatedData {
        AssociatedData::new(["a"])
    }

    fn texts(count: u8) -> Vec<Vec<u8>> {
        (0..count).map(|n| vec![n; usize::from(n) * 3]).collect()
    }

    /// A file of this many records, appended one by one.
    fn file(count: u8, key: &FileKey) -> Vec<u8> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        for text in texts(count) {
            append(&path, &[text], key, &data()).unwrap();
        }
        std::fs::read(path).unwrap()
    }

    #[test]
    fn what_was_appended_is_read_in_its_order_and_by_its_key_alone() {
        let key = FileKey::random();
        let bytes = file(5, &key);
        let found = records(&bytes, &key, &data());
        assert_eq!((found.texts, found.unreadable), (texts(5), 0));
        assert_eq!(records(&bytes, &FileKey::random(), &data()).texts.len(), 0);
        assert_eq!(records(&bytes, &key, &AssociatedData::new(["b"])).unreadable, 5);
        assert_eq!(records(b"", &key, &data()), Records::default());
    }

    /// What was appended behind a torn record is not lost with it, nor where that begins with what was torn
    /// off: the first byte of a length is 0, and so is every 256th last byte of a record.
    #[test]
    fn records_behind_a_torn_one_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        for ends_in_zero in [false, true] {
            let whole = std::iter::repeat_with(FileKey::random).find_map(|key| {
                let whole = file(3, &key);
                ((whole.last() == Some(&0)) == ends_in_zero).then_some((key, whole))
            });
            let (key, whole) = whole.unwrap();
            std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
            append(&path, &[b"later".to_vec(), b"last".to_vec()], &key, &data()).unwrap();
            let found = records(&std::fs::read(&path).unwrap(), &key, &data());
            let kept = texts(if ends_in_zero { 3 } else { 2 });
            let wanted = [kept, vec![b"later".to_vec(), b"last".to_vec()]].concat();
            assert_eq!(
                (found.texts, found.unreadable),
                (wanted, usize::from(!ends_in_zero))
            );
        }
    }

    proptest! {
        #[test]
        fn a_changed_byte_costs_its_record_alone(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
            let key = FileKey::random();
            let mut bytes = file(4, &key);
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            let found = records(&bytes, &key, &data());
            prop_assert!(found.texts.len() >= 3);
            prop_assert!(found.texts.iter().all(|text| texts(4).contains(text)));
        }
    }
}
