//! What the console holds of the accounts: each method asks the owner of the state, or reads its snapshot.
//! Decides nothing itself.

use std::sync::{Arc, Mutex, PoisonError};

use ezeep_api::Endpoints;
use ezeep_auth::{ClientId, RedirectUri};
use ids::{AccountId, OrganizationId, WorkspaceId};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::watch;
use url::Url;

use super::context::Context;
use super::controller::Controller;
use super::owner::{AttemptReport, Command, Leaving, Message, Owner};
use super::setup::{Setup, Wanted, internal, kind_of};
use super::state::{Phase, State};
use crate::error::{AppError, ErrorCode, Result};
use crate::services::Services;
use crate::settings::redirect;
use crate::wire::{
    Account, KeychainState, Organization, RedirectKind, SessionView, SignInMethod, SignInRequest,
};
use crate::workspace::Workspace;

/// The accounts of this computer, and where the sign-in stands.
pub struct Accounts {
    context: Context,
    /// Until the owner runs.
    starts: Mutex<Option<(watch::Sender<State>, UnboundedReceiver<Message>)>>,
}

impl Accounts {
    /// Nobody is signed in; `unusable` says why nothing is to be started.
    pub fn new(services: Arc<Services>, unusable: Option<AppError>) -> Self {
        let phase = unusable.map_or(Phase::Starting, Phase::Unusable);
        let (state, snapshots) = watch::channel(State::new(phase));
        let (messages, inbox) = unbounded_channel();
        Self {
            context: Context {
                services,
                owner: Owner::new(messages, snapshots),
                records: Arc::default(),
            },
            starts: Mutex::new(Some((state, inbox))),
        }
    }

    /// The way to the owner, who runs from the first command on: a console may be made outside of the
    /// runtime.
    fn owner(&self) -> &Owner {
        let starts = self.starts.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((state, inbox)) = starts {
            let Context {
                services,
                owner,
                records,
            } = self.context.clone();
            tokio::spawn(Controller::run(
                services,
                state,
                owner.downgrade(),
                records,
                inbox,
            ));
        }
        &self.context.owner
    }

    fn tell(&self, command: Command) {
        self.owner().tell(Message::Command(command));
    }

    fn state(&self) -> State {
        self.context.owner.state()
    }

    /// The window's state, for the UI.
    pub fn view(&self) -> SessionView {
        self.context.services.view(&self.state())
    }

    /// The accounts on this computer: those in the keychain, and those in memory.
    pub fn list(&self) -> Vec<Account> {
        let state = self.state();
        self.context.services.accounts(&state.live, state.current())
    }

    /// The open organization, whichever it is.
    ///
    /// # Errors
    /// [`ErrorCode::SignedOut`].
    pub fn any_workspace(&self) -> Result<Arc<Workspace>> {
        self.state().workspace().cloned()
    }

    /// The open organization, where it is the one asked for (security.md 43).
    ///
    /// # Errors
    /// [`ErrorCode::OrganizationChanged`], [`ErrorCode::SignedOut`].
    pub fn workspace(&self, id: &WorkspaceId) -> Result<Arc<Workspace>> {
        let workspace = self.any_workspace()?;
        if workspace.context.id == *id {
            Ok(workspace)
        } else {
            Err(ErrorCode::OrganizationChanged.into())
        }
    }

    /// The open organization, where its session can be used.
    ///
    /// # Errors
    /// [`ErrorCode::SessionEnded`], [`ErrorCode::SignedOut`].
    pub fn workspace_to_write(&self) -> Result<Arc<Workspace>> {
        let state = self.state();
        if !state.signed_in()?.account.live() {
            return Err(ErrorCode::SessionEnded.into());
        }
        state.workspace().cloned()
    }

    /// Whether a plan is being written in the open organization.
    pub fn is_writing(&self) -> bool {
        self.state().is_writing()
    }

    /// Looks for a session in the keychain and takes it up again. Returns at once; the state says how it
    /// went.
    pub fn restore(&self) {
        self.tell(Command::Restore);
    }

    /// Asks the keychain again, after it was unlocked, say; takes up what it holds where nobody is in yet.
    pub async fn keychain_check(&self) -> KeychainState {
        let state = self.context.services.probe().await;
        if state == KeychainState::Usable {
            self.tell(Command::KeychainUsable);
        }
        state
    }

    /// Starts a sign-in: listens first, then opens the browser (security.md 6), or asks for a pairing code.
    /// The state goes on from there.
    ///
    /// # Errors
    /// [`ErrorCode::ClientIdMissing`], [`ErrorCode::ClientIdInvalid`], [`ErrorCode::PortBusy`],
    /// [`ErrorCode::ListenFailed`], [`ErrorCode::RedirectInvalid`] and similar errors; nothing has started
    /// then.
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

