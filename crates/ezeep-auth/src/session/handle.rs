//! The handle of a session: requests tokens, switches, ends.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use ids::OrganizationId;
use rand::RngExt as _;
use secrecy::SecretString;
use tokio::sync::{Mutex as AsyncMutex, watch};

use super::access_token::AccessToken;
use super::core::{Core, CoreInner, Ending, Outcome};
use super::life::Lifetime;
use super::outcome::{EndReason, EndReport, SessionError, SessionState};
use crate::claims::SpeaksFor;
use crate::clock::{Moment, SystemClock, WallClock};
use crate::error::TokenError;
use crate::reply::TokenSet;
use crate::store::{Record, RecordName, SecretStore, StoreError};
use crate::token::OAuth;

/// A signed-in session. Clones share it. All calls that may refresh need a Tokio runtime, and run to their
/// end even if their caller is dropped (security.md 35).
#[derive(Clone)]
pub struct Session {
    pub(super) core: Arc<Core>,
}

/// Writes a record and reads it back (security.md 29, 34).
pub(super) async fn keep(
    store: &dyn SecretStore,
    name: &RecordName,
    record: &Record,
) -> Result<(), StoreError> {
    store.write(name, record).await?;
    match store.read(name).await? {
        Some(back) if back.same_token(record) => Ok(()),
        _ => Err(StoreError::NotKept),
    }
}

/// The first generation of a sign-in, in microseconds since 1970 (UTC): larger than those of all earlier
/// sign-ins, whose calls may still be under way (security.md 47).
fn first_generation(clock: &dyn WallClock) -> u64 {
    let since = clock.now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(1, |since| u64::try_from(since.as_micros()).unwrap_or(1).max(1))
}

impl Session {
    /// Makes a session of new tokens: stored first, used then (security.md 34). If storing fails, the record
    /// that was there under `name` stays (security.md 5), and the new grant is revoked, because nothing would
    /// use it.
    ///
    /// # Errors
    /// [`SessionError::Store`]; [`SessionError::NoRefreshToken`]. Nothing usable is left of the new grant
    /// then.
    pub async fn establish(
        oauth: OAuth,
        store: Arc<dyn SecretStore>,
        name: RecordName,
        tokens: TokenSet,
    ) -> Result<Self, SessionError> {
        Self::establish_at(oauth, store, name, tokens, Arc::new(SystemClock)).await
    }

    pub(super) async fn establish_at(
        oauth: OAuth,
        store: Arc<dyn SecretStore>,
        name: RecordName,
        tokens: TokenSet,
        clock: Arc<dyn WallClock>,
    ) -> Result<Self, SessionError> {
        let refresh_token = tokens.refresh.clone().ok_or(SessionError::NoRefreshToken)?;
        let record = Record {
            grant: format!("{:032x}", rand::rng().random::<u128>()),
            refresh_token,
            organization: tokens.claims.org.as_ref().map(|id| id.as_str().to_owned()),
            person: tokens.claims.sub.clone(),
            generation: first_generation(clock.as_ref()),
        };
        let kept = async {
            // Another process may be rotating, and would write its token over this one.
            let _lock = store.lock(&name).await?;
            keep(store.as_ref(), &name, &record).await
        };
        if let Err(error) = kept.await {
            // Nothing uses this grant: it must not live at the server until it expires by itself.
            let _ = oauth.revoke(&record.refresh_token).await;
            return Err(error.into());
        }
        let speaks_for = SpeaksFor::of(&tokens.claims, None);
        let access = AccessToken::of(&tokens, record.generation, speaks_for);
        let life = Lifetime {
            asked: Moment::now(clock.as_ref()),
            lasts: tokens.expires_in,
        };
        Ok(Self::with(
            oauth,
            store,
            name,
            record,
            Some((access, life)),
            clock,
        ))
    }

