//! One signed-in session: hands out access tokens, renews, switches, ends. Owns the rule that one refresh runs at a
//! time and that everyone who waits for it is told. Must never drop a credential on anything but the server's
//! `invalid_grant` with the store unchanged (security.md 37).

mod keep_fresh;
mod life;
mod rotation;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use ids::OrganizationId;
use rand::RngExt as _;
use secrecy::SecretString;
use tokio::sync::{Mutex as AsyncMutex, watch};

pub use keep_fresh::KeepFresh;
use life::Lifetime;
pub(crate) use life::{Moment, SystemClock, WallClock};
use rotation::{Ending, Rotated};

use crate::claims::{Claims, SpeaksFor};
use crate::reply::TokenSet;
use crate::store::{Record, RecordName, SecretStore, StoreError};
use crate::token::{OAuth, TokenError};

/// Why a session did not do what it was asked. Cheap to clone: everyone who waits for a refresh gets it. Only
/// [`Ended`](Self::Ended) is for good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The session is over: sign in again.
    #[error("the session has ended: {0}")]
    Ended(EndReason),
    /// The token endpoint did not answer with tokens; the credentials are kept.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The store did not do its part; the credentials are kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The token that came back speaks for another organization than asked for (security.md 44). The session stays
    /// in the organization it was in.
    #[error("the server answered with a token of another organization")]
    WrongOrganization {
        /// Asked for.
        asked: OrganizationId,
        /// Named by the token.
        got: OrganizationId,
    },
    /// The sign-in brought no refresh token, so there is no session to keep.
    #[error("the server gave no refresh token")]
    NoRefreshToken,
    /// The refresh broke off by a fault of the app; the next call tries again (security.md 40).
    #[error("the refresh broke off")]
    Interrupted,
}

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EndReason {
    /// The server no longer takes the grant: expired, revoked, or spent elsewhere.
    #[error("the server no longer takes it")]
    InvalidGrant,
    /// [`Session::end`] was called.
    #[error("signed out")]
    SignedOut,
    /// The record is no longer in the store: signed out in another process, or removed by hand.
    #[error("its record was removed")]
    RecordGone,
    /// The API refuses the newest token, which was just renewed. The record stays (security.md 37).
    #[error("the server refuses a token that was just renewed")]
    TokenRefused,
}

/// Whether a session can still be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// It can, as far as is known here.
    Live,
    /// It can't any more.
    Ended(EndReason),
}

/// What came of a sign-out. The session is over here in any case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndReport {
    /// Whether the server has revoked the grant. If not, its tokens may live up to an hour (security.md 42).
    pub revoked: Result<(), TokenError>,
    /// Whether the record is gone from the store.
    pub deleted: Result<(), StoreError>,
}

/// A token for the API, with what is known of it. Cheap to clone. Its Debug shows no secret.
#[derive(Clone)]
pub struct AccessToken {
    secret: Arc<SecretString>,
    /// Counts the rotations of the session: give it back to [`Session::renew`] when the token was refused.
    pub generation: u64,
    /// What the token says of itself.
    pub claims: Arc<Claims>,
    /// Which organization it is for, and how that is known.
    pub speaks_for: SpeaksFor,
}

impl AccessToken {
    /// The token itself.
    pub fn secret(&self) -> &SecretString {
        &self.secret
    }
}

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessToken")
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

/// A signed-in session. Clones share it. All calls that may refresh need a Tokio runtime, and go on to their end
/// although their caller goes away (security.md 35).
#[derive(Clone)]
pub struct Session {
    core: Arc<Core>,
}

/// Writes a record and sees that it is there (security.md 29, 34).
async fn keep(store: &dyn SecretStore, name: &RecordName, record: &Record) -> Result<(), StoreError> {
    store.write(name, record).await?;
    match store.read(name).await? {
        Some(back) if back.same_token(record) => Ok(()),
        _ => Err(StoreError::NotKept),
    }
}

/// Where the generations of a sign-in begin, in microseconds since 1970: above those of every sign-in before, whose calls may
/// still be under way (security.md 47).
fn first_generation(clock: &dyn WallClock) -> u64 {
    let since = clock.now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(1, |since| u64::try_from(since.as_micros()).unwrap_or(1).max(1))
}

type Outcome = Result<AccessToken, SessionError>;

/// What all clones share.
struct Core {
    oauth: OAuth,
    store: Arc<dyn SecretStore>,
    name: RecordName,
    clock: Arc<dyn WallClock>,
    /// Whoever holds it, and after it the store's lock across processes, may spend the refresh token (security.md 32).
    rotation: AsyncMutex<()>,
    /// Never held over an await.
    held: Mutex<Held>,
    state: watch::Sender<SessionState>,
}