    /// Starts the simulated cloud and a sign-in to it: the same road, with tokens in memory only.
    ///
    /// # Errors
    /// [`ErrorCode::Internal`] where it can't be started; as [`Accounts::sign_in`].
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
        let begun = self.owner().command(command).await?;
        if method == SignInMethod::Pairing {
            return Ok(());
        }
        // The desktop may be slow: from here on a cancel or another sign-in finds the wait and ends it.
        let host = &self.context.services.host;
        let lost = receiver == RedirectKind::AppLink && host.prepare_app_links().await == Some(false);
        self.report(begun.attempt, AttemptReport::Opens { lost }).await?;
        self.open_page(begun.attempt, &begun.page).await;
        Ok(())
    }

    async fn report(&self, attempt: u64, report: AttemptReport) -> Result<()> {
        let message = |reply| Message::Attempt(attempt, report, reply);
        self.owner().ask(message).await
    }

    /// Opens the page of a wait, and shows in that wait whether it failed, instead of how the try before it
    /// ended.
    async fn open_page(&self, attempt: u64, page: &Url) {
        let unopened = self.context.services.host.open_browser(page).err();
        if let Some(error) = &unopened {
            tracing::warn!(%error, "the browser could not be opened");
        }
        let report = AttemptReport::Opened(unopened.map(AppError::from));
        // Refused where the wait was overtaken: then nobody is to be told.
        let _ = self.report(attempt, report).await;
    }

    /// Opens the browser again at the same link, or at the page that takes the pairing code. The state says
    /// whether that failed.
    ///
    /// # Errors
    /// [`ErrorCode::Cancelled`] where nothing is waited for.
    pub async fn open_again(&self) -> Result<()> {
        let state = self.state();
        let waiting = state.waiting().ok_or(ErrorCode::Cancelled)?;
        self.open_page(waiting.attempt, &waiting.link).await;
        Ok(())
    }

    /// Puts the link on the clipboard.
    ///
    /// # Errors
    /// [`ErrorCode::Cancelled`] where nothing is waited for; [`ErrorCode::Internal`].
    pub fn copy_link(&self) -> Result<()> {
        let state = self.state();
        let waiting = state.waiting().ok_or(ErrorCode::Cancelled)?;
        let host = &self.context.services.host;
        host.copy(waiting.link.as_str()).map_err(|e| internal(&e))
    }

    /// A link of our own scheme, brought by the operating system. Changes nothing unless it is the answer of
    /// the attempt that waits (security.md 15). `at_start`: the app was started by it.
    pub fn open_link(&self, link: &str, at_start: bool) {
        self.context.open_link(link, at_start);
    }

    /// Stops waiting. The listener is closed when it returns; a late redirect finds nobody.
    pub async fn cancel_sign_in(&self) {
        // Fails only while the process ends.
        let _ = self.owner().command(Command::CancelSignIn).await;
    }

    /// Takes the sign-in for another account away; the organization behind it is as it was.
    pub async fn close_sign_in(&self) {
        // Fails only while the process ends.
        let _ = self.owner().command(Command::CloseSignIn).await;
    }

    /// Shows the sign-in in front of the open organization, for another account.
    ///
    /// # Errors
    /// [`ErrorCode::ChangesRunning`] while a plan is being written, and [`ErrorCode::SignedOut`] where no
    /// organization is open.
    pub async fn add(&self) -> Result<()> {
        self.owner().command(Command::AddAccount).await
    }

    /// Goes over to another account. Where that fails, everything stays as it was; where the server no longer
    /// takes it, its person is asked to sign in.
    ///
    /// # Errors
    /// [`ErrorCode::AccountGone`]; [`ErrorCode::ChangesRunning`] while a plan is being written;
    /// [`ErrorCode::Cancelled`] where something else was chosen meanwhile.
    pub async fn choose(&self, id: &AccountId) -> Result<()> {
        let command = |reply| Command::ChooseAccount(id.clone(), reply);
        self.owner().command(command).await
    }

    /// Signs one account out and forgets it; the one in front stays where it is, unless it is this one.
    ///
    /// # Errors
    /// [`ErrorCode::SignOutNotConfirmed`] where the server could not be told; it is forgotten all the same.
    pub async fn forget(&self, id: &AccountId) -> Result<()> {
        let command = |reply| Command::ForgetAccount(id.clone(), reply);
        self.owner().command(command).await
    }

    /// Signs the account in front out: plans stop after the people being written, the grant is revoked, the
    /// record deleted whatever the server says (security.md 41, 42). The state says where the server could
    /// not be told.
    ///
    /// # Errors
    /// [`ErrorCode::SignedOut`] where nobody is in front.
    pub async fn sign_out(&self) -> Result<()> {
        let command = |reply| Command::SignOut(Leaving::Front, reply);
        self.owner().command(command).await
    }

    /// Signs every account on this computer out, and with each all of its organizations.
    ///
    /// # Errors
    /// None but while the process ends.
    pub async fn sign_out_all(&self) -> Result<()> {
        let command = |reply| Command::SignOut(Leaving::All, reply);
        self.owner().command(command).await
    }

    /// The organizations of the signed-in person, asked again.
    ///
    /// # Errors
    /// [`ErrorCode::SignedOut`]; what the account server says.
    pub async fn organizations(&self) -> Result<Vec<Organization>> {
        let account = Arc::clone(&self.state().signed_in()?.account);
        let listed = self.context.list_organizations(&account).await?;
        self.tell(Command::Listed(account, listed.clone()));
        Ok(listed)
    }

    /// Goes to an organization. A failed switch leaves the one before as it was (security.md 44).
    ///
    /// # Errors
    /// [`ErrorCode::ChangesRunning`] while a plan is being written; [`ErrorCode::Cancelled`] where something
    /// else was chosen meanwhile; [`ErrorCode::SwitchRefused`].
    pub async fn choose_organization(&self, id: &OrganizationId) -> Result<()> {
        let command = |reply| Command::ChooseOrganization(id.clone(), reply);
        self.owner().command(command).await
    }

    /// Asks the server for an organization that is open from disk. False where the server has opened it
    /// already.
    pub fn read_again(&self, workspace: &Arc<Workspace>) -> bool {
        let state = self.state();
        let is_from_disk = state
            .signed_in()
            .is_ok_and(|signed_in| signed_in.from_disk && signed_in.account.live());
        if !is_from_disk {
            return false;
        }
        if workspace.sync.show_waiting() {
            self.tell(Command::ReadAgain(Arc::clone(workspace)));
        }
        true
    }
}
