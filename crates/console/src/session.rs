//! Who is signed in, from the first click to the sign-out. Owns the phases, the way from Private to the right
//! organization, and what is remembered of it. Must never keep a token itself: that is the session's (ezeep-auth).

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ezeep_api::{Client, Endpoints, Limits};
use ezeep_auth::{
    Attempt, ClientAuthentication, ClientId, EndReason, Hints, KeepFresh, MemoryStore, OAuth, OAuthConfig,
    RecordName, RedirectUri, SecretStore, Session, SessionState,
};
use futures::StreamExt as _;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::error::{AppError, ErrorCode, Result};
use crate::host::DemoCloud;
use crate::profile::Kept;
use crate::wire::{
    AppEvent, KeychainState, Organization, OrganizationId, Person, SessionView, SignInForm, SignInMethod,
    SignInRequest, TokenStorage,
};
use crate::workspace::{BoundTokens, Workspace};
use crate::{Console, Inner, convert, ids, sync};

/// How long the app waits for the browser to come back.
const BROWSER_LIMIT: Duration = Duration::from_secs(15 * 60);
/// Organizations asked for at a time.
const PAGE: u32 = 100;

/// Where the sign-in stands, with what belongs to it.
pub enum Phase {
    /// The keychain is being asked.
    Starting,
    /// A setting can't be used.
    Unusable(AppError),
    /// There is a session in the keychain, and no server.
    Unreachable(AppError),
    /// Nobody.
    SignedOut(Option<AppError>),
    /// The browser is open.
    Waiting(Waiting),
    /// The redirect is here.
    Finishing {
        /// For the demo organization.
        demo: bool,
    },
    /// Several organizations.
    Choosing(Arc<SignedIn>, Option<AppError>),
    /// In one.
    In(Arc<SignedIn>, Arc<Workspace>),
}

/// A browser that is open.
pub struct Waiting {
    link: Url,
    method: SignInMethod,
    keep: bool,
    demo: bool,
    problem: Option<AppError>,
    cancel: CancellationToken,
}

/// A signed-in person.
pub struct SignedIn {
    /// Whose tokens.
    pub session: Session,
    /// Who.
    pub person: Person,
    /// Where they may go.
    pub organizations: Mutex<Vec<Organization>>,
    storage: TokenStorage,
    endpoints: Endpoints,
    demo: Option<Box<dyn DemoCloud>>,
    _keep_fresh: KeepFresh,
}

