//! The rotation: the only place where a refresh token is spent, in an order that loses no session
//! (security.md 31-38, 41, 44): lock in this process, lock across processes, read again, prove the store
//! writable, spend, store, use. Must never spend without the lock, use what is not stored, or delete a record
//! that is not the one it spent.

use std::time::Duration;

use ids::OrganizationId;
use tokio::time::sleep;

use super::access_token::AccessToken;
use super::core::{Core, Ending, Outcome, Rotated};
use super::life::Lifetime;
use super::outcome::{EndReason, EndReport, SessionError, SessionState};
use crate::claims::SpeaksFor;
use crate::clock::Moment;
use crate::error::TokenError;
use crate::reply::TokenSet;
use crate::store::{Record, RecordLock, StoreError};
use crate::token::Grant;

/// Pauses before a store that failed to store new tokens is tried again.
const STORE_PAUSES: [Duration; 2] = [Duration::from_millis(150), Duration::from_millis(600)];
/// The wait after a 429 without `Retry-After`.
const QUIET: Duration = Duration::from_secs(5);

/// The purpose of spending the refresh token.
#[derive(Clone, Copy)]
enum Purpose<'a> {
    Refresh,
    Switch(&'a OrganizationId),
}

impl<'a> Purpose<'a> {
    /// The requested organization.
    fn organization(self) -> Option<&'a OrganizationId> {
        match self {
            Self::Refresh => None,
            Self::Switch(organization) => Some(organization),
        }
    }
}

impl Core {
    /// A refresh: returns a token that is fresh and newer than a refused one.
    pub(super) async fn refresh(&self, refused: Option<u64>) -> Outcome {
        let _guard = self.rotation.lock().await;
        self.live()?;
        // A switch may have brought one while this waited for the lock.
        if let Some(access) = self.inner().usable(&self.now(), refused) {
            return Ok(access);
        }
        let _lock = self.lock_record().await?;
        let mut rotated = match self.persist_pending().await? {
            Some(pending) => pending,
            None => self.spend(self.load_for_spend().await?, Purpose::Refresh).await?,
        };
        let home = self.inner().home.clone();
        // A server that forgets the organization at a refresh is asked for it again, as is one where another
        // process with the same grant has switched elsewhere (security.md 43). If the token does not name the
        // organization, both may have happened.
        if let Some(home) = home
            && !rotated.is_of(&home)
        {
            rotated = self.spend(rotated.record, Purpose::Switch(&home)).await?;
            if let SpeaksFor::Token(got) = &rotated.speaks_for
                && *got != home
            {
                let got = got.clone();
                return Err(SessionError::WrongOrganization { asked: home, got });
            }
        }
        self.publish(rotated)
    }

    /// Switches to `asked`, or stays (security.md 44).
    pub(super) async fn switch(&self, asked: &OrganizationId) -> Result<SpeaksFor, SessionError> {
        let _guard = self.rotation.lock().await;
        self.live()?;
        let there = self.inner().usable(&self.now(), None);
        if let Some(access) = there.filter(|access| access.speaks_for.organization() == Some(asked)) {
            self.inner().home = Some(asked.clone());
            return Ok(access.speaks_for);
        }
        let _lock = self.lock_record().await?;
        // Stored is enough: the token itself is about to be replaced.
        self.persist_pending().await?;
        let record = self.load_for_spend().await?;
        let home = self.inner().home.clone().or_else(|| record.speaks_for());
        let rotated = self.spend(record, Purpose::Switch(asked)).await?;
        let SpeaksFor::Token(got) = rotated.speaks_for.clone() else {
            return self.enter_organization(rotated, asked);
        };
        if got == *asked {
            return self.enter_organization(rotated, asked);
        }
        if let Some(home) = home {
            let back = if rotated.is_of(&home) {
                Ok(rotated)
            } else {
                self.spend(rotated.record, Purpose::Switch(&home)).await
            };
            match back {
                Ok(back) if back.is_of(&home) => drop(self.publish(back)?),
                // The record still has the session's organization, and the next refresh goes there.
                _ => tracing::warn!(
                    "the way back from a refused switch failed, the old access token stays in use"
                ),
            }
        }
        Err(SessionError::WrongOrganization {
            asked: asked.clone(),
            got,
        })
    }

