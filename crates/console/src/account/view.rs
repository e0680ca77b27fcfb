//! The session view for the UI, made of a snapshot. Never waits.

use ids::AccountId;

use super::state::{Phase, State};
use crate::services::Services;
use crate::wire::{SessionView, SignInForm, SignInOverlay};

impl Services {
    /// The window's state, for the UI.
    pub fn view(&self, state: &State) -> SessionView {
        match &state.phase {
            Phase::Starting => SessionView::Starting,
            Phase::Unusable(problem) => SessionView::Unusable {
                problem: problem.clone(),
            },
            Phase::Unreachable(problem) => SessionView::Unreachable {
                problem: problem.clone(),
            },
            Phase::SignIn(step) => SessionView::SignIn {
                step: step.view(|| self.form(state, None)),
            },
            Phase::Choosing(signed_in, problem) => SessionView::ChoosingOrganization {
                person: signed_in.person.clone(),
                organizations: signed_in.organizations.clone(),
                demo: signed_in.account.demo.is_some(),
                problem: problem.clone(),
            },
            Phase::Open(signed_in, workspace, reauthentication) => SessionView::SignedIn {
                workspace: workspace.context.id.clone(),
                person: signed_in.person.clone(),
                organization: workspace.context.organization.clone(),
                storage: signed_in.account.info().storage,
                demo: signed_in.account.demo.is_some(),
                overlay: reauthentication.as_ref().map(|reauthentication| SignInOverlay {
                    reason: reauthentication.reason,
                    step: reauthentication
                        .step
                        .view(|| self.form(state, Some(&signed_in.account.id))),
                }),
            },
        }
    }

    fn form(&self, state: &State, current: Option<&AccountId>) -> SignInForm {
        let remembered = self.profile.get();
        let preset = self.settings.client_id.as_ref();
        SignInForm {
            client_id: preset.map_or(remembered.client_id, |id| id.as_str().to_owned()),
            client_id_preset: preset.is_some(),
            keep: remembered.keep.unwrap_or(true),
            redirect: self.redirect_choice(),
            keychain: self.keychain_state(),
            accounts: self.accounts(&state.live, current),
        }
    }
}
