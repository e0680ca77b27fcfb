//! The full read with its pages side by side: nobody missed, no more requests than the servers stand,
//! cancelled at once.

use std::collections::BTreeSet;
use std::time::Duration;

use console::error::ErrorCode;
use console::wire::*;
use ezeep_sim_faults::known::{self, organizations};
use ezeep_sim_faults::{Control, Fault, FaultKind, Match, Pause, RetryAfter, SimConfig, When};
use ids::{GroupId, WorkspaceId};

use crate::support::*;

/// Enough people for many pages.
fn large() -> SimConfig {
    SimConfig {
        people: 1_500,
        groups: 12,
        page_max: 20,
        ..SimConfig::default()
    }
}

/// The ids of the people listed, and of those that the cloud knows.
fn listed_and_known(world: &World, main: &WorkspaceId) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut listed = BTreeSet::new();
    loop {
        let query = UserQuery {
            scope: UserScope::default(),
            sort: UserColumn::Name,
            descending: false,
            offset: u32::try_from(listed.len()).unwrap(),
            limit: 500,
        };
        let rows = world.at(main).users(&query).unwrap().rows;
        if rows.is_empty() {
            break;
        }
        listed.extend(rows.into_iter().map(|row| row.id.as_str().to_owned()));
    }
    let people = world.sim.control().people(organizations::MAIN).unwrap();
    (listed, people.into_iter().map(|person| person.id).collect())
}

/// The lists that were asked for their first row.
fn read_from_the_top(control: &Control) -> Vec<String> {
    let asked = control.requests().into_iter();
    asked
        .filter(|request| {
            request
                .query
                .as_deref()
                .is_some_and(|query| query.ends_with("offset=0"))
        })
        .map(|request| request.path)
        .collect()
}

async fn read_to_the_end(world: &World) {
    world.open().sync_start();
    assert!(matches!(world.read().await, ReadView::Done { .. }));
}

/// security.md 48
#[tokio::test]
async fn all_three_lists_together_have_no_more_than_eight_requests_under_way() {
    let (world, main) = World::signed_in(large()).await;
    let control = world.sim.control();
    control.set_latency(Duration::from_millis(5));
    control.forget_requests();
    world.open().sync_start();
    assert!(matches!(world.read().await, ReadView::Done { skipped: 0, .. }));
    let peak = control.peak_in_flight();
    assert!((2..=8).contains(&peak), "{peak} at once");
    let (listed, there) = listed_and_known(&world, &main);
    assert_eq!(listed, there);
}

/// security.md 48
#[tokio::test]
async fn a_server_that_asks_for_patience_in_the_middle_is_read_whole() {
    let (world, main) = World::signed_in(large()).await;
    let control = world.sim.control();
    control.add_fault(Fault::once(
        Match::new("GET", "/printing/v1/users/").query("offset=190"),
        FaultKind::TooManyRequests {
            retry_after: RetryAfter::Seconds(1),
        },
    ));
    read_to_the_end(&world).await;
    let (listed, there) = listed_and_known(&world, &main);
    assert_eq!(listed, there);
}

/// security.md 46: `count` is the same before and after.
#[tokio::test]
async fn one_who_came_and_one_who_left_in_the_same_pass_make_it_be_repeated() {
    let (world, main) = World::signed_in(large()).await;
    let control = world.sim.control();
    let other = control.clone();
    let leaving = world.find(&main, known::ORDINARY_USER.email).rows[0]
        .id
        .as_str()
        .to_owned();
    // Who comes is put at the end of the accounts; who leaves stood in front.
    control.on_request(
        When::AfterCommit,
        Match::new("GET", "/v1/users/").query("offset=570"),
        Some(1),
        move |_| {
            other.remove_person(organizations::MAIN, &leaving).unwrap();
            join(&other);
        },
    );
    control.forget_requests();
    read_to_the_end(&world).await;
    let beginnings = control
        .requests()
        .into_iter()
        .filter(|request| request.path == "/v1/users/")
        .filter(|request| request.query.as_deref().is_some_and(|q| q.contains("offset=0")))
        .count();
    assert!(beginnings > 1, "the accounts were not read again");
    let (listed, there) = listed_and_known(&world, &main);
    assert!(there.is_subset(&listed), "somebody was missed");
}

