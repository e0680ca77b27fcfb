//! Commands of the person, as transitions of the state: one match arm each.

use std::collections::BTreeSet;
use std::sync::Arc;

use ids::{AccountId, OrganizationId};
use tokio_util::sync::CancellationToken;

use super::controller::{Controller, NewAttempt, answer, panicked};
use super::controller_channel::{BegunSignIn, Command, Message, Reply, SignOutScope};
use super::live_account::LiveAccount;
use super::opening::OpeningTarget;
use super::restore::is_keychain;
use super::setup::Setup;
use super::sign_in::SignInJob;
use super::state::{Phase, Reauthentication, SignedIn};
use super::step::{SignInStep, WaitingFor};
use crate::error::{AppError, ErrorCode, Result};
use crate::wire::{Organization, SignInMethod, SignInReason};
use crate::workspace::OpenOrganization;

impl Controller {
    pub(super) fn command(&mut self, command: Command) {
        match command {
            Command::Restore => self.restore(),
            Command::StaleLink => self.stale_link = true,
            Command::KeychainUsable => {
                let state = self.state();
                if let Phase::SignIn(SignInStep::Form(Some(problem))) = &state.phase
                    && is_keychain(&problem.code)
                {
                    self.restore();
                }
            }
            Command::SignIn { setup, method, reply } => self.sign_in(*setup, method, reply),
            Command::CancelSignIn(reply) => self.cancel_sign_in(reply),
            Command::CloseSignIn(reply) => self.close_sign_in(reply),
            Command::AddAccount(reply) => answer(reply, self.add_account()),
            Command::ChooseOrganization(id, reply) => self.choose_organization(id, reply),
            Command::ChooseAccount(id, reply) => self.choose_account(id, reply),
            Command::SignOut(who, reply) => self.sign_out(who, reply),
            Command::ForgetAccount(id, reply) => self.forget_account(id, reply),
            Command::ReadAgain(workspace) => self.read_again(&workspace),
            Command::Listed(account, organizations) => self.listed(&account, organizations),
            Command::AnotherSignIn => {
                let state = self.state();
                let by_browser = state
                    .waiting()
                    .is_some_and(|waiting| matches!(waiting.by, WaitingFor::Browser(_)));
                if by_browser {
                    self.report_another_sign_in();
                }
            }
        }
    }

    fn restore(&mut self) {
        let may = matches!(
            self.state().phase,
            Phase::Starting | Phase::Unreachable(_) | Phase::SignIn(_)
        );
        if !may || self.signing_out.is_some() {
            return;
        }
        self.end_attempt();
        self.show_phase(Phase::Starting);
        let stale_link = std::mem::take(&mut self.stale_link);
        self.open(OpeningTarget::Restore { stale_link }, None);
    }

    /// Begins a sign-in in place of the previous one, which may still hold the port.
    fn sign_in(&mut self, setup: Setup, method: SignInMethod, begun: Reply<BegunSignIn>) {
        match &self.state().phase {
            _ if self.signing_out.is_some() => return answer(begun, Err(ErrorCode::SignedOut.into())),
            Phase::Choosing(..) | Phase::Unusable(_) | Phase::Open(_, _, None) => {
                let field = "session".into();
                return answer(begun, Err(ErrorCode::ArgumentInvalid { field }.into()));
            }
            Phase::Starting | Phase::Unreachable(_) | Phase::SignIn(_) | Phase::Open(_, _, Some(_)) => {}
        }
        self.cancel_other_opening();
        let NewAttempt {
            id,
            cancel,
            closed,
            before,
        } = self.begin_attempt();
        self.spawn(|context| async move {
            let job = SignInJob {
                context: context.clone(),
                id,
                cancel,
                closed,
                before,
                begun: Some(begun),
            };
            let ran = match method {
                SignInMethod::Browser | SignInMethod::Microsoft => {
                    tokio::spawn(job.sign_in_with_browser(setup, method))
                }
                SignInMethod::Pairing => tokio::spawn(job.sign_in_with_pairing(setup)),
            };
            if ran.await.is_err() {
                context.controller.send(Message::AttemptEnded {
                    id,
                    began: true,
                    result: panicked(),
                });
            }
        });
    }

    fn cancel_sign_in(&mut self, reply: Reply) {
        let state = self.state();
        match state.step() {
            Some(SignInStep::Waiting(_) | SignInStep::Finishing { .. }) => {}
            Some(SignInStep::Form(_)) | None => return answer(reply, Ok(())),
        }
        self.cancel_other_opening();
        let closed = self.end_attempt();
        self.change(|state| state.set_step(SignInStep::Form(None)));
        answer_when(closed, reply);
    }

    fn close_sign_in(&mut self, reply: Reply) {
        if !matches!(self.state().phase, Phase::Open(_, _, Some(_))) {
            return answer(reply, Ok(()));
        }
        self.cancel_other_opening();
        let closed = self.end_attempt();
        self.change(|state| {
            if let Phase::Open(signed_in, _, reauthentication) = &mut state.phase {
                let expired = !signed_in.account.live();
                *reauthentication = expired.then(Reauthentication::expired);
            }
        });
        answer_when(closed, reply);
    }

    fn add_account(&mut self) -> Result<()> {
        let state = self.state();
        if state.is_writing() {
            return Err(ErrorCode::ChangesRunning.into());
        }
        state.workspace()?;
        if self.signing_out.is_some() {
            return Err(ErrorCode::SignedOut.into());
        }
        self.cancel_other_opening();
        self.change(|state| {
            if let Phase::Open(_, _, reauthentication @ None) = &mut state.phase {
                *reauthentication = Some(Reauthentication::form(SignInReason::AddAccount, None));
            }
        });
        Ok(())
    }