struct Held {
    /// What the store holds, as far as is known here.
    record: Record,
    /// The organization this session is in. The record says where the grant went last, which may have been another
    /// process's wish.
    home: Option<OrganizationId>,
    access: Option<(AccessToken, Lifetime)>,
    /// Tokens that the server gave and the store did not take yet (security.md 34).
    unsaved: Option<Rotated>,
    /// The refresh under way, for everyone to wait for.
    flight: Option<watch::Receiver<Option<Outcome>>>,
    /// Since when and how long the server asked to be left alone.
    quiet: Option<(Moment, Duration)>,
    /// Its end has begun: nothing new may be spent (security.md 41).
    closing: Option<Ending>,
    /// Records of this session that others were put in the place of, and taken up.
    replaced: Vec<Record>,
    /// The server has confirmed the revocation.
    revoked: bool,
}

impl Session {
    /// Makes a session of fresh tokens: stored first, used then (security.md 34). Where storing fails, the record
    /// that was there under `name` stays (security.md 5), and the fresh grant is revoked: nobody holds it.
    pub async fn establish(
        oauth: OAuth,
        store: Arc<dyn SecretStore>,
        name: RecordName,
        tokens: TokenSet,
    ) -> Result<Self, SessionError> {
        Self::establish_at(oauth, store, name, tokens, Arc::new(SystemClock)).await
    }

    async fn establish_at(
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
            // Another process may be in the middle of a rotation, and would write its token over this one.
            let _lock = store.lock(&name).await?;
            keep(store.as_ref(), &name, &record).await
        };
        if let Err(error) = kept.await {
            // Nobody holds this grant: it must not live on at the server until it expires by itself.
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

    /// The session that is kept under `name`, if there is one. Reads the record only: no network. What it finds may
    /// have expired since; the first [`access`](Self::access) tells.
    pub async fn restore(
        oauth: OAuth,
        store: Arc<dyn SecretStore>,
        name: RecordName,
    ) -> Result<Option<Self>, SessionError> {
        Self::restore_at(oauth, store, name, Arc::new(SystemClock)).await
    }

    async fn restore_at(
        oauth: OAuth,
        store: Arc<dyn SecretStore>,
        name: RecordName,
        clock: Arc<dyn WallClock>,
    ) -> Result<Option<Self>, SessionError> {
        let record = store.read(&name).await?;
        Ok(record.map(|record| Self::with(oauth, store, name, record, None, clock)))
    }

    /// A session that has ended before this start: the server no longer took it, and its record is gone. It gives no token; it
    /// stands where a session will be when the same person signs in again.
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
        let held = Held {
            home: record.speaks_for(),
            record,
            access,
            unsaved: None,
            flight: None,
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
            held: Mutex::new(held),
            state: watch::Sender::new(SessionState::Live),
        };
        Self { core: Arc::new(core) }
    }

    /// A token that can be sent now: the one in memory, or after a refresh a new one. However many ask at once, one
    /// refresh is made (security.md 31).
    pub async fn access(&self) -> Result<AccessToken, SessionError> {
        self.newer_than(None).await
    }