impl SignedIn {
    fn organizations(&self) -> Vec<Organization> {
        self.organizations.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

/// How a sign-in is made: against which servers, kept where.
struct Setup {
    oauth: OAuth,
    endpoints: Endpoints,
    client_id: ClientId,
    store: Arc<dyn SecretStore>,
    storage: TokenStorage,
    demo: Option<Box<dyn DemoCloud>>,
}

impl Inner {
    /// The window's state, for the UI.
    pub fn view(&self) -> SessionView {
        match &*self.phase() {
            Phase::Starting => SessionView::Starting,
            Phase::Unusable(problem) => SessionView::Unusable { problem: problem.clone() },
            Phase::Unreachable(problem) => SessionView::Unreachable { problem: problem.clone() },
            Phase::SignedOut(problem) => {
                SessionView::SignedOut { form: self.form(), problem: problem.clone() }
            }
            Phase::Waiting(waiting) => SessionView::WaitingForBrowser {
                link: waiting.link.to_string(),
                method: waiting.method,
                keep: waiting.keep,
                demo: waiting.demo,
                problem: waiting.problem.clone(),
            },
            Phase::Finishing { demo } => SessionView::Finishing { demo: *demo },
            Phase::Choosing(signed_in, problem) => SessionView::ChoosingOrganization {
                person: signed_in.person.clone(),
                organizations: signed_in.organizations(),
                demo: signed_in.demo.is_some(),
                problem: problem.clone(),
            },
            Phase::In(signed_in, workspace) => SessionView::SignedIn {
                person: signed_in.person.clone(),
                organization: workspace.organization.clone(),
                storage: signed_in.storage,
                demo: signed_in.demo.is_some(),
            },
        }
    }

    fn form(&self) -> SignInForm {
        let remembered = self.profile.get();
        let preset = self.settings.client_id.as_ref();
        SignInForm {
            client_id: preset.map_or(remembered.client_id, |id| id.as_str().to_owned()),
            client_id_preset: preset.is_some(),
            keep: remembered.keep.unwrap_or(true),
            redirect_uri: self.settings.redirect_uri.as_str().to_owned(),
            keychain: self.keychain_state(),
        }
    }

    /// Goes on to another phase, unless something newer has begun since `epoch`.
    fn go(&self, epoch: u64, next: Phase) -> bool {
        {
            let mut phase = self.phase();
            if self.epoch() != epoch {
                return false;
            }
            *phase = next;
        }
        self.host.emit(AppEvent::Session);
        true
    }

    fn setup(
        &self,
        endpoints: Endpoints,
        client_id: ClientId,
        redirect: RedirectUri,
        keep: bool,
        demo: Option<Box<dyn DemoCloud>>,
    ) -> Result<Setup> {
        let config = OAuthConfig {
            account: endpoints.account().clone(),
            client_id: client_id.clone(),
            redirect,
            scopes: self.settings.scopes.clone(),
            client_authentication: ClientAuthentication::default(),
        };
        let oauth = OAuth::new(self.http.clone(), config)
            .map_err(|error| AppError::new(ErrorCode::Internal).with_detail(error.to_string()))?;
        let (store, storage): (Arc<dyn SecretStore>, _) = if keep {
            (Arc::clone(&self.keychain), TokenStorage::Keychain)
        } else {
            (Arc::new(MemoryStore::default()), TokenStorage::Memory)
        };
        Ok(Setup { oauth, endpoints, client_id, store, storage, demo })
    }

    fn record(&self, setup: &Setup, person: &str) -> RecordName {
        record_name(&setup.endpoints, &setup.client_id, person, &self.settings.data_dir)
    }

    fn client(&self, endpoints: &Endpoints, session: &Session, organization: Option<String>) -> Client {
        let tokens = BoundTokens { session: session.clone(), organization };
        Client::new(self.http.clone(), endpoints.clone(), Arc::new(tokens), Limits::default())
    }
}

fn record_name(endpoints: &Endpoints, client_id: &ClientId, person: &str, data_dir: &Path) -> RecordName {
    RecordName::new(endpoints.account(), client_id, person, data_dir)
}

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
            let next = console.restore(epoch).await;
            if let Some(next) = next {
                console.0.go(epoch, next);
            }
        });
    }

    /// `None` where the sign-in went all the way by itself.
    async fn restore(&self, epoch: u64) -> Option<Phase> {
        let inner = &self.0;
        let keychain = inner.probe().await;
        let Some(kept) = inner.profile.get().kept else { return Some(Phase::SignedOut(None)) };
        let endpoints = inner.settings.endpoints.clone();
        let preset_other = inner.settings.client_id.as_ref().is_some_and(|id| id.as_str() != kept.client_id);
        let Ok(client_id) = ClientId::try_from(kept.client_id.clone()) else {
            return Some(Phase::SignedOut(None));
        };
        if kept.issuer != endpoints.account().as_str() || preset_other {
            return Some(Phase::SignedOut(None));
        }
        if keychain == KeychainState::Unusable {
            return Some(Phase::SignedOut(Some(ErrorCode::KeychainUnavailable.into())));
        }
        let name = record_name(&endpoints, &client_id, &kept.person, &inner.settings.data_dir);
        let redirect = inner.settings.redirect_uri.clone();
        let setup = match inner.setup(endpoints, client_id, redirect, true, None) {
            Ok(setup) => setup,
            Err(error) => return Some(Phase::SignedOut(Some(error))),
        };
        let session = match Session::restore(setup.oauth.clone(), Arc::clone(&setup.store), name).await {
            Ok(Some(session)) => session,
            Ok(None) => return Some(Phase::SignedOut(None)),
            Err(error) => return Some(Phase::SignedOut(Some(error.into()))),
        };
        inner.go(epoch, Phase::Finishing { demo: false });
        match self.arrive(epoch, setup, session).await {
            Ok(()) => None,
            Err(error) if error.code == ErrorCode::SessionEnded => {
                inner.profile.change(|now| now.kept = None);
                Some(Phase::SignedOut(Some(error)))
            }
            // The session is untouched in the keychain: a server that is off is no sign-out (security.md 37).
            Err(error) => Some(Phase::Unreachable(error)),
        }
    }

    /// Starts a sign-in: listens first, then opens the browser (security.md 6). The state goes on from there.
    ///
    /// Fails with [`ErrorCode::ClientIdMissing`], [`ErrorCode::PortBusy`], [`ErrorCode::ListenFailed`] and the like; nothing has begun then.
    pub async fn sign_in(&self, request: SignInRequest) -> Result<()> {
        let inner = &self.0;
        let given = match &inner.settings.client_id {
            Some(preset) => preset.as_str().to_owned(),
            None => request.client_id.trim().to_owned(),
        };
        if given.is_empty() {
            return Err(ErrorCode::ClientIdMissing.into());
        }
        let client_id = ClientId::try_from(given)
            .map_err(|e| AppError::new(ErrorCode::ClientIdUnknown).with_detail(e.to_string()))?;
        let endpoints = inner.settings.endpoints.clone();
        let setup =
            inner.setup(endpoints, client_id.clone(), inner.settings.redirect_uri.clone(), request.keep, None)?;
        if inner.settings.client_id.is_none() {
            inner.profile.change(|now| now.client_id = client_id.as_str().to_owned());
        }
        inner.profile.change(|now| now.keep = Some(request.keep));
        self.browse(setup, request.method, request.keep).await
    }

    /// Starts the simulated cloud and a sign-in to it: the same road, with tokens in memory only.
    pub async fn demo_start(&self) -> Result<()> {
        let inner = &self.0;
        let failed = |e: String| AppError::new(ErrorCode::Internal).with_detail(e);
        let cloud = inner.host.demo_cloud().await.map_err(|e| failed(e.to_string()))?;
        let endpoints =
            Endpoints::new(cloud.account_url(), cloud.api_url()).map_err(|e| failed(e.to_string()))?;
        let client_id = ClientId::try_from(cloud.client_id()).map_err(|e| failed(e.to_string()))?;
        let redirect = RedirectUri::loopback_any("/oauth/callback").map_err(|e| failed(e.to_string()))?;
        let setup = inner.setup(endpoints, client_id, redirect, false, Some(cloud))?;
        self.browse(setup, SignInMethod::Browser, false).await
    }

    async fn browse(&self, setup: Setup, method: SignInMethod, keep: bool) -> Result<()> {
        let inner = &self.0;
        if matches!(*inner.phase(), Phase::In(..) | Phase::Choosing(..) | Phase::Unusable(_)) {
            return Err(ErrorCode::ArgumentInvalid { field: "session".into() }.into());
        }
        // An attempt that is still waiting holds the port: it ends before the next one listens.
        if let Phase::Waiting(waiting) = &*inner.phase() {
            waiting.cancel.cancel();
        }
        let epoch = inner.begin_epoch();
        let hints = Hints { social_azure: method == SignInMethod::Microsoft, prompt: None };
        let attempt = setup.oauth.begin(hints).await?;
        if let Some(cloud) = &setup.demo {
            cloud.register_redirect(attempt.redirect_uri());
        }
        let link = attempt.authorization_url().clone();
        let problem = inner
            .host
            .open_browser(&link)
            .err()
            .map(|error| AppError::new(ErrorCode::BrowserFailed).with_detail(error.to_string()));
        let cancel = CancellationToken::new();
        let demo = setup.demo.is_some();
        inner.go(
            epoch,
            Phase::Waiting(Waiting { link, method, keep, demo, problem, cancel: cancel.clone() }),
        );
        let console = self.clone();
        tokio::spawn(async move {
            if let Err(error) = console.come_back(epoch, setup, attempt, cancel).await {
                let problem = Some(error).filter(|error| error.code != ErrorCode::Cancelled);
                console.0.go(epoch, Phase::SignedOut(problem));
            }
        });
        Ok(())
    }

    async fn come_back(
        &self,
        epoch: u64,
        setup: Setup,
        mut attempt: Attempt,
        cancel: CancellationToken,
    ) -> Result<()> {
        let inner = &self.0;
        let code = attempt.wait(&cancel, BROWSER_LIMIT).await?;
        if !inner.go(epoch, Phase::Finishing { demo: setup.demo.is_some() }) {
            return Err(ErrorCode::Cancelled.into());
        }
        let tokens = setup.oauth.exchange(code).await?;
        // A token that names no person is kept under the client alone.
        let person = tokens.claims.sub.clone().unwrap_or_else(|| "unnamed".to_owned());
        let name = inner.record(&setup, &person);
        let kept = Kept {
            client_id: setup.client_id.as_str().to_owned(),
            issuer: setup.endpoints.account().as_str().to_owned(),
            person,
        };
        let in_keychain = setup.storage == TokenStorage::Keychain;
        let session =
            Session::establish(setup.oauth.clone(), Arc::clone(&setup.store), name, tokens).await?;
        if in_keychain {
            inner.profile.change(|now| now.kept = Some(kept));
        }
        self.arrive(epoch, setup, session).await
    }

    /// From a session to an organization: who is it, where may they go, where were they last (ezeep-api.md, Private).
    async fn arrive(&self, epoch: u64, setup: Setup, session: Session) -> Result<()> {
        let inner = &self.0;
        // One token for both questions, so that a refused one is refreshed once.
        session.access().await?;
        let api = inner.client(&setup.endpoints, &session, None);
        let (me, organizations) = futures::try_join!(
            async { Ok(api.me().await?) },
            list_organizations(&api)
        )?;
        let person = Person {
            id: ids::wire_user(me.id.as_str())?,
            email: me.email.clone(),
            name: convert::display_name(&me),
        };
        self.watch(epoch, &session);
        let signed_in = Arc::new(SignedIn {
            _keep_fresh: session.keep_fresh(),
            session,
            person,
            organizations: Mutex::new(organizations.clone()),
            storage: setup.storage,
            endpoints: setup.endpoints,
            demo: setup.demo,
        });
        let last = inner.profile.get().organizations.get(signed_in.person.id.as_str()).cloned();
        let by_last = last.and_then(|last| organizations.iter().find(|o| o.id.as_str() == last));
        let real: Vec<_> = organizations.iter().filter(|o| !o.private).collect();
        let chosen = by_last.filter(|o| !o.private).or(match real.as_slice() {
            [only] => Some(*only),
            _ => None,
        });
        match chosen.cloned() {
            Some(organization) => match self.enter(epoch, &signed_in, organization).await {
                Ok(()) => Ok(()),
                Err(error) if error.code == ErrorCode::SessionEnded => Err(error),
                Err(error) => {
                    inner.go(epoch, Phase::Choosing(signed_in, Some(error)));
                    Ok(())
                }
            },
            None => {
                let problem = real.is_empty().then(|| ErrorCode::NoOrganization.into());
                inner.go(epoch, Phase::Choosing(signed_in, problem));
                Ok(())
            }
        }
    }

    async fn enter(&self, epoch: u64, signed_in: &Arc<SignedIn>, organization: Organization) -> Result<()> {
        let inner = &self.0;
        let id = organization.id.as_str().to_owned();
        if signed_in.session.organization().as_deref() != Some(id.as_str()) {
            signed_in.session.switch(&id).await?;
        }
        let api = inner.client(&signed_in.endpoints, &signed_in.session, Some(id.clone()));
        let workspace = Arc::new(Workspace::new(organization, api, Arc::clone(&inner.host)));
        let before = match &*inner.phase() {
            Phase::In(_, before) => Some(Arc::clone(before)),
            _ => None,
        };
        if !inner.go(epoch, Phase::In(Arc::clone(signed_in), Arc::clone(&workspace))) {
            return Err(ErrorCode::Cancelled.into());
        }
        if let Some(before) = before {
            before.leave();
        }
        if signed_in.demo.is_none() {
            let person = signed_in.person.id.as_str().to_owned();
            inner.profile.change(|now| {
                now.organizations.insert(person, id);
            });
        }
        sync::start(&workspace);
        Ok(())
    }

    /// Ends the phase when the session ends by itself: invalid_grant is one clean question to sign in again.
    fn watch(&self, epoch: u64, session: &Session) {
        let mut state = session.state();
        let console = self.clone();
        tokio::spawn(async move {
            loop {
                let reason = match &*state.borrow_and_update() {
                    SessionState::Live => None,
                    SessionState::Ended(reason) => Some(*reason),
                };
                match reason {
                    Some(EndReason::SignedOut) => return,
                    Some(_) => {
                        console.0.profile.change(|now| now.kept = None);
                        console.leave();
                        console.0.go(epoch, Phase::SignedOut(Some(ErrorCode::SessionEnded.into())));
                        return;
                    }
                    None => {}
                }
                if state.changed().await.is_err() {
                    return;
                }
            }
        });
    }

    fn leave(&self) {
        if let Phase::In(_, workspace) = &*self.0.phase() {
            workspace.leave();
        }
    }

    /// Opens the browser again at the same link.
    pub fn sign_in_open_again(&self) -> Result<()> {
        let link = self.link()?;
        self.0
            .host
            .open_browser(&link)
            .map_err(|error| AppError::new(ErrorCode::BrowserFailed).with_detail(error.to_string()))
    }

    /// Puts the link on the clipboard.
    pub fn sign_in_copy_link(&self) -> Result<()> {
        let link = self.link()?;
        self.0
            .host
            .copy(link.as_str())
            .map_err(|error| AppError::new(ErrorCode::Internal).with_detail(error.to_string()))
    }

    fn link(&self) -> Result<Url> {
        match &*self.0.phase() {
            Phase::Waiting(waiting) => Ok(waiting.link.clone()),
            _ => Err(ErrorCode::Cancelled.into()),
        }
    }

    /// Stops waiting for the browser. The listener closes; a late redirect finds nobody.
    pub fn sign_in_cancel(&self) {
        let waiting = match &*self.0.phase() {
            Phase::Waiting(waiting) => {
                waiting.cancel.cancel();
                true
            }
            Phase::Finishing { .. } => true,
            _ => false,
        };
        if waiting {
            let epoch = self.0.begin_epoch();
            self.0.go(epoch, Phase::SignedOut(None));
        }
    }

    /// The organizations of the signed-in person, asked again.
    pub async fn organizations(&self) -> Result<Vec<Organization>> {
        let signed_in = self.signed_in()?;
        let api = self.0.client(&signed_in.endpoints, &signed_in.session, None);
        let now = list_organizations(&api).await?;
        let mut known = signed_in.organizations.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        known.clone_from(&now);
        Ok(now)
    }

    /// Goes to an organization. A failed switch leaves the one before as it was (security.md 44).
    ///
    /// Fails with [`ErrorCode::ChangesRunning`] while a plan is being written.
    pub async fn organization_choose(&self, organization: &OrganizationId) -> Result<()> {
        let signed_in = self.signed_in()?;
        let known = signed_in.organizations();
        let chosen = match known.iter().find(|o| o.id == *organization) {
            Some(found) => found.clone(),
            None => self
                .organizations()
                .await?
                .into_iter()
                .find(|o| o.id == *organization)
                .ok_or(ErrorCode::SwitchRefused)?,
        };
        if let Phase::In(_, workspace) = &*self.0.phase() {
            if workspace.organization.id == chosen.id {
                return Ok(());
            }
            if workspace.plans().values().any(|plan| plan.running()) {
                return Err(ErrorCode::ChangesRunning.into());
            }
        }
        let epoch = self.0.epoch();
        self.enter(epoch, &signed_in, chosen).await
    }

    /// Signs out: plans stop after the people being written, the grant is revoked, the record deleted whatever the server
    /// says (security.md 41, 42). The state says where the server could not be told.
    pub async fn sign_out(&self) -> Result<()> {
        let inner = &self.0;
        let signed_in = match &*inner.phase() {
            Phase::In(signed_in, _) | Phase::Choosing(signed_in, _) => Some(Arc::clone(signed_in)),
            Phase::Unreachable(_) => None,
            _ => return Err(ErrorCode::SignedOut.into()),
        };
        self.quiesce().await;
        self.leave();
        let epoch = inner.begin_epoch();
        let problem = match signed_in {
            Some(signed_in) => end(&signed_in.session).await,
            None => self.forget_kept().await,
        };
        inner.profile.change(|now| now.kept = None);
        inner.go(epoch, Phase::SignedOut(problem));
        Ok(())
    }

    /// Signs out a session that was never taken up, because no server answered.
    async fn forget_kept(&self) -> Option<AppError> {
        let inner = &self.0;
        let kept = inner.profile.get().kept?;
        let client_id = ClientId::try_from(kept.client_id).ok()?;
        let endpoints = inner.settings.endpoints.clone();
        let name = record_name(&endpoints, &client_id, &kept.person, &inner.settings.data_dir);
        let setup =
            inner.setup(endpoints, client_id, inner.settings.redirect_uri.clone(), true, None).ok()?;
        match Session::restore(setup.oauth, setup.store, name).await {
            Ok(Some(session)) => end(&session).await,
            Ok(None) => None,
            Err(error) => Some(error.into()),
        }
    }

    /// Who is signed in. Fails with [`ErrorCode::SignedOut`].
    pub(crate) fn signed_in(&self) -> Result<Arc<SignedIn>> {
        match &*self.0.phase() {
            Phase::In(signed_in, _) | Phase::Choosing(signed_in, _) => Ok(Arc::clone(signed_in)),
            _ => Err(ErrorCode::SignedOut.into()),
        }
    }

    /// The open organization, whichever it is.
    pub(crate) fn any_workspace(&self) -> Result<Arc<Workspace>> {
        match &*self.0.phase() {
            Phase::In(_, workspace) => Ok(Arc::clone(workspace)),
            _ => Err(ErrorCode::SignedOut.into()),
        }
    }

    /// The open organization, where it is the one asked for; [`ErrorCode::OrganizationChanged`] otherwise (security.md 43).
    pub(crate) fn workspace(&self, organization: &OrganizationId) -> Result<Arc<Workspace>> {
        let workspace = self.any_workspace()?;
        if workspace.organization.id == *organization {
            Ok(workspace)
        } else {
            Err(ErrorCode::OrganizationChanged.into())
        }
    }
}

/// Ends a session; what the person must know of it, if anything.
async fn end(session: &Session) -> Option<AppError> {
    let report = session.end().await;
    match (report.deleted, report.revoked) {
        (Err(error), _) => Some(error.into()),
        (Ok(()), Err(error)) => {
            Some(AppError::new(ErrorCode::SignOutNotConfirmed).with_detail(error.to_string()))
        }
        (Ok(()), Ok(())) => None,
    }
}

/// Every organization, Private last.
async fn list_organizations(api: &Client) -> Result<Vec<Organization>> {
    let mut organizations = Vec::new();
    let mut pages = api.organizations(PAGE);
    while let Some(page) = pages.next().await {
        for organization in page?.items {
            organizations.push(convert::organization(&organization)?);
        }
    }
    organizations.sort_by_key(|organization| organization.private);
    Ok(organizations)
}
