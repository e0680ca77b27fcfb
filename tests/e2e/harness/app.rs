//! The app in its real window, driven through WebKit's own WebDriver and looked at by roles and names.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, bail, ensure};
use fantoccini::elements::{Element, ElementRef};
use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use testing::Port;

use super::by::By;
use super::process::{Environment, Process};
use super::{artifacts, eventually, screen, secrets};

const HELPERS: &str = include_str!("roles.js");
const SETTLE: &str = "const done = arguments[arguments.length - 1];
    const ending = document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime !== Infinity);
    Promise.allSettled(ending.map((one) => one.finished))
      .then(() => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))));";
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How WebKit paints; with "0" it is left to WebKit.
pub const PAINTING: &str = "WEBKIT_DISABLE_COMPOSITING_MODE";

/// Which program is started, and with what settings.
#[derive(Clone)]
pub struct Launch {
    pub program: PathBuf,
    pub settings: Vec<(String, OsString)>,
    pub arguments: Vec<String>,
    /// Whether what the page says and hears is noted, to look for tokens in it. It costs time and memory.
    pub noted: bool,
}

impl Launch {
    /// The program as cargo built it for this test.
    pub fn built() -> Self {
        Self {
            program: PathBuf::from(env!("CARGO_BIN_EXE_pressroom-desktop")),
            // WebKit's driver takes a picture with the next frame, and without OpenGL a window that stands
            // still has none.
            settings: vec![(PAINTING.to_owned(), "0".into())],
            arguments: Vec::new(),
            noted: true,
        }
    }

    /// Without one of the settings.
    pub fn without(mut self, name: &str) -> Self {
        self.settings.retain(|(known, _)| known != name);
        self
    }

    /// With an argument more.
    pub fn with_argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// With one of the settings from outside (README.md).
    pub fn with(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.settings.retain(|(known, _)| known != name);
        self.settings.push((name.to_owned(), value.into()));
        self
    }
}

/// The running app.
pub struct App {
    client: Client,
    driver: Process,
    /// What the page said and heard, as far as it was asked.
    heard: Mutex<Vec<String>>,
    display: String,
    _driver_port: Port,
}

impl App {
    /// Starts it and waits for its window.
    pub async fn start(launch: &Launch, env: &Environment, logs: &Path) -> Result<Self> {
        let mut env = env.clone().with("TAURI_WEBVIEW_AUTOMATION", "true");
        for (name, value) in &launch.settings {
            env.set(name, value);
        }
        let port = Port::reserve()?;
        let mut command = env.command("WebKitWebDriver");
        command.args([format!("--port={}", port.number()), "--host=127.0.0.1".to_owned()]);
        let driver = Process::start("app", &mut command, logs)?;
        let options =
            json!({ "webkitgtk:browserOptions": { "binary": launch.program, "args": launch.arguments } });
        let client = connect(port.number(), options).await.with_context(|| {
            let said = std::fs::read_to_string(driver.log()).unwrap_or_default();
            format!("the app's window did not open; it said:\n{said}")
        })?;
        client.update_timeouts(timeouts()).await?;
        if launch.noted {
            client.execute(secrets::LISTEN, vec![]).await?;
        }
        Ok(Self {
            client,
            driver,
            heard: Mutex::default(),
            display: env.display()?.to_owned(),
            _driver_port: port,
        })
    }

    /// What the page said to Rust and heard from it, and what it holds.
    pub async fn heard(&self) -> Result<Vec<String>> {
        if !self.programs()?.is_empty() {
            let more = secrets::page(self).await?;
            self.heard_so_far().extend(more);
        }
        Ok(self.heard_so_far().clone())
    }

    fn heard_so_far(&self) -> MutexGuard<'_, Vec<String>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The app's process, as long as it runs; the web view's own processes are not among them.
    pub fn programs(&self) -> Result<Vec<u32>> {
        self.driver.children()
    }

    /// The driver's client, for what has no helper here.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Runs one expression of the helpers in the page.
    async fn ask(&self, script: &str, args: Vec<Value>) -> Result<Value> {
        Ok(self
            .client
            .execute(&format!("{HELPERS}; return {script};"), args)
            .await?)
    }

    async fn elements(&self, script: &str, by: &By) -> Result<Vec<Element>> {
        let found = self.ask(script, vec![by.path()]).await?;
        let found = found.as_array().context("the page's helper gave no list")?;
        let ids = found.iter().filter_map(|element| element[ELEMENT].as_str());
        let client = || self.client.clone();
        Ok(ids
            .map(|id| Element::from_element_id(client(), ElementRef::from(id.to_owned())))
            .collect())
    }

    /// Everything that fits at this moment.
    pub async fn all(&self, by: &By) -> Result<Vec<Element>> {
        self.elements("findAll(arguments[0])", by).await
    }

    /// Whether anything fits at this moment.
    pub async fn has(&self, by: &By) -> Result<bool> {
        Ok(!self.all(by).await?.is_empty())
    }

    /// Waits until something fits and gives the first.
    pub async fn find(&self, by: &By) -> Result<Element> {
        eventually(&by.to_string(), async || {
            Ok(self.all(by).await?.into_iter().next())
        })
        .await
    }

    /// Waits until something fits.
    pub async fn see(&self, by: &By) -> Result<()> {
        self.find(by).await.map(drop)
    }

    /// Waits until nothing fits.
    pub async fn gone(&self, by: &By) -> Result<()> {
        eventually(&format!("the end of {by}"), async || {
            Ok(self.all(by).await?.is_empty().then_some(()))
        })
        .await
    }

