//! The two account servers and a person who signs in to either. Owns what differs between them: how they are
//! started, and what their pages look like.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ezeep_auth::{
    Attempt, ClientAuthentication, ClientId, Hints, Limits, OAuth, OAuthConfig, RedirectUri, Scopes, TokenSet,
};
use ezeep_sim_faults::{ClientConfig, Grant, Quirks, Sim, SimConfig, known};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use resilience::browser;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tempfile::TempDir;
use testing::Port;
use tokio_util::sync::CancellationToken;
use url::Url;

const CLIENT: &str = "pEeRcLi3ntOfThe2ServersQ8mZtWbYxKs5NhGf3";
/// As `server.py` has them.
const USERNAME: &str = "ines";
const PASSWORD: &str = "a-password-of-this-test-alone";
const PATIENCE: Duration = Duration::from_secs(60);

/// Which account server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The simulated cloud.
    Cloud,
    /// django-oauth-toolkit.
    Toolkit,
}

/// A running account server with one public client.
pub struct Server {
    pub account: Url,
    pub redirect: String,
    _port: Port,
    kind: Kind,
    http: reqwest::Client,
}

enum Kind {
    /// It ends with its owner.
    Cloud { _sim: Box<Sim> },
    /// It ends when its stdin does.
    Toolkit { process: Child, _data: TempDir },
}

impl Drop for Kind {
    fn drop(&mut self) {
        if let Self::Toolkit { process, .. } = self {
            drop(process.stdin.take());
            // Its database is in a folder that goes next.
            let _ = process.wait();
        }
    }
}

impl Server {
    /// Starts it. A refresh token that was just spent gets the same reply again for `grace`.
    pub async fn start(which: Which, grace: Duration) -> Self {
        let (account, port, kind) = match which {
            Which::Cloud => cloud(grace).await,
            Which::Toolkit => tokio::task::spawn_blocking(move || toolkit(grace)).await.unwrap(),
        };
        Self {
            account,
            redirect: port.redirect_uri(),
            _port: port,
            kind,
            http: browser::browser().unwrap(),
        }
    }

    /// The client's id.
    pub fn client_id(&self) -> &'static str {
        CLIENT
    }

    /// An OAuth client of it, by way of `account`.
    pub fn oauth_by_way_of(&self, account: &Url, authentication: ClientAuthentication) -> OAuth {
        let http = OAuth::http_client(reqwest::Client::builder().no_proxy()).unwrap();
        let config = OAuthConfig {
            account: account.clone(),
            client_id: ClientId::try_from(CLIENT).unwrap(),
            redirect: RedirectUri::try_from(self.redirect.as_str()).unwrap(),
            scopes: Scopes::try_from("printing printing.printers.readonly").unwrap(),
            client_authentication: authentication,
            limits: Limits::default(),
        };
        OAuth::new(http, config).unwrap()
    }

    /// The same, straight.
    pub fn oauth(&self, authentication: ClientAuthentication) -> OAuth {
        self.oauth_by_way_of(&self.account, authentication)
    }

    /// Signs in as a person at a browser would, and exchanges the code.
    pub async fn sign_in(&self, oauth: &OAuth) -> TokenSet {
        let attempt: Attempt = oauth.begin(Hints::default()).await.unwrap();
        let link = attempt.authorization_url().clone();
        let cancel = CancellationToken::new();
        let (code, ()) = tokio::join!(attempt.wait(&cancel, PATIENCE), async {
            let back = self.approve(&link).await;
            let reply = self.http.get(back).send().await.unwrap();
            assert!(reply.status().is_success(), "the app did not take the answer");
        });
        oauth.exchange(code.unwrap()).await.unwrap()
    }

    /// Goes through the server's pages as the person, and gives where the browser is sent to.
    pub async fn approve(&self, link: &Url) -> Url {
        if let Kind::Cloud { .. } = self.kind {
            return browser::allow(link, known::ADMIN.email).await.unwrap();
        }
        let mut cookies = BTreeMap::new();
        let page = self.open(&mut cookies, link).await;
        let (_, mut fields) = browser::form(&page.body).expect("the toolkit's consent form");
        fields.push(("allow".into(), "Authorize".into()));
        let page = self.visit(&mut cookies, link, Some(&fields)).await;
        page.location(link)
    }

    /// The server's reply to a link of a signed-in user: a status, and its redirect target.
    pub async fn shown(&self, link: &Url) -> (u16, Option<Url>) {
        let page = self.open(&mut BTreeMap::new(), link).await;
        let to = page.location.is_some().then(|| page.location(link));
        (page.status, to)
    }

    /// Opens a link; logs in with Django's own form where that comes first.
    async fn open(&self, cookies: &mut BTreeMap<String, String>, link: &Url) -> Page {
        let page = self.visit(cookies, link, None).await;
        if !page
            .location
            .as_ref()
            .is_some_and(|to| to.starts_with("/accounts/login/"))
        {
            return page;
        }
        let login = page.location(link);
        let page = self.visit(cookies, &login, None).await;
        let (_, mut fields) = browser::form(&page.body).expect("Django's login form");
        fields.push(("username".into(), USERNAME.into()));
        fields.push(("password".into(), PASSWORD.into()));
        let back = self.visit(cookies, &login, Some(&fields)).await.location(&login);
        self.visit(cookies, &back, None).await
    }

    async fn visit(
        &self,
        cookies: &mut BTreeMap<String, String>,
        url: &Url,
        form: Option<&[(String, String)]>,
    ) -> Page {
        let request = match form {
            Some(fields) => self.http.post(url.clone()).form(fields),
            None => self.http.get(url.clone()),
        };
        let sent: Vec<_> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let reply = request.header(COOKIE, sent.join("; ")).send().await.unwrap();
        for cookie in reply.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = cookie.split_once('=').unwrap();
            cookies.insert(name.to_owned(), value.to_owned());
        }
        Page {
            status: reply.status().as_u16(),
            location: reply
                .headers()
                .get(LOCATION)
                .map(|to| to.to_str().unwrap().to_owned()),
            body: reply.text().await.unwrap(),
        }
    }

    /// Whether the API takes an access token.
    pub async fn takes(&self, access: &SecretString) -> bool {
        let url = self.account.join("v1/users/me/").unwrap();
        let request = self.http.get(url).bearer_auth(access.expose_secret());
        request.send().await.unwrap().status().is_success()
    }
}

