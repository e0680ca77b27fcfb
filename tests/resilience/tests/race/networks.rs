//! Networks that lose replies, show pages of their own, or want a password.

use ezeep_sim_faults::known;
use resilience::headless::Headless;
use resilience::lane::{form_problem, inside, settled};
use resilience::proxy::{Act, Matching, Point, Reply};
use serde_json::{Value, json};

use crate::world::{MAIN, World, code, create, in_it, people, shown, user_read};

const GROUPS: &str = "/printing/v1/groups/";

/// security.md 49: a POST is never repeated; the list says what became of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn a_group_whose_creation_is_answered_into_the_void_exists_once_and_is_shown() {
    let (world, console, workspace) = World::signed_in(0).await;
    let acts = [
        ("Dropped", Act::DropReply),
        ("Cut in its head", Act::Cut(Point::InHead(25))),
        ("Cut in its body", Act::Cut(Point::InBody(15))),
        (
            "Turned into a page",
            Act::Rewrite(std::sync::Arc::new(|reply: &mut Reply| {
                *reply = Reply::captive_portal()
            })),
        ),
    ];
    for (name, act) in acts {
        world
            .lane
            .printing
            .add(Matching::new("POST", GROUPS).times(1), act);
        let created = console.ask(create(&workspace, name)).await;
        assert_eq!(world.groups(MAIN, name), 1, "{name}");
        let created = created.unwrap_or_else(|error| panic!("{name}: {error:#}"));
        assert_eq!(created["name"], name);
        assert_eq!(shown(&console, &workspace, name).await, 1, "{name}");
    }
    // One that never got there is not there, and is not sent again by itself.
    world
        .lane
        .printing
        .add(Matching::new("POST", GROUPS).times(1), Act::DropBefore);
    let lost = console.ask(create(&workspace, "Lost")).await;
    assert!(lost.is_err(), "{lost:?}");
    assert_eq!(
        (
            world.groups(MAIN, "Lost"),
            shown(&console, &workspace, "Lost").await
        ),
        (0, 0)
    );
}

/// What a start is told that comes to no server.
async fn unreachable(console: &Headless) -> Value {
    let (view, problem) = settled(console).await.unwrap();
    assert!(
        matches!(view["kind"].as_str(), Some("unreachable" | "signedIn")),
        "{view}"
    );
    problem["code"].clone()
}

/// security.md 22, 37: the hotel's page instead of the token endpoint ends nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn a_captive_portal_at_the_start_is_named_and_costs_no_session() {
    let (world, console, _) = World::signed_in(0).await;
    console.kill().await.unwrap();
    for portal in [
        Reply::captive_portal(),
        Reply::new(302, "text/html", "").with(reqwest::header::LOCATION, "http://127.0.0.1:1/login"),
        Reply::new(511, "text/html", "<h1>Network authentication required</h1>"),
    ] {
        let status = portal.status;
        world
            .lane
            .account
            .add(Matching::any("/"), Act::Instead(portal.clone()));
        let printing = Matching::any("/").may_not_fire("this server is not asked before there is a token");
        world.lane.printing.add(printing, Act::Instead(portal));
        let console = world.lane.resume().await.unwrap();
        let problem = unreachable(&console).await;
        let wanted = if status == 511 {
            "serverFailed"
        } else {
            "portalInTheWay"
        };
        assert_eq!(problem, wanted, "{status}");
        world.lane.account.clear();
        world.lane.printing.clear();
        console.ask(json!({ "do": "retry" })).await.unwrap();
        in_it(&console, MAIN).await;
        console.kill().await.unwrap();
    }
}

/// security.md 22, 37.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn a_captive_portal_in_front_of_the_api_is_named_and_costs_no_session() {
    let (world, console, workspace) = World::signed_in(0).await;
    let user = people(&console, &workspace).await.remove(0);
    let page = || Act::Instead(Reply::captive_portal());
    world.lane.printing.add(Matching::any("/"), page());
    world.lane.account.add(Matching::any("/v1/"), page());
    assert_eq!(
        code(console.ask(user_read(&workspace, &user)).await),
        "portalInTheWay"
    );
    assert_eq!(
        code(console.ask(create(&workspace, "Aula")).await),
        "portalInTheWay"
    );
    world.lane.printing.clear();
    world.lane.account.clear();
    console.ask(user_read(&workspace, &user)).await.unwrap();
    assert_eq!(world.rotations(), 1, "a page is no reason to refresh");
}

