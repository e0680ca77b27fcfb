//! The key that seals an account's files: 32 random bytes in a record of their own, beside the sign-in's and never in it.
//! Must never print it, nor take bytes of a version it does not know for one.

use rand::Rng as _;
use secrecy::{ExposeSecret, SecretBox};
use zeroize::Zeroizing;

use super::error::StoreError;

/// Raised when the record changes its meaning.
const VERSION: u8 = 1;
const LEN: usize = 32;

/// The key of one account's files. Has no Debug that shows it, and is overwritten when it is dropped.
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

    pub(crate) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        // With room from the start, so that growing leaves no copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(1 + LEN));
        bytes.push(VERSION);
        bytes.extend_from_slice(self.expose());
        bytes
    }

    /// Out of the bytes of a keychain record.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] for other bytes than [`Self::to_bytes`] gives.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StoreError> {
        match bytes.split_first() {
            Some((&VERSION, key)) if key.len() == LEN => {
                Ok(Self(SecretBox::init_with_mut(|bytes: &mut [u8; LEN]| {
                    bytes.copy_from_slice(key)
                })))
            }
            _ => Err(StoreError::Damaged),
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
            assert_eq!(FileKey::from_bytes(wrong).err(), Some(StoreError::Damaged));
        }
        bytes[0] += 1;
        assert_eq!(FileKey::from_bytes(&bytes).err(), Some(StoreError::Damaged));
    }
}
