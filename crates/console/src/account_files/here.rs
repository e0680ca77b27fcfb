//! An empty data directory with a keychain in memory, for the tests of what lies on disk.

use std::sync::Arc;

use ezeep_auth::{MemoryStore, SecretStore};

use super::AccountFiles;
use crate::notices::Notices;

/// With a keychain that always works.
pub type Here = HereWith<MemoryStore>;

/// With the test's own keychain.
pub struct HereWith<K> {
    pub dir: tempfile::TempDir,
    pub keychain: Arc<K>,
    pub notices: Notices,
    pub files: AccountFiles,
}

impl<K: SecretStore + Default + 'static> HereWith<K> {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let keychain = Arc::new(K::default());
        let notices = Notices::new(|| {});
        let files = AccountFiles::new(dir.path(), keychain.clone(), notices.clone());
        Self {
            dir,
            keychain,
            notices,
            files,
        }
    }

    /// The same directory and keychain, as after a restart of the app.
    pub fn restart(&mut self) {
        self.files = AccountFiles::new(self.dir.path(), self.keychain.clone(), self.notices.clone());
    }
}
