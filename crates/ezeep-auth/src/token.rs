//! The token endpoint: one request function for all grants, one for revocation, and their errors. Must never
//! follow a redirect, repeat a request by itself, or put a secret into an error or a log.

use std::sync::Arc;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ezeep_http::{HttpClient, ServerClock, certificate_fault, proxy_wants_password};
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, DATE, HeaderName, HeaderValue, RETRY_AFTER,
};
use secrecy::{ExposeSecret, SecretString};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use crate::authorized_code::AuthorizedCode;
use crate::error::{MalformedReply, TokenError};
use crate::links::Links;
use crate::reply::{RawReply, TokenSet, judge, judge_revocation};
use crate::settings::{ClientAuthentication, ConfigError, OAuthConfig};

/// The authorization endpoint, always with its slash: without it the server answers 301 (contract).
const AUTHORIZE: &str = "oauth/authorize/";
/// The token endpoint of every grant.
const ACCESS_TOKEN: &str = "oauth/access_token/";
/// The vendor's own: begins a pairing (contract, `/oauth/pair/`).
const PAIR: &str = "oauth/pair/";
/// RFC 7009.
const REVOKE: &str = "oauth/revoke/";

/// The four grants.
pub(crate) enum Grant<'a> {
    Code {
        code: &'a SecretString,
        verifier: &'a SecretString,
        redirect: &'a str,
    },
    Refresh {
        token: &'a SecretString,
    },
    Switch {
        token: &'a SecretString,
        organization: &'a str,
    },
    Pairing {
        code: &'a SecretString,
    },
}

/// An OAuth client of one account server. Cheap to clone.
#[derive(Clone)]
pub struct OAuth {
    http: HttpClient,
    /// The server's clock by its replies, for a certificate that is refused because of its dates.
    server_clock: Arc<ServerClock>,
    config: Arc<OAuthConfig>,
    links: Option<Links>,
    authorize: Url,
    access_token: Url,
    pair: Url,
    revoke: Url,
}

impl OAuth {
    /// A client for `config`. `http` must follow no redirect, as one from [`OAuth::http_client`].
    ///
    /// # Errors
    /// [`ConfigError`] if the account URL is no https origin (http for this computer only).
    pub fn new(http: impl Into<HttpClient>, config: OAuthConfig) -> Result<Self, ConfigError> {
        config.check()?;
        let at = |path: &str| {
            config
                .account
                .join(path)
                .map_err(|_| ConfigError::AccountNotOrigin)
        };
        Ok(Self {
            authorize: at(AUTHORIZE)?,
            access_token: at(ACCESS_TOKEN)?,
            pair: at(PAIR)?,
            revoke: at(REVOKE)?,
            http: http.into(),
            server_clock: Arc::default(),
            config: Arc::new(config),
            links: None,
        })
    }

    /// The same client, for redirects to a scheme of our own: the answers of its attempts come through
    /// `links`.
    #[must_use]
    pub fn with_links(mut self, links: Links) -> Self {
        self.links = Some(links);
        self
    }

    /// Finishes a client builder for token requests: no redirect, no `Referer` (security.md 20).
    ///
    /// # Errors
    /// The builder's, if TLS or a proxy can't be set up.
    pub fn http_client(builder: reqwest::ClientBuilder) -> reqwest::Result<reqwest::Client> {
        builder
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .build()
    }

    /// The configuration of this client.
    pub fn config(&self) -> &OAuthConfig {
        &self.config
    }

    pub(crate) fn links(&self) -> Option<&Links> {
        self.links.as_ref()
    }

    pub(crate) fn authorize_endpoint(&self) -> &Url {
        &self.authorize
    }

    pub(crate) fn pairing_endpoint(&self) -> &Url {
        &self.pair
    }

    /// Exchanges the code of one attempt. It is never sent a second time (contract).
    ///
    /// # Errors
    /// [`TokenError`]; another attempt with another code is needed then.
    pub async fn exchange(&self, code: AuthorizedCode) -> Result<TokenSet, TokenError> {
        self.token(Grant::Code {
            code: &code.code,
            verifier: &code.verifier,
            redirect: code.redirect.as_str(),
        })
        .await
    }

    /// Revokes a refresh token and with it the grant (RFC 7009). A token that the server doesn't know is no
    /// error.
    ///
    /// # Errors
    /// [`TokenError`]; the grant may still be valid then.
    pub async fn revoke(&self, refresh_token: &SecretString) -> Result<(), TokenError> {
        let form = Form::new().add("token", refresh_token.expose_secret());
        let outcome = self.post(&self.revoke, form, judge_revocation).await;
        if let Err(error) = &outcome {
            tracing::warn!(%error, "revocation failed");
        }
        outcome
    }

