//! What `account` uses of the outside: settings, host, keychain, servers, disk. Holds no sign-in state.

use std::sync::{Arc, Mutex, PoisonError};

use ezeep_api::Limits;
use ezeep_auth::{Links, SecretStore};

use crate::account_files::AccountFiles;
use crate::faults;
use crate::host::Host;
use crate::notices::Notices;
use crate::organization::UserLocks;
use crate::profile::{Profile, Remembered};
use crate::settings::Settings;
use crate::wire::KeychainState;

/// What `account` uses of the outside.
pub struct Services {
    /// The settings of this run.
    pub settings: Settings,
    /// The host, for example the window.
    pub host: Arc<dyn Host>,
    /// The store for refresh tokens.
    pub keychain: Arc<dyn SecretStore>,
    /// The result of the last keychain probe.
    pub keychain_state: Mutex<KeychainState>,
    /// The connections of both clients.
    pub http: ezeep_http::HttpClient,
    /// Limits of time and size for the servers' answers.
    pub limits: Limits,
    /// The settings that the app writes itself.
    pub profile: Profile,
    /// Notices about what can't be read or written on this computer.
    pub notices: Notices,
    /// The files of each account.
    pub account_files: AccountFiles,
    /// The locks for writing users.
    pub user_locks: Arc<UserLocks>,
    /// Delivers an answer that the operating system brings by a link.
    pub links: Links,
}

impl Services {
    /// The result of the last keychain probe.
    pub fn keychain_state(&self) -> KeychainState {
        *self.keychain_state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a record to the keychain and reads it back (security.md 29). Returns the keychain's state.
    pub async fn probe(&self) -> KeychainState {
        let state = match self.keychain.probe().await {
            Ok(()) => KeychainState::Usable,
            Err(error) => {
                tracing::warn!(%error, "the keychain can't be used");
                faults::keychain_state(&error)
            }
        };
        *self.keychain_state.lock().unwrap_or_else(PoisonError::into_inner) = state;
        state
    }

    /// Takes in what other programs have written into the settings.
    pub async fn reread_settings(self: &Arc<Self>) {
        let services = Arc::clone(self);
        if let Err(error) = tokio::task::spawn_blocking(move || services.profile.reread()).await {
            tracing::error!(%error, "the settings were not read again");
        }
    }

    /// Changes the settings outside of the async threads: another program may hold their file for seconds.
    /// The change is made even if the caller is dropped.
    pub async fn remember(self: &Arc<Self>, change: impl FnOnce(&Self, &mut Remembered) + Send + 'static) {
        let services = Arc::clone(self);
        let changed =
            tokio::task::spawn_blocking(move || services.profile.change(|now| change(&services, now)));
        if let Err(error) = changed.await {
            tracing::error!(%error, "a change of the settings broke off");
        }
    }
}
