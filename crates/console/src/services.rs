//! What `account` uses of the outside: settings, host, keychain, servers, disk. Holds no state of a sign-in.

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
    /// What the process was started with.
    pub settings: Settings,
    /// The window's side.
    pub host: Arc<dyn Host>,
    /// Where refresh tokens are kept.
    pub keychain: Arc<dyn SecretStore>,
    /// What the last probe of the keychain found.
    pub keychain_state: Mutex<KeychainState>,
    /// The connections of both clients.
    pub http: ezeep_http::HttpClient,
    /// What the servers may cost in time and room.
    pub limits: Limits,
    /// What is remembered between two starts.
    pub profile: Profile,
    /// Notices about what can't be read or written on this computer.
    pub notices: Notices,
    /// What is saved of each account.
    pub account_files: AccountFiles,
    /// The locks under which users are written.
    pub user_locks: Arc<UserLocks>,
    /// Where the answer of an attempt comes from when the operating system brings it.
    pub links: Links,
}

impl Services {
    /// What the last probe of the keychain found.
    pub fn keychain_state(&self) -> KeychainState {
        *self.keychain_state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A write and a read-back in the keychain (security.md 29).
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

    /// Changes the settings off the async threads: another program may hold their file for seconds. The
    /// change is made also where the caller goes away.
    pub async fn remember(self: &Arc<Self>, change: impl FnOnce(&Self, &mut Remembered) + Send + 'static) {
        let services = Arc::clone(self);
        let changed =
            tokio::task::spawn_blocking(move || services.profile.change(|now| change(&services, now)));
        if let Err(error) = changed.await {
            tracing::error!(%error, "a change of the settings broke off");
        }
    }
}
