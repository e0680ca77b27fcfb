//! The rotation: the one place where a refresh token is spent, in an order that loses no session (security.md 31-38,
//! 41, 44): lock here, lock across processes, read again, prove the store writable, spend, store, use.
//! Must never spend without the lock, use what is not stored, or delete a record that is not the one it spent.

use std::time::Duration;

use tokio::time::sleep;

use super::life::{Lifetime, Moment};
use super::{AccessToken, Core, EndReason, EndReport, Outcome, SessionError, SessionState};
use crate::reply::TokenSet;
use crate::store::{Record, RecordLock, StoreError};
use crate::token::{Grant, TokenError};

/// After which pauses a store that did not take fresh tokens is asked again.
const STORE_PAUSES: [Duration; 2] = [Duration::from_millis(150), Duration::from_millis(600)];
/// How long a server that says 429 and no more is left alone.
const QUIET: Duration = Duration::from_secs(5);

/// What a rotation brought.
#[derive(Clone)]
pub(super) struct Rotated {
    record: Record,
    tokens: TokenSet,
    asked: Moment,
}

/// What to spend the refresh token on.
#[derive(Clone, Copy)]
enum Purpose<'a> {
    Refresh,
    Switch(&'a str),
}

impl Core {
    /// The work of a flight: a token that is fresh and newer than a refused one.
    pub(super) async fn refresh(&self, refused: Option<u64>) -> Outcome {
        let _turn = self.rotation.lock().await;
        self.live()?;
        // A switch may have brought one while this waited for its turn.
        if let Some(access) = self.held().usable(&self.now(), refused) {
            return Ok(access);
        }
        let _lock = self.across_processes().await?;
        let mut rotated = match self.settle().await? {
            Some(settled) => settled,
            None => self.spend(self.ready().await?, Purpose::Refresh).await?,
        };
        let home = self.held().home.clone();
        // A server that forgets the organization at a refresh is told it again; so is one that another process, which
        // has the same grant, has told to go elsewhere since (security.md 43).
        if let Some(home) = home.or_else(|| rotated.record.organization.clone())
            && rotated.tokens.claims.org.as_ref().is_some_and(|got| *got != home)
        {
            rotated = self.spend(rotated.record, Purpose::Switch(&home)).await?;
            if rotated.tokens.claims.org.as_ref() != Some(&home) {
                return Err(SessionError::WrongOrganization {
                    asked: home,
                    got: rotated.tokens.claims.org,
                });
            }
        }
        self.publish(rotated)
    }

    /// Goes over to `asked`, or stays (security.md 44).
    pub(super) async fn switch(&self, asked: &str) -> Result<(), SessionError> {
        let _turn = self.rotation.lock().await;
        self.live()?;
        let speaks_for_it = |access: &AccessToken| access.claims.org.as_deref() == Some(asked);
        if self
            .held()
            .usable(&self.now(), None)
            .as_ref()
            .is_some_and(speaks_for_it)
        {
            return Ok(());
        }
        let _lock = self.across_processes().await?;
        // Durable is enough: the token itself is about to be replaced.
        self.settle().await?;
        let record = self.ready().await?;
        let home = self.held().home.clone().or_else(|| record.organization.clone());
        let rotated = self.spend(record, Purpose::Switch(asked)).await?;
        let got = rotated.tokens.claims.org.clone();
        if got.as_deref() == Some(asked) {
            self.held().home.clone_from(&got);
            return self.publish(rotated).map(drop);
        }
        if let Some(home) = home {
            let back = if got.as_ref() == Some(&home) {
                Ok(rotated)
            } else {
                self.spend(rotated.record, Purpose::Switch(&home)).await
            };
            match back {
                Ok(back) if back.tokens.claims.org.as_ref() == Some(&home) => drop(self.publish(back)?),
                // The record still says where home is, and the next refresh goes there.
                _ => tracing::warn!(
                    "the way back from a refused switch failed, the old access token stays in use"
                ),
            }
        }
        Err(SessionError::WrongOrganization {
            asked: asked.to_owned(),
            got,
        })
    }

