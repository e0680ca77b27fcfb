//! One data directory between a cloud and a person: two proxies, a redirect port, and consoles started on
//! them. Must never share any of it with another lane, so that lanes can run side by side.

use std::path::Path;

use anyhow::Context as _;
use ezeep_sim_faults::Sim;
use serde_json::{Value, json};
use testing::Port;
use url::Url;

use crate::browser;
use crate::headless::{Headless, Profile};
use crate::keyring::Keyring;
use crate::proxy::Proxy;

/// A way to a cloud.
pub struct Lane {
    /// Before the account server.
    pub account: Proxy,
    /// Before the printing server.
    pub printing: Proxy,
    /// What a console is started with.
    pub profile: Profile,
    client_id: String,
    _port: Port,
}

impl Lane {
    /// Makes a lane to `sim`, with its data below `dir`.
    ///
    /// # Errors
    /// Where ports or files can't be had.
    pub async fn new(
        sim: &Sim,
        keyring: &Keyring,
        program: impl AsRef<Path>,
        dir: &Path,
        name: &str,
    ) -> anyhow::Result<Self> {
        let account = Proxy::start(&sim.account_url()).await?;
        let printing = Proxy::start(&sim.api_url()).await?;
        let port = Port::reserve()?;
        let redirect = port.redirect_uri();
        sim.register_redirect(&redirect);
        let profile = Profile {
            program: program.as_ref().to_owned(),
            account: account.url(),
            api: printing.url(),
            redirect,
            data_dir: dir.join(name),
            env: keyring.env(),
        };
        Ok(Self {
            account,
            printing,
            profile,
            client_id: sim.client_id().to_owned(),
            _port: port,
        })
    }

    /// A console that has been asked for nothing yet.
    ///
    /// # Errors
    /// Where it can't be started.
    pub fn start(&self) -> anyhow::Result<Headless> {
        Headless::start(&self.profile)
    }

    /// A console that has begun to take up the kept session.
    ///
    /// # Errors
    /// Where it can't be started.
    pub async fn resume(&self) -> anyhow::Result<Headless> {
        let console = self.start()?;
        console.ask(json!({ "do": "resume" })).await?;
        Ok(console)
    }

    /// Begins a sign-in and gives the link that a browser is to open.
    ///
    /// # Errors
    /// Where the console refuses.
    pub async fn begin_sign_in(&self, console: &Headless) -> anyhow::Result<Url> {
        let request = json!({
            "clientId": self.client_id, "keep": true, "method": "browser", "fewerRights": false,
            "redirectUri": null,
        });
        let before = console.count(|line| line.get("browser").is_some());
        console.ask(json!({ "do": "signIn", "request": request })).await?;
        let mut seen = 0;
        let link = console
            .news("told to open a browser", |line| {
                let link = line["browser"]["url"].as_str()?;
                seen += 1;
                (seen > before).then(|| link.to_owned())
            })
            .await?;
        Ok(Url::parse(&link)?)
    }

    /// Signs in as the person with this address.
    ///
    /// # Errors
    /// Where it does not work.
    pub async fn sign_in(&self, console: &Headless, email: &str) -> anyhow::Result<()> {
        let link = self.begin_sign_in(console).await?;
        browser::sign_in(&link, email).await
    }
}

/// Where the console is, in an organization that has been read: its workspace, with nothing in front of it.
///
/// # Errors
/// Where it never is.
pub async fn inside(console: &Headless) -> anyhow::Result<String> {
    let workspace = console
        .until("in an organization", |view| {
            (view["kind"] == "signedIn" && view["overlay"].is_null()).then(|| view["workspace"].clone())
        })
        .await?;
    read(console).await?;
    let id = workspace.as_str().context("a workspace without an id")?;
    Ok(id.to_owned())
}

/// What the sign-in form shows, in an empty window or in front of lists: the problem, or null. `None` where
/// something else is shown.
#[must_use]
pub fn form_problem(view: &Value) -> Option<Value> {
    let step = match view["kind"].as_str() {
        Some("signIn") => &view["step"],
        _ => &view["overlay"]["step"],
    };
    (step["at"] == "form").then(|| step["problem"].clone())
}

/// Waits until a start has ended: in an organization that has been read, or at what is in the way. Lists from
/// this computer's disk may be shown before. Gives what is shown, and the problem, or null.
///
/// # Errors
/// Where it never ends.
pub async fn settled(console: &Headless) -> anyhow::Result<(Value, Value)> {
    let is_busy = |view: &Value| match view["kind"].as_str() {
        Some("starting") => true,
        Some("signIn") => view["step"]["at"] == "finishing",
        Some("signedIn") => view["overlay"].is_null(),
        _ => false,
    };
    let stopped = console.until("settled", |view| (!is_busy(view)).then(|| view.clone()));
    tokio::select! {
        view = stopped => {
            let view = view?;
            let problem = form_problem(&view).unwrap_or_else(|| view["problem"].clone());
            Ok((view, problem))
        }
        read = read_ended(console) => {
            let problem = read?["error"].clone();
            Ok((console.ask(json!({ "do": "sessionView" })).await?, problem))
        }
    }
}

/// Waits until the directory has been read.
///
/// # Errors
/// Where it fails.
pub async fn read(console: &Headless) -> anyhow::Result<()> {
    let read = read_ended(console).await?;
    anyhow::ensure!(read["kind"] == "done", "the directory was not read: {read}");
    Ok(())
}

async fn read_ended(console: &Headless) -> anyhow::Result<Value> {
    let workspace = console
        .until("an open organization", |view| {
            view["workspace"].as_str().map(str::to_owned)
        })
        .await?;
    let ask = json!({ "do": "syncView", "workspace": workspace });
    console
        .until_asked("the directory read", ask, |view| {
            let read = &view["read"];
            matches!(read["kind"].as_str(), Some("done" | "failed")).then(|| read.clone())
        })
        .await
}

/// The id of a user in the organization.
///
/// # Errors
/// Where there is nobody.
pub async fn somebody(console: &Headless, workspace: &str) -> anyhow::Result<String> {
    let query = json!({
        "scope": { "search": "" }, "sort": "name", "descending": false, "offset": 0, "limit": 1
    });
    let users = console
        .ask(json!({ "do": "users", "workspace": workspace, "query": query }))
        .await?;
    first_id(&users)
}

/// The id of the first row.
///
/// # Errors
/// Where there is none.
pub fn first_id(window: &Value) -> anyhow::Result<String> {
    let id = window["rows"][0]["id"].as_str();
    id.map(str::to_owned)
        .with_context(|| format!("no rows: {window}"))
}