/// security.md 37, 52: the system's proxy wants a password: named, and no session is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn a_proxy_that_asks_for_a_password_is_named_and_costs_no_session() {
    let (world, console, _) = World::signed_in(0).await;
    console.kill().await.unwrap();
    // The account server's own stand-in, taken for the system's proxy: it is asked for whole addresses then.
    let mut behind = world.lane.profile.clone();
    let proxy = world.lane.account.url().origin().ascii_serialization();
    for (name, value) in [
        ("http_proxy", proxy.as_str()),
        ("HTTP_PROXY", &proxy),
        ("no_proxy", ""),
        ("NO_PROXY", ""),
    ] {
        behind.env.push((name.to_owned(), value.to_owned()));
    }
    let rule = world
        .lane
        .account
        .add(Matching::any("/"), Act::Instead(Reply::proxy_password()));
    let console = Headless::start(&behind).unwrap();
    console.ask(json!({ "do": "resume" })).await.unwrap();
    assert_eq!(unreachable(&console).await, "proxyAuthRequired");
    // Once the proxy lets it through, it goes on by way of it, for what that stand-in can answer.
    assert!(world.lane.account.remove(rule));
    console.kill().await.unwrap();
    let console = world.lane.resume().await.unwrap();
    in_it(&console, MAIN).await;
    assert_eq!(world.sim.control().live_families().len(), 1);
}

/// security.md 36, 37: replies to a refresh are lost, cut, late or broken, one after the other, at a server
/// with a grace.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn a_network_that_breaks_every_reply_to_a_refresh_once_costs_no_session() {
    let (world, console, workspace) = World::signed_in(30).await;
    let user = people(&console, &workspace).await.remove(0);
    let broken = |change: fn(&mut Reply)| Act::Rewrite(std::sync::Arc::new(change));
    let acts = [
        (Act::DropBefore, true),
        (Act::DropReply, true),
        (Act::Cut(Point::InHead(0)), true),
        (Act::Cut(Point::InHead(50)), true),
        (Act::Cut(Point::InBody(0)), true),
        (Act::Cut(Point::InBody(300)), true),
        (Act::DelayReply(std::time::Duration::from_millis(300)), true),
        (broken(|reply| *reply = Reply::captive_portal()), false),
        (broken(|reply| reply.status = 502), false),
        (
            broken(|reply| reply.body = reply.body.slice(..reply.body.len() / 2)),
            false,
        ),
    ];
    for (place, (act, made_good)) in acts.into_iter().enumerate() {
        world.sim.control().revoke_access_tokens();
        world
            .lane
            .account
            .add(Matching::grant("refresh_token").times(1), act);
        let read = console.ask(user_read(&workspace, &user)).await;
        assert_eq!(read.is_ok(), made_good, "{place}: {read:?}");
        console.ask(user_read(&workspace, &user)).await.unwrap();
    }
    // A busy server is left alone as long as it asks; a later start takes the session up.
    world.sim.control().revoke_access_tokens();
    let busy = Reply::new(429, "text/html", "slow down");
    let refresh = Matching::grant("refresh_token").times(1);
    world.lane.account.add(refresh, Act::Instead(busy));
    assert_eq!(
        code(console.ask(user_read(&workspace, &user)).await),
        "rateLimited"
    );
    console.kill().await.unwrap();
    let again = world.lane.resume().await.unwrap();
    inside(&again).await.unwrap();
    assert_eq!(world.sim.control().live_families().len(), 1);
}

/// security.md 5, 37: a sign-in that the network breaks says so, and the next one works.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn a_sign_in_whose_exchange_is_broken_says_so_and_the_next_one_works() {
    let world = World::new(0).await;
    let console = world.asked().await;
    for (act, wanted) in [
        (Act::DropBefore, "offline"),
        (Act::DropReply, "offline"),
        (Act::Instead(Reply::captive_portal()), "portalInTheWay"),
        (Act::Instead(Reply::proxy_password()), "proxyAuthRequired"),
    ] {
        world
            .lane
            .account
            .add(Matching::grant("authorization_code").times(1), act);
        world
            .lane
            .sign_in(&console, known::ONE_ORGANIZATION_ADMIN.email)
            .await
            .unwrap();
        let problem = console
            .until("told", |view| {
                form_problem(view).filter(|problem| !problem.is_null())
            })
            .await
            .unwrap();
        assert_eq!(problem["code"], wanted);
    }
    world
        .lane
        .sign_in(&console, known::ONE_ORGANIZATION_ADMIN.email)
        .await
        .unwrap();
    inside(&console).await.unwrap();
}