    /// Ends the session here, and at the server where it can be reached.
    pub(super) async fn end(&self) -> EndReport {
        let _turn = self.rotation.lock().await;
        // A sign-out does not fail for want of it: at worst another process writes back a token whose grant is revoked.
        let _lock = self.store.lock(&self.name).await;
        if let Err(error) = &_lock {
            tracing::warn!(%error, "signing out without the lock");
        }
        let (ours, revoked_before) = {
            let mut held = self.held();
            held.access = None;
            let newest = held
                .unsaved
                .take()
                .map_or_else(|| held.record.clone(), |unsaved| unsaved.record);
            held.record = newest.clone();
            (newest, held.revoked)
        };
        let dead = revoked_before || *self.state.borrow() == SessionState::Ended(EndReason::InvalidGrant);
        self.over(EndReason::SignedOut);
        let stored = self.store.read(&self.name).await;
        let another_sign_in = matches!(&stored, Ok(Some(stored)) if stored.grant != ours.grant);
        // Another process may have rotated it further.
        let newest = match &stored {
            Ok(Some(stored)) if !another_sign_in && stored.generation > ours.generation => stored,
            _ => &ours,
        };
        let revoke = async {
            if dead {
                Ok(())
            } else {
                self.oauth.revoke(&newest.refresh_token).await
            }
        };
        let delete = async {
            match &stored {
                Ok(Some(_)) if another_sign_in => Ok(()),
                Err(StoreError::TimedOut) => Err(StoreError::TimedOut),
                _ => self.store.delete(&self.name).await,
            }
        };
        let (revoked, deleted) = tokio::join!(revoke, delete);
        self.held().revoked = revoked.is_ok();
        EndReport { revoked, deleted }
    }

    /// Keeps other processes off. Without it nothing is spent, and what was known of the record before is old.
    async fn across_processes(&self) -> Result<RecordLock, SessionError> {
        let lock = self.store.lock(&self.name).await?;
        // A sign-out may have begun while this waited.
        self.live()?;
        Ok(lock)
    }

    /// Tokens that the store did not take last time are offered to it again, before any other is spent.
    async fn settle(&self) -> Result<Option<Rotated>, SessionError> {
        let Some(unsaved) = self.held().unsaved.clone() else {
            return Ok(None);
        };
        let stored = self.reread(&unsaved.record.grant).await?;
        if stored.generation >= unsaved.record.generation && !stored.same_token(&unsaved.record) {
            // Another process has spent the old token since, or gone on from there: what it stored is newer.
            self.held().unsaved = None;
            return Ok(None);
        }
        self.keep(&unsaved).await?;
        Ok(Some(unsaved))
    }

    /// What is to be spent: read again, because another process may have rotated it (security.md 32), and written
    /// back as it is, because only a store that is known to be writable may be relied on for what comes
    /// (security.md 33).
    async fn ready(&self) -> Result<Record, SessionError> {
        let (grant, quiet) = {
            let held = self.held();
            let left = held
                .quiet
                .map(|(since, long)| long.saturating_sub(self.now().since(&since)));
            (held.record.grant.clone(), left.filter(|left| !left.is_zero()))
        };
        if quiet.is_some() {
            return Err(TokenError::RateLimited { retry_after: quiet }.into());
        }
        let record = self.reread(&grant).await?;
        self.store.write(&self.name, &record).await?;
        self.held().record = record.clone();
        Ok(record)
    }

    /// The record of our own grant, or the end: someone else has removed or replaced it.
    async fn reread(&self, grant: &str) -> Result<Record, SessionError> {
        match self.store.read(&self.name).await? {
            Some(record) if record.grant == grant => Ok(record),
            Some(_) => Err(self.over(EndReason::Replaced)),
            None => Err(self.over(EndReason::RecordGone)),
        }
    }

