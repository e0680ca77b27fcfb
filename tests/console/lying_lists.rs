//! The full read from servers that lie about their lists: it ends, with the truth or with what could not be
//! learned.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use console::error::ErrorCode;
use console::wire::*;
use ezeep_sim_faults::known::organizations;
use ezeep_sim_faults::{Fault, FaultKind, Match, SimConfig, When};

use crate::support::*;

fn several_pages() -> SimConfig {
    SimConfig {
        people: 260,
        groups: 12,
        page_max: 20,
        ..SimConfig::default()
    }
}

async fn read_anew(world: &World) -> ReadView {
    world.open().sync_start();
    world.read().await
}

fn there(world: &World) -> u32 {
    u32::try_from(world.sim.control().people(organizations::MAIN).unwrap().len()).unwrap()
}

/// security.md 46
#[tokio::test]
async fn a_count_that_is_too_small_or_nothing_costs_nobody_and_raises_no_doubt() {
    let (world, main) = World::signed_in(several_pages()).await;
    let control = world.sim.control();
    for count in [0, 1, 20, 21, 100] {
        for path in ["/printing/v1/users/", "/v1/users/"] {
            control.add_fault(Fault::always(
                Match::new("GET", path),
                FaultKind::WrongCount { count },
            ));
        }
        control.forget_requests();
        let read = read_anew(&world).await;
        assert!(
            matches!(read, ReadView::Done { incomplete: None, .. }),
            "told {count}: {read:?}"
        );
        assert_eq!(
            world.at(&main).totals().unwrap().users,
            there(&world),
            "told {count}"
        );
        control.clear_faults();
    }
}

/// Reads an organization whose servers tell of far fewer people than they send.
async fn far_more_than_told(people: u32, told: i64) {
    let world = World::new(SimConfig {
        people,
        groups: 12,
        page_max: 1_000,
        ..SimConfig::default()
    })
    .await;
    let control = world.sim.control();
    for path in ["/printing/v1/users/", "/v1/users/"] {
        let lie = FaultKind::WrongCount { count: told };
        control.add_fault(Fault::always(Match::new("GET", path), lie));
    }
    world.sign_in(Visitor::Allows(ADMIN)).await;
    let main = world.choose("Nordhafen Schulen").await;
    let mut read = world.sync_view().read;
    while matches!(read, ReadView::Idle | ReadView::Reading { .. }) {
        tokio::time::sleep(Duration::from_millis(100)).await;
        read = world.sync_view().read;
    }
    assert!(
        matches!(read, ReadView::Done { incomplete: None, .. }),
        "{read:?}"
    );
    assert_eq!(world.at(&main).totals().unwrap().users, there(&world));
}

/// security.md 46
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_times_as_many_people_as_were_told_are_all_read() {
    far_more_than_told(15_000, 50).await;
}

/// security.md 46: the same at full size.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute or more in a debug build"]
async fn three_hundred_thousand_people_where_a_thousand_were_told_are_all_read() {
    far_more_than_told(300_000, 1_000).await;
}

/// security.md 46
#[tokio::test]
async fn a_count_that_is_too_large_is_told_with_what_came() {
    let (world, main) = World::signed_in(several_pages()).await;
    let control = world.sim.control();
    for count in [100_000, i64::MAX] {
        control.add_fault(Fault::always(
            Match::new("GET", "/v1/users/"),
            FaultKind::WrongCount { count },
        ));
        control.forget_requests();
        let ReadView::Done {
            incomplete: Some(IncompleteReason::Short { reported, received }),
            changes,
            ..
        } = read_anew(&world).await
        else {
            panic!("nothing was noticed")
        };
        assert_eq!(i64::from(reported), count.min(i64::from(u32::MAX)));
        assert!(received <= there(&world));
        assert_eq!(changes, Some(Changes::default()), "nobody was lost to it");
        assert_eq!(world.at(&main).totals().unwrap().users, there(&world));
        assert!(
            control.requests().len() < 200,
            "nobody asks for what doesn't come"
        );
        control.clear_faults();
    }
}

/// security.md 46
#[tokio::test]
async fn rows_that_come_twice_are_shown_once_and_what_is_missing_for_it_is_told() {
    let (world, main) = World::signed_in(several_pages()).await;
    let control = world.sim.control();
    control.add_fault(Fault::always(
        Match::new("GET", "/v1/users/"),
        FaultKind::RepeatedItem,
    ));
    let read = read_anew(&world).await;
    assert!(matches!(read, ReadView::Done { .. }), "{read:?}");
    assert_eq!(world.at(&main).totals().unwrap().users, there(&world));
}

