//! Links of our own scheme: that the operating system brings them to this app, and that each reaches the
//! console once. Must never read a link: what counts as an answer is the console's (security.md 15).

use std::sync::{Arc, Mutex, PoisonError};

use console::Console;
use console::settings::SCHEME;
use tauri::AppHandle;
use tauri_plugin_deep_link::DeepLinkExt as _;

/// Whether this computer opens our links with this app, as far as it was looked at. Clones share it.
#[derive(Clone, Default)]
pub struct AppLinks(Arc<Mutex<Option<bool>>>);

impl AppLinks {
    /// What was found last.
    pub fn ready(&self) -> Option<bool> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks, and registers the scheme for this person where nobody has. Blocks while the system's programs
    /// run. A failure is a warning: the loopback way back still works (security.md 16).
    pub fn prepare(&self, app: &AppHandle) -> Option<bool> {
        let mut ready = opened_by_us(app);
        if ready == Some(false) {
            match app.deep_link().register(SCHEME) {
                Ok(()) => ready = opened_by_us(app),
                Err(error) => tracing::warn!(%error, "links of our scheme could not be registered"),
            }
        }
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = ready;
        ready
    }

    /// Looks only.
    pub fn look(&self, app: &AppHandle) -> Option<bool> {
        let ready = opened_by_us(app);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = ready;
        ready
    }
}

/// Brings every link to the console: the one that started the app, and those of later starts that the first
/// one took over.
pub fn connect(app: &AppHandle, console: &Console, app_links: AppLinks) {
    match app.deep_link().get_current() {
        Ok(current) => {
            for link in current.into_iter().flatten() {
                console.open_link(link.as_str(), true);
            }
        }
        Err(error) => tracing::warn!(%error, "it is not known whether a link started the app"),
    }
    let console = console.clone();
    app.deep_link().on_open_url(move |event| {
        for link in event.urls() {
            console.open_link(link.as_str(), false);
        }
    });
    // Programs of the desktop are asked; nothing waits for them.
    let app = app.clone();
    let looking = std::thread::Builder::new()
        .name("app-links".into())
        .spawn(move || app_links.look(&app));
    if let Err(error) = looking {
        tracing::warn!(%error, "it is not known who opens links of our scheme");
    }
}

/// The desktop's own answer: the entry of the installed package, or the one that was registered at run time.
#[cfg(target_os = "linux")]
fn opened_by_us(_: &AppHandle) -> Option<bool> {
    const OURS: [&str; 2] = ["Pressroom.desktop", "pressroom-handler.desktop"];
    let asked = std::process::Command::new("xdg-mime")
        .args(["query", "default", &format!("x-scheme-handler/{SCHEME}")])
        .output();
    match asked {
        Ok(answer) => {
            let text = String::from_utf8_lossy(&answer.stdout);
            let entry = text.lines().next().map(str::trim).unwrap_or_default();
            Some(OURS.contains(&entry))
        }
        Err(error) => {
            tracing::warn!(%error, "xdg-mime could not be asked who opens our links");
            None
        }
    }
}

#[cfg(target_os = "windows")]
fn opened_by_us(app: &AppHandle) -> Option<bool> {
    app.deep_link().is_registered(SCHEME).ok()
}

/// macOS reads the scheme out of the installed bundle, and tells nobody.
#[cfg(not(any(target_os = "linux", target_os = "windows")))]
fn opened_by_us(_: &AppHandle) -> Option<bool> {
    None
}
