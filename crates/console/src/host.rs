//! What the console needs from its host, a window or a test. Owns the interface, nothing else. Must never be
//! handed a token.

use std::path::PathBuf;
use std::time::SystemTime;

use async_trait::async_trait;
use url::Url;

use crate::wire::AppEvent;

/// The host of the console.
#[async_trait]
pub trait Host: Send + Sync + 'static {
    /// Tells the UI that something changed. Must return at once.
    fn emit(&self, event: AppEvent);

    /// Opens the system browser (security.md 1).
    ///
    /// # Errors
    /// Why no browser was started.
    fn open_browser(&self, url: &Url) -> Result<(), OpenError>;

    /// Copies text to the clipboard.
    ///
    /// # Errors
    /// [`HostError`] if the clipboard fails.
    fn copy(&self, text: &str) -> Result<(), HostError>;

    /// The folder for files that an app gives to its user.
    ///
    /// # Errors
    /// [`HostError`] if there is no such folder.
    fn downloads(&self) -> Result<PathBuf, HostError>;

    /// Whether this computer opens links of our scheme with this app; `None` if that can't be found out.
    fn opens_app_links(&self) -> Option<bool> {
        None
    }

    /// Makes this computer open links of our scheme with this app. Returns whether it does so now; `None` if
    /// that can't be found out.
    async fn prepare_app_links(&self) -> Option<bool> {
        self.opens_app_links()
    }

    /// Called after much memory was freed at once: the allocator may return it to the system. May take some
    /// milliseconds; never called on an async thread.
    fn give_memory_back(&self) {}

    /// The wall clock's time. It advances while the computer sleeps, and can be set.
    fn wall_clock(&self) -> SystemTime {
        SystemTime::now()
    }

    /// Keeps the computer awake until the returned value is dropped. Must return at once even if the system
    /// is slow; does nothing without support.
    fn stay_awake(&self) -> Box<dyn StayAwake> {
        Box::new(NotKept)
    }

    /// Starts the demo organization's cloud on free loopback ports. It ends when the value is dropped.
    ///
    /// # Errors
    /// [`HostError`] if it can't be started.
    async fn demo_cloud(&self) -> Result<Box<dyn DemoCloud>, HostError>;
}

/// Keeps the computer awake until it is dropped.
pub trait StayAwake: Send + Sync {}

/// For a host that can't keep the computer awake.
struct NotKept;

impl StayAwake for NotKept {}

/// A running simulated cloud.
pub trait DemoCloud: Send + Sync {
    /// URL of its account server.
    fn account_url(&self) -> Url;
    /// URL of its printing server, up to and including `/printing/v1`.
    fn api_url(&self) -> Url;
    /// The Client ID it knows.
    fn client_id(&self) -> String;
    /// Registers a redirect URI, as the vendor would.
    fn register_redirect(&self, uri: &str);
}

/// Why no browser was opened. Must never contain the page's URL: it contains the `state` of a sign-in, and
/// this error reaches the log and what users copy for the support.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The program that opens pages is not installed.
    #[error("{program} was not found")]
    Missing {
        /// The program's name.
        program: String,
    },
    /// The program that opens pages failed.
    #[error("{program} ended with status {status}")]
    Failed {
        /// The program's name.
        program: String,
        /// Its exit status.
        status: i32,
    },
    /// Another error, in the host's words.
    #[error("{0}")]
    Other(String),
}

/// A failure of the host, in its own words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct HostError(pub String);
