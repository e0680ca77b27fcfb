//! Who is signed in, from the first click to the sign-out. Owns the phases, the way from Private to the right
//! organization, and what is remembered of it. Must never keep a token itself: that is the session's (ezeep-auth).

mod account;
mod sign_in;

use std::path::Path;
use std::sync::{Arc, Mutex};

use ezeep_api::{Client, Endpoints, Limits};
use ezeep_auth::{
    ClientAuthentication, ClientId, KeepFresh, MemoryStore, OAuth, OAuthConfig, RecordName, RedirectUri,
    Scopes, SecretStore, Session,
};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::Inner;
use crate::error::{AppError, ErrorCode, Result};
use crate::host::DemoCloud;
use crate::wire::{AppEvent, Organization, Person, SessionView, SignInForm, SignInMethod, TokenStorage};
use crate::workspace::{BoundTokens, Workspace};

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
    /// Cancelled when the listener is closed.
    closed: CancellationToken,
}

impl Waiting {
    /// Ends the wait; what it gives is done when the port is free again.
    fn end(&self) -> CancellationToken {
        self.cancel.cancel();
        self.closed.clone()
    }
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
            Phase::SignedOut(problem) => SessionView::SignedOut {
                form: self.form(),
                problem: problem.clone(),
            },
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
        let oauth = OAuth::new(self.http.clone(), config).map_err(|e| internal(&e))?;
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

    fn record(&self, setup: &Setup, person: &str) -> RecordName {
        record_name(
            &setup.wanted.endpoints,
            &setup.wanted.client_id,
            person,
            &self.settings.data_dir,
        )
    }

    fn client(&self, endpoints: &Endpoints, session: &Session, organization: Option<String>) -> Client {
        let tokens = BoundTokens {
            session: session.clone(),
            organization,
        };
        Client::new(
            self.http.clone(),
            endpoints.clone(),
            Arc::new(tokens),
            Limits::default(),
        )
    }
}

fn record_name(endpoints: &Endpoints, client_id: &ClientId, person: &str, data_dir: &Path) -> RecordName {
    RecordName::new(endpoints.account(), client_id, person, data_dir)
}
