//! The state that all clones of a session share. Owns the rule that one refresh runs at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ids::OrganizationId;
use tokio::sync::{Mutex as AsyncMutex, watch};

use super::access_token::AccessToken;
use super::life::Lifetime;
use super::outcome::{EndReason, SessionError, SessionState};
use crate::claims::SpeaksFor;
use crate::clock::{Moment, WallClock};
use crate::reply::TokenSet;
use crate::store::{Record, RecordName, SecretStore};
use crate::token::OAuth;

/// The result of a rotation.
#[derive(Clone)]
pub(super) struct Rotated {
    pub(super) record: Record,
    pub(super) tokens: TokenSet,
    pub(super) speaks_for: SpeaksFor,
    pub(super) asked: Moment,
}

impl Rotated {
    pub(super) fn is_of(&self, organization: &OrganizationId) -> bool {
        self.speaks_for.organization() == Some(organization)
    }
}

/// Why a session ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ending {
    /// The user signs out: nothing of the sign-in may remain valid.
    SignOut,
    /// Another sign-in of the same person has replaced it, and continues.
    Replaced {
        /// The other sign-in's grant.
        by: String,
    },
}

impl Ending {
    /// Whether this grant continues.
    pub(super) fn leaves(&self, grant: &str) -> bool {
        matches!(self, Self::Replaced { by } if by == grant)
    }
}

/// A token, or why there is none.
pub(super) type Outcome = Result<AccessToken, SessionError>;

/// The state that all clones share.
pub(super) struct Core {
    pub(super) oauth: OAuth,
    pub(super) store: Arc<dyn SecretStore>,
    pub(super) name: RecordName,
    pub(super) clock: Arc<dyn WallClock>,
    /// Held, together with the store's lock across processes, while the refresh token is spent (security.md
    /// 32).
    pub(super) rotation: AsyncMutex<()>,
    /// Never held over an await.
    pub(super) inner: Mutex<CoreInner>,
    pub(super) state: watch::Sender<SessionState>,
}

pub(super) struct CoreInner {
    /// The stored record, as far as this process knows.
    pub(super) record: Record,
    /// The organization of this session. The record has the grant's last one, which another process may have
    /// chosen.
    pub(super) home: Option<OrganizationId>,
    pub(super) access: Option<(AccessToken, Lifetime)>,
    /// Tokens that the server returned and that are not stored yet (security.md 34).
    pub(super) unsaved: Option<Rotated>,
    /// The refresh under way, for all callers to wait for.
    pub(super) in_flight: Option<watch::Receiver<Option<Outcome>>>,
    /// The wait that the server asked for: its beginning and its length.
    pub(super) quiet: Option<(Moment, Duration)>,
    /// Set when its end begins: nothing may be spent any more (security.md 41).
    pub(super) closing: Option<Ending>,
    /// Records of this session that other sign-ins replaced.
    pub(super) replaced: Vec<Record>,
    /// The server has confirmed the revocation.
    pub(super) revoked: bool,
}

impl Core {
    pub(super) fn inner(&self) -> MutexGuard<'_, CoreInner> {
        // After a panic under this lock no value is half written.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn live(&self) -> Result<(), SessionError> {
        match *self.state.borrow() {
            SessionState::Live if self.inner().closing.is_some() => {
                Err(SessionError::Ended(EndReason::SignedOut))
            }
            SessionState::Live => Ok(()),
            SessionState::Ended(reason) => Err(SessionError::Ended(reason)),
        }
    }

    /// Starts the refresh in its own task.
    pub(super) fn start_refresh(
        self: Arc<Self>,
        inner: &mut CoreInner,
        refused: Option<u64>,
    ) -> watch::Receiver<Option<Outcome>> {
        let (sender, receiver) = watch::channel(None);
        inner.in_flight = Some(receiver.clone());
        tokio::spawn(async move {
            // Dropped before the sender on all paths, also by a panic: a caller that wakes up finds no ended
            // refresh to join.
            let clear = ClearInFlight(&self);
            let outcome = self.refresh(refused).await;
            drop(clear);
            let _ = sender.send(Some(outcome));
        });
        receiver
    }
}

struct ClearInFlight<'a>(&'a Core);

impl Drop for ClearInFlight<'_> {
    fn drop(&mut self) {
        self.0.inner().in_flight = None;
    }
}

impl CoreInner {
    /// The token in memory, if it is fresh and newer than a refused one.
    pub(super) fn usable(&self, now: &Moment, refused: Option<u64>) -> Option<AccessToken> {
        let (access, life) = self.access.as_ref()?;
        let newer = refused.is_none_or(|refused| access.generation > refused);
        (newer && self.is_home(access) && life.fresh(now) && self.closing.is_none()).then(|| access.clone())
    }

    /// Whether this grant is being ended.
    pub(super) fn is_ending(&self, grant: &str) -> bool {
        self.closing.as_ref().is_some_and(|ending| !ending.leaves(grant))
    }

    /// Whether a token is for the session's organization, if it has one (security.md 43).
    pub(super) fn is_home(&self, access: &AccessToken) -> bool {
        let home = self.home.as_ref();
        home.is_none_or(|home| access.speaks_for.organization() == Some(home))
    }
}