#[tokio::test]
async fn a_page_limit_that_shrinks_in_the_middle_costs_nobody() {
    let (world, main) = World::signed_in(large()).await;
    let control = world.sim.control();
    let other = control.clone();
    control.on_request(
        When::AfterCommit,
        Match::new("GET", "/v1/users/").query("offset=380"),
        Some(1),
        move |_| other.set_page_max(7),
    );
    read_to_the_end(&world).await;
    let (listed, there) = listed_and_known(&world, &main);
    assert_eq!(listed, there);
}

#[tokio::test]
async fn a_cancel_while_many_pages_are_under_way_stops_at_once_and_keeps_the_list() {
    let (world, main) = World::signed_in(large()).await;
    let control = world.sim.control();
    let before = listed_and_known(&world, &main).0;
    let pause = control.pause(
        When::BeforeCommit,
        Match::new("GET", "/v1/users/").query("offset=380"),
    );
    world.open().sync_start();
    pause.reached().await;
    world.open().sync_cancel();
    // The held page has not been answered.
    let ReadView::Failed { error, .. } = world.read().await else {
        panic!("it was read")
    };
    assert_eq!(error.code, ErrorCode::Cancelled);
    pause.release();
    assert_eq!(listed_and_known(&world, &main).0, before);
}

/// A read that went well; what it says.
async fn done(world: &World) -> (Option<IncompleteReason>, Option<Changes>) {
    match world.read().await {
        ReadView::Done {
            incomplete, changes, ..
        } => (incomplete, changes),
        other => panic!("{other:?}"),
    }
}

/// Opens the organization while a page of a list is held back, and waits until its first rows are shown.
async fn opened_in_part(path: &str, offset: u32) -> (World, WorkspaceId, Pause) {
    World::in_part(large(), page(path, offset)).await
}

fn page(path: &str, offset: u32) -> Match {
    Match::new("GET", path).query(&format!("offset={offset}"))
}

fn scope(states: Vec<UserState>) -> UserScope {
    UserScope {
        states,
        ..UserScope::default()
    }
}

#[tokio::test]
async fn the_first_rows_are_there_while_the_lists_are_still_being_read() {
    let (world, main, pause) = opened_in_part("/v1/users/", 19).await;
    let view = world.sync_view();
    assert!(matches!(view.read, ReadView::Reading { .. }));
    assert!(world.users(&main, UserScope::default()).matched > 0);
    assert!(world.at(&main).totals().unwrap().users >= 20);
    pause.release();
    assert_eq!(
        done(&world).await,
        (None, None),
        "there was no whole to compare with"
    );
    assert!(matches!(world.sync_view().lists, ListsView::Read { .. }));
    let (listed, there) = listed_and_known(&world, &main);
    assert_eq!(listed, there);
}

#[tokio::test]
async fn nobody_is_called_known_to_one_server_only_before_both_lists_have_ended() {
    let (world, main, pause) = opened_in_part("/v1/users/", 19).await;
    let one_server = vec![UserState::PrintingOnly, UserState::AccountOnly];
    assert_eq!(world.users(&main, scope(one_server.clone())).matched, 0);
    pause.release();
    done(&world).await;
    assert!(
        world.users(&main, scope(one_server)).matched > 0,
        "the organization has such people"
    );
    assert_eq!(world.users(&main, scope(vec![UserState::Unsettled])).matched, 0);
}

#[tokio::test]
async fn a_group_has_no_name_as_long_as_it_is_not_read_and_is_never_called_by_its_id() {
    let config = SimConfig {
        groups: 60,
        ..large()
    };
    let (world, main, pause) = World::in_part(config, page("/printing/v1/groups/", 19)).await;
    let known: BTreeSet<GroupId> = world
        .groups(&main, "")
        .rows
        .into_iter()
        .map(|row| row.id)
        .collect();
    let rows = world.users(&main, UserScope::default()).rows;
    let mut unread = 0;
    for row in &rows {
        for group in &row.groups {
            assert_eq!(group.name.is_some(), known.contains(&group.id), "{group:?}");
            assert_ne!(group.name.as_deref(), Some(group.id.as_str()));
        }
        let detail = world.at(&main).user(&row.id).unwrap();
        assert!(detail.groups.iter().all(|group| known.contains(&group.id)));
        assert_eq!(detail.groups.len() as u32 + detail.unread_groups, row.group_count);
        unread += detail.unread_groups;
    }
    assert!(unread > 0, "every group is read");
    pause.release();
    done(&world).await;
    for row in rows {
        let detail = world.at(&main).user(&row.id).unwrap();
        assert_eq!(detail.unread_groups, 0);
        for group in &detail.row.groups {
            let name = group.name.as_deref();
            assert!(name.is_some_and(|name| name != group.id.as_str()), "{group:?}");
        }
    }
}

