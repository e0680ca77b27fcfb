//! A read that takes its time, in the real window: how far it is, how long it will take, stopped, and gone on
//! with.

use std::time::Duration;

use anyhow::{Result, ensure};
use ezeep_sim_faults::known::{self, organizations};
use ezeep_sim_faults::{Control, Match, Pause, SimConfig, When};

use crate::harness::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_long_read_is_told_stopped_and_gone_on_with_in_the_light_theme() -> Result<()> {
    a_long_read(Theme::Light).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_read_is_told_stopped_and_gone_on_with_in_the_dark_theme() -> Result<()> {
    a_long_read(Theme::Dark).await
}

/// What the progress says, in words: "Reading 412 of 4,060, about 12 seconds left".
async fn told(app: &App) -> Result<String> {
    let bar = app
        .find(&named(Role::Progressbar, "Reading the directory"))
        .await?;
    Ok(bar.attr("aria-valuetext").await?.unwrap_or_default())
}

/// Holds the request after this many pages of print users, so that the read can't end until it is released.
pub fn hold_read(control: &Control, pages: u32) -> Pause {
    let page = Match::new("GET", "/printing/v1/users/").skip(pages);
    control.pause(When::BeforeCommit, page)
}

async fn a_long_read(theme: Theme) -> Result<()> {
    let plain = Setup::default().cloud;
    let setup = Setup {
        theme,
        cloud: SimConfig {
            page_max: 20,
            ..plain
        },
        ..Setup::default()
    };
    let name = theme.name();
    scenario(&format!("reading-{name}"), setup, async |world| {
        let control = world.control();
        let app = world.start_app().await?;
        app.resize(1400, 900).await?;
        world.sign_in_as(&app, known::ADMIN.email).await?;
        app.see(&named(Role::Heading, "Choose an organization")).await?;
        control.set_latency(Duration::from_millis(700));
        let held = hold_read(&control, 60);
        app.click(&starting(Role::Button, organizations::MAIN_NAME))
            .await?;

        // The first rows are there while the rest is read, and the foot tells how long that will take.
        app.see(&starting(Role::Region, "User: ")).await?;
        eventually("how long it will take", async || {
            let told = told(&app).await?;
            Ok((told.starts_with("Reading ") && told.ends_with(" left")).then_some(()))
        })
        .await?;
        ensure!(
            !app.outline().await?.contains("The printing server doesn’t know"),
            "nobody is called unknown to a server whose list is still being read"
        );
        app.picture(&format!("reading-01-progress-{name}")).await?;
        app.resize(1000, 700).await?;
        app.picture(&format!("reading-01-progress-small-{name}")).await?;
        app.resize(1400, 900).await?;
        app.check_accessibility(&format!("reading ({name})")).await?;

        app.click(&button("Cancel")).await?;
        app.see(&button("Read on")).await?;
        app.gone(&any(Role::Progressbar)).await?;
        ensure!(
            !app.has(&status("2,000 users")).await?,
            "it was stopped before its end"
        );
        app.picture(&format!("reading-02-stopped-{name}")).await?;
        app.check_accessibility(&format!("reading stopped ({name})"))
            .await?;

        let before = control.requests().len();
        control.forget_requests();
        drop(held);
        let held = hold_read(&control, 0);
        app.click(&button("Read on")).await?;
        app.see(&named(Role::Progressbar, "Reading the directory"))
            .await?;
        app.picture(&format!("reading-03-on-{name}")).await?;
        control.set_latency(Duration::ZERO);
        drop(held);
        app.see(&status("2,000 users")).await?;
        app.gone(&any(Role::Progressbar)).await?;
        ensure!(!app.has(&button("Read on")).await?);
        let again = control
            .requests()
            .iter()
            .filter(|request| {
                request
                    .query
                    .as_deref()
                    .is_some_and(|query| query.ends_with("offset=0"))
            })
            .count();
        ensure!(
            again == 0,
            "{again} lists were read from their beginning, after {before} requests"
        );

        // One that has nothing new to say says so.
        app.click(&button("Read again")).await?;
        app.see(&status("Nothing had changed")).await?;
        app.picture(&format!("reading-04-done-{name}")).await?;
        app.quit().await
    })
    .await
}
