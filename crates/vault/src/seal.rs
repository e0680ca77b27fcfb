//! Sealed bytes: encrypted, and bound to what they are of, so that they open nowhere else. Owns the form of a
//! sealed file.
//! Must never give out a byte of what was not sealed by the same key for the same [`AssociatedData`].
//!
//! A sealed file is [`MAGIC`], the form's version, the nonce, and the text under AES-256-GCM with its tag.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::key::FileKey;

/// First bytes of a sealed text.
pub const MAGIC: &[u8; 8] = b"PRSSDIR\0";
/// Raised when the form changes its meaning.
const VERSION: u8 = 1;
/// Bytes before the encrypted part.
pub const HEAD: usize = MAGIC.len() + 1 + NONCE_LEN;

/// Why a file does not open, or can't be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// It is of another version of the app.
    #[error("it is of another version")]
    OtherVersion,
    /// It is cut off, changed, sealed by another key, or for other associated data: which of these can't be
    /// told.
    #[error("it is damaged or was made for another place")]
    Broken,
    /// The cipher refused; a fault of the app.
    #[error("the cipher refused")]
    Cipher,
}

/// What a sealed text is of. It is authenticated and not stored: a text opens only where the same is asked
/// for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssociatedData(Vec<u8>);

impl AssociatedData {
    /// Of a list of texts. No two lists give the same.
    pub fn new<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut data = vec![VERSION];
        for part in parts {
            // Length first, so that no two lists of parts run into the same bytes.
            data.extend((part.len() as u64).to_be_bytes());
            data.extend(part.as_bytes());
        }
        Self(data)
    }
}

/// Seals a text.
///
/// # Errors
/// [`SealError::Cipher`].
pub fn seal(text: &[u8], key: &FileKey, data: &AssociatedData) -> Result<Vec<u8>, SealError> {
    let mut file = head(text.len());
    file.extend_from_slice(text);
    seal_in_place(file, key, data)
}

/// A file with the head alone, and with room for a text of `room` bytes, which [`seal_in_place`] encrypts
/// where it stands.
pub fn head(room: usize) -> Vec<u8> {
    let mut file = Vec::with_capacity(HEAD + room + AES_256_GCM.tag_len());
    file.resize(HEAD, 0);
    file
}

/// Seals the text behind the [`head`], in place: a second copy of a large text would count.
///
/// # Errors
/// [`SealError::Cipher`].
pub fn seal_in_place(mut file: Vec<u8>, key: &FileKey, data: &AssociatedData) -> Result<Vec<u8>, SealError> {
    let nonce: [u8; NONCE_LEN] = rand::random();
    let (head, text) = file.split_at_mut_checked(HEAD).ok_or(SealError::Cipher)?;
    let tag = cipher(key)?
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(&data.0), text)
        .map_err(|_| SealError::Cipher)?;
    head[..MAGIC.len()].copy_from_slice(MAGIC);
    head[MAGIC.len()] = VERSION;
    head[MAGIC.len() + 1..].copy_from_slice(&nonce);
    file.extend_from_slice(tag.as_ref());
    Ok(file)
}

/// Opens a file in place and gives the text.
///
/// # Errors
/// [`SealError::OtherVersion`] by the file's version alone; [`SealError::Broken`] for everything else.
pub fn open<'a>(file: &'a mut [u8], key: &FileKey, data: &AssociatedData) -> Result<&'a [u8], SealError> {
    let (head, sealed) = file.split_at_mut_checked(HEAD).ok_or(SealError::Broken)?;
    let (magic, rest) = head.split_at(MAGIC.len());
    if magic != MAGIC {
        return Err(SealError::Broken);
    }
    if rest[0] != VERSION {
        return Err(SealError::OtherVersion);
    }
    let nonce = Nonce::try_assume_unique_for_key(&rest[1..]).map_err(|_| SealError::Cipher)?;
    cipher(key)?
        .open_in_place(nonce, Aad::from(&data.0), sealed)
        .map(|text| &*text)
        .map_err(|_| SealError::Broken)
}

/// A part that stands behind its length (four bytes, big-endian), and what follows it; `None` where that is
/// cut off.
pub fn part(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = text.split_first_chunk()?;
    rest.split_at_checked(u32::from_be_bytes(*length).try_into().ok()?)
}

fn cipher(key: &FileKey) -> Result<LessSafeKey, SealError> {
    UnboundKey::new(&AES_256_GCM, key.expose())
        .map(LessSafeKey::new)
        .map_err(|_| SealError::Cipher)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn data(parts: &[&str]) -> AssociatedData {
        AssociatedData::new(parts.iter().copied())
    }

    fn opened(file: &[u8], key: &FileKey, parts: &[&str]) -> Result<Vec<u8>, SealError> {
        open(&mut file.to_vec(), key, &data(parts)).map(<[u8]>::to_vec)
    }

    /// security.md 43.
    #[test]
    fn a_file_opens_with_its_key_for_its_data_and_nowhere_else() {
        let key = FileKey::random();
        let file = seal(b"Zoe", &key, &data(&["a", "o"])).unwrap();
        assert_eq!(opened(&file, &key, &["a", "o"]), Ok(b"Zoe".to_vec()));
        for elsewhere in [
            &["b", "o"][..],
            &["a", "p"],
            &["ao", ""],
            &["o", "a"],
            &["a"],
            &["a", "o", ""],
        ] {
            assert_eq!(
                opened(&file, &key, elsewhere),
                Err(SealError::Broken),
                "{elsewhere:?}"
            );
        }
        assert_eq!(
            opened(&file, &FileKey::random(), &["a", "o"]),
            Err(SealError::Broken)
        );
    }

    #[test]
    fn another_version_is_told_from_damage() {
        let key = FileKey::random();
        let mut file = seal(b"Zoe", &key, &data(&["a"])).unwrap();
        file[MAGIC.len()] += 1;
        assert_eq!(opened(&file, &key, &["a"]), Err(SealError::OtherVersion));
        file[0] += 1;
        assert_eq!(opened(&file, &key, &["a"]), Err(SealError::Broken));
    }

    #[test]
    fn the_same_text_is_never_the_same_file() {
        let key = FileKey::random();
        let (one, other) = (seal(b"Zoe", &key, &data(&[])), seal(b"Zoe", &key, &data(&[])));
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_ne!(one[HEAD..], other[HEAD..]);
        assert!(!one.windows(3).any(|part| part == b"Zoe"));
    }

    proptest! {
        #[test]
        fn no_changed_byte_goes_unseen(at in any::<prop::sample::Index>(), bit in 0..8_u8, cut in any::<bool>()) {
            let key = FileKey::random();
            let mut file = seal(b"Zoe and Ali", &key, &data(&["a", "o"])).unwrap();
            let at = at.index(file.len());
            if cut { file.truncate(at) } else { file[at] ^= 1 << bit }
            prop_assert!(opened(&file, &key, &["a", "o"]).is_err());
        }
    }
}
