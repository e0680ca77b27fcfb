//! The window: its size, what it refuses to load, and how it closes. Must never load anything but the app's
//! own pages (security.md 1, 55).

use std::path::{Path, PathBuf};
use std::time::Duration;

use console::Console;
use tauri::webview::{NewWindowResponse, PageLoadEvent};
use tauri::{
    App, AppHandle, Manager as _, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent,
};

const LABEL: &str = "main";
/// The window is shown after this time even if its page is not loaded.
const SHOW_LIMIT: Duration = Duration::from_secs(3);
/// How long closing waits for the users being written.
const CLOSE_LIMIT: Duration = Duration::from_secs(30);
/// How long the end of the process waits for the lists to be saved.
const SAVE_LIMIT: Duration = Duration::from_secs(2);

/// Creates the window hidden and shows it when its page is loaded (after 3 s at the latest). Shown earlier it
/// is blank, and on Linux WebKit stalls for about half a second in every other start. The webview's own
/// storage is in the data directory, so that two profiles share nothing.
///
/// # Errors
/// The window system's, or those of the webview's folder.
pub fn open(app: &App, data_dir: Option<&Path>) -> tauri::Result<()> {
    let mut builder = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Pressroom")
        .inner_size(1360.0, 800.0)
        .min_inner_size(960.0, 600.0)
        .visible(false)
        .on_page_load(|window, load| {
            if load.event() == PageLoadEvent::Finished {
                show(&window);
            }
        })
        .on_navigation(is_own_page)
        .on_new_window(|url, _features| {
            tracing::warn!(scheme = url.scheme(), "a new window was refused");
            NewWindowResponse::Deny
        });
    if let Some(dir) = data_dir {
        builder = builder.data_directory(webview_folder(app, dir)?);
    }
    let window = builder.build()?;
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(SHOW_LIMIT).await;
        show(&window);
    });
    Ok(())
}

/// A webview's folder for one run, if the data directory can't have one.
struct ForThisRun(PathBuf);

/// Makes the folder of the webview's storage: what WebKit creates there is restricted to this user
/// (security.md 63). Without a folder there would be no window.
fn webview_folder(app: &App, data_dir: &Path) -> std::io::Result<PathBuf> {
    let folder = data_dir.join("webview");
    let Err(error) = vault::access::make_folder(&folder) else {
        return Ok(folder);
    };
    tracing::warn!(%error, "the webview's folder could not be made: it has another one for this run");
    let folder = tempfile::Builder::new().prefix("pressroom-").tempdir()?.keep();
    app.manage(ForThisRun(folder.clone()));
    Ok(folder)
}

/// Removes the webview's folder of this run, if it has one. Needs a call, because the app's managed state is
/// not dropped at the end of the process.
pub fn remove_folder(app: &AppHandle) {
    if let Some(folder) = app.try_state::<ForThisRun>() {
        vault::folder::remove_all(std::slice::from_ref(&folder.0));
    }
}

fn show(window: &WebviewWindow) {
    if window.is_visible().is_ok_and(|visible| visible) {
        return;
    }
    if let Err(error) = window.show() {
        tracing::warn!(%error, "the window could not be shown");
    }
}

/// The app's own pages: `tauri://localhost`, or `http(s)://tauri.localhost` on Windows; while developing,
/// Vite's server.
fn is_own_page(url: &Url) -> bool {
    let own = matches!(
        (url.scheme(), url.host_str()),
        ("tauri", Some("localhost")) | ("http" | "https", Some("tauri.localhost"))
    ) || (cfg!(not(feature = "custom-protocol"))
        && url.scheme() == "http"
        && url.host_str() == Some("localhost")
        && url.port() == Some(5173));
    if !own {
        tracing::warn!(scheme = url.scheme(), "a navigation was refused");
    }
    own
}

/// Brings the window to the front. Returns whether there is one.
pub fn raise(app: &AppHandle) -> bool {
    let Some(window) = app.get_webview_window(LABEL) else {
        return false;
    };
    let _ = window.unminimize();
    let _ = window.show();
    let _ = window.set_focus();
    true
}

/// Closing waits for the users being written, so that none is left half written.
pub fn on_event(app: &AppHandle, label: &str, event: &WindowEvent) {
    let WindowEvent::CloseRequested { api, .. } = event else {
        return;
    };
    let (Some(window), Some(console)) = (app.get_webview_window(label), app.try_state::<Console>()) else {
        return;
    };
    if !console.is_writing() {
        return;
    }
    api.prevent_close();
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        stop_runs(&app).await;
        let _ = window.destroy();
    });
}

/// Stops all runs after the present user, and waits for that up to the limit.
pub async fn stop_runs(app: &AppHandle) {
    let Some(console) = app.try_state::<Console>() else {
        return;
    };
    let console = console.inner().clone();
    if tokio::time::timeout(CLOSE_LIMIT, console.stop_runs())
        .await
        .is_err()
    {
        tracing::warn!("the window closes while a person is still being written");
    }
}

/// Saves what has changed since the last save. A keychain or a disk that does not answer delays this only up
/// to the limit.
pub fn save_lists(app: &AppHandle) {
    let Some(console) = app.try_state::<Console>() else {
        return;
    };
    let kept = async { tokio::time::timeout(SAVE_LIMIT, console.save_now()).await };
    if tauri::async_runtime::block_on(kept).is_err() {
        tracing::warn!("the lists could not be kept in time");
    }
}

#[cfg(test)]
mod tests {
    use super::is_own_page;

    /// security.md 55: navigation is refused.
    #[test]
    fn only_the_apps_own_pages_are_loaded() {
        for own in [
            "tauri://localhost/",
            "tauri://localhost/index.html",
            "http://tauri.localhost/",
        ] {
            assert!(is_own_page(&own.parse().unwrap()), "{own}");
        }
        for other in [
            "https://account.ezeep.com/",
            "tauri://evil/",
            "file:///etc/passwd",
            "data:text/html,x",
            "about:blank",
        ] {
            assert!(!is_own_page(&other.parse().unwrap()), "{other}");
        }
    }
}