    /// The session is in another organization from now on.
    fn enter_organization(
        &self,
        rotated: Rotated,
        organization: &OrganizationId,
    ) -> Result<SpeaksFor, SessionError> {
        self.inner().home = Some(organization.clone());
        self.publish(rotated).map(|access| access.speaks_for)
    }

    /// Ends the session here, and at the server if it can be reached.
    pub(super) async fn end(&self, ending: Ending) -> EndReport {
        let _guard = self.rotation.lock().await;
        // A sign-out does not fail without it: at worst another process writes a token back whose grant is
        // revoked.
        let _lock = self.store.lock(&self.name).await;
        if let Err(error) = &_lock {
            tracing::warn!(%error, "signing out without the lock");
        }
        let leaves = ending.leaves(&self.inner().record.grant);
        // If the other sign-in's token was spent, the unsaved result is the other's.
        if leaves && let Err(error) = self.persist_pending().await {
            tracing::warn!(%error, "tokens of the sign-in that goes on could not be stored");
        }
        let (ours, replaced, revoked_before) = {
            let mut inner = self.inner();
            inner.access = None;
            let newest = inner
                .unsaved
                .take()
                .map_or_else(|| inner.record.clone(), |unsaved| unsaved.record);
            inner.record = newest.clone();
            (newest, inner.replaced.clone(), inner.revoked)
        };
        let dead = revoked_before || *self.state.borrow() == SessionState::Ended(EndReason::InvalidGrant);
        self.mark_ended(EndReason::SignedOut);
        let stored = self.store.read(&self.name).await;
        let theirs = match &stored {
            Ok(Some(stored)) if stored.grant != ours.grant => Some(stored),
            _ => None,
        };
        // Another process may have rotated it again.
        let newest = match &stored {
            Ok(Some(stored)) if theirs.is_none() && stored.generation > ours.generation => stored,
            _ => &ours,
        };
        let signs_out = ending == Ending::SignOut;
        let revoke_ours = async {
            if dead || leaves {
                Ok(())
            } else {
                self.oauth.revoke(&newest.refresh_token).await
            }
        };
        let revoke_replaced = async {
            for record in &replaced {
                self.oauth.revoke(&record.refresh_token).await?;
            }
            Ok(())
        };
        let revoke_theirs = async {
            match theirs {
                Some(theirs) if signs_out => self.oauth.revoke(&theirs.refresh_token).await,
                _ => Ok(()),
            }
        };
        let delete = async {
            match &stored {
                _ if leaves => Ok(()),
                Ok(Some(_)) if theirs.is_some() && !signs_out => Ok(()),
                Err(StoreError::TimedOut) => Err(StoreError::TimedOut),
                _ => self.store.delete(&self.name).await,
            }
        };
        let (ours, replaced, theirs, deleted) =
            tokio::join!(revoke_ours, revoke_replaced, revoke_theirs, delete);
        self.inner().revoked = ours.is_ok();
        EndReport {
            revoked: ours.and(replaced).and(theirs),
            deleted,
        }
    }

    /// Locks the record across processes. Nothing is spent without it, and what was known of the record
    /// before is outdated.
    async fn lock_record(&self) -> Result<RecordLock, SessionError> {
        let lock = self.store.lock(&self.name).await?;
        // A sign-out may have begun meanwhile.
        self.live()?;
        Ok(lock)
    }

    /// Tries to store the tokens that the store did not take last time, before another token is spent.
    async fn persist_pending(&self) -> Result<Option<Rotated>, SessionError> {
        let Some(unsaved) = self.inner().unsaved.clone() else {
            return Ok(None);
        };
        let stored = self.reread().await?;
        if stored.grant != unsaved.record.grant {
            return Ok(None);
        }
        if stored.generation >= unsaved.record.generation && !stored.same_token(&unsaved.record) {
            // Another process has spent the old token since, or rotated further: what it stored is newer.
            self.inner().unsaved = None;
            return Ok(None);
        }
        self.persist(&unsaved).await?;
        Ok(Some(unsaved))
    }

