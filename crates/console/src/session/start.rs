//! The start: what the keychain holds is taken up again, the account in front first, the others beside it.
//! Must never hold up the first paint, nor take a server that is off for a sign-out (security.md 37).

use std::path::Path;
use std::sync::Arc;

use ezeep_auth::{RecordName, Session, SessionError, StoreError};
use ids::AccountId;

use super::{Held, Phase, Step};
use crate::Console;
use crate::error::{AppError, ErrorCode, Result};
use crate::profile::{Kept, SigningIn};
use crate::wire::{AppEvent, DiskProblem, DiskThing, KeychainState, TokenStorage};

impl Console {
    /// Looks for a session in the keychain and takes it up again. Returns at once; the state says how it went.
    pub fn resume(&self) {
        let epoch = self.0.begin_epoch();
        if matches!(*self.0.phase(), Phase::Unusable(_)) {
            return;
        }
        self.0.go(epoch, Phase::Starting);
        let console = self.clone();
        tokio::spawn(async move {
            if let Some(next) = console.restore(epoch).await {
                console.0.go(epoch, next);
            }
            console.0.sweep_disk().await;
        });
    }

    /// `None` where it went all the way by itself.
    async fn restore(&self, epoch: u64) -> Option<Phase> {
        let inner = &self.0;
        // Beside the probe: what is kept on disk is to be seen before anything else is known.
        let mut kept = inner.account_to_show().map(|id| self.look_on_disk(&id));
        let keychain = inner.probe().await;
        if keychain_problem(keychain).is_none() && self.settle_signing_in().await {
            kept = inner.account_to_show().map(|id| self.look_on_disk(&id));
        }
        let form = |problem| Some(Phase::SignIn(Step::Form(problem)));
        let Some(id) = inner.account_to_resume() else {
            let stale = inner.take_stale_link();
            if !stale
                && let (Some(id), Some(kept)) = (inner.account_to_show(), kept)
                && self.show_ended(epoch, &id, kept).await
            {
                return None;
            }
            return form(stale.then(|| ErrorCode::SignInStale.into()));
        };
        if let Some(problem) = keychain_problem(keychain) {
            return form(Some(problem));
        }
        let held = match self.hold(&id).await {
            Ok(held) => held,
            Err(error) if error.code == ErrorCode::AccountGone => return form(None),
            // The keychain has no record of it: the user signs in again, over the saved copy.
            Err(error) if error.code == ErrorCode::SessionEnded => {
                if let Some(kept) = kept
                    && self.show_ended(epoch, &id, kept).await
                {
                    return None;
                }
                return form(Some(error));
            }
            Err(error) => return form(Some(error)),
        };
        inner.go(epoch, Phase::SignIn(Step::Finishing { demo: false }));
        let shown = async {
            if let Some(kept) = kept {
                self.show_kept(epoch, &held, kept).await;
            }
        };
        let arriving = async {
            // One switch at a time: a switch from the saved copy to another organization would be undone.
            let _alone = inner.moving.lock().await;
            self.arrive(epoch, &held).await
        };
        let (arrived, ()) = futures::join!(arriving, shown);
        let Err(error) = arrived else { return None };
        if self.stay_on_disk(epoch, &held, &error) {
            return None;
        }
        if error.code == ErrorCode::SessionEnded {
            inner.mark_expired(&id);
            return form(Some(error));
        }
        // The session is untouched in the keychain: a server that is off is no sign-out (security.md 37).
        Some(Phase::Unreachable(error))
    }

    /// Asks the keychain again, after it was unlocked, say; takes up what it holds where nobody is in yet.
    pub async fn keychain_check(&self) -> KeychainState {
        let state = self.0.probe().await;
        let waits_for_it = matches!(
            &*self.0.phase(),
            Phase::SignIn(Step::Form(Some(problem))) if is_keychain(&problem.code)
        );
        if waits_for_it && state == KeychainState::Usable {
            self.resume();
        }
        state
    }

