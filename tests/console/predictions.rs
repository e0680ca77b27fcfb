//! The lists may differ from the server: a review predicts from the lists, and what the run reads decides.

use console::error::ErrorCode;
use console::wire::*;
use ezeep_sim_faults::known::organizations;
use ezeep_sim_faults::{Fault, FaultKind, Match, SimConfig, When};
use ids::{GroupId, PlanId, UserId, WorkspaceId};

use crate::support::*;

fn active(world: &World, main: &WorkspaceId, n: usize) -> Vec<UserRow> {
    let scope = UserScope {
        states: vec![UserState::Active],
        ..UserScope::default()
    };
    world.users(main, scope).rows.into_iter().take(n).collect()
}

fn ids(rows: &[UserRow]) -> Selection {
    Selection::Ids {
        ids: rows.iter().map(|row| row.id.clone()).collect(),
    }
}

fn everybody() -> Selection {
    Selection::Matching {
        scope: UserScope::default(),
        except: vec![],
    }
}

fn add(users: Selection, group: &GroupRow) -> MembershipRequest {
    MembershipRequest::Add {
        users,
        groups: vec![group.id.clone()],
    }
}

fn remove(users: Selection, group: &GroupRow) -> MembershipRequest {
    MembershipRequest::Remove {
        users,
        groups: vec![group.id.clone()],
    }
}

fn is_in(world: &World, person: &UserId, group: &GroupRow) -> bool {
    let control = world.sim.control();
    let groups = control.memberships(organizations::MAIN, person.as_str()).unwrap();
    groups.contains(&group.id.as_str().to_owned())
}

fn outcomes(world: &World, plan: &PlanId) -> Vec<(UserId, Option<Outcome>)> {
    let lines = world.open().plan_lines(plan, 0, 500, false).unwrap().lines;
    lines
        .into_iter()
        .map(|line| (line.user.id, line.outcome))
        .collect()
}

/// "Already a member" of the list is only a prediction: the run reads the server and adds the user.
#[tokio::test]
async fn a_user_taken_out_elsewhere_is_added_although_the_list_shows_a_member() {
    let (world, main) = World::signed_in(small()).await;
    let group = world.at(&main).group_create(&form("Aula")).await.unwrap();
    let people = active(&world, &main, 2);
    let plan = world.begin(&main, &add(ids(&people), &group)).await;
    world.finished(&plan.id).await;
    let control = world.sim.control();
    control
        .remove_from_group(organizations::MAIN, people[0].id.as_str(), group.id.as_str())
        .unwrap();

    let plan = world
        .at(&main)
        .plan_make(&add(ids(&people), &group))
        .await
        .unwrap();
    assert_eq!((plan.adds, plan.unchanged, plan.checked), (0, 2, 2));
    let ListsView::Read { at, .. } = world.sync_view().lists else {
        panic!()
    };
    assert_eq!(plan.as_of, Some(at), "the review says of when the list is");
    world.open().plan_apply(&plan.id).await.unwrap();
    let progress = world.finished(&plan.id).await;
    assert_eq!((progress.applied, progress.unchanged, progress.failed), (1, 1, 0));
    assert!(is_in(&world, &people[0].id, &group));
    assert_eq!(
        outcomes(&world, &plan.id),
        [
            (people[0].id.clone(), Some(Outcome::Applied)),
            (people[1].id.clone(), Some(Outcome::Unchanged))
        ]
    );
    assert_eq!(world.at(&main).group(&group.id).unwrap().members, 2);
    // The report says what was done, and not what was expected.
    let report = std::fs::read_to_string(world.open().plan_report(&plan.id).unwrap()).unwrap();
    let lines = |end: &str| report.lines().filter(|line| line.ends_with(end)).count();
    assert_eq!((lines(",add,applied"), lines(",add,no change needed")), (1, 1));
}

