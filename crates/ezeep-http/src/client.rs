//! The HTTP client both servers are spoken to with, made anew after the computer slept: what was connected then is not
//! any more, and nobody says so. Must never change what the client may do: each is made by the same function.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// How much further the wall clock went than the other one where the computer slept. What time servers correct at once
/// is less.
const SLEEP: Duration = Duration::from_secs(10);

/// The two clocks that a sleep is noticed by.
pub trait Clocks: Send + Sync {
    /// The wall clock: goes on while the computer sleeps, and can be set.
    fn wall(&self) -> SystemTime;
    /// The clock that can't be set; it stands still during a sleep on Linux and macOS. Where it does not, on Windows, a
    /// pooled connection ends by its idle time alone.
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

/// An HTTP client whose pooled connections do not outlive a sleep of the computer. Cheap to clone; all clones are one.
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
    /// A client made by `build`, now and after each sleep; what the system says of proxies and trusted certificates is
    /// read again with it.
    ///
    /// # Errors
    /// Where `build` fails now.
    pub fn new(
        build: impl Fn() -> reqwest::Result<reqwest::Client> + Send + Sync + 'static,
    ) -> reqwest::Result<Self> {
        Self::with_clocks(build, SystemClocks)
    }

    /// The same with other clocks.
    ///
    /// # Errors
    /// Where `build` fails now.
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

    /// The client to make the next request with. Ask for it once a request: this is where a sleep is noticed.
    pub fn current(&self) -> reqwest::Client {
        let (wall, steady) = (self.0.clocks.wall(), self.0.clocks.steady());
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        // A wall clock that was set back says nothing.
        let by_wall = wall.duration_since(state.wall).unwrap_or_default();
        let by_steady = steady.saturating_duration_since(state.steady);
        (state.wall, state.steady) = (wall, steady);
        if by_wall.saturating_sub(by_steady) > SLEEP {
            match (self.0.build)() {
                Ok(client) => {
                    tracing::info!("the computer slept: connections are made anew");
                    state.client = client;
                }
                Err(error) => tracing::warn!(%error, "the HTTP client could not be made anew after a sleep"),
            }
        }
        state.client.clone()
    }
}

/// A client that stays the same one, with its connections.
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
