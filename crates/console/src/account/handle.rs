//! The console's handle to the accounts: each method sends a command to the controller of the state, or reads
//! its snapshot. Decides nothing itself.

use std::sync::{Arc, Mutex, PoisonError};

use ezeep_api::Endpoints;
use ezeep_auth::{ClientId, RedirectUri};
use ids::{AccountId, OrganizationId, WorkspaceId};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::watch;
use url::Url;

use super::context::Context;
use super::controller::Controller;
use super::controller_channel::{AttemptReport, Command, ControllerHandle, Message, SignOutScope};
use super::setup::{Setup, Wanted, internal, kind_of};
use super::state::{Phase, State};
use crate::error::{AppError, ErrorCode, Result};
use crate::services::Services;
use crate::settings::redirect;
use crate::wire::{
    Account, KeychainState, Organization, RedirectKind, SessionView, SignInMethod, SignInRequest,
};
use crate::workspace::OpenOrganization;

/// The accounts of this computer, and the state of the sign-in.
pub struct Accounts {
    context: Context,
    /// Until the controller is started.
    starts: Mutex<Option<(watch::Sender<State>, UnboundedReceiver<Message>)>>,
}

impl Accounts {
    /// No account is signed in. If `unusable` is given, it is shown and nothing starts.
    pub fn new(services: Arc<Services>, unusable: Option<AppError>) -> Self {
        let phase = unusable.map_or(Phase::Starting, Phase::Unusable);
        let (state, snapshots) = watch::channel(State::new(phase));
        let (messages, inbox) = unbounded_channel();
        Self {
            context: Context {
                services,
                controller: ControllerHandle::new(messages, snapshots),
                records: Arc::default(),
            },
            starts: Mutex::new(Some((state, inbox))),
        }
    }

    /// The controller, started by the first command: a console may be made outside of the runtime.
    fn controller(&self) -> &ControllerHandle {
        let starts = self.starts.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((state, inbox)) = starts {
            let Context {
                services,
                controller,
                records,
            } = self.context.clone();
            tokio::spawn(Controller::run(
                services,
                state,
                controller.downgrade(),
                records,
                inbox,
            ));
        }
        &self.context.controller
    }

    fn send(&self, command: Command) {
        self.controller().send(Message::Command(command));
    }

    fn state(&self) -> State {
        self.context.controller.state()
    }

    /// The window's state, for the UI.
    pub fn view(&self) -> SessionView {
        self.context.services.view(&self.state())
    }

    /// The accounts on this computer: those stored in the keychain and those in memory only.
    pub fn list(&self) -> Vec<Account> {
        let state = self.state();
        self.context.services.accounts(&state.live, state.current())
    }

    /// The open organization.
    ///
    /// # Errors
    /// [`ErrorCode::SignedOut`].
    pub fn any_workspace(&self) -> Result<Arc<OpenOrganization>> {
        self.state().workspace().cloned()
    }

    /// The open organization if it is this workspace (security.md 43).
    ///
    /// # Errors
    /// [`ErrorCode::OrganizationChanged`], [`ErrorCode::SignedOut`].
    pub fn workspace(&self, id: &WorkspaceId) -> Result<Arc<OpenOrganization>> {
        let workspace = self.any_workspace()?;
        if workspace.context.id == *id {
            Ok(workspace)
        } else {
            Err(ErrorCode::OrganizationChanged.into())
        }
    }

    /// Succeeds while this opening of an organization is the open one.
    ///
    /// # Errors
    /// [`ErrorCode::OrganizationChanged`] or [`ErrorCode::SignedOut`] if it has been left.
    pub fn ensure_open(&self, organization: &Arc<OpenOrganization>) -> Result<()> {
        if Arc::ptr_eq(self.state().workspace()?, organization) {
            Ok(())
        } else {
            Err(ErrorCode::OrganizationChanged.into())
        }
    }

    /// Succeeds while changes can be sent to an organization: it is open, and its session is alive.
    ///
    /// # Errors
    /// [`ErrorCode::SessionEnded`]; otherwise as [`Accounts::ensure_open`].
    pub fn ensure_writable(&self, organization: &Arc<OpenOrganization>) -> Result<()> {
        self.ensure_open(organization)?;
        if self.state().signed_in()?.account.live() {
            Ok(())
        } else {
            Err(ErrorCode::SessionEnded.into())
        }
    }

    /// Whether a plan is being written in the open organization.
    pub fn is_writing(&self) -> bool {
        self.state().is_writing()
    }

    /// Restores the session stored in the keychain. Returns at once; the state tells the result.
    pub fn restore(&self) {
        self.send(Command::Restore);
    }

    /// Checks the keychain again, for example after it was unlocked. If it is usable and the form shows a
    /// keychain error, the stored session is restored.
    pub async fn keychain_check(&self) -> KeychainState {
        let state = self.context.services.probe().await;
        if state == KeychainState::Usable {
            self.send(Command::KeychainUsable);
        }
        state
    }