/// B16: nothing is listed yet, and the sync under way has read the people of the run before it wrote them.
#[tokio::test]
async fn what_a_run_wrote_before_anything_was_listed_is_listed_after_the_sync() {
    let (mut world, main) = World::signed_in(small()).await;
    let group = world.at(&main).group_create(&form("Aula")).await.unwrap();
    let person = active(&world, &main, 1).remove(0);
    let request = add(ids(std::slice::from_ref(&person)), &group);
    let plan = world.at(&main).plan_make(&request).await.unwrap();
    world.console.save_now().await;
    std::fs::remove_dir_all(world.dir.path().join("cache.v2")).unwrap();
    let accounts = Match::new("GET", "/v1/users/").query("offset=0");
    let pause = world.sim.control().pause(When::BeforeCommit, accounts);
    world.sim.control().forget_requests();
    world.restart();
    let (main, _) = world.inside().await;
    pause.reached().await;
    world
        .until("the print users were asked for", |_| {
            let asked = world.sim.control().count("GET", "/printing/v1/users/");
            (asked > 0).then_some(())
        })
        .await;
    assert_eq!(world.sync_view().lists, ListsView::Nothing);
    world.open().plan_apply(&plan.id).await.unwrap();
    assert_eq!(world.finished(&plan.id).await.applied, 1);
    pause.release();
    assert!(matches!(world.read().await, ReadView::Done { .. }));
    world
        .until("listed as a member", |_| {
            let groups = world.at(&main).user(&person.id).unwrap().groups;
            groups.iter().any(|row| row.id == group.id).then_some(())
        })
        .await;
}

/// The reverse, for a removal.
#[tokio::test]
async fn a_user_put_in_elsewhere_is_taken_out_although_the_list_shows_no_member() {
    let (world, main) = World::signed_in(small()).await;
    let group = world.at(&main).group_create(&form("Aula")).await.unwrap();
    let people = active(&world, &main, 3);
    let control = world.sim.control();
    for person in &people[..2] {
        control
            .add_to_group(organizations::MAIN, person.id.as_str(), group.id.as_str())
            .unwrap();
    }
    let plan = world
        .at(&main)
        .plan_make(&remove(ids(&people), &group))
        .await
        .unwrap();
    assert_eq!((plan.removes, plan.unchanged), (0, 3));
    world.open().plan_apply(&plan.id).await.unwrap();
    let progress = world.finished(&plan.id).await;
    assert_eq!((progress.applied, progress.unchanged), (2, 1));
    assert!(people.iter().all(|person| !is_in(&world, &person.id, &group)));
}

/// Only a read from the server gives "no change needed".
#[tokio::test]
async fn nobody_is_called_unchanged_before_they_were_read() {
    let (world, main) = World::signed_in(small()).await;
    let group = world.at(&main).group_create(&form("Aula")).await.unwrap();
    // So few that they are not read by pages.
    let people = active(&world, &main, 2);
    let plan = world.begin(&main, &add(ids(&people), &group)).await;
    world.finished(&plan.id).await;
    let control = world.sim.control();
    let path = user_path(&people[1].id);
    control.add_fault(Fault::once(
        Match::new("GET", &path),
        FaultKind::Status { status: 403 },
    ));
    let plan = world.begin(&main, &add(ids(&people), &group)).await;
    let progress = world.finished(&plan.id).await;
    assert_eq!((progress.unchanged, progress.failed), (1, 1));
    assert!(matches!(
        outcomes(&world, &plan.id)[1].1,
        Some(Outcome::Failed { .. })
    ));
}

#[tokio::test]
async fn many_who_need_no_more_than_a_read_are_read_by_pages_and_who_differs_is_written() {
    let (world, main) = World::signed_in(small()).await;
    let group = world.at(&main).group_create(&form("Aula")).await.unwrap();
    let people = active(&world, &main, 80);
    let count = u32::try_from(people.len()).unwrap();
    let plan = world.begin(&main, &add(ids(&people), &group)).await;
    assert_eq!(world.finished(&plan.id).await.applied, count);
    let control = world.sim.control();
    for person in [&people[3], &people[40]] {
        control
            .remove_from_group(organizations::MAIN, person.id.as_str(), group.id.as_str())
            .unwrap();
    }
    // The server's pages may be smaller than requested.
    control.set_page_max(15);
    control.forget_requests();
    let plan = world.begin(&main, &add(ids(&people), &group)).await;
    let progress = world.finished(&plan.id).await;
    assert_eq!((progress.applied, progress.unchanged), (2, count - 2));
    assert!(people.iter().all(|person| is_in(&world, &person.id, &group)));
    assert_eq!(
        control.count("GET", "/printing/v1/users/{id}/"),
        4,
        "two are read, written and read back"
    );
}

