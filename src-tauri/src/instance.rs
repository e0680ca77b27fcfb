//! One window for each data directory: the shell's side of [`console::hand_over`]. Must never delay the first
//! paint: later starts are answered once there is a window.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use console::Console;
use console::hand_over::{self, First, FirstWindow, Start};
use tauri::{AppHandle, Manager as _};

/// Makes this start the first with its data directory, or hands it over with its `link`. Blocks for 4 s at
/// most. Must run before the toolkit is initialized: a program that ends early with a toolkit can crash in
/// the destructors of its libraries while their threads run, and the desktop then reports that no program
/// opens the link.
pub fn start(data_dir: &Path, link: Option<&str>) -> Start {
    tauri::async_runtime::block_on(hand_over::start(data_dir, link))
}

struct Window {
    app: AppHandle,
    console: Console,
}

#[async_trait]
impl FirstWindow for Window {
    fn open_link(&self, link: &str) {
        self.console.open_link(link, false);
    }

    /// Runs on the window's own thread: otherwise the later start would succeed although that thread hangs.
    async fn raise(&self) -> bool {
        let (raised, waiting) = tokio::sync::oneshot::channel();
        let app = self.app.clone();
        let asked = self.app.run_on_main_thread(move || {
            // Fails only if the app is ending; then no later start waits.
            let _ = raised.send(crate::window::raise(&app));
        });
        if let Err(error) = asked {
            tracing::warn!(%error, "the window could not be asked to come to the front");
            return false;
        }
        waiting.await.unwrap_or(false)
    }
}

/// Answers later starts from now on.
pub fn serve(app: &AppHandle, first: First, console: &Console) {
    let window = Arc::new(Window {
        app: app.clone(),
        console: console.clone(),
    });
    app.manage(first.clone());
    tauri::async_runtime::spawn(async move { first.serve(window).await });
}

/// Stops answering later starts, because the window is gone. Each waits until [`release`].
pub fn close(app: &AppHandle) {
    if let Some(first) = app.try_state::<First>() {
        first.close();
    }
}

/// Gives up the data directory: the next start opens a window of its own.
pub fn release(app: &AppHandle) {
    if let Some(first) = app.try_state::<First>() {
        first.release();
    }
}
