//! Two processes on one data directory: two windows, or the app and a script.

use ezeep_sim_faults::known;
use resilience::headless::Headless;
use resilience::lane::{inside, somebody};
use resilience::protocol::{StoreCall, StoreStep};
use resilience::proxy::{Event, Matching, Point, Step};
use serde_json::json;
use tokio::sync::broadcast::Receiver;

use crate::world::{World, report, user_read};

const EXPIRIES: usize = 50;

/// How often a console has asked for the lock.
fn asked_for_the_lock(console: &Headless) -> usize {
    let at = serde_json::to_value(StoreStep::before(StoreCall::Lock)).unwrap();
    console.count(|line| line["store"]["at"] == at)
}

async fn asks_for_the_lock(console: &Headless, times: usize) {
    let at = serde_json::to_value(StoreStep::before(StoreCall::Lock)).unwrap();
    let mut seen = 0;
    console
        .news("asking for the lock", |line| {
            // Each look begins with the first line again.
            if line["event"].is_null() && line["store"]["at"] == at {
                seen += 1;
            }
            (seen >= times).then_some(())
        })
        .await
        .unwrap();
}

/// The token endpoint's answers to rotations so far: accepted, refused.
fn answered(events: &mut Receiver<Event>) -> (u32, u32) {
    let (mut taken, mut refused) = (0, 0);
    while let Ok(event) = events.try_recv() {
        if matches!(
            event.grant.as_deref(),
            Some("refresh_token" | "switch_organization")
        ) && let Step::Committed { status } = event.step
        {
            match status {
                200 => taken += 1,
                _ => refused += 1,
            }
        }
    }
    (taken, refused)
}

/// security.md 32: both processes want a new token at the same moment, 50 times; each waits its turn, reads
/// again what the other left, and no refresh token is presented twice, at a server that would end the grant
/// for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn two_processes_on_one_data_directory_never_spend_one_refresh_token_twice() {
    let (world, first, workspace) = World::signed_in(0).await;
    let second = world.lane.resume().await.unwrap();
    let other = inside(&second).await.unwrap();
    let user = somebody(&first, &workspace).await.unwrap();

    let rotations = world.rotations();
    let mut events = world.lane.account.events();
    let (mut taken, mut refused, mut raced) = (0, 0, 0);
    for _ in 0..EXPIRIES {
        world.sim.control().revoke_access_tokens();
        let asked = (asked_for_the_lock(&first), asked_for_the_lock(&second));
        let hold = world
            .lane
            .account
            .hold(Matching::grant("refresh_token"), Point::BeforeReply);
        let (one, two) = tokio::join!(
            first.tell(user_read(&workspace, &user)),
            second.tell(user_read(&other, &user))
        );
        // One has spent its token and has no answer yet; only when the other asks for the lock does it get
        // one.
        hold.reached().await;
        tokio::join!(
            asks_for_the_lock(&first, asked.0 + 1),
            asks_for_the_lock(&second, asked.1 + 1)
        );
        raced += 1;
        hold.release();
        let (one, two) = tokio::join!(first.answer(one.unwrap()), second.answer(two.unwrap()));
        one.unwrap();
        two.unwrap();
        let (more, fewer) = answered(&mut events);
        taken += more;
        refused += fewer;
    }

    report(
        "two-processes",
        &json!({
            "expiries": EXPIRIES, "raced": raced, "refreshes": taken, "refused": refused,
            "rotationsAtTheServer": world.rotations() - rotations,
        }),
    );
    assert_eq!((raced, refused), (EXPIRIES, 0));
    // Every token that was presented was rotated: none was presented twice, and the grant is the one of the
    // sign-in.
    assert_eq!(world.rotations() - rotations, taken);
    assert!(taken >= 50, "{taken} refreshes");
    assert_eq!(world.sim.control().live_families().len(), 1);
}

/// security.md 32: the operating system lets go of a dead process's lock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn a_process_that_is_killed_with_the_lock_lets_the_other_go_on() {
    let (world, first, workspace) = World::signed_in(0).await;
    let second = world.lane.resume().await.unwrap();
    let other = inside(&second).await.unwrap();
    let user = somebody(&first, &workspace).await.unwrap();
    world.sim.control().revoke_access_tokens();

    let locked = StoreStep::after(StoreCall::Lock);
    first.hold(locked, 0).await.unwrap();
    first.tell(user_read(&workspace, &user)).await.unwrap();
    first.held(locked).await.unwrap();
    let asked = asked_for_the_lock(&second);
    let waiting = second.tell(user_read(&other, &user)).await.unwrap();
    asks_for_the_lock(&second, asked + 1).await;
    first.kill().await.unwrap();
    second.answer(waiting).await.unwrap();
    assert_eq!(world.sim.control().live_families().len(), 1);
}

