//! A start without a screen to open the window on.

use anyhow::{Result, ensure};

use crate::harness::{Process, Setup, eventually, scenario};

#[tokio::test(flavor = "multi_thread")]
async fn a_start_without_a_screen_says_what_is_missing_and_ends() -> Result<()> {
    scenario("no-screen", Setup::default(), async |world| {
        let launch = world.launch();
        let mut env = world
            .env()
            .clone()
            .with("DISPLAY", "")
            .with("WAYLAND_DISPLAY", "");
        for (name, value) in &launch.settings {
            env.set(name, value);
        }
        let mut process = Process::start("no-screen", &mut env.command(&launch.program), world.logs())?;
        let code = eventually("the end of the start", || {
            let code = process.exit_code();
            async move { code }
        })
        .await?;
        let said = std::fs::read_to_string(process.log())?;
        ensure!(code == 1, "it ended with {code}: {said}");
        ensure!(said.contains("DISPLAY"), "{said}");
        ensure!(!said.contains("panicked"), "{said}");
        Ok(())
    })
    .await
}
