//! The environment of a test in the real window: its own home, a message bus with a keychain, a simulated
//! cloud, a browser, and the app driven by roles and accessible names. Must never touch the home, keychain or
//! browser of the user who runs the tests.

mod app;
mod axe;
mod browser;
mod by;
mod desktop;
mod keychain;
mod login;
pub mod process;
mod screen;
pub mod secrets;
mod world;

#[allow(unused_imports, reason = "the benches use more of it than the tests")]
pub use app::{App, Launch, PAINTING};
pub use axe::Theme;
pub use browser::Browser;
pub use by::*;
#[allow(unused_imports, reason = "the benches use less of it than the tests")]
pub use login::LoginManager;
pub use process::{Environment, Process};
pub use screen::close_windows_of;
pub use world::{Language, Setup, World, scenario};

use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How long anything may take before a test gives up. A limit against hanging, not a measure of speed.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Asks `probe` again and again until it gives something; an error counts as "not yet" and is reported at the
/// end.
pub async fn eventually<T, F: Future<Output = Result<Option<T>>>>(
    what: &str,
    mut probe: impl FnMut() -> F,
) -> Result<T> {
    let started = Instant::now();
    loop {
        let outcome = probe().await;
        if let Ok(Some(value)) = outcome {
            return Ok(value);
        }
        if started.elapsed() > PATIENCE {
            return match outcome {
                Err(error) => Err(error.context(format!("still waiting for {what}"))),
                Ok(_) => bail!("waited in vain for {what}"),
            };
        }
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
}

/// The repository's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where pictures are left, for people to look at; git ignores it.
pub fn artifacts() -> Result<PathBuf> {
    let dir = root().join("artifacts/e2e");
    std::fs::create_dir_all(&dir).context("the folder for pictures can't be made")?;
    Ok(dir)
}
