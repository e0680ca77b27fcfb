//! A sign-in that ends, is killed, is shared or comes another way: the window goes on where it was, and
//! nothing is lost.

use anyhow::{Context, Result, bail, ensure};
use ezeep_sim_faults::known::{self, organizations};
use ezeep_sim_faults::{Match, Pause, PersonView, When};

use super::main_job::{self, GROUP};
use crate::harness::*;

const SECOND: &str = known::ONE_ORGANIZATION_ADMIN.email;

/// In a new group, with people chosen and the review open.
async fn review_of(world: &World, app: &App, how_many: usize) -> Result<Vec<PersonView>> {
    main_job::create_group(app).await?;
    let people = main_job::ordinary_people(&world.control(), how_many)?;
    main_job::choose_people(app, &people).await?;
    app.see(&showing(Role::Dialog, format!("{how_many} will be added")))
        .await?;
    Ok(people)
}

fn members(world: &World) -> Result<Vec<String>> {
    let control = world.control();
    let groups = control.groups(organizations::MAIN)?;
    let group = groups
        .iter()
        .find(|group| group.name == GROUP)
        .context("the server has the group")?;
    Ok(control.group(organizations::MAIN, &group.id)?.members)
}

/// Holds the replies to the first writes: as many as a run sends at once, so that it gets no further.
fn hold_writes(world: &World) -> [Pause; 4] {
    [0, 1, 2, 3].map(|skip| {
        let write = Match::new("PATCH", "/printing/v1/users/").skip(skip);
        world.control().pause(When::AfterCommit, write)
    })
}

