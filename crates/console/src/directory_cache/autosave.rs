//! When an open organization is kept on disk: after each whole read, some time after a change, and when the
//! app is closed. Owns that rhythm. Must never hold up a command, nor keep a part of an organization for the
//! whole.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use super::saved_copy::Header;
use crate::account_files::Slot;
use crate::organization::OrganizationContext;
use crate::wire::Person;

/// Changes come in rows: what follows within this time is kept with them.
const DEBOUNCE: Duration = Duration::from_secs(1);
/// Between two files lies at least this: a plan that is being written changes somebody every second.
const MIN_INTERVAL: Duration = Duration::from_secs(20);

/// Keeps one open organization. Clones are one.
#[derive(Clone)]
pub struct Autosave(Arc<Inner>);

struct Inner {
    context: Weak<OrganizationContext>,
    slot: Slot,
    person: Person,
    allowed: Box<dyn Fn() -> bool + Send + Sync>,
    /// Which version is kept, 0 for none; whoever writes holds it.
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

    /// Writes what is shown, where it is a whole, may be kept, and is not what was written last.
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