    /// Starts a sign-in: listens first, then opens the browser (security.md 6), or asks for a pairing code.
    /// Returns when the wait has begun; the state tells how it goes on.
    ///
    /// # Errors
    /// [`ErrorCode::ClientIdMissing`], [`ErrorCode::ClientIdInvalid`], [`ErrorCode::PortBusy`],
    /// [`ErrorCode::ListenFailed`], [`ErrorCode::RedirectInvalid`], [`ErrorCode::Cancelled`],
    /// [`ErrorCode::ArgumentInvalid`] and [`ErrorCode::SignedOut`]; for a pairing code
    /// [`ErrorCode::PairingUnsupported`] and what the server fails with. Nothing has started then.
    pub async fn sign_in(&self, request: SignInRequest) -> Result<()> {
        let services = &self.context.services;
        let given = match &services.settings.client_id {
            Some(preset) => preset.as_str().to_owned(),
            None => request.client_id.trim().to_owned(),
        };
        if given.is_empty() {
            return Err(ErrorCode::ClientIdMissing.into());
        }
        let client_id = ClientId::try_from(given)
            .map_err(|e| AppError::new(ErrorCode::ClientIdInvalid).with_detail(e.to_string()))?;
        if let Some(uri) = &request.redirect_uri
            && !services.settings.redirect_preset
        {
            let uri = redirect(uri.trim())
                .map_err(|e| AppError::new(ErrorCode::RedirectInvalid).with_detail(e.to_string()))?;
            let uri = uri.as_str().to_owned();
            services.remember(|_, now| now.redirect_uri = Some(uri)).await;
        }
        let setup = services.setup(Wanted {
            endpoints: services.settings.endpoints.clone(),
            client_id: client_id.clone(),
            redirect: services.redirect(),
            keep: request.keep,
            fewer_rights: request.fewer_rights,
            demo: None,
        })?;
        let changed = services.remember(move |services, now| {
            if services.settings.client_id.is_none() {
                now.client_id = client_id.as_str().to_owned();
            }
            now.keep = Some(request.keep);
        });
        changed.await;
        self.begin(setup, request.method).await
    }

    /// Starts the simulated cloud and signs in to it in the same way as to a real server. Its tokens are kept
    /// in memory only.
    ///
    /// # Errors
    /// [`ErrorCode::Internal`] if the simulated cloud can't be started; otherwise as [`Accounts::sign_in`].
    pub async fn demo_start(&self) -> Result<()> {
        let services = &self.context.services;
        let cloud = services.host.demo_cloud().await.map_err(|e| internal(&e))?;
        let endpoints = Endpoints::new(cloud.account_url(), cloud.api_url()).map_err(|e| internal(&e))?;
        let client_id = ClientId::try_from(cloud.client_id()).map_err(|e| internal(&e))?;
        let redirect = RedirectUri::loopback_any("/oauth/callback").map_err(|e| internal(&e))?;
        let setup = services.setup(Wanted {
            endpoints,
            client_id,
            redirect,
            keep: false,
            fewer_rights: false,
            demo: Some(cloud),
        })?;
        self.begin(setup, SignInMethod::Browser).await
    }

    async fn begin(&self, setup: Setup, method: SignInMethod) -> Result<()> {
        let receiver = kind_of(&setup.wanted.redirect);
        let command = |reply| Command::SignIn {
            setup: Box::new(setup),
            method,
            reply,
        };
        let begun = self.controller().command(command).await?;
        if method == SignInMethod::Pairing {
            return Ok(());
        }
        // The desktop may be slow: from here on a cancel or another sign-in finds this attempt and ends it.
        let host = &self.context.services.host;
        let lost = receiver == RedirectKind::AppLink && host.prepare_app_links().await == Some(false);
        self.report(begun.attempt, AttemptReport::Opens { lost }).await?;
        self.open_page(begun.attempt, &begun.page).await;
        Ok(())
    }

    async fn report(&self, attempt: u64, report: AttemptReport) -> Result<()> {
        let message = |reply| Message::Attempt(attempt, report, reply);
        self.controller().request(message).await
    }

    /// Opens the page of an attempt, and shows in that attempt whether this failed. The result replaces the
    /// one of the previous try.
    async fn open_page(&self, attempt: u64, page: &Url) {
        let unopened = self.context.services.host.open_browser(page).err();
        if let Some(error) = &unopened {
            tracing::warn!(%error, "the browser could not be opened");
        }
        let report = AttemptReport::Opened(unopened.map(AppError::from));
        // Refused if the attempt was overtaken: its result is of no use then.
        let _ = self.report(attempt, report).await;
    }

    /// Opens the browser again at the same link, or at the page for the pairing code. The state tells whether
    /// that failed.
    ///
    /// # Errors
    /// [`ErrorCode::Cancelled`] if no sign-in is waiting.
    pub async fn open_again(&self) -> Result<()> {
        let state = self.state();
        let waiting = state.waiting().ok_or(ErrorCode::Cancelled)?;
        self.open_page(waiting.attempt, &waiting.link).await;
        Ok(())
    }

