//! Reports of jobs and sessions, as transitions of the state: one match arm each. A report gets here only
//! while its job counts.

use std::sync::Arc;

use super::controller::{Controller, cancelled};
use super::controller_channel::{AttemptReport, OpeningReport, SavedCopy};
use super::live_account::LiveAccount;
use super::opening::OpeningTarget;
use super::saved_copy::{save_copies, show_saved_copy};
use super::state::{Phase, Reauthentication, SignedIn};
use super::step::SignInStep;
use crate::error::{AppError, ErrorCode, Result};
use crate::wire::{AppEvent, Organization, ReadView};
use crate::workspace::OpenOrganization;

impl Controller {
    pub(super) fn attempt_reports(&mut self, report: AttemptReport) -> Result<()> {
        match report {
            AttemptReport::Waiting(waiting) => {
                self.change(|state| state.set_step(SignInStep::Waiting(waiting)));
            }
            AttemptReport::Problem(ErrorCode::AnotherSignInAnswered) => self.report_another_sign_in(),
            AttemptReport::Problem(problem) => self.change(|state| {
                if let Some(waiting) = state.waiting_mut() {
                    waiting.show_problem(problem);
                }
            }),
            AttemptReport::Opens { lost: false } => {}
            AttemptReport::Opens { lost: true } => self.change(|state| {
                if let Some(waiting) = state.waiting_mut() {
                    waiting.problem = Some(ErrorCode::AppLinkNotOpened.into());
                }
            }),
            AttemptReport::Opened(unopened) => self.change(|state| {
                if let Some(waiting) = state.waiting_mut() {
                    waiting.unopened = unopened;
                }
            }),
            AttemptReport::Finishing { demo } => {
                self.change(|state| state.set_step(SignInStep::Finishing { demo }));
            }
            AttemptReport::Established { account, new } => {
                self.attempt = None;
                self.open(OpeningTarget::SignedIn { account, new }, None);
            }
            AttemptReport::SignedInAgain(account) => return self.continue_in_workspace(&account),
        }
        Ok(())
    }

    pub(super) fn attempt_ended(&mut self, id: u64, began: bool, result: Result<()>) {
        if self.attempt.take_if(|attempt| attempt.id == id).is_none() {
            return;
        }
        match result {
            Ok(()) => {}
            Err(error) if began => self.sign_in_failed(error),
            // The caller gets the error. The previous wait has ended all the same.
            Err(_) if self.state().waiting().is_some() => self.sign_in_failed(ErrorCode::Cancelled.into()),
            Err(_) => {}
        }
    }

    /// Reports, once for each attempt, that the answer of another sign-in arrived (security.md 10). A browser
    /// that can't return at all takes precedence.
    pub(super) fn report_another_sign_in(&self) {
        let state = self.state();
        let told = state.waiting().and_then(|waiting| waiting.problem.as_ref());
        let takes_precedence = told.is_some_and(|problem| {
            matches!(
                problem.code,
                ErrorCode::RedirectForcedHttps | ErrorCode::AnotherSignInAnswered
            )
        });
        if takes_precedence {
            return;
        }
        self.change(|state| {
            if let Some(waiting) = state.waiting_mut() {
                waiting.show_problem(ErrorCode::AnotherSignInAnswered);
            }
        });
    }

    /// The same person has signed in again and continues in the open workspace.
    fn continue_in_workspace(&mut self, account: &LiveAccount) -> Result<()> {
        let state = self.state();
        let Some((signed_in, workspace)) = state.open_of(&account.id) else {
            return cancelled();
        };
        self.cancel_opening();
        self.attempt = None;
        // The server has now confirmed what was shown from disk.
        let signed_in = Arc::new(SignedIn {
            from_disk: false,
            ..SignedIn::clone(signed_in)
        });
        let workspace = Arc::clone(workspace);
        self.on_opened(&workspace);
        self.show_phase(Phase::Open(signed_in, workspace, None));
        Ok(())
    }

    pub(super) fn opening_reports(&mut self, report: OpeningReport) -> Result<()> {
        match report {
            OpeningReport::Finishing(account) => {
                if let Some(opening) = &mut self.opening {
                    opening.account = Some(account);
                }
                self.show_phase(Phase::SignIn(SignInStep::Finishing { demo: false }));
            }
            OpeningReport::ShowSaved(copy) => return self.show_saved(*copy),
            OpeningReport::Open {
                signed_in,
                organization,
                prepared,
            } => return self.open_organization(signed_in, &organization, prepared),
            OpeningReport::Choose(signed_in, problem) => {
                self.end_attempt();
                self.arrived();
                self.show_phase(Phase::Choosing(signed_in, problem));
            }
            // The opening has ended with this: the person's next command must find no opening under way.
            OpeningReport::ShowForm(problem) => {
                self.opening = None;
                self.show_phase(Phase::SignIn(SignInStep::Form(problem)));
            }
            OpeningReport::Failed(account, error) => {
                self.opening = None;
                self.opening_failed(&account, error);
            }
        }
        Ok(())
    }

    fn arrived(&mut self) {
        if let Some(opening) = &mut self.opening {
            opening.arrived = true;
        }
    }