    /// The session stored under `name`, if there is one. Only reads the record: no network. It may have
    /// expired since; the first [`access`](Self::access) tells.
    ///
    /// # Errors
    /// [`SessionError::Store`] if the record can't be read.
    pub async fn restore(
        oauth: OAuth,
        store: Arc<dyn SecretStore>,
        name: RecordName,
    ) -> Result<Option<Self>, SessionError> {
        Self::restore_at(oauth, store, name, Arc::new(SystemClock)).await
    }

    pub(super) async fn restore_at(
        oauth: OAuth,
        store: Arc<dyn SecretStore>,
        name: RecordName,
        clock: Arc<dyn WallClock>,
    ) -> Result<Option<Self>, SessionError> {
        let record = store.read(&name).await?;
        Ok(record.map(|record| Self::with(oauth, store, name, record, None, clock)))
    }

    /// A session that had ended before this start: the server refused it, and its record is gone. It returns
    /// no token; it is replaced when the same person signs in again.
    pub fn ended(oauth: OAuth, store: Arc<dyn SecretStore>, name: RecordName) -> Self {
        let record = Record {
            grant: String::new(),
            refresh_token: SecretString::default(),
            organization: None,
            person: None,
            generation: 0,
        };
        let session = Self::with(oauth, store, name, record, None, Arc::new(SystemClock));
        session
            .core
            .state
            .send_replace(SessionState::Ended(EndReason::InvalidGrant));
        session
    }

    fn with(
        oauth: OAuth,
        store: Arc<dyn SecretStore>,
        name: RecordName,
        record: Record,
        access: Option<(AccessToken, Lifetime)>,
        clock: Arc<dyn WallClock>,
    ) -> Self {
        let inner = CoreInner {
            home: record.speaks_for(),
            record,
            access,
            unsaved: None,
            in_flight: None,
            quiet: None,
            closing: None,
            replaced: Vec::new(),
            revoked: false,
        };
        let core = Core {
            oauth,
            store,
            name,
            clock,
            rotation: AsyncMutex::new(()),
            inner: Mutex::new(inner),
            state: watch::Sender::new(SessionState::Live),
        };
        Self { core: Arc::new(core) }
    }

    /// A token that can be sent now: the one in memory, or a new one after a refresh. Concurrent calls share
    /// one refresh (security.md 31).
    ///
    /// # Errors
    /// [`SessionError::Ended`] if the grant is over; [`SessionError::Token`] or [`SessionError::Store`] if
    /// the server or the store fails; [`SessionError::Interrupted`] after a panic.
    pub async fn access(&self) -> Result<AccessToken, SessionError> {
        self.newer_than(None).await
    }

    /// A token newer than the one that the API refused. If there is one already, no refresh is made.
    ///
    /// # Errors
    /// As [`Self::access`].
    pub async fn renew(&self, refused_generation: u64) -> Result<AccessToken, SessionError> {
        self.newer_than(Some(refused_generation)).await
    }

    /// The API refused the token of this generation although it had just been renewed: this session ends
    /// here, so that the user is asked to sign in. The record stays in the store, because that is not an
    /// `invalid_grant` (security.md 37). Ignored for a token that is not the newest, also after another
    /// process's rotation.
    pub async fn refused_again(&self, generation: u64) {
        let (core, stands) = (&self.core, |error: StoreError| {
            tracing::warn!(%error, "a token was refused twice, and it is unknown whether it is the newest");
        });
        // A process that rotates holds the lock until the record is written.
        let _lock = match core.store.lock(&core.name).await {
            Ok(lock) => lock,
            Err(error) => return stands(error),
        };
        let stored = match core.store.read(&core.name).await {
            Ok(stored) => stored,
            Err(error) => return stands(error),
        };
        let is_newest = {
            let inner = core.inner();
            inner.record.generation == generation
                && stored.is_some_and(|stored| stored.same_token(&inner.record))
        };
        if is_newest {
            core.mark_ended(EndReason::TokenRefused);
        }
    }

