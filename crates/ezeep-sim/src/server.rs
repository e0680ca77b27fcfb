//! Two listeners on loopback, their routers and their accept loops. A connection can be closed during a
//! request, which makes a dropped reply.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use tower::ServiceExt;
use url::Url;

use crate::api::{self, ApiError};
use crate::config::{Server, SimConfig};
use crate::jwt::{KeyError, Keys};
use crate::known::CLIENT_ID;
use crate::pass::{Connection, pass};
use crate::state::{Shared, State};
use crate::{oauth, world};

/// Connections beyond this many wait.
const MAX_CONNECTIONS: usize = 1_024;
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);

/// The cloud could not start.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// A port is taken, or may not be used.
    #[error("port {port} on 127.0.0.1 could not be bound: {source}")]
    Bind {
        /// The requested port; 0 is a free one.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// No signing key could be made.
    #[error("the key that signs access tokens could not be made")]
    Key,
    /// The task that makes the organization panicked.
    #[error("the simulated organization could not be made")]
    World,
    /// A URL of our own can't be parsed.
    #[error("an own address could not be written: {0}")]
    Address(#[from] url::ParseError),
}

impl From<KeyError> for SimError {
    fn from(_: KeyError) -> Self {
        Self::Key
    }
}

/// A running simulated cloud: two servers on 127.0.0.1. Dropping it stops it, open connections included.
#[derive(Debug)]
pub struct Sim {
    state: State,
    account_url: Url,
    api_url: Url,
    servers: Vec<JoinHandle<()>>,
}

impl Sim {
    /// Makes the world and opens both ports. Making 100,000 people takes about a second, off the async
    /// threads.
    ///
    /// # Errors
    /// [`SimError`]: a port can't be bound, or the world or the signing key can't be made.
    pub async fn start(config: SimConfig) -> Result<Self, SimError> {
        Self::start_with(config, |_, routes, _| routes).await
    }

    /// The same, with routes and layers of another crate: `extend` gets the routes of each server before it
    /// opens. A layer gets only requests to a loopback name, with the body in memory, and in the extensions
    /// their [`RequestNumber`](crate::internals::RequestNumber) and [`Connection`].
    ///
    /// # Errors
    /// As [`Sim::start`].
    #[doc(hidden)]
    pub async fn start_with(
        config: SimConfig,
        extend: impl Fn(Server, Router<State>, &State) -> Router<State>,
    ) -> Result<Self, SimError> {
        let account = bind(config.account_port).await?;
        let printing = bind(config.port).await?;
        let account_origin = format!("http://127.0.0.1:{}", port(&account, config.account_port)?);
        let account_url = Url::parse(&account_origin)?;
        let api_url = Url::parse(&format!(
            "http://127.0.0.1:{}/printing/v1",
            port(&printing, config.port)?
        ))?;
        let (keys, world, config) = off_thread(move || {
            let world = world::build(&config);
            (Keys::of_process(), world, config)
        })
        .await?;
        let state = Arc::new(Shared::new(config, world, keys?, account_origin));
        let servers = vec![
            tokio::spawn(serve(account, router(&state, Server::Account, &extend))),
            tokio::spawn(serve(printing, router(&state, Server::Printing, &extend))),
        ];
        Ok(Self {
            state,
            account_url,
            api_url,
            servers,
        })
    }

    /// The URL of the account server: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn account_url(&self) -> Url {
        self.account_url.clone()
    }

    /// The URL of the printing server, up to and including `/printing/v1`.
    #[must_use]
    pub fn api_url(&self) -> Url {
        self.api_url.clone()
    }

    /// Client ID of the default client: public, authorization code and pairing.
    #[must_use]
    pub fn client_id(&self) -> &str {
        CLIENT_ID
    }

    /// Registers one more redirect URI for the default client; it is compared byte for byte.
    pub fn register_redirect(&self, uri: &str) {
        self.state.register_redirect(CLIENT_ID, uri);
    }

    /// The state that all handlers share.
    #[doc(hidden)]
    #[must_use]
    pub fn state(&self) -> State {
        self.state.clone()
    }

    /// Closes both ports and all connections, and waits until they are closed.
    pub async fn shutdown(mut self) {
        for server in self.servers.drain(..) {
            server.abort();
            // An aborted task always ends with an error.
            let _ = server.await;
        }
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

async fn bind(port: u16) -> Result<TcpListener, SimError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(|source| SimError::Bind { port, source })
}

fn port(listener: &TcpListener, asked: u16) -> Result<u16, SimError> {
    listener
        .local_addr()
        .map(|address| address.port())
        .map_err(|source| SimError::Bind { port: asked, source })
}

/// Runs long work on its own thread. `spawn_blocking` would work, but a paused test clock advances while it
/// waits for that.
async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, SimError> {
    let (done, result) = oneshot::channel();
    std::thread::spawn(move || {
        // Fails only if the receiver was dropped.
        let _ = done.send(work());
    });
    result.await.map_err(|_| SimError::World)
}

fn router(
    state: &State,
    server: Server,
    extend: &impl Fn(Server, Router<State>, &State) -> Router<State>,
) -> Router {
    let routes = match server {
        Server::Account => oauth::routes().merge(api::account_routes()),
        Server::Printing => api::printing_routes(),
    };
    let routes = routes
        .fallback(|| async { ApiError::NotFound })
        .method_not_allowed_fallback(|| async { ApiError::MethodNotAllowed });
    extend(server, routes, state)
        .layer(from_fn_with_state(state.clone(), pass))
        .with_state(state.clone())
}

async fn serve(listener: TcpListener, router: Router) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let Ok(place) = places.clone().acquire_owned().await else {
            return;
        };
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            Some(_) = connections.join_next() => continue,
        };
        let router = router.clone();
        connections.spawn(async move {
            let _place = place;
            connection(stream, router).await;
        });
    }
}

async fn connection(stream: tokio::net::TcpStream, router: Router) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps its delay");
    }
    let connection = Connection::default();
    let handle = connection.clone();
    let service = hyper::service::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(handle.clone());
        router
            .clone()
            .oneshot(Request::from(request.map(axum::body::Body::new)))
    });
    let http = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        () = connection.closed() => {}
        result = http => if let Err(error) = result {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}