#[tokio::test]
async fn a_first_read_that_is_cancelled_keeps_what_was_read_and_is_gone_on_with() {
    let (world, main, pause) = opened_in_part("/v1/users/", 380).await;
    world.open().sync_cancel();
    let ReadView::Failed { error, resumable } = world.read().await else {
        panic!("it was read")
    };
    assert_eq!(error.code, ErrorCode::Cancelled);
    assert!(resumable);
    pause.release();
    assert_eq!(world.sync_view().lists, ListsView::Partial);
    let part = listed_and_known(&world, &main).0.len();
    assert!(part >= 380, "{part}");

    let control = world.sim.control();
    control.forget_requests();
    world.open().sync_start();
    let ReadView::Reading {
        items_read: already, ..
    } = world.sync_view().read
    else {
        panic!("it is not being read")
    };
    assert!(already >= 380, "{already}");
    assert_eq!(done(&world).await.0, None);
    assert_eq!(
        read_from_the_top(&control),
        [""; 0],
        "nothing is read from its beginning"
    );
    let (listed, there) = listed_and_known(&world, &main);
    assert_eq!(listed, there);
}

/// The steady clock stands still while the computer sleeps; the wall clock does not.
fn sleep_for_a_night(world: &World) {
    *world.host.slept.lock().unwrap() += Duration::from_secs(10 * 3_600);
}

/// Waits until all three lists have been requested from their first page again.
async fn read_anew(world: &World) {
    assert_eq!(done(world).await.0, None);
    let mut from_the_top = read_from_the_top(&world.sim.control());
    from_the_top.sort();
    from_the_top.dedup();
    assert_eq!(
        from_the_top,
        ["/printing/v1/groups/", "/printing/v1/users/", "/v1/users/"],
        "lists from before the night are not shown as synced now"
    );
}

#[tokio::test]
async fn a_read_that_was_cancelled_before_a_night_is_begun_anew() {
    let (world, _, pause) = opened_in_part("/v1/users/", 380).await;
    world.open().sync_cancel();
    assert!(matches!(world.read().await, ReadView::Failed { .. }));
    pause.release();
    sleep_for_a_night(&world);
    world.sim.control().forget_requests();
    world.open().sync_start();
    read_anew(&world).await;
}

#[tokio::test]
async fn a_read_that_broke_off_in_the_night_is_begun_anew() {
    let world = World::new(large()).await;
    let control = world.sim.control();
    let page = Match::new("GET", "/v1/users/").query("offset=380");
    let pause = control.pause(When::BeforeCommit, page);
    world.sign_in(Visitor::Allows(ADMIN)).await;
    world.choose("Nordhafen Schulen").await;
    pause.reached().await;
    sleep_for_a_night(&world);
    // It is cancelled in the morning: its pages are still from the evening.
    world.open().sync_cancel();
    assert!(matches!(world.read().await, ReadView::Failed { .. }));
    pause.release();
    control.forget_requests();
    world.open().sync_start();
    read_anew(&world).await;
}

#[tokio::test]
async fn a_read_that_goes_on_after_a_night_by_itself_is_begun_anew() {
    let (world, main, pause) = opened_in_part("/v1/users/", 380).await;
    world.sim.control().forget_requests();
    sleep_for_a_night(&world);
    pause.release();
    read_anew(&world).await;
    let (listed, there) = listed_and_known(&world, &main);
    assert_eq!(listed, there);
}

#[tokio::test]
async fn a_first_read_that_fails_keeps_what_was_read_and_is_gone_on_with() {
    let world = World::new(large()).await;
    let control = world.sim.control();
    control.add_fault(Fault::always(
        Match::new("GET", "/printing/v1/users/").query("offset=570"),
        FaultKind::Html { status: 502 },
    ));
    world.sign_in(Visitor::Allows(ADMIN)).await;
    let main = world.choose("Nordhafen Schulen").await;
    let ReadView::Failed { error, resumable } = world.read().await else {
        panic!("it was read")
    };
    assert_eq!(error.code, ErrorCode::ServerFailed { status: 502 });
    assert!(resumable);
    assert_eq!(world.sync_view().lists, ListsView::Partial);
    control.clear_faults();
    world.open().sync_start();
    assert_eq!(done(&world).await.0, None);
    let (listed, there) = listed_and_known(&world, &main);
    assert_eq!(listed, there);
}

