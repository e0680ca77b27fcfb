//! The installation and the events, as they cross to the UI.
//! An event names what to ask again and carries nothing else.

use ids::PlanId;
use serde::Serialize;
use ts_rs::TS;

use super::session::{KeychainState, RedirectChoice};

/// What the Settings page shows of this installation.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Installation {
    /// The app's version.
    pub version: String,
    /// Account server.
    pub account_url: String,
    /// Printing server.
    pub api_url: String,
    /// Redirect URI, and what there is to choose.
    pub redirect: RedirectChoice,
    /// Scopes.
    pub scopes: String,
    /// Settings and logs of this profile.
    pub data_dir: String,
    /// The keychain.
    pub keychain: KeychainState,
}

/// What happened; it names what to ask again and carries nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum AppEvent {
    /// `SessionView` changed.
    Session,
    /// The organizations changed.
    Organizations,
    /// `SyncView` changed.
    Sync,
    /// Rows, totals and details may have changed.
    Directory,
    /// The notices about this computer's disk changed.
    Notices,
    /// The plans that are not done with changed.
    Plans,
    /// A plan went on.
    Plan {
        /// Which.
        id: PlanId,
    },
}