    fn choose_organization(&mut self, id: OrganizationId, reply: Reply) {
        let state = self.state();
        let signed_in = match state.signed_in() {
            Ok(signed_in) if self.signing_out.is_none() => Arc::clone(signed_in),
            _ => return answer(reply, Err(ErrorCode::SignedOut.into())),
        };
        let is_open = state
            .workspace()
            .is_ok_and(|workspace| workspace.context.organization.id == id);
        if is_open {
            self.stay(&signed_in, reply);
        } else if state.is_writing() {
            answer(reply, Err(ErrorCode::ChangesRunning.into()));
        } else {
            self.open(OpeningTarget::Organization(signed_in, id), Some(reply));
        }
    }

    fn choose_account(&mut self, id: AccountId, reply: Reply) {
        let state = self.state();
        if self.signing_out.is_some() {
            return answer(reply, Err(ErrorCode::SignedOut.into()));
        }
        if let Ok(signed_in) = state.signed_in()
            && signed_in.account.id == id
        {
            return self.stay(signed_in, reply);
        }
        if state.is_writing() {
            return answer(reply, Err(ErrorCode::ChangesRunning.into()));
        }
        let remembered = self.services.remembered(&id);
        if remembered.is_some_and(|remembered| remembered.expired) {
            self.cancel_other_opening();
            self.ask_for_sign_in();
            return answer(reply, Ok(()));
        }
        self.open(OpeningTarget::Account(id), Some(reply));
    }

    /// Keeps the open organization. An opening under way is undone first.
    fn stay(&mut self, signed_in: &SignedIn, reply: Reply) {
        self.cancel_other_opening();
        if self.is_opening() {
            return answer(reply, Ok(()));
        }
        self.open(OpeningTarget::Stay(signed_in.account.id.clone()), Some(reply));
    }

    fn sign_out(&mut self, who: SignOutScope, reply: Reply) {
        if self.signing_out.is_some() {
            self.next_sign_outs.push((who, reply));
            return;
        }
        let state = self.state();
        let front = match &state.phase {
            Phase::Open(signed_in, ..) | Phase::Choosing(signed_in, _) => Some(signed_in.account.id.clone()),
            Phase::Unreachable(_) => self.services.account_to_resume(),
            _ if who == SignOutScope::Front => return answer(reply, Err(ErrorCode::SignedOut.into())),
            _ => None,
        };
        let workspace = state.workspace().ok().cloned();
        self.signing_out = Some(reply);
        self.cancel_opening();
        let closed = self.end_attempt();
        self.spawn(|context| async move {
            if let Some(closed) = closed {
                closed.cancelled().await;
            }
            let ids: BTreeSet<_> = match who {
                SignOutScope::Front => front.into_iter().collect(),
                SignOutScope::All => context.all_accounts(),
            };
            let leaves = context.clone();
            let ran = tokio::spawn(async move { leaves.sign_out(ids, workspace).await });
            let problem = ran.await.unwrap_or_else(|_| panicked::<()>().err());
            context.controller.send(Message::SignedOut(problem));
        });
    }

    /// Ends a sign-out: shows the form, with `problem` if there is one.
    pub(super) fn signed_out(&mut self, problem: Option<AppError>) {
        self.show_phase(Phase::SignIn(SignInStep::Form(problem)));
        answer(self.signing_out.take(), Ok(()));
        if !self.next_sign_outs.is_empty() {
            let (who, reply) = self.next_sign_outs.remove(0);
            self.sign_out(who, reply);
        }
    }

    /// Signs out an account that may not be the one in front. The account in front stays then.
    fn forget_account(&mut self, id: AccountId, reply: Reply) {
        if self.state().current() == Some(&id) {
            return self.sign_out(SignOutScope::Front, reply);
        }
        if self.is_opening_of(&id) {
            self.cancel_opening();
        }
        self.spawn(|context| async move {
            let problem = context.end_account(&id).await;
            context.services.host.emit(crate::wire::AppEvent::Session);
            answer(reply, problem.map_or(Ok(()), Err));
        });
    }

    /// Always ends in a read, or in a view that says why there is none.
    fn read_again(&mut self, workspace: &Arc<OpenOrganization>) {
        let state = self.state();
        let Phase::Open(signed_in, open, _) = &state.phase else {
            return;
        };
        if !Arc::ptr_eq(open, workspace) {
            return;
        }
        if !signed_in.from_disk {
            return workspace.sync.start();
        }
        if self.signing_out.is_some() {
            return;
        }
        if !self.is_opening() {
            return self.open(OpeningTarget::ReadAgain(Arc::clone(&signed_in.account)), None);
        }
        let confirms = self
            .opening
            .as_ref()
            .is_some_and(|opening| opening.target.confirms());
        if !confirms {
            self.stop_reading(ErrorCode::Cancelled.into());
        }
    }

    fn listed(&mut self, account: &Arc<LiveAccount>, organizations: Vec<Organization>) {
        self.state.send_modify(|state| {
            if let Phase::Open(signed_in, ..) | Phase::Choosing(signed_in, _) = &mut state.phase
                && Arc::ptr_eq(&signed_in.account, account)
            {
                *signed_in = Arc::new(SignedIn {
                    organizations,
                    ..SignedIn::clone(signed_in)
                });
            }
        });
    }
}

/// Answers when the attempt's port is free.
fn answer_when(closed: Option<CancellationToken>, reply: Reply) {
    let Some(closed) = closed else {
        return answer(reply, Ok(()));
    };
    tokio::spawn(async move {
        closed.cancelled().await;
        answer(reply, Ok(()));
    });
}
