//! `kill -9` around a session's life: at every step of a sign-in and of a sign-out.

use ezeep_sim_faults::{Sim, SimConfig, known};
use resilience::headless::{Headless, PATIENCE};
use resilience::keyring::Keyring;
use resilience::lane::{Lane, form_problem, inside, settled};
use resilience::protocol::{StoreCall, StoreStep};
use resilience::proxy::{Matching, Point};
use serde_json::{Value, json};
use tempfile::TempDir;

const EMAIL: &str = known::ONE_ORGANIZATION_ADMIN.email;

struct World {
    sim: Sim,
    lane: Lane,
    _keyring: Keyring,
    _dir: TempDir,
}

impl World {
    async fn new() -> Self {
        let keyring = Keyring::start().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let config = SimConfig {
            people: 20,
            groups: 3,
            ..SimConfig::default()
        };
        let sim = Sim::start(config).await.unwrap();
        let program = env!("CARGO_BIN_EXE_headless");
        let lane = Lane::new(&sim, &keyring, program, dir.path(), "around")
            .await
            .unwrap();
        Self {
            sim,
            lane,
            _keyring: keyring,
            _dir: dir,
        }
    }

    fn alive(&self) -> usize {
        self.sim.control().live_families().len()
    }

    async fn asked(&self) -> Headless {
        let console = self.lane.resume().await.unwrap();
        console.until("asked to sign in", form_problem).await.unwrap();
        console
    }

    /// What the next start shows: the form's problem, or nothing where it is signed in.
    async fn next_start(&self) -> (Headless, Option<Value>) {
        let console = self.lane.resume().await.unwrap();
        let (view, problem) = settled(&console).await.unwrap();
        let signed_in = view["kind"] == "signedIn" && view["overlay"].is_null();
        (console, (!signed_in).then_some(problem))
    }

    /// Signs out all remaining accounts, so that the next round starts with none.
    async fn leave(&self, console: Headless) {
        console.ask(json!({ "do": "signOut" })).await.unwrap();
        console.kill().await.unwrap();
        self.sim.control().revoke_all();
    }
}

/// Where a process stops: in its keychain, or at the proxy.
#[derive(Debug, Clone, Copy)]
enum Stop {
    Store(StoreStep),
    Network(&'static str, Point),
}

const EXCHANGE: &str = "/oauth/access_token/";
const REVOKE: &str = "/oauth/revoke/";

/// Does what is asked and kills the process where it stops.
async fn kill_at(world: &World, console: Headless, stop: Stop, act: impl AsyncFnOnce(&Headless)) {
    let hold = match stop {
        Stop::Store(at) => {
            console.hold(at, 0).await.unwrap();
            None
        }
        Stop::Network(path, point) => Some(world.lane.account.hold(Matching::new("POST", path), point)),
    };
    act(&console).await;
    match (&hold, stop) {
        (Some(hold), _) => tokio::time::timeout(PATIENCE, hold.reached()).await.unwrap(),
        (None, Stop::Store(at)) => console.held(at).await.unwrap(),
        (None, Stop::Network(..)) => {}
    }
    console.kill().await.unwrap();
    if let Some(hold) = hold {
        hold.cut();
    }
    world.lane.account.clear();
}

/// security.md 34: what was durable is taken up; what was not is asked for again, and a sign-in works.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_that_is_killed_anywhere_is_finished_by_the_next_start_or_begun_anew() {
    let world = World::new().await;
    let stops = [
        (Stop::Network(EXCHANGE, Point::Arrived), false),
        (Stop::Network(EXCHANGE, Point::BeforeForward), false),
        (Stop::Network(EXCHANGE, Point::BeforeReply), false),
        (Stop::Network(EXCHANGE, Point::InBody(100)), false),
        (Stop::Store(StoreStep::before(StoreCall::Write)), false),
        (Stop::Store(StoreStep::after(StoreCall::Write)), true),
        (Stop::Store(StoreStep::after(StoreCall::Read)), true),
        (Stop::Store(StoreStep::after(StoreCall::Lock)), false),
    ];
    println!("\ncounted {}", stops.len());
    for (stop, durable) in stops {
        let console = world.asked().await;
        kill_at(&world, console, stop, async |console| {
            let link = world.lane.begin_sign_in(console).await.unwrap();
            // The process may be dead before the browser has its page.
            let _ = resilience::browser::sign_in(&link, EMAIL).await;
        })
        .await;
        let (console, found) = world.next_start().await;
        assert_eq!(found.is_none(), durable, "{stop:?}: {found:?}");
        if let Some(problem) = found {
            assert_eq!(problem, Value::Null, "{stop:?}");
            world.lane.sign_in(&console, EMAIL).await.unwrap();
        } else {
            assert_eq!(world.alive(), 1, "{stop:?}");
        }
        inside(&console).await.unwrap();
        world.leave(console).await;
    }
}

/// security.md 41: a sign-out that is killed leaves nothing alive of which the server was told, and no start
/// is confused by it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_out_that_is_killed_anywhere_is_done_or_not_and_never_half_alive() {
    let world = World::new().await;
    let stops = [
        (Stop::Store(StoreStep::before(StoreCall::Lock)), false),
        (Stop::Network(REVOKE, Point::Arrived), false),
        (Stop::Network(REVOKE, Point::BeforeForward), false),
        (Stop::Network(REVOKE, Point::BeforeReply), true),
        (Stop::Network(REVOKE, Point::InHead(10)), true),
    ];
    println!("\ncounted {}", stops.len());
    for (stop, told) in stops {
        let console = world.asked().await;
        world.lane.sign_in(&console, EMAIL).await.unwrap();
        inside(&console).await.unwrap();
        kill_at(&world, console, stop, async |console| {
            console.tell(json!({ "do": "signOut" })).await.unwrap();
        })
        .await;
        let (console, found) = world.next_start().await;
        if told {
            assert_eq!(world.alive(), 0, "{stop:?}");
            assert!(found.is_some(), "{stop:?}: signed in with a revoked grant");
        } else if found.is_some() {
            // The record was deleted beside the revocation that never got there.
            assert_eq!(world.alive(), 1, "{stop:?}");
        }
        if found.is_some() {
            world.lane.sign_in(&console, EMAIL).await.unwrap();
        }
        inside(&console).await.unwrap();
        world.leave(console).await;
    }
}
