//! The keychain of the tests on Windows: the Credential Manager, of which each user has one. A record's name
//! has a digest of its data directory in it, so tests meet neither each other nor the app. Must never fill
//! the Credential Manager of a person who did not ask for it: nothing removes these records.

use anyhow::ensure;

/// The variable that allows it.
const ALLOWED: &str = "PRESSROOM_TEST_RECORDS";

/// The user's Credential Manager.
pub struct Keyring(());

impl Keyring {
    /// Checks that records may be left in it.
    ///
    /// # Errors
    /// Where the variable is not set.
    pub fn start() -> anyhow::Result<Self> {
        ensure!(
            std::env::var_os(ALLOWED).is_some(),
            "this test leaves records in this user's Credential Manager: set {ALLOWED}=1 to allow that"
        );
        Ok(Self(()))
    }

    /// How often it ended by itself: never.
    #[must_use]
    pub fn deaths(&self) -> usize {
        0
    }

    /// What a process needs to find it: nothing.
    #[must_use]
    pub fn env(&self) -> Vec<(String, String)> {
        Vec::new()
    }
}