    /// A token newer than the one that the API refused. No refresh is made where there is one already.
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
            let held = core.held();
            held.record.generation == generation
                && stored.is_some_and(|stored| stored.same_token(&held.record))
        };
        if is_newest {
            core.over(EndReason::TokenRefused);
        }
    }

    async fn newer_than(&self, refused: Option<u64>) -> Outcome {
        let mut flight = {
            self.core.live()?;
            let mut held = self.core.held();
            if let Some(access) = held.usable(&Moment::now(self.core.clock.as_ref()), refused) {
                return Ok(access);
            }
            match &held.flight {
                Some(flight) => flight.clone(),
                None => self.core.clone().take_off(&mut held, refused),
            }
        };
        // A flight that fell over drops its sender, which wakes everyone (security.md 40).
        match flight.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone().unwrap_or(Err(SessionError::Interrupted)),
            Err(_) => Err(SessionError::Interrupted),
        }
    }

    /// Switches to another organization: a rotation like any other, under the same lock (security.md 44).
    /// Returns what is known about the new token: one that names no organization is believed to be for this
    /// one, and the caller must check it by the servers' answers.
    ///
    /// # Errors
    /// The session stays in the previous organization and works there.
    pub async fn switch(&self, organization: &OrganizationId) -> Result<SpeaksFor, SessionError> {
        let (core, organization) = (self.core.clone(), organization.clone());
        let task = tokio::spawn(async move { core.switch(&organization).await });
        task.await.unwrap_or(Err(SessionError::Interrupted))
    }

    /// Every token returned from now on must be for this organization: if the one in memory is not, the next
    /// call requests one that is. `None` accepts any.
    pub fn bind_to(&self, organization: Option<OrganizationId>) {
        self.core.held().home = organization;
    }

    /// Signs out: starts no further refresh, waits for a running one, then revokes the grant and deletes the
    /// record, even if the server refuses (security.md 41, 42). Does the same with another program's sign-in
    /// of the same user that has replaced the record.
    pub async fn end(&self) -> EndReport {
        self.end_with(Ending::SignOut).await
    }

    /// Ends what this session held before `by`, the sign-in that has taken its place, was there: never the grant of `by`, also
    /// where this session has found its record and gone on with it meanwhile. Can be tried again where the server could not
    /// be told.
    pub async fn end_replaced(&self, by: &Self) -> EndReport {
        let by = by.core.held().record.grant.clone();
        self.end_with(Ending::Replaced { by }).await
    }

    async fn end_with(&self, ending: Ending) -> EndReport {
        // From here on, before anything is awaited.
        self.core.held().closing = Some(ending.clone());
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

    /// Whether the session is live, and the news when it is not.
    pub fn state(&self) -> watch::Receiver<SessionState> {
        self.core.state.subscribe()
    }

    /// The organization the session is in, where known.
    pub fn organization(&self) -> Option<OrganizationId> {
        self.core.held().home.clone()
    }

    /// What is known about the access token in memory; [`SpeaksFor::Unknown`] if there is none.
    pub fn speaks_for(&self) -> SpeaksFor {
        let held = self.core.held();
        let access = held.access.as_ref();
        access.map_or(SpeaksFor::Unknown, |(access, _)| access.speaks_for.clone())
    }

    /// Whose session it is (`sub`), where known.
    pub fn person(&self) -> Option<String> {
        self.core.held().record.person.clone()
    }

    /// For the background refresh: the newest generation, and how long until it should be renewed.
    fn next_refresh(&self) -> (u64, Duration) {
        let held = self.core.held();
        match &held.access {
            Some((access, life)) if held.is_home(access) => (
                access.generation,
                life.until_half(&Moment::now(self.core.clock.as_ref())),
            ),
            _ => (held.record.generation, Duration::ZERO),
        }
    }
}

impl Core {
    fn held(&self) -> MutexGuard<'_, Held> {
        // A panic while it was held leaves plain values; none of them is half written.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn live(&self) -> Result<(), SessionError> {
        match *self.state.borrow() {
            SessionState::Live if self.held().closing.is_some() => {
                Err(SessionError::Ended(EndReason::SignedOut))
            }
            SessionState::Live => Ok(()),
            SessionState::Ended(reason) => Err(SessionError::Ended(reason)),
        }
    }

    /// Starts the one refresh, away from its caller.
    fn take_off(self: Arc<Self>, held: &mut Held, refused: Option<u64>) -> watch::Receiver<Option<Outcome>> {
        let (sender, receiver) = watch::channel(None);
        held.flight = Some(receiver.clone());
        tokio::spawn(async move {
            // Dropped before the sender on every way out, a panic's too: who wakes finds no dead flight to join.
            let landing = Landing(&self);
            let outcome = self.refresh(refused).await;
            drop(landing);
            let _ = sender.send(Some(outcome));
        });
        receiver
    }
}

struct Landing<'a>(&'a Core);

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        self.0.held().flight = None;
    }
}

impl Held {
    /// The token in memory, where it is fresh and newer than a refused one.
    fn usable(&self, now: &Moment, refused: Option<u64>) -> Option<AccessToken> {
        let (access, life) = self.access.as_ref()?;
        let newer = refused.is_none_or(|refused| access.generation > refused);
        (newer && self.is_home(access) && life.fresh(now) && self.closing.is_none()).then(|| access.clone())
    }

    /// Whether this grant is being ended.
    fn is_ending(&self, grant: &str) -> bool {
        self.closing.as_ref().is_some_and(|ending| !ending.leaves(grant))
    }

    /// Whether a token is for the session's organization, if it has one (security.md 43).
    fn is_home(&self, access: &AccessToken) -> bool {
        let home = self.home.as_ref();
        home.is_none_or(|home| access.speaks_for.organization() == Some(home))
    }
}

impl AccessToken {
    fn of(tokens: &TokenSet, generation: u64, speaks_for: SpeaksFor) -> Self {
        Self {
            secret: Arc::new(tokens.access.clone()),
            generation,
            claims: Arc::new(tokens.claims.clone()),
            speaks_for,
        }
    }
}

#[cfg(test)]
mod tests;
