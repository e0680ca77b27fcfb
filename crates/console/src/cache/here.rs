//! An empty data directory with a keychain in memory, for the tests of what lies on disk.

use std::sync::Arc;

use ezeep_auth::MemoryStore;

use super::Cache;
use crate::notices::Notices;

pub struct Here {
    pub dir: tempfile::TempDir,
    pub keychain: Arc<MemoryStore>,
    pub notices: Notices,
    pub cache: Cache,
}

impl Here {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let keychain = Arc::new(MemoryStore::default());
        let notices = Notices::new(|| {});
        let cache = Cache::new(dir.path(), keychain.clone(), notices.clone());
        Self {
            dir,
            keychain,
            notices,
            cache,
        }
    }

    /// The same directory and keychain, as after a restart of the app.
    pub fn restart(&mut self) {
        self.cache = Cache::new(self.dir.path(), self.keychain.clone(), self.notices.clone());
    }
}
