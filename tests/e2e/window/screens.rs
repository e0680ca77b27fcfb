//! Every screen in both themes: looked at by axe-core, which must find nothing serious, and left as a
//! picture.

use anyhow::{Result, ensure};
use ezeep_sim_faults::known::{self, organizations};

use super::main_job;
use crate::harness::*;

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_is_accessible_in_the_light_theme() -> Result<()> {
    every_screen(Theme::Light).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_is_accessible_in_the_dark_theme() -> Result<()> {
    every_screen(Theme::Dark).await
}

async fn every_screen(theme: Theme) -> Result<()> {
    let name = format!("screens-{}", theme.name());
    let setup = Setup {
        theme,
        ..Setup::default()
    };
    scenario(&name, setup, async |world| {
        let control = world.control();
        let app = world.start_app().await?;
        // Every screen is looked at before the test says what is wrong with which.
        let faults = std::cell::RefCell::new(String::new());
        let look = async |screen: &str| {
            app.picture(&format!("{screen}-{}", theme.name())).await?;
            if let Err(fault) = app
                .check_accessibility(&format!("{screen} ({})", theme.name()))
                .await
            {
                faults.borrow_mut().push_str(&format!("{fault}\n"));
            }
            anyhow::Ok(())
        };

        app.see(&named(Role::Heading, "Sign in to ezeep")).await?;
        let dark = app
            .client()
            .execute(
                "return matchMedia('(prefers-color-scheme: dark)').matches",
                vec![],
            )
            .await?;
        ensure!(
            dark.as_bool() == Some(theme == Theme::Dark),
            "the window follows the desktop's theme"
        );
        look("sign-in").await?;
        app.click(&button("Where do I get one?")).await?;
        app.see(&dialog("How to get a Client ID")).await?;
        look("sign-in-help").await?;
        app.press("\u{e00c}").await?;
        app.click(&button("Sign in with browser")).await?;
        app.see(&any(Role::Alert)).await?;
        look("sign-in-complaint").await?;

        app.fill(&named(Role::TextBox, "Client ID"), world.cloud.client_id())
            .await?;
        app.click(&button("How the browser comes back")).await?;
        app.see(&starting(Role::Radio, "App link")).await?;
        look("way-back").await?;
        app.click(&button("Use a pairing code")).await?;
        app.see(&named(Role::Image, "Pairing QR code")).await?;
        look("pairing").await?;
        app.click(&button("Cancel")).await?;
        app.click(&button("Sign in with browser")).await?;
        app.see(&named(Role::Status, "Waiting for your browser")).await?;
        look("waiting").await?;
        world.allow_as(known::ADMIN.email).await?;
        app.see(&named(Role::Heading, "Choose an organization")).await?;
        look("choose-organization").await?;
        app.click(&starting(Role::Button, organizations::MAIN_NAME))
            .await?;

        app.see(&status("2,000 users")).await?;
        app.see(&starting(Role::Region, "User: ")).await?;
        look("users").await?;
        super::grid::looks(&app, &look).await?;
        app.fill(&named(Role::SearchBox, "Search users"), "müller")
            .await?;
        app.see(&status("of 2,000 users")).await?;
        look("users-search").await?;
        app.fill(&named(Role::SearchBox, "Search users"), "nobody is called this")
            .await?;
        app.see(&status("0 of 2,000 users")).await?;
        look("users-none").await?;
        app.fill(
            &named(Role::SearchBox, "Search users"),
            known::ORDINARY_USER.email,
        )
        .await?;
        app.see(&starting(Role::Region, "User: Jonas Müller")).await?;
        app.click(&button("Edit groups")).await?;
        app.see(&starting(Role::Dialog, "Edit groups of ")).await?;
        app.see(&any(Role::Option)).await?;
        look("edit-groups").await?;
        app.click(&button("Cancel")).await?;

        app.click(&starting(Role::Button, "Organization: ")).await?;
        app.see(&any(Role::Menu)).await?;
        look("organizations-menu").await?;
        app.press("\u{e00c}").await?;
        app.gone(&any(Role::Menu)).await?;
        app.click(&starting(Role::Button, "Account: ")).await?;
        app.see(&named(Role::MenuItem, "Sign out")).await?;
        look("account-menu").await?;
        app.press("\u{e00c}").await?;
        app.gone(&any(Role::Menu)).await?;

        app.click(&named(Role::Link, "Groups")).await?;
        app.see(&status("60 groups")).await?;
        app.see(&starting(Role::Region, "Group: ")).await?;
        look("groups").await?;
        app.fill(&named(Role::SearchBox, "Search groups"), "EfA Printer")
            .await?;
        app.see(&named(Role::Region, "Group: EfA Printer")).await?;
        look("group-azure").await?;
        app.fill(&named(Role::SearchBox, "Search groups"), "").await?;
        main_job::create_group(&app).await?;
        look("group-empty").await?;
        app.click(&named(Role::Tab, "Settings")).await?;
        look("group-settings").await?;
        app.click(&named(Role::Tab, "Members")).await?;
        app.click(&button("Edit group")).await?;
        app.see(&dialog("Edit group")).await?;
        look("edit-group").await?;
        app.click(&button("Cancel")).await?;

        let people = main_job::ordinary_people(&control, 3)?;
        app.click(&button("Add members")).await?;
        app.see(&dialog("Add members")).await?;
        app.see(&any(Role::Option)).await?;
        look("add-members").await?;
        app.click(&button("Cancel")).await?;
        main_job::choose_people(&app, &people).await?;
        app.see(&button("Apply 3 changes")).await?;
        app.see(&showing(Role::ListItem, &people[2].name)).await?;
        look("review").await?;
        app.click(&button("Apply 3 changes")).await?;
        app.see(&status("3 applied, 0 failed")).await?;
        look("result").await?;
        app.click(&button("Close")).await?;
        app.see(&status("3 members")).await?;
        look("group-members").await?;
        app.click(&button("Delete group")).await?;
        app.see(&starting(Role::Dialog, "Delete group ")).await?;
        look("delete-group").await?;
        app.click(&button("Cancel")).await?;

        app.click(&named(Role::Link, "Settings")).await?;
        app.see(&named(Role::Heading, "Settings")).await?;
        look("settings").await?;

        app.click(&starting(Role::Button, "Account: ")).await?;
        app.click(&named(Role::MenuItem, "Add another account")).await?;
        app.see(&dialog("Add an account")).await?;
        look("account-add").await?;
        app.click(&starting(Role::Button, "Back to ")).await?;

        // A change under review, when the session ends and then the program.
        app.click(&named(Role::Link, "Groups")).await?;
        main_job::choose_people(&app, &main_job::ordinary_people(&control, 5)?[3..]).await?;
        app.see(&button("Apply 2 changes")).await?;
        control.revoke_all();
        app.click(&button("Apply 2 changes")).await?;
        app.see(&dialog("Please sign in again")).await?;
        look("session-ended").await?;
        app.click(&button("Not now")).await?;
        app.see(&button("Sign in again").inside(any(Role::Alert))).await?;
        look("run-waits-for-sign-in").await?;
        app.click(&button("Stop")).await?;
        app.click(&button("Close")).await?;
        app.see(&button("Sign in again")).await?;
        look("session-ended-bar").await?;
        app.quit().await?;

        let app = world.start_app().await?;
        // What was read last is there to be looked at, and one button asks.
        app.see(&status("2,000 users")).await?;
        app.picture(&format!("kept-ended-{}", theme.name())).await?;
        app.click(&button("Sign in again")).await?;
        app.see(&dialog("Please sign in again")).await?;
        app.quit().await?;
        let faults = faults.take();
        ensure!(faults.is_empty(), "{faults}");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_speaks_the_desktops_german() -> Result<()> {
    let setup = Setup {
        language: Language::German,
        ..Setup::default()
    };
    scenario("german", setup, async |world| {
        let app = world.start_app().await?;
        app.see(&named(Role::Heading, "Bei ezeep anmelden")).await?;
        ensure!(
            app.client()
                .execute("return document.documentElement.lang", vec![])
                .await?
                == "de",
            "the page says so"
        );
        app.picture("german-sign-in").await?;
        app.check_accessibility("sign-in (German)").await?;
        app.fill(&named(Role::TextBox, "Client-ID"), world.cloud.client_id())
            .await?;
        app.click(&button("Mit dem Browser anmelden")).await?;
        world.allow_as(known::ONE_ORGANIZATION_ADMIN.email).await?;
        app.see(&status("2.000 Personen")).await?;
        app.picture("german-users").await?;
        app.quit().await
    })
    .await
}

/// A machine without a locale ("C" is no language tag) gets English, not an empty window.
#[tokio::test(flavor = "multi_thread")]
async fn the_window_speaks_english_where_no_language_is_set() -> Result<()> {
    let setup = Setup {
        language: Language::Unset,
        ..Setup::default()
    };
    scenario("no-language", setup, async |world| {
        let app = world.start_app().await?;
        app.see(&named(Role::Heading, "Sign in to ezeep")).await?;
        app.quit().await
    })
    .await
}

/// Names as long as the servers allow break no layout: nothing grows wider than the window.
#[tokio::test(flavor = "multi_thread")]
async fn long_names_fit_a_small_window() -> Result<()> {
    scenario("long-names", Setup::default(), async |world| {
        let control = world.control();
        let long = "Donaudampfschifffahrtsgesellschaftskapitänsmütze ".repeat(5);
        let long = long.trim_end();
        let group = control.create_group(organizations::MAIN, long, false)?;
        let people = main_job::ordinary_people(&control, 1)?;
        control.add_to_group(organizations::MAIN, &people[0].id, &group)?;
        let app = world.signed_in().await?;
        for (width, height) in [(1280, 800), (960, 640)] {
            app.resize(width, height).await?;
            app.click(&named(Role::Link, "Users")).await?;
            app.fill(&named(Role::SearchBox, "Search users"), &people[0].email)
                .await?;
            app.see(&named(Role::Region, format!("User: {}", people[0].name)))
                .await?;
            app.see(&showing(Role::ListItem, "Donaudampf")).await?;
            app.picture(&format!("long-names-user-{width}")).await?;
            ensure_no_overflow(&app).await?;
            app.click(&named(Role::Link, "Groups")).await?;
            app.fill(&named(Role::SearchBox, "Search groups"), "Donaudampf")
                .await?;
            app.see(&named(Role::Region, format!("Group: {long}"))).await?;
            app.picture(&format!("long-names-group-{width}")).await?;
            ensure_no_overflow(&app).await?;
            app.click(&button("Delete group")).await?;
            app.see(&dialog(format!("Delete group {long}?"))).await?;
            app.picture(&format!("long-names-delete-{width}")).await?;
            ensure_no_overflow(&app).await?;
            app.click(&button("Cancel")).await?;
        }
        app.quit().await
    })
    .await
}

async fn ensure_no_overflow(app: &App) -> Result<()> {
    let script = "const root = document.documentElement; return root.scrollWidth - root.clientWidth";
    let over = app.client().execute(script, vec![]).await?;
    ensure!(
        over.as_i64().is_some_and(|pixels| pixels <= 0),
        "the page is {over} px wider than the window"
    );
    Ok(())
}
