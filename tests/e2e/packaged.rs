//! The app out of an installer. Run by `cargo xtask test --only package`, which says where it is.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use console::settings::APP_LINK;
use ezeep_sim_faults::{Consent, known};

use crate::harness::{
    Environment, Launch, Role, Setup, World, button, eventually, named, scenario, showing, status,
};

fn program() -> Result<PathBuf> {
    std::env::var_os("PRESSROOM_PACKAGED_APP")
        .map(PathBuf::from)
        .context("PRESSROOM_PACKAGED_APP doesn't say which program: run `cargo xtask test --only package`")
}

/// The app, in a desktop that knows the package: where it is only unpacked, its folders come before the
/// system's.
fn packaged(world: &World) -> Result<Launch> {
    let program = program()?;
    let prefix = program
        .ancestors()
        .nth(2)
        .context("the program is in PREFIX/bin")?;
    let path = std::env::var("PATH")?;
    let (bin, share) = (prefix.join("bin"), prefix.join("share"));
    Ok(Launch {
        program: program.clone(),
        ..world.launch()
    }
    .with("PATH", format!("{}:{path}", bin.display()))
    .with("XDG_DATA_DIRS", format!("{}:/usr/share", share.display()))
    .with("PRESSROOM_REDIRECT_URI", APP_LINK))
}

/// The desktop as the package has left it, with this world's settings: what `xdg-open` and whatever it starts
/// run in.
fn desktop(world: &World) -> Result<Environment> {
    let mut env = world.env().clone();
    for (name, value) in packaged(world)?.settings {
        env.set(name, value);
    }
    Ok(env)
}

fn open_link(world: &World, link: &str) -> Result<()> {
    let status = desktop(world)?.command("xdg-open").arg(link).status()?;
    ensure!(status.success(), "xdg-open knows nobody who opens {APP_LINK}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_app_out_of_the_package_opens_on_the_sign_in() -> Result<()> {
    scenario("packaged", Setup::default(), async |world| {
        let app = world.start_app_as(packaged(world)?).await?;
        app.see(&named(Role::Heading, "Sign in to ezeep")).await?;
        app.see(&button("Sign in with browser")).await?;
        app.picture("packaged").await?;
        app.quit().await
    })
    .await
}

/// security.md 13, 14, 15: `xdg-open` brings the link of the installed desktop entry to the window that runs,
/// once, and what is not the answer changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_opened_by_the_desktop_reaches_the_app_that_runs() -> Result<()> {
    scenario("packaged-link", Setup::default(), async |world| {
        world.cloud.register_redirect(APP_LINK);
        let app = world.start_app_as(packaged(world)?).await?;
        app.fill(&named(Role::TextBox, "Client ID"), world.cloud.client_id())
            .await?;
        app.click(&button("Sign in with browser")).await?;
        app.see(&named(Role::Status, "Waiting for your browser")).await?;
        app.picture("packaged-link-waiting").await?;
        let field = app.find(&named(Role::TextBox, "Sign-in link")).await?;
        let link = field.prop("value").await?.context("the link is shown")?;
        let consent = Consent::Allow(known::ONE_ORGANIZATION_ADMIN.email);
        let answer = world.control().consent(&link.parse()?, consent)?;

        open_link(world, &format!("{APP_LINK}?code=forged&state=forged"))?;
        open_link(world, &format!("{APP_LINK}?error=access_denied&state=forged"))?;
        app.see(&named(Role::Status, "Waiting for your browser")).await?;
        open_link(world, &answer)?;
        app.see(&status("2,000 users")).await?;
        // The same link again, and one that nobody waits for: the window stays as it is.
        open_link(world, &answer)?;
        open_link(world, &format!("{APP_LINK}?code=x&state=y"))?;
        app.see(&status("2,000 users")).await?;
        ensure!(
            world.control().live_families().len() == 1,
            "one link is one sign-in"
        );
        app.quit().await
    })
    .await
}

/// security.md 13, 14: a link that is opened while the app is closed starts it; the window says what became
/// of the sign-in.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_opened_by_the_desktop_starts_the_app_that_is_closed() -> Result<()> {
    scenario("packaged-cold-link", Setup::default(), async |world| {
        let link = format!("{APP_LINK}?code=x&state=y");
        let mut opener = desktop(world)?.command("xdg-open").arg(&link).spawn()?;
        let logs = world.home().join("data/logs");
        let met = eventually("the link in the log of the app that it started", async || {
            let mut count = 0;
            for file in std::fs::read_dir(&logs)? {
                let text = std::fs::read_to_string(file?.path())?;
                count += text.matches("a link that answers no sign-in was dropped").count();
            }
            Ok((count > 0).then_some(count))
        })
        .await;
        world.end_programs_called("pressroom-desktop")?;
        opener.wait()?;
        ensure!(met? == 1, "the link was handled more than once");

        // The same start where it can be looked at.
        let app = world.start_app_as(packaged(world)?.with_argument(link)).await?;
        app.see(&named(Role::Heading, "Sign in to ezeep")).await?;
        app.see(&showing(Role::Alert, "begun before")).await?;
        app.picture("packaged-cold-link").await?;
        app.quit().await
    })
    .await
}
