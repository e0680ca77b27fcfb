//! Links of our own scheme: whether the operating system opens them with this app, and delivering each to the
//! console once. Must never parse a link: the console decides what counts as an answer (security.md 15).

use std::sync::{Arc, Mutex, PoisonError};

use console::Console;
use console::settings::SCHEME;
use tauri::AppHandle;
use tauri_plugin_deep_link::DeepLinkExt as _;

/// Whether this computer opens our links with this app, as found by the last check. Clones share it.
#[derive(Clone, Default)]
pub struct AppLinks(Arc<Mutex<Option<bool>>>);

impl AppLinks {
    /// The result of the last check.
    pub fn ready(&self) -> Option<bool> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Checks, and registers the scheme for this user if no app is registered. Blocks while the system's
    /// programs run. A failure is a warning: the loopback redirect still works (security.md 16).
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

    /// Checks only.
    pub fn look(&self, app: &AppHandle) -> Option<bool> {
        let ready = opened_by_us(app);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = ready;
        ready
    }
}

/// The link among the `arguments` of a start, where the desktop passes it.
pub fn among(mut arguments: impl Iterator<Item = String>) -> Option<String> {
    let is_link = |argument: &String| {
        let scheme = argument.split_once(':').map(|(scheme, _)| scheme);
        scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME))
    };
    arguments.find(is_link)
}

/// Delivers links to the console: the one that started the app, and on macOS those that the system sends.
/// Those of later starts come by [`crate::instance`].
pub fn connect(app: &AppHandle, console: &Console, app_links: AppLinks, link: Option<String>) {
    if let Some(link) = link {
        console.open_link(&link, true);
    }
    #[cfg(target_os = "macos")]
    brought_by_the_system(app, console);
    // The desktop's programs are run; nothing waits for them.
    let app = app.clone();
    let looking = std::thread::Builder::new()
        .name("app-links".into())
        .spawn(move || app_links.look(&app));
    if let Err(error) = looking {
        tracing::warn!(%error, "it is not known who opens links of our scheme");
    }
}

/// On macOS a link is no argument, and no later start hands it over.
#[cfg(target_os = "macos")]
fn brought_by_the_system(app: &AppHandle, console: &Console) {
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
}

/// The desktop's own answer: the entry of the installed package, or the one registered at run time.
#[cfg(target_os = "linux")]
fn opened_by_us(_: &AppHandle) -> Option<bool> {
    const OURS: [&str; 2] = ["Pressroom.desktop", "pressroom-desktop-handler.desktop"];
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

/// macOS reads the scheme from the installed bundle, and there is no way to ask it.
#[cfg(not(any(target_os = "linux", target_os = "windows")))]
fn opened_by_us(_: &AppHandle) -> Option<bool> {
    None
}

#[cfg(test)]
mod tests {
    use super::among;

    fn found(arguments: &[&str]) -> Option<String> {
        among(arguments.iter().map(|argument| (*argument).to_owned()))
    }

    #[test]
    fn a_link_is_known_by_its_scheme_in_any_case_and_nothing_else_is_one() {
        let link = "Dev.Pressroom.Console://oauth/callback?code=a";
        assert_eq!(found(&["--flag", link, "b"]).as_deref(), Some(link));
        for other in [
            "",
            "dev.pressroom.console",
            "https://oauth/callback",
            "x.dev.pressroom.console:a",
        ] {
            assert_eq!(found(&[other]), None);
        }
    }
}