    /// The live session of an account, or the one that the keychain keeps.
    ///
    /// Fails with [`ErrorCode::AccountGone`] if the account is not remembered, with
    /// [`ErrorCode::SessionEnded`] if the keychain has no readable record of it (the account stays and has to
    /// sign in again), and with the keychain's errors.
    pub(super) async fn hold(&self, id: &AccountId) -> Result<Arc<Held>> {
        let inner = &self.0;
        // Two sessions of one record in one process would wait for each other's lock.
        let _alone = inner.waking.lock().await;
        if let Some(held) = inner.live().get(id).filter(|held| held.live()) {
            return Ok(Arc::clone(held));
        }
        let kept = inner.kept(id).ok_or(ErrorCode::AccountGone)?;
        let setup = inner.setup_of(&kept)?;
        let name = inner.record(&setup.wanted, &kept.person);
        let problem = match Session::restore(setup.oauth, setup.store, name).await {
            Ok(Some(session)) => {
                let held = Held::new(
                    id.clone(),
                    session,
                    setup.wanted.endpoints,
                    TokenStorage::Keychain,
                    None,
                );
                held.learn(|known| known.organization = kept.organization);
                self.adopt(&held);
                return Ok(held);
            }
            Ok(None) => DiskProblem::Missing,
            Err(SessionError::Store(StoreError::Damaged)) => DiskProblem::Damaged,
            Err(error) => return Err(error.into()),
        };
        // Its sign-in may be under way in another program.
        if kept.signing_in.is_some() {
            return Err(ErrorCode::SessionEnded.into());
        }
        // Another keychain may be answering today: no sign-out, and nothing is removed (docs/decisions/0001).
        let record = format!("{}: #{}", RecordName::SERVICE, id.as_str());
        inner
            .notices
            .add(DiskThing::SignIn, problem, Path::new(&record), None, "");
        inner.mark_expired(id);
        inner.host.emit(AppEvent::Session);
        Err(ErrorCode::SessionEnded.into())
    }

    /// Finds out how sign-ins ended that a process before was killed in: with a record, which is taken up, or without one, which leaves
    /// everything as it was before them (security.md 34). Whether there were any.
    async fn settle_signing_in(&self) -> bool {
        let inner = &self.0;
        let mut accounts = inner.profile.get().accounts;
        accounts.retain(|kept| kept.signing_in.is_some());
        let mut any = false;
        for kept in accounts {
            let (Some(id), Ok(setup)) = (inner.id_of(&kept), inner.setup_of(&kept)) else {
                continue;
            };
            any = true;
            let _alone = inner.waking.lock().await;
            // One that has begun in this process since.
            if inner.live().contains_key(&id) || !inner.is_signing_in(&id) {
                continue;
            }
            let name = inner.record(&setup.wanted, &kept.person);
            let has_record = match Session::restore(setup.oauth, setup.store, name).await {
                Ok(found) => found.is_some(),
                // It is there, and what it says is found out where it is taken up.
                Err(SessionError::Store(StoreError::Damaged)) => true,
                Err(error) => {
                    tracing::warn!(%error, "whether a sign-in was finished can't be known");
                    continue;
                }
            };
            if has_record {
                inner.change_kept(&id, |kept| (kept.signing_in, kept.expired) = (None, false));
            } else if kept.signing_in == Some(SigningIn::First) && !inner.cache.has_files(&id).await {
                inner.remember_as_before(&id, None);
            } else {
                inner.change_kept(&id, |kept| kept.signing_in = None);
            }
        }
        any
    }

    /// Takes up the accounts beside the one in front, so that their tokens don't die of rest.
    pub(super) fn wake_others(&self) {
        let console = self.clone();
        tokio::spawn(async move {
            for kept in console.0.profile.get().accounts {
                if kept.expired || kept.signing_in.is_some() {
                    continue;
                }
                if let Some(id) = console.0.id_of(&kept)
                    && let Err(error) = console.hold(&id).await
                {
                    tracing::warn!(%error, "an account could not be taken up");
                }
            }
        });
    }
}

impl crate::Inner {
    /// The account that was in front, or the first that is still kept.
    pub(super) fn account_to_resume(&self) -> Option<AccountId> {
        let remembered = self.profile.get();
        let usable = |kept: &&Kept| !kept.expired && self.is_ours(kept);
        let current = remembered.current.as_deref();
        let mut ids = remembered
            .accounts
            .iter()
            .filter(usable)
            .filter_map(|k| self.id_of(k));
        let first = ids.next();
        let in_front = first
            .iter()
            .cloned()
            .chain(ids)
            .find(|id| current == Some(id.as_str()));
        in_front.or(first)
    }
}

/// What a keychain that can't be used means for a sign-in that is kept in it.
fn keychain_problem(state: KeychainState) -> Option<AppError> {
    let code = match state {
        KeychainState::Usable | KeychainState::Unknown => return None,
        KeychainState::Locked => ErrorCode::KeychainLocked,
        KeychainState::NoKeyring => ErrorCode::NoKeyring,
        KeychainState::Unresponsive => ErrorCode::KeychainUnresponsive,
        KeychainState::Refusing => ErrorCode::KeychainRefused,
        KeychainState::Unusable => ErrorCode::KeychainUnavailable,
    };
    Some(code.into())
}

fn is_keychain(code: &ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::KeychainLocked
            | ErrorCode::NoKeyring
            | ErrorCode::KeychainUnresponsive
            | ErrorCode::KeychainRefused
            | ErrorCode::KeychainUnavailable
    )
}