/// security.md 46: with bounds (ezeep-api's own tests hold them) the same page for ever is an error with a
/// name.
#[tokio::test]
async fn a_server_that_sends_the_same_page_for_ever_is_given_up_and_the_lists_stay() {
    let (world, main) = World::signed_in(several_pages()).await;
    let before = world.find(&main, "");
    let page = r#"{"count":1000000,"next":"/?limit=20&offset=20","previous":null,"results":[
        {"id":"a-1","email":"a@nordhafen.example"},{"id":"a-2","email":"b@nordhafen.example"}]}"#;
    world.sim.control().add_fault(Fault::always(
        Match::new("GET", "/v1/users/"),
        FaultKind::Reply {
            status: 200,
            content_type: "application/json".into(),
            body: page.into(),
        },
    ));
    let ReadView::Failed { error, resumable } = read_anew(&world).await else {
        panic!("it was read")
    };
    assert_eq!(error.code, ErrorCode::ReplyUnexpected);
    assert!(error.detail.unwrap().contains("again and again"));
    assert!(!resumable, "there is nothing to go on from");
    assert_eq!(world.find(&main, ""), before);
}

/// A page of the accounts is empty, each time they are read.
fn an_empty_page(world: &World) {
    world.sim.control().add_fault(Fault::always(
        Match::new("GET", "/v1/users/").query("offset=95"),
        FaultKind::Reply {
            status: 200,
            content_type: "application/json".into(),
            body: r#"{"count":260,"next":null,"previous":null,"results":[]}"#.into(),
        },
    ));
}

fn in_states(states: &[UserState]) -> UserScope {
    UserScope {
        states: states.to_vec(),
        ..UserScope::default()
    }
}

const ONE_SERVER: [UserState; 2] = [UserState::PrintingOnly, UserState::AccountOnly];

async fn incomplete_and_changes(world: &World) -> (Option<IncompleteReason>, Changes) {
    match read_anew(world).await {
        ReadView::Done {
            incomplete, changes, ..
        } => (incomplete, changes.unwrap()),
        other => panic!("{other:?}"),
    }
}

/// security.md 46
#[tokio::test]
async fn an_empty_page_in_the_middle_takes_nobody_away_and_takes_no_name_and_the_doubt_is_said() {
    let (world, main) = World::signed_in(several_pages()).await;
    let before = world.find(&main, "");
    an_empty_page(&world);
    let (incomplete, changes) = incomplete_and_changes(&world).await;
    assert!(incomplete.is_some());
    assert_eq!(changes, Changes::default());
    assert_eq!(world.find(&main, ""), before);
}

/// security.md 46: a first read has nothing to go by but what it was told.
#[tokio::test]
async fn nobody_is_called_known_to_one_server_because_a_list_in_doubt_left_them_out() {
    let world = World::new(several_pages()).await;
    an_empty_page(&world);
    world.sign_in(Visitor::Allows(ADMIN)).await;
    let main = world.choose("Nordhafen Schulen").await;
    assert!(matches!(
        world.read().await,
        ReadView::Done {
            incomplete: Some(_),
            ..
        }
    ));
    let unsettled = world.users(&main, in_states(&[UserState::Unsettled])).matched;
    assert!(unsettled >= 10, "{unsettled}");
    let printing_only = in_states(&[UserState::PrintingOnly]);
    assert_eq!(world.users(&main, printing_only.clone()).matched, 0);
    world.sim.control().clear_faults();
    let (incomplete, _) = incomplete_and_changes(&world).await;
    assert_eq!(incomplete, None);
    assert_eq!(world.users(&main, in_states(&[UserState::Unsettled])).matched, 0);
    assert!(
        world.users(&main, printing_only).matched > 0,
        "there are such people"
    );
}