    async fn newer_than(&self, refused: Option<u64>) -> Outcome {
        let mut in_flight = {
            self.core.live()?;
            let mut inner = self.core.inner();
            if let Some(access) = inner.usable(&Moment::now(self.core.clock.as_ref()), refused) {
                return Ok(access);
            }
            match &inner.in_flight {
                Some(in_flight) => in_flight.clone(),
                None => self.core.clone().start_refresh(&mut inner, refused),
            }
        };
        // A refresh that panics drops its sender, which wakes all callers (security.md 40).
        match in_flight.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone().unwrap_or(Err(SessionError::Interrupted)),
            Err(_) => Err(SessionError::Interrupted),
        }
    }

    /// Switches to another organization: a rotation like any other, under the same lock (security.md 44).
    /// Returns what is known about the new token: one that names no organization is believed to be for this
    /// one, and the caller must check it by the servers' answers.
    ///
    /// # Errors
    /// As [`Self::access`]; [`SessionError::WrongOrganization`] if the token names another one. The session
    /// stays in the previous organization and works there.
    pub async fn switch(&self, organization: &OrganizationId) -> Result<SpeaksFor, SessionError> {
        let (core, organization) = (self.core.clone(), organization.clone());
        let task = tokio::spawn(async move { core.switch(&organization).await });
        task.await.unwrap_or(Err(SessionError::Interrupted))
    }

    /// Requires that every token returned from now on is for this organization: if the one in memory is not,
    /// the next call requests one that is. `None` accepts any.
    pub fn bind_to(&self, organization: Option<OrganizationId>) {
        self.core.inner().home = organization;
    }

    /// Signs out: starts no further refresh, waits for a running one, then revokes the grant and deletes the
    /// record, even if the server refuses (security.md 41, 42). Does the same with another program's sign-in
    /// of the same user that has replaced the record.
    pub async fn end(&self) -> EndReport {
        self.end_with(Ending::SignOut).await
    }

    /// Ends what this session had before `by`, the sign-in that replaced it. The grant of `by` is never
    /// ended, even if this session has found its record and uses it meanwhile. Can be repeated if the server
    /// could not be told.
    pub async fn end_replaced(&self, by: &Self) -> EndReport {
        let by = by.core.inner().record.grant.clone();
        self.end_with(Ending::Replaced { by }).await
    }

    async fn end_with(&self, ending: Ending) -> EndReport {
        // Set before anything is awaited.
        self.core.inner().closing = Some(ending.clone());
        let core = self.core.clone();
        let task = tokio::spawn(async move { core.end(ending).await });
        task.await.unwrap_or_else(|_| EndReport {
            revoked: Err(TokenError::LostReply {
                host: self
                    .core
                    .oauth
                    .config()
                    .account
                    .host_str()
                    .unwrap_or_default()
                    .to_owned(),
                timed_out: false,
            }),
            deleted: Err(StoreError::Unavailable {
                reason: "the sign-out broke off".into(),
            }),
        })
    }

    /// The session's state, and its changes.
    pub fn state(&self) -> watch::Receiver<SessionState> {
        self.core.state.subscribe()
    }

    /// The organization of the session, if known.
    pub fn organization(&self) -> Option<OrganizationId> {
        self.core.inner().home.clone()
    }

    /// What is known about the access token in memory; [`SpeaksFor::Unknown`] if there is none.
    pub fn speaks_for(&self) -> SpeaksFor {
        let inner = self.core.inner();
        let access = inner.access.as_ref();
        access.map_or(SpeaksFor::Unknown, |(access, _)| access.speaks_for.clone())
    }

    /// The id of the session's user (`sub`), if known.
    pub fn person(&self) -> Option<String> {
        self.core.inner().record.person.clone()
    }

    /// For the background refresh: the newest generation, and the time until it should be renewed.
    pub(super) fn next_refresh(&self) -> (u64, Duration) {
        let inner = self.core.inner();
        match &inner.access {
            Some((access, life)) if inner.is_home(access) => (
                access.generation,
                life.until_half(&Moment::now(self.core.clock.as_ref())),
            ),
            _ => (inner.record.generation, Duration::ZERO),
        }
    }
}
