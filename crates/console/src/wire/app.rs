//! The installation and the events, as sent to the UI. An event names what to query again and carries nothing
//! else.

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
    /// URL of the account server.
    pub account_url: String,
    /// URL of the printing server.
    pub api_url: String,
    /// The redirect URI, and the ones to choose from.
    pub redirect: RedirectChoice,
    /// The scopes requested at sign-in, separated by spaces.
    pub scopes: String,
    /// The data directory.
    pub data_dir: String,
    /// The keychain's state.
    pub keychain: KeychainState,
}

/// A change; it names what to query again and carries nothing else.
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
    /// The list of unfinished plans changed.
    Plans,
    /// A plan made progress.
    Plan {
        /// The plan.
        id: PlanId,
    },
}
