//! What the console needs from its host: a window, or a test. Owns the interface, nothing else.
//! Must never be handed a token.

use std::path::PathBuf;
use std::time::SystemTime;

use async_trait::async_trait;
use url::Url;

use crate::wire::AppEvent;

/// The window's side of the console.
#[async_trait]
pub trait Host: Send + Sync + 'static {
    /// Tells the UI that a fact changed. Must return at once.
    fn emit(&self, event: AppEvent);

    /// Opens the system browser (security.md 1). Fails where none could be started.
    fn open_browser(&self, url: &Url) -> Result<(), OpenError>;

    /// Puts text on the clipboard.
    fn copy(&self, text: &str) -> Result<(), HostError>;

    /// Where a person looks for files that a program gave them. Fails where there is no such folder.
    fn downloads(&self) -> Result<PathBuf, HostError>;

    /// Whether this computer opens links of our scheme with this app; `None` where it can't be known.
    fn opens_app_links(&self) -> Option<bool> {
        None
    }

    /// Makes this computer open links of our scheme with this app where it doesn't yet, and says whether it does now.
    async fn prepare_app_links(&self) -> Option<bool> {
        self.opens_app_links()
    }

    /// Much was let go of at once: what is free may go back to the system. May take some milliseconds; never called on an async
    /// thread.
    fn give_memory_back(&self) {}

    /// The wall clock's time. It advances while the computer sleeps, and can be set.
    fn wall_clock(&self) -> SystemTime {
        SystemTime::now()
    }

    /// Keeps the computer from going to sleep until the returned value is dropped. Must return at once even
    /// if the system is slow; without support it does nothing.
    fn stay_awake(&self) -> Box<dyn StayAwake> {
        Box::new(NotKept)
    }

    /// Starts the demo organization's cloud on free loopback ports. It ends when the value is dropped.
    async fn demo_cloud(&self) -> Result<Box<dyn DemoCloud>, HostError>;
}

/// While it lives, the computer does not go to sleep by itself.
pub trait StayAwake: Send + Sync {}

/// For a host that can't keep the computer awake.
struct NotKept;

impl StayAwake for NotKept {}

/// A running simulated cloud.
pub trait DemoCloud: Send + Sync {
    /// Its account server.
    fn account_url(&self) -> Url;
    /// Its printing server, up to and including /printing/v1.
    fn api_url(&self) -> Url;
    /// The Client ID it knows.
    fn client_id(&self) -> String;
    /// Registers a redirect URI, as the vendor would.
    fn register_redirect(&self, uri: &str);
}

/// Why no browser was opened. Must never hold the page's address: it contains the state of a sign-in, and
/// this reaches the log and what people copy for the support.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The program that opens pages is not installed.
    #[error("{program} was not found")]
    Missing {
        /// Which.
        program: String,
    },
    /// The program that opens pages failed.
    #[error("{program} ended with status {status}")]
    Failed {
        /// Which.
        program: String,
        /// Its exit status.
        status: i32,
    },
    /// Anything else; in the host's own words.
    #[error("{0}")]
    Other(String),
}

/// The host could not do it; in its own words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct HostError(pub String);