/// From that page on nothing is answered any more, as when a server hangs.
fn silent_from(world: &World, offset: u32) {
    let (control, other) = (world.sim.control(), world.sim.control());
    let page = Match::new("GET", "/printing/v1/users/").query(&format!("offset={offset}"));
    control.on_request(When::BeforeCommit, page.clone(), Some(1), move |_| {
        for path in ["/printing/v1/users/", "/v1/users/", "/printing/v1/groups/"] {
            let silence = FaultKind::DelayAfter { ms: 3_600_000 };
            let rest = Match::new("GET", path).may_not_fire("the read may be through with this list by then");
            other.add_fault(Fault::always(rest, silence));
        }
    });
    control.add_fault(Fault::always(page, FaultKind::DelayAfter { ms: 3_600_000 }));
}

/// As the app has them, but that nobody waits half a minute four times.
async fn impatient() -> World {
    let mut world = World::new(large()).await;
    world.limits.read = Duration::from_secs(3);
    world.limits.retries = 0;
    world.restart();
    world
}

/// security.md 51
#[tokio::test]
async fn a_server_that_stops_answering_in_a_first_read_ends_it_and_it_is_gone_on_with() {
    let world = impatient().await;
    let control = world.sim.control();
    silent_from(&world, 570);
    world.sign_in(Visitor::Allows(ADMIN)).await;
    let main = world.choose("Nordhafen Schulen").await;
    let ReadView::Failed { error, resumable } = world.read().await else {
        panic!("it was read")
    };
    assert!(matches!(error.code, ErrorCode::TimedOut { .. }), "{error:?}");
    assert!(resumable);
    assert_eq!(world.sync_view().lists, ListsView::Partial);
    let part = listed_and_known(&world, &main).0.len();
    assert!(part >= 400, "{part}");

    control.clear_hooks();
    control.clear_faults();
    control.forget_requests();
    world.open().sync_start();
    assert_eq!(done(&world).await.0, None);
    let again = read_from_the_top(&control);
    assert!(
        !again.iter().any(|path| path == "/printing/v1/users/"),
        "it is not read from its beginning: {again:?}"
    );
    let (listed, there) = listed_and_known(&world, &main);
    assert_eq!(listed, there);
}

/// The same with everything read, and what is shown then.
async fn read_once() -> (World, WorkspaceId, UserWindow, ListsView) {
    let world = impatient().await;
    world.sign_in(Visitor::Allows(ADMIN)).await;
    let main = world.choose("Nordhafen Schulen").await;
    done(&world).await;
    let before = world.find(&main, "");
    let shown = world.sync_view().lists;
    (world, main, before, shown)
}

/// security.md 51
#[tokio::test]
async fn a_server_that_stops_answering_in_a_later_read_costs_nothing_that_is_shown() {
    let (world, main, before, shown) = read_once().await;
    let control = world.sim.control();
    silent_from(&world, 570);
    world.open().sync_start();
    let ReadView::Failed { error, resumable } = world.read().await else {
        panic!("it was read")
    };
    assert!(matches!(error.code, ErrorCode::TimedOut { .. }), "{error:?}");
    assert!(resumable);
    assert_eq!(world.sync_view().lists, shown);
    assert_eq!(world.find(&main, ""), before);
    control.clear_hooks();
    control.clear_faults();
    world.open().sync_start();
    assert_eq!(done(&world).await, (None, Some(Changes::default())));
}

