//! Who is signed in, from the first click to the sign-out. Owns the phases, the way from Private to the right
//! organization, and what is remembered of it. Must never keep a token itself: that is the session's (ezeep-auth).

mod account;
mod accounts;
mod arrive;
mod from_disk;
mod held;
mod sign_in;
mod start;
mod step;
mod tokens;

use std::sync::{Arc, Mutex};

use ezeep_api::{Client, Endpoints, TokenSource};
use ezeep_auth::{
    ClientAuthentication, ClientId, MemoryStore, OAuth, OAuthConfig, RecordName, RedirectUri, Scopes,
    SecretStore,
};
use ids::{AccountId, OrganizationId};
use url::Url;

use crate::Inner;
use crate::error::{AppError, ErrorCode, Result};
use crate::host::DemoCloud;
use crate::profile::Kept;
use crate::settings::{APP_LINK, REDIRECT_URI, redirect};
use crate::wire::{
    AppEvent, Organization, Person, RedirectChoice, RedirectKind, SessionView, SignInForm, SignInOver,
    SignInReason, TokenStorage,
};
use crate::workspace::Workspace;
use tokens::BoundTokens;

pub(crate) use held::Held;
pub(crate) use held::SessionSlot;
pub(crate) use step::Step;
use step::{Waiting, WaitingFor};

/// Where the sign-in stands, with what belongs to it.
pub enum Phase {
    /// The keychain is being asked.
    Starting,
    /// A setting can't be used.
    Unusable(AppError),
    /// There is a session in the keychain, and no server.
    Unreachable(AppError),
    /// Nobody yet, or not any more.
    SignIn(Step),
    /// Several organizations.
    Choosing(Arc<SignedIn>, Option<AppError>),
    /// In one; maybe with a sign-in in front.
    In(Arc<SignedIn>, Arc<Workspace>, Option<Over>),
}

/// A sign-in in front of an open organization.
pub struct Over {
    reason: SignInReason,
    step: Step,
}

impl Over {
    fn form(reason: SignInReason, problem: Option<AppError>) -> Self {
        Self {
            reason,
            step: Step::Form(problem),
        }
    }
}

/// A signed-in person whose organizations are known.
pub struct SignedIn {
    /// Whose session.
    pub held: Arc<Held>,
    /// Who.
    pub person: Person,
    /// Where they may go.
    pub organizations: Mutex<Vec<Organization>>,
    /// Whether this is what the disk says, and no server has been asked yet.
    pub from_disk: bool,
}

impl SignedIn {
    fn organizations(&self) -> Vec<Organization> {
        self.organizations
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }
}

/// How a sign-in is made: against which servers, kept where.
struct Setup {
    oauth: OAuth,
    store: Arc<dyn SecretStore>,
    storage: TokenStorage,
    wanted: Wanted,
}

/// What a sign-in is to be.
struct Wanted {
    endpoints: Endpoints,
    client_id: ClientId,
    redirect: RedirectUri,
    keep: bool,
    fewer_rights: bool,
    demo: Option<Box<dyn DemoCloud>>,
}

/// The scope that every client has; the other one of the desktop example reads printers.
const FEWER_RIGHTS: &str = "printing";

fn internal(error: &dyn std::fmt::Display) -> AppError {
    AppError::new(ErrorCode::Internal).with_detail(error.to_string())
}

impl Inner {
    /// The window's state, for the UI.
    pub fn view(&self) -> SessionView {
        match &*self.phase() {
            Phase::Starting => SessionView::Starting,
            Phase::Unusable(problem) => SessionView::Unusable {
                problem: problem.clone(),
            },
            Phase::Unreachable(problem) => SessionView::Unreachable {
                problem: problem.clone(),
            },
            Phase::SignIn(step) => SessionView::SignIn {
                step: step.view(|| self.form(None)),
            },
            Phase::Choosing(signed_in, problem) => SessionView::ChoosingOrganization {
                person: signed_in.person.clone(),
                organizations: signed_in.organizations(),
                demo: signed_in.held.demo.is_some(),
                problem: problem.clone(),
            },
            Phase::In(signed_in, workspace, over) => SessionView::SignedIn {
                workspace: workspace.context.id.clone(),
                person: signed_in.person.clone(),
                organization: workspace.context.organization.clone(),
                storage: signed_in.held.known().storage,
                demo: signed_in.held.demo.is_some(),
                over: over.as_ref().map(|over| SignInOver {
                    reason: over.reason,
                    step: over.step.view(|| self.form(Some(&signed_in.held.id))),
                }),
            },
        }
    }

    fn form(&self, current: Option<&AccountId>) -> SignInForm {
        let remembered = self.profile.get();
        let preset = self.settings.client_id.as_ref();
        let accounts = self.accounts_with(current);
        SignInForm {
            client_id: preset.map_or(remembered.client_id, |id| id.as_str().to_owned()),
            client_id_preset: preset.is_some(),
            keep: remembered.keep.unwrap_or(true),
            redirect: self.redirect_choice(),
            keychain: self.keychain_state(),
            accounts,
        }
    }

    /// The redirect URI of the next sign-in: from outside, as chosen, or the default.
    fn redirect(&self) -> RedirectUri {
        let chosen = self
            .profile
            .get()
            .redirect_uri
            .filter(|_| !self.settings.redirect_preset)
            .and_then(|uri| redirect(&uri).ok());
        chosen.unwrap_or_else(|| self.settings.redirect_uri.clone())
    }

