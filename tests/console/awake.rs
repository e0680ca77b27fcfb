//! The computer does not go to sleep while memberships are changed.

use std::sync::atomic::Ordering;

use console::wire::*;
use ezeep_sim_faults::{Match, When};

use crate::support::*;

async fn until_awake(world: &World, wanted: usize) {
    let what = format!("kept awake by {wanted}");
    let now = || world.host.awake.load(Ordering::SeqCst);
    world.until(&what, |_| (now() == wanted).then_some(())).await;
}

#[tokio::test]
async fn a_run_keeps_the_computer_awake_until_it_ends_or_a_person_holds_it() {
    let (world, main) = World::signed_in(small()).await;
    let request = add_to_a_group(&world, &main).await;
    let write = Match::new("PATCH", "/printing/v1/users/");
    let pause = world.sim.control().pause(When::BeforeCommit, write);
    let plan = world.at(&main).plan_make(&request).await.unwrap();
    assert_eq!(
        world.host.awake.load(Ordering::SeqCst),
        0,
        "a plan alone is no run"
    );
    world.open().plan_apply(&plan.id).await.unwrap();
    pause.reached().await;
    until_awake(&world, 1).await;
    world.open().plan_pause(&plan.id).unwrap();
    until_awake(&world, 0).await;
    world.open().plan_resume(&plan.id).unwrap();
    until_awake(&world, 1).await;
    pause.release();
    let progress = world.finished(&plan.id).await;
    assert_eq!(progress.state, RunState::Finished);
    until_awake(&world, 0).await;
}
