//! Termination by the system: SIGTERM at a logout or a shutdown. Must never delay the system without a limit.

/// Ends the app as if the window was closed: runs stop after the present user, and the lists are saved. Both
/// are limited in time, see [`crate::window`].
#[cfg(unix)]
pub fn listen(app: &tauri::AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};

    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let mut terminate = match signal(SignalKind::terminate()) {
            Ok(terminate) => terminate,
            Err(error) => {
                tracing::warn!(%error, "SIGTERM can't be handled; it will end the app at once");
                return;
            }
        };
        if terminate.recv().await.is_some() {
            tracing::info!("SIGTERM received: the app ends");
            crate::window::stop_runs(&app).await;
            app.exit(0);
        }
    });
}

/// Windows and macOS report a termination in other ways.
#[cfg(not(unix))]
pub fn listen(_: &tauri::AppHandle) {}
