//! The person's browser: a real Chromium with a window, started before the app. Links reach it through the
//! real `xdg-open`; the test then looks at the tab that opened. Must never be told an address by the test
//! itself.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use fantoccini::wd::WindowHandle;
use fantoccini::{Client, Locator};
use serde_json::json;
use testing::Port;

use super::desktop::Home;
use super::eventually;
use super::process::{Environment, Process};

pub struct Browser {
    client: Client,
    seen: Vec<WindowHandle>,
    _driver: Process,
    _chromium: Process,
    _driver_port: Port,
}

impl Browser {
    /// Starts it with an empty profile and makes it the one that opens web links.
    pub async fn start(env: &Environment, home: &Home) -> Result<Self> {
        let profile = home.dir.join("browser-profile");
        let chromium = find_program(&["chromium", "chromium-browser", "google-chrome"])?;
        let mut flags = vec![
            format!("--user-data-dir={}", profile.display()),
            // What follows keeps it from asking, updating and calling home.
            "--no-first-run".into(),
            "--no-default-browser-check".into(),
            "--disable-background-networking".into(),
            "--disable-component-update".into(),
            "--disable-sync".into(),
            "--disable-quic".into(),
            "--disable-gpu".into(),
            "--password-store=basic".into(),
        ];
        if is_root() {
            flags.push("--no-sandbox".into());
        }
        let line = [&[chromium.display().to_string()], &flags[..]].concat().join(" ");
        home.set_default_browser(&line)?;

        let mut command = env.command(&chromium);
        command.args(&flags).args([
            "--remote-debugging-port=0",
            "--window-size=1000,800",
            "about:blank",
        ]);
        let running = Process::start("chromium", &mut command, &home.logs)?;
        let port = eventually("Chromium's port", async || {
            let written = std::fs::read_to_string(profile.join("DevToolsActivePort"))?;
            Ok(written.lines().next().and_then(|line| line.parse::<u16>().ok()))
        })
        .await?;

        let driver_port = Port::reserve()?;
        let mut command = env.command("chromedriver");
        let driver = Process::start(
            "chromedriver",
            command.arg(format!("--port={}", driver_port.number())),
            &home.logs,
        )?;
        let options = json!({ "goog:chromeOptions": { "debuggerAddress": format!("127.0.0.1:{port}") } });
        let client = super::app::connect(driver_port.number(), options).await?;
        let seen = client.windows().await?;
        Ok(Self {
            client,
            seen,
            _driver: driver,
            _chromium: running,
            _driver_port: driver_port,
        })
    }

    /// Waits for a tab that wasn't there before and looks at it from now on. Gives its address.
    pub async fn wait_for_tab(&mut self) -> Result<String> {
        let client = &self.client;
        let seen = &self.seen;
        let tab = eventually("a new tab in the browser", async || {
            Ok(client
                .windows()
                .await?
                .into_iter()
                .find(|window| !seen.contains(window)))
        })
        .await?;
        self.client.switch_to_window(tab.clone()).await?;
        self.seen.push(tab);
        eventually("the tab's page", async || {
            let url = client.current_url().await?;
            Ok((url.scheme() != "about").then(|| url.to_string()))
        })
        .await
    }

    /// Clicks what `selector` names on the tab's page, as soon as it is there.
    pub async fn click(&self, selector: &str) -> Result<()> {
        eventually(&format!("{selector} in the browser"), async || {
            self.client.find(Locator::Css(selector)).await?.click().await?;
            Ok(Some(()))
        })
        .await
    }

    /// On the simulated sign-in page: chooses the person with this address, who is searched for where the
    /// page doesn't offer them.
    pub async fn choose_person(&self, email: &str) -> Result<()> {
        self.wait_for_text("Who signs in?").await?;
        if !self.text().await?.contains(email) {
            self.client
                .find(Locator::Css("#q"))
                .await?
                .send_keys(email)
                .await?;
            self.click("#find").await?;
            self.wait_for_text(email).await?;
        }
        let person = format!("//label[.//small[text()='{email}']]");
        Ok(self.client.find(Locator::XPath(&person)).await?.click().await?)
    }

    /// The visible text of the tab's page.
    pub async fn text(&self) -> Result<String> {
        Ok(self.client.find(Locator::Css("body")).await?.text().await?)
    }

    /// Waits until the tab's page shows `text`.
    pub async fn wait_for_text(&self, text: &str) -> Result<()> {
        eventually(&format!("“{text}” in the browser"), async || {
            Ok(self.text().await?.contains(text).then_some(()))
        })
        .await
    }

    /// The tab's address.
    pub async fn address(&self) -> Result<String> {
        Ok(self.client.current_url().await?.to_string())
    }

    /// How many tabs are open.
    pub async fn tabs(&self) -> Result<usize> {
        Ok(self.client.windows().await?.len())
    }

    /// Closes the tab, as a person who gives up does.
    pub async fn close_tab(&mut self) -> Result<()> {
        self.client.close_window().await?;
        let left = self.client.windows().await?;
        let first = left.into_iter().next().context("the browser has no tab left")?;
        Ok(self.client.switch_to_window(first).await?)
    }

    /// A picture of the tab.
    pub async fn picture(&self) -> Result<Vec<u8>> {
        Ok(self.client.screenshot().await?)
    }
}

fn find_program(names: &[&str]) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").context("PATH is not set")?;
    for name in names {
        if let Some(found) = std::env::split_paths(&path)
            .map(|dir| dir.join(name))
            .find(|file| file.is_file())
        {
            return Ok(found);
        }
    }
    bail!("none of {} is installed", names.join(", "))
}

fn is_root() -> bool {
    std::process::Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout == b"0\n")
}
