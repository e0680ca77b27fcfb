//! Two organizations of one person, and replies that come when the other one is open.

use resilience::headless::Headless;
use resilience::proxy::{Act, Matching, Point, Reply};
use serde_json::{Value, json};

use crate::world::{MAIN, SECOND, World, choose, code, create, expired, in_it, people, shown, user_read};

const GROUPS: &str = "/printing/v1/groups/";
const USERS: &str = "/printing/v1/users/";

fn refusal() -> Act {
    Act::Instead(Reply::new(
        401,
        "application/json",
        r#"{"detail":"Given token not valid"}"#,
    ))
}

async fn switch(console: &Headless, organization: &str) -> anyhow::Result<Value> {
    let command = json!({ "do": "organizationChoose", "organization": organization });
    console.ask(command).await
}

/// security.md 43: pages of the organization before arrive when another one is open and read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn pages_of_the_organization_before_are_never_shown_in_this_one() {
    let (world, console, _) = World::signed_in(0).await;
    // The next read of the first organization is held with all its pages.
    choose(&console, SECOND).await;
    let held: Vec<_> = [USERS, GROUPS]
        .map(|path| {
            world
                .lane
                .printing
                .hold(Matching::new("GET", path), Point::BeforeReply)
        })
        .into();
    switch(&console, MAIN).await.unwrap();
    for hold in &held {
        hold.reached().await;
    }
    let second = choose(&console, SECOND).await;
    let (before, total) = (
        people(&console, &second).await,
        shown(&console, &second, "Aula").await,
    );
    for hold in held {
        hold.release();
    }
    // A whole read later nothing of the first has come in.
    assert_eq!(people(&console, &second).await, before);
    console.ask(create(&second, "Aula")).await.unwrap();
    assert_eq!(shown(&console, &second, "Aula").await, total + 1);
    let theirs = world.sim.control().people(SECOND).unwrap();
    for id in people(&console, &second).await {
        assert!(
            theirs.iter().any(|person| person.id == id),
            "{id} is not of this organization"
        );
    }
}

/// security.md 43: a write started in one organization is made there, whichever is open when its reply comes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn a_write_that_is_answered_after_a_switch_was_done_where_it_was_begun() {
    let (world, console, main) = World::signed_in(0).await;
    let hold = world
        .lane
        .printing
        .hold(Matching::new("POST", GROUPS), Point::BeforeReply);
    let created = console.tell(create(&main, "Foyer")).await.unwrap();
    hold.reached().await;
    let second = choose(&console, SECOND).await;
    hold.release();
    // Done or dropped, it says nothing of the organization that is open now.
    let _ = console.answer(created).await;
    assert_eq!(
        (world.groups(MAIN, "Foyer"), world.groups(SECOND, "Foyer")),
        (1, 0)
    );
    assert_eq!(shown(&console, &second, "Foyer").await, 0);
    let main = choose(&console, MAIN).await;
    assert_eq!(shown(&console, &main, "Foyer").await, 1);
}

/// security.md 43: a write of the organization before is refused for its token after a switch: it is not
/// repeated with a token that would write it in this one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn a_write_that_is_refused_after_a_switch_is_not_repeated_in_this_organization() {
    let (world, console, main) = World::signed_in(0).await;
    let matching = Matching::new("POST", GROUPS);
    let hold = world.lane.printing.hold(matching.clone(), Point::Arrived);
    world.lane.printing.add(matching.times(1), refusal());
    let created = console.tell(create(&main, "Mensa")).await.unwrap();
    hold.reached().await;
    let second = choose(&console, SECOND).await;
    hold.release();
    assert_eq!(code(console.answer(created).await), "organizationChanged");
    assert_eq!(
        (world.groups(MAIN, "Mensa"), world.groups(SECOND, "Mensa")),
        (0, 0)
    );
    assert_eq!(shown(&console, &second, "Mensa").await, 0);
}

/// security.md 44: a switch that the server never saw, or that it refused, changes nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn a_switch_that_fails_leaves_the_organization_working() {
    let (world, console, main) = World::signed_in(0).await;
    let user = people(&console, &main).await.remove(0);
    let acts = [
        (
            Reply::new(503, "text/html", "<h1>busy</h1>"),
            Some("serverFailed"),
        ),
        // What to tell of it is the console's to choose; it may be about the organization, so it ends
        // nothing.
        (
            Reply::new(400, "application/json", r#"{"error":"invalid_grant"}"#),
            None,
        ),
        (Reply::captive_portal(), Some("portalInTheWay")),
    ];
    for (reply, wanted) in acts {
        world.lane.account.add(
            Matching::grant("switch_organization").times(1),
            Act::Instead(reply),
        );
        let told = code(switch(&console, SECOND).await);
        assert_eq!(wanted.unwrap_or(&told), told);
        assert_eq!(in_it(&console, MAIN).await, main);
        world.sim.control().revoke_access_tokens();
        console.ask(user_read(&main, &user)).await.unwrap();
    }
    choose(&console, SECOND).await;
}

/// security.md 36, 44: the server has switched, and its reply is lost: with a grace the switch is done all
/// the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn a_switch_whose_reply_is_lost_lands_where_the_server_grants_a_grace() {
    let (world, console, main) = World::signed_in(30).await;
    for act in [
        Act::DropReply,
        Act::Cut(Point::InHead(40)),
        Act::Cut(Point::InBody(99)),
    ] {
        world
            .lane
            .account
            .add(Matching::grant("switch_organization").times(1), act);
        let second = choose(&console, SECOND).await;
        assert_eq!(
            code(console.ask(create(&main, "Lobby")).await),
            "organizationChanged"
        );
        let user = people(&console, &second).await.remove(0);
        world.sim.control().revoke_access_tokens();
        console.ask(user_read(&second, &user)).await.unwrap();
        choose(&console, MAIN).await;
    }
}

/// security.md 36, 44: without a grace it is one clean question, with everything of the first organization as
/// it was.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn a_switch_whose_reply_is_lost_without_a_grace_is_one_clean_question() {
    let (world, console, main) = World::signed_in(0).await;
    let before = people(&console, &main).await;
    world
        .lane
        .account
        .add(Matching::grant("switch_organization").times(1), Act::DropReply);
    assert!(switch(&console, SECOND).await.is_err());
    assert_eq!(
        code(console.ask(user_read(&main, &before[0])).await),
        "sessionEnded"
    );
    expired(&console).await;
    assert_eq!(people(&console, &main).await, before);
    let email = ezeep_sim_faults::known::ADMIN.email;
    world.lane.sign_in(&console, email).await.unwrap();
    assert_eq!(in_it(&console, MAIN).await, main);
    console.ask(user_read(&main, &before[0])).await.unwrap();
    choose(&console, SECOND).await;
}
