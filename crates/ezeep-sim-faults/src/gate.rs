//! The faults, hooks and pauses that are set, latency, the counters and the log of requests. It does not know
//! what a request means; `pass` calls it for each one.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::panic::Location;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::StatusCode;
use ezeep_sim::internals::lock;
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::fault::{Fault, FaultKind, Match, RequestInfo};

/// Number of requests in the log.
const LOG_LENGTH: usize = 20_000;

/// When a hook runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The request has arrived completely; nothing is done yet.
    BeforeCommit,
    /// It is done; the reply is not sent yet.
    AfterCommit,
}

type Callback = Arc<dyn Fn(&RequestInfo) + Send + Sync>;

#[derive(Clone)]
enum Action {
    Call(Callback),
    Pause(Arc<PauseState>),
}

struct Hook {
    id: u64,
    matching: Match,
    set_at: &'static Location<'static>,
    seen: u32,
    fired: bool,
    left: Option<u32>,
    when: When,
    action: Action,
}

#[derive(Debug)]
struct PauseState {
    reached: Semaphore,
    released: Semaphore,
}

/// A request that is held until this is released or dropped.
#[derive(Debug)]
pub struct Pause(Arc<PauseState>);

impl Pause {
    /// Waits until the request has arrived where it is held.
    pub async fn reached(&self) {
        if let Ok(permit) = self.0.reached.acquire().await {
            permit.forget();
        }
    }

    /// Lets the request continue.
    pub fn release(self) {}
}

impl Drop for Pause {
    fn drop(&mut self) {
        self.0.released.close();
    }
}

struct ArmedFault {
    id: u64,
    fault: Fault,
    set_at: &'static Location<'static>,
    seen: u32,
    fired: bool,
}

/// A fault, hook or pause that no request matched.
#[derive(Debug, Clone)]
pub(crate) struct Unmet {
    what: String,
    set_at: &'static Location<'static>,
    matching: Match,
    seen: u32,
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Match {
            method,
            path,
            server,
            body,
            query,
            skip,
            may_not_fire: _,
        } = &self.matching;
        write!(f, "{}: {} for ", self.set_at, self.what)?;
        write!(f, "{} {path}*", method.as_deref().unwrap_or("any method"))?;
        if let Some(server) = server {
            write!(f, " at {server:?}")?;
        }
        if let Some(text) = query {
            write!(f, ", query with {text:?}")?;
        }
        if let Some(text) = body {
            write!(f, ", body with {text:?}")?;
        }
        write!(
            f,
            ": {} such requests came, {skip} were to be let through",
            self.seen
        )
    }
}

impl ArmedFault {
    fn unmet(&self) -> Option<Unmet> {
        let matching = &self.fault.matching;
        (!self.fired && matching.may_not_fire.is_none()).then(|| Unmet {
            what: format!("the fault {:?}", self.fault.kind),
            set_at: self.set_at,
            matching: matching.clone(),
            seen: self.seen,
        })
    }
}

impl Hook {
    fn unmet(&self) -> Option<Unmet> {
        (!self.fired && self.matching.may_not_fire.is_none()).then(|| Unmet {
            what: match self.action {
                Action::Call(_) => format!("the call {:?}", self.when),
                Action::Pause(_) => format!("the pause {:?}", self.when),
            },
            set_at: self.set_at,
            matching: self.matching.clone(),
            seen: self.seen,
        })
    }
}

/// Faults, hooks, latency, counters and the log.
#[derive(Default)]
pub(crate) struct Gate {
    next_id: AtomicU64,
    in_flight: AtomicUsize,
    peak_in_flight: AtomicUsize,
    faults: Mutex<Vec<ArmedFault>>,
    hooks: Mutex<Vec<Hook>>,
    /// Removed before a request matched them.
    removed_unmet: Mutex<Vec<Unmet>>,
    log: Mutex<VecDeque<RequestInfo>>,
    counts: Mutex<HashMap<(String, String), u64>>,
    latency: Mutex<Duration>,
    /// All issued tokens, if a test asked for it.
    tokens: Mutex<Option<Vec<String>>>,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gate")
    }
}

