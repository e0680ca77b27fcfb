//! An account whose session is alive in this process, in front or not. It is refreshed as long as the app
//! runs, because its refresh token expires after an hour without use (ezeep-api.md). Must never be handed to
//! another account (security.md 43).

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use ezeep_api::Endpoints;
use ezeep_auth::{KeepFresh, Session, SessionState};
use ids::{AccountId, HolderId};

use crate::host::DemoCloud;
use crate::wire::{Person, TokenStorage};

/// An account with its session.
pub struct LiveAccount {
    /// The account.
    pub id: AccountId,
    /// The holder of its files.
    pub holder: HolderId,
    /// Its session; replaced when the person signs in again.
    pub slot: SessionSlot,
    /// Its servers.
    pub endpoints: Endpoints,
    /// Its demo cloud, which ends with the account.
    pub demo: Option<Box<dyn DemoCloud>>,
    info: Mutex<AccountInfo>,
}

/// What is known of an account besides its session.
#[derive(Clone)]
pub struct AccountInfo {
    /// Where the refresh token is.
    pub storage: TokenStorage,
    /// Its person, once the server has named them.
    pub person: Option<Person>,
    /// The name of the organization used last.
    pub organization: Option<String>,
}

/// The session of an account, replaceable while it is in use. Keeps the session fresh.
#[derive(Clone)]
pub struct SessionSlot(Arc<RwLock<FreshSession>>);

struct FreshSession {
    session: Session,
    _fresh: KeepFresh,
}

impl FreshSession {
    fn new(session: Session) -> Self {
        Self {
            _fresh: session.keep_fresh(),
            session,
        }
    }
}

impl SessionSlot {
    /// The present session.
    pub fn get(&self) -> Session {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .session
            .clone()
    }
}

impl LiveAccount {
    /// Takes a session, and keeps it fresh from now on.
    pub fn new(
        id: AccountId,
        holder: HolderId,
        session: Session,
        endpoints: Endpoints,
        storage: TokenStorage,
        demo: Option<Box<dyn DemoCloud>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            id,
            holder,
            slot: SessionSlot(Arc::new(RwLock::new(FreshSession::new(session)))),
            endpoints,
            demo,
            info: Mutex::new(AccountInfo {
                storage,
                person: None,
                organization: None,
            }),
        })
    }

    /// The present session.
    pub fn session(&self) -> Session {
        self.slot.get()
    }

    /// Whether the session can still be used, as far as this process knows.
    pub fn live(&self) -> bool {
        *self.session().state().borrow() == SessionState::Live
    }

    /// What is known of it.
    pub fn info(&self) -> AccountInfo {
        self.info.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes what is known of it.
    pub fn update_info(&self, change: impl FnOnce(&mut AccountInfo)) {
        change(&mut self.info.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Replaces the session by a new one of the same person. Returns the previous session.
    pub fn replace(&self, session: Session, storage: TokenStorage) -> Session {
        self.update_info(|info| info.storage = storage);
        let mut slot = self.slot.0.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *slot, FreshSession::new(session)).session
    }
}