    /// The record to spend: read again, because another process may have rotated it (security.md 32), and
    /// written back unchanged, because the new token is requested only if the store is known to be writable
    /// (security.md 33).
    async fn load_for_spend(&self) -> Result<Record, SessionError> {
        let quiet = {
            let inner = self.inner();
            let left = inner
                .quiet
                .map(|(since, long)| long.saturating_sub(self.now().since(&since)));
            left.filter(|left| !left.is_zero())
        };
        if quiet.is_some() {
            return Err(TokenError::RateLimited { retry_after: quiet }.into());
        }
        let record = self.reread().await?;
        self.store.write(&self.name, &record).await?;
        self.inner().record = record.clone();
        Ok(record)
    }

    /// The record as stored now; ends the session if the record was removed. If another sign-in of the same
    /// user replaced it, its record is used.
    async fn reread(&self) -> Result<Record, SessionError> {
        match self.store.read(&self.name).await? {
            Some(stored) => Ok(self.adopt_replacement(stored)),
            None => Err(self.mark_ended(EndReason::RecordGone)),
        }
    }

    /// Uses the grant of a record that replaced this session's, and revokes the previous grant: the program
    /// that replaced the record may not have known it.
    fn adopt_replacement(&self, mut stored: Record) -> Record {
        let before = {
            let mut inner = self.inner();
            if stored.grant == inner.record.grant {
                return stored;
            }
            let before = inner
                .unsaved
                .take()
                .map_or_else(|| inner.record.clone(), |unsaved| unsaved.record);
            // A process with an older token of this session sees each newer generation as larger.
            stored.generation = stored.generation.max(before.generation);
            inner.access = None;
            inner.record = stored.clone();
            inner.replaced.push(before.clone());
            before
        };
        tracing::info!("another sign-in of the same user has replaced the record, and is used");
        let oauth = self.oauth.clone();
        tokio::spawn(async move { oauth.revoke(&before.refresh_token).await });
        stored
    }

    /// Spends the record's token and stores the result.
    async fn spend(&self, mut record: Record, purpose: Purpose<'_>) -> Result<Rotated, SessionError> {
        let mut may_repeat = true;
        loop {
            let asked = self.now();
            let token = &record.refresh_token;
            let error = match self
                .oauth
                .token(match purpose {
                    Purpose::Refresh => Grant::Refresh { token },
                    Purpose::Switch(organization) => Grant::Switch {
                        token,
                        organization: organization.as_str(),
                    },
                })
                .await
            {
                Ok(tokens) => {
                    let speaks_for = SpeaksFor::of(&tokens.claims, purpose.organization());
                    let rotated = Rotated {
                        record: record.after(&tokens, &speaks_for, purpose),
                        tokens,
                        speaks_for,
                        asked,
                    };
                    self.persist(&rotated).await?;
                    return Ok(rotated);
                }
                Err(error) => error,
            };
            match error {
                // The server may have rotated already; one with a grace period returns the same token again
                // (security.md 36).
                TokenError::LostReply { .. } if may_repeat && !self.inner().is_ending(&record.grant) => {
                    may_repeat = false
                }
                TokenError::LostReply { .. } | TokenError::InvalidGrant => {
                    let stored = self.reread().await?;
                    if !stored.same_token(&record) {
                        // Another process was quicker; its token counts. Each round of this loop needs such a
                        // rotation, so it ends.
                        self.inner().record = stored.clone();
                        record = stored;
                        may_repeat = true;
                        continue;
                    }
                    // A refused switch may be about the organization, so it ends nothing: if the grant is
                    // dead, the next refresh tells.
                    if error == TokenError::InvalidGrant && matches!(purpose, Purpose::Refresh) {
                        if let Err(error) = self.store.delete(&self.name).await {
                            tracing::warn!(%error, "the record of an ended session could not be deleted");
                        }
                        return Err(self.mark_ended(EndReason::InvalidGrant));
                    }
                    return Err(error.into());
                }
                TokenError::RateLimited { retry_after } => {
                    self.inner().quiet = Some((self.now(), retry_after.unwrap_or(QUIET)));
                    return Err(TokenError::RateLimited { retry_after }.into());
                }
                // Time-out, 5xx, 407, DNS, a captive portal: nothing is discarded (security.md 37).
                other => return Err(other.into()),
            }
        }
    }