impl Gate {
    fn id(&self) -> u64 {
        self.next_id.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub fn add_fault(&self, fault: Fault, set_at: &'static Location<'static>) -> u64 {
        let id = self.id();
        lock(&self.faults).push(ArmedFault {
            id,
            fault,
            set_at,
            seen: 0,
            fired: false,
        });
        id
    }

    /// Returns whether it was still armed.
    pub fn remove_fault(&self, id: u64) -> bool {
        let removed: Vec<_> = lock(&self.faults)
            .extract_if(.., |armed| armed.id == id)
            .collect();
        self.note_unmet(removed.iter().filter_map(ArmedFault::unmet));
        !removed.is_empty()
    }

    pub fn clear_faults(&self) {
        let removed = std::mem::take(&mut *lock(&self.faults));
        self.note_unmet(removed.iter().filter_map(ArmedFault::unmet));
    }

    /// Everything that must fire and was not matched by a request.
    pub fn unmet(&self) -> Vec<Unmet> {
        let mut unmet = lock(&self.removed_unmet).clone();
        unmet.extend(lock(&self.faults).iter().filter_map(ArmedFault::unmet));
        unmet.extend(lock(&self.hooks).iter().filter_map(Hook::unmet));
        unmet
    }

    pub fn waive_unmet(&self) {
        lock(&self.faults).clear();
        lock(&self.hooks).clear();
        lock(&self.removed_unmet).clear();
    }

    fn note_unmet(&self, unmet: impl Iterator<Item = Unmet>) {
        lock(&self.removed_unmet).extend(unmet);
    }

    pub fn call(
        &self,
        when: When,
        matching: Match,
        times: Option<u32>,
        callback: impl Fn(&RequestInfo) + Send + Sync + 'static,
        set_at: &'static Location<'static>,
    ) -> u64 {
        self.hook(when, matching, times, Action::Call(Arc::new(callback)), set_at)
    }

    pub fn pause(&self, when: When, matching: Match, set_at: &'static Location<'static>) -> Pause {
        let state = Arc::new(PauseState {
            reached: Semaphore::new(0),
            released: Semaphore::new(0),
        });
        self.hook(when, matching, Some(1), Action::Pause(state.clone()), set_at);
        Pause(state)
    }

    fn hook(
        &self,
        when: When,
        matching: Match,
        times: Option<u32>,
        action: Action,
        set_at: &'static Location<'static>,
    ) -> u64 {
        let id = self.id();
        lock(&self.hooks).push(Hook {
            id,
            matching,
            set_at,
            seen: 0,
            fired: false,
            left: times,
            when,
            action,
        });
        id
    }

    pub fn remove_hook(&self, id: u64) {
        let removed: Vec<_> = lock(&self.hooks).extract_if(.., |hook| hook.id == id).collect();
        self.note_unmet(removed.iter().filter_map(Hook::unmet));
    }

    pub fn clear_hooks(&self) {
        let removed = std::mem::take(&mut *lock(&self.hooks));
        self.note_unmet(removed.iter().filter_map(Hook::unmet));
    }

    pub fn requests(&self) -> Vec<RequestInfo> {
        lock(&self.log).iter().cloned().collect()
    }

    pub fn count(&self, method: &str, endpoint: &str) -> u64 {
        lock(&self.counts)
            .get(&(method.to_owned(), endpoint.to_owned()))
            .copied()
            .unwrap_or(0)
    }

    pub fn counts(&self) -> HashMap<(String, String), u64> {
        lock(&self.counts).clone()
    }

    pub fn peak_in_flight(&self) -> usize {
        self.peak_in_flight.load(Ordering::SeqCst)
    }

    pub fn forget_requests(&self) {
        lock(&self.log).clear();
        lock(&self.counts).clear();
        self.peak_in_flight.store(0, Ordering::SeqCst);
    }

    /// The latency before each reply.
    pub fn latency(&self) -> Duration {
        *lock(&self.latency)
    }

    pub fn set_latency(&self, latency: Duration) {
        *lock(&self.latency) = latency;
    }

    /// Remembers tokens unhashed from now on, so that a test can search for them where they must not be.
    pub fn remember_tokens(&self) {
        lock(&self.tokens).get_or_insert_default();
    }

    pub fn remembers_tokens(&self) -> bool {
        lock(&self.tokens).is_some()
    }

    /// Remembers the tokens of a token endpoint's reply.
    pub fn remember_reply(&self, reply: &Value) {
        if let Some(tokens) = &mut *lock(&self.tokens) {
            let given = ["access_token", "refresh_token"].map(|field| reply[field].as_str());
            tokens.extend(given.into_iter().flatten().map(str::to_owned));
        }
    }

    /// The tokens issued since they are remembered.
    pub fn tokens_given(&self) -> Vec<String> {
        lock(&self.tokens).clone().unwrap_or_default()
    }

    pub fn begin(&self, info: &RequestInfo) {
        let mut log = lock(&self.log);
        if log.len() == LOG_LENGTH {
            log.pop_front();
        }
        log.push_back(info.clone());
        *lock(&self.counts)
            .entry((info.method.clone(), info.endpoint.clone()))
            .or_default() += 1;
    }

    pub fn end(&self, number: u64, status: StatusCode) {
        let mut log = lock(&self.log);
        if let Some(entry) = log.iter_mut().rev().find(|entry| entry.number == number) {
            entry.status = Some(status.as_u16());
        }
    }

    /// The first armed fault that matches this request.
    pub fn fault_for(&self, info: &RequestInfo, body: &[u8]) -> Option<FaultKind> {
        let mut faults = lock(&self.faults);
        let mut hit = None;
        for (place, armed) in faults.iter_mut().enumerate() {
            if armed.fault.matching.fits(info, body) {
                armed.seen += 1;
                if armed.seen > armed.fault.matching.skip {
                    hit = Some((place, armed.fault.kind.clone()));
                    break;
                }
            }
        }
        let (place, kind) = hit?;
        faults[place].fired = true;
        if let Some(times) = &mut faults[place].fault.times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                faults.remove(place);
            }
        }
        Some(kind)
    }

    pub async fn run_hooks(&self, when: When, info: &RequestInfo, body: &[u8]) {
        let mut actions = Vec::new();
        {
            let mut hooks = lock(&self.hooks);
            for hook in hooks
                .iter_mut()
                .filter(|hook| hook.when == when && hook.matching.fits(info, body))
            {
                hook.seen += 1;
                if hook.seen > hook.matching.skip && hook.left != Some(0) {
                    hook.fired = true;
                    hook.left = hook.left.map(|left| left - 1);
                    actions.push(hook.action.clone());
                }
            }
            hooks.retain(|hook| hook.left != Some(0));
        }
        for action in actions {
            match action {
                Action::Call(callback) => callback(info),
                Action::Pause(pause) => {
                    pause.reached.add_permits(1);
                    // Ends when the pause is released or dropped, which closes the semaphore.
                    let _ = pause.released.acquire().await;
                }
            }
        }
    }
}

/// Counts a request as in progress while this exists, even if its connection is closed.
pub(crate) struct InFlight<'a>(&'a Gate);

impl<'a> InFlight<'a> {
    pub fn new(gate: &'a Gate) -> Self {
        let now = gate.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        gate.peak_in_flight.fetch_max(now, Ordering::SeqCst);
        Self(gate)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::SeqCst);
    }
}