    /// Spends the record's token and stores what comes.
    async fn spend(&self, mut record: Record, purpose: Purpose<'_>) -> Result<Rotated, SessionError> {
        let mut may_repeat = true;
        loop {
            let asked = self.now();
            let token = &record.refresh_token;
            let error = match self
                .oauth
                .token(match purpose {
                    Purpose::Refresh => Grant::Refresh { token },
                    Purpose::Switch(organization) => Grant::Switch { token, organization },
                })
                .await
            {
                Ok(tokens) => {
                    let rotated = Rotated {
                        record: record.after(&tokens, purpose),
                        tokens,
                        asked,
                    };
                    self.keep(&rotated).await?;
                    return Ok(rotated);
                }
                Err(error) => error,
            };
            match error {
                // The server may have rotated already; one that grants a grace gives the same again (security.md 36).
                TokenError::LostReply { .. } if may_repeat && !self.held().closing => may_repeat = false,
                TokenError::LostReply { .. } | TokenError::InvalidGrant => {
                    let stored = self.reread(&record.grant).await?;
                    if !stored.same_token(&record) {
                        // Another process was quicker; its token is the one that counts. Each turn of this loop
                        // needs such a rotation, so it ends.
                        self.held().record = stored.clone();
                        record = stored;
                        may_repeat = true;
                        continue;
                    }
                    // A refused switch may be about the organization, so it ends nothing: if the grant is dead, the
                    // next refresh says so.
                    if error == TokenError::InvalidGrant && matches!(purpose, Purpose::Refresh) {
                        if let Err(error) = self.store.delete(&self.name).await {
                            tracing::warn!(%error, "the record of an ended session could not be deleted");
                        }
                        return Err(self.over(EndReason::InvalidGrant));
                    }
                    return Err(error.into());
                }
                TokenError::RateLimited { retry_after } => {
                    self.held().quiet = Some((self.now(), retry_after.unwrap_or(QUIET)));
                    return Err(TokenError::RateLimited { retry_after }.into());
                }
                // Time-out, 5xx, 407, DNS, a captive portal: nothing is dropped (security.md 37).
                other => return Err(other.into()),
            }
        }
    }

    /// Stores what a rotation brought. Until the store has taken it, nobody uses it, and nobody loses it.
    async fn keep(&self, rotated: &Rotated) -> Result<(), SessionError> {
        {
            let mut held = self.held();
            held.unsaved = Some(rotated.clone());
            if held.closing {
                // The sign-out that waits for the lock revokes it; stored, it would outlive a crash.
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
        let mut held = self.held();
        held.unsaved = None;
        held.record = rotated.record.clone();
        Ok(())
    }

    /// Lets everyone use what is stored.
    fn publish(&self, rotated: Rotated) -> Outcome {
        let mut held = self.held();
        if held.closing {
            return Err(SessionError::Ended(EndReason::SignedOut));
        }
        let access = AccessToken::of(&rotated.tokens, &rotated.record);
        let life = Lifetime {
            asked: rotated.asked,
            lasts: rotated.tokens.expires_in,
        };
        held.access = Some((access.clone(), life));
        if held.home.is_none() {
            held.home.clone_from(&rotated.record.organization);
        }
        held.quiet = None;
        Ok(access)
    }

    /// The session is over, for the first reason given.
    fn over(&self, reason: EndReason) -> SessionError {
        self.held().access = None;
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
    /// What to store after a rotation. A reply without a refresh token keeps the old one (security.md 38). The
    /// organization changes only with a switch that landed.
    fn after(&self, tokens: &TokenSet, purpose: Purpose<'_>) -> Self {
        let organization = match purpose {
            Purpose::Switch(asked) if tokens.claims.org.as_deref() == Some(asked) => {
                tokens.claims.org.clone()
            }
            _ => self.organization.clone().or_else(|| tokens.claims.org.clone()),
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
