//! One organization while it is open: the parts that are made, used and left together. Owns no state of its
//! own.

use std::sync::{Arc, OnceLock};

use crate::account_files::WritePermission;
use crate::directory_cache::Autosave;
use crate::organization::OrganizationContext;
use crate::runner::PlanBook;
use crate::sync::Engine;
use crate::views::Views;

/// An open organization. Its reads and runs end when it is dropped.
pub struct OpenOrganization {
    /// The state that all use cases share.
    pub context: Arc<OrganizationContext>,
    /// Its full reads.
    pub sync: Engine,
    /// Its plans.
    pub plans: PlanBook,
    /// Its saved views; in memory only if the session is not kept.
    pub views: Views,
    /// Whether its plans and views are written to disk.
    pub permission: WritePermission,
    autosave: OnceLock<Autosave>,
}

impl OpenOrganization {
    /// An organization with its unfinished plans and saved views. Asks no server.
    pub fn new(
        context: Arc<OrganizationContext>,
        plans: PlanBook,
        views: Views,
        permission: WritePermission,
    ) -> Self {
        Self {
            sync: Engine::new(Arc::clone(&context)),
            context,
            plans,
            views,
            permission,
            autosave: OnceLock::new(),
        }
    }

    /// Saves a copy of the organization from now on. Only the first call counts.
    pub fn start_autosave(&self, autosave: Autosave) {
        if self.autosave.set(autosave).is_ok()
            && let Some(autosave) = self.autosave.get()
        {
            autosave.start();
        }
    }

    /// Saves what is shown now, if a copy is saved at all and it is not up to date.
    pub async fn save_now(&self) {
        if let Some(autosave) = self.autosave.get() {
            autosave.save().await;
        }
    }

    /// Ends reads and runs: the organization is left.
    pub fn leave(&self) {
        self.context.left.cancel();
    }
}

impl Drop for OpenOrganization {
    fn drop(&mut self) {
        self.leave();
    }
}
