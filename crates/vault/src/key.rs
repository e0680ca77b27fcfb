//! The key that seals files: 32 random bytes, and the form in which a keychain holds them.
//! Must never print it, nor take bytes of a version it does not know for one.

use rand::Rng as _;
use secrecy::{ExposeSecret, SecretBox};
use zeroize::Zeroizing;

/// Raised when the record changes its meaning.
const VERSION: u8 = 1;
const LEN: usize = 32;

/// Bytes that are no key: cut, too long, or of another version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no key of this version")]
pub struct InvalidKey;

/// A key that seals files. Has no Debug that shows it, and is overwritten when it is dropped.
pub struct FileKey(SecretBox<[u8; LEN]>);

impl FileKey {
    /// A fresh one, from the system's random numbers.
    pub fn random() -> Self {
        Self(SecretBox::init_with_mut(|bytes: &mut [u8; LEN]| {
            rand::rng().fill_bytes(bytes)
        }))
    }

    /// The key itself.
    pub fn expose(&self) -> &[u8; LEN] {
        self.0.expose_secret()
    }

    /// The bytes of its record in a keychain: the version, then the key.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        // With room from the start, so that growing leaves no copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(1 + LEN));
        bytes.push(VERSION);
        bytes.extend_from_slice(self.expose());
        bytes
    }

    /// The key in the bytes of a record.
    ///
    /// # Errors
    /// [`InvalidKey`] for other bytes than [`Self::to_bytes`] gives.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidKey> {
        match bytes.split_first() {
            Some((&VERSION, key)) if key.len() == LEN => {
                Ok(Self(SecretBox::init_with_mut(|bytes: &mut [u8; LEN]| {
                    bytes.copy_from_slice(key)
                })))
            }
            _ => Err(InvalidKey),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_back_as_it_was_and_nothing_else_is_taken_for_one() {
        let key = FileKey::random();
        let mut bytes = key.to_bytes();
        assert_eq!(
            FileKey::from_bytes(&bytes).map(|back| *back.expose()),
            Ok(*key.expose())
        );
        assert_ne!(FileKey::random().expose(), key.expose());
        for wrong in [&b""[..], &bytes[..LEN], b"{\"v\":1}"] {
            assert_eq!(FileKey::from_bytes(wrong).err(), Some(InvalidKey));
        }
        bytes[0] += 1;
        assert_eq!(FileKey::from_bytes(&bytes).err(), Some(InvalidKey));
    }

    /// Keychains hold it.
    #[test]
    fn the_form_of_a_keys_record_stays() {
        let bytes = [&[1][..], &[7; LEN]].concat();
        let key = FileKey::from_bytes(&bytes).unwrap();
        assert_eq!((*key.expose(), key.to_bytes().to_vec()), ([7; LEN], bytes));
    }
}
