//! One test's world: home, screen, keychain, simulated cloud and browser, made anew for each, and the report
//! where a test fails.

use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use ezeep_sim_faults::{Control, Sim, SimConfig, known};
use tempfile::TempDir;
use testing::Port;

use super::by::{Role, any, button, named, starting};
use super::desktop::Home;
use super::keychain::Keychain;
use super::process::Environment;
use super::screen::Screen;
use super::{App, Browser, Launch, Theme, artifacts, secrets};

/// A whole scenario takes well under a minute; this ends one that hangs where no other limit does.
const SCENARIO_LIMIT: Duration = Duration::from_secs(600);

/// What a scenario's world is like.
pub struct Setup {
    pub theme: Theme,
    pub language: Language,
    pub cloud: SimConfig,
}

impl Default for Setup {
    fn default() -> Self {
        let cloud = SimConfig {
            people: 2_000,
            groups: 60,
            ..SimConfig::default()
        };
        Self {
            theme: Theme::Light,
            language: Language::English,
            cloud,
        }
    }
}

/// The desktop's language.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    English,
    German,
    /// None, as on a machine that nobody has set up: the C locale.
    Unset,
}

/// Everything around the app.
pub struct World {
    name: String,
    env: Environment,
    app: Mutex<Option<Arc<App>>>,
    /// Every window of this scenario, for what it said and heard.
    apps: Mutex<Vec<Arc<App>>>,
    redirect_port: Port,
    pub cloud: Sim,
    pub browser: tokio::sync::Mutex<Browser>,
    pub keychain: Keychain,
    _screen: Screen,
    home: Home,
    _dir: TempDir,
}

/// Runs a scenario in a world of its own. Where it fails, pictures and logs are left in `artifacts/e2e`, and
/// the error tells what could be perceived at that moment.
pub async fn scenario(name: &str, setup: Setup, body: impl AsyncFnOnce(&World) -> Result<()>) -> Result<()> {
    let world = World::start(name, setup).await?;
    let outcome = match tokio::time::timeout(SCENARIO_LIMIT, body(&world)).await {
        Ok(Ok(())) => world.no_token_where_none_may_be().await,
        Ok(Err(error)) => Err(world.report(error).await),
        Err(_) => Err(world.report(anyhow!("the scenario hangs")).await),
    };
    if outcome.is_err() {
        world.control().waive_unmet();
    }
    outcome
}

impl World {
    async fn start(name: &str, setup: Setup) -> Result<Self> {
        forget_failure(name)?;
        let dir = TempDir::with_prefix("pressroom-e2e-")?;
        let (home, mut env) = Home::make(dir.path(), setup.theme, setup.language)?;
        let screen = Screen::start(&mut env, &home.logs)?;
        let keychain = Keychain::start(&mut env, &home.logs).await?;
        let cloud = Sim::start(setup.cloud).await?;
        let redirect_port = Port::reserve()?;
        let browser = Browser::start(&env, &home).await?;
        let world = Self {
            name: name.to_owned(),
            env,
            app: Mutex::new(None),
            apps: Mutex::default(),
            redirect_port,
            cloud,
            browser: tokio::sync::Mutex::new(browser),
            keychain,
            _screen: screen,
            home,
            _dir: dir,
        };
        world.cloud.register_redirect(&world.redirect_uri());
        world.control().remember_tokens();
        Ok(world)
    }

    /// What the app is told to have registered.
    pub fn redirect_uri(&self) -> String {
        self.redirect_port.redirect_uri()
    }

    /// The port of [`World::redirect_uri`].
    pub fn redirect_port(&self) -> u16 {
        self.redirect_port.number()
    }

    /// The cloud's handle.
    pub fn control(&self) -> Control {
        self.cloud.control()
    }

    /// The app with the settings of this world.
    pub fn launch(&self) -> Launch {
        Launch::built()
            .with("PRESSROOM_ACCOUNT_URL", self.cloud.account_url().as_str())
            .with("PRESSROOM_API_URL", self.cloud.api_url().as_str())
            .with("PRESSROOM_REDIRECT_URI", self.redirect_uri())
            .with("PRESSROOM_DATA_DIR", self.home.dir.join("data"))
            .with("PRESSROOM_LOG", "trace")
    }

    /// Starts the app with the settings of this world.
    pub async fn start_app(&self) -> Result<Arc<App>> {
        self.start_app_as(self.launch()).await
    }

    /// Starts the app with other settings.
    pub async fn start_app_as(&self, launch: Launch) -> Result<Arc<App>> {
        let app = Arc::new(App::start(&launch, &self.env, &self.home.logs).await?);
        *self.current() = Some(app.clone());
        self.apps
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(app.clone());
        Ok(app)
    }

    /// Signs in through the browser as the person with this address, who need not be an admin, up to where
    /// the app goes on by itself.
    pub async fn sign_in_as(&self, app: &App, email: &str) -> Result<()> {
        app.fill(&named(Role::TextBox, "Client ID"), self.cloud.client_id())
            .await?;
        app.click(&button("Sign in with browser")).await?;
        app.see(&named(Role::Status, "Waiting for your browser")).await?;
        self.allow_as(email).await
    }

    /// In the tab that has just opened: chooses the person and allows.
    pub async fn allow_as(&self, email: &str) -> Result<()> {
        let mut browser = self.browser.lock().await;
        browser.wait_for_tab().await?;
        browser.choose_person(email).await?;
        browser.click("#allow").await
    }

