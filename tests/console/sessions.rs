//! A session that ends by itself, or with the process: everything goes on where it was, and no plan is lost.

use console::error::ErrorCode;
use console::wire::*;
use ezeep_sim_faults::{AccessTokens, Match, When};

use crate::support::*;

#[tokio::test]
pub async fn a_session_that_ended_leaves_everything_where_it_was_and_a_sign_in_goes_on_there() {
    let (world, main) = World::signed_in(small()).await;
    let request = add_to_a_group(&world, &main).await;
    let plan = world.at(&main).plan_make(&request).await.unwrap();
    let rows = world.find(&main, "");
    world.sim.control().revoke_all();
    world.open().sync_start();
    assert_eq!(world.expired().await, main);
    // What was read can still be looked at; a write says what it lacks.
    assert_eq!(world.find(&main, ""), rows);
    assert_eq!(
        code(world.at(&main).group_create(&form("Mensa")).await),
        ErrorCode::SessionEnded
    );
    world.sign_in(Visitor::Allows(ADMIN)).await;
    let (again, _) = world.inside().await;
    assert_eq!(again, main, "another opening would lose what the window shows");
    world.read().await;
    world.open().plan_apply(&plan.id).await.unwrap();
    let progress = world.finished(&plan.id).await;
    assert_eq!((progress.applied, progress.failed), (progress.total, 0));
}

#[tokio::test]
pub async fn a_run_that_loses_its_session_waits_and_goes_on_by_itself_after_the_sign_in() {
    let (world, main) = World::signed_in(small()).await;
    let request = add_to_a_group(&world, &main).await;
    world.sim.control().revoke_all();
    let plan = world.begin(&main, &request).await;
    let waits = world.waits(&plan.id).await;
    assert_eq!(waits.waiting, Some(ErrorCode::SessionEnded.into()));
    assert_eq!(
        (waits.done, waits.failed),
        (0, 0),
        "what was not sent did not fail"
    );
    world.expired().await;
    world.sign_in(Visitor::Allows(ADMIN)).await;
    world.inside().await;
    let progress = world.finished(&plan.id).await;
    assert_eq!((progress.applied, progress.failed), (progress.total, 0));
}

/// A run that waits for a sign-in sends nothing: it does not block a sign-out, and is offered at the next
/// sign-in.
#[tokio::test]
pub async fn a_run_that_waits_for_a_sign_in_can_be_stopped_and_says_why_it_was_not_tried() {
    let (world, main) = World::signed_in(small()).await;
    let request = add_to_a_group(&world, &main).await;
    world.sim.control().revoke_all();
    let plan = world.begin(&main, &request).await;
    world.waits(&plan.id).await;
    // The first answer makes it wait, and the others' are on their way.
    world
        .until("nobody is being written", |_| {
            (!world.console.is_writing()).then_some(())
        })
        .await;
    world.open().plan_stop(&plan.id).unwrap();
    let progress = world.finished(&plan.id).await;
    assert_eq!((progress.done, progress.failed), (0, 0));
    assert_eq!(progress.stopped, Some(ErrorCode::SessionEnded.into()));
    assert_eq!(
        code(world.open().plan_apply(&plan.id).await),
        ErrorCode::SessionEnded
    );
    world.expired().await;
    world.sign_in(Visitor::Allows(ADMIN)).await;
    world.inside().await;
    world.open().plan_apply(&plan.id).await.unwrap();
    assert_eq!(world.finished(&plan.id).await.applied, progress.total);
}

#[tokio::test]
pub async fn a_plan_that_was_not_applied_is_there_after_a_restart_and_gone_after_the_sign_out() {
    let (mut world, main) = World::signed_in(small()).await;
    let plan = world
        .at(&main)
        .plan_make(&add_to_a_group(&world, &main).await)
        .await
        .unwrap();
    world.restart();
    let (main, _) = world.inside().await;
    world.read().await;
    let kept = world.at(&main).plans();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].plan.id, plan.id);
    assert_eq!(kept[0].progress.state, RunState::Ready);
    world.open().plan_apply(&plan.id).await.unwrap();
    assert_eq!(world.finished(&plan.id).await.applied, 3);
    assert_eq!(world.at(&main).plans(), vec![]);

    let group = world.at(&main).group_create(&form("Foyer")).await.unwrap();
    let request = MembershipRequest::Add {
        users: Selection::Matching {
            scope: UserScope::default(),
            except: vec![],
        },
        groups: vec![group.id],
    };
    world.at(&main).plan_make(&request).await.unwrap();
    assert_eq!(world.at(&main).plans().len(), 1);
    world.console.sign_out().await.unwrap();
    world.restart();
    world.form().await;
    world.sign_in(Visitor::Allows(ADMIN)).await;
    // The organization used last was removed at the sign-out.
    let main = world.choose("Nordhafen Schulen").await;
    assert_eq!(world.at(&main).plans(), vec![]);
}