    /// Stores the result of a rotation. Until it is stored, it is neither used nor lost.
    async fn persist(&self, rotated: &Rotated) -> Result<(), SessionError> {
        {
            let mut inner = self.inner();
            inner.unsaved = Some(rotated.clone());
            if inner.is_ending(&rotated.record.grant) {
                // The sign-out that waits for the lock revokes it; if it were stored, it would outlive a
                // crash.
                return Err(SessionError::Ended(EndReason::SignedOut));
            }
        }
        let mut pauses = STORE_PAUSES.into_iter();
        while let Err(error) = self.store.write(&self.name, &rotated.record).await {
            let pause = pauses
                .next()
                .filter(|_| !matches!(error, StoreError::TooLarge { .. } | StoreError::TimedOut));
            tracing::warn!(%error, "fresh tokens could not be stored");
            match pause {
                Some(pause) => sleep(pause).await,
                None => return Err(error.into()),
            }
        }
        let mut inner = self.inner();
        inner.unsaved = None;
        inner.record = rotated.record.clone();
        Ok(())
    }

    /// Makes a stored token available to all callers.
    fn publish(&self, rotated: Rotated) -> Outcome {
        let mut inner = self.inner();
        if inner.closing.is_some() {
            return Err(SessionError::Ended(EndReason::SignedOut));
        }
        let generation = rotated.record.generation;
        let access = AccessToken::of(&rotated.tokens, generation, rotated.speaks_for);
        let life = Lifetime {
            asked: rotated.asked,
            lasts: rotated.tokens.expires_in,
        };
        inner.access = Some((access.clone(), life));
        inner.quiet = None;
        Ok(access)
    }

    /// Ends the session, with the first reason given.
    pub(super) fn mark_ended(&self, reason: EndReason) -> SessionError {
        self.inner().access = None;
        let mut first = reason;
        self.state.send_if_modified(|state| match *state {
            SessionState::Live => {
                *state = SessionState::Ended(reason);
                true
            }
            SessionState::Ended(before) => {
                first = before;
                false
            }
        });
        SessionError::Ended(first)
    }

    pub(super) fn now(&self) -> Moment {
        Moment::now(self.clock.as_ref())
    }
}

impl Record {
    /// The organization that the grant is for.
    pub(super) fn speaks_for(&self) -> Option<OrganizationId> {
        let organization = self.organization.as_deref()?;
        OrganizationId::try_from(organization).ok()
    }

    /// The record to store after a rotation. A reply without a refresh token keeps the old one (security.md
    /// 38). The organization changes only with a successful switch.
    fn after(&self, tokens: &TokenSet, speaks_for: &SpeaksFor, purpose: Purpose<'_>) -> Self {
        let switched_to = purpose
            .organization()
            .filter(|asked| speaks_for.organization() == Some(asked));
        let organization = match (switched_to, &self.organization) {
            (Some(organization), _) => Some(organization.as_str().to_owned()),
            (None, Some(before)) => Some(before.clone()),
            (None, None) => tokens.claims.org.as_ref().map(|id| id.as_str().to_owned()),
        };
        Self {
            grant: self.grant.clone(),
            refresh_token: tokens
                .refresh
                .clone()
                .unwrap_or_else(|| self.refresh_token.clone()),
            organization,
            person: self.person.clone().or_else(|| tokens.claims.sub.clone()),
            generation: self.generation + 1,
        }
    }
}