/// "Can't be changed" is a prediction too.
#[tokio::test]
async fn a_group_and_a_person_that_came_since_the_sync_are_written_too() {
    let (world, main) = World::signed_in(small()).await;
    let control = world.sim.control();
    let group = control.create_group(organizations::MAIN, "Neu", false).unwrap();
    let synced = control
        .create_group(organizations::MAIN, "Verbund", true)
        .unwrap();
    let person = control
        .add_person(organizations::MAIN, "Neu", "Hier", "neu.hier@nordhafen.example")
        .unwrap();
    let known = active(&world, &main, 1);
    let there = |id: &str| GroupId::try_from(id.to_owned()).unwrap();
    let request = MembershipRequest::Add {
        users: Selection::Ids {
            ids: vec![known[0].id.clone(), UserId::try_from(person.clone()).unwrap()],
        },
        groups: vec![there(&group), there(&synced), there("gone")],
    };
    let plan = world.at(&main).plan_make(&request).await.unwrap();
    assert_eq!((plan.adds, plan.blocked, plan.checked), (0, 6, 6));
    world.open().plan_apply(&plan.id).await.unwrap();
    let progress = world.finished(&plan.id).await;
    assert_eq!(
        (progress.failed, progress.done),
        (0, 6),
        "{:?}",
        outcomes(&world, &plan.id)
    );
    for id in [known[0].id.as_str(), person.as_str()] {
        let now = control.memberships(organizations::MAIN, id).unwrap();
        assert!(now.contains(&group), "{id} is not in it");
        assert!(!now.contains(&synced));
    }
    assert_eq!((progress.applied, progress.blocked), (2, 4));
}

/// A user known only to the account server can't be added to a group; that is not a failure.
#[tokio::test]
async fn a_user_unknown_to_the_printing_server_is_told_so_by_the_server() {
    let (world, main) = World::signed_in(small()).await;
    let group = world.at(&main).group_create(&form("Aula")).await.unwrap();
    let scope = UserScope {
        states: vec![UserState::AccountOnly],
        ..UserScope::default()
    };
    let person = world.users(&main, scope.clone()).rows[0].clone();
    let plan = world
        .at(&main)
        .plan_make(&add(ids(std::slice::from_ref(&person)), &group))
        .await
        .unwrap();
    assert_eq!(plan.blocked, 1);
    world.open().plan_apply(&plan.id).await.unwrap();
    let progress = world.finished(&plan.id).await;
    assert_eq!((progress.blocked, progress.failed), (1, 0));
    assert_eq!(world.at(&main).plans(), vec![], "there is nothing to continue");
    let listed = world.users(&main, scope).rows;
    assert!(
        listed.iter().any(|row| row.id == person.id),
        "they are still there"
    );

    // A removal needs no change: they are in no group.
    let plan = world.begin(&main, &remove(ids(&[person]), &group)).await;
    let progress = world.finished(&plan.id).await;
    assert_eq!((progress.unchanged, progress.failed), (1, 0));
}

/// Enough people for several pages.
fn pages() -> SimConfig {
    SimConfig {
        people: 300,
        groups: 12,
        page_max: 20,
        ..SimConfig::default()
    }
}

/// "All that match" of a partial list would mean "all that have come so far": it is refused.
#[tokio::test]
async fn all_that_match_is_refused_while_the_list_is_partial_and_taken_when_it_is_whole() {
    let (world, main, pause) =
        World::in_part(pages(), Match::new("GET", "/v1/users/").query("offset=190")).await;
    let group = world.at(&main).group_create(&form("Aula")).await.unwrap();
    let request = add(everybody(), &group);
    assert_eq!(
        code(world.at(&main).plan_make(&request).await),
        ErrorCode::ListPartial
    );
    assert_eq!(world.at(&main).plans(), vec![]);
    pause.release();
    world.read().await;
    let plan = world.at(&main).plan_make(&request).await.unwrap();
    let people = world.sim.control().people(organizations::MAIN).unwrap().len();
    assert_eq!(plan.lines as usize, people);
}

