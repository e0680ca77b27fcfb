//! The HTTP client for both servers, rebuilt after the computer slept: connections from before the sleep are
//! dead without notice. Must never change what the client may do: each one is made by the same function.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// The wall clock's advance over the steady clock that counts as a sleep. Corrections by time servers are
/// smaller.
const SLEEP: Duration = Duration::from_secs(10);

/// The two clocks that detect a sleep.
pub trait Clocks: Send + Sync {
    /// The wall clock: advances during a sleep, and can be set.
    fn wall(&self) -> SystemTime;
    /// The steady clock: can't be set, and stands still during a sleep on Linux and macOS. On Windows, where
    /// it does not stand still, a pooled connection ends only by its idle timeout.
    fn steady(&self) -> Instant;
}

struct SystemClocks;

impl Clocks for SystemClocks {
    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }

    fn steady(&self) -> Instant {
        Instant::now()
    }
}

/// An HTTP client whose pooled connections do not outlive a sleep of the computer. Cheap to clone; clones
/// share the connections.
#[derive(Clone)]
pub struct HttpClient(Arc<Shared>);

struct Shared {
    build: Box<dyn Fn() -> reqwest::Result<reqwest::Client> + Send + Sync>,
    clocks: Box<dyn Clocks>,
    state: Mutex<State>,
}

struct State {
    client: reqwest::Client,
    wall: SystemTime,
    steady: Instant,
}

impl HttpClient {
    /// A client made by `build`, now and after each sleep; the system's proxies and trusted certificates are
    /// read again each time.
    ///
    /// # Errors
    /// The error of `build`.
    pub fn new(
        build: impl Fn() -> reqwest::Result<reqwest::Client> + Send + Sync + 'static,
    ) -> reqwest::Result<Self> {
        Self::with_clocks(build, SystemClocks)
    }

    /// The same with other clocks.
    ///
    /// # Errors
    /// The error of `build`.
    pub fn with_clocks(
        build: impl Fn() -> reqwest::Result<reqwest::Client> + Send + Sync + 'static,
        clocks: impl Clocks + 'static,
    ) -> reqwest::Result<Self> {
        let client = build()?;
        let state = Mutex::new(State {
            client,
            wall: clocks.wall(),
            steady: clocks.steady(),
        });
        Ok(Self(Arc::new(Shared {
            build: Box::new(build),
            clocks: Box::new(clocks),
            state,
        })))
    }

    /// The client for the next request. Call it for each request: it detects a sleep.
    pub fn current(&self) -> reqwest::Client {
        let (wall, steady) = (self.0.clocks.wall(), self.0.clocks.steady());
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        // A wall clock that was set back is ignored.
        let by_wall = wall.duration_since(state.wall).unwrap_or_default();
        let by_steady = steady.saturating_duration_since(state.steady);
        if by_wall.saturating_sub(by_steady) > SLEEP {
            match (self.0.build)() {
                Ok(client) => {
                    tracing::info!("the computer slept: the connections are rebuilt");
                    state.client = client;
                }
                Err(error) => {
                    tracing::warn!(%error, "the HTTP client could not be rebuilt after a sleep");
                    // The next request finds that it slept, too.
                    return state.client.clone();
                }
            }
        }
        (state.wall, state.steady) = (wall, steady);
        state.client.clone()
    }
}

/// A client that is never rebuilt, with its connections.
impl From<reqwest::Client> for HttpClient {
    fn from(client: reqwest::Client) -> Self {
        let clocks = Box::new(SystemClocks);
        let state = Mutex::new(State {
            client: client.clone(),
            wall: clocks.wall(),
            steady: clocks.steady(),
        });
        Self(Arc::new(Shared {
            build: Box::new(move || Ok(client.clone())),
            clocks,
            state,
        }))
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[derive(Clone)]
    struct Set(Arc<Mutex<(SystemTime, Instant)>>);

    impl Set {
        fn pass(&self, wall: i64, steady: u64) {
            let mut now = self.0.lock().unwrap();
            let by = Duration::from_secs(wall.unsigned_abs());
            now.0 = if wall < 0 { now.0 - by } else { now.0 + by };
            now.1 += Duration::from_secs(steady);
        }
    }

    impl Clocks for Set {
        fn wall(&self) -> SystemTime {
            self.0.lock().unwrap().0
        }

        fn steady(&self) -> Instant {
            self.0.lock().unwrap().1
        }
    }

    /// The network, and what tells of proxies and certificates, may come back later than the computer.
    #[test]
    fn a_client_that_could_not_be_made_after_a_sleep_is_made_at_the_next_request() {
        let clocks = Set(Arc::new(Mutex::new((SystemTime::now(), Instant::now()))));
        let made = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&made);
        let build = move || match count.fetch_add(1, Ordering::SeqCst) {
            1 => reqwest::Client::builder().user_agent("\n").build(),
            _ => reqwest::Client::builder().build(),
        };
        let http = HttpClient::with_clocks(build, clocks.clone()).unwrap();
        clocks.pass(8 * 3600, 5);
        http.current();
        assert_eq!(made.load(Ordering::SeqCst), 2);
        clocks.pass(1, 1);
        http.current();
        assert_eq!(made.load(Ordering::SeqCst), 3, "again");
        http.current();
        assert_eq!(made.load(Ordering::SeqCst), 3, "once");
    }

    #[test]
    fn a_client_is_made_anew_after_a_sleep_and_at_no_other_time() {
        let clocks = Set(Arc::new(Mutex::new((SystemTime::now(), Instant::now()))));
        let made = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&made);
        let build = move || {
            count.fetch_add(1, Ordering::SeqCst);
            reqwest::Client::builder().build()
        };
        let http = HttpClient::with_clocks(build, clocks.clone()).unwrap();
        let made_after = |wall, steady| {
            clocks.pass(wall, steady);
            http.current();
            made.load(Ordering::SeqCst)
        };
        assert_eq!(made_after(0, 0), 1);
        assert_eq!(made_after(3600, 3600), 1, "time went by");
        assert_eq!(made_after(8 * 3600, 5), 2, "it slept");
        assert_eq!(made_after(5, 5), 2, "it is told once");
        assert_eq!(made_after(-7200, 5), 2, "the clock was set back");
        assert_eq!(made_after(12, 5), 2, "a time server set it");
        assert_eq!(made_after(20, 5), 3);
    }
}