    /// Clicks the only thing that fits, as soon as it can be clicked.
    pub async fn click(&self, by: &By) -> Result<()> {
        eventually(&format!("a click on {by}"), async || {
            let targets = self.elements("findAll(arguments[0]).map(target)", by).await?;
            ensure!(targets.len() < 2, "{} things are {by}", targets.len());
            let Some(target) = targets.into_iter().next() else {
                return Ok(None);
            };
            // WebDriver clicks a disabled control without an error.
            if target.prop("disabled").await?.as_deref() == Some("true") {
                return Ok(None);
            }
            target.click().await?;
            Ok(Some(()))
        })
        .await
    }

    /// Replaces what stands in a field.
    pub async fn fill(&self, by: &By, text: &str) -> Result<()> {
        self.click(by).await?;
        let field = self.find(by).await?;
        let control: char = Key::Control.into();
        let release: char = Key::Null.into();
        let delete: char = Key::Delete.into();
        field.send_keys(&format!("{control}a{release}{delete}")).await?;
        if !text.is_empty() {
            field.send_keys(text).await?;
        }
        let now = field.prop("value").await?.unwrap_or_default();
        ensure!(now == text, "{by} holds “{now}” after typing “{text}”");
        Ok(())
    }

    /// Presses keys where the focus is. What has the focus may be replaced between the two calls: then no key
    /// was pressed yet.
    pub async fn press(&self, keys: &str) -> Result<()> {
        eventually("something that takes keys", async || {
            self.client.active_element().await?.send_keys(keys).await?;
            Ok(Some(()))
        })
        .await
    }

    /// Moves the focus from control to control with the Tab key, as a keyboard user does, until it is on a
    /// matching one.
    pub async fn tab_to(&self, by: &By) -> Result<()> {
        for _ in 0..40 {
            if self.has_focus(by).await? {
                return Ok(());
            }
            self.press(&char::from(Key::Tab).to_string()).await?;
        }
        bail!("the Tab key never comes to {by}")
    }

    /// Whether the focus is on a matching one at this moment.
    pub async fn has_focus(&self, by: &By) -> Result<bool> {
        let script = "findAll(arguments[0]).some((e) => target(e) === document.activeElement || e === document.activeElement)";
        Ok(self.ask(script, vec![by.path()]).await? == Value::Bool(true))
    }

    /// Waits until the focus is on a matching one.
    pub async fn see_focus(&self, by: &By) -> Result<()> {
        eventually(&format!("the focus on {by}"), async || {
            Ok(self.has_focus(by).await?.then_some(()))
        })
        .await
    }

    /// Waits until something fits and gives its text.
    pub async fn text(&self, by: &By) -> Result<String> {
        self.find(by).await?;
        let texts = self.texts(by).await?;
        texts
            .into_iter()
            .next()
            .with_context(|| format!("{by} is gone again"))
    }

    /// The texts of everything that fits at this moment.
    pub async fn texts(&self, by: &By) -> Result<Vec<String>> {
        let texts = self
            .ask(
                "findAll(arguments[0]).map((e) => squeeze(contentOf(e)))",
                vec![by.path()],
            )
            .await?;
        Ok(serde_json::from_value(texts)?)
    }

    /// Everything that a person can perceive, for a report.
    pub async fn outline(&self) -> Result<String> {
        let lines: Vec<String> = serde_json::from_value(self.ask("outline()", vec![]).await?)?;
        Ok(lines.join("\n"))
    }

    /// Makes the window this big, in pixels.
    pub async fn resize(&self, width: u32, height: u32) -> Result<()> {
        Ok(self.client.set_window_size(width, height).await?)
    }

    /// Waits until what the page shows is painted: its transitions have ended and two more frames were drawn.
    pub async fn settle(&self) -> Result<()> {
        self.client.execute_async(SETTLE, vec![]).await?;
        Ok(())
    }

    /// Leaves a picture of the window.
    pub async fn picture(&self, name: &str) -> Result<()> {
        self.settle().await?;
        let png = self.client.screenshot().await?;
        Ok(std::fs::write(artifacts()?.join(format!("{name}.png")), png)?)
    }

    /// Ends the program as a power cut would.
    pub fn kill(&self) -> Result<()> {
        for program in self.programs()? {
            let status = std::process::Command::new("kill")
                .args(["-KILL", &program.to_string()])
                .status()?;
            ensure!(status.success(), "the app can't be killed");
        }
        self.driver.end();
        Ok(())
    }

    /// Closes the window as a person does, and waits until the program has ended.
    pub async fn quit(&self) -> Result<()> {
        self.ask_to_close().await?;
        self.ended().await
    }

    /// Presses the window's close button.
    pub async fn ask_to_close(&self) -> Result<()> {
        let programs = self.programs()?;
        ensure!(!programs.is_empty(), "the app does not run");
        self.heard().await?;
        let closed = screen::close_windows_of(&programs, &self.display)?;
        ensure!(closed > 0, "the app has no window to close");
        Ok(())
    }

    /// Waits until the app has ended by itself.
    pub async fn ended(&self) -> Result<()> {
        eventually("the end of the app", async || {
            Ok(self.programs()?.is_empty().then_some(()))
        })
        .await
    }
}

fn timeouts() -> fantoccini::wd::TimeoutConfiguration {
    let limit = Some(super::PATIENCE);
    fantoccini::wd::TimeoutConfiguration::new(limit, limit, None)
}

/// A session with the WebDriver server on `port`, which may still be starting.
pub async fn connect(port: u16, options: Value) -> Result<Client> {
    let Value::Object(options) = options else {
        bail!("capabilities are an object")
    };
    eventually("the driver's port", async || {
        Ok(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok())
    })
    .await?;
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(options);
    let address = format!("http://127.0.0.1:{port}");
    let session = builder.connect(&address);
    Ok(tokio::time::timeout(super::PATIENCE, session)
        .await
        .context("the driver opened no window")??)
}
