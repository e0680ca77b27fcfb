//! The main job, end to end.

use anyhow::{Context, Result, ensure};
use ezeep_sim_faults::known::{self, organizations};
use ezeep_sim_faults::{Control, PersonView};

use crate::harness::*;

pub const GROUP: &str = "Robotics club";

/// security.md 1, 5, 25, 34 (a restart), 41, 44, as far as a person sees them.
#[tokio::test(flavor = "multi_thread")]
async fn an_admin_does_the_main_job() -> Result<()> {
    scenario("main-job", Setup::default(), async |world| {
        let control = world.control();
        let app = world.start_app().await?;
        app.see(&named(Role::Heading, "Sign in to ezeep")).await?;
        app.picture("main-01-sign-in").await?;
        world.sign_in_as(&app, known::ADMIN.email).await?;

        // The token speaks for Private at first: with two organizations to manage, the app asks.
        app.see(&named(Role::Heading, "Choose an organization")).await?;
        app.picture("main-02-choose").await?;
        app.click(&starting(Role::Button, organizations::MAIN_NAME))
            .await?;
        app.see(&button(format!("Organization: {}", organizations::MAIN_NAME)))
            .await?;
        app.see(&status("2,000 users")).await?;
        app.see(&named(Role::Grid, "Users")).await?;
        app.picture("main-03-users").await?;
        ensure!(
            world.keychain.sign_ins()? == 1,
            "one sign-in is one record in the keychain"
        );
        {
            let browser = world.browser.lock().await;
            let address = browser.address().await?;
            ensure!(
                !address.contains("access_token"),
                "the browser must not see a token: {address}"
            );
        }

        // Search takes words in any order and without accents.
        let search = named(Role::SearchBox, "Search users");
        app.fill(&search, "ozdemir mehmet").await?;
        let found = app.text(&status("of 2,000 users")).await?;
        ensure!(
            app.has(&showing(Role::Row, "mehmet.oezdemir@nordhafen.example"))
                .await?,
            "{found}"
        );
        app.picture("main-04-search").await?;
        app.fill(&search, "").await?;
        app.see(&status("2,000 users")).await?;

        create_group(&app).await?;
        let before = control.groups(organizations::MAIN)?;
        let group = before
            .iter()
            .find(|group| group.name == GROUP)
            .context("the server has the new group")?;
        ensure!(group.members.is_empty(), "a new group has nobody in it");
        let id = group.id.clone();

        let people = ordinary_people(&control, 3)?;
        add_people(&app, GROUP, &people).await?;
        let members = control.group(organizations::MAIN, &id)?.members;
        ensure!(
            members.len() == 3,
            "the server has {} members instead of 3",
            members.len()
        );
        app.see(&status("3 members")).await?;
        app.see(&showing(Role::Region, "3 members")).await?;
        app.picture("main-07-members").await?;

        // Out again: just the one.
        app.click(&named(Role::Checkbox, format!("Select {}", people[1].name)))
            .await?;
        app.click(&button("Remove from group")).await?;
        app.see(&dialog("Review changes")).await?;
        app.click(&button("Apply 1 change")).await?;
        app.see(&status("1 applied, 0 failed")).await?;
        app.click(&button("Close")).await?;
        app.see(&status("2 members")).await?;
        let left = control.group(organizations::MAIN, &id)?.members;
        ensure!(
            left.len() == 2 && left.iter().all(|one| members.contains(one)),
            "the right one is out"
        );

        // A group with people in it asks for its name.
        app.click(&button("Delete group")).await?;
        let question = dialog(format!("Delete group {GROUP}?"));
        app.see(&question).await?;
        app.picture("main-08-delete").await?;
        app.fill(
            &named(Role::TextBox, "Type the group's name").inside(question.clone()),
            GROUP,
        )
        .await?;
        app.click(&button("Delete group").inside(question.clone()))
            .await?;
        app.gone(&question).await?;
        app.see(&status("60 groups")).await?;
        ensure!(
            control.group(organizations::MAIN, &id).is_err(),
            "the server has the group no more"
        );

        switch_to(&app, organizations::SECOND_NAME).await?;
        let second = control.people(organizations::SECOND)?.len();
        app.click(&named(Role::Link, "Users")).await?;
        app.see(&status(format!("{second} users"))).await?;
        app.picture("main-09-second-organization").await?;

        // Quit, start again: signed in from the keychain, in the organization used last, and no browser
        // opens.
        let tabs = world.browser.lock().await.tabs().await?;
        app.quit().await?;
        let app = world.start_app().await?;
        app.see(&button(format!("Organization: {}", organizations::SECOND_NAME)))
            .await?;
        app.see(&status(format!("{second} users"))).await?;
        ensure!(
            world.browser.lock().await.tabs().await? == tabs,
            "a restart opens no browser"
        );
        app.picture("main-10-after-restart").await?;

        let families = control.live_families();
        ensure!(
            families.len() == 1,
            "one sign-in is one grant, not {}",
            families.len()
        );
        app.click(&button(format!("Account: {}", known::ADMIN.email)))
            .await?;
        app.click(&named(Role::MenuItem, "Sign out")).await?;
        app.see(&named(Role::Heading, "Sign in to ezeep")).await?;
        eventually("the grant's end on the server", async || {
            Ok(control.live_families().is_empty().then_some(()))
        })
        .await?;
        ensure!(
            world.keychain.records()? == 0,
            "the record is gone from the keychain"
        );
        app.quit().await?;

        // And stays signed out.
        let app = world.start_app().await?;
        app.see(&named(Role::Heading, "Sign in to ezeep")).await?;
        app.quit().await
    })
    .await
}

