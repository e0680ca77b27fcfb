//! Membership changes as plans: made, applied, paused, stopped, retried.

use console::error::ErrorCode;
use console::wire::*;
use ezeep_sim_faults::known::{groups, organizations};
use ezeep_sim_faults::{Fault, FaultKind, Match};
use ids::{GroupId, UserId, WorkspaceId};

use crate::support::*;

fn ids(rows: &[UserRow]) -> Selection {
    Selection::Ids {
        ids: rows.iter().map(|row| row.id.clone()).collect(),
    }
}

fn add(people: &[UserRow], group: &GroupRow) -> MembershipRequest {
    MembershipRequest::Add {
        users: ids(people),
        groups: vec![group.id.clone()],
    }
}

fn active(world: &World, main: &WorkspaceId, n: usize) -> Vec<UserRow> {
    let scope = UserScope {
        states: vec![UserState::Active],
        ..UserScope::default()
    };
    world.users(main, scope).rows.into_iter().take(n).collect()
}

fn memberships(world: &World, person: &UserId) -> Vec<String> {
    world
        .sim
        .control()
        .memberships(organizations::MAIN, person.as_str())
        .unwrap()
}

#[tokio::test]
async fn people_are_added_as_reviewed_and_keep_every_other_group() {
    let (world, main) = World::signed_in(small()).await;
    let group = world.at(&main).group_create(&form("Aula")).await.unwrap();
    let people = active(&world, &main, 5);
    let before: Vec<_> = people.iter().map(|p| memberships(&world, &p.id)).collect();
    let request = add(&people, &group);

    let plan = world.at(&main).plan_make(&request).await.unwrap();
    assert_eq!(
        (plan.adds, plan.removes, plan.unchanged, plan.blocked),
        (5, 0, 0, 0)
    );
    assert!(
        people
            .iter()
            .all(|p| !memberships(&world, &p.id).contains(&group.id.as_str().to_owned()))
    );
    world.open().plan_apply(&plan.id).await.unwrap();
    let progress = world.finished(&plan.id).await;
    assert_eq!(
        (progress.applied, progress.failed, progress.changed_meanwhile),
        (5, 0, 0)
    );

    for (person, before) in people.iter().zip(before) {
        let mut wanted = before;
        wanted.push(group.id.as_str().to_owned());
        assert_eq!(memberships(&world, &person.id), wanted);
    }
    assert_eq!(world.at(&main).group(&group.id).unwrap().members, 5);

    // Applied twice: the second run reads, and writes nothing.
    let again = world.at(&main).plan_make(&request).await.unwrap();
    assert_eq!((again.adds, again.unchanged, again.checked), (0, 5, 5));
    world.sim.control().forget_requests();
    world.open().plan_apply(&again.id).await.unwrap();
    let progress = world.finished(&again.id).await;
    assert_eq!((progress.applied, progress.unchanged, progress.failed), (0, 5, 0));
    assert_eq!(world.sim.control().count("PATCH", "/printing/v1/users/{id}/"), 0);
    assert_eq!(
        code(world.open().plan_apply(&again.id).await),
        ErrorCode::PlanEmpty
    );
}

#[tokio::test]
async fn a_plan_says_what_it_will_not_do_and_why() {
    let (world, main) = World::signed_in(small()).await;
    let account_only = UserScope {
        states: vec![UserState::AccountOnly],
        ..UserScope::default()
    };
    let somebody = world.users(&main, account_only).rows[0].id.clone();
    let nobody = UserId::try_from("not-there".to_owned()).unwrap();
    let person = active(&world, &main, 1)[0].id.clone();
    let open = world.at(&main).group_create(&form("Aula")).await.unwrap().id;
    let azure = world
        .groups(&main, "")
        .rows
        .into_iter()
        .find(|row| {
            row.origin == Origin::Azure && !memberships(&world, &person).contains(&row.id.as_str().to_owned())
        })
        .unwrap()
        .id;
    let gone = GroupId::try_from("gone".to_owned()).unwrap();
    let request = MembershipRequest::Add {
        users: Selection::Ids {
            ids: vec![nobody, somebody, person],
        },
        groups: vec![open, azure, gone],
    };
    let plan = world.at(&main).plan_make(&request).await.unwrap();
    let lines = world.open().plan_lines(&plan.id, 0, 500, false).unwrap().lines;
    let reasons = |wanted: BlockedReason| {
        lines
            .iter()
            .filter(|line| line.planned == Planned::Blocked { reason: wanted })
            .count()
    };
    assert_eq!(plan.adds, 1);
    assert_eq!(reasons(BlockedReason::UserGone), 3);
    assert!(reasons(BlockedReason::NotOnPrintingServer) >= 1);
    assert!(reasons(BlockedReason::SyncedFromAzure) >= 1);
    assert!(reasons(BlockedReason::GroupGone) >= 1);
    assert_eq!(lines.len(), 9);
}

