//! Names of files made of texts that no file may be named by.

use sha2::{Digest as _, Sha256};

/// A file's name of 32 letters and digits, valid on every system, for an id or another text that is none: 16
/// bytes of its SHA-256.
pub fn file_name(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    /// Files are found by it.
    #[test]
    fn a_name_stays_what_it_was() {
        assert_eq!(super::file_name("abc"), "ba7816bf8f01cfea414140de5dae2223");
        assert_eq!(super::file_name("").len(), 32);
    }
}
