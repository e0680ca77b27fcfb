//! The state of the sign-in. Only the controller changes it; everything else reads a snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;

use ids::AccountId;

use super::live_account::LiveAccount;
use super::step::{SignInStep, Waiting};
use crate::error::{AppError, ErrorCode, Result};
use crate::wire::{Organization, Person, SignInReason};
use crate::workspace::OpenOrganization;

/// The state.
#[derive(Clone)]
pub struct State {
    /// What the window shows.
    pub phase: Phase,
    /// The accounts whose sessions are alive, including the one in front.
    pub live: BTreeMap<AccountId, Arc<LiveAccount>>,
}

/// What the window shows.
#[derive(Clone)]
pub enum Phase {
    /// The keychain is being asked.
    Starting,
    /// A setting can't be used.
    Unusable(AppError),
    /// A session is stored, and no server can be reached.
    Unreachable(AppError),
    /// No one is signed in.
    SignIn(SignInStep),
    /// The person must choose among several organizations. The error is that of the last choice.
    Choosing(Arc<SignedIn>, Option<AppError>),
    /// An organization is open, possibly with a sign-in in front of it.
    Open(Arc<SignedIn>, Arc<OpenOrganization>, Option<Reauthentication>),
}

/// A sign-in in front of an open organization.
#[derive(Clone)]
pub struct Reauthentication {
    /// The reason.
    pub reason: SignInReason,
    /// Its step.
    pub step: SignInStep,
}

impl Reauthentication {
    /// At its form.
    pub fn form(reason: SignInReason, problem: Option<AppError>) -> Self {
        Self {
            reason,
            step: SignInStep::Form(problem),
        }
    }

    /// The request to sign in again after a session has ended.
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
    /// Whether this comes from disk, and no server has confirmed it yet.
    pub from_disk: bool,
}

impl State {
    /// The state at the start.
    pub fn new(phase: Phase) -> Self {
        Self {
            phase,
            live: BTreeMap::new(),
        }
    }

    /// The signed-in person.
    ///
    /// # Errors
    /// [`ErrorCode::SignedOut`].
    pub fn signed_in(&self) -> Result<&Arc<SignedIn>> {
        match &self.phase {
            Phase::Open(signed_in, ..) | Phase::Choosing(signed_in, _) => Ok(signed_in),
            _ => Err(ErrorCode::SignedOut.into()),
        }
    }

    /// The open organization.
    ///
    /// # Errors
    /// [`ErrorCode::SignedOut`].
    pub fn workspace(&self) -> Result<&Arc<OpenOrganization>> {
        match &self.phase {
            Phase::Open(_, workspace, _) => Ok(workspace),
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

    /// The open organization of an account, if that account is in front.
    pub fn open_of(&self, account: &AccountId) -> Option<(&Arc<SignedIn>, &Arc<OpenOrganization>)> {
        match &self.phase {
            Phase::Open(signed_in, workspace, _) if signed_in.account.id == *account => {
                Some((signed_in, workspace))
            }
            _ => None,
        }
    }

    /// The workspace that shows this organization from disk and uses this session.
    pub fn open_from_disk(
        &self,
        account: &Arc<LiveAccount>,
        organization: &Organization,
    ) -> Option<&Arc<OpenOrganization>> {
        let (signed_in, workspace) = self.open_of(&account.id)?;
        let same = signed_in.from_disk && Arc::ptr_eq(&signed_in.account, account);
        (same && workspace.context.organization == *organization).then_some(workspace)
    }

    /// Whether this object is one of the live accounts; not another one with the same id.
    pub fn holds(&self, account: &Arc<LiveAccount>) -> bool {
        let held = self.live.get(&account.id);
        held.is_some_and(|held| Arc::ptr_eq(held, account))
    }

    /// The step of the sign-in under way, if there is one.
    pub fn step(&self) -> Option<&SignInStep> {
        match &self.phase {
            Phase::SignIn(step) | Phase::Open(_, _, Some(Reauthentication { step, .. })) => Some(step),
            _ => None,
        }
    }

    /// The waiting attempt, if there is one.
    pub fn waiting(&self) -> Option<&Waiting> {
        self.step().and_then(SignInStep::waiting)
    }

    /// The same, mutable.
    pub fn waiting_mut(&mut self) -> Option<&mut Waiting> {
        match &mut self.phase {
            Phase::SignIn(step) | Phase::Open(_, _, Some(Reauthentication { step, .. })) => {
                step.waiting_mut()
            }
            _ => None,
        }
    }

    /// Goes to a step of the sign-in: in front of the open organization if a sign-in is shown there,
    /// otherwise on its own.
    pub fn set_step(&mut self, next: SignInStep) {
        match &mut self.phase {
            Phase::Open(_, _, Some(reauthentication)) => reauthentication.step = next,
            Phase::Open(_, _, None) => {}
            other => *other = Phase::SignIn(next),
        }
    }
}