    /// The only token request. It is not repeated here: its callers decide that by the error.
    pub(crate) async fn token(&self, grant: Grant<'_>) -> Result<TokenSet, TokenError> {
        let (kind, form) = match grant {
            Grant::Code {
                code,
                verifier,
                redirect,
            } => (
                "authorization_code",
                Form::new()
                    .add("code", code.expose_secret())
                    .add("code_verifier", verifier.expose_secret())
                    .add("redirect_uri", redirect),
            ),
            Grant::Refresh { token } => (
                "refresh_token",
                Form::new().add("refresh_token", token.expose_secret()),
            ),
            Grant::Switch { token, organization } => (
                "switch_organization",
                Form::new()
                    .add("refresh_token", token.expose_secret())
                    .add("organization_id", organization),
            ),
            Grant::Pairing { code } => (
                "pairing_code",
                Form::new().add("pairing_code", code.expose_secret()),
            ),
        };
        let form = form
            .add("grant_type", kind)
            .add("scope", &self.config.scopes.to_string());
        let outcome = self.post(&self.access_token, form, judge).await;
        match &outcome {
            Ok(set) => tracing::info!(
                grant = kind,
                rotated = set.refresh.is_some(),
                "token request done"
            ),
            // The usual answer to a poll of a pairing.
            Err(TokenError::OAuth { error, .. }) if error == "authorization_pending" => {
                tracing::debug!(grant = kind, "not decided yet");
            }
            Err(error) => tracing::warn!(grant = kind, %error, "token request failed"),
        }
        outcome
    }

    /// Posts a form, with this client's authentication, and checks the reply.
    pub(crate) async fn post<T>(
        &self,
        endpoint: &Url,
        form: Form,
        judge: impl FnOnce(&RawReply<'_>, SystemTime) -> Result<T, TokenError>,
    ) -> Result<T, TokenError> {
        let host = endpoint.host_str().unwrap_or_default().to_owned();
        let id = self.config.client_id.as_str();
        let mut request = self
            .http
            .current()
            .post(endpoint.clone())
            .timeout(self.config.limits.request)
            .header(ACCEPT, "application/json")
            .header(CACHE_CONTROL, "no-store")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let form = match self.config.client_authentication {
            ClientAuthentication::BasicEmptySecret => {
                request = request.header(AUTHORIZATION, basic(id));
                form
            }
            ClientAuthentication::Body => form.add("client_id", id),
        };
        let mut response = request
            .body(form.finish())
            .send()
            .await
            .map_err(|error| classify(&error, host.clone(), self.server_clock.at_least()))?;
        if response.url() != endpoint {
            return Err(TokenError::Redirected);
        }
        let most = self.config.limits.reply_bytes;
        let mut body = Zeroizing::new(Vec::new());
        // The headers came, so the server has processed the request: a body that breaks off is a lost reply.
        while let Some(chunk) = response.chunk().await.map_err(|error| TokenError::LostReply {
            host: host.clone(),
            timed_out: error.is_timeout(),
        })? {
            if body.len() + chunk.len() > most {
                return Err(TokenError::Malformed {
                    why: MalformedReply::TooLarge,
                });
            }
            body.extend_from_slice(&chunk);
        }
        let header = |name: HeaderName| {
            response
                .headers()
                .get(name)
                .and_then(|value: &HeaderValue| value.to_str().ok())
        };
        let date = header(DATE);
        self.server_clock.observe(date);
        let reply = RawReply {
            status: response.status(),
            content_type: header(CONTENT_TYPE),
            retry_after: header(RETRY_AFTER),
            date,
            body: &body,
        };
        judge(&reply, SystemTime::now())
    }
}

/// A form body whose own buffer is wiped; the copy that is sent is the HTTP client's.
pub(crate) struct Form(Zeroizing<String>);

impl Form {
    pub(crate) fn new() -> Self {
        Self(Zeroizing::new(String::with_capacity(2048)))
    }

    pub(crate) fn add(mut self, name: &str, value: &str) -> Self {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.extend(form_urlencoded::byte_serialize(name.as_bytes()));
        self.0.push('=');
        self.0.extend(form_urlencoded::byte_serialize(value.as_bytes()));
        self
    }

    fn finish(self) -> Vec<u8> {
        self.0.as_bytes().to_vec()
    }
}

/// `Basic base64("id:")`; the id is form-encoded first (RFC 6749 section 2.3.1), which does not change the
/// vendor's ids.
fn basic(client_id: &str) -> HeaderValue {
    let id: String = form_urlencoded::byte_serialize(client_id.as_bytes()).collect();
    let text = format!("Basic {}", STANDARD.encode(format!("{id}:")));
    // Base64 is always a valid header value; an empty one would be refused by the server as `invalid_client`.
    let mut value = HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

/// The error of a failed request: whether it may have reached the server, and what failed.
fn classify(error: &reqwest::Error, host: String, server: Option<SystemTime>) -> TokenError {
    if error.is_redirect() {
        return TokenError::Redirected;
    }
    if error.is_builder() {
        return TokenError::Connect { host };
    }
    if error.is_connect() {
        if let Some(fault) = certificate_fault(error, server) {
            return TokenError::Certificate { host, fault };
        }
        if proxy_wants_password(error) {
            return TokenError::ProxyAuth;
        }
        return if error.is_timeout() {
            TokenError::Timeout { host }
        } else {
            TokenError::Connect { host }
        };
    }
    TokenError::LostReply {
        host,
        timed_out: error.is_timeout(),
    }
}
