//! An empty data directory with a keychain in memory, for the tests of what lies on disk.

use std::sync::Arc;

use ezeep_auth::{MemoryStore, SecretStore};
use vault::DataDirectory;

use super::AccountFiles;
use crate::notices::Notices;

/// With a keychain that always works.
pub type TestFiles = TestFilesWith<MemoryStore>;

/// With the test's own keychain.
pub struct TestFilesWith<K> {
    pub dir: tempfile::TempDir,
    pub directory: DataDirectory,
    pub keychain: Arc<K>,
    pub notices: Notices,
    pub files: AccountFiles,
}

impl<K: SecretStore + Default + 'static> TestFilesWith<K> {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let directory = DataDirectory::own(dir.path()).unwrap();
        let keychain = Arc::new(K::default());
        let notices = Notices::new(|| {});
        let files = AccountFiles::new(directory.clone(), keychain.clone(), notices.clone());
        Self {
            dir,
            directory,
            keychain,
            notices,
            files,
        }
    }

    /// The same directory and keychain, as after a restart of the app.
    pub fn restart(&mut self) {
        self.files = AccountFiles::new(
            self.directory.clone(),
            self.keychain.clone(),
            self.notices.clone(),
        );
    }

    /// The files of a guest of the same directory, with the same keychain, and the guest's notices.
    pub fn guest(&self) -> (AccountFiles, Notices) {
        let notices = Notices::for_guest(|| {});
        let directory = DataDirectory::visit(self.dir.path());
        let files = AccountFiles::new(directory, self.keychain.clone(), notices.clone());
        (files, notices)
    }
}