pub async fn create_group(app: &App) -> Result<()> {
    app.click(&named(Role::Link, "Groups")).await?;
    app.see(&status("60 groups")).await?;
    app.click(&button("New group")).await?;
    let form = dialog("New group");
    app.fill(&named(Role::TextBox, "Name").inside(form.clone()), GROUP)
        .await?;
    app.fill(
        &named(Role::TextBox, "Description").inside(form.clone()),
        "Thursdays, room 12",
    )
    .await?;
    app.click(&named(Role::Switch, "MyPrinters").inside(form.clone()))
        .await?;
    app.picture("main-05-new-group").await?;
    app.click(&button("Create group").inside(form.clone())).await?;
    app.gone(&form).await?;
    app.see(&status("61 groups")).await?;
    app.see(&named(Role::Region, format!("Group: {GROUP}"))).await
}

/// People of the main organization who can be put into a group: known to both servers, with a name of their
/// own.
pub fn ordinary_people(control: &Control, how_many: usize) -> Result<Vec<PersonView>> {
    let all = control.people(organizations::MAIN)?;
    let fits =
        |one: &PersonView| one.on_account_server && one.on_printing_server && !one.pending && !one.admin;
    let alone = |one: &PersonView| all.iter().filter(|other| other.name == one.name).count() == 1;
    let people: Vec<_> = all
        .iter()
        .filter(|one| fits(one) && alone(one))
        .take(how_many)
        .cloned()
        .collect();
    ensure!(
        people.len() == how_many,
        "the organization has {} such people",
        people.len()
    );
    Ok(people)
}

/// Adds people to the open group, each found by address, through the review.
pub async fn add_people(app: &App, group: &str, people: &[PersonView]) -> Result<()> {
    let how_many = people.len();
    choose_people(app, people).await?;
    let review = dialog("Review changes");
    app.see(&showing(Role::Dialog, format!("{how_many} will be added")))
        .await?;
    let lines = any(Role::ListItem).inside(named(Role::List, "Changes").inside(review.clone()));
    eventually("the changes", async || {
        Ok((app.all(&lines).await?.len() == how_many).then_some(()))
    })
    .await?;
    ensure!(
        app.has(&showing(Role::Dialog, group)).await?,
        "the review names the group"
    );
    app.picture("main-06-review").await?;
    app.click(&button(format!("Apply {how_many} changes")).inside(review))
        .await?;
    app.see(&status(format!("{how_many} applied, 0 failed"))).await?;
    app.click(&button("Close")).await
}

/// Opens "Add members" in the open group, chooses people and asks for the review.
pub async fn choose_people(app: &App, people: &[PersonView]) -> Result<()> {
    app.click(&button("Add members")).await?;
    let choose = dialog("Add members");
    let list = named(Role::ListBox, "Users").inside(choose.clone());
    for person in people {
        app.fill(
            &named(Role::SearchBox, "Search users").inside(choose.clone()),
            &person.email,
        )
        .await?;
        app.click(&starting(Role::Option, person.name.clone()).inside(list.clone()))
            .await?;
    }
    app.see(&showing(Role::Dialog, format!("{} chosen", people.len())))
        .await?;
    app.click(&button("Review changes").inside(choose)).await
}

/// Switches the organization through the menu at the top.
pub async fn switch_to(app: &App, name: &str) -> Result<()> {
    app.click(&starting(Role::Button, "Organization: ")).await?;
    app.click(&starting(Role::MenuItem, name)).await?;
    app.see(&button(format!("Organization: {name}"))).await
}
