//! A run with failures: no network, a failing server, the end of the session or of the process, a panic.
//! Nobody is reported as failed who was not tried.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use console::error::ErrorCode;
use console::wire::*;
use ezeep_sim_faults::known::organizations;
use ezeep_sim_faults::{Fault, FaultId, FaultKind, Match, RetryAfter, When};
use ids::{GroupId, PlanId, WorkspaceId};
use vault::lock::LockTable;

use crate::support::*;

fn active(world: &World, main: &WorkspaceId, n: usize) -> Vec<UserRow> {
    let scope = UserScope {
        states: vec![UserState::Active],
        ..UserScope::default()
    };
    world.users(main, scope).rows.into_iter().take(n).collect()
}

/// A new group, and a request that adds this many users to it.
async fn request(world: &World, main: &WorkspaceId, n: usize) -> (GroupId, Vec<UserRow>, MembershipRequest) {
    let group = world.at(main).group_create(&form("Aula")).await.unwrap().id;
    let people = active(world, main, n);
    let request = MembershipRequest::Add {
        users: Selection::Ids {
            ids: people.iter().map(|row| row.id.clone()).collect(),
        },
        groups: vec![group.clone()],
    };
    (group, people, request)
}

fn members(world: &World, people: &[UserRow], group: &GroupId) -> usize {
    let control = world.sim.control();
    let is_in = |row: &&UserRow| {
        let groups = control.memberships(organizations::MAIN, row.id.as_str()).unwrap();
        groups.contains(&group.as_str().to_owned())
    };
    people.iter().filter(is_in).count()
}

/// Every request to the printing server fails.
fn printing_server(world: &World, kind: FaultKind) -> FaultId {
    let matching = Match {
        path: "/printing/v1/".into(),
        ..Match::default()
    };
    world.sim.control().add_fault(Fault::always(matching, kind))
}

/// Cuts the network when the first user has been written; returns the fault to remove to restore it.
fn goes_at_the_first_write(world: &World, kind: FaultKind) -> Arc<Mutex<Option<FaultId>>> {
    let control = world.sim.control();
    let gone = Arc::new(Mutex::new(None));
    let (set, other) = (gone.clone(), control.clone());
    let written = Match::new("PATCH", "/printing/v1/users/");
    control.on_request(When::AfterCommit, written, Some(1), move |_| {
        let matching = Match {
            path: "/printing/v1/".into(),
            ..Match::default()
        };
        *set.lock().unwrap() = Some(other.add_fault(Fault::always(matching, kind.clone())));
    });
    gone
}

fn comes_back(world: &World, gone: &Mutex<Option<FaultId>>) {
    let fault = gone.lock().unwrap().take().expect("the network never went");
    world.sim.control().remove_fault(fault);
}

/// Starts a run of ten, and cuts the network when the first of them is written.
async fn cut_off(
    world: &World,
    main: &WorkspaceId,
) -> (GroupId, Vec<UserRow>, PlanId, Arc<Mutex<Option<FaultId>>>) {
    let (group, people, request) = request(world, main, 10).await;
    let gone = goes_at_the_first_write(world, FaultKind::DropBeforeCommit);
    let plan = world.begin(main, &request).await.id;
    (group, people, plan, gone)
}

/// Five minutes without a network must not mark the remaining users as failed.
#[tokio::test]
async fn a_run_whose_network_goes_says_so_waits_and_goes_on_by_itself() {
    let (world, main) = World::signed_in(small()).await;
    let (group, people, plan, gone) = cut_off(&world, &main).await;
    let progress = world.waits(&plan).await;
    assert_eq!(progress.state, RunState::Paused);
    assert!(matches!(
        progress.waiting.map(|error| error.code),
        Some(ErrorCode::Offline { .. })
    ));
    assert!(progress.done < 10);
    assert_eq!(progress.failed, 0, "nobody failed who was not tried");
    assert!(world.console.is_writing());
    comes_back(&world, &gone);
    let progress = world.finished(&plan).await;
    assert_eq!((progress.applied + progress.unchanged, progress.failed), (10, 0));
    assert_eq!(progress.waiting, None);
    assert_eq!(members(&world, &people, &group), 10);
}