#[tokio::test]
async fn all_that_match_except_some_are_taken_out() {
    let (world, main) = World::signed_in(small()).await;
    let group = world.at(&main).group_create(&form("Aula")).await.unwrap();
    let people = active(&world, &main, 6);
    let add = add(&people, &group);
    let plan = world.begin(&main, &add).await;
    world.finished(&plan.id).await;

    let scope = UserScope {
        groups: vec![group.id.clone()],
        ..UserScope::default()
    };
    let users = Selection::Matching {
        scope,
        except: vec![people[2].id.clone()],
    };
    let remove = MembershipRequest::Remove {
        users,
        groups: vec![group.id.clone()],
    };
    let plan = world.at(&main).plan_make(&remove).await.unwrap();
    assert_eq!(plan.removes, 5);
    world.open().plan_apply(&plan.id).await.unwrap();
    assert_eq!(world.finished(&plan.id).await.applied, 5);
    assert_eq!(world.at(&main).group(&group.id).unwrap().members, 1);
}

#[tokio::test]
async fn one_persons_groups_are_edited_in_one_write() {
    let (world, main) = World::signed_in(small()).await;
    let person = world.find(&main, "jonas akerstrom").rows[0].clone();
    let new = world.at(&main).group_create(&form("Aula")).await.unwrap();
    let old = person
        .groups
        .iter()
        .find(|g| g.id.as_str() != groups::EFA_PRINTER)
        .or(person.groups.first());
    let removable: Vec<GroupId> = old
        .into_iter()
        .filter(|g| world.at(&main).group(&g.id).unwrap().origin != Origin::Azure)
        .map(|g| g.id.clone())
        .collect();
    let request = MembershipRequest::Edit {
        user: person.id.clone(),
        add: vec![new.id.clone()],
        remove: removable.clone(),
    };
    let plan = world.at(&main).plan_make(&request).await.unwrap();
    assert_eq!(plan.user.as_ref().map(|u| &u.id), Some(&person.id));
    world.sim.control().forget_requests();
    world.open().plan_apply(&plan.id).await.unwrap();
    assert_eq!(world.finished(&plan.id).await.failed, 0);
    assert_eq!(world.sim.control().count("PATCH", "/printing/v1/users/{id}/"), 1);
    let now = memberships(&world, &person.id);
    assert!(now.contains(&new.id.as_str().to_owned()));
    assert!(removable.iter().all(|g| !now.contains(&g.as_str().to_owned())));
}

#[tokio::test]
async fn a_person_or_a_group_that_went_meanwhile_fails_alone() {
    let (world, main) = World::signed_in(small()).await;
    let group = world.at(&main).group_create(&form("Aula")).await.unwrap();
    let people = active(&world, &main, 4);
    let request = add(&people, &group);
    let plan = world.at(&main).plan_make(&request).await.unwrap();
    world
        .sim
        .control()
        .remove_person(organizations::MAIN, people[1].id.as_str())
        .unwrap();
    world.open().plan_apply(&plan.id).await.unwrap();
    let progress = world.finished(&plan.id).await;
    assert_eq!((progress.applied, progress.failed), (3, 1));
    let failed = world.open().plan_lines(&plan.id, 0, 10, true).unwrap().lines;
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].user.id, people[1].id);
    let Some(Outcome::Failed { error }) = &failed[0].outcome else {
        panic!()
    };
    assert_eq!(error.code, ErrorCode::UserGone);

    let other = world.at(&main).group_create(&form("Mensa")).await.unwrap();
    let request = add(&people[..1], &other);
    let plan = world.at(&main).plan_make(&request).await.unwrap();
    world
        .sim
        .control()
        .delete_group(organizations::MAIN, other.id.as_str())
        .unwrap();
    world.open().plan_apply(&plan.id).await.unwrap();
    world.finished(&plan.id).await;
    let line = world
        .open()
        .plan_lines(&plan.id, 0, 10, false)
        .unwrap()
        .lines
        .remove(0);
    let reason = BlockedReason::GroupGone;
    assert_eq!(line.outcome, Some(Outcome::Blocked { reason }));
}

