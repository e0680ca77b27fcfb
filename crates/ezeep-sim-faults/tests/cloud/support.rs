//! A small cloud and the few requests that every test makes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ezeep_sim_faults::known::{self, organizations};
use ezeep_sim_faults::{Consent, Control, Sim, SimConfig};
use reqwest::{Client, Method, RequestBuilder, Response, redirect};
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::Url;

pub const REDIRECT: &str = "http://localhost:8080/oauth/callback";
pub const VERIFIER: &str = "a-verifier-that-is-at-least-forty-three-characters-long";
pub const SCOPE: &str = "printing printing.printers.readonly";
pub const INES: &str = known::ADMIN.email;
pub const MAIN: &str = organizations::MAIN;

pub fn small() -> SimConfig {
    SimConfig {
        people: 120,
        groups: 20,
        ..SimConfig::default()
    }
}

pub struct Cloud {
    pub sim: Sim,
    pub http: Client,
}

impl Cloud {
    pub async fn start() -> Self {
        Self::with(small()).await
    }

    pub async fn start_with_endpoint() -> Self {
        Self::of(Sim::start_with_endpoint(small()).await.unwrap())
    }

    pub async fn with(config: SimConfig) -> Self {
        Self::of(Sim::start(config).await.unwrap())
    }

    fn of(sim: Sim) -> Self {
        let http = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self { sim, http }
    }

    pub fn control(&self) -> Control {
        self.sim.control()
    }

    pub fn account(&self, path: &str) -> Url {
        self.sim.account_url().join(path).unwrap()
    }

    pub fn printing(&self, path: &str) -> String {
        format!("{}{path}", self.sim.api_url())
    }

    /// An access token of the admin for the main organization.
    pub fn admin_token(&self) -> String {
        self.token_of(INES, Some(MAIN))
    }

    pub fn token_of(&self, email: &str, organization: Option<&str>) -> String {
        self.control()
            .issue_tokens(email, organization)
            .unwrap()
            .access_token
    }

    pub fn request(&self, method: Method, url: impl AsRef<str>, token: &str) -> RequestBuilder {
        self.http.request(method, url.as_ref()).bearer_auth(token)
    }

    pub async fn get(&self, url: impl AsRef<str>, token: &str) -> (u16, Value) {
        json(self.request(Method::GET, url, token).send().await.unwrap()).await
    }

    pub async fn send(&self, method: Method, url: impl AsRef<str>, token: &str, body: Value) -> (u16, Value) {
        json(self.request(method, url, token).json(&body).send().await.unwrap()).await
    }

    /// A token request of the default client.
    pub async fn token(&self, form: &[(&str, &str)]) -> (u16, Value) {
        self.token_as(known::CLIENT_ID, "", form).await
    }

    pub async fn token_as(&self, client: &str, secret: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let request = self
            .http
            .post(self.account("/oauth/access_token/"))
            .basic_auth(client, Some(secret));
        json(request.form(form).send().await.unwrap()).await
    }

    pub fn authorize_url(&self, more: &[(&str, &str)]) -> Url {
        let mut url = self.account("/oauth/authorize/");
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER.as_bytes()));
        let mut pairs = vec![
            ("response_type", "code"),
            ("client_id", known::CLIENT_ID),
            ("redirect_uri", REDIRECT),
            ("scope", SCOPE),
            ("state", "the-state"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        pairs.retain(|(key, _)| !more.iter().any(|(other, _)| other == key));
        pairs.extend(more.iter().filter(|(_, value)| !value.is_empty()));
        url.query_pairs_mut().extend_pairs(pairs);
        url
    }

    /// The callback that Ines's consent leads to.
    pub fn callback(&self, more: &[(&str, &str)]) -> Url {
        let answer = self
            .control()
            .consent(&self.authorize_url(more), Consent::Allow(INES))
            .unwrap();
        Url::parse(&answer).unwrap()
    }

    pub fn code(&self) -> String {
        parameter(&self.callback(&[]), "code").unwrap()
    }

    pub async fn exchange(&self, code: &str) -> (u16, Value) {
        self.token(&code_form(code)).await
    }

    /// The tokens of a whole sign-in.
    pub async fn sign_in(&self) -> Value {
        let (status, tokens) = self.exchange(&self.code()).await;
        assert_eq!(status, 200, "{tokens}");
        tokens
    }

    pub async fn refresh(&self, token: &str) -> (u16, Value) {
        self.token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("scope", SCOPE),
        ])
        .await
    }

    pub async fn switch(&self, token: &str, organization: &str) -> (u16, Value) {
        self.token(&[
            ("grant_type", "switch_organization"),
            ("refresh_token", token),
            ("organization_id", organization),
            ("scope", SCOPE),
        ])
        .await
    }
}

pub fn code_form(code: &str) -> [(&str, &str); 5] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("scope", SCOPE),
        ("code_verifier", VERIFIER),
    ]
}

/// A token request that was refused with 400 and this error code.
#[track_caller]
pub fn assert_refused((status, body): (u16, Value), error: &str) {
    assert_eq!((status, &body["error"]), (400, &error.into()), "{body}");
}

pub async fn json(reply: Response) -> (u16, Value) {
    let status = reply.status().as_u16();
    let text = reply.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

pub fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

pub fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field]
        .as_str()
        .unwrap_or_else(|| panic!("no {field} in {value}"))
}

/// The payload of a JWT, its signature unlooked at.
pub fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}