    /// Shows a saved copy, unless the servers answered first.
    fn show_saved(&mut self, copy: SavedCopy) -> Result<()> {
        let SavedCopy {
            signed_in,
            workspace,
            found,
            ended,
        } = copy;
        let state = self.state();
        match &state.phase {
            Phase::Open(open, workspace, _) => {
                show_saved_copy(found, open, workspace);
                return cancelled();
            }
            // The choice is shown already, and this organization may not be among the offered ones.
            Phase::Choosing(..) => return cancelled(),
            _ => {}
        }
        if ended {
            self.opening = None;
        }
        // Also a session that has ended: the next sign-in of its person replaces it under what is shown.
        let account = Arc::clone(&signed_in.account);
        self.state.send_modify(|state| {
            state.live.insert(account.id.clone(), account);
        });
        show_saved_copy(found, &signed_in, &workspace);
        save_copies(&self.services, &signed_in, &workspace);
        self.show_phase(Phase::Open(
            signed_in,
            workspace,
            ended.then(Reauthentication::expired),
        ));
        Ok(())
    }

    /// Opens an organization that the server has confirmed. A workspace that shows it from disk is kept.
    fn open_organization(
        &mut self,
        signed_in: Arc<SignedIn>,
        organization: &Organization,
        prepared: Option<Arc<OpenOrganization>>,
    ) -> Result<()> {
        let state = self.state();
        let shown = state.open_from_disk(&signed_in.account, organization);
        let (workspace, in_front) = match (shown, prepared) {
            (Some(workspace), _) => (Arc::clone(workspace), self.in_front()),
            (None, Some(prepared)) => (prepared, None),
            (None, None) => return cancelled(),
        };
        let signed_in = confirmed(&signed_in, state.signed_in().ok());
        if in_front.is_none() {
            self.end_attempt();
        }
        self.arrived();
        let name = organization.name.clone();
        signed_in
            .account
            .update_info(|info| info.organization = Some(name));
        save_copies(&self.services, &signed_in, &workspace);
        self.on_opened(&workspace);
        self.show_phase(Phase::Open(signed_in, workspace, in_front));
        Ok(())
    }

    /// The sign-in in front that stays after the servers have confirmed the organization behind it.
    fn in_front(&self) -> Option<Reauthentication> {
        let confirms = self
            .opening
            .as_ref()
            .is_some_and(|opening| opening.target.confirms());
        match self.state().phase {
            Phase::Open(_, _, reauthentication) if confirms => reauthentication,
            _ => None,
        }
    }

    /// An unreachable server is no sign-out (security.md 37): what is shown from disk stays open.
    fn opening_failed(&mut self, account: &ids::AccountId, error: AppError) {
        let state = self.state();
        let ended = error.code == ErrorCode::SessionEnded;
        match &state.phase {
            Phase::Open(signed_in, ..) if signed_in.account.id != *account || !signed_in.from_disk => {}
            Phase::Open(_, workspace, _) if ended => {
                if matches!(workspace.sync.view().read, ReadView::Reading { .. }) {
                    self.stop_reading(error);
                }
                self.change(|state| {
                    if let Phase::Open(_, _, reauthentication @ None) = &mut state.phase {
                        *reauthentication = Some(Reauthentication::expired());
                    }
                });
            }
            Phase::Open(..) => self.stop_reading(error),
            _ if ended => self.show_phase(Phase::SignIn(SignInStep::Form(Some(error)))),
            _ => self.show_phase(Phase::Unreachable(error)),
        }
    }

    /// Asks once for a new sign-in, in front of what is open. Does nothing if the account has another session
    /// by now.
    pub(super) fn session_ended(&mut self, account: &Arc<LiveAccount>) {
        let state = self.state();
        if !state.holds(account) || account.live() {
            return;
        }
        let id = account.id.clone();
        self.spawn(|context| async move {
            context.mark_expired(&id).await;
            context.services.host.emit(AppEvent::Session);
        });
        self.change(|state| match &mut state.phase {
            Phase::Open(signed_in, _, reauthentication) if signed_in.account.id == account.id => {
                reauthentication.get_or_insert_with(Reauthentication::expired);
            }
            Phase::Choosing(signed_in, _) if signed_in.account.id == account.id => {
                state.phase = Phase::SignIn(SignInStep::Form(Some(ErrorCode::SessionEnded.into())));
            }
            _ => {
                state.live.remove(&account.id);
            }
        });
    }
}

/// The signed-in person as the servers have confirmed them, no longer from disk. Keeps the organizations of
/// `shown`, which may have been listed again during the switch.
fn confirmed(signed_in: &Arc<SignedIn>, shown: Option<&Arc<SignedIn>>) -> Arc<SignedIn> {
    if !signed_in.from_disk {
        return Arc::clone(signed_in);
    }
    let shown = shown.filter(|shown| shown.account.id == signed_in.account.id);
    Arc::new(SignedIn {
        organizations: shown.unwrap_or(signed_in).organizations.clone(),
        from_disk: false,
        ..SignedIn::clone(signed_in)
    })
}
