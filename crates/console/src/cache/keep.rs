//! When an open organization is kept on disk: after each whole read, some time after a change, and when the app is closed. Owns
//! that rhythm. Must never hold up a command, nor keep a part of an organization for the whole.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use super::{Header, Slot};
use crate::organization::OrganizationContext;
use crate::wire::Person;

/// Changes come in rows: what follows within this time is kept with them.
const PAUSE: Duration = Duration::from_secs(1);
/// Between two files lies at least this: a plan that is being written changes somebody every second.
const REST: Duration = Duration::from_secs(20);

/// Keeps one open organization. Clones are one.
#[derive(Clone)]
pub struct Keeper(Arc<Inner>);

struct Inner {
    context: Weak<OrganizationContext>,
    slot: Slot,
    person: Person,
    may: Box<dyn Fn() -> bool + Send + Sync>,
    /// Which version is kept, 0 for none; whoever writes holds it.
    kept: Mutex<u64>,
}

impl Keeper {
    /// Saves an organization, as `person` sees it, while it `may` be saved. Does nothing until [`Keeper::start`] or
    /// [`Keeper::save`].
    pub fn new(
        context: &Arc<OrganizationContext>,
        slot: Slot,
        person: Person,
        may: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Inner {
            context: Arc::downgrade(context),
            slot,
            person,
            may: Box::new(may),
            kept: Mutex::default(),
        }))
    }

    /// Saves after each full read and some time after an edit, until the organization is left.
    pub fn start(&self) {
        let Some(context) = self.0.context.upgrade() else {
            return;
        };
        let (keeper, left, changed) = (self.clone(), context.left.clone(), context.store.changed());
        tokio::spawn(async move {
            let forever = async {
                loop {
                    changed.notified().await;
                    tokio::time::sleep(PAUSE).await;
                    keeper.save().await;
                    tokio::time::sleep(REST).await;
                }
            };
            left.run_until_cancelled(forever).await;
        });
    }

    /// Writes what is shown, where it is a whole, may be kept, and is not what was written last.
    pub async fn save(&self) {
        let Inner { slot, may, .. } = &*self.0;
        let mut kept = self.0.kept.lock().await;
        let Some(context) = self.0.context.upgrade() else {
            return;
        };
        let version = context.store.version();
        if *kept == version || !may() {
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
                .save(header, snapshot, || may() && !left.is_cancelled())
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
