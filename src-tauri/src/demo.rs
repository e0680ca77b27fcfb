//! The demo organization: the simulated cloud on free loopback ports, inside the app. Must never get a real
//! Client ID or a real token: it knows only its own.

use console::host::DemoCloud;
use ezeep_sim::{Sim, SimConfig, SimError};
use tauri::Url;

/// A running demo cloud; it ends when it is dropped.
pub struct Demo(Sim);

impl Demo {
    /// Starts it with 2,000 people and 60 groups, and a second organization.
    ///
    /// # Errors
    /// [`SimError`], for example if no port is free.
    pub async fn start() -> Result<Self, SimError> {
        let config = SimConfig {
            people: 2_000,
            groups: 60,
            ..SimConfig::default()
        };
        Ok(Self(Sim::start(config).await?))
    }
}

impl DemoCloud for Demo {
    fn account_url(&self) -> Url {
        self.0.account_url()
    }

    fn api_url(&self) -> Url {
        self.0.api_url()
    }

    fn client_id(&self) -> String {
        self.0.client_id().to_owned()
    }

    fn register_redirect(&self, uri: &str) {
        self.0.register_redirect(uri);
    }
}