    /// Starts the app and signs in as the demo admin, into the main organization, until its users are listed.
    pub async fn signed_in(&self) -> Result<Arc<App>> {
        self.signed_in_with(self.launch()).await
    }

    /// The same in an app with other settings.
    pub async fn signed_in_with(&self, launch: Launch) -> Result<Arc<App>> {
        let app = self.start_app_as(launch).await?;
        self.sign_in_as(&app, known::ADMIN.email).await?;
        app.click(&starting(Role::Button, known::organizations::MAIN_NAME))
            .await?;
        app.see(&named(
            Role::Button,
            format!("Organization: {}", known::organizations::MAIN_NAME),
        ))
        .await?;
        app.see(&super::status("2,000 users")).await?;
        Ok(app)
    }

    /// Where this world's files are.
    pub fn home(&self) -> &std::path::Path {
        &self.home.dir
    }

    /// Where what this world's programs print is kept.
    pub fn logs(&self) -> &std::path::Path {
        &self.home.logs
    }

    /// Ends the programs of this name that know this world's home: what a desktop started belongs to no
    /// process of the test.
    pub fn end_programs_called(&self, name: &str) -> Result<()> {
        let home = self.home.dir.display().to_string();
        for entry in std::fs::read_dir("/proc")?.flatten() {
            // Not `comm`, which ends after 15 bytes.
            let program = std::fs::read_link(entry.path().join("exe")).unwrap_or_default();
            let environ = std::fs::read(entry.path().join("environ")).unwrap_or_default();
            if program.file_name().is_some_and(|file| file == name)
                && String::from_utf8_lossy(&environ).contains(&home)
            {
                let id = entry.file_name();
                std::process::Command::new("kill").arg("-TERM").arg(id).status()?;
            }
        }
        Ok(())
    }

    /// The environment of this world's programs.
    pub fn env(&self) -> &Environment {
        &self.env
    }

    /// security.md 25, 53, 58: at the end of every scenario, no token is anywhere but in memory and in the
    /// keychain.
    pub async fn no_token_where_none_may_be(&self) -> Result<()> {
        let needles = secrets::needles(&self.control().tokens_given());
        let apps = self.apps.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for app in apps {
            let heard = app.heard().await?;
            secrets::none_in("what the page knows", heard.iter().map(String::as_str), &needles)?;
        }
        secrets::none_in_files(&self.home.dir, &needles)?;
        secrets::none_in_programs(&needles)
    }

    fn current(&self) -> MutexGuard<'_, Option<Arc<App>>> {
        self.app.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn report(&self, error: anyhow::Error) -> anyhow::Error {
        let mut told = String::new();
        let app = self.current().clone();
        // Unavailable details are left out: the error itself matters most.
        if let Some(app) = app {
            let short = Duration::from_secs(10);
            let _ = tokio::time::timeout(short, app.picture(&format!("FAILED-{}", self.name))).await;
            if let Ok(Ok(outline)) = tokio::time::timeout(short, app.outline()).await {
                let _ = write!(told, "\n\nThe window shows:\n{outline}");
            }
            if let Ok(Ok(alerts)) = tokio::time::timeout(short, app.texts(&any(Role::Alert))).await {
                let _ = write!(told, "\n\nAlerts: {alerts:?}");
            }
        }
        if let Ok(browser) = self.browser.try_lock() {
            if let (Ok(address), Ok(text)) = (browser.address().await, browser.text().await) {
                let _ = write!(told, "\n\nThe browser is at {address} and shows:\n{text}");
            }
            if let (Ok(png), Ok(dir)) = (browser.picture().await, artifacts()) {
                let _ = std::fs::write(dir.join(format!("FAILED-{}-browser.png", self.name)), png);
            }
        }
        if let Err(problem) = self.keep_logs() {
            let _ = write!(told, "\n\nThe logs could not be kept: {problem}");
        }
        // The cause stands first: a long outline is what a log cuts.
        let report = format!(
            "scenario {} failed: {error:#}\npictures and logs are in artifacts/e2e{told}",
            self.name
        );
        error.context(report)
    }

    /// Copies the logs of the programs and of the app.
    fn keep_logs(&self) -> Result<()> {
        let to = artifacts()?.join(format!("FAILED-{}-logs", self.name));
        std::fs::create_dir_all(&to)?;
        for dir in [
            self.logs().to_path_buf(),
            self.home.dir.join("data"),
            self.home.dir.join("data/logs"),
        ] {
            let Ok(files) = std::fs::read_dir(&dir) else {
                continue;
            };
            for file in files.filter_map(Result::ok).filter(|file| file.path().is_file()) {
                std::fs::copy(file.path(), to.join(file.file_name())).context("a log can't be copied")?;
            }
        }
        Ok(())
    }
}

/// Removes what an earlier failure of this scenario left.
fn forget_failure(name: &str) -> Result<()> {
    let dir = artifacts()?;
    let _ = std::fs::remove_dir_all(dir.join(format!("FAILED-{name}-logs")));
    for picture in [format!("FAILED-{name}.png"), format!("FAILED-{name}-browser.png")] {
        let _ = std::fs::remove_file(dir.join(picture));
    }
    Ok(())
}
