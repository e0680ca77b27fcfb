//! The end that the system asks for: SIGTERM at a logout or a shutdown. Must never keep the system waiting
//! without a limit.

/// Ends the app as a person would by closing its window: runs end at the person they are at, and what is
/// shown is kept on disk. Both are bounded, see [`crate::window`].
#[cfg(unix)]
pub fn listen(app: &tauri::AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};

    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let mut terminate = match signal(SignalKind::terminate()) {
            Ok(terminate) => terminate,
            Err(error) => {
                tracing::warn!(%error, "an end that the system asks for will be sudden");
                return;
            }
        };
        if terminate.recv().await.is_some() {
            tracing::info!("the system asks for the end");
            crate::window::let_runs_end(&app).await;
            app.exit(0);
        }
    });
}

/// Windows and macOS tell their ends in other ways.
#[cfg(not(unix))]
pub fn listen(_: &tauri::AppHandle) {}
