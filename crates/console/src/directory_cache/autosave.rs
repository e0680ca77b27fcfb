//! When the directory of an open organization is saved: after each full read, some time after an edit, and
//! when the app ends. Owns that timing. Must never delay a command, nor save a partial directory.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use super::saved_copy::Header;
use crate::account_files::Slot;
use crate::organization::OrganizationContext;
use crate::wire::Person;

/// Edits come in series: those within this time are saved together.
const DEBOUNCE: Duration = Duration::from_secs(1);
/// Shortest time between two saves: a run edits a user each second.
const MIN_INTERVAL: Duration = Duration::from_secs(20);

/// Saves one open organization. Clones share the state.
#[derive(Clone)]
pub struct Autosave(Arc<Inner>);

struct Inner {
    context: Weak<OrganizationContext>,
    slot: Slot,
    person: Person,
    allowed: Box<dyn Fn() -> bool + Send + Sync>,
    /// The saved version, 0 for none. Locked while one is written.
    kept: Mutex<u64>,
}

impl Autosave {
    /// Saves an organization, as `person` sees it, while that is `allowed`. Does nothing until
    /// [`Autosave::start`] or [`Autosave::save`].
    pub fn new(
        context: &Arc<OrganizationContext>,
        slot: Slot,
        person: Person,
        allowed: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Inner {
            context: Arc::downgrade(context),
            slot,
            person,
            allowed: Box::new(allowed),
            kept: Mutex::default(),
        }))
    }

    /// Saves after each full read and some time after an edit, until the organization is left.
    pub fn start(&self) {
        let Some(context) = self.0.context.upgrade() else {
            return;
        };
        let (autosave, left, changed) = (self.clone(), context.left.clone(), context.store.changed());
        tokio::spawn(async move {
            let forever = async {
                loop {
                    changed.notified().await;
                    tokio::time::sleep(DEBOUNCE).await;
                    autosave.save().await;
                    tokio::time::sleep(MIN_INTERVAL).await;
                }
            };
            left.run_until_cancelled(forever).await;
        });
    }

    /// Saves the directory if it is complete, saving is allowed, and its version is not the saved one.
    pub async fn save(&self) {
        let Inner { slot, allowed, .. } = &*self.0;
        let mut kept = self.0.kept.lock().await;
        let Some(context) = self.0.context.upgrade() else {
            return;
        };
        let version = context.store.version();
        if *kept == version || !allowed() {
            return;
        }
        let Some(at) = context.store.lists().at() else {
            return;
        };
        let header = Header {
            at,
            person: self.0.person.clone(),
            organization: context.organization.clone(),
        };
        let left = context.left.clone();
        let snapshot = spawn_blocking(move || context.store.read(directory::Directory::snapshot)).await;
        if let Ok(Ok(snapshot)) = snapshot
            && slot
                .save(header, snapshot, || allowed() && !left.is_cancelled())
                .await
        {
            *kept = version;
        }
        if let Some(context) = self.0.context.upgrade() {
            let host = Arc::clone(&context.host);
            spawn_blocking(move || host.give_memory_back()).await.ok();
        }
    }
}