#[tokio::test]
async fn whatever_breaks_a_later_read_off_is_named_and_costs_nothing_that_is_shown() {
    let (world, main, before, shown) = read_once().await;
    let control = world.sim.control();
    let status = |status| FaultKind::Status { status };
    let host = || "127.0.0.1".to_owned();
    let busy = FaultKind::TooManyRequests {
        retry_after: RetryAfter::Seconds(7),
    };
    for (fault, wanted, resumable) in [
        (status(403), ErrorCode::NotAdmin, false),
        (FaultKind::Html { status: 403 }, ErrorCode::PortalInTheWay, true),
        (busy, ErrorCode::RateLimited { seconds: Some(7) }, true),
        (status(500), ErrorCode::ServerFailed { status: 500 }, true),
        (FaultKind::Html { status: 200 }, ErrorCode::PortalInTheWay, true),
        (
            FaultKind::DropBeforeCommit,
            ErrorCode::Offline { host: host() },
            true,
        ),
        (FaultKind::TruncatedJson, ErrorCode::ReplyUnexpected, false),
    ] {
        control.add_fault(Fault::always(
            Match::new("GET", "/printing/v1/users/").query("offset=570"),
            fault.clone(),
        ));
        world.open().sync_start();
        let ReadView::Failed {
            error,
            resumable: may,
        } = world.read().await
        else {
            panic!("it was read in spite of {fault:?}")
        };
        assert_eq!((error.code, may), (wanted, resumable), "{fault:?}");
        assert_eq!(world.sync_view().lists, shown, "{fault:?}");
        assert_eq!(world.find(&main, ""), before, "{fault:?}");
        control.clear_faults();
    }
    world.open().sync_start();
    assert_eq!(done(&world).await, (None, Some(Changes::default())));
}

/// security.md 46
#[tokio::test]
async fn a_user_who_came_and_left_while_a_read_was_stopped_makes_it_begin_anew() {
    let (world, main, pause) = opened_in_part("/v1/users/", 380).await;
    world.open().sync_cancel();
    world.read().await;
    pause.release();
    let control = world.sim.control();
    // Who leaves stood in what was read.
    let leaving = world.find(&main, known::ORDINARY_USER.email).rows[0]
        .id
        .as_str()
        .to_owned();
    control.remove_person(organizations::MAIN, &leaving).unwrap();
    join(&control);
    world.open().sync_start();
    assert_eq!(done(&world).await.0, None);
    let (listed, there) = listed_and_known(&world, &main);
    assert_eq!(listed, there);
}

#[tokio::test]
async fn a_write_made_while_a_part_is_shown_stays_right() {
    let (world, main, pause) = opened_in_part("/v1/users/", 19).await;
    let before = world.users(&main, UserScope::default());
    let person = before
        .rows
        .iter()
        .find(|row| row.settings.is_some())
        .unwrap()
        .clone();
    let detail = world.at(&main).user(&person.id).unwrap();
    let group = world
        .at(&main)
        .groups(&GroupQuery {
            search: String::new(),
            first_of: None,
            sort: GroupColumn::Name,
            descending: false,
            offset: 0,
            limit: 100,
        })
        .unwrap()
        .rows
        .into_iter()
        .find(|row| row.origin == Origin::Ezeep && detail.groups.iter().all(|has| has.id != row.id))
        .unwrap();
    let plan = world
        .begin(
            &main,
            &MembershipRequest::Add {
                users: Selection::Ids {
                    ids: vec![person.id.clone()],
                },
                groups: vec![group.id.clone()],
            },
        )
        .await;
    assert_eq!(world.finished(&plan.id).await.applied, 1);
    pause.release();
    done(&world).await;
    let after = world.at(&main).user(&person.id).unwrap();
    assert!(
        after.groups.iter().any(|has| has.id == group.id),
        "the write was lost"
    );
    assert_ne!(after.row.state, UserState::Unsettled);
}

#[tokio::test]
async fn a_later_read_says_what_changed_and_writes_only_that() {
    let (world, main) = World::signed_in(large()).await;
    let control = world.sim.control();
    world.open().sync_start();
    assert_eq!(done(&world).await.1, Some(Changes::default()), "nothing did");

    let leaving = world.find(&main, known::ORDINARY_USER.email).rows[0]
        .id
        .as_str()
        .to_owned();
    control.remove_person(organizations::MAIN, &leaving).unwrap();
    for name in ["Erste", "Zweite"] {
        control
            .add_person(
                organizations::MAIN,
                name,
                "Neue",
                &format!("{name}@nordhafen.example"),
            )
            .unwrap();
    }
    world.open().sync_start();
    let changes = done(&world).await.1.unwrap();
    assert_eq!(
        changes.people,
        Differences {
            added: 2,
            removed: 1,
            changed: 0
        }
    );
    assert_eq!(changes.groups.added + changes.groups.removed, 0);
    let (listed, there) = listed_and_known(&world, &main);
    assert_eq!(listed, there);
}