#[tokio::test]
async fn a_server_that_fails_for_every_user_is_waited_for() {
    let kinds = [
        FaultKind::Status { status: 500 },
        FaultKind::Html { status: 502 },
        FaultKind::Html { status: 200 },
        FaultKind::Html { status: 403 },
        FaultKind::Html { status: 404 },
        FaultKind::TooManyRequests {
            retry_after: RetryAfter::Absent,
        },
        FaultKind::Unavailable {
            retry_after: RetryAfter::Seconds(1),
        },
        FaultKind::Status { status: 407 },
        FaultKind::Redirect {
            status: 307,
            location: "https://portal.example/".into(),
        },
    ];
    for kind in kinds {
        let (world, main) = World::signed_in(small()).await;
        let (group, people, request) = request(&world, &main, 6).await;
        let gone = printing_server(&world, kind.clone());
        let plan = world.begin(&main, &request).await;
        let progress = world.waits(&plan.id).await;
        assert_eq!((progress.done, progress.failed), (0, 0), "{kind:?}");
        world.sim.control().remove_fault(gone);
        let progress = world.finished(&plan.id).await;
        assert_eq!((progress.applied, progress.failed), (6, 0), "{kind:?}");
        assert_eq!(members(&world, &people, &group), 6);
    }
}

/// A server that fails for one user does not stop the others.
#[tokio::test]
async fn one_person_whom_the_server_can_not_read_fails_alone_while_it_answers_for_others() {
    let (world, main) = World::signed_in(small()).await;
    let (group, people, request) = request(&world, &main, 6).await;
    let path = user_path(&people[2].id);
    let fails = FaultKind::Status { status: 500 };
    world
        .sim
        .control()
        .add_fault(Fault::always(Match::new("GET", &path), fails));
    let plan = world.begin(&main, &request).await;
    let progress = world.finished(&plan.id).await;
    assert_eq!((progress.applied, progress.failed), (5, 1));
    let failed = world.open().plan_lines(&plan.id, 0, 10, true).unwrap().lines;
    let Some(Outcome::Failed { error }) = &failed[0].outcome else {
        panic!()
    };
    assert_eq!(error.code, ErrorCode::ServerFailed { status: 500 });
    assert_eq!(members(&world, &people, &group), 5);
}

/// The write was made, but both its answer and the read-back were lost.
#[tokio::test]
async fn a_write_that_nobody_answered_is_found_out_when_the_network_is_back_and_not_repeated() {
    let (world, main) = World::signed_in(small()).await;
    let (group, people, request) = request(&world, &main, 1).await;
    let path = user_path(&people[0].id);
    let control = world.sim.control();
    control.add_fault(Fault::once(
        Match::new("PATCH", &path),
        FaultKind::DropAfterCommit,
    ));
    let gone = goes_at_the_first_write(&world, FaultKind::DropBeforeCommit);
    control.forget_requests();
    let plan = world.begin(&main, &request).await;
    world.waits(&plan.id).await;
    comes_back(&world, &gone);
    let progress = world.finished(&plan.id).await;
    assert_eq!((progress.applied, progress.unchanged, progress.failed), (1, 0, 0));
    assert_eq!(control.count("PATCH", "/printing/v1/users/{id}/"), 1);
    assert_eq!(members(&world, &people, &group), 1);
}

#[tokio::test]
async fn a_run_stopped_while_it_waits_says_of_whom_was_not_tried_why() {
    let (world, main) = World::signed_in(small()).await;
    let (group, people, plan, gone) = cut_off(&world, &main).await;
    world.waits(&plan).await;
    world.open().plan_stop(&plan).unwrap();
    let stopped = world.finished(&plan).await;
    assert!(stopped.done < 10);
    // Users being written when the network failed may have been written: the result says so, and nobody else
    // is reported as failed.
    let failed = world.open().plan_lines(&plan, 0, 10, true).unwrap().lines;
    assert!(failed.len() < 4);
    for line in failed {
        let Some(Outcome::Failed { error }) = line.outcome else {
            panic!()
        };
        assert_eq!(error.code, ErrorCode::OutcomeUnknown);
    }
    assert!(matches!(
        stopped.stopped.map(|error| error.code),
        Some(ErrorCode::Offline { .. })
    ));
    let report = std::fs::read_to_string(world.open().plan_report(&plan).unwrap()).unwrap();
    let not_tried = report.lines().filter(|line| line.contains("not tried: offline"));
    assert_eq!(not_tried.count(), 10 - stopped.done as usize);
    comes_back(&world, &gone);
    world.open().plan_apply(&plan).await.unwrap();
    world
        .until("all done", |_| {
            let progress = world.open().plan_progress(&plan).unwrap();
            (progress.done == 10 && progress.state == RunState::Finished).then_some(())
        })
        .await;
    assert_eq!(members(&world, &people, &group), 10);
}

