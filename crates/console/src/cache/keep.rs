//! When an open organization is kept on disk: after each whole read, some time after a change, and when the app is closed. Owns
//! that rhythm. Must never hold up a command, nor keep a part of an organization for the whole.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use super::{Header, Slot};
use crate::wire::Person;
use crate::workspace::Workspace;

/// Changes come in rows: what follows within this time is kept with them.
const PAUSE: Duration = Duration::from_secs(1);
/// Between two files lies at least this: a plan that is being written changes somebody every second.
const REST: Duration = Duration::from_secs(20);

/// Keeps one open organization. Clones are one.
#[derive(Clone)]
pub struct Keeper(Arc<Inner>);

struct Inner {
    workspace: Weak<Workspace>,
    slot: Slot,
    person: Person,
    may: Box<dyn Fn() -> bool + Send + Sync>,
    /// Which version is kept, 0 for none; whoever writes holds it.
    kept: Mutex<u64>,
}

/// Keeps an organization, as `person` sees it, until it is left, while it `may` be kept.
pub fn keep(
    workspace: &Arc<Workspace>,
    slot: Slot,
    person: Person,
    may: impl Fn() -> bool + Send + Sync + 'static,
) {
    let keeper = Keeper(Arc::new(Inner {
        workspace: Arc::downgrade(workspace),
        slot,
        person,
        may: Box::new(may),
        kept: Mutex::default(),
    }));
    if workspace.keeper.set(keeper.clone()).is_err() {
        return;
    }
    let (left, changed) = (workspace.left.clone(), workspace.changed());
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

impl Keeper {
    /// Writes what is shown, where it is a whole, may be kept, and is not what was written last.
    pub async fn save(&self) {
        let Inner { slot, may, .. } = &*self.0;
        let mut kept = self.0.kept.lock().await;
        let Some(workspace) = self.0.workspace.upgrade() else {
            return;
        };
        let version = workspace.version();
        if *kept == version || !may() {
            return;
        }
        let Some(at) = workspace.sync().view.lists.at() else {
            return;
        };
        let header = Header {
            at,
            person: self.0.person.clone(),
            organization: workspace.organization.clone(),
        };
        let left = workspace.left.clone();
        let snapshot = spawn_blocking(move || workspace.read(directory::Directory::snapshot)).await;
        if let Ok(Ok(snapshot)) = snapshot
            && slot
                .save(header, snapshot, || may() && !left.is_cancelled())
                .await
        {
            *kept = version;
        }
        if let Some(workspace) = self.0.workspace.upgrade() {
            let host = Arc::clone(&workspace.host);
            spawn_blocking(move || host.give_memory_back()).await.ok();
        }
    }
}
