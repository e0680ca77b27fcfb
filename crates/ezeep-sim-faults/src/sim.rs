//! A simulated cloud with the gate around both servers.

use std::sync::Arc;

use axum::middleware::from_fn_with_state;
use ezeep_sim::{Server, SimConfig, SimError};
use url::Url;

use crate::control::Control;
use crate::endpoint;
use crate::gate::Gate;
use crate::pass::pass;

/// A running simulated cloud: two servers on 127.0.0.1. Dropping it stops it, open connections included.
///
/// # Panics
/// When it is dropped although a fault, hook or pause was set that no request matched, even if it was removed
/// again: the test that set it has not shown what it claims.
/// [`Match::may_not_fire`](crate::Match::may_not_fire) allows it with a reason.
#[derive(Debug)]
pub struct Sim {
    // Dropped first: no request comes after the check.
    cloud: ezeep_sim::Sim,
    check: UnmetCheck,
    endpoint: bool,
}

impl Sim {
    /// Makes the world and opens both ports. Making 100,000 people takes about a second, off the async
    /// threads.
    ///
    /// # Errors
    /// [`SimError`]: a port can't be bound, or the world or the signing key can't be made.
    pub async fn start(config: SimConfig) -> Result<Self, SimError> {
        Self::start_with(config, false).await
    }

    /// The same, with the control endpoint: `/__control/` on the account server.
    ///
    /// # Errors
    /// As [`Sim::start`].
    pub async fn start_with_endpoint(config: SimConfig) -> Result<Self, SimError> {
        Self::start_with(config, true).await
    }

    async fn start_with(config: SimConfig, endpoint: bool) -> Result<Self, SimError> {
        let gate = Arc::new(Gate::default());
        let cloud = ezeep_sim::Sim::start_with(config, |server, routes, state| {
            let layer = from_fn_with_state((gate.clone(), server, state.clone()), pass);
            let routes = routes.layer(layer);
            if endpoint && server == Server::Account {
                let control = Control::new(state.clone(), gate.clone());
                routes.merge(endpoint::routes(control))
            } else {
                routes
            }
        });
        Ok(Self {
            cloud: cloud.await?,
            check: UnmetCheck(gate),
            endpoint,
        })
    }

    /// Where the account server is: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn account_url(&self) -> Url {
        self.cloud.account_url()
    }

    /// Where the printing server is, up to and including `/printing/v1`.
    #[must_use]
    pub fn api_url(&self) -> Url {
        self.cloud.api_url()
    }

    /// Where the control endpoint is; `None` where it was not asked for.
    #[must_use]
    pub fn control_url(&self) -> Option<Url> {
        let url = self.endpoint.then(|| self.account_url().join("/__control/"));
        url?.ok()
    }

    /// Client ID of the default client: public, authorization code and pairing.
    #[must_use]
    pub fn client_id(&self) -> &str {
        self.cloud.client_id()
    }

    /// Registers one more redirect URI for the default client; it is compared byte for byte.
    pub fn register_redirect(&self, uri: &str) {
        self.cloud.register_redirect(uri);
    }

    /// A handle that looks into the cloud and changes it while it runs.
    #[must_use]
    pub fn control(&self) -> Control {
        Control::new(self.cloud.state(), self.check.0.clone())
    }

    /// Closes both ports and every connection, and waits until they are closed.
    pub async fn shutdown(self) {
        self.cloud.shutdown().await;
    }
}

/// Fails the test that set what no request matched, when it is dropped.
#[derive(Debug)]
struct UnmetCheck(Arc<Gate>);

impl Drop for UnmetCheck {
    fn drop(&mut self) {
        let unmet = self.0.unmet();
        // A second panic during a panic would abort the process, and with it all other tests.
        if !unmet.is_empty() && !std::thread::panicking() {
            let lines: Vec<_> = unmet.iter().map(|unmet| format!("\n  {unmet}")).collect();
            panic!(
                "set in the simulated cloud, and met by no request:{}",
                lines.concat()
            );
        }
    }
}
