//! The app out of an installer. Run by `cargo xtask test --only package`, which says where it is.

use anyhow::{Context, Result};

use crate::harness::{Launch, Role, Setup, button, named, scenario};

#[tokio::test(flavor = "multi_thread")]
async fn the_app_out_of_the_package_opens_on_the_sign_in() -> Result<()> {
    let program = std::env::var_os("PRESSROOM_PACKAGED_APP")
        .context("PRESSROOM_PACKAGED_APP doesn't say which program: run `cargo xtask test --only package`")?;
    scenario("packaged", Setup::default(), async |world| {
        let app = world
            .start_app_as(Launch {
                program: program.into(),
                ..world.launch()
            })
            .await?;
        app.see(&named(Role::Heading, "Sign in to ezeep")).await?;
        app.see(&button("Sign in with browser")).await?;
        app.picture("packaged").await?;
        app.quit().await
    })
    .await
}