struct Page {
    status: u16,
    location: Option<String>,
    body: String,
}

impl Page {
    fn location(&self, from: &Url) -> Url {
        let to = self.location.as_ref();
        let to = to.unwrap_or_else(|| panic!("{} leads nowhere:\n{}", from.path(), self.body));
        from.join(to).unwrap()
    }
}

async fn cloud(grace: Duration) -> (Url, Port, Kind) {
    let port = Port::reserve().unwrap();
    let client = ClientConfig {
        id: CLIENT.to_owned(),
        name: "Pressroom".to_owned(),
        secret: None,
        grants: vec![Grant::AuthorizationCode, Grant::RefreshToken],
        redirect_uris: vec![port.redirect_uri()],
        scopes: ["printing", "printing.printers.readonly"]
            .map(str::to_owned)
            .to_vec(),
        require_pkce: true,
    };
    let sim = Sim::start(SimConfig {
        people: 5,
        groups: 2,
        refresh_reuse_grace: grace,
        clients: vec![client],
        quirks: Quirks {
            iss_in_callback: true,
            grace_for_any_request: true,
            ..Quirks::default()
        },
        ..SimConfig::default()
    })
    .await
    .unwrap();
    (sim.account_url(), port, Kind::Cloud { _sim: Box::new(sim) })
}

fn toolkit(grace: Duration) -> (Url, Port, Kind) {
    let data = tempfile::tempdir().unwrap();
    let port = Port::reserve().unwrap();
    let mut process = Command::new(python())
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("peer/server.py"))
        .arg(data.path())
        .arg(grace.as_secs().to_string())
        .arg(CLIENT)
        .arg(port.redirect_uri())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let said: Value = serde_json::from_str(&line).expect("the toolkit did not start; it says why above");
    let url = Url::parse(said["url"].as_str().unwrap()).unwrap();
    (url, port, Kind::Toolkit { process, _data: data })
}

/// The Python that setup.sh made. Without it the tests fail: an independent peer that is left out proves
/// nothing.
fn python() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let venv = target.join("peer-venv");
    let python = venv.join("bin/python");
    assert!(
        python.exists(),
        "django-oauth-toolkit is not installed; run: bash tests/resilience/peer/setup.sh {}",
        venv.display()
    );
    python
}
