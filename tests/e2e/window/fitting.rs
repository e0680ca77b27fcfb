//! Dialogs with more in them than the window is high: each control can be reached, and the focus stays
//! inside.

use anyhow::{Context, Result, ensure};
use ezeep_sim_faults::known::{self, organizations};
use ezeep_sim_faults::{GroupChange, SimConfig};

use super::main_job::{self, GROUP};
use super::reading;
use crate::harness::*;

/// Both admins wrote as much as the server allows, in the smallest window.
#[tokio::test(flavor = "multi_thread")]
async fn long_values_of_two_admins_leave_the_buttons_in_the_window() -> Result<()> {
    scenario("fitting-conflict", Setup::default(), async |world| {
        let control = world.control();
        let app = world.signed_in().await?;
        app.resize(960, 600).await?;
        main_job::create_group(&app).await?;
        app.click(&button("Edit group")).await?;
        let form = dialog("Edit group");
        let long = "Größenwahnsinnige Übungsgruppe 漢字かな ".repeat(6);
        for field in ["Name", "Description"] {
            let text = named(Role::TextBox, field).inside(form.clone());
            app.fill(&text, &format!("{field} {}", long.trim_end())).await?;
        }
        let groups = control.groups(organizations::MAIN)?;
        let group = groups.iter().find(|group| group.name == GROUP);
        let group = group.context("the group is not there")?.id.clone();
        let theirs = GroupChange {
            name: Some("Donaudampfschifffahrtsgesellschaft ".repeat(7).trim_end().into()),
            description: Some("Straßenbeleuchtung ".repeat(12).trim_end().into()),
            ..GroupChange::default()
        };
        control.change_group(organizations::MAIN, &group, theirs)?;

        let save = button("Save changes").inside(form.clone());
        app.click(&save).await?;
        let alert = showing(Role::Alert, "Changed meanwhile by another admin");
        app.see(&alert).await?;
        app.picture("fitting-conflict").await?;
        // What lies below the window's edge can't be clicked.
        app.click(&save).await?;
        app.see_focus(&starting(Role::Radio, "Theirs: ").inside(named_group("Name")))
            .await?;
        app.click(&starting(Role::Radio, "Yours: ").inside(named_group("Name")))
            .await?;
        app.click(&starting(Role::Radio, "Theirs: ").inside(named_group("Description")))
            .await?;
        app.click(&save).await?;
        app.gone(&form).await?;
        let now = control.group(organizations::MAIN, &group)?;
        ensure!(now.name.starts_with("Name Größenwahnsinnige"), "{now:?}");
        app.quit().await
    })
    .await
}

fn named_group(name: &str) -> By {
    named(Role::RadioGroup, name)
}

/// The button that is pressed goes with what it does: WebKit tells of no blur then.
#[tokio::test(flavor = "multi_thread")]
async fn the_focus_stays_in_a_dialog_whose_button_goes() -> Result<()> {
    let plain = Setup::default().cloud;
    let setup = Setup {
        cloud: SimConfig {
            page_max: 20,
            ..plain
        },
        ..Setup::default()
    };
    scenario("fitting-focus", setup, async |world| {
        let control = world.control();
        let app = world.start_app().await?;
        world.sign_in_as(&app, known::ADMIN.email).await?;
        app.see(&named(Role::Heading, "Choose an organization")).await?;
        let held = reading::hold_read(&control, 60);
        app.click(&starting(Role::Button, organizations::MAIN_NAME))
            .await?;
        app.see(&starting(Role::Region, "User: ")).await?;
        app.click(&button("Cancel")).await?;
        app.see(&button("Read on")).await?;
        drop(held);
        let held = reading::hold_read(&control, 0);
        app.click(&named(Role::Checkbox, "Select all")).await?;
        app.click(&button("Add to groups")).await?;
        let groups = named(Role::ListBox, "Groups");
        app.see(&any(Role::Option).inside(groups.clone())).await?;
        app.tab_to(&groups).await?;
        app.press("\u{e015} ").await?;
        app.click(&button("Review changes")).await?;
        app.see(&showing(Role::Alert, "only partially synced")).await?;
        app.picture("fitting-sync-first").await?;
        app.tab_to(&button("Wait for the sync")).await?;
        app.press("\u{e007}").await?;
        app.see(&status("this continues by itself")).await?;
        // At once: the review that follows takes the focus by itself.
        ensure!(
            app.has_focus(&dialog("Review changes")).await?,
            "the focus is nowhere"
        );
        app.check_accessibility("waiting for the sync").await?;
        app.press("\u{e00c}").await?;
        app.gone(&dialog("Review changes")).await?;
        drop(held);
        app.quit().await
    })
    .await
}
