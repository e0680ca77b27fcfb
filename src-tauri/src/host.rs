//! The window's side of [`console::host::Host`]: events to the UI, the system browser, the clipboard, the
//! demo cloud. Must never open anything but the account server's pages (security.md 1, 55).

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use console::host::{DemoCloud, Host, HostError, OpenError, StayAwake};
use console::settings::Settings;
use console::wire::AppEvent;
use tauri::{AppHandle, Emitter as _, Manager as _, Url};
use tauri_plugin_clipboard_manager::ClipboardExt as _;

use crate::demo::Demo;
use crate::links::AppLinks;

/// The one event's name.
const EVENT: &str = "pressroom";

/// The console's access to the desktop.
pub struct WindowHost {
    app: AppHandle,
    account: Option<Url>,
    demo: Mutex<Option<Url>>,
    links: AppLinks,
}

impl WindowHost {
    /// A host that opens pages of the configured account server, and of the demo's while it runs.
    pub fn new(app: AppHandle, settings: Option<&Settings>, links: AppLinks) -> Self {
        Self {
            app,
            account: settings.map(|settings| settings.endpoints.account().clone()),
            demo: Mutex::new(None),
            links,
        }
    }

    fn may_open(&self, url: &Url) -> bool {
        let demo = self.demo.lock().unwrap_or_else(PoisonError::into_inner);
        [self.account.as_ref(), demo.as_ref()]
            .into_iter()
            .flatten()
            .any(|own| own.origin() == url.origin())
    }
}

#[async_trait]
impl Host for WindowHost {
    fn give_memory_back(&self) {
        crate::memory::give_back();
    }

    fn stay_awake(&self) -> Box<dyn StayAwake> {
        Box::new(crate::awake::Awake::begin())
    }

    fn emit(&self, event: AppEvent) {
        if let Err(error) = self.app.emit(EVENT, event) {
            tracing::warn!(%error, "an event did not reach the window");
        }
    }

    fn open_browser(&self, url: &Url) -> Result<(), OpenError> {
        if !self.may_open(url) {
            return Err(OpenError::Other("not a page of the account server".into()));
        }
        crate::browser::open(url)
    }

    fn copy(&self, text: &str) -> Result<(), HostError> {
        self.app
            .clipboard()
            .write_text(text)
            .map_err(|error| HostError(error.to_string()))
    }

    fn downloads(&self) -> Result<PathBuf, HostError> {
        let paths = self.app.path();
        paths
            .download_dir()
            .or_else(|_| paths.home_dir())
            .map_err(|error| HostError(error.to_string()))
    }

    fn opens_app_links(&self) -> Option<bool> {
        self.links.ready()
    }

    async fn prepare_app_links(&self) -> Option<bool> {
        let (app, links) = (self.app.clone(), self.links.clone());
        let prepared = tauri::async_runtime::spawn_blocking(move || links.prepare(&app));
        prepared.await.ok().flatten()
    }

    async fn demo_cloud(&self) -> Result<Box<dyn DemoCloud>, HostError> {
        let demo = Demo::start()
            .await
            .map_err(|error| HostError(error.to_string()))?;
        *self.demo.lock().unwrap_or_else(PoisonError::into_inner) = Some(demo.account_url());
        Ok(Box::new(demo))
    }
}