#[tokio::test]
async fn a_run_paused_while_it_waits_is_not_woken_by_the_network_but_by_continue() {
    let (world, main) = World::signed_in(small()).await;
    let (group, people, plan, gone) = cut_off(&world, &main).await;
    world.waits(&plan).await;
    world.open().plan_pause(&plan).unwrap();
    let paused = world.open().plan_progress(&plan).unwrap();
    assert_eq!((paused.state, paused.waiting), (RunState::Paused, None));
    comes_back(&world, &gone);
    world.open().plan_resume(&plan).unwrap();
    assert_eq!(world.finished(&plan).await.failed, 0);
    assert_eq!(members(&world, &people, &group), 10);
}

/// The computer is switched off while the run waits.
#[tokio::test]
async fn a_restart_in_the_middle_of_a_waiting_run_loses_no_result_and_goes_on_with_the_rest() {
    let (mut world, main) = World::signed_in(small()).await;
    let (group, people, plan, gone) = cut_off(&world, &main).await;
    world.waits(&plan).await;
    comes_back(&world, &gone);
    // The old run is not stopped: its console is dropped here.
    world.open().plan_stop(&plan).unwrap();
    let stopped = world.finished(&plan).await;
    world.restart();
    let (main, _) = world.inside().await;
    world.read().await;
    let plans = world.at(&main).plans();
    assert_eq!(plans.len(), 1);
    let progress = &plans[0].progress;
    assert_eq!((progress.done, progress.failed), (stopped.done, stopped.failed));
    world.open().plan_apply(&plan).await.unwrap();
    let progress = world
        .until("all done", |_| {
            let progress = world.open().plan_progress(&plan).unwrap();
            (progress.done == 10 && progress.state == RunState::Finished).then_some(progress)
        })
        .await;
    assert_eq!(progress.failed, 0);
    assert_eq!(members(&world, &people, &group), 10);
    assert_eq!(progress.waiting, None);
    assert_eq!(world.at(&main).plans(), vec![]);
}

/// A host that panics on a progress event does not leave the run in progress.
#[tokio::test]
async fn a_panic_in_a_run_ends_neither_the_run_nor_the_hope_of_a_sign_out() {
    let (world, main) = World::signed_in(small()).await;
    let (group, people, request) = request(&world, &main, 40).await;
    world
        .sim
        .control()
        .set_latency(std::time::Duration::from_millis(30));
    let path = user_path(&people[0].id);
    let hold = world
        .sim
        .control()
        .pause(When::BeforeCommit, Match::new("PATCH", &path));
    let plan = world.begin(&main, &request).await;
    hold.reached().await;
    *world.host.panics_at_a_plan.lock().unwrap() = true;
    hold.release();
    let progress = world.finished(&plan.id).await;
    assert_eq!((progress.done, progress.failed), (40, 0));
    assert_eq!(members(&world, &people, &group), 40);
    assert!(!*world.host.panics_at_a_plan.lock().unwrap(), "it did not panic");
    assert!(!world.console.is_writing());
    world.console.sign_out().await.unwrap();
}

/// Far longer than [`PATIENCE`]: a test that waits for it fails.
const COMES_AGAIN_LATER: FaultKind = FaultKind::TooManyRequests {
    retry_after: RetryAfter::Seconds(120),
};

/// The next request of this kind about a user is answered with 429 once `method` was done for that user.
fn limited_after_a_write(world: &World, user: &UserRow, kind: FaultKind) {
    let (control, path) = (world.sim.control(), user_path(&user.id));
    let other = control.clone();
    control.on_request(
        When::AfterCommit,
        Match::new("PATCH", &path),
        Some(1),
        move |_| {
            other.add_fault(Fault::once(Match::new("GET", &path), kind.clone()));
        },
    );
}