/// Waiting does not make an item readable: the plan is made, and says that matching users may be missing.
#[tokio::test]
async fn all_that_match_of_lists_that_lack_an_item_is_taken_and_said_to_miss_users() {
    let world = World::new(small()).await;
    let control = world.sim.control();
    let list = Match::new("GET", "/v1/users/").query("offset=0");
    control.add_fault(Fault::always(list, FaultKind::MalformedItem { index: 2 }));
    world.sign_in(Visitor::Allows(ADMIN)).await;
    let main = world.choose("Nordhafen Schulen").await;
    world.read().await;
    let group = world.at(&main).group_create(&form("Aula")).await.unwrap();
    let make = |users| {
        let (console, main, request) = (&world.console, &main, add(users, &group));
        async move { console.open(main).unwrap().plan_make(&request).await.unwrap() }
    };
    assert!(make(everybody()).await.may_miss_users);

    // A chosen user is not missed, and does not count as gone because of such a list.
    let email = "neu@nordhafen.example";
    let unlisted = control
        .add_person(organizations::MAIN, "Neu", "Dabei", email)
        .unwrap();
    let chosen = Selection::Ids {
        ids: vec![unlisted.try_into().unwrap()],
    };
    let plan = make(chosen).await;
    assert_eq!((plan.may_miss_users, plan.adds, plan.blocked), (false, 1, 0));

    control.clear_faults();
    world.open().sync_start();
    world.read().await;
    assert!(!make(everybody()).await.may_miss_users);
}

/// If only one server's half of a user's record has come, nothing is predicted.
#[tokio::test]
async fn somebody_whose_groups_have_not_come_yet_is_never_unchanged_nor_gone() {
    let (world, main, pause) = World::in_part(
        pages(),
        Match::new("GET", "/printing/v1/users/").query("offset=38"),
    )
    .await;
    let half = UserScope {
        states: vec![UserState::Unsettled],
        ..UserScope::default()
    };
    let people: Vec<_> = world
        .users(&main, half)
        .rows
        .into_iter()
        .filter(|row| row.settings.is_none())
        .collect();
    let person = people.first().expect("nobody is half read").clone();
    let group = world.at(&main).group_create(&form("Aula")).await.unwrap();
    let control = world.sim.control();
    control
        .add_to_group(organizations::MAIN, person.id.as_str(), group.id.as_str())
        .unwrap();
    let unseen = control.people(organizations::MAIN).unwrap();
    let unseen = unseen.iter().rev().find(|unseen| {
        let id = UserId::try_from(unseen.id.clone()).unwrap();
        world.at(&main).user(&id).is_err()
    });
    let unseen = UserId::try_from(unseen.expect("everybody is listed").id.clone()).unwrap();
    let users = Selection::Ids {
        ids: vec![person.id.clone(), unseen],
    };
    let plan = world.at(&main).plan_make(&remove(users, &group)).await.unwrap();
    assert_eq!((plan.removes, plan.unchanged, plan.blocked), (2, 0, 0));
    assert_eq!(plan.as_of, None);
    world.open().plan_apply(&plan.id).await.unwrap();
    world.finished(&plan.id).await;
    assert!(!is_in(&world, &person.id, &group));
    pause.release();
    world.read().await;
}

/// A saved copy may be days old: a selection by filter is made again from the synced lists.
#[tokio::test]
async fn all_that_match_of_a_saved_copy_waits_for_the_sync_and_finds_who_came_since() {
    let mut world = World::new(small()).await;
    world.sign_in(Visitor::Allows(ADMIN)).await;
    let main = world.choose("Nordhafen Schulen").await;
    world.read().await;
    let group = world.at(&main).group_create(&form("Aula")).await.unwrap();
    let before = world.find(&main, "").total;
    world.console.save_now().await;
    join(&world.sim.control());
    let pause = world
        .sim
        .control()
        .pause(When::BeforeCommit, Match::new("GET", "/printing/v1/users/"));
    world.restart();
    let (main, at) = world
        .until("shown from disk", |view| match (view, world.sync_view().lists) {
            (SessionView::SignedIn { workspace, .. }, ListsView::Saved { at }) => {
                Some((workspace.clone(), at))
            }
            _ => None,
        })
        .await;
    pause.reached().await;
    let request = add(everybody(), &group);
    assert_eq!(
        code(world.at(&main).plan_make(&request).await),
        ErrorCode::ListSaved { at }
    );
    // A plan for named users is allowed, and the review says how old the list is.
    let one = active(&world, &main, 1);
    let plan = world.at(&main).plan_make(&add(ids(&one), &group)).await.unwrap();
    assert_eq!(plan.as_of, Some(at));
    pause.release();
    world
        .until("read", |_| {
            matches!(world.sync_view().lists, ListsView::Read { .. }).then_some(())
        })
        .await;
    let (main, _) = world.inside().await;
    let plan = world.at(&main).plan_make(&request).await.unwrap();
    assert_eq!(plan.lines, before + 1);
}