    /// Copies the link to the clipboard.
    ///
    /// # Errors
    /// [`ErrorCode::Cancelled`] if no sign-in is waiting; [`ErrorCode::Internal`] if the clipboard fails.
    pub fn copy_link(&self) -> Result<()> {
        let state = self.state();
        let waiting = state.waiting().ok_or(ErrorCode::Cancelled)?;
        let host = &self.context.services.host;
        host.copy(waiting.link.as_str()).map_err(|e| internal(&e))
    }

    /// Handles a link of our own scheme from the operating system. It changes nothing unless it answers the
    /// waiting attempt (security.md 15). `at_start`: the app was started by this link.
    pub fn open_link(&self, link: &str, at_start: bool) {
        self.context.open_link(link, at_start);
    }

    /// Cancels the sign-in. Returns when the listener is closed, so that its port is free.
    pub async fn cancel_sign_in(&self) {
        // Fails only while the process ends.
        let _ = self.controller().command(Command::CancelSignIn).await;
    }

    /// Closes the sign-in in front of the open organization. The organization stays as it is.
    pub async fn close_sign_in(&self) {
        // Fails only while the process ends.
        let _ = self.controller().command(Command::CloseSignIn).await;
    }

    /// Shows a sign-in in front of the open organization, for another account.
    ///
    /// # Errors
    /// [`ErrorCode::ChangesRunning`] while a plan is being written; [`ErrorCode::SignedOut`] if no
    /// organization is open.
    pub async fn add(&self) -> Result<()> {
        self.controller().command(Command::AddAccount).await
    }

    /// Switches to another account. A failed switch changes nothing. If the account's session has ended, its
    /// sign-in is shown instead, which is no error.
    ///
    /// # Errors
    /// [`ErrorCode::AccountGone`]; [`ErrorCode::ChangesRunning`] while a plan is being written;
    /// [`ErrorCode::Cancelled`] if something else was chosen meanwhile; [`ErrorCode::SignedOut`] during a
    /// sign-out; what the servers fail with.
    pub async fn choose(&self, id: &AccountId) -> Result<()> {
        let command = |reply| Command::ChooseAccount(id.clone(), reply);
        self.controller().command(command).await
    }

    /// Signs out one account and removes it. The account in front stays, unless it is this one.
    ///
    /// # Errors
    /// [`ErrorCode::SignOutNotConfirmed`] if the server could not be told, and the keychain's codes if the
    /// record could not be deleted. The account is removed in both cases.
    pub async fn forget(&self, id: &AccountId) -> Result<()> {
        let command = |reply| Command::ForgetAccount(id.clone(), reply);
        self.controller().command(command).await
    }

    /// Signs out the account in front: plans stop after the users being written, the grant is revoked, and
    /// the record is deleted whatever the server answers (security.md 41, 42). The state tells if the server
    /// could not be told.
    ///
    /// # Errors
    /// [`ErrorCode::SignedOut`] if no account is in front.
    pub async fn sign_out(&self) -> Result<()> {
        let command = |reply| Command::SignOut(SignOutScope::Front, reply);
        self.controller().command(command).await
    }

    /// Signs out all accounts on this computer and removes the files of all their organizations.
    ///
    /// # Errors
    /// [`ErrorCode::Cancelled`], only while the process ends.
    pub async fn sign_out_all(&self) -> Result<()> {
        // Another program may have added an account.
        self.context.services.reread_settings().await;
        let command = |reply| Command::SignOut(SignOutScope::All, reply);
        self.controller().command(command).await
    }

    /// Lists the organizations of the signed-in person, from the account server.
    ///
    /// # Errors
    /// [`ErrorCode::SignedOut`]; what the account server fails with.
    pub async fn organizations(&self) -> Result<Vec<Organization>> {
        let account = Arc::clone(&self.state().signed_in()?.account);
        let listed = self.context.list_organizations(&account).await?;
        self.send(Command::Listed(account, listed.clone()));
        Ok(listed)
    }

    /// Switches to an organization. After a failed switch the previous one is still open (security.md 44).
    ///
    /// # Errors
    /// [`ErrorCode::ChangesRunning`] while a plan is being written; [`ErrorCode::Cancelled`] if something
    /// else was chosen meanwhile; [`ErrorCode::SwitchRefused`]; [`ErrorCode::SignedOut`]; what the servers
    /// fail with.
    pub async fn choose_organization(&self, id: &OrganizationId) -> Result<()> {
        let command = |reply| Command::ChooseOrganization(id.clone(), reply);
        self.controller().command(command).await
    }

    /// Asks the server to confirm an organization that is shown from disk. Returns false if the server has
    /// confirmed it already.
    pub fn read_again(&self, workspace: &Arc<OpenOrganization>) -> bool {
        let state = self.state();
        let is_from_disk = state
            .signed_in()
            .is_ok_and(|signed_in| signed_in.from_disk && signed_in.account.live());
        if !is_from_disk {
            return false;
        }
        if workspace.sync.show_waiting() {
            self.send(Command::ReadAgain(Arc::clone(workspace)));
        }
        true
    }
}
