//! An unresponsive window, and what a later start does and says (security.md 13).

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use console::settings::APP_LINK;
use ezeep_sim_faults::{Consent, known};

use crate::harness::{
    App, Environment, Launch, Process, Role, Setup, World, button, close_windows_of, eventually, named,
    scenario, status,
};

/// The app's process, stopped (`SIGSTOP`) until this is dropped.
struct Stopped(Vec<u32>);

impl Stopped {
    fn stop(app: &App) -> Result<Self> {
        let programs = app.programs()?;
        ensure!(!programs.is_empty(), "the app does not run");
        let stopped = Self(programs);
        ensure!(stopped.signal("-STOP"), "the app could not be stopped");
        Ok(stopped)
    }

    fn signal(&self, signal: &str) -> bool {
        let ids = self.0.iter().map(ToString::to_string);
        let status = Command::new("kill").arg(signal).args(ids).status();
        status.is_ok_and(|status| status.success())
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        self.signal("-CONT");
    }
}

/// A start beside the running one, with a link as the desktop passes it.
struct Later(Process);

impl Later {
    fn start(world: &World, launch: &Launch, env: &Environment, link: &str) -> Result<Self> {
        let mut env = env.clone();
        for (name, value) in &launch.settings {
            env.set(name, value);
        }
        let mut command = env.command(&launch.program);
        Process::start("later", command.arg(link), world.logs()).map(Self)
    }

    fn said(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.0.log())?)
    }

    /// Its exit code, once it has ended.
    async fn code(&mut self) -> Result<i32> {
        let process = &mut self.0;
        eventually("the end of the later start", || {
            let code = process.exit_code();
            async move { code }
        })
        .await
    }
}

async fn waiting_for_a_link(world: &World, launch: &Launch) -> Result<(std::sync::Arc<App>, String)> {
    world.cloud.register_redirect(APP_LINK);
    let app = world.start_app_as(launch.clone()).await?;
    app.fill(&named(Role::TextBox, "Client ID"), world.cloud.client_id())
        .await?;
    app.click(&button("Sign in with browser")).await?;
    app.see(&named(Role::Status, "Waiting for your browser")).await?;
    let field = app.find(&named(Role::TextBox, "Sign-in link")).await?;
    let link = field.prop("value").await?.context("the link is shown")?;
    let consent = Consent::Allow(known::ONE_ORGANIZATION_ADMIN.email);
    let answer = world.control().consent(&link.parse()?, consent)?;
    Ok((app, answer))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_beside_a_window_that_stands_still_says_so_ends_and_loses_no_link() -> Result<()> {
    scenario("frozen", Setup::default(), async |world| {
        let launch = world.launch().with("PRESSROOM_REDIRECT_URI", APP_LINK);
        let (app, answer) = waiting_for_a_link(world, &launch).await?;
        let stopped = Stopped::stop(&app)?;
        let process = stopped.0[0].to_string();

        // Without a screen the message goes to standard error only.
        let blind = world.env().clone().with("DISPLAY", "");
        let mut later = Later::start(world, &launch, &blind, &answer)?;
        ensure!(
            later.code().await? != 0,
            "a start that opened nothing is no success"
        );
        let said = later.said()?;
        for part in ["does not answer", process.as_str(), "link"] {
            ensure!(said.contains(part), "no {part:?} in what it said: {said}");
        }
        ensure!(!said.contains("code="), "a code is a secret: {said}");

        // The first window has the link when it continues.
        drop(stopped);
        app.see(&status("2,000 users")).await?;
        ensure!(
            world.control().live_families().len() == 1,
            "one link is one sign-in"
        );
        app.quit().await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_screen_it_is_said_in_a_message_in_the_persons_language() -> Result<()> {
    scenario("frozen-message", Setup::default(), async |world| {
        let app = world.start_app().await?;
        app.see(&named(Role::Heading, "Sign in to ezeep")).await?;
        let stopped = Stopped::stop(&app)?;
        let german = world.env().clone().with("LC_ALL", "de_DE.UTF-8");
        let mut later = Later::start(world, &world.launch(), &german, "")?;
        let display = world.env().display()?;
        // It waits until the user closes the dialog.
        let id = later.0.id();
        let mut closed = 0;
        let code = eventually("the end of the later start", || {
            let closing = close_windows_of(&[id], display);
            closed += closing.as_ref().copied().unwrap_or(0);
            let code = later.0.exit_code();
            async move { closing.and(code) }
        })
        .await?;
        ensure!(closed > 0, "there was no message");
        ensure!(code != 0, "a start that opened nothing is no success");
        let said = later.said()?;
        ensure!(said.contains("antwortet nicht"), "{said}");
        drop(stopped);
        app.see(&named(Role::Heading, "Sign in to ezeep")).await?;
        app.quit().await
    })
    .await
}
