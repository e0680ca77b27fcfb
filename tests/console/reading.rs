//! The full read with its pages side by side: nobody missed, no more requests than the servers stand, cancelled at once.

use std::collections::BTreeSet;
use std::time::Duration;

use console::error::ErrorCode;
use console::wire::*;
use ezeep_sim::known::{self, organizations};
use ezeep_sim::{Fault, FaultKind, Match, RetryAfter, SimConfig, When};

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
        let rows = world.console.users(main, &query).unwrap().rows;
        if rows.is_empty() {
            break;
        }
        listed.extend(rows.into_iter().map(|row| row.id.as_str().to_owned()));
    }
    let people = world.sim.control().people(organizations::MAIN).unwrap();
    (listed, people.into_iter().map(|person| person.id).collect())
}

/// security.md 48
#[tokio::test]
async fn all_three_lists_together_have_no_more_than_eight_requests_under_way() {
    let (world, main) = World::signed_in(large()).await;
    let control = world.sim.control();
    control.set_latency(Duration::from_millis(5));
    control.forget_requests();
    world.console.sync_start().unwrap();
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
    world.console.sync_start().unwrap();
    assert!(matches!(world.read().await, ReadView::Done { .. }));
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
            other
                .add_person(
                    organizations::MAIN,
                    "Neu",
                    "Hinzugekommen",
                    "neu@nordhafen.example",
                )
                .unwrap();
        },
    );
    control.forget_requests();
    world.console.sync_start().unwrap();
    assert!(matches!(world.read().await, ReadView::Done { .. }));
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
    world.console.sync_start().unwrap();
    assert!(matches!(world.read().await, ReadView::Done { .. }));
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
    world.console.sync_start().unwrap();
    pause.reached().await;
    world.console.sync_cancel().unwrap();
    // The held page has not been answered.
    let ReadView::Failed { error, .. } = world.read().await else {
        panic!("it was read")
    };
    assert_eq!(error.code, ErrorCode::Cancelled);
    pause.release();
    assert_eq!(listed_and_known(&world, &main).0, before);
}
