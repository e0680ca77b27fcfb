//! Where the sign-in stands. The controller alone changes it; everybody else reads a snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;

use ids::AccountId;

use super::live_account::LiveAccount;
use super::step::{SignInStep, Waiting};
use crate::error::{AppError, ErrorCode, Result};
use crate::wire::{Organization, Person, SignInReason};
use crate::workspace::Workspace;

/// The state.
#[derive(Clone)]
pub struct State {
    /// What the window shows.
    pub phase: Phase,
    /// The accounts whose sessions are alive, in front or beside it.
    pub live: BTreeMap<AccountId, Arc<LiveAccount>>,
}

/// What the window shows.
#[derive(Clone)]
pub enum Phase {
    /// The keychain is being asked.
    Starting,
    /// A setting can't be used.
    Unusable(AppError),
    /// There is a session in the keychain, and no server.
    Unreachable(AppError),
    /// Nobody is signed in yet, or any more.
    SignIn(SignInStep),
    /// Several organizations.
    Choosing(Arc<SignedIn>, Option<AppError>),
    /// In one; maybe with a sign-in in front.
    In(Arc<SignedIn>, Arc<Workspace>, Option<Reauthentication>),
}

/// A sign-in in front of an open organization.
#[derive(Clone)]
pub struct Reauthentication {
    /// Why.
    pub reason: SignInReason,
    /// How far it is.
    pub step: SignInStep,
}

impl Reauthentication {
    /// With its form.
    pub fn form(reason: SignInReason, problem: Option<AppError>) -> Self {
        Self {
            reason,
            step: SignInStep::Form(problem),
        }
    }

    /// The question to sign in again after a session has ended.
    pub fn expired() -> Self {
        Self::form(SignInReason::Expired, Some(ErrorCode::SessionEnded.into()))
    }
}

/// A signed-in person whose organizations are known.
#[derive(Clone)]
pub struct SignedIn {
    /// Their account.
    pub account: Arc<LiveAccount>,
    /// The person.
    pub person: Person,
    /// Their organizations.
    pub organizations: Vec<Organization>,
    /// Whether this is what the disk says, and no server has been asked yet.
    pub from_disk: bool,
}

impl State {
    /// At the start.
    pub fn new(phase: Phase) -> Self {
        Self {
            phase,
            live: BTreeMap::new(),
        }
    }

    /// Who is signed in.
    ///
    /// # Errors
    /// [`ErrorCode::SignedOut`].
    pub fn signed_in(&self) -> Result<&Arc<SignedIn>> {
        match &self.phase {
            Phase::In(signed_in, ..) | Phase::Choosing(signed_in, _) => Ok(signed_in),
            _ => Err(ErrorCode::SignedOut.into()),
        }
    }

    /// The open organization.
    ///
    /// # Errors
    /// [`ErrorCode::SignedOut`].
    pub fn workspace(&self) -> Result<&Arc<Workspace>> {
        match &self.phase {
            Phase::In(_, workspace, _) => Ok(workspace),
            _ => Err(ErrorCode::SignedOut.into()),
        }
    }

    /// Whether a plan is being written in the open organization.
    pub fn is_writing(&self) -> bool {
        self.workspace()
            .is_ok_and(|workspace| workspace.plans.is_writing())
    }

    /// The account in front.
    pub fn current(&self) -> Option<&AccountId> {
        self.signed_in().ok().map(|signed_in| &signed_in.account.id)
    }

    /// The open organization of an account, where it is in front.
    pub fn open_of(&self, account: &AccountId) -> Option<(&Arc<SignedIn>, &Arc<Workspace>)> {
        match &self.phase {
            Phase::In(signed_in, workspace, _) if signed_in.account.id == *account => {
                Some((signed_in, workspace))
            }
            _ => None,
        }
    }

    /// The same, where it is this organization as it was found on disk, and uses this very session.
    pub fn open_from_disk(
        &self,
        account: &Arc<LiveAccount>,
        organization: &Organization,
    ) -> Option<&Arc<Workspace>> {
        let (signed_in, workspace) = self.open_of(&account.id)?;
        let same = signed_in.from_disk && Arc::ptr_eq(&signed_in.account, account);
        (same && workspace.context.organization == *organization).then_some(workspace)
    }

    /// Whether this very account is one of those that are alive; not another one with the same id.
    pub fn holds(&self, account: &Arc<LiveAccount>) -> bool {
        let held = self.live.get(&account.id);
        held.is_some_and(|held| Arc::ptr_eq(held, account))
    }

    /// The step of the sign-in under way, if there is one.
    pub fn step(&self) -> Option<&SignInStep> {
        match &self.phase {
            Phase::SignIn(step) | Phase::In(_, _, Some(Reauthentication { step, .. })) => Some(step),
            _ => None,
        }
    }

    /// The wait for the browser or for a pairing.
    pub fn waiting(&self) -> Option<&Waiting> {
        self.step().and_then(SignInStep::waiting)
    }

    /// The same, to be changed.
    pub fn waiting_mut(&mut self) -> Option<&mut Waiting> {
        match &mut self.phase {
            Phase::SignIn(step) | Phase::In(_, _, Some(Reauthentication { step, .. })) => step.waiting_mut(),
            _ => None,
        }
    }

    /// Goes to a step of the sign-in: in front of the open organization where one is shown there, on its own
    /// otherwise.
    pub fn set_step(&mut self, next: SignInStep) {
        match &mut self.phase {
            Phase::In(_, _, Some(over)) => over.step = next,
            Phase::In(_, _, None) => {}
            other => *other = Phase::SignIn(next),
        }
    }
}