#[tokio::test]
async fn what_failed_is_retried_and_nothing_else() {
    let (world, main) = World::signed_in(small()).await;
    let group = world.at(&main).group_create(&form("Aula")).await.unwrap();
    let people = active(&world, &main, 3);
    world.refuse_write_of(&people[1].id);
    let request = add(&people, &group);
    let plan = world.begin(&main, &request).await;
    let progress = world.finished(&plan.id).await;
    assert_eq!((progress.applied, progress.failed), (2, 1));
    world.sim.control().forget_requests();
    world.open().plan_apply(&plan.id).await.unwrap();
    world
        .until("retried", |_| {
            let progress = world.open().plan_progress(&plan.id).unwrap();
            (progress.applied == 3 && progress.state == RunState::Finished).then_some(())
        })
        .await;
    assert_eq!(world.sim.control().count("PATCH", "/printing/v1/users/{id}/"), 1);
}

#[tokio::test]
async fn a_plan_with_a_failed_line_stays_in_the_list_and_says_whether_it_is_stored() {
    for keep in [true, false] {
        let world = World::new(small()).await;
        *world.host.visitor.lock().unwrap() = Visitor::Allows(ADMIN);
        world.console.sign_in(world.request(keep)).await.unwrap();
        let main = world.choose("Nordhafen Schulen").await;
        world.read().await;
        let group = world.at(&main).group_create(&form("Aula")).await.unwrap();
        let people = active(&world, &main, 2);
        world.refuse_write_of(&people[1].id);
        let plan = world.begin(&main, &add(&people, &group)).await;
        world.finished(&plan.id).await;
        let [left] = &world.at(&main).plans()[..] else {
            panic!("kept: {keep}")
        };
        assert_eq!((&left.plan.id, left.progress.failed), (&plan.id, 1));
        assert_eq!(left.progress.stored, keep);
        world.open().plan_close(&plan.id).await.unwrap();
        assert_eq!(world.at(&main).plans(), []);
    }
}

#[tokio::test]
async fn a_write_whose_reply_is_lost_is_found_out_by_reading_and_not_repeated() {
    let (world, main) = World::signed_in(small()).await;
    let group = world.at(&main).group_create(&form("Aula")).await.unwrap();
    let people = active(&world, &main, 1);
    let path = user_path(&people[0].id);
    world.sim.control().add_fault(Fault::once(
        Match::new("PATCH", &path),
        FaultKind::DropAfterCommit,
    ));
    let request = add(&people, &group);
    let plan = world.begin(&main, &request).await;
    assert_eq!(world.finished(&plan.id).await.applied, 1);
    assert_eq!(world.sim.control().count("PATCH", "/printing/v1/users/{id}/"), 1);

    let mensa = world.at(&main).group_create(&form("Mensa")).await.unwrap();
    world.sim.control().add_fault(Fault::once(
        Match::new("PATCH", &path),
        FaultKind::DropBeforeCommit,
    ));
    let request = add(&people, &mensa);
    let plan = world.begin(&main, &request).await;
    let progress = world.finished(&plan.id).await;
    assert_eq!(
        (progress.applied, progress.failed),
        (0, 1),
        "a write that never happened was called applied"
    );
}

#[tokio::test]
async fn a_busy_server_is_waited_for_and_the_person_read_again_before_writing() {
    let (world, main) = World::signed_in(small()).await;
    let group = world.at(&main).group_create(&form("Aula")).await.unwrap();
    let people = active(&world, &main, 1);
    let path = user_path(&people[0].id);
    let busy = FaultKind::TooManyRequests {
        retry_after: ezeep_sim_faults::RetryAfter::Seconds(1),
    };
    world
        .sim
        .control()
        .add_fault(Fault::once(Match::new("PATCH", &path), busy));
    let request = add(&people, &group);
    world.sim.control().forget_requests();
    let plan = world.begin(&main, &request).await;
    assert_eq!(world.finished(&plan.id).await.applied, 1);
    assert_eq!(world.sim.control().count("PATCH", "/printing/v1/users/{id}/"), 2);
    assert_eq!(
        world.sim.control().count("GET", "/printing/v1/users/{id}/"),
        3,
        "two reads to write, one read-back"
    );
}

