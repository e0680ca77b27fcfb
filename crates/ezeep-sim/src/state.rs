//! The state that all handlers share: settings, clock, world, tokens and clients. It decides nothing.
//!
//! Lock order, if two are held: tokens, then world. Settings and clients are copied and never held.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use time::OffsetDateTime;

use crate::config::{ClientConfig, Quirks, SimConfig};
use crate::jwt::Keys;
use crate::lock::lock;
use crate::tokens::Tokens;
use crate::world::World;

/// The settings that may change while the cloud runs.
#[derive(Debug, Clone)]
pub struct Settings {
    pub page_max: u32,
    pub page_default: u32,
    pub access_token_life: Duration,
    pub refresh_token_life: Duration,
    pub refresh_reuse_grace: Duration,
    pub code_life: Option<Duration>,
    pub pairing_life: Duration,
    pub pairing_interval: Duration,
    pub quirks: Quirks,
}

/// The cloud's own clock: the machine's, moved by an offset.
#[derive(Debug, Default)]
pub struct Clock {
    offset_ms: AtomicI64,
}

impl Clock {
    /// Milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        let machine = (OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000) as i64;
        machine + self.offset_ms.load(Ordering::SeqCst)
    }

    pub fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.now_ms()) * 1_000_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    pub fn set_offset_ms(&self, offset: i64) {
        self.offset_ms.store(offset, Ordering::SeqCst);
    }

    pub fn advance_ms(&self, by: i64) {
        self.offset_ms.fetch_add(by, Ordering::SeqCst);
    }
}

#[derive(Debug)]
pub struct Shared {
    settings: Mutex<Settings>,
    world: Mutex<World>,
    tokens: Mutex<Tokens>,
    clients: Mutex<Vec<ClientConfig>>,
    pub clock: Clock,
    pub(crate) keys: &'static Keys,
    /// Number of requests to both servers.
    pub(crate) requests: AtomicU64,
    /// `http://127.0.0.1:PORT`, without a trailing slash.
    pub account_origin: String,
}

pub type State = Arc<Shared>;

impl Shared {
    pub(crate) fn new(config: SimConfig, world: World, keys: &'static Keys, account_origin: String) -> Self {
        let mut clients = vec![ClientConfig::desktop(config.redirect_uris)];
        clients.extend(config.clients);
        Self {
            settings: Mutex::new(Settings {
                page_max: config.page_max.max(1),
                page_default: config.page_default.max(1),
                access_token_life: config.access_token_life,
                refresh_token_life: config.refresh_token_life,
                refresh_reuse_grace: config.refresh_reuse_grace,
                code_life: config.code_life,
                pairing_life: config.pairing_life,
                pairing_interval: config.pairing_interval,
                quirks: config.quirks,
            }),
            world: Mutex::new(world),
            tokens: Mutex::new(Tokens::default()),
            clients: Mutex::new(clients),
            clock: Clock::default(),
            keys,
            requests: AtomicU64::new(0),
            account_origin,
        }
    }

    pub fn settings(&self) -> Settings {
        lock(&self.settings).clone()
    }

    pub fn change_settings(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut lock(&self.settings));
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }

    pub fn tokens(&self) -> MutexGuard<'_, Tokens> {
        lock(&self.tokens)
    }

    pub fn client(&self, id: &str) -> Option<ClientConfig> {
        lock(&self.clients).iter().find(|client| client.id == id).cloned()
    }

    pub fn register_redirect(&self, client: &str, uri: &str) {
        let mut clients = lock(&self.clients);
        if let Some(client) = clients.iter_mut().find(|other| other.id == client)
            && !client.redirect_uris.iter().any(|known| known == uri)
        {
            client.redirect_uris.push(uri.to_owned());
        }
    }

    pub fn add_client(&self, client: ClientConfig) {
        let mut clients = lock(&self.clients);
        clients.retain(|other| other.id != client.id);
        clients.push(client);
    }
}