/// security.md 34, 37: a session that ends by itself is one question in front of everything as it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_comes_back_to_the_very_place() -> Result<()> {
    scenario("session-ends", Setup::default(), async |world| {
        let app = world.signed_in().await?;
        let people = review_of(world, &app, 3).await?;
        world.control().revoke_all();
        app.click(&button("Apply 3 changes")).await?;
        let question = dialog("Please sign in again");
        app.see(&question).await?;
        app.see(&showing(Role::Dialog, known::ADMIN.email)).await?;
        app.picture("session-ended").await?;
        ensure!(
            members(world)?.is_empty(),
            "nothing was written without a session"
        );

        // It can be looked at meanwhile.
        app.click(&button("Not now")).await?;
        app.gone(&question).await?;
        app.picture("session-ended-not-now").await?;
        app.see(&any(Role::Alert)).await?;
        app.picture("session-ended-alert").await?;
        app.click(&button("Sign in again").inside(any(Role::Alert)))
            .await?;
        app.click(&button("Sign in with browser").inside(question.clone()))
            .await?;
        app.see(&named(Role::Status, "Waiting for your browser")).await?;
        app.picture("session-ended-waiting").await?;
        world.allow_as(known::ADMIN.email).await?;
        app.gone(&question).await?;

        // The change has waited, and continues by itself.
        app.see(&status("3 applied, 0 failed")).await?;
        app.picture("session-again").await?;
        app.click(&button("Close")).await?;
        ensure!(members(world)?.len() == people.len(), "everybody is in the group");
        app.see(&named(Role::Region, format!("Group: {GROUP}"))).await?;
        app.quit().await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_under_review_survives_the_end_of_the_process() -> Result<()> {
    scenario("killed-in-review", Setup::default(), async |world| {
        let app = world.signed_in().await?;
        let people = review_of(world, &app, 3).await?;
        app.kill()?;
        let app = world.start_app().await?;
        app.see(&status("2,000 users")).await?;
        app.see(&showing(Role::Region, "3 changes, not begun")).await?;
        app.picture("unfinished-changes").await?;
        app.click(&button("Continue")).await?;
        app.see(&dialog("Review changes")).await?;
        app.click(&button("Apply 3 changes")).await?;
        app.see(&status("3 applied, 0 failed")).await?;
        app.click(&button("Save report")).await?;
        // The file is there before its last line is.
        eventually("the report in the person's files, with everybody", async || {
            let mut files = std::fs::read_dir(world.home())?
                .flatten()
                .map(|entry| entry.path());
            let Some(report) = files.find(|file| file.extension().is_some_and(|kind| kind == "csv")) else {
                return Ok(None);
            };
            let report = std::fs::read_to_string(report)?;
            let missing = people.iter().find(|person| !report.contains(&person.email));
            if let Some(person) = missing {
                bail!("{} is not in the report", person.email);
            }
            Ok(Some(()))
        })
        .await?;
        app.click(&button("Close")).await?;
        app.gone(&showing(Role::Region, "Unfinished changes")).await?;
        ensure!(members(world)?.len() == 3, "everybody is in the group");
        app.quit().await
    })
    .await
}

/// Users being written are written to the end; the rest waits for the next start.
#[tokio::test(flavor = "multi_thread")]
async fn closing_the_window_in_the_middle_of_a_change_leaves_nobody_half_written() -> Result<()> {
    scenario("closed-in-a-change", Setup::default(), async |world| {
        let app = world.signed_in().await?;
        let people = review_of(world, &app, 12).await?;
        let held = hold_writes(world);
        app.click(&button("Apply 12 changes")).await?;
        app.see(&named(Role::Dialog, "Applying changes")).await?;
        app.picture("applying").await?;
        for write in &held {
            write.reached().await;
        }
        app.ask_to_close().await?;
        app.see(&showing(Role::Dialog, "Stopping")).await?;
        drop(held);
        app.ended().await?;
        let written = members(world)?.len();
        ensure!((1..12).contains(&written), "{written} of 12 shows nothing");

        let app = world.start_app().await?;
        app.see(&showing(Role::Region, format!("{written} of 12 applied")))
            .await?;
        app.picture("unfinished-half").await?;
        app.click(&button("Continue")).await?;
        app.click(&starting(Role::Button, "Apply the rest")).await?;
        app.see(&status("12 applied, 0 failed")).await?;
        app.click(&button("Close")).await?;
        ensure!(members(world)?.len() == people.len(), "everybody is in the group");
        app.quit().await
    })
    .await
}

/// As at a logout or shutdown: users being written are written to the end and recorded, and the computer may
/// sleep again.
#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_the_system_asks_for_waits_for_the_user_being_written() -> Result<()> {
    scenario("terminated-in-a-change", Setup::default(), async |world| {
        let login = LoginManager::start(world.env(), world.logs())?;
        let launch = world.launch().with("DBUS_SYSTEM_BUS_ADDRESS", login.address());
        let app = world.signed_in_with(launch).await?;
        review_of(world, &app, 12).await?;
        ensure!(login.blocked().is_empty(), "nothing runs yet");
        let held = hold_writes(world);
        app.click(&button("Apply 12 changes")).await?;
        for write in &held {
            write.reached().await;
        }
        eventually("sleep is blocked", async || {
            Ok((login.blocked() == ["idle", "sleep"]).then_some(()))
        })
        .await?;
        app.heard().await?;
        let programs = app.programs()?;
        for program in &programs {
            let kill = std::process::Command::new("kill")
                .arg(program.to_string())
                .status()?;
            ensure!(kill.success(), "the app can't be told to end");
        }
        app.see(&showing(Role::Dialog, "Stopping")).await?;
        drop(held);
        app.ended().await?;
        eventually("sleep is allowed again", async || {
            Ok(login.blocked().is_empty().then_some(()))
        })
        .await?;
        let written = members(world)?.len();
        ensure!((1..12).contains(&written), "{written} of 12 shows nothing");

        let app = world.start_app().await?;
        app.see(&showing(Role::Region, format!("{written} of 12 applied")))
            .await?;
        app.quit().await
    })
    .await
}

/// security.md 23, 24: the code is confirmed in a browser that knows nothing of this computer.
#[tokio::test(flavor = "multi_thread")]
async fn a_pairing_code_signs_in_without_a_redirect() -> Result<()> {
    scenario("pairing", Setup::default(), async |world| {
        let app = world.start_app().await?;
        app.fill(&named(Role::TextBox, "Client ID"), world.cloud.client_id())
            .await?;
        app.click(&button("Use a pairing code")).await?;
        app.see(&named(Role::Image, "Pairing QR code")).await?;
        let code = app.text(&named(Role::Status, "Pairing code")).await?;
        ensure!(code.len() >= 8, "a code is shown: {code}");
        app.picture("pairing").await?;
        app.check_accessibility("pairing").await?;
        app.click(&button("Cancel")).await?;
        app.see(&button("Sign in with browser")).await?;

        app.click(&button("Use a pairing code")).await?;
        app.click(&button("Open the page here")).await?;
        world.allow_as(SECOND).await?;
        app.see(&button(format!("Organization: {}", organizations::MAIN_NAME)))
            .await?;
        app.see(&button(format!("Account: {SECOND}"))).await?;
        app.see(&status("2,000 users")).await?;
        app.quit().await
    })
    .await
}

/// security.md 5, 41, 43: two people side by side, each in a record of their own.
#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_are_used_in_turn_and_signed_out_together() -> Result<()> {
    scenario("two-accounts", Setup::default(), async |world| {
        let app = world.signed_in().await?;
        let account = |email: &str| button(format!("Account: {email}"));
        app.click(&account(known::ADMIN.email)).await?;
        app.click(&named(Role::MenuItem, "Add another account")).await?;
        let adding = dialog("Add an account");
        app.see(&adding).await?;
        app.picture("account-add").await?;
        // Thought better of it.
        app.click(&button(format!("Back to {}", known::ADMIN.email)))
            .await?;
        app.gone(&adding).await?;
        app.see(&status("2,000 users")).await?;

        app.click(&account(known::ADMIN.email)).await?;
        app.click(&named(Role::MenuItem, "Add another account")).await?;
        app.click(&button("Sign in with browser").inside(adding)).await?;
        world.allow_as(SECOND).await?;
        app.see(&account(SECOND)).await?;
        app.see(&status("2,000 users")).await?;
        ensure!(
            world.keychain.sign_ins()? == 2,
            "each account has a record of its own"
        );

        app.click(&account(SECOND)).await?;
        app.picture("account-menu").await?;
        app.click(&showing(Role::MenuItem, known::ADMIN.email)).await?;
        app.see(&account(known::ADMIN.email)).await?;
        app.see(&status("2,000 users")).await?;

        // The next start has both.
        app.quit().await?;
        let app = world.start_app().await?;
        app.see(&account(known::ADMIN.email)).await?;
        app.see(&status("2,000 users")).await?;
        app.click(&account(known::ADMIN.email)).await?;
        app.click(&named(Role::MenuItem, "Sign out of all organizations"))
            .await?;
        let sure = dialog("Sign out of all organizations?");
        app.see(&sure).await?;
        app.picture("sign-out-all").await?;
        app.click(&button("Sign out of all organizations").inside(sure))
            .await?;
        app.see(&named(Role::Heading, "Sign in to ezeep")).await?;
        ensure!(world.control().live_families().is_empty(), "a grant lives on");
        ensure!(world.keychain.records()? == 0, "a record is left");
        app.quit().await
    })
    .await
}