#[tokio::test]
async fn a_server_that_fails_on_a_write_is_named_once_the_read_back_shows_nothing_was_done() {
    let (world, main) = World::signed_in(small()).await;
    let group = world.at(&main).group_create(&form("Aula")).await.unwrap();
    let people = active(&world, &main, 1);
    let path = user_path(&people[0].id);
    world.sim.control().add_fault(Fault::once(
        Match::new("PATCH", &path),
        FaultKind::Status { status: 500 },
    ));
    let request = add(&people, &group);
    let plan = world.begin(&main, &request).await;
    world.finished(&plan.id).await;
    let line = world
        .open()
        .plan_lines(&plan.id, 0, 10, true)
        .unwrap()
        .lines
        .remove(0);
    let Some(Outcome::Failed { error }) = line.outcome else {
        panic!()
    };
    assert_eq!(error.code, ErrorCode::ServerFailed { status: 500 });
}

#[tokio::test]
async fn a_plan_is_held_stopped_and_taken_up_again() {
    let (world, main) = World::signed_in(small()).await;
    let group = world.at(&main).group_create(&form("Aula")).await.unwrap();
    let people = active(&world, &main, 20);
    let request = add(&people, &group);
    let plan = world.at(&main).plan_make(&request).await.unwrap();
    let path = user_path(&people[0].id);
    let hold = world
        .sim
        .control()
        .pause(ezeep_sim_faults::When::BeforeCommit, Match::new("PATCH", &path));
    world.open().plan_apply(&plan.id).await.unwrap();
    hold.reached().await;
    world.open().plan_pause(&plan.id).unwrap();
    assert_eq!(
        world.open().plan_progress(&plan.id).unwrap().state,
        RunState::Paused
    );
    // One doesn't leave an organization while people are being written there.
    let second = world.organization("Seehafen Logistik").await;
    assert_eq!(
        code(world.console.organization_choose(&second).await),
        ErrorCode::ChangesRunning
    );
    assert_eq!(
        code(world.open().plan_close(&plan.id).await),
        ErrorCode::ChangesRunning
    );
    world.open().plan_stop(&plan.id).unwrap();
    hold.release();
    let stopped = world.finished(&plan.id).await;
    assert!(stopped.done < 20, "{stopped:?}");
    assert_eq!(stopped.failed, 0);
    world.open().plan_apply(&plan.id).await.unwrap();
    world
        .until("all applied", |_| {
            let progress = world.open().plan_progress(&plan.id).unwrap();
            (progress.applied == 20 && progress.state == RunState::Finished).then_some(())
        })
        .await;
    world.open().plan_close(&plan.id).await.unwrap();
    assert_eq!(code(world.open().plan_progress(&plan.id)), ErrorCode::PlanGone);
}

#[tokio::test]
async fn a_plan_of_one_organization_cannot_be_applied_in_another() {
    let (world, main) = World::signed_in(small()).await;
    let group = world.at(&main).group_create(&form("Aula")).await.unwrap();
    let people = active(&world, &main, 1);
    let request = add(&people, &group);
    let left = world.at(&main);
    let plan = left.plan_make(&request).await.unwrap();
    world.choose("Seehafen Logistik").await;
    assert_eq!(code(world.console.open(&main)), ErrorCode::OrganizationChanged);
    assert_eq!(
        code(left.plan_apply(&plan.id).await),
        ErrorCode::OrganizationChanged
    );
    assert_eq!(code(world.open().plan_apply(&plan.id).await), ErrorCode::PlanGone);
}

#[tokio::test]
async fn a_request_for_no_group_is_refused() {
    let (world, main) = World::signed_in(small()).await;
    let request = MembershipRequest::Add {
        users: ids(&active(&world, &main, 1)),
        groups: vec![],
    };
    assert_eq!(
        code(world.at(&main).plan_make(&request).await),
        ErrorCode::ArgumentInvalid {
            field: "groups".into()
        }
    );
}

#[tokio::test]
async fn a_report_tells_what_came_of_every_line() {
    let (world, main) = World::signed_in(small()).await;
    let group = world.at(&main).group_create(&form("Aula")).await.unwrap();
    let people = active(&world, &main, 3);
    world.refuse_write_of(&people[1].id);
    let plan = world.begin(&main, &add(&people, &group)).await;
    world.finished(&plan.id).await;
    let file = world.open().plan_report(&plan.id).unwrap();
    let text = std::fs::read_to_string(file).unwrap();
    assert_eq!(text.lines().count(), 4);
    assert_eq!(
        text.lines().filter(|line| line.ends_with(",add,applied")).count(),
        2
    );
    assert_eq!(
        text.lines()
            .filter(|line| line.contains("failed: forbidden"))
            .count(),
        1
    );
}