/// security.md 46: each half of a user who left is removed when its own list rules it out, and not before;
/// new users and changes are shown.
#[tokio::test]
async fn a_read_in_doubt_adds_and_changes_and_takes_nobody_away() {
    let (world, main) = World::signed_in(several_pages()).await;
    let control = world.sim.control();
    let one_server = world.users(&main, in_states(&ONE_SERVER)).rows;
    let users = world.find(&main, "").rows;
    let mut active = users
        .iter()
        .filter(|row| row.state == UserState::Active && row.email != ADMIN);
    let leaving = [active.next().unwrap(), active.next().unwrap()];
    let joining = active.next().unwrap();
    join(&control);
    let groups = world.groups(&main, "").rows;
    let group = groups.iter().find(|group| group.origin == Origin::Ezeep).unwrap();
    control
        .set_groups(organizations::MAIN, joining.id.as_str(), &[group.id.as_str()])
        .unwrap();
    for (leaving, path, half, removed) in [
        (leaving[0], "/v1/users/", UserState::AccountOnly, 0),
        // The list of accounts now rules out the user who left before.
        (leaving[1], "/printing/v1/users/", UserState::PrintingOnly, 1),
    ] {
        control
            .remove_person(organizations::MAIN, leaving.id.as_str())
            .unwrap();
        let lie = FaultKind::WrongCount { count: 5_000 };
        let fault = control.add_fault(Fault::always(Match::new("GET", path), lie));
        let (incomplete, changes) = incomplete_and_changes(&world).await;
        assert!(
            matches!(incomplete, Some(IncompleteReason::Short { reported: 5_000, .. })),
            "{incomplete:?}"
        );
        assert_eq!(changes.people.removed, removed, "{path}");
        let left = world.at(&main).user(&leaving.id).unwrap().row;
        assert_eq!(left.state, half, "{path}");
        assert_eq!(world.find(&main, "neu@nordhafen.example").matched, 1);
        let joined = world.at(&main).user(&joining.id).unwrap().groups;
        assert_eq!(joined.iter().map(|g| &g.id).collect::<Vec<_>>(), [&group.id]);
        let mut halves = world.users(&main, in_states(&ONE_SERVER)).rows;
        halves.retain(|row| row.id != leaving.id);
        assert_eq!(halves, one_server);
        control.remove_fault(fault);
    }
    let (incomplete, changes) = incomplete_and_changes(&world).await;
    assert_eq!((incomplete, changes.people.removed), (None, 1));
    assert_eq!(world.at(&main).totals().unwrap().users, there(&world));
}

/// security.md 46: the other lists' word is as good as ever.
#[tokio::test]
async fn a_doubt_about_the_groups_keeps_the_groups_and_no_people() {
    let (world, main) = World::signed_in(several_pages()).await;
    let control = world.sim.control();
    let group = control.create_group(organizations::MAIN, "Aula", false).unwrap();
    incomplete_and_changes(&world).await;
    control.delete_group(organizations::MAIN, &group).unwrap();
    let users = world.find(&main, "").rows;
    let leaving = users.iter().find(|row| row.email != ADMIN).unwrap();
    control
        .remove_person(organizations::MAIN, leaving.id.as_str())
        .unwrap();
    let lie = FaultKind::WrongCount { count: 5_000 };
    let fault = control.add_fault(Fault::always(Match::new("GET", "/printing/v1/groups/"), lie));
    let (incomplete, changes) = incomplete_and_changes(&world).await;
    assert!(incomplete.is_some());
    assert_eq!((changes.groups.removed, changes.people.removed), (0, 1));
    assert_eq!(world.groups(&main, "Aula").matched, 1);
    control.remove_fault(fault);
    assert_eq!(incomplete_and_changes(&world).await.1.groups.removed, 1);
    assert_eq!(world.groups(&main, "Aula").matched, 0);
}

/// security.md 46
#[tokio::test]
async fn lists_that_never_stand_still_lose_nobody_who_was_shown() {
    let (world, main) = World::signed_in(several_pages()).await;
    let control = world.sim.control();
    let before: Vec<_> = world.find(&main, "").rows;
    // In each pass somebody in front leaves, so that all behind move up by one.
    let other = control.clone();
    let in_front = control.people(organizations::MAIN).unwrap();
    let passes = AtomicUsize::new(0);
    control.on_request(
        When::AfterCommit,
        Match::new("GET", "/v1/users/").query("offset=95"),
        None,
        move |_| {
            let mut others = in_front.iter().filter(|person| person.email != ADMIN);
            let leaving = others.nth(passes.fetch_add(1, Ordering::Relaxed)).unwrap();
            other.remove_person(organizations::MAIN, &leaving.id).unwrap();
        },
    );
    let (incomplete, changes) = incomplete_and_changes(&world).await;
    assert_eq!(incomplete, Some(IncompleteReason::Changing));
    assert_eq!(changes.people.removed, 0);
    for row in &before {
        assert_eq!(world.at(&main).user(&row.id).unwrap().row.name, row.name);
    }
    control.clear_hooks();
    let (incomplete, changes) = incomplete_and_changes(&world).await;
    assert_eq!(incomplete, None);
    assert!(changes.people.removed >= 3, "{changes:?}");
    assert_eq!(world.at(&main).totals().unwrap().users, there(&world));
}
