//! How a sign-in is made: against which servers, by which client, kept where. Knows no state.

use std::sync::Arc;

use ezeep_api::{Client, Endpoints, TokenSource};
use ezeep_auth::{
    ClientAuthentication, ClientId, MemoryStore, OAuth, OAuthConfig, RecordName, RedirectUri, Scopes,
    SecretStore,
};
use ids::{AccountId, HolderId, OrganizationId};
use url::Url;

use super::live_account::LiveAccount;
use super::tokens::BoundTokens;
use crate::error::{AppError, ErrorCode, Result};
use crate::host::DemoCloud;
use crate::profile::RememberedAccount;
use crate::services::Services;
use crate::settings::{APP_LINK, REDIRECT_URI, redirect};
use crate::wire::{RedirectChoice, RedirectKind, TokenStorage};

/// The scope that every client has; the other one of the desktop example reads printers.
const FEWER_RIGHTS: &str = "printing";

/// A sign-in that can be made.
pub struct Setup {
    /// The client of the account server.
    pub oauth: OAuth,
    /// Where the refresh token goes.
    pub store: Arc<dyn SecretStore>,
    /// The same, for the window.
    pub storage: TokenStorage,
    /// What it was made from.
    pub wanted: Wanted,
}

/// What a sign-in is to be.
pub struct Wanted {
    /// The servers.
    pub endpoints: Endpoints,
    /// The client.
    pub client_id: ClientId,
    /// How the browser comes back.
    pub redirect: RedirectUri,
    /// Whether it is kept in the keychain.
    pub keep: bool,
    /// Whether `printing` alone is asked for.
    pub fewer_rights: bool,
    /// The demo's cloud.
    pub demo: Option<Box<dyn DemoCloud>>,
}

/// An error that would be a fault of the app.
pub fn internal(error: &dyn std::fmt::Display) -> AppError {
    AppError::new(ErrorCode::Internal).with_detail(error.to_string())
}

/// How the browser comes back by a redirect URI.
pub fn kind_of(redirect: &RedirectUri) -> RedirectKind {
    match redirect {
        RedirectUri::Loopback(_) => RedirectKind::Loopback,
        RedirectUri::Scheme(_) => RedirectKind::AppLink,
    }
}

/// The account of a record: the digest that tells its name apart from every other's.
pub fn account_of(name: &RecordName) -> Result<AccountId> {
    let digest = name.user().rsplit('#').next().unwrap_or_default();
    AccountId::try_from(digest.to_owned()).map_err(|e| internal(&e))
}

impl Services {
    /// The redirect URI of the next sign-in: from outside, as chosen, or the default.
    pub fn redirect(&self) -> RedirectUri {
        let chosen = self
            .profile
            .get()
            .redirect_uri
            .filter(|_| !self.settings.redirect_preset)
            .and_then(|uri| redirect(&uri).ok());
        chosen.unwrap_or_else(|| self.settings.redirect_uri.clone())
    }

    /// The same with what else could be chosen.
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

    /// What a sign-in is made with.
    ///
    /// # Errors
    /// [`ErrorCode::Internal`], which would be a fault of the app.
    pub fn setup(&self, wanted: Wanted) -> Result<Setup> {
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

    /// The setup of a remembered account.
    ///
    /// # Errors
    /// [`ErrorCode::AccountGone`] where it belongs to other servers or another client than this run's.
    pub fn setup_of(&self, account: &RememberedAccount) -> Result<Setup> {
        if !self.is_ours(account) {
            return Err(ErrorCode::AccountGone.into());
        }
        let client_id = ClientId::try_from(account.client_id.clone()).map_err(|e| internal(&e))?;
        self.setup(Wanted {
            endpoints: self.settings.endpoints.clone(),
            client_id,
            redirect: self.redirect(),
            keep: true,
            fewer_rights: account.fewer_rights,
            demo: None,
        })
    }

    /// An account of another server, or of another client than the preset one, is not offered in this run.
    pub fn is_ours(&self, account: &RememberedAccount) -> bool {
        let preset = self.settings.client_id.as_ref();
        account.issuer == self.settings.endpoints.account().as_str()
            && preset.is_none_or(|id| id.as_str() == account.client_id)
    }

    /// The name of a person's record in the keychain.
    pub fn record(&self, wanted: &Wanted, person: &str) -> RecordName {
        RecordName::new(
            wanted.endpoints.account(),
            &wanted.client_id,
            person,
            &self.settings.data_dir,
        )
    }

    /// The holder of the files of a person at an account server.
    ///
    /// # Errors
    /// [`ErrorCode::Internal`], which would be a fault of the app.
    pub fn holder(&self, issuer: &Url, person: &str) -> Result<HolderId> {
        let holder = RecordName::holder(issuer, person, &self.settings.data_dir);
        HolderId::try_from(holder).map_err(|e| internal(&e))
    }

    /// A client that speaks for an organization, or for none yet.
    pub fn client(&self, account: &LiveAccount, organization: Option<OrganizationId>) -> Client {
        let tokens = BoundTokens {
            session: account.slot.clone(),
            organization,
        };
        self.client_with(account.endpoints.clone(), Arc::new(tokens))
    }

    /// A client with these tokens.
    pub fn client_with(&self, endpoints: Endpoints, tokens: Arc<dyn TokenSource>) -> Client {
        Client::new(self.http.clone(), endpoints, tokens, self.limits.clone())
    }
}
