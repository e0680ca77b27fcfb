//! Signing out at the worst moment.

use resilience::lane::{form_problem, somebody};
use resilience::proxy::{Act, Matching, Point};
use serde_json::{Value, json};

use crate::world::{World, user_read};

/// security.md 41: the server has committed a refresh, its reply is on the way, and the person signs out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn a_sign_out_while_a_refresh_is_answered_leaves_nothing_alive() {
    let (world, console, workspace) = World::signed_in(0).await;
    let user = somebody(&console, &workspace).await.unwrap();
    world.sim.control().revoke_access_tokens();
    let hold = world
        .lane
        .account
        .hold(Matching::grant("refresh_token"), Point::BeforeReply);
    let read = console.tell(user_read(&workspace, &user)).await.unwrap();
    hold.reached().await;
    let out = console.tell(json!({ "do": "signOut" })).await.unwrap();
    // The sign-out has begun before the reply comes. Should it not have, the outcome must be the same.
    console.ask(json!({ "do": "sessionView" })).await.unwrap();
    hold.release();
    console.answer(out).await.unwrap();
    let _ = console.answer(read).await;
    let problem = console.until("signed out", form_problem).await.unwrap();
    assert_eq!(problem, Value::Null);
    assert_eq!(world.sim.control().live_families(), vec![]);
    world.nothing_is_kept().await;
}

/// security.md 41: the same, and the reply never comes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn a_sign_out_while_the_reply_to_a_refresh_is_lost_leaves_nothing_alive() {
    let (world, console, workspace) = World::signed_in(0).await;
    let user = somebody(&console, &workspace).await.unwrap();
    world.sim.control().revoke_access_tokens();
    let hold = world
        .lane
        .account
        .hold(Matching::grant("refresh_token"), Point::BeforeReply);
    let read = console.tell(user_read(&workspace, &user)).await.unwrap();
    hold.reached().await;
    let out = console.tell(json!({ "do": "signOut" })).await.unwrap();
    console.ask(json!({ "do": "sessionView" })).await.unwrap();
    hold.cut();
    console.answer(out).await.unwrap();
    assert!(console.answer(read).await.is_err());
    assert_eq!(world.sim.control().live_families(), vec![]);
    world.nothing_is_kept().await;
}

/// security.md 42: no server answers; the person is told, and nothing is left here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn a_sign_out_without_a_network_forgets_here_and_says_what_may_live_on() {
    let (world, console, _) = World::signed_in(0).await;
    world.lane.account.add(Matching::any("/"), Act::DropBefore);
    let printing = Matching::any("/").may_not_fire("a sign-out asks the account server alone");
    world.lane.printing.add(printing, Act::DropBefore);
    console.ask(json!({ "do": "signOut" })).await.unwrap();
    let problem = console.until("signed out", form_problem).await.unwrap();
    assert_eq!(problem["code"], "signOutNotConfirmed");
    world.lane.account.clear();
    world.lane.printing.clear();
    world.nothing_is_kept().await;
    assert_eq!(
        world.sim.control().live_families().len(),
        1,
        "it is for the server to let it expire"
    );
}

/// security.md 42: the server revokes and its answer is lost: told as not confirmed, which is the truth as
/// far as it is known.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn a_sign_out_whose_answer_is_lost_is_done_and_said_to_be_unconfirmed() {
    let (world, console, _) = World::signed_in(0).await;
    world
        .lane
        .account
        .add(Matching::new("POST", "/oauth/revoke/"), Act::DropReply);
    console.ask(json!({ "do": "signOut" })).await.unwrap();
    let problem = console.until("signed out", form_problem).await.unwrap();
    assert_eq!(problem["code"], "signOutNotConfirmed");
    assert_eq!(world.sim.control().live_families(), vec![]);
    world.nothing_is_kept().await;
}
