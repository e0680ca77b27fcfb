//! The fault proxy itself: what it does to a request, and what the server has done by then.

#![allow(clippy::unwrap_used)] // a test fails by panicking, its helpers too

use std::time::Duration;

use ezeep_sim_faults::{Sim, SimConfig, known};
use resilience::proxy::{Act, Matching, Point, Proxy, Reply, Step};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

struct World {
    sim: Sim,
    proxy: Proxy,
    token: String,
    http: reqwest::Client,
}

impl World {
    async fn new() -> Self {
        let config = SimConfig {
            people: 10,
            groups: 3,
            ..SimConfig::default()
        };
        let sim = Sim::start(config).await.unwrap();
        let proxy = Proxy::start(&sim.api_url()).await.unwrap();
        let tokens = sim
            .control()
            .issue_tokens(known::ADMIN.email, Some(known::organizations::MAIN))
            .unwrap();
        Self {
            sim,
            proxy,
            token: tokens.access_token,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    async fn create(&self, name: &str) -> Result<Value, reqwest::Error> {
        let url = format!("{}/groups/", self.proxy.url());
        let reply = self.http.post(url).bearer_auth(&self.token);
        let form = json!({ "name": name, "organization_id": known::organizations::MAIN });
        let reply = reply.json(&form).send().await?;
        reply.error_for_status()?.json().await
    }

    fn groups(&self, name: &str) -> usize {
        let groups = self.sim.control().groups(known::organizations::MAIN).unwrap();
        groups.iter().filter(|group| group.name == name).count()
    }
}

const CREATE: &str = "/printing/v1/groups/";

#[tokio::test]
async fn what_no_rule_names_passes_as_it_is() {
    let world = World::new().await;
    assert_eq!(world.create("Plain").await.unwrap()["name"], "Plain");
    assert_eq!(world.groups("Plain"), 1);
}

#[tokio::test]
async fn a_request_that_is_dropped_before_the_server_is_not_done() {
    let world = World::new().await;
    world
        .proxy
        .add(Matching::new("POST", CREATE).times(1), Act::DropBefore);
    assert!(world.create("Lost").await.is_err());
    assert_eq!(world.groups("Lost"), 0);
    world.create("Lost").await.unwrap();
    assert_eq!(world.groups("Lost"), 1);
}

#[tokio::test]
async fn a_reply_that_is_dropped_or_cut_anywhere_leaves_the_work_done() {
    let world = World::new().await;
    let acts = [
        Act::DropReply,
        Act::Cut(Point::InHead(0)),
        Act::Cut(Point::InHead(20)),
        Act::Cut(Point::InBody(0)),
        Act::Cut(Point::InBody(10)),
    ];
    for (place, act) in acts.into_iter().enumerate() {
        let name = format!("Cut {place}");
        world.proxy.add(Matching::new("POST", CREATE).times(1), act);
        assert!(world.create(&name).await.is_err(), "{name}");
        assert_eq!(world.groups(&name), 1, "{name}");
    }
}

#[tokio::test]
async fn a_reply_is_held_after_just_so_many_bytes() {
    let world = World::new().await;
    let raw = |point: Point| {
        let hold = world.proxy.hold(Matching::new("GET", CREATE), point);
        let (host, token) = (world.proxy.url(), world.token.clone());
        async move {
            let to = format!("127.0.0.1:{}", host.port().unwrap());
            let mut stream = tokio::net::TcpStream::connect(to).await.unwrap();
            let request =
                format!("GET {CREATE} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            hold.reached().await;
            // All that has left is here or on its way through loopback; nothing more comes while it is held.
            let mut first = vec![0; 4_096];
            let mut got = 0;
            while let Ok(Ok(count)) =
                tokio::time::timeout(Duration::from_millis(200), stream.read(&mut first[got..])).await
            {
                got += count;
            }
            first.truncate(got);
            hold.release();
            stream.read_to_end(&mut first).await.unwrap();
            (got, String::from_utf8(first).unwrap())
        }
    };
    let (got, whole) = raw(Point::InHead(17)).await;
    assert_eq!(got, 17, "{whole}");
    let head = whole.find("\r\n\r\n").unwrap() + 4;
    let (got, whole) = raw(Point::InBody(5)).await;
    assert_eq!(got - (whole.find("\r\n\r\n").unwrap() + 4), 5, "{head}");
    assert!(whole.trim_end().ends_with('}'), "{whole}");
}

#[tokio::test]
async fn a_held_request_tells_where_it_is_and_goes_on_when_told() {
    let world = World::new().await;
    let mut events = world.proxy.events();
    for point in [Point::Arrived, Point::BeforeForward, Point::BeforeReply] {
        let hold = world.proxy.hold(Matching::new("POST", CREATE), point);
        let name = format!("{point:?}");
        let create = world.create(&name);
        let (created, ()) = tokio::join!(create, async {
            hold.reached().await;
            assert_eq!(world.groups(&name), usize::from(point == Point::BeforeReply));
            hold.release();
        });
        assert_eq!(created.unwrap()["name"], name);
        let mut steps = Vec::new();
        loop {
            let step = events.recv().await.unwrap().step;
            steps.push(step);
            if step == Step::Sent {
                break;
            }
        }
        let mut wanted = vec![
            Step::Arrived,
            Step::Read,
            Step::Forwarded,
            Step::Committed { status: 201 },
            Step::Sent,
        ];
        let place = match point {
            Point::Arrived => 1,
            Point::BeforeForward => 2,
            _ => 4,
        };
        wanted.insert(place, Step::Held(point));
        assert_eq!(steps, wanted);
    }
}

#[tokio::test]
async fn what_was_forwarded_is_done_although_the_client_has_gone() {
    let world = World::new().await;
    let pause = world.sim.control().pause(
        ezeep_sim_faults::When::BeforeCommit,
        ezeep_sim_faults::Match::new("POST", CREATE),
    );
    let mut events = world.proxy.events();
    tokio::select! {
        _ = world.create("Orphan") => panic!("it was not held"),
        () = pause.reached() => {}
    }
    pause.release();
    while !matches!(events.recv().await.unwrap().step, Step::Committed { .. }) {}
    assert_eq!(world.groups("Orphan"), 1);
}

#[tokio::test]
async fn replies_are_rewritten_or_made_up() {
    let world = World::new().await;
    world.proxy.add(
        Matching::new("POST", CREATE).times(1),
        Act::Instead(Reply::captive_portal()),
    );
    assert!(world.create("Portal").await.unwrap_err().is_decode());
    assert_eq!(world.groups("Portal"), 0);
    world.proxy.add(
        Matching::new("POST", CREATE).times(1),
        Act::Rewrite(std::sync::Arc::new(|reply: &mut Reply| reply.status = 500)),
    );
    assert!(world.create("Rewritten").await.unwrap_err().is_status());
    assert_eq!(world.groups("Rewritten"), 1);
}

#[tokio::test]
async fn a_rule_that_no_request_meets_fails_its_test_also_where_it_was_taken_away() {
    let never = || Matching::new("POST", "/printing/v1/nowhere/");
    for removed in [false, true] {
        let World { proxy, .. } = World::new().await;
        let id = proxy.add(never(), Act::DropReply);
        if removed {
            proxy.remove(id);
            drop(proxy.hold(never(), Point::BeforeReply));
            proxy.clear();
        }
        let dropped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || drop(proxy)));
        let said = *dropped.unwrap_err().downcast::<String>().unwrap();
        assert!(
            said.contains("proxy.rs:") && said.contains("drop of the reply for POST"),
            "{said}"
        );
        assert_eq!(said.contains("hold for POST"), removed, "{said}");
    }
}

#[tokio::test]
async fn a_rule_that_may_be_missed_is_no_complaint() {
    let world = World::new().await;
    let never = Matching::new("POST", CREATE).may_not_fire("this is what the test is about");
    world.proxy.add(never, Act::DropBefore);
}
