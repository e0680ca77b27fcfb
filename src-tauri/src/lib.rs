//! The shell: a window around [`console::Console`]. Owns the window, its guards and the access to the
//! desktop. Must never decide anything that a script without a window would also have to decide.

mod awake;
mod browser;
mod commands;
mod demo;
mod frozen;
mod host;
mod instance;
mod links;
mod memory;
#[cfg(target_os = "linux")]
mod painting;
mod signals;
mod terminal;
mod window;
mod window_state;

use std::process::ExitCode;
use std::sync::Arc;

use console::error::ErrorCode;
use console::hand_over::Start;
use console::notices::Notices;
use console::settings::Settings;
use console::{Console, OsStore, logs};
use tauri::{Manager as _, RunEvent, WindowEvent};

use frozen::Frozen;
use host::WindowHost;
use links::AppLinks;
use terminal::say;

/// Runs the app until its window is closed. Returns a failure if no window can be made; the reason is on
/// standard error.
#[must_use]
pub fn run() -> ExitCode {
    #[cfg(target_os = "linux")]
    painting::choose();
    memory::begin();
    let settings = Settings::from_env();
    let data_dir = settings.as_ref().ok().map(|settings| settings.data_dir.clone());
    if let Err(problem) = &settings {
        say(&format!(
            "a setting can't be used: {:?} {}",
            problem.code,
            problem.detail.as_deref().unwrap_or("")
        ));
    }
    // Notices from before the console exists; it takes them over.
    let early = Notices::new(|| {});
    let _log = settings
        .as_ref()
        .ok()
        .and_then(|settings| logs::start(&settings.data_dir, &settings.log, &early));

    let arguments = std::env::args_os().skip(1);
    let link = links::among(arguments.map(|argument| argument.to_string_lossy().into_owned()));
    // Before the toolkit and the window: a second start opens neither (security.md 13).
    let start = data_dir
        .as_deref()
        .map(|dir| instance::start(dir, link.as_deref()));
    let first = match start {
        Some(Start::HandedOver) => {
            let told = "Pressroom is open already; its window was brought to the front";
            tracing::info!("{told}");
            say(told);
            return ExitCode::SUCCESS;
        }
        Some(Start::Silent { process, delivered }) => {
            let link = link.is_some().then_some(delivered);
            Frozen { process, link }.show();
            return ExitCode::FAILURE;
        }
        Some(Start::First(first)) => Some(first),
        None => None,
    };
    // Without a screen Tauri would panic.
    #[cfg(target_os = "linux")]
    if gtk::init().is_err() {
        say(
            "Pressroom has no screen to open its window on: neither DISPLAY nor WAYLAND_DISPLAY names one that can \
             be used. Start it in a desktop session, or under xvfb-run.",
        );
        return ExitCode::FAILURE;
    }
    let mut builder = tauri::Builder::default()
        .plugin(tauri_plugin_deep_link::init())
        .plugin(tauri_plugin_clipboard_manager::init());
    if let Some(dir) = &data_dir {
        window_state::prepare(dir, &early);
        let file = dir.join(window_state::NAME).display().to_string();
        builder = builder.plugin(
            tauri_plugin_window_state::Builder::default()
                .with_filename(file)
                .build(),
        );
    }
    let app = builder
        .invoke_handler(commands::handler())
        .setup(move |app| {
            let app_links = AppLinks::default();
            let host = WindowHost::new(app.handle().clone(), settings.as_ref().ok(), app_links.clone());
            let keychain = match &data_dir {
                Some(dir) => OsStore::new().locking_in(dir.join("locks")),
                None => OsStore::new(),
            };
            let opened = settings.and_then(|settings| {
                let first = first.as_ref().ok_or(ErrorCode::Internal)?;
                Ok((settings, first.directory().clone()))
            });
            let console = Console::new(opened, Arc::new(host), Arc::new(keychain))?;
            console.add_notices(&early);
            app.manage(console.clone());
            links::connect(app.handle(), &console, app_links, link);
            if let Some(first) = first {
                instance::serve(app.handle(), first, &console);
            }
            signals::listen(app.handle());
            window::open(app, data_dir.as_deref())?;
            tauri::async_runtime::spawn(async move { console.resume() });
            Ok(())
        })
        .build(tauri::generate_context!());
    match app {
        Ok(app) => {
            app.run(|app, event| match event {
                RunEvent::WindowEvent {
                    event: WindowEvent::Destroyed,
                    ..
                } => instance::close(app),
                RunEvent::WindowEvent { label, event, .. } => window::on_event(app, &label, &event),
                // The window is gone by now: only a later start waits for this.
                RunEvent::Exit => {
                    instance::close(app);
                    window::save_lists(app);
                    window::remove_folder(app);
                    instance::release(app);
                }
                _ => {}
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            say(&format!("Pressroom could not start: {error}"));
            ExitCode::FAILURE
        }
    }
}