fn outcome_of(world: &World, plan: &PlanId, user: &UserRow) -> Option<Outcome> {
    let lines = world.open().plan_lines(plan, 0, 500, false).unwrap().lines;
    let line = lines.into_iter().find(|line| line.user.id == user.id);
    line.unwrap().outcome
}

async fn waits_and_is_stopped(world: &World, plan: &PlanId) -> PlanProgress {
    let progress = world.waits(plan).await;
    assert_eq!((progress.state, progress.failed), (RunState::Paused, 0));
    assert!(matches!(
        progress.waiting.map(|error| error.code),
        Some(ErrorCode::RateLimited { seconds: Some(_) })
    ));
    world.open().plan_stop(plan).unwrap();
    world.finished(plan).await
}

/// Neither the read nor the write of a user sits out the server's wait.
#[tokio::test]
async fn a_stop_does_not_wait_until_the_server_may_be_asked_again() {
    for method in ["GET", "PATCH"] {
        let (world, main) = World::signed_in(small()).await;
        let (group, people, request) = request(&world, &main, 6).await;
        let limited = Match::new(method, &user_path(&people[2].id));
        world
            .sim
            .control()
            .add_fault(Fault::once(limited, COMES_AGAIN_LATER));
        let plan = world.begin(&main, &request).await.id;
        let stopped = waits_and_is_stopped(&world, &plan).await;
        assert_eq!(stopped.failed, 0, "{method}");
        assert_eq!(outcome_of(&world, &plan, &people[2]), None, "{method}: not tried");
        assert_eq!(members(&world, &people, &group), stopped.applied as usize);
        assert!(matches!(
            stopped.stopped.map(|error| error.code),
            Some(ErrorCode::RateLimited { .. })
        ));
    }
}

/// security.md 50: what was sent has an outcome, also where its read-back has to wait.
#[tokio::test]
async fn a_write_whose_read_back_has_to_wait_is_told_by_its_reply_when_the_run_is_stopped() {
    for lost in [false, true] {
        let (world, main) = World::signed_in(small()).await;
        let (_, people, request) = request(&world, &main, 1).await;
        limited_after_a_write(&world, &people[0], COMES_AGAIN_LATER);
        if lost {
            let write = Match::new("PATCH", &user_path(&people[0].id));
            world
                .sim
                .control()
                .add_fault(Fault::once(write, FaultKind::DropAfterCommit));
        }
        let plan = world.begin(&main, &request).await.id;
        waits_and_is_stopped(&world, &plan).await;
        let outcome = match outcome_of(&world, &plan, &people[0]) {
            Some(Outcome::Failed { error }) => Err(error.code),
            outcome => Ok(outcome),
        };
        let wanted = match lost {
            true => Err(ErrorCode::OutcomeUnknown),
            false => Ok(Some(Outcome::Applied)),
        };
        assert_eq!(outcome, wanted);
    }
}

/// security.md 50
#[tokio::test]
async fn another_admins_change_is_found_when_the_read_back_had_to_wait() {
    let (world, main) = World::signed_in(small()).await;
    let (group, people, request) = request(&world, &main, 1).await;
    let wait = FaultKind::TooManyRequests {
        retry_after: RetryAfter::Seconds(4),
    };
    limited_after_a_write(&world, &people[0], wait);
    let (control, user) = (world.sim.control(), people[0].id.as_str().to_owned());
    let (other, from) = (control.clone(), group.as_str().to_owned());
    // The small request that ends the wait.
    let asked = Match::new("GET", "/printing/v1/groups/");
    control.on_request(When::BeforeCommit, asked, Some(1), move |_| {
        other
            .remove_from_group(organizations::MAIN, &user, &from)
            .unwrap();
    });
    let plan = world.begin(&main, &request).await.id;
    world.waits(&plan).await;
    world.finished(&plan).await;
    let Some(Outcome::ChangedMeanwhile { vanished, .. }) = outcome_of(&world, &plan, &people[0]) else {
        panic!("{:?}", outcome_of(&world, &plan, &people[0]));
    };
    assert_eq!(vanished[0].id, group);
    assert_eq!(
        members(&world, &people, &group),
        0,
        "and nothing is written again"
    );
}

