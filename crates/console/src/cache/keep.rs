//! When an open organization is kept on disk: after each whole read, and some time after a change. Owns that rhythm.
//! Must never hold up a command, nor keep a part of an organization for the whole.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::task::spawn_blocking;

use super::{Header, Slot};
use crate::wire::Person;
use crate::workspace::Workspace;

/// Changes come in rows: what follows within this time is kept with them.
const PAUSE: Duration = Duration::from_secs(1);
/// Between two files lies at least this: a plan that is being written changes somebody every second.
const REST: Duration = Duration::from_secs(20);

/// Keeps an organization, as `person` sees it, until it is left, while it `may` be kept.
pub fn keep(
    workspace: &Arc<Workspace>,
    slot: Slot,
    person: Person,
    may: impl Fn() -> bool + Send + Sync + 'static,
) {
    let left = workspace.left.clone();
    let changed = workspace.changed();
    let workspace = Arc::downgrade(workspace);
    tokio::spawn(async move {
        let forever = async {
            loop {
                changed.notified().await;
                tokio::time::sleep(PAUSE).await;
                save(&workspace, &slot, &person, &may).await;
                tokio::time::sleep(REST).await;
            }
        };
        left.run_until_cancelled(forever).await;
    });
}

async fn save(workspace: &Weak<Workspace>, slot: &Slot, person: &Person, may: &(impl Fn() -> bool + Sync)) {
    if !may() {
        return;
    }
    let Some(workspace) = workspace.upgrade() else {
        return;
    };
    let Some(at) = workspace.sync().view.lists.at() else {
        return;
    };
    let header = Header {
        at,
        person: person.clone(),
        organization: workspace.organization.clone(),
    };
    let left = workspace.left.clone();
    let snapshot = spawn_blocking(move || workspace.read(directory::Directory::snapshot)).await;
    if let Ok(Ok(snapshot)) = snapshot {
        slot.save(header, snapshot, || may() && !left.is_cancelled())
            .await;
    }
}
