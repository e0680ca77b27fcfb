//! The way in: from the keychain or the browser to an organization.
//! Must never open the browser before it listens (security.md 6), nor show Private as if it were the company (ezeep-api.md).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ezeep_api::Endpoints;
use ezeep_auth::{
    AuthorizedCode, CallbackError, ClientId, EndReason, Hints, Prompt, RedirectUri, Session, SessionState,
};
use tokio_util::sync::CancellationToken;

use super::account::list_organizations;
use super::{Phase, Setup, SignedIn, Waiting, Wanted, record_name};
use crate::error::{AppError, ErrorCode, Result};
use crate::profile::Kept;
use crate::wire::{KeychainState, Organization, Person, SignInMethod, SignInRequest, TokenStorage};
use crate::workspace::Workspace;
use crate::{Console, convert, ids, sync};

/// How long the app waits for the browser to come back.
const BROWSER_LIMIT: Duration = Duration::from_secs(15 * 60);

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
        let Some(kept) = inner.profile.get().kept else {
            return Some(Phase::SignedOut(None));
        };
        let endpoints = inner.settings.endpoints.clone();
        let preset_other = inner
            .settings
            .client_id
            .as_ref()
            .is_some_and(|id| id.as_str() != kept.client_id);
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
        let setup = match inner.setup(Wanted {
            endpoints,
            client_id,
            redirect,
            keep: true,
            fewer_rights: kept.fewer_rights,
            demo: None,
        }) {
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
        let setup = inner.setup(Wanted {
            endpoints,
            client_id: client_id.clone(),
            redirect: inner.settings.redirect_uri.clone(),
            keep: request.keep,
            fewer_rights: request.fewer_rights,
            demo: None,
        })?;
        if inner.settings.client_id.is_none() {
            inner
                .profile
                .change(|now| now.client_id = client_id.as_str().to_owned());
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
        let setup = inner.setup(Wanted {
            endpoints,
            client_id,
            redirect,
            keep: false,
            fewer_rights: false,
            demo: Some(cloud),
        })?;
        self.browse(setup, SignInMethod::Browser, false).await
    }

    async fn browse(&self, setup: Setup, method: SignInMethod, keep: bool) -> Result<()> {
        let inner = &self.0;
        if matches!(
            *inner.phase(),
            Phase::In(..) | Phase::Choosing(..) | Phase::Unusable(_)
        ) {
            return Err(ErrorCode::ArgumentInvalid {
                field: "session".into(),
            }
            .into());
        }
        // An attempt that is still waiting holds the port: it ends before the next one listens.
        let before = match &*inner.phase() {
            Phase::Waiting(waiting) => Some(waiting.end()),
            _ => None,
        };
        if let Some(closed) = before {
            closed.cancelled().await;
        }
        let epoch = inner.begin_epoch();
        let microsoft = method == SignInMethod::Microsoft;
        let hints = Hints {
            social_azure: microsoft,
            prompt: microsoft.then_some(Prompt::Azure),
        };
        let attempt = setup.oauth.begin(hints).await?;
        if let Some(cloud) = &setup.wanted.demo {
            cloud.register_redirect(attempt.redirect_uri().as_str());
        }
        let link = attempt.authorization_url().clone();
        let problem = inner
            .host
            .open_browser(&link)
            .err()
            .map(|error| AppError::new(ErrorCode::BrowserFailed).with_detail(error.to_string()));
        let (cancel, closed) = (CancellationToken::new(), CancellationToken::new());
        let demo = setup.wanted.demo.is_some();
        inner.go(
            epoch,
            Phase::Waiting(Waiting {
                link,
                method,
                keep,
                demo,
                problem,
                cancel: cancel.clone(),
                closed: closed.clone(),
            }),
        );
        let console = self.clone();
        tokio::spawn(async move {
            let waited = attempt.wait(&cancel, BROWSER_LIMIT).await;
            closed.cancel();
            if let Err(error) = console.come_back(epoch, setup, waited).await {
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
        waited: std::result::Result<AuthorizedCode, CallbackError>,
    ) -> Result<()> {
        let inner = &self.0;
        let code = waited?;
        if !inner.go(
            epoch,
            Phase::Finishing {
                demo: setup.wanted.demo.is_some(),
            },
        ) {
            return Err(ErrorCode::Cancelled.into());
        }
        let tokens = setup.oauth.exchange(code).await?;
        // A token that names no person is kept under the client alone.
        let person = tokens.claims.sub.clone().unwrap_or_else(|| "unnamed".to_owned());
        let name = inner.record(&setup, &person);
        let kept = Kept {
            client_id: setup.wanted.client_id.as_str().to_owned(),
            issuer: setup.wanted.endpoints.account().as_str().to_owned(),
            person,
            fewer_rights: setup.wanted.fewer_rights,
        };
        let in_keychain = setup.storage == TokenStorage::Keychain;
        let session = Session::establish(setup.oauth.clone(), Arc::clone(&setup.store), name, tokens).await?;
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
        let api = inner.client(&setup.wanted.endpoints, &session, None);
        let (me, organizations) =
            futures::try_join!(async { Ok(api.me().await?) }, list_organizations(&api))?;
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
            endpoints: setup.wanted.endpoints,
            demo: setup.wanted.demo,
        });
        let last = inner
            .profile
            .get()
            .organizations
            .get(signed_in.person.id.as_str())
            .cloned();
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

    pub(super) async fn enter(
        &self,
        epoch: u64,
        signed_in: &Arc<SignedIn>,
        organization: Organization,
    ) -> Result<()> {
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
                        console
                            .0
                            .go(epoch, Phase::SignedOut(Some(ErrorCode::SessionEnded.into())));
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
}