/// The user is read for the window, which waits as long as the server asked.
#[tokio::test]
async fn a_stop_does_not_wait_for_another_read_of_the_same_user() {
    let (world, main) = World::signed_in(small()).await;
    let (_, people, request) = request(&world, &main, 2).await;
    let read = Match::new("GET", "/printing/v1/users/");
    let control = world.sim.control();
    control.forget_requests();
    control.add_fault(Fault::always(read, COMES_AGAIN_LATER));
    let open = world.at(&main);
    let reads = open.user_read(&people[0].id);
    let run = async {
        let answered = || {
            control
                .requests()
                .iter()
                .any(|request| request.status == Some(429))
        };
        world.until("limited", |_| answered().then_some(())).await;
        let plan = world.begin(&main, &request).await.id;
        waits_and_is_stopped(&world, &plan).await
    };
    let stopped = tokio::select! {
        stopped = run => stopped,
        read = reads => panic!("it was to wait: {read:?}"),
    };
    assert_eq!((stopped.done, stopped.failed), (0, 0));
}

/// A user who is gone is read from both servers for the lists; the account server asks to wait.
#[tokio::test]
async fn a_stop_does_not_wait_for_the_lists_to_learn_of_a_user_who_is_gone() {
    let (world, main) = World::signed_in(small()).await;
    let (_, people, request) = request(&world, &main, 1).await;
    let control = world.sim.control();
    let gone = FaultKind::Status { status: 404 };
    control.add_fault(Fault::always(Match::new("GET", &user_path(&people[0].id)), gone));
    let account = Match::new("GET", &format!("/v1/users/{}", people[0].id.as_str()));
    control.add_fault(Fault::once(account, COMES_AGAIN_LATER));
    let plan = world.begin(&main, &request).await.id;
    let failed = || world.open().plan_progress(&plan).unwrap().failed;
    world.until("failed", |_| (failed() == 1).then_some(())).await;
    world.open().plan_stop(&plan).unwrap();
    world.finished(&plan).await;
}

/// docs/decisions/0001: the key that this process holds is put back, and no other takes its place.
#[tokio::test]
async fn a_key_that_the_keychain_loses_during_a_run_costs_no_plan_and_no_result() {
    let (mut world, main) = World::signed_in(small()).await;
    let (_, people, request) = request(&world, &main, 6).await;
    let control = world.sim.control();
    let fails = FaultKind::Status { status: 500 };
    control.add_fault(Fault::always(Match::new("GET", &user_path(&people[5].id)), fails));
    let hold = control.pause(When::BeforeCommit, Match::new("PATCH", &user_path(&people[0].id)));
    let plan = world.begin(&main, &request).await.id;
    hold.reached().await;
    let name = file_key(&world).await;
    world.keychain.delete_key(&name).await.unwrap();
    // The list is kept on disk while the run goes on, and needs the key.
    world.at(&main).group_create(&form("Mensa")).await.unwrap();
    let back = || async { world.keychain.read_key(&name).await.unwrap().is_some() };
    while !back().await {
        world.console.save_now().await;
    }
    hold.release();
    let ended = world.finished(&plan).await;
    assert_eq!((ended.applied, ended.failed), (5, 1));
    world.restart();
    let (main, _) = world.inside().await;
    world.read().await;
    let plans = world.at(&main).plans();
    assert_eq!(plans.len(), 1);
    let progress = &plans[0].progress;
    assert_eq!((progress.applied, progress.failed), (5, 1));
    assert_eq!(world.console.disk_notices(), vec![]);
}

/// security.md 50: the lock of another program on this data directory, as that program takes it.
#[tokio::test]
async fn a_person_whom_another_program_writes_is_waited_for_while_all_others_are_written() {
    let (world, main) = World::signed_in(small()).await;
    let (group, people, request) = request(&world, &main, 20).await;
    let theirs = LockTable::new(world.dir.path().join("locks/people"), Duration::ZERO);
    let name = format!("{} {}", organizations::MAIN, people[0].id.as_str());
    let held = theirs.lock(&name).await.unwrap();
    let plan = world.begin(&main, &request).await;
    world
        .until("the others are written", |_| {
            let progress = world.open().plan_progress(&plan.id).unwrap();
            (progress.applied >= 19).then_some(())
        })
        .await;
    assert_eq!(members(&world, &people[..1], &group), 0);
    drop(held);
    let progress = world.finished(&plan.id).await;
    assert_eq!((progress.applied, progress.failed), (20, 0));
}