/// security.md 32, 41: signed out in one process, the other asks once, and nothing lives on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn a_sign_out_in_one_process_ends_the_session_of_the_other() {
    let (world, first, _) = World::signed_in(0).await;
    let second = world.lane.resume().await.unwrap();
    let other = inside(&second).await.unwrap();
    let user = somebody(&second, &other).await.unwrap();
    first.ask(json!({ "do": "signOut" })).await.unwrap();
    assert_eq!(world.sim.control().live_families(), vec![]);
    assert_eq!(
        crate::world::code(second.ask(user_read(&other, &user)).await),
        "sessionEnded"
    );
    crate::world::expired(&second).await;
    world.lane.sign_in(&second, known::ADMIN.email).await.unwrap();
    crate::world::in_it(&second, crate::world::MAIN).await;
    second.ask(user_read(&other, &user)).await.unwrap();
}

/// A replaced record is read again: a sign-in of the same user in another process, which does not know this
/// session, signs nobody out, and the previous grant is revoked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn a_sign_in_in_one_process_is_taken_up_by_the_other_without_a_question() {
    for ends_first in [false, true] {
        let (world, first, main) = World::signed_in(0).await;
        let control = world.sim.control();
        control.change_quirks(|quirks| quirks.second_grant_ends_first = ends_first);
        let user = somebody(&first, &main).await.unwrap();
        let second = world.lane.start().unwrap();
        world.lane.sign_in(&second, known::ADMIN.email).await.unwrap();
        let other = crate::world::choose(&second, crate::world::SECOND).await;
        control.revoke_access_tokens();
        let theirs = somebody(&second, &other).await.unwrap();
        let (one, two) = tokio::join!(
            first.ask(user_read(&main, &user)),
            second.ask(user_read(&other, &theirs))
        );
        one.unwrap();
        two.unwrap();
        assert_eq!(crate::world::in_it(&first, crate::world::MAIN).await, main);
        crate::world::one_grant_lives(&world).await;
        // The next start asks nobody to sign in either.
        let third = world.lane.resume().await.unwrap();
        inside(&third).await.unwrap();
    }
}

/// security.md 32, 43: each process stays in its own organization, although one record speaks for both.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn two_processes_in_two_organizations_each_go_on_in_their_own() {
    let (world, first, main) = World::signed_in(0).await;
    let other = world.lane.resume().await.unwrap();
    crate::world::in_it(&other, crate::world::MAIN).await;
    let second = crate::world::choose(&other, crate::world::SECOND).await;
    for round in 0..3 {
        world.sim.control().revoke_access_tokens();
        let name = format!("Round {round}");
        let (one, two) = tokio::join!(
            first.ask(crate::world::create(&main, &name)),
            other.ask(crate::world::create(&second, &name))
        );
        println!("{one:?} {two:?}");
        one.unwrap();
        two.unwrap();
        assert_eq!(
            (
                world.groups(crate::world::MAIN, &name),
                world.groups(crate::world::SECOND, &name)
            ),
            (1, 1)
        );
    }
    assert_eq!(world.sim.control().live_families().len(), 1);
}

/// What one process remembers is not undone by another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn an_account_that_one_process_adds_is_not_forgotten_by_another() {
    let (world, first, _) = World::signed_in(0).await;
    let second = world.lane.resume().await.unwrap();
    crate::world::in_it(&second, crate::world::MAIN).await;
    second.ask(json!({ "do": "accountAdd" })).await.unwrap();
    world
        .lane
        .sign_in(&second, known::ONE_ORGANIZATION_ADMIN.email)
        .await
        .unwrap();
    second
        .until("the other account is in front", |view| {
            (view["person"]["email"] == known::ONE_ORGANIZATION_ADMIN.email && view["overlay"].is_null())
                .then_some(())
        })
        .await
        .unwrap();
    // The first remembers where it goes.
    crate::world::choose(&first, crate::world::SECOND).await;
    let third = world.lane.resume().await.unwrap();
    inside(&third).await.unwrap();
    let accounts = third.ask(json!({ "do": "accounts" })).await.unwrap();
    println!("{accounts}");
    assert_eq!(accounts.as_array().unwrap().len(), 2);
}