#[tokio::test]
pub async fn an_expired_session_found_at_the_start_keeps_its_plans_for_the_sign_in() {
    let (mut world, main) = World::signed_in(small()).await;
    let plan = world
        .at(&main)
        .plan_make(&add_to_a_group(&world, &main).await)
        .await
        .unwrap();
    world.sim.control().revoke_all();
    world.restart();
    assert_eq!(
        world.signed_out_with_a_problem().await.code,
        ErrorCode::SessionEnded
    );
    let (form, _) = world.form().await;
    assert_eq!(form.accounts[0].state, AccountState::Expired);
    world.sign_in(Visitor::Allows(ADMIN)).await;
    let (main, _) = world.inside().await;
    assert_eq!(world.at(&main).plans()[0].plan.id, plan.id);
}

/// A replaced record is read again instead of ending the session: `pressroom auth login` as the same user
/// does not sign the window out.
#[tokio::test]
pub async fn a_sign_in_of_another_program_as_the_same_person_is_taken_up_without_a_question() {
    // One program has restored the window's session before it signs in, and revokes its grant; the other has
    // no session, and revokes nothing.
    for takes_up in [true, false] {
        let (mut world, main) = World::signed_in(small()).await;
        let request = add_to_a_group(&world, &main).await;
        let plan = world.at(&main).plan_make(&request).await.unwrap();
        let first = world.second_program();
        if takes_up {
            world.console.resume();
            world.inside().await;
            world.console.account_add().await.unwrap();
        }
        world.sign_in(Visitor::Allows(ADMIN)).await;
        if takes_up {
            // An organization is open behind the sign-in: no choice may be made before the sign-in has ended.
            world.inside().await;
        }
        let second = world.choose("Seehafen Logistik").await;
        assert!(matches!(world.read().await, ReadView::Done { .. }));
        // As if the token in memory had expired.
        world.sim.control().revoke_access_tokens();
        crate::tokens::goes_on(&first, &main).await;
        assert_eq!(first.open(&main).unwrap().plans()[0].plan.id, plan.id);
        world
            .until("the grant before is ended", |_| {
                (world.sim.control().live_families().len() == 1).then_some(())
            })
            .await;
        // Each in its own organization, and neither asks at the next start.
        crate::tokens::goes_on(&world.console, &second).await;
        crate::tokens::goes_on(&first, &main).await;
        world.restart();
        world.inside().await;
    }
}

/// security.md 44: a switch that a sign-in in front has overtaken leaves the open organization working, with
/// both kinds of tokens.
#[tokio::test]
async fn a_switch_that_is_overtaken_by_a_sign_in_in_front_leaves_the_open_organization_working() {
    for kind in [AccessTokens::Jwt, AccessTokens::Opaque] {
        let mut config = small();
        config.quirks.access_tokens = kind;
        let (world, main) = World::signed_in(config).await;
        let other = world.organization("Seehafen Logistik").await;
        let pause = world.sim.control().pause(
            When::AfterCommit,
            Match::grant(ezeep_sim_faults::Grant::SwitchOrganization),
        );
        let console = world.console.clone();
        let switch = tokio::spawn(async move { console.organization_choose(&other).await });
        pause.reached().await;
        world.console.account_add().await.unwrap();
        world.sign_in(Visitor::Leaves).await;
        pause.release();
        assert_eq!(code(switch.await.unwrap()), ErrorCode::Cancelled);
        world.console.sign_in_close().await;
        let id = world.find(&main, "").rows[0].id.clone();
        world.at(&main).user_read(&id).await.unwrap();
    }
}
