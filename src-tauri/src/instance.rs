//! One window a data directory: the shell's side of [`console::hand_over`]. Must never delay the first paint:
//! later starts are answered when there is a window.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use console::Console;
use console::hand_over::{self, First, FirstWindow, Start};
use tauri::{AppHandle, Manager as _};

/// Makes this start the first with its data directory, or hands it over with its link, before there is a
/// toolkit: ending a program early whose toolkit is up can crash in the destructors of its libraries while
/// their threads run, which the desktop takes for "nobody opens this link".
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

    /// On the window's own thread: the later start would end as a success although that thread hangs.
    async fn raise(&self) -> bool {
        let (raised, waiting) = tokio::sync::oneshot::channel();
        let app = self.app.clone();
        let asked = self.app.run_on_main_thread(move || {
            // No later start waits any more if the app is ending.
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

/// Answers no later start any more: the window is gone. Each waits until [`release`].
pub fn close(app: &AppHandle) {
    if let Some(first) = app.try_state::<First>() {
        first.close();
    }
}

/// Gives the data directory back: whoever starts from now on gets a window of their own.
pub fn release(app: &AppHandle) {
    if let Some(first) = app.try_state::<First>() {
        first.release();
    }
}