/// A list from Friday: ten of its members were removed over the weekend.
#[tokio::test]
async fn a_plan_made_of_an_old_saved_copy_is_applied_to_what_the_server_has_now() {
    let mut world = World::new(small()).await;
    world.sign_in(Visitor::Allows(ADMIN)).await;
    let main = world.choose("Nordhafen Schulen").await;
    world.read().await;
    let group = world.at(&main).group_create(&form("7b")).await.unwrap();
    let people = active(&world, &main, 12);
    let plan = world.begin(&main, &add(ids(&people), &group)).await;
    world.finished(&plan.id).await;
    world.open().plan_close(&plan.id).await.unwrap();
    world.console.save_now().await;
    let control = world.sim.control();
    for person in &people[..10] {
        control
            .remove_from_group(organizations::MAIN, person.id.as_str(), group.id.as_str())
            .unwrap();
    }
    let pause = control.pause(
        When::BeforeCommit,
        Match::new("GET", "/v1/users/").query("offset=0"),
    );
    world.restart();
    let main = world
        .until("shown from disk", |view| match (view, world.sync_view().lists) {
            (SessionView::SignedIn { workspace, .. }, ListsView::Saved { .. }) => Some(workspace.clone()),
            _ => None,
        })
        .await;
    let plan = world
        .at(&main)
        .plan_make(&add(ids(&people), &group))
        .await
        .unwrap();
    assert_eq!((plan.adds, plan.unchanged), (0, 12));
    pause.reached().await;
    world.open().plan_apply(&plan.id).await.unwrap();
    let progress = world.finished(&plan.id).await;
    assert_eq!((progress.applied, progress.unchanged), (10, 2));
    assert!(people.iter().all(|person| is_in(&world, &person.id, &group)));
    pause.release();
}

/// A plan has an upper limit of lines, counted before anything is made.
#[tokio::test]
async fn a_plan_of_more_lines_than_may_be_is_refused_with_the_count_and_the_bound() {
    let (world, main) = World::signed_in(SimConfig {
        people: 300,
        ..small()
    })
    .await;
    let many = |prefix: &str, n: u32| (0..n).map(|n| format!("{prefix}{n}")).collect::<Vec<_>>();
    let groups = |n| {
        many("g", n)
            .into_iter()
            .map(|id| GroupId::try_from(id).unwrap())
            .collect()
    };
    let users = |n| Selection::Ids {
        ids: many("u", n)
            .into_iter()
            .map(|id| UserId::try_from(id).unwrap())
            .collect(),
    };
    let request = |users, groups| MembershipRequest::Add { users, groups };
    let refused = world
        .at(&main)
        .plan_make(&request(users(2_001), groups(100)))
        .await;
    assert_eq!(
        code(refused),
        ErrorCode::PlanTooLarge {
            lines: 200_100,
            max: 200_000
        }
    );
    let lines = world.find(&main, "").total * 1_000;
    let refused = world
        .at(&main)
        .plan_make(&request(everybody(), groups(1_000)))
        .await;
    assert_eq!(code(refused), ErrorCode::PlanTooLarge { lines, max: 200_000 });
    assert_eq!(world.at(&main).plans(), vec![]);
    // The largest plan that is allowed.
    let plan = world
        .at(&main)
        .plan_make(&request(users(2_000), groups(100)))
        .await
        .unwrap();
    assert_eq!(plan.lines, 200_000);
    let last = world
        .open()
        .plan_lines(&plan.id, 199_999, 10, false)
        .unwrap()
        .lines;
    assert_eq!(last.len(), 1);
}

#[tokio::test]
async fn a_group_that_is_to_be_added_and_removed_is_refused_and_one_named_twice_is_one_line() {
    let (world, main) = World::signed_in(small()).await;
    let group = world.at(&main).group_create(&form("Aula")).await.unwrap();
    let user = active(&world, &main, 1)[0].id.clone();
    let edit = |add: Vec<GroupId>, remove: Vec<GroupId>| MembershipRequest::Edit {
        user: user.clone(),
        add,
        remove,
    };
    let both = edit(vec![group.id.clone()], vec![group.id.clone()]);
    let field = "groups".to_owned();
    assert_eq!(
        code(world.at(&main).plan_make(&both).await),
        ErrorCode::ArgumentInvalid { field }
    );
    let twice = edit(vec![group.id.clone(), group.id.clone()], vec![]);
    assert_eq!(world.at(&main).plan_make(&twice).await.unwrap().lines, 1);
}