    pub fn redirect_choice(&self) -> RedirectChoice {
        let now = self.redirect();
        let uri = now.as_str().to_owned();
        let kind = kind_of(&now);
        let offered = |of: RedirectKind, otherwise: &str| {
            if kind == of {
                uri.clone()
            } else {
                otherwise.to_owned()
            }
        };
        RedirectChoice {
            loopback: offered(RedirectKind::Loopback, REDIRECT_URI),
            app_link: offered(RedirectKind::AppLink, APP_LINK),
            kind,
            preset: self.settings.redirect_preset,
            app_link_ready: self.host.opens_app_links(),
            uri,
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

    /// The next step of a sign-in: in front of the open organization where one is, on its own otherwise.
    fn go_step(&self, epoch: u64, next: Step) -> bool {
        {
            let mut phase = self.phase();
            if self.epoch() != epoch {
                return false;
            }
            match &mut *phase {
                Phase::In(_, _, Some(over)) => over.step = next,
                other => *other = Phase::SignIn(next),
            }
        }
        self.host.emit(AppEvent::Session);
        true
    }

    /// Returns what `find` returns for the wait for the browser; `None` if there is none, or it is not that
    /// of `epoch`.
    fn waiting<T>(&self, epoch: u64, find: impl FnOnce(&Waiting) -> T) -> Option<T> {
        let phase = self.phase();
        let (Phase::SignIn(step) | Phase::In(_, _, Some(Over { step, .. }))) = &*phase else {
            return None;
        };
        let waiting = step
            .waiting()
            .filter(|it| matches!(it.by, WaitingFor::Browser(_)))?;
        (self.epoch() == epoch).then(|| find(waiting))
    }

    /// Changes the wait under way, if it is still that of `epoch`.
    fn amend(&self, epoch: u64, change: impl FnOnce(&mut Waiting)) {
        let changed = {
            let mut phase = self.phase();
            let step = match &mut *phase {
                Phase::SignIn(step) | Phase::In(_, _, Some(Over { step, .. })) => Some(step),
                _ => None,
            };
            match step {
                Some(Step::Waiting(waiting)) if self.epoch() == epoch => {
                    change(waiting);
                    true
                }
                _ => false,
            }
        };
        if changed {
            self.host.emit(AppEvent::Session);
        }
    }

    /// Opens the page of a wait, and shows in that wait whether it failed, instead of how the try before it
    /// ended.
    fn open_page(&self, epoch: u64, page: &Url) {
        let unopened = self.host.open_browser(page).err();
        if let Some(error) = &unopened {
            tracing::warn!(%error, "the browser could not be opened");
        }
        self.amend(epoch, |waiting| waiting.unopened = unopened.map(AppError::from));
    }

    fn setup(&self, wanted: Wanted) -> Result<Setup> {
        let scopes = if wanted.fewer_rights {
            Scopes::try_from(FEWER_RIGHTS).map_err(|e| internal(&e))?
        } else {
            self.settings.scopes.clone()
        };
        let config = OAuthConfig {
            account: wanted.endpoints.account().clone(),
            client_id: wanted.client_id.clone(),
            redirect: wanted.redirect.clone(),
            scopes,
            client_authentication: ClientAuthentication::default(),
            limits: ezeep_auth::Limits::default(),
        };
        let oauth = OAuth::new(self.http.clone(), config)
            .map_err(|e| internal(&e))?
            .with_links(self.links.clone());
        let (store, storage): (Arc<dyn SecretStore>, _) = if wanted.keep {
            (Arc::clone(&self.keychain), TokenStorage::Keychain)
        } else {
            (Arc::new(MemoryStore::default()), TokenStorage::Memory)
        };
        Ok(Setup {
            oauth,
            store,
            storage,
            wanted,
        })
    }

    /// The setup of an account that is kept, where it belongs to the servers and the client of this run.
    fn setup_of(&self, kept: &Kept) -> Result<Setup> {
        if !self.is_ours(kept) {
            return Err(ErrorCode::AccountGone.into());
        }
        let client_id = ClientId::try_from(kept.client_id.clone()).map_err(|e| internal(&e))?;
        self.setup(Wanted {
            endpoints: self.settings.endpoints.clone(),
            client_id,
            redirect: self.redirect(),
            keep: true,
            fewer_rights: kept.fewer_rights,
            demo: None,
        })
    }

    /// An account of another server, or of another client than the preset one, is not offered in this run.
    fn is_ours(&self, kept: &Kept) -> bool {
        let preset = self.settings.client_id.as_ref();
        kept.issuer == self.settings.endpoints.account().as_str()
            && preset.is_none_or(|id| id.as_str() == kept.client_id)
    }

    fn record(&self, wanted: &Wanted, person: &str) -> RecordName {
        RecordName::new(
            wanted.endpoints.account(),
            &wanted.client_id,
            person,
            &self.settings.data_dir,
        )
    }

    fn client(&self, held: &Held, organization: Option<OrganizationId>) -> Client {
        let tokens = BoundTokens {
            session: held.slot.clone(),
            organization,
        };
        self.client_with(held.endpoints.clone(), Arc::new(tokens))
    }

    fn client_with(&self, endpoints: Endpoints, tokens: Arc<dyn TokenSource>) -> Client {
        Client::new(self.http.clone(), endpoints, tokens, self.limits.clone())
    }
}

fn kind_of(redirect: &RedirectUri) -> RedirectKind {
    match redirect {
        RedirectUri::Loopback(_) => RedirectKind::Loopback,
        RedirectUri::Scheme(_) => RedirectKind::AppLink,
    }
}

/// The account of a record: the digest that tells its name apart from every other's.
fn account_of(name: &RecordName) -> Result<AccountId> {
    let digest = name.user().rsplit('#').next().unwrap_or_default();
    AccountId::try_from(digest.to_owned()).map_err(|e| internal(&e))
}
