//! The way in: by the browser, by a pairing code, by a link that the operating system brings.
//! Must never open the browser before the listener is ready (security.md 6), nor start a pairing by itself
//! (security.md 24).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use ezeep_api::{BearerToken, Endpoints, TokenSource, TokenUnavailable};
use ezeep_auth::{ClientId, Delivery, Hints, Notices, Pairing, Prompt, RedirectUri, Session, TokenSet};
use ids::AccountId;
use secrecy::SecretString;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::arrive::switch_error;
use super::step::{Waiting, WaitingFor};
use super::{Held, Over, Phase, Setup, SignedIn, Step, Wanted, account_of, kind_of};
use crate::Console;
use crate::error::{AppError, ErrorCode, Result};
use crate::profile::Kept;
use crate::settings::redirect;
use crate::wire::{RedirectKind, SignInMethod, SignInRequest, TokenStorage};
use crate::workspace::Workspace;

/// How long the app waits for the browser to come back.
const BROWSER_LIMIT: Duration = Duration::from_secs(15 * 60);

impl Console {
    /// Starts a sign-in: listens first, then opens the browser (security.md 6), or asks for a pairing code. The state
    /// goes on from there.
    ///
    /// Fails with [`ErrorCode::ClientIdMissing`], [`ErrorCode::ClientIdInvalid`], [`ErrorCode::PortBusy`],
    /// [`ErrorCode::ListenFailed`], [`ErrorCode::RedirectInvalid`] and similar errors; nothing has started
    /// then.
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
            .map_err(|e| AppError::new(ErrorCode::ClientIdInvalid).with_detail(e.to_string()))?;
        if let Some(uri) = &request.redirect_uri
            && !inner.settings.redirect_preset
        {
            let uri = redirect(uri.trim())
                .map_err(|e| AppError::new(ErrorCode::RedirectInvalid).with_detail(e.to_string()))?;
            inner
                .profile
                .change(|now| now.redirect_uri = Some(uri.as_str().to_owned()));
        }
        let setup = inner.setup(Wanted {
            endpoints: inner.settings.endpoints.clone(),
            client_id: client_id.clone(),
            redirect: inner.redirect(),
            keep: request.keep,
            fewer_rights: request.fewer_rights,
            demo: None,
        })?;
        inner.profile.change(|now| {
            if inner.settings.client_id.is_none() {
                now.client_id = client_id.as_str().to_owned();
            }
            now.keep = Some(request.keep);
        });
        match request.method {
            SignInMethod::Browser | SignInMethod::Microsoft => self.browse(setup, request.method).await,
            SignInMethod::Pairing => self.pair(setup).await,
        }
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
        self.browse(setup, SignInMethod::Browser).await
    }

    /// Ends the attempt before, if any: it holds the port.
    async fn begin_attempt(&self) -> Result<u64> {
        let inner = &self.0;
        let before = match &*inner.phase() {
            Phase::Choosing(..) | Phase::Unusable(_) | Phase::In(_, _, None) => {
                return Err(ErrorCode::ArgumentInvalid {
                    field: "session".into(),
                }
                .into());
            }
            Phase::SignIn(step) | Phase::In(_, _, Some(Over { step, .. })) => {
                step.waiting().map(Waiting::end)
            }
            Phase::Starting | Phase::Unreachable(_) => None,
        };
        if let Some(closed) = before {
            closed.cancelled().await;
        }
        Ok(inner.begin_epoch())
    }

    async fn browse(&self, setup: Setup, method: SignInMethod) -> Result<()> {
        let inner = &self.0;
        let receiver = kind_of(&setup.wanted.redirect);
        let (epoch, link) = self.begin_to_wait(setup, method).await?;
        // The desktop may be slow: from here on a cancel or another sign-in finds the wait and ends it.
        let lost = receiver == RedirectKind::AppLink && inner.host.prepare_app_links().await == Some(false);
        if inner.epoch() != epoch {
            return Err(ErrorCode::Cancelled.into());
        }
        if lost {
            inner.amend(epoch, |waiting| {
                waiting.problem = Some(ErrorCode::AppLinkNotOpened.into())
            });
        }
        inner.open_page(epoch, &link);
        Ok(())
    }

    /// Starts the listener and sets the state in one step, so that ending the wait also frees the port.
    /// Returns the attempt's epoch and the page to open.
    async fn begin_to_wait(&self, setup: Setup, method: SignInMethod) -> Result<(u64, Url)> {
        let inner = &self.0;
        // Two sign-ins at once would each find the port taken by the other.
        let _alone = inner.beginning.lock().await;
        let epoch = self.begin_attempt().await?;
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
        let waiting = Waiting {
            link: link.clone(),
            method,
            keep: setup.wanted.keep,
            demo: setup.wanted.demo.is_some(),
            problem: None,
            unopened: None,
            by: WaitingFor::Browser(kind_of(&setup.wanted.redirect)),
            cancel: CancellationToken::new(),
            closed: CancellationToken::new(),
        };
        let (cancel, closed) = (waiting.cancel.clone(), waiting.closed.clone());
        if !inner.go_step(epoch, Step::Waiting(Box::new(waiting))) {
            return Err(ErrorCode::Cancelled.into());
        }
        self.explain_the_wait(epoch, &attempt.notices(), &closed);
        let console = self.clone();
        tokio::spawn(async move {
            // Also where the wait panics: the next attempt waits for it.
            let closes = closed.drop_guard();
            let waited = attempt.wait(&cancel, BROWSER_LIMIT).await;
            drop(closes);
            let came = async {
                let code = waited?;
                console.finishing(epoch, &setup)?;
                let tokens = setup.oauth.exchange(code).await?;
                console.take_in(epoch, setup, tokens).await
            };
            console.settle(epoch, came.await);
        });
        Ok((epoch, link))
    }

    async fn pair(&self, setup: Setup) -> Result<()> {
        let inner = &self.0;
        let epoch = self.begin_attempt().await?;
        let pairing = setup.oauth.pair().await.map_err(pairing_refused)?;
        let waiting = Waiting {
            link: pairing.url().clone(),
            method: SignInMethod::Pairing,
            keep: setup.wanted.keep,
            demo: false,
            problem: None,
            unopened: None,
            by: WaitingFor::pairing(&pairing)?,
            cancel: CancellationToken::new(),
            closed: CancellationToken::new(),
        };
        let (cancel, closed) = (waiting.cancel.clone(), waiting.closed.clone());
        if !inner.go_step(epoch, Step::Waiting(Box::new(waiting))) {
            return Err(ErrorCode::Cancelled.into());
        }
        let console = self.clone();
        tokio::spawn(async move {
            // Also where the wait panics: the next attempt waits for it.
            let closes = closed.drop_guard();
            let waited = Pairing::wait(pairing, &cancel).await;
            drop(closes);
            let came = async {
                let tokens = waited?;
                // Where it was cancelled meanwhile, its grant is ended there.
                let _ = console.finishing(epoch, &setup);
                console.take_in(epoch, setup, tokens).await
            };
            console.settle(epoch, came.await);
        });
        Ok(())
    }

    /// Shows in the window what arrived instead of the answer, each kind once, while the wait continues.
    fn explain_the_wait(&self, epoch: u64, notices: &watch::Receiver<Notices>, closed: &CancellationToken) {
        let once = |came: fn(&Notices) -> bool, tell: fn(&Self, u64)| {
            let (console, mut notices, closed) = (self.clone(), notices.clone(), closed.clone());
            tokio::spawn(async move {
                let came = closed.run_until_cancelled(notices.wait_for(came)).await;
                if matches!(came, Some(Ok(_))) {
                    tell(&console, epoch);
                }
            });
        };
        once(
            |now| now.https_tried,
            |console, epoch| {
                console
                    .0
                    .amend(epoch, |waiting| waiting.tell(ErrorCode::RedirectForcedHttps));
            },
        );
        once(|now| now.another_sign_in, Self::tell_of_another_sign_in);
    }

    /// Reports, once for each attempt, that the answer of another sign-in arrived (security.md 10). A browser
    /// that can't return at all takes precedence.
    fn tell_of_another_sign_in(&self, epoch: u64) {
        let weighs_less = |waiting: &Waiting| match &waiting.problem {
            Some(problem) => !matches!(
                problem.code,
                ErrorCode::RedirectForcedHttps | ErrorCode::AnotherSignInAnswered
            ),
            None => true,
        };
        let tells = self.0.waiting(epoch, weighs_less) == Some(true);
        if tells {
            self.0
                .amend(epoch, |waiting| waiting.tell(ErrorCode::AnotherSignInAnswered));
        }
    }

    /// A link of our own scheme, brought by the operating system. Changes nothing unless it is the answer of the attempt
    /// that waits (security.md 15). `at_start`: the app was started by it.
    pub fn open_link(&self, link: &str, at_start: bool) {
        match self.0.links.deliver(link) {
            Delivery::Taken => tracing::info!("a link brought the answer to a sign-in"),
            Delivery::AnotherSignIn if !at_start => {
                tracing::info!("a link that answers another sign-in was dropped");
                // The waiting sign-in may return through the listener, so nothing looks at links.
                self.tell_of_another_sign_in(self.0.epoch());
            }
            Delivery::AnotherSignIn | Delivery::NotOurs => {
                tracing::info!(at_start, "a link that answers no sign-in was dropped");
                if at_start {
                    self.0.keep_stale_link();
                }
            }
        }
    }

    fn finishing(&self, epoch: u64, setup: &Setup) -> Result<()> {
        let demo = setup.wanted.demo.is_some();
        if self.0.go_step(epoch, Step::Finishing { demo }) {
            Ok(())
        } else {
            Err(ErrorCode::Cancelled.into())
        }
    }

    /// A sign-in that failed is back at its form, with the reason; what was there before it is as it was (security.md 5).
    fn settle(&self, epoch: u64, came: Result<()>) {
        if let Err(error) = came {
            let problem = Some(error).filter(|error| error.code != ErrorCode::Cancelled);
            self.0.go_step(epoch, Step::Form(problem));
        }
    }

    /// From fresh tokens to an organization: a person who is known here goes on where they were.
    async fn take_in(&self, epoch: u64, setup: Setup, tokens: TokenSet) -> Result<()> {
        let inner = &self.0;
        let person = self.subject(&setup, &tokens).await?;
        if inner.epoch() != epoch {
            end_unused(&setup, &tokens).await;
            return Err(ErrorCode::Cancelled.into());
        }
        let name = inner.record(&setup.wanted, &person);
        let id = account_of(&name)?;
        let kept = Kept {
            client_id: setup.wanted.client_id.as_str().to_owned(),
            issuer: setup.wanted.endpoints.account().as_str().to_owned(),
            person,
            fewer_rights: setup.wanted.fewer_rights,
            email: String::new(),
            name: String::new(),
            organization: None,
            place: None,
            expired: false,
            signing_in: None,
        };
        let storage = setup.storage;
        // Finishes the removal of an earlier sign-out first, so that it can't remove the new files.
        inner.cache.finish_removal(&id).await;
        // Nobody takes the record up by itself before its session is here: two of one record would end each other.
        let alone = inner.waking.lock().await;
        // Remembered first: a record that nothing remembers would be a grant that nobody goes on with or ends.
        let before = inner.kept(&id);
        if storage == TokenStorage::Keychain {
            inner.remember_signing_in(&id, &kept);
        }
        let session = match Session::establish(setup.oauth, setup.store, name, tokens).await {
            Ok(session) => session,
            Err(error) => {
                inner.remember_as_before(&id, before);
                return Err(error.into());
            }
        };
        if storage == TokenStorage::Keychain {
            inner.remember_signed_in(&id, kept);
        }
        let known = inner.live().get(&id).cloned();
        let for_this_run = storage == TokenStorage::Memory && setup.wanted.demo.is_none();
        if for_this_run && known.is_none() {
            self.end_what_was_kept(&id).await;
        }
        let Some(held) = known else {
            let held = Held::new(id, session, setup.wanted.endpoints, storage, setup.wanted.demo);
            self.adopt(&held);
            drop(alone);
            return self.arrive(epoch, &held).await;
        };
        if !for_this_run {
            held.learn(|known| known.storage = storage);
        }
        drop(alone);
        let open = inner.open_of(&held);
        let stays = match &open {
            Some((_, workspace)) => self.stays_in(&session, workspace).await,
            None => Ok(false),
        };
        let by = session.clone();
        let before = held.replace(session, storage);
        if for_this_run {
            inner.cache.forget(&held.id).await;
        }
        // What is left of the old grant ends at the server.
        let (console, of) = (self.clone(), Arc::clone(&held));
        tokio::spawn(async move { console.end_replaced(&of, before, by).await });
        self.adopt(&held);
        match open {
            Some((signed_in, workspace)) if stays? => self.go_on(epoch, signed_in, workspace),
            _ => self.arrive(epoch, &held).await,
        }
    }

    /// Ends the grant of a session that another sign-in of its person has replaced. Where that one is not kept, nothing of the account is.
    async fn end_replaced(&self, held: &Held, before: Session, by: Session) {
        let mut pauses = REVOKE_PAUSES.into_iter();
        loop {
            let report = before.end_replaced(&by).await;
            if report.deleted.is_ok() {
                let _alone = self.0.waking.lock().await;
                if held.known().storage == TokenStorage::Memory {
                    self.0.keep_no_more(&held.id);
                }
            }
            let Err(error) = report.revoked else { return };
            let Some(pause) = pauses.next() else {
                tracing::warn!(%error, "a replaced grant lives at the server until it expires");
                return;
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Ends the kept session of somebody who has signed in for this run alone, where it was not taken up.
    async fn end_what_was_kept(&self, id: &AccountId) {
        match self.end_kept(id).await {
            None => {}
            Some(error) if error.code == ErrorCode::SignOutNotConfirmed => {
                tracing::warn!(%error, "a replaced grant lives at the server until it expires");
            }
            // The record may be there: it stays known.
            Some(error) => {
                tracing::warn!(%error, "the session that was kept could not be ended");
                return;
            }
        }
        self.0.keep_no_more(id);
    }

    /// Whether the new session of somebody who is in an organization goes on there: also where the servers can't be asked for it
    /// now, so that a bad network costs no sign-in. Its next call asks again. False where the server refuses it.
    async fn stays_in(&self, session: &Session, workspace: &Workspace) -> Result<bool> {
        let organization = &workspace.context.organization.id;
        let Err(error) = session.switch(organization).await.map_err(switch_error) else {
            return Ok(true);
        };
        match error.code {
            // They are no longer a member: the sign-in continues with the choice of an organization.
            ErrorCode::SwitchRefused | ErrorCode::SignInRefused => Ok(false),
            ErrorCode::SessionEnded => Err(error),
            _ => {
                tracing::warn!(%error, "the organization is asked for again with the next call");
                session.bind_to(Some(organization.clone()));
                Ok(true)
            }
        }
    }

    /// Whose tokens these are: named by the token, or else by the account server.
    ///
    /// # Errors
    /// The account server's error. The grant is then revoked: nothing else would use or end it.
    async fn subject(&self, setup: &Setup, tokens: &TokenSet) -> Result<String> {
        if let Some(subject) = &tokens.claims.sub {
            return Ok(subject.clone());
        }
        let source = Arc::new(FirstToken(tokens.access.clone()));
        let api = self.0.client_with(setup.wanted.endpoints.clone(), source);
        match api.me().await {
            Ok(me) => Ok(me.id.as_str().to_owned()),
            Err(error) => {
                end_unused(setup, tokens).await;
                Err(error.into())
            }
        }
    }

    /// Exactly where they were.
    fn go_on(&self, epoch: u64, signed_in: Arc<SignedIn>, workspace: Arc<Workspace>) -> Result<()> {
        // What the disk says of them has been confirmed by the server now.
        let signed_in = Arc::new(SignedIn {
            held: Arc::clone(&signed_in.held),
            person: signed_in.person.clone(),
            organizations: Mutex::new(signed_in.organizations()),
            from_disk: false,
        });
        if !self
            .0
            .go(epoch, Phase::In(signed_in, Arc::clone(&workspace), None))
        {
            return Err(ErrorCode::Cancelled.into());
        }
        workspace.sync.start();
        self.wake_others();
        Ok(())
    }
}

/// Ends a grant that nobody would go on with.
async fn end_unused(setup: &Setup, tokens: &TokenSet) {
    if let Some(refresh) = &tokens.refresh
        && let Err(error) = setup.oauth.revoke(refresh).await
    {
        tracing::warn!(%error, "a sign-in that came to nothing could not be ended at the server");
    }
}

/// The access token of a sign-in that is no session yet.
struct FirstToken(SecretString);

#[async_trait]
impl TokenSource for FirstToken {
    async fn token(&self) -> std::result::Result<BearerToken, TokenUnavailable> {
        Ok(BearerToken::new(self.0.clone(), 1))
    }

    async fn renew(&self, _refused: u64) -> std::result::Result<BearerToken, TokenUnavailable> {
        self.token().await
    }
}

/// Pauses between attempts at revoking a replaced grant.
const REVOKE_PAUSES: [Duration; 4] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(120),
    Duration::from_secs(600),
];

/// A server that gives this client no pairing codes says so by its grant type.
fn pairing_refused(error: ezeep_auth::TokenError) -> AppError {
    let unsupported = matches!(
        &error,
        ezeep_auth::TokenError::OAuth { error, .. }
            if matches!(error.as_str(), "unauthorized_client" | "unsupported_grant_type")
    ) || matches!(&error, ezeep_auth::TokenError::Refused { status: 404 | 405 });
    let told = AppError::from(error);
    if unsupported {
        AppError {
            code: ErrorCode::PairingUnsupported,
            ..told
        }
    } else {
        told
    }
}
