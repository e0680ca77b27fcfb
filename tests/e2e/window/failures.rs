//! What goes wrong on the way: each time the window says what happened and what to do, nothing is lost, and
//! the next try works.

use std::net::TcpListener;

use anyhow::{Context, Result, ensure};
use ezeep_sim_faults::known::{self, organizations};
use ezeep_sim_faults::{Fault, FaultKind, Match};

use super::main_job::{self, GROUP};
use crate::harness::*;

fn browser_button() -> By {
    button("Sign in with browser")
}

fn waiting() -> By {
    named(Role::Status, "Waiting for your browser")
}

fn alert(text: &str) -> By {
    showing(Role::Alert, text)
}

/// security.md 6, 7, 8, 11, 19: refused, cancelled, closed, squatted; then it works.
#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_fails_says_why_and_can_be_tried_again() -> Result<()> {
    scenario("sign-in-failures", Setup::default(), async |world| {
        let app = world.start_app().await?;
        let id = named(Role::TextBox, "Client ID");
        let tabs = world.browser.lock().await.tabs().await?;

        // Nothing to sign in with.
        app.click(&browser_button()).await?;
        app.see(&alert("Enter the Client ID that ezeep gave you."))
            .await?;
        ensure!(
            world.browser.lock().await.tabs().await? == tabs,
            "no browser opens without a Client ID"
        );

        // A Client ID that the server doesn't know: the server's page says so, and the window still waits and
        // can be told to stop.
        app.fill(&id, "an-id-that-nobody-gave-out").await?;
        app.click(&browser_button()).await?;
        app.see(&waiting()).await?;
        {
            let mut browser = world.browser.lock().await;
            browser.wait_for_tab().await?;
            browser.wait_for_text("not known").await?;
            browser.close_tab().await?;
        }
        app.picture("failure-unknown-client").await?;
        app.click(&button("Cancel")).await?;
        app.see(&browser_button()).await?;

        // Another program has the port.
        app.fill(&id, world.cloud.client_id()).await?;
        let tabs = world.browser.lock().await.tabs().await?;
        let squatter = TcpListener::bind(("127.0.0.1", world.redirect_port()))?;
        app.click(&browser_button()).await?;
        app.see(&alert(&format!(
            "Port {} is used by another program",
            world.redirect_port()
        )))
        .await?;
        app.picture("failure-busy-port").await?;
        ensure!(
            world.browser.lock().await.tabs().await? == tabs,
            "no browser opens where it can't come back"
        );
        drop(squatter);

        // Refused in the browser.
        app.click(&browser_button()).await?;
        app.see(&waiting()).await?;
        {
            let mut browser = world.browser.lock().await;
            browser.wait_for_tab().await?;
            browser.click("#refuse").await?;
        }
        app.see(&alert("Access was refused in the browser")).await?;
        app.picture("failure-refused").await?;

        // The browser is closed: the window waits on, opens it again, and is told to stop.
        app.click(&browser_button()).await?;
        app.see(&waiting()).await?;
        {
            let mut browser = world.browser.lock().await;
            browser.wait_for_tab().await?;
            browser.close_tab().await?;
            app.click(&button("Open the browser again")).await?;
            browser.wait_for_tab().await?;
            browser.wait_for_text("Who signs in?").await?;
        }
        app.picture("failure-closed-browser").await?;
        app.click(&button("Cancel")).await?;
        app.see(&browser_button()).await?;
        ensure!(
            TcpListener::bind(("127.0.0.1", world.redirect_port())).is_ok(),
            "the port is free again after a cancel"
        );

        // And then it works; the one organization besides Private is opened without a question.
        world
            .sign_in_as(&app, known::ONE_ORGANIZATION_ADMIN.email)
            .await?;
        app.see(&button(format!("Organization: {}", organizations::MAIN_NAME)))
            .await?;
        app.see(&status("2,000 users")).await?;
        app.quit().await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_keep_me_signed_in_a_restart_asks_again() -> Result<()> {
    scenario("memory-only", Setup::default(), async |world| {
        let app = world.start_app().await?;
        app.click(&named(Role::Checkbox, "Keep me signed in")).await?;
        world
            .sign_in_as(&app, known::ONE_ORGANIZATION_ADMIN.email)
            .await?;
        app.see(&status("2,000 users")).await?;
        ensure!(world.keychain.records()? == 0, "nothing is kept");
        app.quit().await?;
        let app = world.start_app().await?;
        app.see(&browser_button()).await?;
        app.quit().await
    })
    .await
}

/// The Microsoft button asks the server for Microsoft's sign-in.
#[tokio::test(flavor = "multi_thread")]
async fn an_admin_signs_in_with_microsoft() -> Result<()> {
    scenario("microsoft", Setup::default(), async |world| {
        let app = world.start_app().await?;
        app.fill(&named(Role::TextBox, "Client ID"), world.cloud.client_id())
            .await?;
        app.click(&button("Sign in with Microsoft")).await?;
        app.see(&waiting()).await?;
        {
            let mut browser = world.browser.lock().await;
            browser.wait_for_tab().await?;
            ensure!(
                browser.address().await?.contains("/microsoft/"),
                "the browser goes straight to Microsoft's page"
            );
            browser.choose_person(known::MICROSOFT_ADMIN.email).await?;
            browser.click("#continue").await?;
            browser.click("#allow").await?;
        }
        app.see(&button(format!("Organization: {}", organizations::MAIN_NAME)))
            .await?;
        app.see(&status("2,000 users")).await?;
        app.quit().await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_is_no_admin_is_told_so() -> Result<()> {
    scenario("no-admin", Setup::default(), async |world| {
        let app = world.start_app().await?;
        world.sign_in_as(&app, known::ORDINARY_USER.email).await?;
        app.see(&alert("You aren’t an admin of Nordhafen Schulen"))
            .await?;
        app.picture("failure-no-admin").await?;
        app.click(&starting(Role::Button, "Account: ")).await?;
        app.click(&named(Role::MenuItem, "Sign out")).await?;

        // An admin of one organization who is an ordinary user of another is told there, and led back.
        app.see(&browser_button()).await?;
        world.sign_in_as(&app, known::ADMIN.email).await?;
        app.click(&starting(Role::Button, organizations::MAIN_NAME))
            .await?;
        app.see(&status("2,000 users")).await?;
        main_job::switch_to(&app, organizations::THIRD_NAME).await?;
        app.see(&alert("You aren’t an admin of Organization X")).await?;
        app.click(&button(format!("Switch to {}", organizations::MAIN_NAME)))
            .await?;
        app.see(&status("2,000 users")).await?;
        app.quit().await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_with_no_organization_but_private_is_told_so() -> Result<()> {
    scenario("private-only", Setup::default(), async |world| {
        let app = world.start_app().await?;
        world.sign_in_as(&app, known::PRIVATE_ONLY_ADMIN.email).await?;
        app.see(&alert("No organization to manage")).await?;
        app.picture("failure-private-only").await?;
        app.click(&button("Sign out")).await?;
        app.see(&browser_button()).await?;
        app.quit().await
    })
    .await
}

/// security.md 37: a server that is off costs nobody the sign-in.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_off_is_said_and_the_sign_in_is_kept() -> Result<()> {
    scenario("server-off", Setup::default(), async |world| {
        let control = world.control();
        let app = world.start_app().await?;
        world
            .sign_in_as(&app, known::ONE_ORGANIZATION_ADMIN.email)
            .await?;
        app.see(&status("2,000 users")).await?;

        // A read that fails leaves the list on the screen.
        let off = control.add_fault(Fault::always(Match::default(), FaultKind::DropBeforeCommit));
        app.click(&button("Read again")).await?;
        app.see(&any(Role::Alert)).await?;
        app.see(&status("2,000 users")).await?;
        app.picture("failure-server-off").await?;
        app.quit().await?;

        // A start without the server shows the list from this computer's disk, says so, and keeps the
        // sign-in.
        let app = world.start_app().await?;
        app.see(&status("2,000 users")).await?;
        app.see(&showing(Role::Alert, "can’t be reached")).await?;
        app.picture("failure-start-offline-kept").await?;
        app.quit().await?;

        // With nothing on the disk it waits for the server, and goes on when that is back.
        std::fs::remove_dir_all(world.home().join("data/cache.v2"))?;
        let app = world.start_app().await?;
        app.see(&named(
            Role::Heading,
            "Your sign-in is kept, but the server can’t be reached",
        ))
        .await?;
        app.picture("failure-start-offline").await?;
        ensure!(world.keychain.sign_ins()? == 1, "the record stays");
        control.remove_fault(off);
        app.click(&button("Try again")).await?;
        app.see(&status("2,000 users")).await?;
        app.quit().await
    })
    .await
}

/// A person who is deleted between the review and the writing fails alone; the others are added.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_deleted_meanwhile_fails_alone() -> Result<()> {
    scenario("person-deleted", Setup::default(), async |world| {
        let control = world.control();
        let app = world.signed_in().await?;
        main_job::create_group(&app).await?;
        let people = main_job::ordinary_people(&control, 3)?;
        main_job::choose_people(&app, &people).await?;
        app.see(&showing(Role::Dialog, "3 will be added")).await?;

        control.remove_person(organizations::MAIN, &people[1].id)?;
        app.click(&button("Apply 3 changes")).await?;
        app.see(&status("2 applied, 1 failed")).await?;
        app.see(&showing(Role::ListItem, &people[1].name)).await?;
        app.see(&showing(
            Role::ListItem,
            "This person is no longer in the organization",
        ))
        .await?;
        app.picture("failure-person-deleted").await?;
        app.click(&button("Close")).await?;
        app.see(&showing(Role::Region, "2 of 3 applied, 1 failed"))
            .await?;
        let groups = control.groups(organizations::MAIN)?;
        let members = groups
            .iter()
            .find(|group| group.name == GROUP)
            .map(|group| group.members.clone());
        ensure!(
            members == Some(vec![people[0].id.clone(), people[2].id.clone()]),
            "the others are in: {members:?}"
        );
        app.quit().await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_form_refuses_what_the_server_would() -> Result<()> {
    scenario("group-form", Setup::default(), async |world| {
        let app = world.signed_in().await?;
        app.click(&named(Role::Link, "Groups")).await?;
        app.click(&button("New group")).await?;
        let form = dialog("New group");
        let name = named(Role::TextBox, "Name").inside(form.clone());

        app.click(&button("Create group")).await?;
        app.see(&alert("Give the group a name.")).await?;
        app.fill(&name, &"x".repeat(256)).await?;
        app.see(&alert("1 character too many (255 at most).")).await?;
        app.picture("failure-group-form").await?;
        app.fill(&name, "ezeep Blue").await?;
        app.click(&button("Create group")).await?;
        app.see(&alert("Another group has this name already")).await?;
        app.see(&form).await?;
        app.fill(&name, &"x".repeat(255)).await?;
        app.click(&button("Create group")).await?;
        app.gone(&form).await?;
        app.see(&status("61 groups")).await?;
        app.quit().await
    })
    .await
}

/// Another admin changes the same group while it is edited, and a new name looks like another group's.
#[tokio::test(flavor = "multi_thread")]
async fn two_admins_in_one_form_are_shown_both_values_and_a_name_like_anothers_is_asked_about() -> Result<()>
{
    scenario("two-admins", Setup::default(), async |world| {
        let control = world.control();
        let app = world.signed_in().await?;
        main_job::create_group(&app).await?;
        app.click(&button("Edit group")).await?;
        let form = dialog("Edit group");
        let name = named(Role::TextBox, "Name").inside(form.clone());
        app.fill(&name, "Robotics on Thursday").await?;

        let groups = control.groups(organizations::MAIN)?;
        let group = groups.iter().find(|group| group.name == GROUP);
        let group = group.context("the group is not there")?.id.clone();
        control.rename_group(organizations::MAIN, &group, "Big band")?;
        app.click(&button("Save changes")).await?;
        app.see(&alert("Changed meanwhile by another admin")).await?;
        app.see(&named(Role::Radio, "Theirs: Big band")).await?;
        app.picture("two-admins-conflict").await?;
        app.check_accessibility("two admins in one form").await?;
        app.click(&named(Role::Radio, "Yours: Robotics on Thursday"))
            .await?;
        app.click(&button("Save changes")).await?;
        app.gone(&form).await?;
        app.see(&named(Role::Region, "Group: Robotics on Thursday"))
            .await?;
        let now = control.group(organizations::MAIN, &group)?;
        ensure!(now.name == "Robotics on Thursday", "{now:?}");

        app.click(&button("New group")).await?;
        let form = dialog("New group");
        let name = named(Role::TextBox, "Name").inside(form.clone());
        app.fill(&name, "Robotics\u{a0}on  Thursday").await?;
        app.click(&button("Create group")).await?;
        app.see(&alert("This name is easily mistaken")).await?;
        app.picture("two-admins-lookalike").await?;
        app.check_accessibility("a name like another group's").await?;
        app.click(&button("Use this name anyway")).await?;
        app.gone(&form).await?;
        app.see(&status("62 groups")).await?;
        app.quit().await
    })
    .await
}
