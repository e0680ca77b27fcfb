//! Files that can't be read when the window opens: reported over every screen, in both themes and languages,
//! and nothing else is lost.

use anyhow::{Result, ensure};

use crate::harness::*;

/// Damaged settings and another damaged file are reported, and plans and saved copies stay (security.md 59,
/// 63).
#[tokio::test(flavor = "multi_thread")]
async fn settings_that_are_cut_are_said_and_the_window_works_on() -> Result<()> {
    cut(
        Theme::Light,
        Language::English,
        "settings",
        "window position",
        "Dismiss",
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_are_cut_are_said_in_german_and_dark() -> Result<()> {
    cut(
        Theme::Dark,
        Language::German,
        "Einstellungen",
        "Fensterposition",
        "Ausblenden",
    )
    .await
}

async fn cut(theme: Theme, language: Language, settings: &str, position: &str, dismiss: &str) -> Result<()> {
    let name = format!("cut-settings-{language:?}").to_lowercase();
    let setup = Setup {
        theme,
        language,
        ..Setup::default()
    };
    scenario(&name, setup, async |world| {
        let data = world.home().join("data");
        world.start_app().await?.quit().await?;
        let window = data.join("window.json");
        ensure!(window.exists(), "the window's place is kept");
        closed(&window)?;
        closed(&data.join("webview"))?;
        closed(&data.join("logs"))?;
        std::fs::write(data.join("settings.v1.json"), r#"{"clientId":"#)?;
        std::fs::write(&window, "{")?;

        let app = world.start_app().await?;
        app.see(&showing(Role::Alert, settings)).await?;
        app.see(&showing(Role::Alert, position)).await?;
        app.picture(&name).await?;
        app.check_accessibility(&name).await?;
        for text in [settings, position] {
            let alert = showing(Role::Alert, text);
            app.click(&button(dismiss).inside(alert.clone())).await?;
            app.gone(&alert).await?;
        }
        app.quit().await?;
        let aside = std::fs::read_dir(&data)?
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().contains(".unreadable-"))
            .count();
        ensure!(aside == 2, "both were set aside");

        let app = world.start_app().await?;
        app.settle().await?;
        app.gone(&showing(Role::Alert, settings)).await?;
        app.quit().await
    })
    .await
}

/// With an unusable data directory nothing is stored, but the window opens. The webview's temporary folder is
/// removed with the window.
#[tokio::test(flavor = "multi_thread")]
async fn a_data_directory_that_is_a_file_is_said_and_the_window_opens() -> Result<()> {
    scenario("no-data-directory", Setup::default(), async |world| {
        let place = world.home().join("no-folder");
        std::fs::write(&place, "a file")?;
        let folders = || -> Result<usize> {
            let found = std::fs::read_dir(world.home().join("tmp"))?.collect::<std::io::Result<Vec<_>>>()?;
            let names = found.iter().map(std::fs::DirEntry::file_name);
            Ok(names
                .filter(|name| name.to_string_lossy().starts_with("pressroom-"))
                .count())
        };
        let launch = world.launch().with("PRESSROOM_DATA_DIR", &place);
        let app = world.start_app_as(launch).await?;
        app.see(&showing(Role::Alert, "settings")).await?;
        app.see(&named(Role::TextBox, "Client ID")).await?;
        ensure!(folders()? == 1, "the webview has a folder for this run");
        app.quit().await?;
        ensure!(folders()? == 0, "its folder is left");
        ensure!(
            std::fs::read_to_string(&place)? == "a file",
            "it was written over"
        );
        Ok(())
    })
    .await
}

/// No other user may open it.
fn closed(path: &std::path::Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path)?.permissions().mode();
    ensure!(mode & 0o077 == 0, "{} has mode {mode:o}", path.display());
    Ok(())
}