/// The app explains both ways back, and takes the one that is chosen.
#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_is_explained_and_chosen_in_the_form() -> Result<()> {
    scenario("way-back", Setup::default(), async |world| {
        let launch = world.launch().without("PRESSROOM_REDIRECT_URI");
        world.cloud.register_redirect(console::settings::APP_LINK);
        let app = world.start_app_as(launch).await?;
        app.fill(&named(Role::TextBox, "Client ID"), world.cloud.client_id())
            .await?;
        app.click(&button("How the browser comes back")).await?;
        app.picture("way-back").await?;
        app.check_accessibility("way-back").await?;
        app.click(&starting(Role::Radio, "App link")).await?;
        app.click(&button("Sign in with browser")).await?;
        app.see(&named(Role::Status, "Waiting for your browser")).await?;
        app.picture("way-back-waiting").await?;
        let field = app.find(&named(Role::TextBox, "Sign-in link")).await?;
        let link = field.prop("value").await?.context("the link is shown")?;
        ensure!(
            link.contains("dev.pressroom.console%3A%2F%2Foauth%2Fcallback"),
            "{link}"
        );
        app.click(&button("Cancel")).await?;
        app.see(&button("Sign in with browser")).await?;
        app.quit().await
    })
    .await
}

/// security.md 16: where the scheme can't be registered, the window says so and goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_scheme_that_can_not_be_registered_is_a_warning() -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    scenario("unregistered", Setup::default(), async |world| {
        // A desktop that knows its browser, and refuses to learn anything.
        let tools = world.home().join("tools");
        std::fs::create_dir_all(&tools)?;
        let refuses = tools.join("xdg-mime");
        let script =
            "#!/bin/sh\ncase \"$*\" in\n  *pressroom*) exit 1 ;;\nesac\nexec /usr/bin/xdg-mime \"$@\"\n";
        std::fs::write(&refuses, script)?;
        std::fs::set_permissions(&refuses, std::fs::Permissions::from_mode(0o755))?;
        let path = format!("{}:{}", tools.display(), std::env::var("PATH")?);
        world.cloud.register_redirect(console::settings::APP_LINK);
        let launch = world
            .launch()
            .with("PATH", path)
            .with("PRESSROOM_REDIRECT_URI", console::settings::APP_LINK);
        let app = world.start_app_as(launch).await?;
        app.fill(&named(Role::TextBox, "Client ID"), world.cloud.client_id())
            .await?;
        app.click(&button("Sign in with browser")).await?;
        app.see(&named(Role::Status, "Waiting for your browser")).await?;
        app.see(&showing(Role::Alert, "doesn’t open the app link"))
            .await?;
        app.picture("app-link-not-opened").await?;
        app.click(&button("Cancel")).await?;
        app.see(&button("Sign in with browser")).await?;
        app.quit().await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_in_and_the_accounts_are_reached_by_the_keyboard_alone() -> Result<()> {
    const ENTER: &str = "\u{e007}";
    const SPACE: &str = " ";
    const DOWN: &str = "\u{e015}";
    scenario("keyboard", Setup::default(), async |world| {
        let launch = world
            .launch()
            .with("PRESSROOM_CLIENT_ID", world.cloud.client_id());
        let launch = launch.without("PRESSROOM_REDIRECT_URI");
        let app = world.start_app_as(launch).await?;
        app.see(&button("Use a pairing code")).await?;
        app.tab_to(&button("How the browser comes back")).await?;
        app.press(ENTER).await?;
        app.tab_to(&starting(Role::Radio, "Loopback address")).await?;
        app.press(DOWN).await?;
        app.tab_to(&starting(Role::Radio, "App link")).await?;
        app.tab_to(&named(Role::Button, "Use a pairing code")).await?;
        app.press(ENTER).await?;
        app.see(&named(Role::Image, "Pairing QR code")).await?;
        app.tab_to(&button("Cancel")).await?;
        app.press(SPACE).await?;
        app.see(&button("Use a pairing code")).await?;
        app.tab_to(&button("Use a pairing code")).await?;
        app.press(ENTER).await?;
        app.tab_to(&button("Open the page here")).await?;
        app.press(ENTER).await?;
        world.allow_as(SECOND).await?;
        app.see(&status("2,000 users")).await?;

        app.tab_to(&button(format!("Account: {SECOND}"))).await?;
        app.press(ENTER).await?;
        app.see(&named(Role::MenuItem, "Add another account")).await?;
        app.press(ENTER).await?;
        app.see(&dialog("Add an account")).await?;
        app.tab_to(&button(format!("Back to {SECOND}"))).await?;
        app.press(ENTER).await?;
        app.gone(&dialog("Add an account")).await?;

        // On the way there the grid shows a person, who is asked for: that alone would find the session
        // ended.
        app.tab_to(&button("Read again")).await?;
        world.control().revoke_all();
        app.press(ENTER).await?;
        app.see(&dialog("Please sign in again")).await?;
        app.tab_to(&button("Not now")).await?;
        app.press(ENTER).await?;
        app.tab_to(&button("Sign in again")).await?;
        app.press(ENTER).await?;
        app.see(&dialog("Please sign in again")).await?;
        app.quit().await
    })
    .await
}
